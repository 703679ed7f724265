// Numbers as text, as Java and Spark write and read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::data {

/// As Java's Double.toString, with the shortest digits that read back: "1.0", "1.0E10", "NaN",
/// "-Infinity".
void append_double(std::string& out, double value);
/// As Java's Float.toString.
void append_float(std::string& out, float value);
std::string double_to_string(double value);
std::string float_to_string(float value);

void append_integer(std::string& out, std::int64_t value);

/// The text without whitespace and control characters (to U+0020, and U+007F) at both ends: what
/// CAST trims.
std::string_view trim_controls(std::string_view text);

/// CAST(text AS BIGINT): trims; an optional sign, then digits only. Nothing when it is no integer
/// in [low, high].
std::optional<std::int64_t> parse_integer(std::string_view text,
                                          std::int64_t low = INT64_MIN,
                                          std::int64_t high = INT64_MAX);

/// CAST(text AS DOUBLE): trims; Java's decimal and hexadecimal forms with an optional suffix f or
/// d; inf, infinity and nan with sign in any case. Too large gives infinity, too small zero.
std::optional<double> parse_double(std::string_view text);
std::optional<float> parse_float(std::string_view text);

/// CAST(text AS BOOLEAN): trims; t true y yes 1, f false n no 0, in any case.
std::optional<bool> parse_boolean(std::string_view text);

/// Reads a number of JSON's grammar (no sign but '-', no spaces). Too large gives infinity.
/// REQUIRES: the text is such a number
double json_number_to_double(std::string_view text);
float json_number_to_float(std::string_view text);

}  // namespace millrace::data
