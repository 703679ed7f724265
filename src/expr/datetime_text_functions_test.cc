#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(DatetimeTextFunctions, read_by_pattern) {
  static constexpr SqlCase kCases[] = {
      {"to_timestamp('2024-03-01 10:11:12')", "2024-03-01 10:11:12"},
      {"to_timestamp('01/03/2024 10:11', 'dd/MM/yyyy HH:mm')", "2024-03-01 10:11:00"},
      {"to_timestamp('2024-03-01T10:11:12.688+02:00', \"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\")",
       "2024-03-01 08:11:12.688"},
      {"to_timestamp('2024-03-01 10:11:12 PM', 'yyyy-MM-dd hh:mm:ss a')", "2024-03-01 22:11:12"},
      {"to_timestamp('bad', 'yyyy-MM-dd')", "! CANNOT_PARSE_TIMESTAMP"},
      {"to_timestamp('bad')", "! CAST_INVALID_INPUT"},
      {"to_timestamp('x', 'YYYY')",
       "! INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION"},
      {"try_to_timestamp('bad', 'yyyy-MM-dd')", "NULL"},
      {"try_to_timestamp('bad')", "NULL"},
      {"to_timestamp_ntz('2024-03-01', 'yyyy-MM-dd')", "2024-03-01 00:00:00"},
      {"to_date('01.03.2024', 'dd.MM.yyyy')", "2024-03-01"},
      {"to_date('2024-02-30', 'yyyy-MM-dd')", "! CANNOT_PARSE_TIMESTAMP"},
      {"try_to_date('2024-02-30')", "NULL"},
      {"to_date(TIMESTAMP'2024-03-01 10:11:12', 'yyyy')", "2024-03-01"},
      {"to_date(NULL, 'yyyy')", "NULL"},
  };
  expect_cases(kCases);
}

TEST(DatetimeTextFunctions, count_seconds) {
  static constexpr SqlCase kCases[] = {
      {"unix_timestamp('2024-03-01 00:00:00')", "1709251200"},
      {"unix_timestamp('2024-03-01', 'yyyy-MM-dd')", "1709251200"},
      {"unix_timestamp(TIMESTAMP'1969-12-31 23:59:59.5')", "-1"},
      {"unix_timestamp(DATE'2024-03-01')", "1709251200"},
      {"unix_timestamp('bad')", "! CANNOT_PARSE_TIMESTAMP"},
      {"to_unix_timestamp('2024-03-01 10', 'yyyy-MM-dd HH')", "1709287200"},
      {"unix_timestamp()", "0"},
      {"from_unixtime(0)", "1970-01-01 00:00:00"},
      {"from_unixtime(1709251200, 'yyyy/MM/dd HH')", "2024/03/01 00"},
  };
  expect_cases(kCases);
}

TEST(DatetimeTextFunctions, print_by_pattern) {
  static constexpr SqlCase kCases[] = {
      {"date_format(TIMESTAMP'2024-05-07 03:04:05.678', 'yyyy-MM-dd HH:mm:ss.SSS')",
       "2024-05-07 03:04:05.678"},
      {"date_format(DATE'2024-05-07', 'yyyyMMdd')", "20240507"},
      {"date_format('2024-05-07', 'EEEE')", "Tuesday"},
      {"date_format(TIMESTAMP'2024-05-07 03:04:05', 'w')",
       "! INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION"},
      {"date_format(NULL, 'yyyy')", "NULL"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
