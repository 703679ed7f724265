// CRC-32C (Castagnoli), as Kafka's record batches and our frames use it. SSE4.2 where the machine
// has it, else a table; both are compared in the test.
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace {

/// The checksum of `bytes`, going on from `crc` (0 at the start). Thread-safe.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

/// The same by table, one byte at a time: the reference that the fast one is compared with.
std::uint32_t crc32c_naive(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace millrace
