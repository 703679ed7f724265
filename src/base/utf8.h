// UTF-8: validation and counting. Source: RFC 3629.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace millrace {

bool is_valid_utf8(std::string_view text);

/// Code points; a byte that belongs to no code point counts as one.
std::size_t utf8_length(std::string_view text);

/// Appends one code point. REQUIRES: no surrogate, at most 0x10FFFF
void append_utf8(std::string& text, char32_t code_point);

/// Decodes the code point at `at` and moves it on; a broken byte gives U+FFFD and one step.
char32_t next_code_point(std::string_view text, std::size_t& at);

/// The text with each broken sequence replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);

}  // namespace millrace
