#include "format/json_tokenizer.h"

#include <array>
#include <cmath>

#include "base/ascii.h"
#include "base/utf8.h"
#include "data/number_text.h"

namespace millrace::format {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_ascii_digit(c) || c == '_' ||
         c == '$' || c == '-' || c == '@' || c == '#' || c == '*' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool is_high_surrogate(char32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}

bool is_low_surrogate(char32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

// The character that a simple escape stands for, or '\0'.
char simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

double number_value(std::string_view number) {
  if (number == "NaN") {
    return std::nan("");
  }
  if (const std::size_t mark = number.find('I'); mark != std::string_view::npos) {
    return number[0] == '-' ? -HUGE_VAL : HUGE_VAL;
  }
  return data::json_number_to_double(number);
}

}  // namespace

JsonToken JsonTokenizer::next() {
  if (token_ != JsonToken::kError) {
    token_ = read();
  }
  return token_;
}

JsonToken JsonTokenizer::read() {
  if (state_ == State::kDone) {
    return JsonToken::kEnd;
  }
  if (!skip_space()) {
    return JsonToken::kError;
  }
  if (at_ == text_.size()) {
    return objects_.empty() && state_ == State::kValue ? JsonToken::kEnd : JsonToken::kError;
  }
  if (state_ == State::kAfterName) {
    if (text_[at_] != ':') {
      return JsonToken::kError;
    }
    ++at_;
    if (!skip_space() || at_ == text_.size()) {
      return JsonToken::kError;
    }
    return read_value();
  }
  if (objects_.empty()) {
    return read_value();
  }
  const bool in_object = objects_.back();
  if (text_[at_] == (in_object ? '}' : ']')) {
    return close(in_object);
  }
  if (state_ == State::kAfterValue) {
    if (text_[at_] != ',') {
      return JsonToken::kError;
    }
    ++at_;
    if (!skip_space() || at_ == text_.size()) {
      return JsonToken::kError;
    }
  }
  return in_object ? read_name() : read_value();
}

JsonToken JsonTokenizer::read_value() {
  const char c = text_[at_];
  if (c == '{' || c == '[') {
    return open(c == '{');
  }
  if (c == '"' || (c == '\'' && options_.allow_single_quotes)) {
    return value_done(read_string(c));
  }
  if (c == '-' || is_ascii_digit(c)) {
    return value_done(read_number());
  }
  return value_done(read_word());
}

JsonToken JsonTokenizer::value_done(JsonToken token) {
  state_ = objects_.empty() ? State::kDone : State::kAfterValue;
  return token;
}

JsonToken JsonTokenizer::open(bool object) {
  if (objects_.size() >= kDepthMax) {
    return JsonToken::kError;
  }
  ++at_;
  objects_.push_back(object);
  state_ = State::kFirstInContainer;
  return object ? JsonToken::kObjectBegin : JsonToken::kArrayBegin;
}

JsonToken JsonTokenizer::close(bool object) {
  ++at_;
  objects_.pop_back();
  return value_done(object ? JsonToken::kObjectEnd : JsonToken::kArrayEnd);
}

JsonToken JsonTokenizer::read_name() {
  const char c = text_[at_];
  state_ = State::kAfterName;
  if (c == '"' || (c == '\'' && options_.allow_single_quotes)) {
    return read_string(c) == JsonToken::kString ? JsonToken::kName : JsonToken::kError;
  }
  const std::size_t begin = at_;
  while (options_.allow_unquoted_field_names && at_ < text_.size() &&
         is_name_character(text_[at_])) {
    ++at_;
  }
  value_ = text_.substr(begin, at_ - begin);
  return value_.empty() || is_ascii_digit(value_[0]) ? JsonToken::kError : JsonToken::kName;
}

JsonToken JsonTokenizer::read_string(char quote) {
  ++at_;
  const std::size_t begin = at_;
  bool escaped = false;
  buffer_.clear();
  std::size_t plain = begin;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == quote) {
      if (escaped) {
        buffer_.append(text_.substr(plain, at_ - plain));
        value_ = buffer_;
      } else {
        value_ = text_.substr(begin, at_ - begin);
      }
      ++at_;
      return JsonToken::kString;
    }
    if (c == '\\') {
      escaped = true;
      buffer_.append(text_.substr(plain, at_ - plain));
      ++at_;
      if (!read_escape()) {
        return JsonToken::kError;
      }
      plain = at_;
      continue;
    }
    if (static_cast<unsigned char>(c) < 0x20 && !options_.allow_unquoted_control_chars) {
      return JsonToken::kError;
    }
    ++at_;
  }
  return JsonToken::kError;
}

