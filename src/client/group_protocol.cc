#include "client/detail/group_protocol.h"

#include <algorithm>
#include <utility>

#include "wire/codec.h"
#include "wire/generated/client_protocol.h"

namespace millrace::client {
namespace {

using wire::ConsumerProtocolAssignment;
using wire::ConsumerProtocolSubscription;

}  // namespace

Result<std::vector<TopicPartition>> decode_assignment(std::string_view bytes) {
  std::vector<TopicPartition> partitions;
  if (bytes.empty()) {
    return partitions;
  }
  const auto assignment = TRY(
      wire::decode_versioned<ConsumerProtocolAssignment>(bytes, wire::NewerVersion::kReadAsNewest));
  for (const auto& topic : assignment.assigned_partitions) {
    for (const std::int32_t partition : topic.partitions) {
      partitions.push_back({.topic = topic.topic, .partition = PartitionId(partition)});
    }
  }
  std::ranges::sort(partitions);
  return partitions;
}

Result<std::string> encode_assignment(const std::vector<TopicPartition>& partitions) {
  std::vector<TopicPartition> sorted = partitions;
  std::ranges::sort(sorted);
  ConsumerProtocolAssignment assignment;
  for (const TopicPartition& each : sorted) {
    auto& topics = assignment.assigned_partitions;
    if (topics.empty() || topics.back().topic != each.topic) {
      topics.push_back({.topic = each.topic});
    }
    topics.back().partitions.push_back(each.partition.value());
  }
  return wire::encode_versioned(assignment, 0);
}

Result<std::vector<std::string>> decode_subscription(std::string_view bytes) {
  std::vector<std::string> topics;
  if (bytes.empty()) {
    return topics;
  }
  auto subscription = TRY(wire::decode_versioned<ConsumerProtocolSubscription>(
      bytes, wire::NewerVersion::kReadAsNewest));
  topics = std::move(subscription.topics);
  std::ranges::sort(topics);
  return topics;
}

Result<std::string> encode_subscription(const std::vector<std::string>& topics) {
  ConsumerProtocolSubscription subscription;
  subscription.topics = topics;
  std::ranges::sort(subscription.topics);
  return wire::encode_versioned(subscription, 0);
}

}  // namespace millrace::client
