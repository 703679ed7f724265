// Turns the polls of a feed into frames of the log: the records on the topic of the source, the
// failures on its dead-letter topic, cursor and books in one position. A crash therefore repeats at
// most the poll in flight.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/thread.h"
#include "connector/feed.h"
#include "flow/append_ticket.h"
#include "flow/position.h"
#include "flow/status.h"
#include "log/log.h"

namespace millrace::flow {

struct FeedDriverOptions {
  std::string source;
  std::string topic;
  std::uint64_t records_max = 0;  ///< Stop after so many in this run; 0: no limit.
  bool one_round = false;         ///< Stop once all that exists was given (--until-caught-up).
};

/// What step() is waiting for.
struct StepResult {
  bool progressed = false;
  bool finished = false;
  /// Monotonic nanoseconds of the next thing to do by itself; nothing: wait for a wake-up.
  std::optional<std::int64_t> due_ns = {};
};

/// A step machine: `step()` never waits for the log, so that simulation can run it. Owned by one
/// thread.
class FeedDriver {
 public:
  /// `wakeup` is notified when an append was answered. The references outlive the driver.
  FeedDriver(std::unique_ptr<connector::Feed> feed,
             log::Log& log,
             const Clock& clock,
             SourceStatus& status,
             Wakeup& wakeup,
             FeedDriverOptions options);
  FeedDriver(const FeedDriver&) = delete;
  FeedDriver& operator=(const FeedDriver&) = delete;
  /// REQUIRES: no append is in flight (idle()), or the log is closed.
  ~FeedDriver() = default;

  /// Makes the topic and reads where the feed stands. kCorruption: the position is not ours.
  Result<void> open();

  /// Polls, appends or takes the answer of an append. Errors are told in the status and tried
  /// again; only `finished` ends it.
  StepResult step(const std::stop_token& stop);

  /// No append is in flight.
  [[nodiscard]] bool idle() const { return !in_flight_; }

 private:
  void take_poll(connector::FeedPoll poll);
  void move_oversized_to_failures();
  Result<void> append();
  Result<log::Frame> build_frame(const FeedPosition& next) const;
  StepResult take_answer();
  [[nodiscard]] bool reached_end() const;
  bool must_pause(std::int64_t now_ns);

  std::unique_ptr<connector::Feed> feed_;
  log::Log& log_;
  const Clock& clock_;
  SourceStatus& status_;
  Wakeup& wakeup_;
  const FeedDriverOptions options_;
  Backoff backoff_{BackoffOptions{.first_ms = 50, .max_ms = 5'000}};
  Random random_;
  FeedPosition position_;                    // Durable.
  std::optional<connector::FeedPoll> poll_;  // Taken from the feed, not yet durable.
  FeedPosition next_;                        // What the frame in flight makes durable.
  std::optional<AppendTicket> in_flight_;
  std::int64_t not_before_ns_ = 0;
  std::uint64_t published_this_run_ = 0;
  bool caught_up_ = false;
  bool paused_ = false;  // Readers are too far behind.
  std::int64_t next_look_ns_ = 0;
  bool dead_letters_ready_ = false;
};

}  // namespace millrace::flow
