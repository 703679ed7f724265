#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(TimestampFunctions, convert_numbers) {
  static constexpr SqlCase kCases[] = {
      {"timestamp_seconds(1709251200)", "2024-03-01 00:00:00"},
      {"timestamp_seconds(1.5)", "1970-01-01 00:00:01.5"},
      {"timestamp_seconds(1.25D)", "1970-01-01 00:00:01.25"},
      {"timestamp_seconds(DOUBLE('NaN'))", "NULL"},
      {"timestamp_seconds(9223372036854775807)", "! ARITHMETIC_OVERFLOW"},
      {"timestamp_millis(-1)", "1969-12-31 23:59:59.999"},
      {"timestamp_micros(1709251200123456)", "2024-03-01 00:00:00.123456"},
      {"unix_seconds(TIMESTAMP'1969-12-31 23:59:59.5')", "-1"},
      {"unix_millis(TIMESTAMP'2024-03-01 00:00:00.999')", "1709251200999"},
      {"unix_micros(TIMESTAMP'2024-03-01 00:00:00.999999')", "1709251200999999"},
      {"unix_date(DATE'1970-01-02')", "1"},
      {"date_from_unix_date(-1)", "1969-12-31"},
  };
  expect_cases(kCases);
}

TEST(TimestampFunctions, make_of_fields) {
  static constexpr SqlCase kCases[] = {
      {"make_date(2024, 2, 29)", "2024-02-29"},
      {"make_date(2023, 2, 29)", "! DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION"},
      {"make_date(2023, NULL, 29)", "NULL"},
      {"make_timestamp(2024, 3, 1, 10, 11, 12.5)", "2024-03-01 10:11:12.5"},
      {"make_timestamp(2024, 3, 1, 10, 11, 60)", "2024-03-01 10:12:00"},
      {"make_timestamp(2024, 3, 1, 10, 11, 60.5)",
       "! DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION"},
      {"make_timestamp(2024, 3, 1, 10, 11, 12, 'Europe/Rome')", "2024-03-01 09:11:12"},
      {"make_timestamp(2024, 3, 1, 10, 11, 12, 'No/Where')", "! INVALID_TIMEZONE"},
      {"try_make_timestamp(2024, 13, 1, 10, 11, 12)", "NULL"},
      {"make_timestamp_ntz(2024, 3, 1, 10, 11, 12)", "2024-03-01 10:11:12"},
      {"make_interval(1, 2, 0, 3, 4, 5, 6.5)",
       "1 years 2 months 3 days 4 hours 5 minutes 6.5 seconds"},
      {"make_interval(2147483647)", "! INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION"},
      {"make_dt_interval(1, 2, 3, 4.5)", "INTERVAL '1 02:03:04.5' DAY TO SECOND"},
      {"make_ym_interval(1, 2)", "INTERVAL '1-2' YEAR TO MONTH"},
      {"make_ym_interval()", "INTERVAL '0-0' YEAR TO MONTH"},
  };
  expect_cases(kCases);
}

TEST(TimestampFunctions, truncate) {
  static constexpr SqlCase kCases[] = {
      {"date_trunc('YEAR', TIMESTAMP'2024-05-17 13:45:59.123')", "2024-01-01 00:00:00"},
      {"date_trunc('quarter', TIMESTAMP'2024-05-17 13:45:59.123')", "2024-04-01 00:00:00"},
      {"date_trunc('week', TIMESTAMP'2024-05-17 13:45:59.123')", "2024-05-13 00:00:00"},
      {"date_trunc('hour', TIMESTAMP'1969-12-31 23:59:59')", "1969-12-31 23:00:00"},
      {"date_trunc('millisecond', TIMESTAMP'2024-05-17 13:45:59.123456')",
       "2024-05-17 13:45:59.123"},
      {"date_trunc('bogus', TIMESTAMP'2024-05-17 13:45:59.123')", "NULL"},
      {"trunc(DATE'2024-05-17', 'MM')", "2024-05-01"},
      {"trunc(DATE'2024-05-17', 'week')", "2024-05-13"},
      {"trunc(DATE'2024-05-17', 'day')", "NULL"},
  };
  expect_cases(kCases);
}

TEST(TimestampFunctions, move_between_zones) {
  static constexpr SqlCase kCases[] = {
      {"from_utc_timestamp(TIMESTAMP'2024-07-01 12:00:00', 'Europe/Rome')", "2024-07-01 14:00:00"},
      {"to_utc_timestamp(TIMESTAMP'2024-03-31 02:30:00', 'Europe/Rome')", "2024-03-31 01:30:00"},
      {"from_utc_timestamp(TIMESTAMP'2024-07-01 12:00:00', 'No/Where')", "! INVALID_TIMEZONE"},
      {"convert_timezone('UTC', 'Asia/Tokyo', TIMESTAMP_NTZ'2024-07-01 12:00:00')",
       "2024-07-01 21:00:00"},
      {"convert_timezone('Asia/Tokyo', TIMESTAMP_NTZ'2024-07-01 12:00:00')", "2024-07-01 21:00:00"},
  };
  expect_cases(kCases);
}

TEST(TimestampFunctions, add_and_count_units) {
  static constexpr SqlCase kCases[] = {
      {"TIMESTAMPADD(MONTH, 1, TIMESTAMP'2024-01-31 10:00:00')", "2024-02-29 10:00:00"},
      {"timestampadd(QUARTER, -1, TIMESTAMP'2024-05-31 10:00:00')", "2024-02-29 10:00:00"},
      {"TIMESTAMPDIFF(HOUR, TIMESTAMP'2024-01-01 00:00:00', TIMESTAMP'2024-01-02 01:59:59')", "25"},
      {"timestampdiff(MONTH, TIMESTAMP'2024-01-31 10:00:00', TIMESTAMP'2024-02-29 10:00:00')", "0"},
      {"timestampdiff(MONTH, TIMESTAMP'2024-03-31 10:00:00', TIMESTAMP'2024-02-29 10:00:00')",
       "-1"},
      {"timestampdiff(YEAR, TIMESTAMP'2020-02-29 00:00:00', TIMESTAMP'2024-02-28 00:00:00')", "3"},
      {"timestampdiff(DAY, TIMESTAMP'2024-01-02 00:00:00', TIMESTAMP'2024-01-01 00:00:01')", "0"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
