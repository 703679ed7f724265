// Randomness comes in as a parameter (Random&), so that a seed repeats a run.
#pragma once

#include <cstdint>
#include <span>

namespace millrace {

/// xoshiro256** (Blackman, Vigna). Not for secrets. Owned by one thread.
class Random {
 public:
  explicit Random(std::uint64_t seed);

  /// Seeded from the operating system.
  static Random from_system();

  std::uint64_t next();

  /// Uniform in [0, bound). REQUIRES: bound > 0
  std::uint64_t below(std::uint64_t bound);

  /// Uniform in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high);

  /// Uniform in [0, 1).
  double unit();

  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_[4];
};

/// Fills the buffer with bytes fit for secrets (getrandom). Thread-safe.
void secure_random(std::span<std::uint8_t> bytes);

}  // namespace millrace
