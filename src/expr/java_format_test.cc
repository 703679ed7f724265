#include "expr/java_format.h"

#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::expr {
namespace {

FormatArg number(double value) {
  return {.value = value, .text = ""};
}

FormatArg integer(std::int64_t value, int bits = 32) {
  return {.value = FormatInteger{value, bits}, .text = std::to_string(value)};
}

std::string format_one(std::string_view format, FormatArg arg) {
  const std::vector<FormatArg> args = {std::move(arg)};
  return java_format(format, args).value_or("!");
}

TEST(JavaFormat, rounds_doubles_half_up_by_their_shortest_digits) {
  EXPECT_EQ(format_one("%.2f", number(1.005)), "1.01");
  EXPECT_EQ(format_one("%.0f", number(0.5)), "1");
  EXPECT_EQ(format_one("%.1f", number(0.04)), "0.0");
  EXPECT_EQ(format_one("%.1f", number(9.96)), "10.0");
  EXPECT_EQ(format_one("%f", number(0)), "0.000000");
  EXPECT_EQ(format_one("%.3f", number(1e21)), "1000000000000000000000.000");
  EXPECT_EQ(format_one("%.2f", number(0.001)), "0.00");
  EXPECT_EQ(format_one("%.2f", number(-0.001)), "-0.00");
}

TEST(JavaFormat, prints_exponents) {
  EXPECT_EQ(format_one("%e", number(0)), "0.000000e+00");
  EXPECT_EQ(format_one("%.1e", number(9.99)), "1.0e+01");
  EXPECT_EQ(format_one("%E", number(1.5e-10)), "1.500000E-10");
  EXPECT_EQ(format_one("%g", number(123456789)), "1.23457e+08");
  EXPECT_EQ(format_one("%g", number(0.0001)), "0.000100000");
}

TEST(JavaFormat, pads_and_signs) {
  EXPECT_EQ(format_one("%+d", integer(5)), "+5");
  EXPECT_EQ(format_one("%(d", integer(-5)), "(5)");
  EXPECT_EQ(format_one("%06d", integer(-5)), "-00005");
  EXPECT_EQ(format_one("%-6d|", integer(5)), "5     |");
  EXPECT_EQ(format_one("%,d", integer(std::numeric_limits<std::int64_t>::min(), 64)),
            "-9,223,372,036,854,775,808");
  EXPECT_EQ(format_one("%#x", integer(255)), "0xff");
  EXPECT_EQ(format_one("%o", integer(8)), "10");
}

TEST(JavaFormat, prints_what_is_not_finite) {
  EXPECT_EQ(format_one("%5.1f", number(std::numeric_limits<double>::quiet_NaN())), "  NaN");
  EXPECT_EQ(format_one("%f", number(-std::numeric_limits<double>::infinity())), "-Infinity");
}

TEST(JavaFormat, refuses_what_java_refuses) {
  for (const char* format :
       {"%", "%q", "%-d", "%2147483648d", "%.2d", "%-05d", "%5", "%<d", "%T"}) {
    EXPECT_EQ(format_one(format, integer(1)), "!") << format;
  }
  EXPECT_EQ(format_one("%.2f", integer(1)), "!");
  EXPECT_EQ(format_one("%d", number(1)), "!");
  EXPECT_EQ(format_one("%999999999s", integer(1)), "!");
}

TEST(NumberPattern, groups_and_rounds_half_even) {
  const auto pattern = parse_number_pattern("#,##0.00");
  ASSERT_TRUE(pattern);
  EXPECT_EQ(format_digits(digits_of_integer(-1234567), *pattern), "-1,234,567.00");
  EXPECT_EQ(format_digits(digits_of_decimal(2125, 3), *pattern), "2.12");
  EXPECT_EQ(format_digits(digits_of_decimal(2135, 3), *pattern), "2.14");
  EXPECT_EQ(format_digits(digits_of_decimal(9999995, 4), *pattern), "1,000.00");
  EXPECT_EQ(format_digits(digits_of_double(0.125, 2), *pattern), "0.12");
}

TEST(NumberPattern, keeps_prefix_and_suffix) {
  const auto pattern = parse_number_pattern("'#'$0.#x");
  ASSERT_TRUE(pattern);
  EXPECT_EQ(format_digits(digits_of_decimal(15, 1), *pattern), "#$1.5x");
  EXPECT_EQ(format_digits(digits_of_integer(2), *pattern), "#$2x");
  EXPECT_FALSE(parse_number_pattern(""));
  EXPECT_FALSE(parse_number_pattern("abc"));
  EXPECT_FALSE(parse_number_pattern("0.0.0"));
  EXPECT_FALSE(parse_number_pattern("0'"));
}

}  // namespace
}  // namespace millrace::expr
