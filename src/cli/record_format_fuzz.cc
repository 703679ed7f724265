#include "cli/record_format.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"

// Any template is refused or shows a record.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  using namespace millrace::cli;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<RecordFormat> format = RecordFormat::make(text, {.key = true, .headers = true});
  if (!format) {
    MR_ASSERT(!format.error().message().empty());
    return 0;
  }
  ShownRecord record{.topic = "t", .key = text, .value = text};
  record.headers.push_back({.key = text.substr(0, 3), .value = text});
  std::string out;
  format->append(record, out);
  format->append({}, out);
  return 0;
}
