// DescribeQuorum: one voter, which leads. What Kafka keeps in __cluster_metadata is in this
// broker's own topic of metadata: its end is what the quorum has agreed on.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/clock.h"
#include "broker/admin_handlers.h"
#include "broker/identity.h"
#include "broker/request_metrics.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::DescribeQuorumResponse;
using wire::KafkaError;

constexpr const char* kQuorumTopic = "__cluster_metadata";
constexpr const char* kOwnTopic = "__millrace_metadata";
constexpr std::int32_t kQuorumEpoch = 1;  // Of a leader who was elected once.
constexpr std::int16_t kFirstQuorumWithNodes = 2;

void describe_leader(const Services& services, DescribeQuorumResponse::PartitionData& to) {
  const auto kept = services.log.describe({.topic = kOwnTopic, .partition = PartitionId(0)});
  const std::int64_t now_ms = services.clock.wall_ms();
  to.leader_id = services.identity.node_id;
  to.leader_epoch = kQuorumEpoch;
  to.high_watermark = kept ? kept->high_watermark.value() : 0;
  to.current_voters.push_back({.replica_id = services.identity.node_id,
                               .log_end_offset = to.high_watermark,
                               .last_fetch_timestamp = now_ms,
                               .last_caught_up_timestamp = now_ms});
}

void add_nodes(const Services& services, RequestInfo info, DescribeQuorumResponse& response) {
  auto& node = response.nodes.emplace_back();
  node.node_id = services.identity.node_id;
  for (std::size_t i = 0; i < services.identity.listeners.size(); ++i) {
    info.listener = i;
    const config::HostPort address = services.identity.address_for(info);
    node.listeners.push_back(
        {.name = services.identity.listeners[i].name, .host = address.host, .port = address.port});
  }
}

}  // namespace

void handle_describe_quorum(Services& services,
                            const RequestInfo& info,
                            wire::DescribeQuorumRequest request,
                            Reply<DescribeQuorumResponse> reply) {
  DescribeQuorumResponse response;
  for (const auto& topic : request.topics) {
    auto& to = response.topics.emplace_back();
    to.topic_name = topic.topic_name;
    for (const auto& partition : topic.partitions) {
      auto& answer = to.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      if (topic.topic_name == kQuorumTopic && partition.partition_index == 0) {
        describe_leader(services, answer);
      } else {
        answer.error_code = KafkaError::kUnknownTopicOrPartition;
        services.counts.note_error(answer.error_code);
      }
    }
  }
  if (info.version >= kFirstQuorumWithNodes) {
    add_nodes(services, info, response);
  }
  reply.send(std::move(response));
}

}  // namespace millrace::broker
