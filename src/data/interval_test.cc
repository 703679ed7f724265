#include "data/interval.h"

#include <gtest/gtest.h>

#include "data/datetime.h"

namespace millrace::data {
namespace {

const Type kDayToSecond = Type::interval(IntervalUnit::kDay, IntervalUnit::kSecond);
const Type kYearToMonth = Type::interval(IntervalUnit::kYear, IntervalUnit::kMonth);

TEST(Interval, prints_ansi_text_that_it_reads_back) {
  const std::int64_t micros = kMicrosPerDay + 2 * kMicrosPerHour + 3 * kMicrosPerMinute + 4'500'000;
  EXPECT_EQ(interval_to_string(kDayToSecond, micros), "INTERVAL '1 02:03:04.5' DAY TO SECOND");
  EXPECT_EQ(interval_to_string(kDayToSecond, -micros), "INTERVAL '-1 02:03:04.5' DAY TO SECOND");
  EXPECT_EQ(interval_to_string(kYearToMonth, 14), "INTERVAL '1-2' YEAR TO MONTH");
  EXPECT_EQ(interval_to_string(Type::interval(IntervalUnit::kMinute, IntervalUnit::kMinute),
                               90 * kMicrosPerMinute),
            "INTERVAL '90' MINUTE");
  EXPECT_EQ(interval_to_string(Type::interval(IntervalUnit::kDay, IntervalUnit::kDay),
                               29 * kMicrosPerDay),
            "INTERVAL '29' DAY");
  for (const std::int64_t value : {std::int64_t{0}, micros, -micros, INT64_MAX, INT64_MIN + 1}) {
    EXPECT_EQ(parse_interval(interval_to_string(kDayToSecond, value), kDayToSecond), value);
  }
  EXPECT_EQ(parse_interval("interval -'1-2' year to month", kYearToMonth), -14);
  EXPECT_EQ(parse_interval("1-2", kYearToMonth), 14);
}

TEST(Interval, refuses_fields_out_of_range_and_other_units) {
  EXPECT_EQ(parse_interval_body("1-12", IntervalUnit::kYear, IntervalUnit::kMonth), std::nullopt);
  EXPECT_EQ(parse_interval_body("1 24:00:00", IntervalUnit::kDay, IntervalUnit::kSecond),
            std::nullopt);
  EXPECT_EQ(parse_interval_body("", IntervalUnit::kDay, IntervalUnit::kDay), std::nullopt);
  EXPECT_EQ(parse_interval_body("9999999999999999999", IntervalUnit::kDay, IntervalUnit::kDay),
            std::nullopt);
  EXPECT_EQ(parse_interval("INTERVAL '1' DAY", kDayToSecond), std::nullopt);
  EXPECT_EQ(parse_interval("INTERVAL '1", kDayToSecond), std::nullopt);
}

TEST(Interval, reads_and_prints_the_calendar_form) {
  const auto value =
      parse_calendar_interval("1 year 2 months 3 days 4 hours 5 minutes 6.5 seconds");
  ASSERT_TRUE(value);
  EXPECT_EQ(calendar_interval_to_string(*value),
            "1 years 2 months 3 days 4 hours 5 minutes 6.5 seconds");
  EXPECT_EQ(parse_calendar_interval("interval 1 week -1 day")->days, 6);
  EXPECT_EQ(parse_calendar_interval("10 seconds")->microseconds, 10 * kMicrosPerSecond);
  EXPECT_EQ(parse_calendar_interval("-0.5 second")->microseconds, -500'000);
  EXPECT_EQ(calendar_interval_to_string({}), "0 seconds");
  for (const std::string_view bad :
       {"", "1", "day", "1.5 days", "1 parsec", "1day", "99999999999 months"}) {
    EXPECT_FALSE(parse_calendar_interval(bad)) << bad;
  }
}

TEST(Interval, adds_months_and_days_in_local_time) {
  const Zone rome = Zone::find("Europe/Rome").value();
  const std::int64_t before = parse_timestamp("2024-03-30 12:00:00", rome).value();
  EXPECT_EQ(timestamp_to_string(*add_interval(before, {.days = 1}, rome), rome),
            "2024-03-31 12:00:00");
  EXPECT_EQ(timestamp_to_string(*add_interval(before, {.microseconds = kMicrosPerDay}, rome), rome),
            "2024-03-31 13:00:00");
  EXPECT_EQ(add_interval(INT64_MAX, {.microseconds = 1}, rome), std::nullopt);
}

}  // namespace
}  // namespace millrace::data
