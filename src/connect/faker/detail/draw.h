// What the makers of values draw from.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/random.h"

namespace millrace::connect::faker::detail {

/// Owned by one thread.
struct Draw {
  Random& random;
  std::int64_t now_ms = 0;  ///< For dates that are near today.
};

/// Appends one value.
using Maker = std::function<void(Draw& draw, std::string& out)>;

inline std::string_view pick(Draw& draw, std::span<const std::string_view> words) {
  return words[draw.random.below(words.size())];
}

}  // namespace millrace::connect::faker::detail
