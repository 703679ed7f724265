// How long to wait before trying again.
#pragma once

#include <cstdint>

namespace millrace {

class Random;

struct BackoffOptions {
  std::int64_t first_ms = 100;
  std::int64_t max_ms = 30'000;
  double factor = 2.0;
  double jitter = 0.5;  ///< The share that is random: 0.5 gives 50..100 % of the step.
};

/// Exponential with jitter. Owned by one thread.
class Backoff {
 public:
  explicit Backoff(BackoffOptions options) : options_(options), step_ms_(options.first_ms) {}

  /// Milliseconds to wait before the next try; each call is a longer step, up to max_ms.
  std::int64_t next_ms(Random& random);

  void reset() { step_ms_ = options_.first_ms; }

 private:
  BackoffOptions options_;
  std::int64_t step_ms_;
};

}  // namespace millrace
