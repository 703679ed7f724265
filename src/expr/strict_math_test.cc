#include "expr/strict_math.h"

#include <array>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace millrace::expr {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(StrictMath, has_the_last_digit_of_java) {
  EXPECT_EQ(strict_exp(1), 2.7182818284590455);
  EXPECT_EQ(strict_cbrt(27), 3.0);
}

TEST(StrictMath, is_within_an_ulp_of_the_c_library) {
  for (double x = -700; x < 700; x += 0.37) {
    EXPECT_NEAR(strict_exp(x) / std::exp(x), 1, 3e-16) << x;
    EXPECT_NEAR(strict_cbrt(x) / std::cbrt(x), 1, 5e-16) << x;
  }
}

TEST(StrictMath, keeps_the_edges) {
  EXPECT_EQ(strict_exp(kInfinity), kInfinity);
  EXPECT_EQ(strict_exp(-kInfinity), 0);
  EXPECT_EQ(strict_exp(710), kInfinity);
  EXPECT_EQ(strict_exp(-746), 0);
  EXPECT_GT(strict_exp(-745), 0);
  EXPECT_TRUE(std::isnan(strict_exp(std::nan(""))));
  EXPECT_EQ(strict_cbrt(-kInfinity), -kInfinity);
  EXPECT_TRUE(std::signbit(strict_cbrt(-0.0)));
  EXPECT_NEAR(strict_cbrt(5e-324) / std::cbrt(5e-324), 1, 5e-16);
}

}  // namespace
}  // namespace millrace::expr
