#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "broker/admin_handlers.h"
#include "broker/broker_settings.h"
#include "broker/gather.h"
#include "broker/group_coordinator.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::DeleteTopicsRequest;
using wire::DeleteTopicsResponse;
using wire::KafkaError;
using DeletedTopic = DeleteTopicsResponse::DeletableTopicResult;

constexpr std::int16_t kStatesVersion = 6;

/// The topic that is meant; the answer says why when there is none.
std::optional<std::string> find_doomed(const Services& services,
                                       const DeleteTopicsRequest::DeleteTopicState& state,
                                       DeletedTopic& answer) {
  if (state.name) {
    answer.name = state.name;
    if (const auto topic = services.log.topic(*state.name)) {
      answer.topic_id = topic->id;
      return topic->name;
    }
    answer.error_code = KafkaError::kUnknownTopicOrPartition;
    answer.error_message = "This server does not host this topic-partition.";
    return std::nullopt;
  }
  answer.topic_id = state.topic_id;
  answer.name.reset();
  if (const auto topic = services.log.topic(state.topic_id)) {
    answer.name = topic->name;
    return topic->name;
  }
  answer.error_code = KafkaError::kUnknownTopicId;
  answer.error_message = "This server does not host this topic ID.";
  return std::nullopt;
}

}  // namespace

void handle_delete_topics(Services& services,
                          const RequestInfo& info,
                          wire::DeleteTopicsRequest request,
                          Reply<wire::DeleteTopicsResponse> reply) {
  if (info.version < kStatesVersion) {
    for (std::string& name : request.topic_names) {
      request.topics.push_back({.name = std::move(name)});
    }
  }
  const bool allowed = services.settings.values()->delete_topics;
  const Gather<DeleteTopicsResponse> gather(std::move(reply));
  gather.edit(
      [&](DeleteTopicsResponse& response) { response.responses.resize(request.topics.size()); });
  for (std::size_t i = 0; i < request.topics.size(); ++i) {
    DeletedTopic answer;
    std::optional<std::string> doomed = find_doomed(services, request.topics[i], answer);
    if (doomed && !allowed) {
      answer.error_code = KafkaError::kTopicDeletionDisabled;
      answer.error_message = "Topic deletion is disabled.";
      doomed.reset();
    }
    gather.edit([&](DeleteTopicsResponse& response) { response.responses[i] = answer; });
    if (!doomed) {
      continue;
    }
    gather.expect();
    services.log.delete_topic_async(
        *doomed, [gather, i, name = *doomed, &groups = services.groups](const Result<void>& gone) {
          if (gone) {
            groups.topic_deleted(name);
          } else {
            gather.edit([&](DeleteTopicsResponse& response) {
              response.responses[i].error_code = gone.error().code() == ErrorCode::kNotFound
                                                     ? KafkaError::kUnknownTopicOrPartition
                                                     : KafkaError::kKafkaStorageError;
              response.responses[i].error_message = gone.error().message();
            });
          }
          gather.done();
        });
  }
  gather.done();
}

}  // namespace millrace::broker
