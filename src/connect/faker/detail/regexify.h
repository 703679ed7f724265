// Texts that match a regular expression. Understood are characters, `.`, classes [a-z^-\d\w\s],
// escapes \d \w \s \D \W \S, groups with alternatives, and the repetitions ? * + {n} {n,} {n,m};
// * and + stop at kOpenRepeatsMax. Anchors are taken and mean nothing, since the whole text is
// made.
#pragma once

#include <string>
#include <string_view>

#include "connect/faker/detail/draw.h"

namespace millrace::connect::faker::detail {

inline constexpr int kOpenRepeatsMax = 10;
/// Of one text that is made; an expression that may give a longer one is refused.
inline constexpr std::size_t kRegexTextMax = 65'536;

/// A maker of texts that match, or null and the problem.
Maker make_regexify(std::string_view pattern, std::string& problem);

}  // namespace millrace::connect::faker::detail
