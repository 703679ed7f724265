#include "expr/strict_math.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace millrace::expr {
namespace {

std::uint32_t high_word_of(double x) {
  return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(x) >> 32U);
}

double with_high_word(std::uint32_t high) {
  return std::bit_cast<double>(std::uint64_t{high} << 32U);
}

}  // namespace

double strict_exp(double x) {
  constexpr double kLn2High = 6.93147180369123816490e-01;
  constexpr double kLn2Low = 1.90821492927058770002e-10;
  constexpr double kInverseLn2 = 1.44269504088896338700e+00;
  constexpr double kOverflow = 7.09782712893383973096e+02;
  constexpr double kUnderflow = -7.45133219101941108420e+02;
  if (std::isnan(x) || x > kOverflow) {
    return std::isnan(x) ? x : std::numeric_limits<double>::infinity();
  }
  if (x < kUnderflow) {
    return 0;
  }
  const std::uint32_t high_word = high_word_of(x) & 0x7FFFFFFFU;
  if (high_word < 0x3E300000) {
    return 1 + x;
  }
  double high = x;
  double low = 0;
  int k = 0;
  if (high_word > 0x3FD62E42) {
    if (high_word < 0x3FF0A2B2) {
      k = x < 0 ? -1 : 1;
    } else {
      k = static_cast<int>(kInverseLn2 * x + (x < 0 ? -0.5 : 0.5));
    }
    high = x - k * kLn2High;
    low = k * kLn2Low;
  }
  const double r = high - low;
  const double t = r * r;
  const double c =
      r - t * (1.66666666666666019037e-01 +
               t * (-2.77777777770155933842e-03 +
                    t * (6.61375632143793436117e-05 +
                         t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))));
  if (k == 0) {
    return 1 - ((r * c) / (c - 2) - r);
  }
  return std::ldexp(1 - ((low - (r * c) / (2 - c)) - high), k);
}

double strict_cbrt(double x) {
  if (!std::isfinite(x) || x == 0) {
    return x;
  }
  const double magnitude = std::fabs(x);
  // To 5 bits: a third of the exponent.
  double t = 0;
  if (high_word_of(magnitude) < 0x00100000) {
    t = with_high_word(high_word_of(magnitude * 0x1p54) / 3 + 696219795);
  } else {
    t = with_high_word(high_word_of(magnitude) / 3 + 715094163);
  }
  // To 23 bits.
  double r = t * t / magnitude;
  double s = 5.42857142857142815906e-01 + r * t;
  t *= 3.57142857142857150787e-01 + 1.60714285714285720630e+00 / (s + 1.41428571428571436819e+00 +
                                                                  -7.05306122448979611050e-01 / s);
  // Chopped to 20 bits and made larger than the root, then one step of Newton's.
  t = with_high_word(high_word_of(t) + 1);
  s = t * t;
  r = magnitude / s;
  r = (r - t) / (t + t + r);
  return std::copysign(t + t * r, x);
}

}  // namespace millrace::expr
