// What commands show and change of the topics of any Kafka address. Nothing here prints: the
// commands of this program and those by Kafka's names have their own tables.
//
// Tested by kafka_commands_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "client/admin.h"
#include "client/cluster.h"

namespace millrace::cli {

/// First offset and the one after the last; -1: nobody could say.
struct PartitionEnds {
  Offset start{-1};
  Offset end{-1};

  /// Offsets from start to end; what compaction took away counts.
  [[nodiscard]] std::int64_t records() const {
    return start.value() < 0 || end < start ? 0 : end - start;
  }
};

struct TopicView {
  client::TopicInfo info = {};
  /// Set for the topic itself, not by default.
  std::map<std::string, std::string> configs = {};
  std::vector<PartitionEnds> ends = {};  ///< As info.partitions; empty unless asked for.

  [[nodiscard]] std::size_t replication_factor() const {
    return info.partitions.empty() ? 0 : info.partitions.front().replicas.size();
  }

  [[nodiscard]] std::int64_t records() const;
};

struct GatherTopics {
  std::vector<std::string> names = {};  ///< Empty: all.
  bool internal = true;                 ///< Internal ones too, where all are asked for.
  bool configs = false;
  bool ends = false;
};

/// In the order of names. kNotFound: one of `names` does not exist.
Result<std::vector<TopicView>> gather_topics(client::Cluster& cluster, const GatherTopics& what);

/// "a=1" → {a, 1}. kInvalidArgument: no "=", or a name twice.
Result<std::map<std::string, std::string>> parse_config_pairs(std::span<const std::string> pairs);

struct AlterTopic {
  std::string topic = {};
  std::optional<std::int32_t> partitions = {};  ///< How many there are to be.
  std::map<std::string, std::string> set = {};
  std::vector<std::string> reset = {};  ///< Back to the default.
};

/// Configs first, then partitions: what is wrong with the configs changes nothing.
Result<void> alter_topic(client::Cluster& cluster, const AlterTopic& change);

struct TruncateTopic {
  std::string topic = {};
  std::optional<PartitionId> partition = {};  ///< Nothing: all.
  std::optional<Offset> before = {};          ///< Nothing: everything that is there.
};

struct TruncatedPartition {
  client::PartitionOutcome outcome = {};
  Offset start_before{-1};
};

/// Ascending by partition.
Result<std::vector<TruncatedPartition>> truncate_topic(client::Cluster& cluster,
                                                       const TruncateTopic& what);

}  // namespace millrace::cli
