#include "base/hash.h"

#include <bit>
#include <cstddef>

#include <xxhash.h>

#include "base/bytes.h"

namespace millrace {
namespace {

// The four words of SipHash's state.
struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }

  std::uint64_t finish(std::uint64_t& word, std::uint64_t mark) {
    word ^= mark;
    for (int i = 0; i < 4; ++i) {
      round();
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

// The last bytes of a message, fewer than a word, lowest byte first.
std::uint64_t load_tail(std::string_view tail) {
  std::uint64_t word = 0;
  for (std::size_t i = tail.size(); i > 0; --i) {
    word = (word << 8U) | static_cast<unsigned char>(tail[i - 1]);
  }
  return word;
}

}  // namespace

std::uint64_t xxh64(std::string_view bytes, std::uint64_t seed) {
  return XXH64(bytes.data(), bytes.size(), seed);
}

Hash128 siphash128(const Hash128& key, std::string_view bytes) {
  SipState state{.v0 = key.low ^ 0x736f6d6570736575,
                 .v1 = key.high ^ 0x646f72616e646f6d ^ 0xee,
                 .v2 = key.low ^ 0x6c7967656e657261,
                 .v3 = key.high ^ 0x7465646279746573};
  std::string_view rest = bytes;
  for (; rest.size() >= 8; rest.remove_prefix(8)) {
    state.absorb(load_le<std::uint64_t>(rest.data()));
  }
  state.absorb(load_tail(rest) | (static_cast<std::uint64_t>(bytes.size()) << 56U));
  Hash128 hash;
  hash.low = state.finish(state.v2, 0xee);
  hash.high = state.finish(state.v1, 0xdd);
  return hash;
}

std::uint32_t murmur2(std::string_view bytes) {
  constexpr std::uint32_t kFactor = 0x5bd1e995;
  std::uint32_t hash = 0x9747b28cU ^ static_cast<std::uint32_t>(bytes.size());
  std::string_view rest = bytes;
  for (; rest.size() >= 4; rest.remove_prefix(4)) {
    std::uint32_t word = load_le<std::uint32_t>(rest.data()) * kFactor;
    word ^= word >> 24U;
    hash = (hash * kFactor) ^ (word * kFactor);
  }
  if (!rest.empty()) {
    hash = (hash ^ static_cast<std::uint32_t>(load_tail(rest))) * kFactor;
  }
  hash = (hash ^ (hash >> 13U)) * kFactor;
  return hash ^ (hash >> 15U);
}

}  // namespace millrace
