// What Kafka 4.3.1's tools print of topics and groups, character by character: scripts take it
// apart with awk and cut.
//
// Tested by kafka_tool_texts_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "client/admin.h"
#include "client/cluster.h"

namespace millrace::cli {

/// Eligible leader replicas of a partition; nothing: the broker does not know of them.
struct EligibleReplicas {
  std::vector<std::int32_t> now = {};
  std::vector<std::int32_t> last_known = {};
};

/// "Topic: t<TAB>TopicId: …<TAB>PartitionCount: 3<TAB>…<TAB>Configs: a=1,b=2"
std::string topic_line(const client::TopicInfo& topic,
                       std::span<const client::ConfigEntry> configs);
/// "<TAB>Topic: t<TAB>Partition: 0<TAB>Leader: 1<TAB>…"
std::string partition_line(std::string_view topic,
                           const client::PartitionInfo& partition,
                           const std::optional<EligibleReplicas>& eligible);

/// A line of `kafka-consumer-groups --describe`. What is missing shows as "-".
struct GroupOffsetRow {
  client::TopicPartition partition = {};
  std::optional<std::int64_t> committed = {};
  std::optional<std::int32_t> leader_epoch = {};
  std::optional<std::int64_t> log_end = {};
  std::string consumer_id = "-";
  std::string host = "-";
  std::string client_id = "-";
};

/// The table of one group, with the empty line before it.
std::string group_offsets_table(const std::string& group,
                                std::span<const GroupOffsetRow> rows,
                                bool verbose);
std::string group_members_table(const client::GroupDescription& group, bool verbose);
std::string group_state_table(const client::GroupDescription& group, bool verbose);
/// What stands on standard error before the table ("… has no active members."), or nothing.
std::string group_state_note(const std::string& group, std::string_view state);

/// `--list` with --state or --type.
std::string group_list_table(std::span<const client::GroupListing> groups,
                             bool with_type,
                             bool with_state);

/// What --reset-offsets prints: offsets of groups.
using ResetOffsets = std::map<std::string, std::map<client::TopicPartition, Offset>>;
std::string reset_offsets_table(const ResetOffsets& offsets);
/// The same with --export: "topic,partition,offset", or with the group before it.
std::string reset_offsets_csv(const ResetOffsets& offsets, bool with_group);

/// What --delete-offsets prints: a status ("Successful", "Error: …") for each partition.
std::string deleted_offsets_table(const std::map<client::TopicPartition, std::string>& statuses);

}  // namespace millrace::cli
