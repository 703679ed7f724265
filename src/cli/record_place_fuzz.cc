#include "cli/record_place.h"

#include <cstdint>
#include <string_view>

#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  using namespace millrace::cli;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<RecordPlace> place = parse_place(text, 1'700'000'000'000);
  MR_ASSERT(place ? place->number >= 0 : !place.error().message().empty());
  return 0;
}
