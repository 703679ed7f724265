// Any text as startingOffsets: what is taken has offsets that a flow can begin at.
#include "plan/starting_offsets.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using millrace::plan::StartingOffsets;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto offsets = millrace::plan::parse_starting_offsets(text);
  if (!offsets) {
    return 0;
  }
  MR_ASSERT(offsets->all == StartingOffsets::kEarliest || offsets->all == StartingOffsets::kLatest);
  for (const auto& [topic, partitions] : offsets->partitions) {
    for (const auto& [number, offset] : partitions) {
      MR_ASSERT(number >= 0 && offset >= StartingOffsets::kEarliest, "{}", offset);
      MR_ASSERT(offsets->of(topic, number) == offset, "{}", topic);
    }
  }
  return 0;
}
