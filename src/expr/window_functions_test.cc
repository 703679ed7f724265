#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(WindowFunctions, find_the_window_of_a_row) {
  static constexpr SqlCase kCases[] = {
      {"window(TIMESTAMP'2024-05-17 13:45:59', '1 minute')",
       "{2024-05-17 13:45:00, 2024-05-17 13:46:00}"},
      {"window(TIMESTAMP'2024-05-17 13:45:00', '10 minutes').start", "2024-05-17 13:40:00"},
      {"window(TIMESTAMP'2024-05-17 13:45:00', '1 hour', '1 hour', '15 minutes')",
       "{2024-05-17 13:15:00, 2024-05-17 14:15:00}"},
      {"window(TIMESTAMP'2024-05-17 13:45:59', '1 week')",
       "{2024-05-16 00:00:00, 2024-05-23 00:00:00}"},
      {"window(TIMESTAMP'1969-12-31 23:59:59', '1 day').start", "1969-12-31 00:00:00"},
      {"window(window(TIMESTAMP'2024-05-17 13:45:59', '1 minute'), '1 hour').start",
       "2024-05-17 13:00:00"},
      {"window(CAST(NULL AS TIMESTAMP), '1 day')", "NULL"},
      {"window_time(window(TIMESTAMP'2024-05-17 13:45:30', '1 minute'))",
       "2024-05-17 13:45:59.999999"},
      {"session_window(TIMESTAMP'2024-05-17 13:00:00', '10 seconds').end", "2024-05-17 13:00:10"},
  };
  expect_cases(kCases);
}

TEST(WindowFunctions, refuse_lengths_that_make_no_windows) {
  static constexpr SqlCase kCases[] = {
      {"window(TIMESTAMP'2024-05-17 13:45:59', '1 month')", "! _LEGACY_ERROR_TEMP_3231"},
      {"window(TIMESTAMP'2024-05-17 13:45:59', '0 seconds')",
       "! DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE"},
      {"window(TIMESTAMP'2024-05-17 13:45:59', '1 minute', '2 minutes')",
       "! DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE"},
      {"window(TIMESTAMP'2024-05-17 13:45:59', 'soon')", "! CANNOT_PARSE_INTERVAL"},
      {"window_time(1)", "! DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
