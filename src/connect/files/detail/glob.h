// File name patterns as Spark and shells have them: * ? [abc] [a-z] [!a] {one,two}. Neither * nor ?
// stand for a slash.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace::connect::files::detail {

bool is_glob(std::string_view path);

/// Whether one name (without slashes) matches one pattern.
bool matches_glob(std::string_view name, std::string_view pattern);

/// The patterns without braces that one with braces means; at most kAlternativesMax, none when
/// there would be more or a brace has no end.
std::vector<std::string> expand_braces(std::string_view pattern);

inline constexpr std::size_t kAlternativesMax = 256;

}  // namespace millrace::connect::files::detail
