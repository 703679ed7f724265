// The Kafka listener: a log that any Kafka client can use.
//
//     auto broker = TRY(Broker::start(log, clock, metrics, {.listeners = {…}, .settings = …}));
//     broker->addresses();   // where it listens
//
// Threads: N event loops own the connections: they read whole frames into Blocks, check limits,
// call handlers (call.h) and write answers in order. The log's thread answers appends; each loop is
// woken once for all of them. Groups are one state machine behind a mutex, with timers on the first
// loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/option_table.h"

namespace millrace {
class Clock;
class Metrics;
}  // namespace millrace

namespace millrace::log {
class Log;
}  // namespace millrace::log

namespace millrace::broker {

/// One address that clients connect to, and the name under which the broker tells them to come
/// back (Kafka's listeners and advertised.listeners).
struct ListenerOptions {
  std::string name = "PLAINTEXT";
  config::HostPort address = {};     ///< Port 0: a free one.
  config::HostPort advertised = {};  ///< Empty host: the address as it is bound.
};

struct BrokerOptions {
  std::vector<ListenerOptions> listeners = {};
  /// Kafka's own names and values as the user gave them (num.partitions, log.retention.hours…).
  std::map<std::string, std::string> settings = {};
  std::string log_dir = {};                         ///< As DescribeLogDirs names it.
  std::function<std::int64_t()> usable_bytes = {};  ///< Of its disk; -1: not known. May be empty.
  std::size_t loops = 0;                            ///< Event loops; 0: one per core.
  std::size_t connections_max = 0;                  ///< 0: max.connections of the settings.
  std::size_t memory_max_bytes = 0;                 ///< Requests and answers under way; 0: 256 MiB.
  /// For a request that has begun to arrive whole, beside a second for each MiB of it.
  std::int64_t request_timeout_ms = 30'000;
  std::int64_t answer_timeout_ms = 30'000;  ///< Without a client taking any byte of an answer.
};

/// How far a group has come in one partition.
struct GroupOffset {
  std::string topic = {};
  std::int32_t partition = 0;
  std::int64_t committed = 0;  ///< The next offset to read.
  std::int64_t end = -1;       ///< The high watermark; -1: there is no such partition any more.

  /// Records that are there and not read.
  [[nodiscard]] std::int64_t lag() const { return end > committed ? end - committed : 0; }
};

struct GroupSummary {
  std::string name = {};
  std::string state = {};
  std::string protocol_type = {};
  std::size_t members = 0;
  std::int64_t lag = 0;  ///< Sum over its committed partitions.
  std::vector<GroupOffset> offsets = {};
};

/// What page and terminal show.
struct BrokerSummary {
  std::vector<std::string> addresses = {};
  std::size_t connections = 0;
  std::vector<GroupSummary> groups = {};
};

/// Thread-safe, but for start() and the destructor, which belong to one thread.
class Broker {
 public:
  /// Binds every listener, loads the groups, and serves. kConflict names a taken port;
  /// kInvalidArgument names a bad setting. The references outlive the broker.
  static Result<std::unique_ptr<Broker>> start(log::Log& log,
                                               const Clock& clock,
                                               Metrics& metrics,
                                               BrokerOptions options);
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;
  /// No new connections, answers under way leave, then everything is closed; within a second.
  ~Broker();

  [[nodiscard]] BrokerSummary summary() const;

  /// Where it listens, as bound.
  [[nodiscard]] std::vector<std::string> addresses() const;

  /// Commits offsets of groups that have no members, as a client without group management does, so
  /// that every lag tool shows them; `end` is not read. Waits until they are durable. kUnavailable
  /// names a group that was refused, and why. Not on an event loop's thread.
  Result<void> commit_offsets(const std::map<std::string, std::vector<GroupOffset>>& groups);

 private:
  struct Rep;
  explicit Broker(std::unique_ptr<Rep> rep);

  std::unique_ptr<Rep> rep_;
};

}  // namespace millrace::broker
