#include "base/clock.h"

#include <ctime>

namespace millrace {
namespace {

std::int64_t now_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

std::int64_t SystemClock::wall_us() const {
  return now_ns(CLOCK_REALTIME) / 1000;
}

std::int64_t SystemClock::monotonic_ns() const {
  return now_ns(CLOCK_MONOTONIC);
}

}  // namespace millrace
