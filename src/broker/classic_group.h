// One consumer group of the classic protocol: who is in it, which generation, who waits for what.
//
// The states are Kafka's (Empty, PreparingRebalance, CompletingRebalance, Stable, Dead); what moves
// between them is described in Kafka's protocol guide and KIP-62 (timeouts), KIP-134 (initial
// delay), KIP-345 (static members), KIP-394 (member id required), KIP-814 (skipped assignment).
// Metadata and assignments are opaque bytes, whatever the protocol type (consumer, connect, sr).
//
//     Empty ──join──▶ PreparingRebalance ──all joined, or time──▶ CompletingRebalance
//                          ▲        ▲                                   │ leader's assignment is
//                          durable │        └──── join, leave, time-out ◀───────▼ └────────────
//                          join, leave, time-out ◀───── Stable
//
// A group asks nothing of the world by itself: time, timers and durable records come from its host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/deadlines.h"
#include "broker/group_types.h"

namespace millrace {
class Random;
}  // namespace millrace

namespace millrace::broker {

enum class GroupState : std::uint8_t {
  kEmpty,
  kPreparingRebalance,
  kCompletingRebalance,
  kStable,
  kDead
};

/// "PreparingRebalance", as DescribeGroups has it.
std::string_view to_string(GroupState state);

class ClassicGroup;

/// What a group needs. Owned by one thread.
class GroupHost {
 public:
  GroupHost() = default;
  GroupHost(const GroupHost&) = delete;
  GroupHost& operator=(const GroupHost&) = delete;
  virtual ~GroupHost() = default;

  [[nodiscard]] virtual const GroupConfig& config() const = 0;
  virtual Deadlines& deadlines() = 0;
  virtual Random& random() = 0;
  [[nodiscard]] virtual std::int64_t now_ns() const = 0;
  [[nodiscard]] virtual std::int64_t wall_ms() const = 0;

  /// Makes the group's metadata durable as it is now, with `assignments` in place of the members'
  /// own where given; `done` is called when it is, or cannot be, unless the group is gone then.
  virtual void store(const ClassicGroup& group,
                     const std::map<std::string, std::string>& assignments,
                     std::function<void(Code)> done) = 0;
};

/// Owned by one thread.
class ClassicGroup {
 public:
  struct Member {
    std::string id = {};
    std::optional<std::string> instance = {};
    std::string client_id = {};
    std::string client_host = {};
    std::int64_t session_ms = 0;
    std::int64_t rebalance_ms = 0;
    std::vector<GroupProtocol> protocols = {};
    std::string assignment = {};
    JoinDone joining = {};  ///< A JoinGroup that waits.
    SyncDone syncing = {};  ///< A SyncGroup that waits.
    bool is_new = false;    ///< Its first JoinGroup has not been answered.
    DeadlineId session = 0;

    /// Its metadata for a protocol; empty when it does not have it.
    [[nodiscard]] const std::string& metadata(std::string_view protocol) const;
  };

  ClassicGroup(GroupHost& host, std::string name);
  ClassicGroup(const ClassicGroup&) = delete;
  ClassicGroup& operator=(const ClassicGroup&) = delete;
  /// Drops its deadlines; who waits gets no answer.
  ~ClassicGroup();

  // What members ask. REQUIRES: for join: the session timeout is inside the limits.
  void join(JoinRequest request, JoinDone done);
  void sync(SyncRequest request, const SyncDone& done);
  [[nodiscard]] Code heartbeat(const HeartbeatRequest& request);
  [[nodiscard]] LeaveAnswer leave(const LeaveRequest& request);

  /// Whether offsets may be committed so; counts as a sign of life of the member.
  [[nodiscard]] Code check_commit(const CommitRequest& request);

  /// Takes a member out of a stored group, before anybody asks.
  void restore_member(Member member);
  void restore(std::int32_t generation,
               std::string protocol_type,
               std::optional<std::string> protocol,
               std::optional<std::string> leader,
               std::int64_t state_since_ms);

