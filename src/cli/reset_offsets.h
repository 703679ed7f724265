// Where `kafka-consumer-groups --reset-offsets` sets a group: the scenarios of its flags.
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
#include "cli/kafka_tools.h"
#include "cli/terminal.h"
#include "client/cluster.h"

namespace millrace::cli {

/// Java's Duration.parse of "PnDTnHnMnS": milliseconds; nothing when it is none.
std::optional<std::int64_t> parse_iso_duration_ms(std::string_view text);

/// Partitions of "topic" (all) and "topic:0,1". kInvalidArgument in Kafka's words; kNotFound.
Result<std::vector<client::TopicPartition>> find_partitions(client::Cluster& cluster,
                                                            std::span<const std::string> topics);

/// A line of a --from-file: offsets by group; "topic,partition,offset" when one group was given,
/// else with the group first. kInvalidArgument names the line. Thread-safe.
using GroupPlan = std::map<client::TopicPartition, Offset>;
Result<std::map<std::string, GroupPlan>> parse_reset_plan(std::string_view csv,
                                                          const std::string& single_group);

/// What the flags ask for. Immutable.
class OffsetReset {
 public:
  /// kInvalidArgument in Kafka's words.
  static Result<OffsetReset> parse(const ToolCall& call);

  /// The new offsets of a group, none outside of the log. Notes go to `out` and standard error, as
  /// Kafka's tool has them.
  Result<GroupPlan> prepare(const std::string& group, client::Cluster& cluster, Output& out) const;

 private:
  enum class Scenario : std::uint8_t {
    kOffset,
    kEarliest,
    kLatest,
    kShift,
    kTime,
    kFile,
    kCurrent
  };

  OffsetReset() = default;

  Result<std::vector<client::TopicPartition>> scope(const std::string& group,
                                                    client::Cluster& cluster) const;
  Result<GroupPlan> from_committed(const std::string& group,
                                   std::span<const client::TopicPartition> partitions,
                                   client::Cluster& cluster) const;

  Scenario scenario_ = Scenario::kLatest;
  std::int64_t number_ = 0;  // An offset, a shift, or a time in milliseconds.
  bool all_topics_ = false;
  std::vector<std::string> topics_;
  std::map<std::string, GroupPlan> file_;
};

}  // namespace millrace::cli
