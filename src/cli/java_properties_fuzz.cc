#include "cli/java_properties.h"

#include <cstdint>
#include <string_view>

#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  using namespace millrace::cli;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<Properties> properties = parse_java_properties(text);
  MR_ASSERT(properties ? properties->size() <= size + 1 : !properties.error().message().empty());
  return 0;
}