// Behind the backslash.
bool JsonTokenizer::read_escape() {
  if (at_ == text_.size()) {
    return false;
  }
  const char c = text_[at_];
  ++at_;
  if (c == 'u') {
    return read_unicode();
  }
  if (const char plain = simple_escape(c); plain != '\0') {
    buffer_ += plain;
    return true;
  }
  if (c == '\'' && options_.allow_single_quotes) {
    buffer_ += c;
    return true;
  }
  if (options_.allow_backslash_escaping_any_character) {
    --at_;
    std::size_t next = at_;
    append_utf8(buffer_, next_code_point(text_, next));
    at_ = next;
    return true;
  }
  return false;
}

// A surrogate without its partner becomes '?', as in Java's UTF-8.
bool JsonTokenizer::read_unicode() {
  char32_t unit = 0;
  if (!read_hex(unit)) {
    return false;
  }
  if (is_high_surrogate(unit) && text_.substr(at_, 2) == "\\u") {
    const std::size_t before = at_;
    at_ += 2;
    char32_t low = 0;
    if (!read_hex(low)) {
      return false;
    }
    if (is_low_surrogate(low)) {
      append_utf8(buffer_, 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00));
      return true;
    }
    at_ = before;
  }
  if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
    buffer_ += '?';
  } else {
    append_utf8(buffer_, unit);
  }
  return true;
}

bool JsonTokenizer::read_hex(char32_t& unit) {
  if (text_.size() - at_ < 4) {
    return false;
  }
  unit = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text_[at_];
    ++at_;
    unit <<= 4U;
    if (is_ascii_digit(c)) {
      unit += static_cast<char32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      unit += static_cast<char32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      unit += static_cast<char32_t>(c - 'A' + 10);
    } else {
      return false;
    }
  }
  return true;
}

JsonToken JsonTokenizer::read_number() {
  const std::size_t begin = at_;
  const auto digits = [this] {
    const std::size_t from = at_;
    while (at_ < text_.size() && is_ascii_digit(text_[at_])) {
      ++at_;
    }
    return at_ - from;
  };
  if (text_[at_] == '-') {
    ++at_;
    if (at_ < text_.size() && text_[at_] == 'I') {
      --at_;
      return read_word();
    }
  }
  const std::size_t integral = at_;
  const std::size_t count = digits();
  if (count == 0) {
    return JsonToken::kError;
  }
  if (count > 1 && text_[integral] == '0') {
    if (!options_.allow_numeric_leading_zeros) {
      return JsonToken::kError;
    }
  }
  bool is_float = false;
  if (at_ < text_.size() && text_[at_] == '.') {
    is_float = true;
    ++at_;
    if (digits() == 0) {
      return JsonToken::kError;
    }
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    is_float = true;
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) {
      ++at_;
    }
    if (digits() == 0) {
      return JsonToken::kError;
    }
  }
  value_ = text_.substr(begin, at_ - begin);
  if (value_.size() > kNumberMax) {
    return JsonToken::kError;
  }
  if (count > 1 && text_[integral] == '0') {
    // Leading zeros mean nothing; the value is the number without them.
    std::size_t zeros = 0;
    while (zeros + 1 < count && text_[integral + zeros] == '0') {
      ++zeros;
    }
    buffer_ = integral > begin ? "-" : "";
    buffer_ += text_.substr(integral + zeros, at_ - integral - zeros);
    value_ = buffer_;
  }
  return is_float ? JsonToken::kFloat : JsonToken::kInteger;
}

JsonToken JsonTokenizer::read_word() {
  struct Word {
    std::string_view text;
    JsonToken token;
    bool number;
  };

  static constexpr std::array<Word, 8> kWords{{
      {.text = "true", .token = JsonToken::kTrue, .number = false},
      {.text = "false", .token = JsonToken::kFalse, .number = false},
      {.text = "null", .token = JsonToken::kNull, .number = false},
      {.text = "NaN", .token = JsonToken::kFloat, .number = true},
      {.text = "Infinity", .token = JsonToken::kFloat, .number = true},
      {.text = "-Infinity", .token = JsonToken::kFloat, .number = true},
      {.text = "-INF", .token = JsonToken::kFloat, .number = true},
      {.text = "+INF", .token = JsonToken::kFloat, .number = true},
  }};
  std::size_t end = at_;
  while (end < text_.size() && (is_name_character(text_[end]) || text_[end] == '+')) {
    ++end;
  }
  std::string_view found = text_.substr(at_, end - at_);
  if (found == "+Infinity") {
    found.remove_prefix(1);
  }
  for (const Word& word : kWords) {
    if (found == word.text && (!word.number || options_.allow_non_numeric_numbers)) {
      at_ = end;
      value_ = word.text;
      return word.token;
    }
  }
  return JsonToken::kError;
}

