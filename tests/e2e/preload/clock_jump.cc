// Loaded into the real program by LD_PRELOAD: its wall clock is CLOCK_JUMP_DAYS days off, and jumps
// a day to and fro every 200 ms. The monotonic clock stays.
#include <cstdlib>

#include <dlfcn.h>
#include <time.h>

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  using Function = int(clockid_t, timespec*);
  static auto* const real = reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, "clock_gettime"));
  static const char* const text = std::getenv("CLOCK_JUMP_DAYS");
  constexpr time_t kDay = 86'400;
  const int result = real(clock, time);
  if (result == 0 && clock == CLOCK_REALTIME && text != nullptr) {
    timespec now{};
    real(CLOCK_MONOTONIC, &now);
    const bool back = (now.tv_nsec / 200'000'000) % 2 != 0;
    time->tv_sec += std::atol(text) * kDay - (back ? kDay : 0);
  }
  return result;
}
