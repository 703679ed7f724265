#include "cli/java_properties.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/utf8.h"

namespace millrace::cli {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\f';
}

std::string_view skip_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  return text;
}

// A line ends in an odd number of backslashes: it goes on.
bool goes_on(std::string_view line) {
  std::size_t count = 0;
  while (count < line.size() && line[line.size() - 1 - count] == '\\') {
    ++count;
  }
  return count % 2 == 1;
}

// Takes lines with the number of the first of them, comments and empty lines left out.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool next(std::string& logical, int& number) {
    while (!rest_.empty()) {
      std::string_view line = skip_blanks(take());
      number = number_;
      if (line.empty() || line.front() == '#' || line.front() == '!') {
        continue;
      }
      logical.clear();
      while (goes_on(line)) {
        logical += line.substr(0, line.size() - 1);
        if (rest_.empty()) {
          return true;
        }
        line = skip_blanks(take());
      }
      logical += line;
      return true;
    }
    return false;
  }

 private:
  std::string_view take() {
    ++number_;
    const std::size_t end = std::min(rest_.find_first_of("\r\n"), rest_.size());
    const std::string_view line = rest_.substr(0, end);
    const bool two = rest_.substr(end).starts_with("\r\n");
    rest_.remove_prefix(std::min(end + (two ? 2U : 1U), rest_.size()));
    return line;
  }

  std::string_view rest_;
  int number_ = 0;
};

std::optional<char32_t> four_digits(std::string_view text) {
  if (text.size() < 4) {
    return std::nullopt;
  }
  char32_t value = 0;
  for (const char c : text.substr(0, 4)) {
    const bool digit = c >= '0' && c <= '9';
    const char lower = static_cast<char>(c | 0x20);
    if (!digit && (lower < 'a' || lower > 'f')) {
      return std::nullopt;
    }
    value = value * 16 + static_cast<char32_t>(digit ? c - '0' : lower - 'a' + 10);
  }
  return value;
}

bool is_surrogate(char32_t unit, char32_t first) {
  return unit >= first && unit < first + 0x400;
}

// Takes \uXXXX, both halves of a surrogate pair; `text` begins after the u.
bool take_unicode(std::string_view& text, std::string& out) {
  const std::optional<char32_t> unit = four_digits(text);
  if (!unit) {
    return false;
  }
  text.remove_prefix(4);
  char32_t point = *unit;
  if (is_surrogate(point, 0xD800) && text.starts_with("\\u")) {
    const std::optional<char32_t> low = four_digits(text.substr(2));
    if (low && is_surrogate(*low, 0xDC00)) {
      point = 0x10000 + ((point - 0xD800) << 10U) + (*low - 0xDC00);
      text.remove_prefix(6);
    }
  }
  append_utf8(out, point >= 0xD800 && point < 0xE000 ? 0xFFFD : point);
  return true;
}

// False when a \u has no four digits after it.
bool unescape_java(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c != '\\' || text.empty()) {
      out += c;
      continue;
    }
    const char escaped = text.front();
    text.remove_prefix(1);
    switch (escaped) {
      case 't':
        out += '\t';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 'f':
        out += '\f';
        break;
      case 'u':
        if (!take_unicode(text, out)) {
          return false;
        }
        break;
      default:
        out += escaped;
    }
  }
  return true;
}

// Where the key ends: at the first blank, "=" or ":" that has no backslash before it.
std::size_t key_end(std::string_view line) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '\\') {
      ++at;
    } else if (is_blank(line[at]) || line[at] == '=' || line[at] == ':') {
      return at;
    }
  }
  return line.size();
}

}  // namespace

Result<Properties> parse_java_properties(std::string_view text) {
  if (text.size() > kPropertiesBytesMax) {
    return Error(ErrorCode::kExhausted,
                 fmt::format("a properties file has at most {} bytes", kPropertiesBytesMax));
  }
  Properties properties;
  Lines lines(text);
  std::string line;
  int number = 0;
  while (lines.next(line, number)) {
    const std::size_t end = key_end(line);
    std::string_view rest = skip_blanks(std::string_view(line).substr(end));
    if (!rest.empty() && (rest.front() == '=' || rest.front() == ':')) {
      rest = skip_blanks(rest.substr(1));
    }
    std::string key;
    std::string value;
    if (!unescape_java(std::string_view(line).substr(0, end), key) || !unescape_java(rest, value)) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("line {}: \\u needs four hexadecimal digits", number));
    }
    properties[key] = std::move(value);
  }
  return properties;
}

}  // namespace millrace::cli
