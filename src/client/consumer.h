// A member of a consumer group of the classic protocol: joins, is given partitions, says that it
// lives, commits, leaves.
//
//     Consumer consumer = TRY(Consumer::join(*cluster, {.group = "g", .topics = {"users"}}));
//     TRY(consumer.poll(500, take));    // Also heartbeats and rebalances.
//     TRY(consumer.commit());
//     TRY(consumer.leave());
//
// Eager rebalancing with the assignors that every consumer has (range first, then roundrobin), so
// it shares a group with Kafka's own consumers that have them too. Nothing runs by itself: a call
// of poll() at least every session timeout keeps the membership.
//
// Tested by assignors_test.cc, group_protocol_test.cc, src/cli/kafka_commands_test.cc (our broker).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "client/cluster.h"
#include "client/fetcher.h"

namespace millrace::client {

struct ConsumerOptions {
  std::string group = {};
  std::string instance_id = {};  ///< Not empty: a static member.
  std::vector<std::string> topics = {};
  std::int64_t session_timeout_ms = 45'000;
  std::int64_t rebalance_timeout_ms = 300'000;
  std::int64_t heartbeat_ms = 3'000;
  /// Where a partition without a commit begins; also when the committed offset is gone.
  OutOfRange start = OutOfRange::kLatest;
  /// commit() is called by poll() so often, with what was taken; 0: never.
  std::int64_t auto_commit_ms = 5'000;
  FetchOptions fetch = {};
};

/// Owned by one thread.
class Consumer {
 public:
  /// Joins, and waits for the first assignment. The cluster outlives it.
  static Result<Consumer> join(Cluster& cluster, ConsumerOptions options);
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  Consumer(Consumer&&) noexcept;
  Consumer& operator=(Consumer&&) noexcept;
  /// Does not leave: the group finds out by the session timeout.
  ~Consumer();

  /// As Fetcher::poll(), with heartbeats, rebalances and commits when they are due.
  Result<std::size_t> poll(std::int64_t wait_ms, const TakeRecord& take);

  /// Commits what was taken.
  Result<void> commit();

  /// Commits when auto_commit_ms says so, and leaves.
  Result<void> leave();

  [[nodiscard]] const std::map<TopicPartition, FetchProgress>& progress() const;

 private:
  struct Rep;
  explicit Consumer(std::unique_ptr<Rep> rep);

  std::unique_ptr<Rep> rep_;
};

}  // namespace millrace::client
