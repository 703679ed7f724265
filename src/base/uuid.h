// 128-bit identifiers.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

class Random;

/// Sixteen bytes, high half first, as on Kafka's wire; all zero = none. Immutable.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;

  [[nodiscard]] bool is_none() const { return *this == Uuid{}; }

  /// Version 4 (RFC 4122) from random bits.
  static Uuid random(Random& random);
  /// Version 4 made of 128 given bits: the bits of version and variant are overwritten.
  static Uuid from_bits(std::uint64_t high, std::uint64_t low);
  /// "xxxxxxxx-xxxx-…", any case; nothing when it is no such text.
  static std::optional<Uuid> parse(std::string_view text);

  /// 36 characters, lower case.
  [[nodiscard]] std::string to_string() const;
  /// Kafka's text form: URL-safe base64 without padding, 22 characters.
  [[nodiscard]] std::string to_base64() const;
};

}  // namespace millrace
