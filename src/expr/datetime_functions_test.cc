#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(DatetimeFunctions, take_fields) {
  static constexpr SqlCase kCases[] = {
      {"year(DATE'2024-05-17')", "2024"},
      {"quarter(DATE'2024-05-17')", "2"},
      {"month('2024-05-17')", "5"},
      {"day(TIMESTAMP'2024-05-17 01:02:03')", "17"},
      {"dayofmonth(DATE'2024-05-17')", "17"},
      {"dayofweek(DATE'2024-05-19')", "1"},
      {"weekday(DATE'2024-05-19')", "6"},
      {"dayofyear(DATE'2024-12-31')", "366"},
      {"weekofyear(DATE'2024-12-30')", "1"},
      {"weekofyear(DATE'2021-01-03')", "53"},
      {"hour(TIMESTAMP'2024-05-17 13:45:59.9')", "13"},
      {"minute(TIMESTAMP_NTZ'2024-05-17 13:45:59.9')", "45"},
      {"second(TIMESTAMP'2024-05-17 13:45:59.9')", "59"},
      {"hour(TIMESTAMP'1969-12-31 23:00:00')", "23"},
      {"monthname(DATE'2024-05-17')", "May"},
      {"dayname(DATE'2024-05-17')", "Fri"},
  };
  expect_cases(kCases);
}

TEST(DatetimeFunctions, extract_by_name) {
  static constexpr SqlCase kCases[] = {
      {"extract(SECOND FROM TIMESTAMP'2024-05-17 13:45:59.9')", "59.900000"},
      {"date_part('YEAROFWEEK', DATE'2024-12-30')", "2025"},
      {"extract(DOW FROM DATE'2024-05-19')", "1"},
      {"extract(DOW_ISO FROM DATE'2024-05-19')", "7"},
      {"extract(DAY FROM INTERVAL '3 04:05:06.7' DAY TO SECOND)", "3"},
      {"extract(HOUR FROM INTERVAL '3 04:05:06.7' DAY TO SECOND)", "4"},
      {"extract(SECOND FROM INTERVAL '3 04:05:06.7' DAY TO SECOND)", "6.700000"},
      {"extract(YEAR FROM INTERVAL '-1-2' YEAR TO MONTH)", "-1"},
      {"extract(MONTH FROM INTERVAL '-1-2' YEAR TO MONTH)", "-2"},
      {"date_part('NOPE', DATE'2024-12-30')", "! INVALID_EXTRACT_FIELD"},
      {"date_part('HOUR', INTERVAL '1' YEAR)", "! INVALID_EXTRACT_FIELD"},
  };
  expect_cases(kCases);
}

TEST(DatetimeFunctions, add_and_subtract) {
  static constexpr SqlCase kCases[] = {
      {"date_add(DATE'2024-02-28', 2)", "2024-03-01"},
      {"date_sub(DATE'2024-03-01', 1)", "2024-02-29"},
      {"date_add('2024-02-28', '2')", "2024-03-01"},
      {"datediff(DATE'2024-03-01', DATE'2024-02-01')", "29"},
      {"datediff(TIMESTAMP'2024-03-01 00:00:00', TIMESTAMP'2024-02-29 23:59:59')", "1"},
      {"add_months(DATE'2024-01-31', 1)", "2024-02-29"},
      {"add_months(DATE'2024-01-31', -12)", "2023-01-31"},
      {"months_between(TIMESTAMP'2024-03-31 10:00:00', TIMESTAMP'2024-02-29 10:00:00')", "1.0"},
      {"months_between(DATE'2024-03-15', DATE'2024-01-01')", "2.4516129"},
      {"months_between(DATE'2024-03-15', DATE'2024-01-01', false)", "2.4516129032258065"},
      {"last_day(DATE'2024-02-10')", "2024-02-29"},
      {"next_day(DATE'2024-05-17', 'MON')", "2024-05-20"},
      {"next_day(DATE'2024-05-17', 'friday')", "2024-05-24"},
      {"next_day(DATE'2024-05-17', 'xx')", "! ILLEGAL_DAY_OF_WEEK"},
      {"dateadd(DAY, 1, DATE'2024-02-28')", "2024-02-29 00:00:00"},
      {"date_diff(HOUR, TIMESTAMP'2024-01-01 00:00:00', TIMESTAMP'2024-01-01 05:59:59')", "5"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
