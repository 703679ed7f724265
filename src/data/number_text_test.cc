#include "data/number_text.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace millrace::data {
namespace {

TEST(NumberText, prints_doubles_as_java_does) {
  EXPECT_EQ(double_to_string(1.0), "1.0");
  EXPECT_EQ(double_to_string(100000000.0), "1.0E8");
  EXPECT_EQ(double_to_string(12345678.9), "1.23456789E7");
  EXPECT_EQ(double_to_string(1234567.5), "1234567.5");
  EXPECT_EQ(double_to_string(9999999.0), "9999999.0");
  EXPECT_EQ(double_to_string(0.001), "0.001");
  EXPECT_EQ(double_to_string(0.00012), "1.2E-4");
  EXPECT_EQ(double_to_string(-0.0), "-0.0");
  EXPECT_EQ(double_to_string(1e-7), "1.0E-7");
  EXPECT_EQ(double_to_string(1.2246467991473532E-16), "1.2246467991473532E-16");
  EXPECT_EQ(double_to_string(std::nan("")), "NaN");
  EXPECT_EQ(double_to_string(-std::numeric_limits<double>::infinity()), "-Infinity");
  EXPECT_EQ(float_to_string(3.4028235E38F), "3.4028235E38");
  EXPECT_EQ(float_to_string(0.1F), "0.1");
}

TEST(NumberText, reads_integers_as_cast_does) {
  EXPECT_EQ(parse_integer(" 42 "), 42);
  EXPECT_EQ(parse_integer("+42"), 42);
  EXPECT_EQ(parse_integer("-128", -128, 127), -128);
  EXPECT_EQ(parse_integer("\t\x7f-9223372036854775808\n"), INT64_MIN);
  for (const std::string_view bad :
       {"", "+", "-", "+-1", "42.7", "4e2", "abc", "0x10", "1_000", "9223372036854775808", "1 2"}) {
    EXPECT_EQ(parse_integer(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_integer("128", -128, 127), std::nullopt);
}

TEST(NumberText, reads_doubles_as_java_does) {
  EXPECT_EQ(parse_double("1.5f"), 1.5);
  EXPECT_EQ(parse_double(" 1.5D "), 1.5);
  EXPECT_EQ(parse_double(".5"), 0.5);
  EXPECT_EQ(parse_double("5."), 5.0);
  EXPECT_EQ(parse_double("+1e3"), 1000.0);
  EXPECT_EQ(parse_double("0x1.8p1"), 3.0);
  EXPECT_EQ(parse_double("1e400"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(parse_double("-1e-400"), 0.0);
  EXPECT_EQ(parse_double("-INF"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(parse_double("+infinity"), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(parse_double("nan").value_or(0)));
  EXPECT_EQ(parse_float("16777217"), 16777216.0F);
  for (const std::string_view bad :
       {"", "-", "+-1", "1,5", "0x1", "e5", "1e", "f", ".", "1ff", "infx"}) {
    EXPECT_EQ(parse_double(bad), std::nullopt) << bad;
  }
}

TEST(NumberText, reads_booleans_in_any_case) {
  EXPECT_EQ(parse_boolean(" T "), true);
  EXPECT_EQ(parse_boolean("Yes"), true);
  EXPECT_EQ(parse_boolean("0"), false);
  EXPECT_EQ(parse_boolean("maybe"), std::nullopt);
  EXPECT_EQ(parse_boolean(""), std::nullopt);
}

}  // namespace
}  // namespace millrace::data
