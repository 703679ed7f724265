// What a worker thread runs: streaming flows (flow_runner.h) and materialized views
// (view_runner.h).
#pragma once

#include <stop_token>

#include "flow/feed_driver.h"

namespace millrace::flow {

/// A step machine. Owned by one thread.
class FlowMachine {
 public:
  FlowMachine() = default;
  FlowMachine(const FlowMachine&) = delete;
  FlowMachine& operator=(const FlowMachine&) = delete;
  virtual ~FlowMachine() = default;

  /// Makes the topics that are missing and goes to the last durable position.
  virtual Result<void> open() = 0;

  /// Takes answers, does and appends at most one piece of work, which a stop cuts short.
  virtual StepResult step(const std::stop_token& stop) = 0;

  /// Takes the answer of the frame in flight, if it is there: what a stop waits for.
  virtual bool take_answer() = 0;

  /// Everything that its inputs have now is read and durable.
  [[nodiscard]] virtual bool caught_up() = 0;

  /// No append is in flight.
  [[nodiscard]] virtual bool idle() const = 0;

  /// Its status says what is wrong.
  [[nodiscard]] virtual bool unhealthy() const = 0;
};

}  // namespace millrace::flow
