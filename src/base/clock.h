// Time comes in as a parameter (Clock&), so that a test or a simulation decides what time it is.
#pragma once

#include <atomic>
#include <cstdint>

namespace millrace {

/// Thread-safe.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  /// Microseconds since 1970-01-01T00:00:00Z. May jump, also backwards.
  [[nodiscard]] virtual std::int64_t wall_us() const = 0;

  /// Nanoseconds since some fixed moment. Never goes backwards.
  [[nodiscard]] virtual std::int64_t monotonic_ns() const = 0;

  [[nodiscard]] std::int64_t wall_ms() const { return wall_us() / 1000; }
};

/// The operating system's clock. Thread-safe.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t wall_us() const override;
  [[nodiscard]] std::int64_t monotonic_ns() const override;
};

/// A clock that a test moves by hand. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(std::int64_t wall_us = 1'700'000'000'000'000) : wall_us_(wall_us) {}

  [[nodiscard]] std::int64_t wall_us() const override { return wall_us_; }

  [[nodiscard]] std::int64_t monotonic_ns() const override { return monotonic_ns_; }

  /// Moves both clocks forward.
  void advance_us(std::int64_t us) {
    wall_us_ += us;
    monotonic_ns_ += us * 1000;
  }

  /// Lets the wall clock jump; the monotonic one stays.
  void set_wall_us(std::int64_t us) { wall_us_ = us; }

 private:
  std::atomic<std::int64_t> wall_us_;
  std::atomic<std::int64_t> monotonic_ns_{1};
};

}  // namespace millrace
