// What a datetime parser takes has to print as a text that gives the same value again.
#include "data/datetime.h"

#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "data/interval.h"
#include "data/zone.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto days = data::parse_date(text)) {
    MR_ASSERT(data::parse_date(data::date_to_string(*days)) == days, "{}", *days);
  }
  if (const auto micros = data::parse_timestamp(text, data::Zone(), 19000)) {
    const std::string printed = data::timestamp_ntz_to_string(*micros);
    MR_ASSERT(data::parse_timestamp(printed, data::Zone()) == micros, "{}", printed);
  }
  if (const auto micros = data::parse_time(text)) {
    MR_ASSERT(data::parse_time(data::time_to_string(*micros)) == micros, "{}", *micros);
  }
  if (const auto interval = data::parse_calendar_interval(text)) {
    const std::string printed = data::calendar_interval_to_string(*interval);
    MR_ASSERT(data::parse_calendar_interval(printed) == interval, "{}", printed);
  }
  const data::Type type =
      data::Type::interval(data::IntervalUnit::kDay, data::IntervalUnit::kSecond);
  if (const auto micros = data::parse_interval(text, type)) {
    const std::string printed = data::interval_to_string(type, *micros);
    MR_ASSERT(data::parse_interval(printed, type) == micros, "{}", printed);
  }
  return 0;
}
