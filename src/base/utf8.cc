#include "base/utf8.h"

#include "base/assert.h"
#include "base/bytes.h"

namespace millrace {
namespace {

constexpr char32_t kReplacement = 0xfffd;

// One step of decoding. When `ok` is false, `length` is that of the longest beginning of a code
// point (at least 1), which is what one U+FFFD stands for (Unicode 15, 3.9, table 3-8).
struct Step {
  char32_t point;
  std::size_t length;
  bool ok;
};

// What the first byte says: how many bytes follow, and the range of the second one, which shuts
// out overlong forms, surrogates and what is above U+10FFFF (Unicode 15, table 3-7).
struct Lead {
  std::size_t following;
  unsigned char second_min;
  unsigned char second_max;
};

Lead lead_of(unsigned char byte) {
  if (byte >= 0xc2 && byte <= 0xdf) {
    return {.following = 1, .second_min = 0x80, .second_max = 0xbf};
  }
  if (byte >= 0xe0 && byte <= 0xef) {
    return {.following = 2,
            .second_min = static_cast<unsigned char>(byte == 0xe0 ? 0xa0 : 0x80),
            .second_max = static_cast<unsigned char>(byte == 0xed ? 0x9f : 0xbf)};
  }
  if (byte >= 0xf0 && byte <= 0xf4) {
    return {.following = 3,
            .second_min = static_cast<unsigned char>(byte == 0xf0 ? 0x90 : 0x80),
            .second_max = static_cast<unsigned char>(byte == 0xf4 ? 0x8f : 0xbf)};
  }
  return {.following = 0, .second_min = 0, .second_max = 0};
}

Step decode(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) {
    return {.point = first, .length = 1, .ok = true};
  }
  const Lead lead = lead_of(first);
  if (lead.following == 0) {
    return {.point = kReplacement, .length = 1, .ok = false};
  }
  char32_t point = first & (0x3fU >> lead.following);
  for (std::size_t i = 1; i <= lead.following; ++i) {
    const unsigned byte = at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    const unsigned low = i == 1 ? lead.second_min : 0x80U;
    const unsigned high = i == 1 ? lead.second_max : 0xbfU;
    if (byte < low || byte > high) {
      return {.point = kReplacement, .length = i, .ok = false};
    }
    point = (point << 6U) | (byte & 0x3fU);
  }
  return {.point = point, .length = lead.following + 1, .ok = true};
}

// Moves over as much plain ASCII as comes in groups of eight.
std::size_t skip_ascii(std::string_view text, std::size_t at) {
  while (at + 8 <= text.size() &&
         (load_le<std::uint64_t>(text.data() + at) & 0x8080808080808080U) == 0) {
    at += 8;
  }
  return at;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t at = skip_ascii(text, 0); at < text.size(); at = skip_ascii(text, at)) {
    const Step step = decode(text, at);
    if (!step.ok) {
      return false;
    }
    at += step.length;
  }
  return true;
}

std::size_t utf8_length(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    const Step step = decode(text, at);
    at += step.ok ? step.length : 1;
  }
  return count;
}

void append_utf8(std::string& text, char32_t code_point) {
  MR_ASSERT(code_point <= 0x10ffff && (code_point < 0xd800 || code_point > 0xdfff),
            "U+{:04X} is no scalar value",
            static_cast<std::uint32_t>(code_point));
  const auto push = [&text](char32_t byte) {
    text += static_cast<char>(byte);
  };
  if (code_point < 0x80) {
    push(code_point);
    return;
  }
  if (code_point < 0x800) {
    push(0xc0U | (code_point >> 6U));
  } else {
    if (code_point < 0x10000) {
      push(0xe0U | (code_point >> 12U));
    } else {
      push(0xf0U | (code_point >> 18U));
      push(0x80U | ((code_point >> 12U) & 0x3fU));
    }
    push(0x80U | ((code_point >> 6U) & 0x3fU));
  }
  push(0x80U | (code_point & 0x3fU));
}

char32_t next_code_point(std::string_view text, std::size_t& at) {
  MR_ASSERT(at < text.size(), "position {} of {}", at, text.size());
  const Step step = decode(text, at);
  at += step.ok ? step.length : 1;
  return step.point;
}

std::string to_valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t plain = skip_ascii(text, at);
    valid.append(text, at, plain - at);
    at = plain;
    if (at == text.size()) {
      break;
    }
    const Step step = decode(text, at);
    if (step.ok) {
      valid.append(text, at, step.length);
    } else {
      append_utf8(valid, kReplacement);
    }
    at += step.length;
  }
  return valid;
}

}  // namespace millrace
