#include "cli/reset_offsets.h"

#include <cstdint>
#include <string_view>

#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  using namespace millrace::cli;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto plan = parse_reset_plan(text, "group");
  MR_ASSERT(plan ? plan->size() <= size : !plan.error().message().empty());
  static_cast<void>(parse_iso_duration_ms(text));
  return 0;
}
