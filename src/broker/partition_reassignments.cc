// Reassignments in a cluster of one node: replicas can be nowhere else.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "broker/admin_handlers.h"
#include "broker/identity.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::KafkaError;
using Reassigned = wire::AlterPartitionReassignmentsResponse::ReassignablePartitionResponse;

Reassigned reassign(const Services& services,
                    const std::string& topic,
                    const wire::AlterPartitionReassignmentsRequest::ReassignablePartition& wanted) {
  Reassigned answer;
  answer.partition_index = wanted.partition_index;
  answer.error_message.reset();
  const auto refuse = [&](KafkaError error, std::string message) {
    answer.error_code = error;
    answer.error_message = std::move(message);
    return answer;
  };
  const auto known = services.log.topic(topic);
  if (!known) {
    return refuse(KafkaError::kUnknownTopicOrPartition,
                  fmt::format("Unable to find a topic named {}.", topic));
  }
  if (wanted.partition_index < 0 || wanted.partition_index >= known->partitions) {
    return refuse(KafkaError::kUnknownTopicOrPartition,
                  fmt::format("Unable to find partition {}:{}.", topic, wanted.partition_index));
  }
  if (!wanted.replicas) {
    return refuse(KafkaError::kNoReassignmentInProgress,
                  "No partition reassignment is in progress.");
  }
  if (wanted.replicas->empty()) {
    return refuse(KafkaError::kInvalidReplicaAssignment,
                  "The manual partition assignment includes an empty replica list.");
  }
  if (*wanted.replicas != std::vector<std::int32_t>{services.identity.node_id}) {
    return refuse(KafkaError::kInvalidReplicaAssignment,
                  fmt::format("The manual partition assignment names brokers that are not "
                              "registered: this cluster has broker {} only.",
                              services.identity.node_id));
  }
  return answer;  // It is there already.
}

}  // namespace

void handle_alter_partition_reassignments(Services& services,
                                          const RequestInfo& info,
                                          wire::AlterPartitionReassignmentsRequest request,
                                          Reply<wire::AlterPartitionReassignmentsResponse> reply) {
  static_cast<void>(info);
  wire::AlterPartitionReassignmentsResponse response;
  response.error_message.reset();
  response.allow_replication_factor_change = request.allow_replication_factor_change;
  for (const auto& topic : request.topics) {
    auto& to = response.responses.emplace_back();
    to.name = topic.name;
    for (const auto& partition : topic.partitions) {
      to.partitions.push_back(reassign(services, topic.name, partition));
    }
  }
  reply.send(std::move(response));
}

void handle_list_partition_reassignments(Services& services,
                                         const RequestInfo& info,
                                         wire::ListPartitionReassignmentsRequest request,
                                         Reply<wire::ListPartitionReassignmentsResponse> reply) {
  static_cast<void>(services);
  static_cast<void>(info);
  static_cast<void>(request);
  wire::ListPartitionReassignmentsResponse response;
  response.error_message.reset();
  reply.send(std::move(response));
}

}  // namespace millrace::broker
