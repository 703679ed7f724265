// Which seeds a test of thousands of them runs: its own, or those of MR_TEST_SEEDS=FIRST:COUNT, for
// runs of hours and for the one seed that failed.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace millrace {

struct TestSeeds {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

/// What the environment says, else `otherwise`. Thread-safe while nobody sets the environment.
inline TestSeeds test_seeds(TestSeeds otherwise) {
  const char* const text = std::getenv("MR_TEST_SEEDS");  // NOLINT(concurrency-mt-unsafe)
  const std::string_view seeds = text == nullptr ? std::string_view() : std::string_view(text);
  const char* const end = seeds.data() + seeds.size();
  TestSeeds chosen;
  const auto first = std::from_chars(seeds.data(), end, chosen.first);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ':') {
    return otherwise;
  }
  const auto count = std::from_chars(first.ptr + 1, end, chosen.count);
  return count.ec == std::errc() && count.ptr == end ? chosen : otherwise;
}

}  // namespace millrace
