// Elections in a cluster of one node: every partition has the leader that it can have.
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "broker/admin_handlers.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::KafkaError;
using Election = wire::ElectLeadersResponse::PartitionResult;

Election elect(const Services& services, const std::string& topic, std::int32_t partition) {
  Election election;
  election.partition_id = partition;
  const auto known = services.log.topic(topic);
  if (!known) {
    election.error_code = KafkaError::kUnknownTopicOrPartition;
    election.error_message = "No such topic as " + topic;
  } else if (partition < 0 || partition >= known->partitions) {
    election.error_code = KafkaError::kUnknownTopicOrPartition;
    election.error_message = fmt::format("No such partition as {}-{}", topic, partition);
  } else {
    election.error_code = KafkaError::kElectionNotNeeded;
    election.error_message = "Leader election not needed for topic partition.";
  }
  return election;
}

}  // namespace

void handle_elect_leaders(Services& services,
                          const RequestInfo& info,
                          wire::ElectLeadersRequest request,
                          Reply<wire::ElectLeadersResponse> reply) {
  static_cast<void>(info);
  wire::ElectLeadersResponse response;
  // Of all partitions only those that changed are named: none.
  if (request.topic_partitions) {
    for (const auto& topic : *request.topic_partitions) {
      auto& to = response.replica_election_results.emplace_back();
      to.topic = topic.topic;
      for (const std::int32_t partition : topic.partitions) {
        to.partition_result.push_back(elect(services, topic.topic, partition));
      }
    }
  }
  reply.send(std::move(response));
}

}  // namespace millrace::broker
