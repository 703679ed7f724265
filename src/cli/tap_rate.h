// How much `millrace tap` shows, and of what.
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::cli {

/// So many a second, spread evenly: what comes in a burst is sampled, not its beginning shown.
/// Owned by one thread.
class TapRate {
 public:
  /// `per_second` 0: everything.
  TapRate(double per_second, std::int64_t now_ns)
      : pause_ns_(per_second > 0 ? static_cast<std::int64_t>(1e9 / per_second) : 0),
        next_ns_(now_ns) {}

  /// Whether one more may be shown at this moment; it is then counted as shown.
  bool allows(std::int64_t now_ns) {
    if (now_ns < next_ns_) {
      return false;
    }
    // Time in which nothing came gives no credit.
    next_ns_ = (now_ns - next_ns_ > pause_ns_ ? now_ns : next_ns_) + pause_ns_;
    return true;
  }

 private:
  std::int64_t pause_ns_;
  std::int64_t next_ns_;
};

/// A name against a pattern of `*` (any text) and `?` (one character); everything else is itself.
bool matches_glob(std::string_view pattern, std::string_view name);

}  // namespace millrace::cli
