#include "format/detail/json_scan.h"

#include <array>

#include "format/json_tokenizer.h"

namespace millrace::format::detail {
namespace {

int hex_digit(char c) {
  if (is_ascii_digit(c)) {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Four digits at `at`; -1 when there are not four.
int hex_unit(const char* at, const char* end) {
  if (end - at < 4) {
    return -1;
  }
  int unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(at[i]);
    if (digit < 0) {
      return -1;
    }
    unit = unit * 16 + digit;
  }
  return unit;
}

char* put_utf8(char* out, unsigned point) {
  const auto put = [&](unsigned byte) {
    *out++ = static_cast<char>(byte);
  };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | (point >> 6U));
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | (point >> 12U));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | (point >> 18U));
    put(0x80U | ((point >> 12U) & 0x3FU));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
  return out;
}

// What a one-character escape means; 0 = none that strict JSON has.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> table{};
  table['"'] = '"';
  table['\\'] = '\\';
  table['/'] = '/';
  table['b'] = '\b';
  table['f'] = '\f';
  table['n'] = '\n';
  table['r'] = '\r';
  table['t'] = '\t';
  return table;
}();

}  // namespace

NumberKind classify_number(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto digits = [&] {
    const char* const from = at;
    while (at != end && is_ascii_digit(*at)) {
      ++at;
    }
    return at != from;
  };
  if (at != end && *at == '-') {
    ++at;
  }
  const char* const integral = at;
  if (!digits() || (*integral == '0' && at - integral > 1) ||
      text.size() > JsonTokenizer::kNumberMax) {
    return NumberKind::kNone;
  }
  if (at == end) {
    return NumberKind::kInteger;
  }
  if (*at == '.') {
    ++at;
    if (!digits()) {
      return NumberKind::kNone;
    }
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) {
      ++at;
    }
    if (!digits()) {
      return NumberKind::kNone;
    }
  }
  return at == end ? NumberKind::kFloat : NumberKind::kNone;
}

char* unescape(std::string_view text, char* out) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    const auto* slash =
        static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)));
    const char* const plain_end = slash == nullptr ? end : slash;
    std::memcpy(out, at, static_cast<std::size_t>(plain_end - at));
    out += plain_end - at;
    if (slash == nullptr) {
      return out;
    }
    at = slash + 1;
    if (at == end) {
      return nullptr;
    }
    if (*at != 'u') {
      const char plain = kEscapes[static_cast<unsigned char>(*at)];
      if (plain == '\0') {
        return nullptr;
      }
      *out++ = plain;
      ++at;
      continue;
    }
    const int unit = hex_unit(at + 1, end);
    if (unit < 0) {
      return nullptr;
    }
    at += 5;
    if ((unit & 0xF800) != 0xD800) {
      out = put_utf8(out, static_cast<unsigned>(unit));
      continue;
    }
    const bool pair = unit < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u';
    const int low = pair ? hex_unit(at + 2, end) : 0;
    if (low >= 0xDC00 && low < 0xE000) {
      out = put_utf8(out,
                     0x10000U + ((static_cast<unsigned>(unit) - 0xD800U) << 10U) +
                         (static_cast<unsigned>(low) - 0xDC00U));
      at += 6;
    } else {
      *out++ = '?';
    }
  }
}

}  // namespace millrace::format::detail
