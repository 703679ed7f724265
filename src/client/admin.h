// Everything that tools ask a cluster to tell or to change. Each call is one operation with its
// tries; what a broker says to one topic, partition or group of it is an Outcome of its own, so
// that one that failed hides no other.
//
// Tested by admin_test.cc (scripted peers) and src/cli/kafka_commands_test.cc (our broker).
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
#include "client/cluster.h"
#include "client/fetcher.h"

namespace millrace::client {

struct NewTopic {
  std::string name = {};
  std::int32_t partitions = -1;          ///< -1: the broker's default.
  std::int16_t replication_factor = -1;  ///< -1: the broker's default.
  /// Broker ids per partition, instead of the two numbers above.
  std::vector<std::vector<std::int32_t>> assignments = {};
  std::map<std::string, std::string> configs = {};
};

struct TopicOutcome {
  std::string topic = {};
  Outcome outcome = {};
  std::int32_t partitions = -1;          ///< Of create_topics(), when the broker says so.
  std::int16_t replication_factor = -1;  ///< The same.
  Uuid id = {};
};

struct PartitionOutcome {
  TopicPartition partition = {};
  Outcome outcome = {};
  Offset offset{-1};  ///< delete_records: the new start of the log.
};

enum class ResourceType : std::int8_t {
  kTopic = 2,
  kBroker = 4,
  kBrokerLogger = 8,
  kClientMetrics = 16,
  kGroup = 32
};

struct ConfigResource {
  ResourceType type = ResourceType::kTopic;
  std::string name = {};
};

/// Where a value comes from, by Kafka's numbers.
enum class ConfigSource : std::int8_t {
  kUnknown = -1,
  kTopic = 1,
  kDynamicBroker = 2,
  kDynamicDefaultBroker = 3,
  kStaticBroker = 4,
  kDefault = 5,
  kDynamicBrokerLogger = 6,
  kClientMetrics = 7,
  kGroup = 8
};

/// "DYNAMIC_TOPIC_CONFIG", as Kafka's tools write it.
std::string_view to_string(ConfigSource source);

struct ConfigEntry {
  std::string name = {};
  std::optional<std::string> value = {};  ///< Nothing: it is secret, or null.
  ConfigSource source = ConfigSource::kUnknown;
  bool read_only = false;
  bool sensitive = false;
};

struct ConfigDescription {
  ConfigResource resource = {};
  Outcome outcome = {};
  std::vector<ConfigEntry> entries = {};  ///< Ascending by name.
};

enum class ConfigOperation : std::int8_t {
  kSet = 0,
  kDelete = 1,  ///< Back to the default.
  kAppend = 2,
  kSubtract = 3
};

struct ConfigChange {
  std::string name = {};
  ConfigOperation operation = ConfigOperation::kSet;
  std::string value = {};
};

// What ListOffsets may be asked for, beside a time in milliseconds.
inline constexpr std::int64_t kLatestOffset = -1;
inline constexpr std::int64_t kEarliestOffset = -2;
inline constexpr std::int64_t kMaxTimestampOffset = -3;

struct OffsetQuery {
  TopicPartition partition = {};
  std::int64_t timestamp_ms = kLatestOffset;  ///< Or one of the above.
};

struct OffsetAnswer {
  TopicPartition partition = {};
  Outcome outcome = {};
  /// -1: no record is that young.
  Offset offset{-1};
  std::int64_t timestamp_ms = -1;
  std::int32_t leader_epoch = -1;
};

struct GroupListing {
  std::string id = {};
  std::string protocol_type = {};  ///< "consumer", "connect", …; empty: a stand-alone committer.
  std::string state = {};          ///< "Stable", …; empty: the broker does not say.
  std::string type = {};           ///< "classic", "consumer", …; empty: the broker does not say.
};

struct GroupMember {
  std::string id = {};
  std::string instance_id = {};
  std::string client_id = {};
  std::string host = {};
  std::vector<std::string> subscribed = {};     ///< Topics; empty: not of the consumer protocol.
  std::vector<TopicPartition> assignment = {};  ///< Ascending.
};

struct GroupDescription {
  std::string id = {};
  Outcome outcome = {};
  std::string state = {};
  std::string type = {};  ///< "classic" or "consumer".
  std::string protocol_type = {};
  std::string assignor = {};
  std::int32_t coordinator = -1;
  config::HostPort coordinator_address = {};
  std::vector<GroupMember> members = {};
};

struct CommittedOffset {
  Offset offset{-1};
  std::int32_t leader_epoch = -1;
  std::string metadata = {};
};

using CommittedOffsets = std::map<TopicPartition, CommittedOffset>;

struct GroupOutcome {
  std::string group = {};
  Outcome outcome = {};
};

/// Owned by one thread. The cluster outlives it.
class Admin {
 public:
  explicit Admin(Cluster& cluster) : cluster_(cluster) {}

  // Topics. One TopicOutcome for each that was asked for, in that order.
  Result<std::vector<TopicOutcome>> create_topics(std::span<const NewTopic> topics,
                                                  bool validate_only = false);
  Result<std::vector<TopicOutcome>> delete_topics(std::span<const std::string> names);

  struct MorePartitions {
    std::string topic = {};
    std::int32_t total = 0;                                   ///< How many there are to be.
    std::vector<std::vector<std::int32_t>> assignments = {};  ///< Of the new ones; may be empty.
  };

  Result<std::vector<TopicOutcome>> create_partitions(std::span<const MorePartitions> topics,
                                                      bool validate_only = false);

  /// Deletes what is before the offset; -1: everything that is there.
  Result<std::vector<PartitionOutcome>> delete_records(
      const std::map<TopicPartition, Offset>& before);

  // Configs. A broker's own are asked of that broker.
  Result<std::vector<ConfigDescription>> describe_configs(
      std::span<const ConfigResource> resources);
  Result<Outcome> alter_configs(const ConfigResource& resource,
                                std::span<const ConfigChange> changes,
                                bool validate_only = false);

  /// In the order of `queries`.
  Result<std::vector<OffsetAnswer>> list_offsets(std::span<const OffsetQuery> queries,
                                                 Isolation isolation = Isolation::kReadUncommitted);
  /// The same question about each: kEarliestOffset, kLatestOffset, or a time. In the order of
  /// `partitions`.
  Result<std::vector<OffsetAnswer>> list_offsets(std::span<const TopicPartition> partitions,
                                                 std::int64_t timestamp_ms,
                                                 Isolation isolation = Isolation::kReadUncommitted);

  // Groups.

  /// Of all brokers, ascending. Filters are Kafka's names ("Stable", "classic"); empty: all.
  Result<std::vector<GroupListing>> list_groups(std::span<const std::string> states = {},
                                                std::span<const std::string> types = {});
  /// In the order of `ids`. A group that does not exist has GROUP_ID_NOT_FOUND.
  Result<std::vector<GroupDescription>> describe_groups(std::span<const std::string> ids);
  /// All that the group has committed.
  Result<CommittedOffsets> group_offsets(const std::string& group);
  /// Commits for a group that has no members. UNKNOWN_MEMBER_ID: it has some.
  Result<std::vector<PartitionOutcome>> commit_group_offsets(const std::string& group,
                                                             const CommittedOffsets& offsets);
  Result<std::vector<PartitionOutcome>> delete_group_offsets(
      const std::string& group, std::span<const TopicPartition> partitions);
  Result<std::vector<GroupOutcome>> delete_groups(std::span<const std::string> ids);

 private:
  Cluster& cluster_;
};

}  // namespace millrace::client
