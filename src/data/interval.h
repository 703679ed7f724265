// Intervals: year-month (months), day-time (µs) and calendar (months, days, µs), as text and in
// arithmetic with dates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/type.h"
#include "data/value.h"
#include "data/zone.h"

namespace millrace::data {

/// ANSI text: "INTERVAL '1-2' YEAR TO MONTH", "INTERVAL '1 02:03:04.5' DAY TO SECOND".
/// REQUIRES: type is a year-month (value in months) or day-time interval (value in µs)
void append_interval(std::string& out, const Type& type, std::int64_t value);
std::string interval_to_string(const Type& type, std::int64_t value);

/// Reads the part between the quotes, "1-2", "1 02:03:04.5", "-90", as units first..last; fields
/// behind the first have their ranges (months 0..11, hours 0..23 …). Value in months or µs. Nothing
/// when it is none or overflows.
std::optional<std::int64_t> parse_interval_body(std::string_view text,
                                                IntervalUnit first,
                                                IntervalUnit last);
/// CAST(text AS INTERVAL …): the body alone, or the whole "INTERVAL '…' DAY TO SECOND".
std::optional<std::int64_t> parse_interval(std::string_view text, const Type& type);

/// "1 day 2 hours", "interval -3.5 seconds", "1 week": Spark's calendar form, any number of units.
std::optional<CalendarInterval> parse_calendar_interval(std::string_view text);
/// "1 years 2 months 3 days 4 hours 5 minutes 6.5 seconds"; "0 seconds".
void append_calendar_interval(std::string& out, const CalendarInterval& value);
std::string calendar_interval_to_string(const CalendarInterval& value);

/// A duration with one of Spark's unit words ("second", "SECONDS", "week", "millisecond" …) times a
/// count; nothing for other words or on overflow.
std::optional<CalendarInterval> interval_of_unit(std::int64_t count, std::string_view unit);

/// Adds months, then days, both in local time of the zone, then µs. Nothing on overflow.
std::optional<std::int64_t> add_interval(std::int64_t utc_micros,
                                         const CalendarInterval& interval,
                                         const Zone& zone);

}  // namespace millrace::data
