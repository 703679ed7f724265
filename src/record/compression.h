// The codecs of Kafka's record batches: only the records are compressed, as one block.
//
//   gzip    RFC 1952, one member or several
//   snappy  written as the Java client does (xerial: magic, two versions, blocks of length and raw
//           snappy); read also raw, as C clients write it
//   lz4     the LZ4 frame format, independent blocks of 64 KiB
//   zstd    a zstd frame
//
// What comes from outside may be a bomb: a few bytes that become gigabytes. Each decoder stops at
// its limit, before it has taken more memory than that.
//
// Tested by compression_test.cc and compression_fuzz.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace::record {

/// Bits 0-2 of a batch's attributes.
enum class Compression : std::uint8_t {
  kNone = 0,
  kGzip = 1,
  kSnappy = 2,
  kLz4 = 3,
  kZstd = 4
};

std::string_view to_string(Compression compression);

/// What one batch may become, by default.
inline constexpr std::size_t kDecompressedBytesMax = 128U << 20;

/// The codec's own default level.
inline constexpr int kDefaultLevel = -1'000'000;

/// kCorruption: not what the codec writes, or cut off, or followed by something else. kExhausted:
/// it would become more than `bytes_max`. Thread-safe.
Result<std::string> decompress(Compression compression,
                               std::string_view bytes,
                               std::size_t bytes_max = kDecompressedBytesMax);

/// kInvalidArgument: the level is not one of the codec. Thread-safe.
Result<std::string> compress(Compression compression,
                             std::string_view bytes,
                             int level = kDefaultLevel);

}  // namespace millrace::record
