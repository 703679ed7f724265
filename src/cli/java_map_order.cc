#include "cli/java_map_order.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace millrace::cli {

std::int32_t java_hash(std::string_view text) {
  std::uint32_t hash = 0;
  for (const char c : text) {
    hash = hash * 31 + static_cast<unsigned char>(c);
  }
  return static_cast<std::int32_t>(hash);
}

std::vector<std::size_t> java_map_order(std::span<const std::string> names, std::size_t capacity) {
  std::size_t buckets = std::bit_ceil(std::max<std::size_t>(capacity, 1));
  while (names.size() * 4 > buckets * 3) {
    buckets *= 2;
  }
  const auto bucket = [&](std::size_t index) {
    const auto hash = static_cast<std::uint32_t>(java_hash(names[index]));
    return (hash ^ (hash >> 16U)) & (buckets - 1);
  };
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, bucket);
  return order;
}

}  // namespace millrace::cli
