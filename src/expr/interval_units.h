// Sizes of the units of intervals.
#pragma once

#include <cstdint>

#include "data/datetime.h"
#include "data/type.h"

namespace millrace::expr {

/// A year-month or day-time interval.
inline bool is_ansi_interval(const data::Type& type) {
  return type.kind() == data::TypeKind::kYearMonthInterval ||
         type.kind() == data::TypeKind::kDayTimeInterval;
}

/// Months of a year or month; µs of the others.
inline std::int64_t interval_unit_size(data::IntervalUnit unit) {
  switch (unit) {
    case data::IntervalUnit::kYear:
      return 12;
    case data::IntervalUnit::kMonth:
      return 1;
    case data::IntervalUnit::kDay:
      return data::kMicrosPerDay;
    case data::IntervalUnit::kHour:
      return data::kMicrosPerHour;
    case data::IntervalUnit::kMinute:
      return data::kMicrosPerMinute;
    case data::IntervalUnit::kSecond:
      return data::kMicrosPerSecond;
  }
  return 1;
}

}  // namespace millrace::expr
