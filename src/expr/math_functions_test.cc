#include <gtest/gtest.h>

#include "expr/detail/run_sql.h"

namespace millrace::expr {
namespace {

using detail::expect_cases;
using detail::SqlCase;

TEST(MathFunctions, compute_doubles) {
  static constexpr SqlCase kCases[] = {
      {"sqrt(-1)", "NaN"},
      {"cbrt(27)", "3.0"},
      {"cbrt(-8)", "-2.0"},
      {"power(2, 0.5)", "1.4142135623730951"},
      {"exp(1)", "2.7182818284590455"},
      {"exp(0)", "1.0"},
      {"expm1(0)", "0.0"},
      {"sin(pi())", "1.2246467991473532E-16"},
      {"degrees(pi())", "180.0"},
      {"radians(180)", "3.141592653589793"},
      {"atan2(0, -1)", "3.141592653589793"},
      {"hypot(3, 4)", "5.0"},
      {"rint(2.5)", "2.0"},
      {"sign(-3)", "-1.0"},
      {"signum(0)", "0.0"},
      {"cot(1)", "0.6420926159343306"},
      {"atanh(0)", "0.0"},
      {"acosh(1)", "0.0"},
      {"acosh(0.5)", "NaN"},
      {"e()", "2.718281828459045"},
      {"sqrt('16')", "4.0"},
  };
  expect_cases(kCases);
}

TEST(MathFunctions, give_null_for_logarithms_up_to_their_pole) {
  static constexpr SqlCase kCases[] = {
      {"ln(0)", "NULL"},
      {"log(-1)", "NULL"},
      {"log(10, 100)", "2.0"},
      {"log(0, 5)", "NULL"},
      {"log10(1000)", "3.0"},
      {"log2(8)", "3.0"},
      {"log1p(-1)", "NULL"},
      {"log1p(0)", "0.0"},
  };
  expect_cases(kCases);
}

TEST(MathFunctions, compute_integers) {
  static constexpr SqlCase kCases[] = {
      {"factorial(20)", "2432902008176640000"},
      {"factorial(21)", "NULL"},
      {"bin(13)", "1101"},
      {"bin(-1)", "1111111111111111111111111111111111111111111111111111111111111111"},
      {"conv('ff', 16, 10)", "255"},
      {"conv('100', 2, 10)", "4"},
      {"conv('-10', 16, -10)", "-16"},
      {"conv('-1', 10, 16)", "FFFFFFFFFFFFFFFF"},
      {"conv('9z', 10, 10)", "9"},
      {"conv('99999999999999999999', 10, 10)", "! ARITHMETIC_OVERFLOW"},
      {"conv('1', 1, 10)", "NULL"},
      {"bit_count(255)", "8"},
      {"bit_count(-1)", "64"},
      {"bit_count(true)", "1"},
      {"bit_get(11, 0)", "1"},
      {"bit_get(11, 2)", "0"},
      {"getbit(11, 64)", "! INVALID_PARAMETER_VALUE"},
      {"width_bucket(5.3, 0.2, 10.6, 5)", "3"},
      {"width_bucket(-1, 0, 10, 5)", "0"},
      {"width_bucket(11, 0, 10, 5)", "6"},
      {"width_bucket(1, 10, 0, 5)", "5"},
      {"width_bucket(1, 0, 10, 0)", "NULL"},
  };
  expect_cases(kCases);
}

TEST(MathFunctions, know_nan) {
  static constexpr SqlCase kCases[] = {
      {"nanvl(DOUBLE('NaN'), 1.0D)", "1.0"},
      {"nanvl(2.0D, 1.0D)", "2.0"},
      {"isnan(DOUBLE('NaN'))", "true"},
      {"isnan(NULL)", "false"},
  };
  expect_cases(kCases);
}

}  // namespace
}  // namespace millrace::expr
