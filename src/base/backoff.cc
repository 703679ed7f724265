#include "base/backoff.h"

#include <algorithm>

#include "base/random.h"

namespace millrace {

std::int64_t Backoff::next_ms(Random& random) {
  const auto step = static_cast<double>(step_ms_);
  const double wait = step * (1.0 - options_.jitter * random.unit());
  const double next = std::min(step * options_.factor, static_cast<double>(options_.max_ms));
  step_ms_ = static_cast<std::int64_t>(next);
  return static_cast<std::int64_t>(wait);
}

}  // namespace millrace
