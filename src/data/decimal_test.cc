#include "data/decimal.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace millrace::data {
namespace {

Decimal decimal(std::string_view text, int scale) {
  Int128 unscaled = 0;
  EXPECT_EQ(parse_decimal(text, kMaxDecimalPrecision, scale, unscaled), DecimalText::kOk) << text;
  return {.unscaled = unscaled, .scale = scale};
}

std::string text_of(std::optional<Int128> unscaled, int scale) {
  return unscaled ? decimal_to_string(*unscaled, scale) : "overflow";
}

std::string cast(std::string_view text, int precision, int scale) {
  Int128 unscaled = 0;
  switch (parse_decimal(text, precision, scale, unscaled)) {
    case DecimalText::kOk:
      return decimal_to_string(unscaled, scale);
    case DecimalText::kSyntax:
      return "syntax";
    case DecimalText::kOutOfRange:
      return "range";
  }
  return "";
}

TEST(Decimal, reads_text_rounding_half_up) {
  EXPECT_EQ(cast("1.23", 3, 1), "1.2");
  EXPECT_EQ(cast("1.25", 3, 1), "1.3");
  EXPECT_EQ(cast("-1.25", 3, 1), "-1.3");
  EXPECT_EQ(cast("123.45", 4, 2), "range");
  EXPECT_EQ(cast("1e3", 10, 2), "1000.00");
  EXPECT_EQ(cast("x", 10, 2), "syntax");
  EXPECT_EQ(cast(".5", 2, 1), "0.5");
  EXPECT_EQ(cast("5.", 2, 1), "5.0");
  EXPECT_EQ(cast("0.0000000000000000000000000000000000000000000005", 38, 38),
            "0.00000000000000000000000000000000000000");
  EXPECT_EQ(cast("0.05", 1, 1), "0.1");
  EXPECT_EQ(cast("0.04", 1, 1), "0.0");
  EXPECT_EQ(cast("99999999999999999999999999999999999999", 38, 0),
            "99999999999999999999999999999999999999");
  EXPECT_EQ(cast("99999999999999999999999999999999999999.5", 38, 0), "range");
  EXPECT_EQ(cast("1e2147483647", 38, 0), "range");
  EXPECT_EQ(cast("1e-2147483648", 38, 0), "0");
  for (const std::string_view bad :
       {"", ".", "-", "e5", "1e", "1e+-5", "1.2.3", " 1", "1e99999999999"}) {
    EXPECT_EQ(cast(bad, 38, 0), "syntax") << bad;
  }
}

TEST(Decimal, takes_the_type_of_a_literal_from_its_digits) {
  EXPECT_EQ(decimal_literal_type("12.50"), Type::decimal(4, 2));
  EXPECT_EQ(decimal_literal_type("0.1"), Type::decimal(1, 1));
  EXPECT_EQ(decimal_literal_type("0"), Type::decimal(1, 0));
  EXPECT_EQ(decimal_literal_type("123456789012345678901234567890.5"), Type::decimal(31, 1));
  EXPECT_EQ(decimal_literal_type(std::string(39, '9')), std::nullopt);
}

TEST(Decimal, rounds_in_five_ways) {
  const auto round = [](std::string_view text, Rounding rounding) {
    return text_of(rescale_decimal(decimal(text, 2).unscaled, 2, 10, 0, rounding), 0);
  };
  EXPECT_EQ(round("-2.50", Rounding::kHalfUp), "-3");
  EXPECT_EQ(round("2.50", Rounding::kHalfEven), "2");
  EXPECT_EQ(round("3.50", Rounding::kHalfEven), "4");
  EXPECT_EQ(round("-2.99", Rounding::kDown), "-2");
  EXPECT_EQ(round("-1.50", Rounding::kFloor), "-2");
  EXPECT_EQ(round("1.01", Rounding::kCeiling), "2");
  EXPECT_EQ(text_of(rescale_decimal(123456, 3, 5, 2), 2), "123.46");
  EXPECT_EQ(text_of(rescale_decimal(999995, 1, 5, 0), 0), "overflow");
}

TEST(Decimal, computes_results_of_sparks_types) {
  const Type tiny = Type::decimal(2, 1);
  EXPECT_EQ(divide_decimal_type(tiny, tiny), Type::decimal(8, 6));
  EXPECT_EQ(text_of(divide_decimals(decimal("1.0", 1), decimal("3.0", 1), Type::decimal(8, 6)), 6),
            "0.333333");
  const Type wide = Type::decimal(38, 10);
  EXPECT_EQ(multiply_decimal_type(wide, wide), Type::decimal(38, 6));
  EXPECT_EQ(text_of(multiply_decimals(decimal("1", 10), decimal("1", 10), Type::decimal(38, 6)), 6),
            "1.000000");
  EXPECT_EQ(add_decimal_type(Type::decimal(1, 1), Type::decimal(1, 1)), Type::decimal(2, 1));
  EXPECT_EQ(text_of(add_decimals(decimal("0.1", 1), decimal("0.2", 1), Type::decimal(2, 1)), 1),
            "0.3");
  EXPECT_EQ(remainder_decimal_type(Type::decimal(3, 1), Type::decimal(1, 0)), Type::decimal(2, 1));
  EXPECT_EQ(
      text_of(remainder_decimals(decimal("10.5", 1), decimal("3", 0), Type::decimal(2, 1)), 1),
      "1.5");
  EXPECT_EQ(
      text_of(remainder_decimals(decimal("-10.5", 1), decimal("3", 0), Type::decimal(2, 1)), 1),
      "-1.5");
}

TEST(Decimal, keeps_products_and_quotients_of_76_digits_exact) {
  const Decimal large = decimal("12345678901234567890.123456789", 18);
  const Type result = Type::decimal(38, 10);
  EXPECT_EQ(text_of(multiply_decimals(large, decimal("1000000", 0), result), 10),
            "12345678901234567890123456.7890000000");
  const Decimal nines = decimal(std::string(38, '9'), 0);
  EXPECT_EQ(text_of(multiply_decimals(nines, nines, Type::decimal(38, 0)), 0), "overflow");
  EXPECT_EQ(text_of(divide_decimals(nines, nines, Type::decimal(38, 37)), 37),
            "1." + std::string(37, '0'));
  EXPECT_EQ(text_of(divide_decimals(decimal("1", 0), nines, Type::decimal(38, 38)), 38),
            "0." + std::string(37, '0') + "1");
}

// (a × b) / b = a, (a + b) − b = a, a = (a / b) × b + a % b.
TEST(Decimal, obeys_the_laws_of_arithmetic_on_random_values) {
  Random random(7);
  const Type whole = Type::decimal(38, 0);
  for (int i = 0; i < 3000; ++i) {
    Int128 a = random.between(INT64_MIN + 1, INT64_MAX);
    a *= static_cast<Int128>(random.below(i % 2 == 0 ? 1000 : 1) + 1);
    const Int128 b = random.between(1, i % 3 == 0 ? 1000 : INT64_MAX / 4);
    const Decimal left{.unscaled = a, .scale = 0};
    const Decimal right{.unscaled = b, .scale = 0};
    const auto product = multiply_decimals(left, right, whole);
    if (product) {
      EXPECT_TRUE(divide_decimals({.unscaled = *product, .scale = 0}, right, whole) == a);
    }
    const auto sum = add_decimals(left, right, whole);
    EXPECT_TRUE(subtract_decimals({.unscaled = *sum, .scale = 0}, right, whole) == a);
    EXPECT_TRUE(remainder_decimals(left, right, whole) == a % b);
    EXPECT_EQ(compare_decimals(left, right), a < b ? -1 : (a > b ? 1 : 0));
    EXPECT_EQ(compare_decimals({.unscaled = b * 1000, .scale = 3}, right), 0);
  }
}

TEST(Decimal, converts_to_and_from_the_shortest_digits_of_a_double) {
  EXPECT_EQ(decimal_to_double(decimal("0.1", 1)), 0.1);
  EXPECT_EQ(decimal_to_double(decimal("12345678901234567890.123456789", 18)),
            12345678901234567890.123456789);
  EXPECT_EQ(text_of(double_to_decimal(1.5, 2, 1), 1), "1.5");
  EXPECT_EQ(text_of(double_to_decimal(0.1, 30, 25), 25), "0.1000000000000000000000000");
  EXPECT_EQ(text_of(double_to_decimal(1e40, 38, 0), 0), "overflow");
  EXPECT_EQ(text_of(double_to_decimal(std::numeric_limits<double>::quiet_NaN(), 38, 0), 0),
            "overflow");
  EXPECT_EQ(text_of(float_to_decimal(0.1F, 10, 9), 9), "0.100000000");
}

TEST(Decimal, compares_across_scales) {
  EXPECT_EQ(compare_decimals(decimal("1.5", 1), decimal("1.50", 2)), 0);
  EXPECT_LT(compare_decimals(decimal("-2", 0), decimal("1.5", 1)), 0);
  EXPECT_LT(compare_decimals(decimal("-2", 0), decimal("-1.5", 1)), 0);
  EXPECT_GT(compare_decimals(decimal(std::string(38, '9'), 0), decimal("0.1", 38)), 0);
}

}  // namespace
}  // namespace millrace::data
