#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "broker/admin_handlers.h"
#include "broker/gather.h"
#include "broker/identity.h"
#include "broker/topic_changes.h"
#include "broker/topic_names.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::CreatePartitionsRequest;
using wire::CreatePartitionsResponse;
using wire::KafkaError;
using GrownTopic = CreatePartitionsResponse::CreatePartitionsTopicResult;

GrownTopic refused(const std::string& name, std::string message) {
  GrownTopic answer;
  answer.name = name;
  answer.error_code = KafkaError::kInvalidRequest;
  answer.error_message = std::move(message);
  return answer;
}

GrownTopic check_growth(const Services& services,
                        const CreatePartitionsRequest::CreatePartitionsTopic& topic) {
  GrownTopic answer;
  answer.name = topic.name;
  const auto refuse = [&](KafkaError error, std::string message) {
    answer.error_code = error;
    answer.error_message = std::move(message);
    return answer;
  };
  const auto known = services.log.topic(topic.name);
  if (!known) {
    return refuse(KafkaError::kUnknownTopicOrPartition,
                  "This server does not host this topic-partition.");
  }
  if (is_internal_topic(topic.name)) {
    // Groups are found by the number of partitions.
    return refuse(KafkaError::kPolicyViolation, "The partitions of an internal topic are fixed.");
  }
  if (topic.count == known->partitions) {
    return refuse(KafkaError::kInvalidPartitions,
                  fmt::format("Topic already has {} partition(s).", known->partitions));
  }
  if (topic.count < known->partitions) {
    return refuse(KafkaError::kInvalidPartitions,
                  fmt::format("The topic {} currently has {} partition(s); {} would not be an "
                              "increase.",
                              topic.name,
                              known->partitions,
                              topic.count));
  }
  if (!topic.assignments) {
    return answer;
  }
  const std::vector<std::int32_t> here = {services.identity.node_id};
  const auto added = static_cast<std::size_t>(topic.count - known->partitions);
  if (topic.assignments->size() != added) {
    return refuse(KafkaError::kInvalidReplicaAssignment,
                  fmt::format("Attempted to add {} additional partition(s), but only {} "
                              "assignment(s) were specified.",
                              added,
                              topic.assignments->size()));
  }
  for (const auto& assignment : *topic.assignments) {
    if (assignment.broker_ids != here) {
      return refuse(KafkaError::kInvalidReplicaAssignment,
                    "The manual partition assignment names brokers that are not registered.");
    }
  }
  return answer;
}

KafkaError growth_error(const Error& error) {
  const ErrorCode code = error.code();
  if (code == ErrorCode::kNotFound) {
    return KafkaError::kUnknownTopicOrPartition;
  }
  return code == ErrorCode::kInvalidArgument || code == ErrorCode::kExhausted
             ? KafkaError::kInvalidPartitions
             : KafkaError::kKafkaStorageError;
}

}  // namespace

void handle_create_partitions(Services& services,
                              const RequestInfo& info,
                              wire::CreatePartitionsRequest request,
                              Reply<wire::CreatePartitionsResponse> reply) {
  static_cast<void>(info);
  const Gather<CreatePartitionsResponse> gather(std::move(reply));
  gather.edit(
      [&](CreatePartitionsResponse& response) { response.results.resize(request.topics.size()); });
  TopicChanges changes;
  std::map<std::string_view, int> mentions;
  for (const auto& topic : request.topics) {
    ++mentions[topic.name];
  }
  for (std::size_t i = 0; i < request.topics.size(); ++i) {
    const auto& topic = request.topics[i];
    const GrownTopic checked = mentions[topic.name] > 1
                                   ? refused(topic.name, "Duplicate topic name.")
                                   : check_growth(services, topic);
    gather.edit([&](CreatePartitionsResponse& response) { response.results[i] = checked; });
    if (checked.error_code != KafkaError::kNone || request.validate_only) {
      continue;
    }
    gather.expect();
    changes.add(log::GrownTopic{.name = topic.name, .partitions = topic.count},
                [gather, i](const Result<log::TopicInfo>& grown) {
                  if (!grown) {
                    gather.edit([&](CreatePartitionsResponse& response) {
                      response.results[i].error_code = growth_error(grown.error());
                      response.results[i].error_message = grown.error().message();
                    });
                  }
                  gather.done();
                });
  }
  changes.run(services.log);
  gather.done();
}

}  // namespace millrace::broker
