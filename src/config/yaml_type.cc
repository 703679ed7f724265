// Which type PyYAML's resolver (YAML 1.1) gives to a plain scalar.
#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "base/ascii.h"
#include "config/yaml.h"

namespace millrace::config {

namespace {

bool one_of(std::string_view text, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_null_word(std::string_view text) {
  static constexpr std::array<std::string_view, 5> kWords = {"", "~", "null", "Null", "NULL"};
  return one_of(text, kWords);
}

bool is_bool(std::string_view text) {
  static constexpr std::array<std::string_view, 18> kWords = {"yes",
                                                              "Yes",
                                                              "YES",
                                                              "no",
                                                              "No",
                                                              "NO",
                                                              "true",
                                                              "True",
                                                              "TRUE",
                                                              "false",
                                                              "False",
                                                              "FALSE",
                                                              "on",
                                                              "On",
                                                              "ON",
                                                              "off",
                                                              "Off",
                                                              "OFF"};
  return one_of(text, kWords);
}

void skip_sign(std::string_view& text) {
  if (text.starts_with('-') || text.starts_with('+')) {
    text.remove_prefix(1);
  }
}

bool all_in(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

/// Takes digits and underscores; the first must be a digit.
std::string_view take_number(std::string_view& text) {
  std::size_t count = 0;
  if (!text.empty() && is_ascii_digit(text.front())) {
    count = std::min(text.find_first_not_of("0123456789_"), text.size());
  }
  const std::string_view taken = text.substr(0, count);
  text.remove_prefix(count);
  return taken;
}

/// (:[0-5]?[0-9])+ of a number to the base of 60.
bool take_sixties(std::string_view& text) {
  bool any = false;
  while (text.starts_with(':')) {
    std::string_view rest = text.substr(1);
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits == 0 || digits > 2 || (digits == 2 && rest.front() > '5')) {
      return false;
    }
    text = rest.substr(digits);
    any = true;
  }
  return any;
}

bool is_int(std::string_view text) {
  skip_sign(text);
  if (text.starts_with("0b")) {
    return all_in(text.substr(2), "01_");
  }
  if (text.starts_with("0x")) {
    return all_in(text.substr(2), "0123456789abcdefABCDEF_");
  }
  if (text == "0") {
    return true;
  }
  if (text.starts_with('0')) {
    return all_in(text.substr(1), "01234567_");
  }
  if (take_number(text).empty()) {
    return false;
  }
  return text.empty() || (take_sixties(text) && text.empty());
}

/// ([eE][-+][0-9]+)? and then nothing: PyYAML wants the sign.
bool ends_with_exponent(std::string_view text) {
  if (text.empty()) {
    return true;
  }
  if (text.front() != 'e' && text.front() != 'E') {
    return false;
  }
  text.remove_prefix(1);
  if (!text.starts_with('-') && !text.starts_with('+')) {
    return false;
  }
  return all_in(text.substr(1), "0123456789");
}

bool is_float(std::string_view text) {
  static constexpr std::array<std::string_view, 3> kNan = {".nan", ".NaN", ".NAN"};
  static constexpr std::array<std::string_view, 3> kInfinity = {".inf", ".Inf", ".INF"};
  if (one_of(text, kNan)) {
    return true;
  }
  const bool is_signed = text.starts_with('-') || text.starts_with('+');
  skip_sign(text);
  if (one_of(text, kInfinity)) {
    return true;
  }
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    return !is_signed && !take_number(text).empty() && ends_with_exponent(text);
  }
  if (take_number(text).empty()) {
    return false;
  }
  const bool sixties = text.starts_with(':');
  if ((sixties && !take_sixties(text)) || !text.starts_with('.')) {
    return false;
  }
  text.remove_prefix(1);
  text.remove_prefix(std::min(text.find_first_not_of("0123456789_"), text.size()));
  return sixties ? text.empty() : ends_with_exponent(text);
}

bool take_digits(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t count = 0;
  while (count < most && count < text.size() && is_ascii_digit(text[count])) {
    ++count;
  }
  text.remove_prefix(count);
  return count >= least;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

bool is_zone(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  if (text.empty() || text == "Z") {
    return true;
  }
  if (!take(text, '-') && !take(text, '+')) {
    return false;
  }
  if (!take_digits(text, 1, 2)) {
    return false;
  }
  return text.empty() || (take(text, ':') && take_digits(text, 2, 2) && text.empty());
}

bool is_timestamp(std::string_view text) {
  std::string_view date = text;
  if (take_digits(date, 4, 4) && take(date, '-') && take_digits(date, 2, 2) && take(date, '-') &&
      take_digits(date, 2, 2) && date.empty()) {
    return true;
  }
  if (!take_digits(text, 4, 4) || !take(text, '-') || !take_digits(text, 1, 2) ||
      !take(text, '-') || !take_digits(text, 1, 2)) {
    return false;
  }
  if (!take(text, 'T') && !take(text, 't')) {
    const std::size_t blanks = std::min(text.find_first_not_of(" \t"), text.size());
    if (blanks == 0) {
      return false;
    }
    text.remove_prefix(blanks);
  }
  if (!take_digits(text, 1, 2) || !take(text, ':') || !take_digits(text, 2, 2) ||
      !take(text, ':') || !take_digits(text, 2, 2)) {
    return false;
  }
  if (take(text, '.')) {
    text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
  }
  return is_zone(text);
}

}  // namespace

YamlScalarType YamlNode::scalar_type() const {
  if (kind == YamlKind::kNull) {
    return YamlScalarType::kNull;
  }
  if (kind != YamlKind::kScalar || !plain || !tag.empty()) {
    return YamlScalarType::kString;
  }
  if (is_null_word(text)) {  // A substituted value may be empty.
    return YamlScalarType::kNull;
  }
  if (is_bool(text)) {
    return YamlScalarType::kBool;
  }
  if (is_int(text)) {
    return YamlScalarType::kInt;
  }
  if (is_float(text)) {
    return YamlScalarType::kFloat;
  }
  return is_timestamp(text) ? YamlScalarType::kTimestamp : YamlScalarType::kString;
}

}  // namespace millrace::config
