#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/admin_handlers.h"
#include "broker/broker_settings.h"
#include "broker/gather.h"
#include "broker/group_coordinator.h"
#include "broker/topic_changes.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::DeleteTopicsRequest;
using wire::DeleteTopicsResponse;
using wire::KafkaError;
using DeletedTopic = DeleteTopicsResponse::DeletableTopicResult;

constexpr std::int16_t kStatesVersion = 6;

void refuse(DeletedTopic& answer, KafkaError error, std::string message) {
  answer.error_code = error;
  answer.error_message = std::move(message);
}

/// How often a request names each topic.
struct Mentions {
  explicit Mentions(const std::vector<DeleteTopicsRequest::DeleteTopicState>& states) {
    for (const auto& state : states) {
      ++(state.name ? names[*state.name] : ids[state.topic_id]);
    }
  }

  std::map<std::string, int> names;
  std::map<Uuid, int> ids;
};

/// The topic that is meant; the answer says why when there is none.
std::optional<std::string> find_doomed(const Services& services,
                                       const DeleteTopicsRequest::DeleteTopicState& state,
                                       const Mentions& mentions,
                                       DeletedTopic& answer) {
  answer.name = state.name;
  answer.topic_id = state.topic_id;
  if (state.name && !state.topic_id.is_none()) {
    refuse(
        answer, KafkaError::kInvalidRequest, "You may not specify both topic name and topic id.");
    return std::nullopt;
  }
  if (!state.name && state.topic_id.is_none()) {
    refuse(answer, KafkaError::kInvalidRequest, "Neither topic name nor id were specified.");
    return std::nullopt;
  }
  const auto topic =
      state.name ? services.log.topic(*state.name) : services.log.topic(state.topic_id);
  const int count = state.name ? mentions.names.at(*state.name) : mentions.ids.at(state.topic_id);
  const auto also = topic && !state.name ? mentions.names.find(topic->name) : mentions.names.end();
  if (count > 1 || also != mentions.names.end()) {
    refuse(answer,
           KafkaError::kInvalidRequest,
           state.name ? "Duplicate topic name." : "Duplicate topic id.");
    return std::nullopt;
  }
  if (!topic && state.name) {
    refuse(answer,
           KafkaError::kUnknownTopicOrPartition,
           "This server does not host this topic-partition.");
    return std::nullopt;
  }
  if (!topic) {
    refuse(answer, KafkaError::kUnknownTopicId, "This server does not host this topic ID.");
    return std::nullopt;
  }
  answer.name = topic->name;
  answer.topic_id = topic->id;
  return topic->name;
}

KafkaError deletion_error(const Error& error) {
  if (error.code() == ErrorCode::kNotFound) {
    return KafkaError::kUnknownTopicOrPartition;
  }
  return error.code() == ErrorCode::kInvalidArgument ? KafkaError::kInvalidRequest
                                                     : KafkaError::kKafkaStorageError;
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
  const Mentions mentions(request.topics);
  TopicChanges changes;
  for (std::size_t i = 0; i < request.topics.size(); ++i) {
    DeletedTopic answer;
    std::optional<std::string> doomed = find_doomed(services, request.topics[i], mentions, answer);
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
    changes.add(
        log::DeletedTopic{.name = *doomed},
        [gather, i, name = *doomed, &groups = services.groups](const Result<log::TopicInfo>& gone) {
          if (gone) {
            groups.topic_deleted(name);
          } else {
            gather.edit([&](DeleteTopicsResponse& response) {
              response.responses[i].error_code = deletion_error(gone.error());
              response.responses[i].error_message = gone.error().message();
            });
          }
          gather.done();
        });
  }
  changes.run(services.log);
  gather.done();
}

}  // namespace millrace::broker
