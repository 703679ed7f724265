// What members of "consumer" groups put into JoinGroup and SyncGroup.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "client/cluster.h"

namespace millrace::client {

/// The partitions of a member, ascending. Nothing for no bytes. kCorruption.
Result<std::vector<TopicPartition>> decode_assignment(std::string_view bytes);
Result<std::string> encode_assignment(const std::vector<TopicPartition>& partitions);

/// The topics that a member reads, ascending. Nothing for no bytes. kCorruption.
Result<std::vector<std::string>> decode_subscription(std::string_view bytes);
Result<std::string> encode_subscription(const std::vector<std::string>& topics);

}  // namespace millrace::client
