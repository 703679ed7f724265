// Where groups and their offsets are kept: the compacted topic __consumer_offsets, in Kafka's
// record formats (GroupMetadata and OffsetCommit keys and values), so that Kafka's own tools read
// it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "broker/group_types.h"

namespace millrace {
class Clock;
}  // namespace millrace

namespace millrace::log {
class Log;
struct NewTopic;
}  // namespace millrace::log

namespace millrace::broker {

inline constexpr std::string_view kOffsetsTopic = "__consumer_offsets";

/// Topic and partition.
using OffsetKey = std::pair<std::string, std::int32_t>;
/// What a group has committed.
using OffsetMap = std::map<OffsetKey, CommittedOffset>;

/// A group as it is stored.
struct StoredGroup {
  std::int32_t generation = 0;
  std::string protocol_type = {};
  std::optional<std::string> protocol = {};
  std::optional<std::string> leader = {};
  std::int64_t state_since_ms = -1;

  struct Member {
    std::string id = {};
    std::optional<std::string> instance = {};
    std::string client_id = {};
    std::string client_host = {};
    std::int32_t rebalance_ms = 0;
    std::int32_t session_ms = 0;
    std::string subscription = {};
    std::string assignment = {};

    friend bool operator==(const Member&, const Member&) = default;
  };

  std::vector<Member> members = {};

  friend bool operator==(const StoredGroup&, const StoredGroup&) = default;
};

/// One record of the topic: a key and, unless it is a tombstone, a value.
struct GroupRecord {
  std::string key = {};
  std::optional<std::string> value = {};
};

GroupRecord group_record(std::string_view group, const std::optional<StoredGroup>& stored);
GroupRecord offset_record(std::string_view group,
                          const OffsetKey& key,
                          const std::optional<CommittedOffset>& committed);

/// The partition of the topic that a group's records are in: Java's String.hashCode of the name.
std::int32_t group_partition(std::string_view group, std::int32_t partitions);

/// What the topic holds of one group.
struct LoadedGroup {
  std::optional<StoredGroup> group = {};
  OffsetMap offsets = {};
};

using LoadedGroups = std::map<std::string, LoadedGroup, std::less<>>;

/// Applies one record; kCorruption when it cannot be read. Records of kinds that are not ours
/// (newer groups) are passed over.
Result<void> apply_record(std::string_view key,
                          const std::optional<std::string_view>& value,
                          LoadedGroups& groups);

/// Owned by one thread; `done` is called on the log's thread.
class GroupStore {
 public:
  /// The log and the clock outlive the store.
  GroupStore(log::Log& log, const Clock& clock, const GroupConfig& config);

  /// Reads the whole topic; nothing when there is none yet. A record that cannot be read is logged
  /// and passed over.
  Result<LoadedGroups> load();

  /// Whether there is a topic to put into.
  [[nodiscard]] bool ready() const;
  /// Makes it.
  void prepare(CodeDone done);

  /// Makes the records durable together; COORDINATOR_NOT_AVAILABLE without a topic, at once.
  void put(std::string_view group, const std::vector<GroupRecord>& records, CodeDone done);

 private:
  [[nodiscard]] log::NewTopic topic() const;
  Result<void> load_partition(std::int32_t partition, LoadedGroups& groups);

  log::Log& log_;
  const Clock& clock_;
  const GroupConfig config_;
};

}  // namespace millrace::broker
