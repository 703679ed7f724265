// The bits of KIP-430: what a client may do. Bit n is the operation with code n.
#pragma once

#include <cstdint>
#include <limits>

namespace millrace::broker {

/// Not asked for.
inline constexpr std::int32_t kOperationsUnknown = std::numeric_limits<std::int32_t>::min();
/// Create, alter, describe, cluster action, describe and alter configs, idempotent write.
inline constexpr std::int32_t kClusterOperations =
    1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12;
/// Read, write, create, delete, alter, describe, describe and alter configs.
inline constexpr std::int32_t kTopicOperations =
    1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11;
/// Read, delete, describe, describe and alter configs.
inline constexpr std::int32_t kGroupOperations = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;

}  // namespace millrace::broker
