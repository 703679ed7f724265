// What can be set for a topic: Kafka's names, defaults and limits, and a few of our own
// ("millrace.…").
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/option_table.h"

namespace millrace::log {

/// compression.type: the client's bytes unchanged, or one codec for all.
enum class TopicCompression : std::uint8_t {
  kProducer,
  kUncompressed,
  kGzip,
  kSnappy,
  kLz4,
  kZstd
};

/// When an append is answered: after its fsync, or at once (the fsync follows within
/// `millrace.flush.ms`: what is not synced may be lost with the machine, and is not shown before).
enum class Durability : std::uint8_t {
  kFsync,
  kInterval
};

/// Kafka's names and values, as the wire and the metadata topic have them.
using ConfigMap = std::map<std::string, std::string, std::less<>>;

/// The settings of one topic. Immutable once it is given to the log.
struct TopicConfig {
  static constexpr std::int64_t kForEver = std::numeric_limits<std::int64_t>::max();

  bool cleanup_delete = true;                  ///< cleanup.policy has delete
  bool cleanup_compact = false;                ///< cleanup.policy has compact
  std::int64_t retention_ms = 604'800'000;     ///< -1: for ever
  std::int64_t retention_bytes = -1;           ///< of one partition; -1: no limit
  std::int64_t segment_bytes = 1'073'741'824;  ///< a segment is closed when it would be larger
  std::int64_t segment_ms = 604'800'000;       ///< or older (by record timestamps)
  std::int64_t index_interval_bytes = 4096;    ///< bytes of log between two index entries
  std::int64_t max_message_bytes = 1'048'588;  ///< of one batch, as stored
  TopicCompression compression = TopicCompression::kProducer;
  std::int64_t compression_gzip_level = -1;
  std::int64_t compression_lz4_level = 9;
  std::int64_t compression_zstd_level = 3;
  bool log_append_time = false;                     ///< message.timestamp.type=LogAppendTime
  std::int64_t timestamp_before_max_ms = kForEver;  ///< message.timestamp.before.max.ms
  std::int64_t timestamp_after_max_ms = 3'600'000;  ///< message.timestamp.after.max.ms
  std::int64_t delete_retention_ms = 86'400'000;    ///< how long compaction keeps a tombstone
  std::int64_t min_compaction_lag_ms = 0;
  std::int64_t max_compaction_lag_ms = kForEver;
  double min_cleanable_dirty_ratio = 0.5;
  bool retention_hold = true;  ///< millrace.retention.hold: keep what a flow has not read
  Durability durability = Durability::kFsync;  ///< millrace.durability=fsync|interval
  std::int64_t flush_ms = 100;                 ///< millrace.flush.ms, for interval

  friend bool operator==(const TopicConfig&, const TopicConfig&) = default;

  /// For ever, never compacted: the topic of an appending table.
  static TopicConfig keep_for_ever();
  /// Compacted: the topic of a keyed table, a changelog.
  static TopicConfig compacted();
};

/// Reads names and values over `base`. Names that Kafka has and that mean nothing here (replication
/// throttles, tiered storage) are checked and accepted. kInvalidArgument names the first bad one.
Result<TopicConfig> parse_topic_config(const ConfigMap& values, const TopicConfig& base = {});

/// Every setting by its name, defaults included. `settings`, what was set by name, is told as it
/// was given; it is all that is known of those that mean nothing here.
ConfigMap topic_config_to_map(const TopicConfig& config, const ConfigMap& settings = {});

/// Only what differs from the defaults.
ConfigMap topic_config_changes(const TopicConfig& config);
/// The same, with cleanup.policy and, where that is for ever, the retention: what makes such a
/// topic what it is whatever the defaults are.
ConfigMap kept_settings(const TopicConfig& config);

/// Every setting as data: help, checks and DescribeConfigs come from it.
const config::OptionTable& topic_options();

}  // namespace millrace::log
