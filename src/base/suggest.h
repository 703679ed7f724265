// "did you mean": candidates that are close to what a user wrote.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// At most three of the candidates, best first: edit distance (with transposition) ≤ 2, or ≤ 1 for
/// words under 5 letters, ignoring case.
std::vector<std::string> suggest(std::string_view wrote, std::span<const std::string> candidates);

/// `; did you mean "a" or "b"?`, or nothing when there is no suggestion.
std::string did_you_mean(std::string_view wrote, std::span<const std::string> candidates);

}  // namespace millrace
