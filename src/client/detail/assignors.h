// Who of a group reads what: the assignors that every consumer has.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client/cluster.h"

namespace millrace::client {

/// A member as its leader sees it.
struct AssignedMember {
  std::string id = {};
  std::string instance_id = {};
  std::vector<std::string> topics = {};
};

inline constexpr std::string_view kRangeAssignor = "range";
inline constexpr std::string_view kRoundRobinAssignor = "roundrobin";

/// The partitions of each member, by its id. `partitions` says how many each topic has; a topic
/// that is not there is nobody's. Thread-safe.
std::map<std::string, std::vector<TopicPartition>> assign_range(
    std::vector<AssignedMember> members, const std::map<std::string, std::int32_t>& partitions);
std::map<std::string, std::vector<TopicPartition>> assign_round_robin(
    std::vector<AssignedMember> members, const std::map<std::string, std::int32_t>& partitions);

}  // namespace millrace::client
