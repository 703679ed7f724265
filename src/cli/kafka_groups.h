// What commands show and change of the groups of any Kafka address. Nothing here prints: the
// commands of this program and those by Kafka's names have their own tables.
//
// Tested by kafka_commands_test.cc, kafka_groups_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "client/admin.h"
#include "client/cluster.h"

namespace millrace::cli {

/// One partition that the group has committed, or that a member has.
struct GroupLagRow {
  client::TopicPartition partition = {};
  std::optional<Offset> committed = {};
  std::optional<Offset> start = {};
  std::optional<Offset> end = {};  ///< Nothing: nobody could say, or the topic is gone.
  std::string member_id = {};      ///< Empty: nobody reads it now.
  std::string host = {};
  std::string client_id = {};

  /// Records that are there and not read.
  [[nodiscard]] std::optional<std::int64_t> lag() const;
};

struct GroupLag {
  client::GroupDescription group = {};
  std::vector<GroupLagRow> rows = {};  ///< Ascending by partition.

  /// Sum over the rows that know theirs.
  [[nodiscard]] std::int64_t lag() const;
};

Result<GroupLag> gather_lag(client::Cluster& cluster, client::GroupDescription group);

/// "users" or "users:0,2": a topic, and which of its partitions.
struct TopicChoice {
  std::string topic = {};
  std::vector<PartitionId> partitions = {};  ///< Empty: all.
};

/// kInvalidArgument.
Result<TopicChoice> parse_topic_choice(std::string_view text);

/// The partitions that the choices mean; kNotFound: no such topic or partition.
Result<std::vector<client::TopicPartition>> partitions_of(client::Cluster& cluster,
                                                          std::span<const TopicChoice> choices);

enum class ResetTo : std::uint8_t {
  kEarliest,
  kLatest,
  kCurrent,  ///< Where it is; the end for a partition without a commit.
  kOffset,   ///< `number`
  kShift,    ///< By `number` records, back when negative.
  kTime,     ///< The first record not before `number` ms since 1970; the end when there is none.
  kGiven     ///< `offsets`
};

struct ResetGroup {
  std::string group = {};
  /// Empty: all partitions that the group has committed.
  std::vector<TopicChoice> topics = {};
  ResetTo to = ResetTo::kCurrent;
  std::int64_t number = 0;
  std::map<client::TopicPartition, Offset> offsets = {};
};

struct ResetRow {
  client::TopicPartition partition = {};
  std::optional<Offset> before = {};
  Offset after{0};
  std::string note = {};  ///< "below the start, 40", when the offset had to be moved into the log.
};

/// What a reset would do; changes nothing. kNotFound: no such group, topic or partition; kConflict:
/// the group has members.
Result<std::vector<ResetRow>> plan_reset(client::Cluster& cluster, const ResetGroup& reset);

/// Commits `after` of each row.
Result<void> execute_reset(client::Cluster& cluster,
                           const std::string& group,
                           std::span<const ResetRow> rows);

/// Offsets as Kafka's tools export them: "topic,partition,offset" a line, or with the group in
/// front; quotes around texts are taken off. kInvalidArgument names the line. With a group in front
/// only the lines of `group` count.
Result<std::map<client::TopicPartition, Offset>> parse_offsets_csv(std::string_view text,
                                                                   std::string_view group);

/// 2026-11-21T17:00:00.000, with or without Z or +01:00; UTC without. Milliseconds since 1970.
/// kInvalidArgument.
Result<std::int64_t> parse_reset_time(std::string_view text);

/// "PT1H30M", "P1D", or "90 min", "1 d". Milliseconds. kInvalidArgument.
Result<std::int64_t> parse_reset_duration(std::string_view text);

}  // namespace millrace::cli
