// Any bytes as a format or a pattern: no crash.
#include "expr/java_format.h"

#include <array>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using millrace::expr::FormatArg;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::array<FormatArg, 4> args = {
      FormatArg{.value = millrace::expr::FormatInteger{.value = -5, .bits = 32}, .text = "-5"},
      FormatArg{.value = 12.345, .text = "12.345"},
      FormatArg{.value = std::string_view("é"), .text = "é"},
      FormatArg{.value = {}, .text = ""}};
  (void)millrace::expr::java_format(input, args);
  if (const auto pattern = millrace::expr::parse_number_pattern(input)) {
    (void)format_digits(millrace::expr::digits_of_decimal(-12345678, 3), *pattern);
  }
  return 0;
}
