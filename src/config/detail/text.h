// Small pieces of text work that the parsers of this module share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/option_table.h"

namespace millrace::config::detail {

inline std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

inline char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

inline std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    c = lower(c);
  }
  return lowered;
}

inline bool equal_without_case(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) {
    return false;
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (lower(left[i]) != lower(right[i])) {
      return false;
    }
  }
  return true;
}

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
