// The group coordinator of a running broker: its settings, its time, its thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "broker/group_coordinator.h"
#include "io/event_loop.h"

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

/// Thread-safe, but for load(), start() and stop().
class GroupService {
 public:
  GroupService(log::Log& log, const Clock& clock, const BrokerSettings& settings);

  /// Takes up what the log holds. Before start().
  Result<void> load() { return coordinator_.load(); }

  /// From now on timers run and work is done on this loop, which runs.
  void start(io::EventLoop& loop);
  /// No timer runs any more when it returns. REQUIRES: the loop runs
  void stop();

  [[nodiscard]] GroupCoordinator& coordinator() { return coordinator_; }

 private:
  GroupCoordinator::Options options(const BrokerSettings& settings);
  void arm(std::int64_t at_ns);

  const Clock& clock_;
  std::atomic<io::EventLoop*> loop_{nullptr};
  std::atomic<std::int64_t> wanted_ns_{-1};  // Asked for before start().
  std::unique_ptr<io::Timer> timer_;         // Touched on the loop.
  GroupCoordinator coordinator_;
};

}  // namespace millrace::broker
