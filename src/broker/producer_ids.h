// Ids for idempotent producers. The log gives them out in blocks, each with an fsync; the broker
// hands out the ids of a block one by one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "base/mutex.h"
#include "base/result.h"

namespace millrace::log {
class Log;
}  // namespace millrace::log

namespace millrace::broker {

/// Thread-safe.
class ProducerIds {
 public:
  using Done = std::function<void(Result<ProducerId>)>;

  /// The log outlives it.
  explicit ProducerIds(log::Log& log);

  /// An id that nobody has had. `done` is called at once, or on the log's thread; it must not wait.
  void take(Done done);

 private:
  struct State;

  static void fill(log::Log& log, const std::shared_ptr<State>& state);

  log::Log& log_;
  // Shared with a request to the log that is under way.
  std::shared_ptr<State> state_;
};

}  // namespace millrace::broker
