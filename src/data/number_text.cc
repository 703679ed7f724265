#include "data/number_text.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <system_error>

#include "base/ascii.h"

namespace millrace::data {
namespace {

// From "d.ddde-dd" to Java's two forms.
void append_java_form(std::string& out, std::string_view scientific) {
  const std::size_t mark = scientific.find('e');
  int exponent = 0;
  const char* from = scientific.data() + mark + 1;
  if (*from == '+') {
    ++from;
  }
  std::from_chars(from, scientific.data() + scientific.size(), exponent);
  std::string_view mantissa = scientific.substr(0, mark);
  if (mantissa.front() == '-') {
    out += '-';
    mantissa.remove_prefix(1);
  }
  const char first = mantissa[0];
  const std::string_view rest = mantissa.size() > 2 ? mantissa.substr(2) : std::string_view{};
  if (exponent < -3 || exponent >= 7) {
    out += first;
    out += '.';
    out += rest.empty() ? std::string_view("0") : rest;
    out += 'E';
    append_integer(out, exponent);
  } else if (exponent < 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-exponent - 1), '0');
    out += first;
    out += rest;
  } else {
    const auto integral = static_cast<std::size_t>(exponent);
    out += first;
    out += rest.substr(0, integral);
    if (rest.size() <= integral) {
      out.append(integral - rest.size(), '0');
      out += ".0";
    } else {
      out += '.';
      out += rest.substr(integral);
    }
  }
}

template <class T>
void append_floating(std::string& out, T value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
  } else if (value == 0) {
    out += std::signbit(value) ? "-0.0" : "0.0";
  } else {
    char buffer[64];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
    append_java_form(out, {buffer, static_cast<std::size_t>(end.ptr - buffer)});
  }
}

// from_chars leaves the value alone when it is out of range; strtod tells infinity from zero.
template <class T>
T out_of_range_value(std::string_view text, std::chars_format format) {
  std::string copy(text);
  if (format == std::chars_format::hex) {
    copy.insert(copy.front() == '-' ? 1 : 0, "0x");
  }
  if constexpr (sizeof(T) == sizeof(float)) {
    return std::strtof(copy.c_str(), nullptr);
  } else {
    return std::strtod(copy.c_str(), nullptr);
  }
}

template <class T>
std::optional<T> read_whole(std::string_view text, std::chars_format format) {
  T value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value, format);
  if (read.ptr != end || read.ec == std::errc::invalid_argument) {
    return std::nullopt;
  }
  return read.ec == std::errc{} ? value : out_of_range_value<T>(text, format);
}

// Infinity and NaN; also read by from_chars, so they are told apart before it.
template <class T>
std::optional<T> special_value(std::string_view text) {
  T sign = 1;
  std::string_view rest = text;
  if (rest.front() == '+' || rest.front() == '-') {
    sign = rest.front() == '-' ? T{-1} : T{1};
    rest.remove_prefix(1);
  }
  if (equal_ignoring_case(rest, "inf") || equal_ignoring_case(rest, "infinity")) {
    return sign * std::numeric_limits<T>::infinity();
  }
  if (equal_ignoring_case(text, "nan") || rest == "NaN") {
    return std::numeric_limits<T>::quiet_NaN();
  }
  return std::nullopt;
}

template <class T>
std::optional<T> parse_floating(std::string_view text) {
  text = trim_controls(text);
  if (text.empty()) {
    return std::nullopt;
  }
  if (const auto special = special_value<T>(text)) {
    return special;
  }
  std::string number;
  if (text.front() == '-' || text.front() == '+') {
    number = text.front() == '-' ? "-" : "";
    text.remove_prefix(1);
  }
  if (text.empty() || (!is_ascii_digit(text.front()) && text.front() != '.')) {
    return std::nullopt;
  }
  const char suffix = ascii_lower(text.back());
  const bool hexadecimal = text.size() > 2 && text[0] == '0' && ascii_lower(text[1]) == 'x';
  if (hexadecimal) {
    text.remove_prefix(2);
    if (text.find_first_of("pP") == std::string_view::npos) {
      return std::nullopt;
    }
  }
  if (suffix == 'f' || suffix == 'd') {
    text.remove_suffix(1);
  }
  number += text;
  return read_whole<T>(number, hexadecimal ? std::chars_format::hex : std::chars_format::general);
}

}  // namespace

void append_double(std::string& out, double value) {
  append_floating(out, value);
}

void append_float(std::string& out, float value) {
  append_floating(out, value);
}

std::string double_to_string(double value) {
  std::string text;
  append_double(text, value);
  return text;
}

std::string float_to_string(float value) {
  std::string text;
  append_float(text, value);
  return text;
}

void append_integer(std::string& out, std::int64_t value) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, end.ptr);
}

std::string_view trim_controls(std::string_view text) {
  const auto trimmed = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f;
  };
  while (!text.empty() && trimmed(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && trimmed(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::optional<std::int64_t> parse_integer(std::string_view text,
                                          std::int64_t low,
                                          std::int64_t high) {
  text = trim_controls(text);
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') {
      return std::nullopt;
    }
  }
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end || value < low || value > high) {
    return std::nullopt;
  }
  return value;
}

std::optional<double> parse_double(std::string_view text) {
  return parse_floating<double>(text);
}

std::optional<float> parse_float(std::string_view text) {
  return parse_floating<float>(text);
}

std::optional<bool> parse_boolean(std::string_view text) {
  text = trim_controls(text);
  for (const std::string_view word : {"t", "true", "y", "yes", "1"}) {
    if (equal_ignoring_case(text, word)) {
      return true;
    }
  }
  for (const std::string_view word : {"f", "false", "n", "no", "0"}) {
    if (equal_ignoring_case(text, word)) {
      return false;
    }
  }
  return std::nullopt;
}

double json_number_to_double(std::string_view text) {
  return read_whole<double>(text, std::chars_format::general).value_or(0);
}

float json_number_to_float(std::string_view text) {
  return read_whole<float>(text, std::chars_format::general).value_or(0);
}

}  // namespace millrace::data
