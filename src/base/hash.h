// Hashes that are fixed for ever, because their values reach disk, wire or users.
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace {

/// XXH64 (xxHash specification). Thread-safe.
std::uint64_t xxh64(std::string_view bytes, std::uint64_t seed = 0);

/// 128 bits; as bytes, `low` comes first and each half with its lowest byte first.
struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend bool operator==(const Hash128&, const Hash128&) = default;
};

/// SipHash-2-4 with 128 bits of output (Aumasson, Bernstein): a keyed hash. uuid() and rand() of a
/// flow are made of it. Thread-safe.
Hash128 siphash128(const Hash128& key, std::string_view bytes);

/// Kafka's default partitioner: 32-bit murmur2, seed 0x9747b28c. Thread-safe.
std::uint32_t murmur2(std::string_view bytes);

}  // namespace millrace
