// What is asked of groups and what they answer, apart from the versions of Kafka's messages.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "wire/kafka_error.h"

namespace millrace::broker {

using Code = wire::KafkaError;

/// Kafka's group.* and offsets.* settings. Immutable.
struct GroupConfig {
  std::int64_t min_session_ms = 6'000;
  std::int64_t max_session_ms = 1'800'000;
  std::int64_t initial_rebalance_delay_ms = 3'000;
  std::int64_t max_size = std::numeric_limits<std::int32_t>::max();
  std::int64_t offset_metadata_bytes_max = 4'096;
  std::int64_t offsets_retention_ms = 10'080LL * 60 * 1000;
  std::int64_t retention_check_ms = 600'000;
  std::int32_t offsets_partitions = 50;
  std::int64_t offsets_segment_bytes = 104'857'600;
  /// How long the first JoinGroup of a member may wait: its client cannot send heartbeats yet.
  std::int64_t new_member_join_ms = 300'000;
};

/// An assignor's name and the member's metadata for it, opaque to the broker.
using GroupProtocol = std::pair<std::string, std::string>;

struct JoinRequest {
  std::string group = {};
  std::string member = {};  ///< Empty: a new one.
  std::optional<std::string> instance = {};
  std::string client_id = {};
  std::string client_host = {};
  std::string protocol_type = {};
  std::vector<GroupProtocol> protocols = {};
  std::int64_t session_ms = 0;
  std::int64_t rebalance_ms = 0;
  bool requires_known_member = false;     ///< JoinGroup v4 and later: MEMBER_ID_REQUIRED.
  bool supports_skip_assignment = false;  ///< JoinGroup v9 and later.
};

struct JoinedMember {
  std::string member = {};
  std::optional<std::string> instance = {};
  std::string metadata = {};
};

struct JoinAnswer {
  Code error = Code::kNone;
  std::int32_t generation = -1;
  std::optional<std::string> protocol_type = {};
  std::optional<std::string> protocol = {};
  std::string leader = {};
  bool skip_assignment = false;
  std::string member = {};
  std::vector<JoinedMember> members = {};  ///< The leader's answer only.
};

struct SyncRequest {
  std::string group = {};
  std::string member = {};
  std::optional<std::string> instance = {};
  std::int32_t generation = -1;
  std::optional<std::string> protocol_type = {};
  std::optional<std::string> protocol = {};
  std::vector<std::pair<std::string, std::string>> assignments = {};  ///< Member → bytes.
};

struct SyncAnswer {
  Code error = Code::kNone;
  std::optional<std::string> protocol_type = {};
  std::optional<std::string> protocol = {};
  std::string assignment = {};
};

struct HeartbeatRequest {
  std::string group = {};
  std::string member = {};
  std::optional<std::string> instance = {};
  std::int32_t generation = -1;
};

struct LeavingMember {
  std::string member = {};
  std::optional<std::string> instance = {};
};

struct LeaveRequest {
  std::string group = {};
  std::vector<LeavingMember> members = {};
};

struct LeaveAnswer {
  Code error = Code::kNone;
  std::vector<std::pair<LeavingMember, Code>> members = {};
};

/// What a group has committed for one partition.
struct CommittedOffset {
  Offset offset{-1};
  std::int32_t leader_epoch = -1;
  std::string metadata = {};
  std::int64_t commit_ms = -1;
  std::int64_t expire_ms = -1;  ///< Of OffsetCommit v2 to v4 only.

  friend bool operator==(const CommittedOffset&, const CommittedOffset&) = default;
};

struct OffsetOfPartition {
  std::string topic = {};
  std::int32_t partition = 0;
  CommittedOffset committed = {};
};

struct CommitRequest {
  std::string group = {};
  std::string member = {};
  std::optional<std::string> instance = {};
  std::int32_t generation = -1;
  std::vector<OffsetOfPartition> offsets = {};
};

struct CommitAnswer {
  Code error = Code::kNone;  ///< Of all partitions; else see `partitions`.
  std::vector<Code> partitions = {};
};

/// One group as DescribeGroups and ListGroups show it.
struct GroupDescription {
  Code error = Code::kNone;
  std::string group = {};
  std::string state = {};
  std::string protocol_type = {};
  std::string protocol = {};

  struct Member {
    std::string member = {};
    std::optional<std::string> instance = {};
    std::string client_id = {};
    std::string client_host = {};
    std::string metadata = {};
    std::string assignment = {};
  };

  std::vector<Member> members = {};
};

using JoinDone = std::function<void(JoinAnswer)>;
using SyncDone = std::function<void(SyncAnswer)>;
using CodeDone = std::function<void(Code)>;
using LeaveDone = std::function<void(LeaveAnswer)>;
using CommitDone = std::function<void(CommitAnswer)>;

}  // namespace millrace::broker