bool JsonTokenizer::skip_space() {
  while (at_ < text_.size()) {
    if (is_json_space(text_[at_])) {
      ++at_;
    } else if (text_[at_] == '/' && options_.allow_comments) {
      if (!skip_comment()) {
        return false;
      }
    } else {
      return true;
    }
  }
  return true;
}

bool JsonTokenizer::skip_comment() {
  const std::string_view opening = text_.substr(at_, 2);
  if (opening == "//") {
    const std::size_t end = text_.find_first_of("\r\n", at_);
    at_ = end == std::string_view::npos ? text_.size() : end;
    return true;
  }
  const std::size_t end = opening == "/*" ? text_.find("*/", at_ + 2) : std::string_view::npos;
  if (end == std::string_view::npos) {
    return false;
  }
  at_ = end + 2;
  return true;
}

bool JsonTokenizer::skip_children() {
  if (token_ != JsonToken::kObjectBegin && token_ != JsonToken::kArrayBegin) {
    return token_ != JsonToken::kError;
  }
  const std::size_t depth = objects_.size();
  while (objects_.size() >= depth) {
    if (next() == JsonToken::kError) {
      return false;
    }
  }
  return true;
}

bool JsonTokenizer::copy_structure(std::string& out, FloatCopy floats) {
  const std::size_t outside =
      objects_.size() -
      (token_ == JsonToken::kObjectBegin || token_ == JsonToken::kArrayBegin ? 1 : 0);
  bool separate = false;
  while (true) {
    const bool ends = token_ == JsonToken::kObjectEnd || token_ == JsonToken::kArrayEnd;
    if (separate && !ends) {
      out += ',';
    }
    separate = true;
    switch (token_) {
      case JsonToken::kObjectBegin:
      case JsonToken::kArrayBegin:
        out += token_ == JsonToken::kObjectBegin ? '{' : '[';
        separate = false;
        break;
      case JsonToken::kObjectEnd:
        out += '}';
        break;
      case JsonToken::kArrayEnd:
        out += ']';
        break;
      case JsonToken::kName:
        append_jackson_string(out, value_);
        out += ':';
        separate = false;
        break;
      case JsonToken::kString:
        append_jackson_string(out, value_);
        break;
      case JsonToken::kInteger:
      case JsonToken::kFloat:
        append_jackson_number(
            out, value_, token_ == JsonToken::kFloat && floats == FloatCopy::kAsJava);
        break;
      case JsonToken::kTrue:
        out += "true";
        break;
      case JsonToken::kFalse:
        out += "false";
        break;
      case JsonToken::kNull:
        out += "null";
        break;
      case JsonToken::kEnd:
      case JsonToken::kError:
        return false;
    }
    if (objects_.size() == outside && token_ != JsonToken::kName) {
      return true;
    }
    next();
  }
}

void append_jackson_string(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  out += '"';
  std::size_t plain = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= 0x20 && c != '"' && c != '\\') {
      continue;
    }
    out.append(text.substr(plain, at - plain));
    plain = at + 1;
    out += '\\';
    switch (c) {
      case '"':
      case '\\':
        out += text[at];
        break;
      case '\b':
        out += 'b';
        break;
      case '\f':
        out += 'f';
        break;
      case '\n':
        out += 'n';
        break;
      case '\r':
        out += 'r';
        break;
      case '\t':
        out += 't';
        break;
      default:
        out += "u00";
        out += kDigits[c >> 4U];
        out += kDigits[c & 15U];
    }
  }
  out.append(text.substr(plain));
  out += '"';
}

void append_jackson_number(std::string& out, std::string_view number, bool is_float) {
  if (!is_float) {
    out += number == "-0" ? std::string_view("0") : number;
    return;
  }
  const double value = number_value(number);
  const bool quoted = !std::isfinite(value);
  out += quoted ? "\"" : "";
  data::append_double(out, value);
  out += quoted ? "\"" : "";
}

}  // namespace millrace::format
