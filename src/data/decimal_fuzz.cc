// Text that parse_decimal takes has to print as a text that gives the same value again.
#include "data/decimal.h"

#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "data/number_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  if (size < 1) {
    return 0;
  }
  const int scale = data[0] % (data::kMaxDecimalPrecision + 1);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Int128 value = 0;
  if (data::parse_decimal(text, data::kMaxDecimalPrecision, scale, value) ==
      data::DecimalText::kOk) {
    Int128 again = 0;
    const std::string printed = data::decimal_to_string(value, scale);
    const auto outcome = data::parse_decimal(printed, data::kMaxDecimalPrecision, scale, again);
    MR_ASSERT(outcome == data::DecimalText::kOk && again == value, "{}", printed);
  }
  if (const auto number = data::parse_double(text)) {
    const auto again = data::parse_double(data::double_to_string(*number));
    MR_ASSERT(again && (*again == *number || *number != *number), "{}", *number);
  }
  (void)data::parse_float(text);
  (void)data::parse_integer(text);
  (void)data::decimal_literal_type(text);
  return 0;
}
