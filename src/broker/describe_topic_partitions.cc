#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/admin_handlers.h"
#include "broker/authorized_operations.h"
#include "broker/broker_settings.h"
#include "broker/identity.h"
#include "broker/topic_names.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::DescribeTopicPartitionsResponse;
using wire::KafkaError;

/// Fills pages of topics in the order of their names.
class PartitionPage {
 public:
  PartitionPage(const Services& services, std::int64_t limit)
      : services_(services),
        left_(std::clamp<std::int64_t>(
            limit, 1, services.settings.number("max.request.partition.size.limit"))) {}

  /// False when the page is full; the response has a cursor then.
  bool add(const std::string& name, std::int32_t first) {
    if (left_ == 0) {
      set_cursor(name, first);
      return false;
    }
    auto& topic = response_.topics.emplace_back();
    topic.name = name;
    topic.is_internal = is_internal_topic(name);
    topic.topic_authorized_operations = kTopicOperations;
    const auto known = services_.log.topic(name);
    if (!known) {
      topic.error_code = log::valid_topic_name(name) ? KafkaError::kUnknownTopicOrPartition
                                                     : KafkaError::kInvalidTopicException;
      return true;
    }
    topic.topic_id = known->id;
    const std::vector<std::int32_t> here = {services_.identity.node_id};
    for (std::int32_t i = std::max(0, first); i < known->partitions; ++i) {
      if (left_ == 0) {
        set_cursor(name, i);
        return false;
      }
      --left_;
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = i;
      partition.leader_id = services_.identity.node_id;
      partition.leader_epoch = 0;
      partition.replica_nodes = here;
      partition.isr_nodes = here;
      partition.eligible_leader_replicas.emplace();
      partition.last_known_elr.emplace();
    }
    return true;
  }

  DescribeTopicPartitionsResponse finish() { return std::move(response_); }

 private:
  void set_cursor(const std::string& name, std::int32_t partition) {
    auto& cursor = response_.next_cursor.emplace();
    cursor.topic_name = name;
    cursor.partition_index = partition;
  }

  const Services& services_;
  std::int64_t left_;
  DescribeTopicPartitionsResponse response_;
};

}  // namespace

void handle_describe_topic_partitions(Services& services,
                                      const RequestInfo& info,
                                      wire::DescribeTopicPartitionsRequest request,
                                      Reply<wire::DescribeTopicPartitionsResponse> reply) {
  static_cast<void>(info);
  std::set<std::string> names;
  for (const auto& topic : request.topics) {
    names.insert(topic.name);
  }
  if (request.topics.empty()) {
    for (const log::TopicInfo& topic : services.log.topics()) {
      names.insert(topic.name);
    }
  }
  PartitionPage page(services, request.response_partition_limit);
  for (const std::string& name : names) {
    std::int32_t first = 0;
    if (request.cursor) {
      if (name < request.cursor->topic_name) {
        continue;
      }
      first = name == request.cursor->topic_name ? request.cursor->partition_index : 0;
    }
    if (!page.add(name, first)) {
      break;
    }
  }
  reply.send(page.finish());
}

}  // namespace millrace::broker
