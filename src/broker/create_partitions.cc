#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "broker/admin_handlers.h"
#include "broker/gather.h"
#include "broker/identity.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::CreatePartitionsRequest;
using wire::CreatePartitionsResponse;
using wire::KafkaError;
using GrownTopic = CreatePartitionsResponse::CreatePartitionsTopicResult;

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

}  // namespace

void handle_create_partitions(Services& services,
                              const RequestInfo& info,
                              wire::CreatePartitionsRequest request,
                              Reply<wire::CreatePartitionsResponse> reply) {
  static_cast<void>(info);
  const Gather<CreatePartitionsResponse> gather(std::move(reply));
  gather.edit(
      [&](CreatePartitionsResponse& response) { response.results.resize(request.topics.size()); });
  for (std::size_t i = 0; i < request.topics.size(); ++i) {
    const auto& topic = request.topics[i];
    const GrownTopic checked = check_growth(services, topic);
    gather.edit([&](CreatePartitionsResponse& response) { response.results[i] = checked; });
    if (checked.error_code != KafkaError::kNone || request.validate_only) {
      continue;
    }
    gather.expect();
    services.log.create_partitions_async(
        topic.name, topic.count, [gather, i](const Result<void>& grown) {
          if (!grown) {
            gather.edit([&](CreatePartitionsResponse& response) {
              response.results[i].error_code = grown.error().code() == ErrorCode::kIo
                                                   ? KafkaError::kKafkaStorageError
                                                   : KafkaError::kInvalidPartitions;
              response.results[i].error_message = grown.error().message();
            });
          }
          gather.done();
        });
  }
  gather.done();
}

}  // namespace millrace::broker
