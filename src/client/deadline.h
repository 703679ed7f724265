// Until when an operation may go on, and who may end it before.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stop_token>
#include <utility>

#include "base/clock.h"

namespace millrace::client {

inline constexpr std::int64_t kNsPerMs = 1'000'000;

/// A moment by the monotonic clock, and a token that ends everything sooner (Ctrl-C). Immutable.
class Deadline {
 public:
  /// REQUIRES: the clock outlives it
  static Deadline after_ms(const Clock& clock, std::int64_t ms, std::stop_token stop = {}) {
    return {clock, clock.monotonic_ns() + nanoseconds(ms), std::move(stop)};
  }

  /// The same, or sooner: at most `ms` from here on.
  [[nodiscard]] Deadline within_ms(std::int64_t ms) const {
    return {*clock_, std::min(at_ns_, clock_->monotonic_ns() + nanoseconds(ms)), stop_};
  }

  /// Rounded up; 0 when it is over.
  [[nodiscard]] std::int64_t left_ms() const {
    return std::max<std::int64_t>((at_ns_ - clock_->monotonic_ns() + 999'999) / 1'000'000, 0);
  }

  [[nodiscard]] bool over() const { return left_ms() == 0; }

  [[nodiscard]] const std::stop_token& stop() const { return stop_; }

 private:
  Deadline(const Clock& clock, std::int64_t at_ns, std::stop_token stop)
      : clock_(&clock), at_ns_(at_ns), stop_(std::move(stop)) {}

  static std::int64_t nanoseconds(std::int64_t ms) {
    constexpr std::int64_t kMsMax = 1'000'000'000'000;  // 31 years: as good as never.
    return std::min(ms, kMsMax) * kNsPerMs;
  }

  const Clock* clock_;
  std::int64_t at_ns_;
  std::stop_token stop_;
};

}  // namespace millrace::client
