// All groups of the broker: finds them, keeps their offsets, makes both durable, and lets time
// pass.
//
// Requests come from the event loops, answers of the log from its thread, time from the first loop;
// all of them go through one Serial (serial.h), so that groups need no locks. Nothing is answered
// before it is durable: a SyncGroup of the leader and an OffsetCommit wait for their fsync, and
// what OffsetFetch tells was synced.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "broker/classic_group.h"
#include "broker/deadlines.h"
#include "broker/group_store.h"
#include "broker/group_types.h"
#include "broker/serial.h"

namespace millrace::broker {

struct GroupLag {
  std::string topic = {};
  std::int32_t partition = 0;
  Offset committed{-1};
  Offset end{-1};  ///< -1: there is no such partition any more.
};

/// For page and metrics.
struct GroupOverview {
  std::string name = {};
  std::string state = {};
  std::string protocol_type = {};
  std::size_t members = 0;
  std::vector<GroupLag> lags = {};
};

/// Thread-safe, but for load().
class GroupCoordinator final : private GroupHost {
 public:
  struct Options {
    GroupConfig config = {};
    /// Runs a task on a thread that may work for a while: the first event loop.
    Serial::Executor executor = {};
    /// Asks for a call of tick() at a monotonic time; the earliest one asked for counts.
    std::function<void(std::int64_t at_ns)> wake_at = {};
    std::uint64_t seed = 0;  ///< Of member ids; 0: from the system.
  };

  /// The references outlive it. Nothing may be called any more when it is destroyed.
  GroupCoordinator(log::Log& log, const Clock& clock, Options options);
  GroupCoordinator(const GroupCoordinator&) = delete;
  GroupCoordinator& operator=(const GroupCoordinator&) = delete;
  ~GroupCoordinator() override;

  /// Takes up what __consumer_offsets holds. Before anything else.
  Result<void> load();

  void join(JoinRequest request, JoinDone done);
  void sync(SyncRequest request, SyncDone done);
  void heartbeat(HeartbeatRequest request, CodeDone done);
  void leave(LeaveRequest request, LeaveDone done);

  void commit_offsets(CommitRequest request, CommitDone done);
  /// Shows the offsets of a group that are durable, by partition; none for a group that is not
  /// known. They are the coordinator's own, until `done` returns: it must not call back.
  void fetch_offsets(std::string group, std::function<void(const OffsetMap&)> done);
  /// Removes offsets; CommitAnswer::error for the whole of it (GROUP_ID_NOT_FOUND,
  /// NON_EMPTY_GROUP).
  void delete_offsets(std::string group, std::vector<OffsetKey> partitions, CommitDone done);

  void describe(std::vector<std::string> groups,
                std::function<void(std::vector<GroupDescription>)> done);
  /// Without members.
  void list(std::function<void(std::vector<GroupDescription>)> done);
  void delete_groups(std::vector<std::string> groups, std::function<void(std::vector<Code>)> done);

  /// A topic is gone: so are its committed offsets.
  void topic_deleted(std::string topic);

  /// Lets what is due happen.
  void tick();

  /// Waits for the other tasks that are under way; not for the loops.
  [[nodiscard]] std::vector<GroupOverview> overview();

 private:
  struct Entry {
    std::uint64_t life = 0;  // Tells a group from an earlier one of its name.
    std::unique_ptr<ClassicGroup> group;
    OffsetMap offsets;
    std::multiset<OffsetKey> writing;  // Commits under way.
    bool stored = false;               // There is a metadata record.
  };

  // GroupHost.
  [[nodiscard]] const GroupConfig& config() const override { return options_.config; }

  Deadlines& deadlines() override { return deadlines_; }

  Random& random() override { return random_; }

  [[nodiscard]] std::int64_t now_ns() const override;
  [[nodiscard]] std::int64_t wall_ms() const override;
  void store(const ClassicGroup& group,
             const std::map<std::string, std::string>& assignments,
             std::function<void(Code)> done) override;

  void run(Serial::Task task);
  void rearm();
  Entry* find(std::string_view group);
  Entry& make(const std::string& group);
  [[nodiscard]] Entry* alive(std::string_view group, std::uint64_t life);
  void put(const std::string& group, std::vector<GroupRecord> records, CodeDone done);
  void put_waiting(Code code);
  void take_up(const std::string& name, LoadedGroup loaded);
  void do_commit(CommitRequest request, const CommitDone& done);
  void do_delete_offsets(const std::string& group,
                         const std::vector<OffsetKey>& partitions,
                         const CommitDone& done);
  void delete_group(const std::string& name, CodeDone done);
  void remove_offsets(const std::string& group, const std::vector<OffsetKey>& keys, CodeDone done);
  void watch_retention();
  void expire();
  [[nodiscard]] std::vector<OffsetKey> expired_offsets(const Entry& entry) const;

  log::Log& log_;
  const Clock& clock_;
  const Options options_;
  GroupStore store_;
  Serial serial_;
  // Below: touched inside serial_ only.
  Random random_;
  Deadlines deadlines_;
  std::map<std::string, Entry, std::less<>> groups_;

  struct WaitingPut {
    std::string group;
    std::vector<GroupRecord> records;
    CodeDone done;
  };

  std::vector<WaitingPut> waiting_puts_;  // Until the topic is there.
  std::uint64_t lives_ = 0;
  std::int64_t armed_ns_ = -1;
};

}  // namespace millrace::broker