  /// Everybody who waits is told `error`; the group cannot be used any more.
  void die(Code error);

  [[nodiscard]] GroupDescription describe() const;

  [[nodiscard]] const std::string& name() const { return name_; }

  [[nodiscard]] GroupState state() const { return state_; }

  [[nodiscard]] std::int64_t state_since_ms() const { return state_since_ms_; }

  [[nodiscard]] std::int32_t generation() const { return generation_; }

  [[nodiscard]] const std::string& protocol_type() const { return protocol_type_; }

  [[nodiscard]] const std::optional<std::string>& protocol() const { return protocol_; }

  [[nodiscard]] const std::optional<std::string>& leader() const { return leader_; }

  [[nodiscard]] const std::map<std::string, Member>& members() const { return members_; }

  /// Topics that members of protocol type "consumer" have subscribed to; nothing when that is not
  /// known (another type, or metadata that cannot be read).
  [[nodiscard]] std::optional<std::set<std::string>> subscribed_topics() const;

 private:
  // Joining.
  void join_new_member(JoinRequest request, JoinDone done);
  void join_known_member(JoinRequest request, JoinDone done);
  void add_member(JoinRequest request, const std::string& id, JoinDone done);
  void update_member(Member& member, JoinRequest request, JoinDone done);
  void replace_static_member(JoinRequest request,
                             const std::string& old_id,
                             const std::string& new_id,
                             JoinDone done);
  void answer_replaced(const std::string& id, bool skips, const std::string& old_leader);
  [[nodiscard]] bool has_room_for(const JoinRequest& request) const;
  [[nodiscard]] bool supports(const JoinRequest& request) const;
  [[nodiscard]] JoinAnswer current_generation(const Member& member, bool with_members) const;

  // Rebalances.
  void rebalance_or_complete();
  void prepare_rebalance();
  void extend_initial_join(std::int64_t delay_ms, std::int64_t remaining_ms);
  void complete_join_if_ready();
  void complete_join();
  void start_generation();
  [[nodiscard]] bool all_joined() const;
  [[nodiscard]] bool elect_joined_leader();
  [[nodiscard]] std::string select_protocol() const;
  [[nodiscard]] std::int64_t rebalance_timeout_ms() const;
  void expire_syncs(std::int32_t generation);
  void propagate(Code error);
  void store_assignment(const SyncRequest& request);

  // Members.
  [[nodiscard]] Code check_member(const std::string& id,
                                  const std::optional<std::string>& instance) const;
  void remove_member(const std::string& id);
  void member_gone(const std::string& id);
  void member_timed_out(const std::string& id);
  void watch_session(Member& member, std::int64_t ms);
  void expect_join_of(const std::string& id, std::int64_t session_ms);
  void forget_pending(const std::string& id);
  static void finish_join(Member& member, JoinAnswer answer);
  static void finish_sync(Member& member, SyncAnswer answer);
  void move_to(GroupState state);
  [[nodiscard]] std::string new_member_id(const JoinRequest& request);
  [[nodiscard]] std::int64_t after_ms(std::int64_t ms) const;

  GroupHost& host_;
  const std::string name_;
  GroupState state_ = GroupState::kEmpty;
  GroupState state_before_ = GroupState::kEmpty;
  std::int64_t state_since_ms_ = -1;
  std::int32_t generation_ = 0;
  std::string protocol_type_;
  std::optional<std::string> protocol_;
  std::optional<std::string> leader_;
  std::map<std::string, Member> members_;
  std::map<std::string, std::string> static_members_;  // Instance id → member id.
  std::map<std::string, DeadlineId> pending_;          // Ids that were handed out, not yet used.
  std::set<std::string> pending_syncs_;
  bool new_member_added_ = false;
  DeadlineId rebalance_ = 0;
  DeadlineId syncs_ = 0;
};

}  // namespace millrace::broker
