#include "base/json_text.h"

#include <cstddef>

#include "base/utf8.h"

namespace millrace {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

void append_escaped_unit(std::string& out, char32_t unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) {
    out += kDigits[(unit >> static_cast<unsigned>(shift)) & 15U];
  }
}

// The short form of a character that has one, else '\0'.
char short_escape(char character) {
  switch (character) {
    case '"':
    case '\\':
      return character;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return '\0';
  }
}

bool append_if_short(std::string& out, char character) {
  const char escape = short_escape(character);
  if (escape == '\0') {
    return false;
  }
  out += '\\';
  out += escape;
  return true;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  std::string mended;
  if (!is_valid_utf8(text)) {
    mended = to_valid_utf8(text);
    text = mended;
  }
  out += '"';
  std::size_t plain = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') {
      continue;
    }
    out.append(text, plain, at - plain);
    plain = at + 1;
    if (!append_if_short(out, text[at])) {
      append_escaped_unit(out, byte);
    }
  }
  out.append(text, plain);
  out += '"';
}

void append_json_string_ascii(std::string& out, std::string_view text) {
  std::string mended;
  if (!is_valid_utf8(text)) {
    mended = to_valid_utf8(text);
    text = mended;
  }
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const char32_t point = next_code_point(text, at);
    if (point < 0x80 && append_if_short(out, static_cast<char>(point))) {
      continue;
    }
    if (point >= 0x20 && point <= 0x7e) {
      out += static_cast<char>(point);
    } else if (point < 0x10000) {
      append_escaped_unit(out, point);
    } else {
      append_escaped_unit(out, 0xd800 + ((point - 0x10000) >> 10U));
      append_escaped_unit(out, 0xdc00 + ((point - 0x10000) & 0x3ffU));
    }
  }
  out += '"';
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace millrace
