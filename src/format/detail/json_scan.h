// Pieces of JSON text that the decoder's walk meets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/ascii.h"
#include "base/bytes.h"

namespace millrace::format::detail {

enum class NumberKind : std::uint8_t {
  kNone,
  kInteger,
  kFloat
};

/// Which of JSON's numbers the whole text is.
NumberKind classify_number(std::string_view text);

/// Writes the text without its escapes, which makes it no longer; null for an escape that strict
/// JSON has not. A surrogate without a partner becomes '?'.
char* unescape(std::string_view text, char* out);

/// Whether `size` bytes are the same; as fast for names as for longer texts.
inline bool equal_bytes(const char* left, const char* right, std::size_t size) {
  if (size < 8) {
    return std::memcmp(left, right, size) == 0;
  }
  std::uint64_t difference = 0;
  for (std::size_t at = 0; at + 8 < size; at += 8) {
    difference |= load_le<std::uint64_t>(left + at) ^ load_le<std::uint64_t>(right + at);
  }
  // The last eight, which may overlap those before.
  return (difference | (load_le<std::uint64_t>(left + size - 8) ^
                        load_le<std::uint64_t>(right + size - 8))) == 0;
}

/// Reads an integer of at most 18 digits that ends exactly at `end`; false for other numbers.
/// REQUIRES: at < end
inline bool read_short_integer(const char* at, const char* end, std::int64_t& value) {
  const bool negative = *at == '-';
  at += negative ? 1 : 0;
  const auto digits = end - at;
  if (digits < 1 || digits > 18 || (*at == '0' && (digits > 1 || negative))) {
    return false;
  }
  std::int64_t sum = 0;
  for (; at != end; ++at) {
    const auto digit = static_cast<unsigned>(*at - '0');
    if (digit > 9) {
      return false;
    }
    sum = sum * 10 + digit;
  }
  value = negative ? -sum : sum;
  return true;
}

}  // namespace millrace::format::detail
