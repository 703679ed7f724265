#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(SequenceFunctions, count_integers) {
  static constexpr SqlCase kCases[] = {
      {"sequence(1, 5, 2)", "[1, 3, 5]"},
      {"sequence(5, 1)", "[5, 4, 3, 2, 1]"},
      {"sequence(1, 1, 0)", "[1]"},
      {"sequence(1, 2, -1)", "! INVALID_PARAMETER_VALUE"},
      {"sequence(1, 2000000000)", "! COLLECTION_SIZE_LIMIT_EXCEEDED"},
      {"sequence(9223372036854775806, 9223372036854775807)",
       "[9223372036854775806, 9223372036854775807]"},
      {"sequence('a', 'b')", "! DATATYPE_MISMATCH.SEQUENCE_WRONG_INPUT_TYPES"},
  };
  expect_cases(kCases);
}

TEST(SequenceFunctions, count_dates_and_times) {
  static constexpr SqlCase kCases[] = {
      {"sequence(DATE'2024-01-30', DATE'2024-03-01', INTERVAL 1 MONTH)",
       "[2024-01-30, 2024-02-29]"},
      {"sequence(DATE'2024-01-01', DATE'2024-01-03')", "[2024-01-01, 2024-01-02, 2024-01-03]"},
      {"sequence(TIMESTAMP'2024-01-01 00:00:00', TIMESTAMP'2024-01-01 01:00:00', INTERVAL 30 "
       "MINUTES)",
       "[2024-01-01 00:00:00, 2024-01-01 00:30:00, 2024-01-01 01:00:00]"},
      {"sequence(DATE'2024-01-02', DATE'2024-01-01', INTERVAL -1 DAY)", "[2024-01-02, 2024-01-01]"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
