// Upper, lower and title case of all of Unicode, as Java's String.toUpperCase(Locale.ROOT) and
// friends map it: one code point may become three ("ß" → "SS"), and a final Σ becomes ς.
#pragma once

#include <string>
#include <string_view>

namespace millrace::expr {

std::string upper_text(std::string_view text);
std::string lower_text(std::string_view text);
/// The first letter of each word in title case, the rest in lower case; only a space ends a word.
std::string initcap_text(std::string_view text);

bool is_upper_code_point(char32_t code_point);
bool is_lower_code_point(char32_t code_point);
/// A decimal digit of any script.
bool is_digit_code_point(char32_t code_point);

/// All bytes below 0x80.
bool is_ascii_text(std::string_view text);

}  // namespace millrace::expr
