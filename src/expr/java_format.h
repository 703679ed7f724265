// Numbers as text by Java's rules: Formatter ("%,.2f") and DecimalFormat ("#,##0.00").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "data/int128.h"

namespace millrace::expr {

/// An integer of `bits` bits, as Java's %x needs to know.
struct FormatInteger {
  std::int64_t value = 0;
  int bits = 64;
};

/// One argument of format_string; monostate = null. `text` is what %s prints.
struct FormatArg {
  std::variant<std::monostate, bool, FormatInteger, double, std::string_view> value;
  std::string text;
  bool is_number_object = false;  ///< Prints with %s only (DECIMAL).
};

/// java.util.Formatter in the root locale; nothing where Java throws (a missing argument, a
/// conversion that does not fit, an unknown flag). %t and %h are not there.
std::optional<std::string> java_format(std::string_view format, std::span<const FormatArg> args);

/// A decimal number: sign, digits before and after the point.
struct DecimalDigits {
  bool negative = false;
  std::string whole;  ///< No leading zeros; "" = 0.
  std::string fraction;
};

DecimalDigits digits_of_integer(std::int64_t value);
DecimalDigits digits_of_decimal(Int128 unscaled, int scale);
/// Rounded half-even to `places` from the exact value. REQUIRES: finite, 0 <= places <= 400
DecimalDigits digits_of_double(double value, int places);

/// Rounds half-even to `places`.
DecimalDigits round_half_even(DecimalDigits digits, std::size_t places);

/// java.text.DecimalFormat in the US locale. Patterns: # 0 , . prefix, suffix, '…', %.
struct NumberPattern {
  std::string prefix;
  std::string suffix;
  std::size_t grouping = 0;  ///< Digits a group; 0 = none.
  std::size_t whole_min = 1;
  std::size_t fraction_min = 0;
  std::size_t fraction_max = 0;
  bool percent = false;
};

std::optional<NumberPattern> parse_number_pattern(std::string_view pattern);
std::string format_digits(const DecimalDigits& digits, const NumberPattern& pattern);

}  // namespace millrace::expr
