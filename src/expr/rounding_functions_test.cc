#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(RoundingFunctions, round_half_up) {
  static constexpr SqlCase kCases[] = {
      {"round(-2.5)", "-3"},
      {"round(3.14159, 2)", "3.14"},
      {"round(2.5D)", "3.0"},
      {"round(1234.567, -2)", "1200"},
      {"round(1.005D, 2)", "1.01"},
      {"round(25, -1)", "30"},
      {"round(9.5D, 0)", "10.0"},
      {"round(0.4D)", "0.0"},
      {"round(-0.5D)", "-1.0"},
      {"round(1e300, 2)", "1.0E300"},
      {"round(5, -1)", "10"},
      {"round(4, -1)", "0"},
      {"round(127Y, -1)", "! ARITHMETIC_OVERFLOW"},
      {"round(2147483647, -1)", "! ARITHMETIC_OVERFLOW"},
      {"round(999, -19)", "0"},
      {"round(9.99, 1)", "10.0"},
      {"round(12.5, -3)", "0"},
      {"round(DOUBLE('NaN'), 1)", "NaN"},
      {"round(NULL)", "NULL"},
      {"round(1.5, NULL)", "NULL"},
      {"round(FLOAT('1.35'), 1)", "1.4"},
  };
  expect_cases(kCases);
}

TEST(RoundingFunctions, round_half_even) {
  static constexpr SqlCase kCases[] = {
      {"bround(2.5)", "2"},
      {"bround(3.5)", "4"},
      {"bround(2.345, 2)", "2.34"},
      {"bround(25, -1)", "20"},
      {"bround(2.5D)", "2.0"},
      {"bround(-0.5D)", "-0.0"},
  };
  expect_cases(kCases);
}

TEST(RoundingFunctions, round_up_and_down) {
  static constexpr SqlCase kCases[] = {
      {"floor(-1.5)", "-2"},
      {"ceil(3.1411, 2)", "3.15"},
      {"ceil(-0.1)", "0"},
      {"floor(1e30D)", "! ARITHMETIC_OVERFLOW"},
      {"ceil(5)", "5"},
      {"ceiling(1.2D)", "2"},
      {"floor(3.1411, -1)", "0"},
      {"floor('1.7')", "1"},
      {"floor(DOUBLE('NaN'))", "! ARITHMETIC_OVERFLOW"},
  };
  expect_cases(kCases);
}

TEST(RoundingFunctions, drop_the_sign) {
  static constexpr SqlCase kCases[] = {
      {"abs(-5)", "5"},
      {"abs(-1.5)", "1.5"},
      {"abs(-2147483648)", "! ARITHMETIC_OVERFLOW"},
      {"abs(-0.0D)", "0.0"},
      {"abs(INTERVAL '-1' DAY)", "INTERVAL '1' DAY"},
      {"abs('-2')", "2.0"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
