// DECIMAL(p, s): an Int128 and a scale; the value is unscaled / 10^scale. At most 38 digits.
//
// Results of arithmetic are exact to the last digit that their type keeps: products and numerators
// are computed with 256 bits, then rounded once, half up (away from zero).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/int128.h"
#include "data/type.h"

namespace millrace::data {

inline constexpr int kMaxDecimalPrecision = 38;

enum class Rounding : std::uint8_t {
  kHalfUp,    ///< 2.5 → 3, -2.5 → -3: Spark's for casts and arithmetic
  kHalfEven,  ///< bround
  kDown,      ///< toward zero: casts to integers
  kFloor,
  kCeiling,
};

/// 10^exponent. REQUIRES: 0 <= exponent <= 38
Int128 power_of_ten(int exponent);

/// Whether |unscaled| has at most `precision` digits.
bool fits_precision(Int128 unscaled, int precision);

/// Plain, with all `scale` digits: "-0.50", "1000".
void append_decimal(std::string& out, Int128 unscaled, int scale);
std::string decimal_to_string(Int128 unscaled, int scale);

enum class DecimalText : std::uint8_t {
  kOk,
  kSyntax,
  kOutOfRange
};

/// Reads [+-]digits[.digits][e[+-]digits] (".5" and "5." too) into DECIMAL(precision, scale),
/// rounding half up. Does not trim.
DecimalText parse_decimal(std::string_view text, int precision, int scale, Int128& unscaled);

/// The smallest DECIMAL type that holds the literal as written ("12.50" → DECIMAL(4,2)); nothing
/// when it is none or needs more than 38 digits.
std::optional<Type> decimal_literal_type(std::string_view text);

/// From one scale to DECIMAL(precision, scale). Nothing when it does not fit.
std::optional<Int128> rescale_decimal(Int128 unscaled,
                                      int from_scale,
                                      int precision,
                                      int scale,
                                      Rounding rounding = Rounding::kHalfUp);

/// A value with its scale.
struct Decimal {
  Int128 unscaled = 0;
  int scale = 0;
};

/// Arithmetic into DECIMAL(type.precision(), type.scale()), rounded half up. Nothing on overflow.
std::optional<Int128> add_decimals(Decimal left, Decimal right, const Type& result);
std::optional<Int128> subtract_decimals(Decimal left, Decimal right, const Type& result);
std::optional<Int128> multiply_decimals(Decimal left, Decimal right, const Type& result);
/// REQUIRES: right is not zero
std::optional<Int128> divide_decimals(Decimal left, Decimal right, const Type& result);
/// The sign is that of `left`. REQUIRES: right is not zero
std::optional<Int128> remainder_decimals(Decimal left, Decimal right, const Type& result);

/// Types of results (streaming-sql.md §4.6), scale reduced where 38 digits do not suffice.
Type add_decimal_type(const Type& left, const Type& right);
Type multiply_decimal_type(const Type& left, const Type& right);
Type divide_decimal_type(const Type& left, const Type& right);
Type remainder_decimal_type(const Type& left, const Type& right);
/// The type to compare and unite both: above 38 digits the scale gives way.
Type common_decimal_type(const Type& left, const Type& right);
/// The DECIMAL that holds every value of an integral type: (3,0) (5,0) (10,0) (20,0).
Type decimal_of_integral(TypeKind kind);

/// <0, 0, >0, exactly, whatever the scales.
int compare_decimals(Decimal left, Decimal right);

/// The nearest double.
double decimal_to_double(Decimal value);
/// The decimal of the shortest digits of the double, as Spark reads it; nothing for NaN, infinity
/// and what does not fit.
std::optional<Int128> double_to_decimal(double value, int precision, int scale);
std::optional<Int128> float_to_decimal(float value, int precision, int scale);

}  // namespace millrace::data
