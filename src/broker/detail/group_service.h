// The group coordinator of a running broker: its settings, its time, its thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/result.h"
#include "broker/deadlines.h"
#include "broker/detail/loop_inbox.h"
#include "broker/group_coordinator.h"

namespace millrace {
class Clock;
}  // namespace millrace

namespace millrace::log {
class Log;
}  // namespace millrace::log

namespace millrace::broker {

class BrokerSettings;

/// The group.* and offsets.* settings.
GroupConfig group_config(const BrokerSettings& settings);

/// Thread-safe, but for load() and start().
class GroupService {
 public:
  GroupService(log::Log& log, const Clock& clock, const BrokerSettings& settings);

  /// Takes up what the log holds. Before start().
  Result<void> load() { return coordinator_.load(); }

  /// From now on timers run and work is done on this loop, until its inbox is closed.
  void start(LoopInboxPtr loop);

  [[nodiscard]] GroupCoordinator& coordinator() { return coordinator_; }

 private:
  GroupCoordinator::Options options(const BrokerSettings& settings);
  void run_on_loop(Serial::Task task);
  void arm(std::int64_t at_ns);

  const Clock& clock_;
  // Set once, by start(). The log's thread may still bring answers when the loop is gone.
  LoopInboxPtr loop_;
  std::atomic<bool> started_{false};
  std::atomic<std::int64_t> wanted_ns_{-1};  // Asked for before start().
  DeadlineId timer_ = 0;                     // Touched on the loop.
  GroupCoordinator coordinator_;
};

}  // namespace millrace::broker
