// The order in which Java's HashMap gives texts: Kafka's tools print some lists in it, and scripts
// compare their output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::cli {

/// String.hashCode(). REQUIRES: ASCII (Kafka's names are)
std::int32_t java_hash(std::string_view text);

/// Positions of `names` in the order of a HashMap that they were put into one by one. `capacity` is
/// what it was made with (16 by default).
std::vector<std::size_t> java_map_order(std::span<const std::string> names,
                                        std::size_t capacity = 16);

}  // namespace millrace::cli
