// Any bytes as a format and a text: no crash, and what was read can be written.
#include "expr/number_format.h"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  const std::string_view text = line == std::string_view::npos ? "" : input.substr(line + 1);
  const auto format = millrace::expr::NumberFormat::parse(input.substr(0, line));
  if (!format) {
    return 0;
  }
  if (const auto value = format->read(text)) {
    (void)format->write(*value, format->scale());
  }
  return 0;
}
