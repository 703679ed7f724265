#include "base/uuid.h"

#include "base/bytes.h"
#include "base/random.h"

namespace millrace {
namespace {

std::string_view as_text(const Uuid& uuid) {
  return {reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()};
}

}  // namespace

Uuid Uuid::random(Random& random) {
  const std::uint64_t high = random.next();
  return from_bits(high, random.next());
}

Uuid Uuid::from_bits(std::uint64_t high, std::uint64_t low) {
  Uuid uuid;
  store_be(uuid.bytes.data(), high);
  store_be(uuid.bytes.data() + 8, low);
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0fU) | 0x40U);
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3fU) | 0x80U);
  return uuid;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) {
    return std::nullopt;
  }
  std::string digits;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
    if (dash != (text[at] == '-')) {
      return std::nullopt;
    }
    if (!dash) {
      digits += text[at];
    }
  }
  const std::optional<std::string> raw = from_hex(digits);
  if (!raw) {
    return std::nullopt;
  }
  Uuid uuid;
  std::memcpy(uuid.bytes.data(), raw->data(), uuid.bytes.size());
  return uuid;
}

std::string Uuid::to_string() const {
  std::string text = to_hex(as_text(*this));
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) {
    text.insert(dash, 1, '-');
  }
  return text;
}

std::string Uuid::to_base64() const {
  std::string text = millrace::to_base64(as_text(*this));
  text.resize(22);
  for (char& c : text) {
    if (c == '+') {
      c = '-';
    } else if (c == '/') {
      c = '_';
    }
  }
  return text;
}

}  // namespace millrace
