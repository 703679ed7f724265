#include "expr/encoding_text.h"

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/utf8.h"
#include "expr/unicode_case.h"

namespace millrace::expr {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') {
    return c - 'A';
  }
  if (c >= 'a' && c <= 'z') {
    return c - 'a' + 26;
  }
  if (c >= '0' && c <= '9') {
    return c - '0' + 52;
  }
  if (c == '+') {
    return 62;
  }
  return c == '/' ? 63 : -1;
}

template <class T>
void append_unit(std::string& out, T unit, bool little) {
  ByteWriter writer(out);
  if (little) {
    writer.le(unit);
  } else {
    writer.be(unit);
  }
}

void append_utf16(std::string& out, char32_t code_point, bool little) {
  if (code_point < 0x10000) {
    append_unit(out, static_cast<std::uint16_t>(code_point), little);
    return;
  }
  const char32_t rest = code_point - 0x10000;
  append_unit(out, static_cast<std::uint16_t>(0xD800 + (rest >> 10)), little);
  append_unit(out, static_cast<std::uint16_t>(0xDC00 + (rest & 0x3FF)), little);
}

std::optional<std::string> decode_utf16(std::string_view bytes, bool little) {
  if (bytes.size() % 2 != 0) {
    return std::nullopt;
  }
  const auto unit = [&](std::size_t at) -> char32_t {
    return little ? load_le<std::uint16_t>(bytes.data() + at)
                  : load_be<std::uint16_t>(bytes.data() + at);
  };
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    char32_t code_point = unit(at);
    if (code_point >= 0xD800 && code_point < 0xE000) {
      at += 2;
      if (code_point >= 0xDC00 || at >= bytes.size()) {
        return std::nullopt;
      }
      const char32_t low = unit(at);
      if (low < 0xDC00 || low >= 0xE000) {
        return std::nullopt;
      }
      code_point = 0x10000 + ((code_point - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, code_point);
  }
  return out;
}

// With a byte order mark, else big-endian.
std::optional<std::string> decode_marked_utf16(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) {
    return decode_utf16(bytes.substr(2), /*little=*/true);
  }
  return decode_utf16(bytes.starts_with("\xFE\xFF") ? bytes.substr(2) : bytes, /*little=*/false);
}

std::optional<std::string> decode_utf32(std::string_view bytes) {
  if (bytes.size() % 4 != 0) {
    return std::nullopt;
  }
  const bool little = bytes.starts_with(std::string_view("\xFF\xFE\0\0", 4));
  if (little || bytes.starts_with(std::string_view("\0\0\xFE\xFF", 4))) {
    bytes.remove_prefix(4);
  }
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    const char32_t code_point = little ? load_le<std::uint32_t>(bytes.data() + at)
                                       : load_be<std::uint32_t>(bytes.data() + at);
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point < 0xE000)) {
      return std::nullopt;
    }
    append_utf8(out, code_point);
  }
  return out;
}

// The code points of the text, none above `last`.
std::optional<std::string> encode_single_bytes(std::string_view text, char32_t last) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code_point = next_code_point(text, at);
    if (code_point > last) {
      return std::nullopt;
    }
    out.push_back(static_cast<char>(code_point));
  }
  return out;
}

std::string encode_wide(std::string_view text, Charset charset) {
  std::string out;
  if (charset == Charset::kUtf16) {
    out = "\xFE\xFF";
  }
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code_point = next_code_point(text, at);
    if (charset == Charset::kUtf32) {
      append_unit(out, static_cast<std::uint32_t>(code_point), /*little=*/false);
    } else {
      append_utf16(out, code_point, charset == Charset::kUtf16Le);
    }
  }
  return out;
}

}  // namespace

std::string upper_hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 0xFU]);
  }
  return out;
}

std::optional<std::string> bytes_of_hex(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 2 + 1);
  std::size_t at = 0;
  if (text.size() % 2 != 0) {
    const int digit = hex_digit(text[0]);
    if (digit < 0) {
      return std::nullopt;
    }
    out.push_back(static_cast<char>(digit));
    at = 1;
  }
  for (; at < text.size(); at += 2) {
    const int high = hex_digit(text[at]);
    const int low = hex_digit(text[at + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

std::optional<std::string> bytes_of_mime_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int digits = 0;
  for (const char c : text) {
    if (c == '=') {
      break;
    }
    const int digit = base64_digit(c);
    if (digit < 0) {
      continue;
    }
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    if (++digits == 4) {
      out.push_back(static_cast<char>(bits >> 16U));
      out.push_back(static_cast<char>(bits >> 8U));
      out.push_back(static_cast<char>(bits));
      digits = 0;
      bits = 0;
    }
  }
  if (digits == 1) {
    return std::nullopt;
  }
  if (digits == 2) {
    out.push_back(static_cast<char>(bits >> 4U));
  } else if (digits == 3) {
    out.push_back(static_cast<char>(bits >> 10U));
    out.push_back(static_cast<char>(bits >> 2U));
  }
  return out;
}

std::optional<Charset> charset_of(std::string_view name) {
  struct Named {
    std::string_view name;
    Charset charset;
  };

  static constexpr std::array<Named, 9> kNames = {{{"US-ASCII", Charset::kAscii},
                                                   {"ISO-8859-1", Charset::kLatin1},
                                                   {"UTF-8", Charset::kUtf8},
                                                   {"UTF8", Charset::kUtf8},
                                                   {"UTF-16", Charset::kUtf16},
                                                   {"UTF-16BE", Charset::kUtf16Be},
                                                   {"UTF-16LE", Charset::kUtf16Le},
                                                   {"UTF-32", Charset::kUtf32},
                                                   {"UTF-32BE", Charset::kUtf32}}};
  const std::string upper = upper_text(name);
  for (const Named& named : kNames) {
    if (named.name == upper) {
      return named.charset;
    }
  }
  return std::nullopt;
}

std::optional<std::string> encode_text(std::string_view text, Charset charset) {
  switch (charset) {
    case Charset::kAscii:
      return encode_single_bytes(text, 0x7F);
    case Charset::kLatin1:
      return encode_single_bytes(text, 0xFF);
    case Charset::kUtf8:
      return std::string(text);
    case Charset::kUtf16:
    case Charset::kUtf16Be:
    case Charset::kUtf16Le:
    case Charset::kUtf32:
      break;
  }
  return encode_wide(text, charset);
}

std::optional<std::string> decode_text(std::string_view bytes, Charset charset) {
  switch (charset) {
    case Charset::kAscii:
      return is_ascii_text(bytes) ? std::optional<std::string>(bytes) : std::nullopt;
    case Charset::kLatin1: {
      std::string out;
      for (const char c : bytes) {
        append_utf8(out, static_cast<unsigned char>(c));
      }
      return out;
    }
    case Charset::kUtf8:
      return is_valid_utf8(bytes) ? std::optional<std::string>(bytes) : std::nullopt;
    case Charset::kUtf16:
      return decode_marked_utf16(bytes);
    case Charset::kUtf16Be:
      return decode_utf16(bytes, /*little=*/false);
    case Charset::kUtf16Le:
      return decode_utf16(bytes, /*little=*/true);
    case Charset::kUtf32:
      break;
  }
  return decode_utf32(bytes);
}

}  // namespace millrace::expr
