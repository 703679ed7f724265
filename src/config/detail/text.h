// Small pieces of text work that the parsers of this module share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/option_table.h"

namespace millrace::config::detail {

/// Items between commas, trimmed; empty items are left out.
std::vector<std::string> split_list(std::string_view text);

/// "a, b and 3 more": at most `limit` of the names.
std::string join_names(const std::vector<std::string>& names, std::size_t limit = 20);

/// Shortens what a user wrote, for messages: at most 80 bytes, cut between code points.
std::string shorten(std::string_view text);

/// What is wrong with a value, or nothing: the message's middle ("must be at least 100 ms"), and
/// whether its form (else its range) is wrong. `canonical` becomes the value to keep.
struct ValueFinding {
  bool form = true;
  std::string problem;
};

std::vector<ValueFinding> check_value(const Option& option,
                                      std::string_view text,
                                      std::string& canonical);

}  // namespace millrace::config::detail
