#include "client/detail/assignors.h"

#include <algorithm>

namespace millrace::client {
namespace {

// Static members first, by their instance; then by member id: the order of Kafka's own assignors.
void sort_members(std::vector<AssignedMember>& members) {
  std::ranges::sort(members, [](const AssignedMember& left, const AssignedMember& right) {
    if (!left.instance_id.empty() && !right.instance_id.empty()) {
      return left.instance_id < right.instance_id;
    }
    if (left.instance_id.empty() != right.instance_id.empty()) {
      return !left.instance_id.empty();
    }
    return left.id < right.id;
  });
}

bool reads(const AssignedMember& member, const std::string& topic) {
  return std::ranges::find(member.topics, topic) != member.topics.end();
}

std::map<std::string, std::vector<TopicPartition>> nothing_for(
    const std::vector<AssignedMember>& members) {
  std::map<std::string, std::vector<TopicPartition>> assignment;
  for (const AssignedMember& member : members) {
    assignment[member.id];
  }
  return assignment;
}

}  // namespace

std::map<std::string, std::vector<TopicPartition>> assign_range(
    std::vector<AssignedMember> members, const std::map<std::string, std::int32_t>& partitions) {
  sort_members(members);
  auto assignment = nothing_for(members);
  for (const auto& [topic, count] : partitions) {
    std::vector<const AssignedMember*> readers;
    for (const AssignedMember& member : members) {
      if (reads(member, topic)) {
        readers.push_back(&member);
      }
    }
    std::int32_t next = 0;
    for (std::size_t i = 0; i < readers.size(); ++i) {
      const auto all = static_cast<std::int32_t>(readers.size());
      const std::int32_t share = count / all + (static_cast<std::int32_t>(i) < count % all ? 1 : 0);
      for (std::int32_t taken = 0; taken < share; ++taken) {
        assignment[readers[i]->id].push_back({.topic = topic, .partition = PartitionId(next++)});
      }
    }
  }
  return assignment;
}

std::map<std::string, std::vector<TopicPartition>> assign_round_robin(
    std::vector<AssignedMember> members, const std::map<std::string, std::int32_t>& partitions) {
  sort_members(members);
  auto assignment = nothing_for(members);
  std::size_t turn = 0;
  for (const auto& [topic, count] : partitions) {
    const bool wanted = std::ranges::any_of(
        members, [&topic](const AssignedMember& member) { return reads(member, topic); });
    for (std::int32_t partition = 0; wanted && partition < count; ++partition) {
      while (!reads(members[turn % members.size()], topic)) {
        ++turn;
      }
      assignment[members[turn % members.size()].id].push_back(
          {.topic = topic, .partition = PartitionId(partition)});
      ++turn;
    }
  }
  return assignment;
}

}  // namespace millrace::client
