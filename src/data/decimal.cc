#include "data/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

namespace millrace::data {
namespace {

constexpr int kMinAdjustedScale = 6;

constexpr std::array<Int128, kMaxDecimalPrecision + 1> kPowers = [] {
  std::array<Int128, kMaxDecimalPrecision + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) {
    powers[i] = powers[i - 1] * 10;
  }
  return powers;
}();

// An unsigned number of 256 bits.
struct Wide {
  UInt128 high = 0;
  UInt128 low = 0;

  friend bool operator==(const Wide&, const Wide&) = default;

  friend bool operator<(const Wide& left, const Wide& right) {
    return left.high != right.high ? left.high < right.high : left.low < right.low;
  }
};

UInt128 magnitude(Int128 value) {
  return value < 0 ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

Wide add(const Wide& left, const Wide& right) {
  Wide sum{.high = left.high + right.high, .low = left.low + right.low};
  sum.high += sum.low < left.low ? 1U : 0U;
  return sum;
}

Wide subtract(const Wide& left, const Wide& right) {
  Wide difference{.high = left.high - right.high, .low = left.low - right.low};
  difference.high -= left.low < right.low ? 1U : 0U;
  return difference;
}

Wide multiply(UInt128 left, UInt128 right) {
  constexpr UInt128 kHalf = std::numeric_limits<std::uint64_t>::max();
  const UInt128 low_low = (left & kHalf) * (right & kHalf);
  const UInt128 low_high = (left & kHalf) * (right >> 64U);
  const UInt128 high_low = (left >> 64U) * (right & kHalf);
  const UInt128 high_high = (left >> 64U) * (right >> 64U);
  const UInt128 middle = (low_low >> 64U) + (low_high & kHalf) + (high_low & kHalf);
  return {.high = high_high + (low_high >> 64U) + (high_low >> 64U) + (middle >> 64U),
          .low = (low_low & kHalf) | (middle << 64U)};
}

// Nothing when the product needs more than 255 bits.
std::optional<Wide> multiply(const Wide& left, UInt128 right) {
  const Wide low = multiply(left.low, right);
  const Wide high = multiply(left.high, right);
  const UInt128 top = low.high + high.low;
  if (high.high != 0 || top < low.high || (top >> 127U) != 0) {
    return std::nullopt;
  }
  return Wide{.high = top, .low = low.low};
}

struct Quotient {
  Wide quotient;
  Wide remainder;
};

// Bit by bit where 128 bits do not suffice: rare, and at most 256 steps. REQUIRES: numerator below
// 2^255
Quotient divide(const Wide& numerator, const Wide& denominator) {
  if (numerator.high == 0 && denominator.high == 0) {
    return {.quotient = {.high = 0, .low = numerator.low / denominator.low},
            .remainder = {.high = 0, .low = numerator.low % denominator.low}};
  }
  Quotient result;
  for (unsigned step = 0; step < 256; ++step) {
    const unsigned bit = 255 - step;
    const UInt128 next =
        bit >= 128 ? (numerator.high >> (bit - 128)) & 1U : (numerator.low >> bit) & 1U;
    result.remainder = add(result.remainder, result.remainder);
    result.remainder.low |= next;
    result.quotient = add(result.quotient, result.quotient);
    if (!(result.remainder < denominator)) {
      result.remainder = subtract(result.remainder, denominator);
      result.quotient.low |= 1U;
    }
  }
  return result;
}

bool rounds_away(const Quotient& division,
                 const Wide& denominator,
                 bool negative,
                 Rounding rounding) {
  if (division.remainder == Wide{}) {
    return false;
  }
  const Wide twice = add(division.remainder, division.remainder);
  switch (rounding) {
    case Rounding::kHalfUp:
      return !(twice < denominator);
    case Rounding::kHalfEven:
      return denominator < twice || (twice == denominator && (division.quotient.low & 1U) != 0);
    case Rounding::kDown:
      return false;
    case Rounding::kFloor:
      return negative;
    case Rounding::kCeiling:
      return !negative;
  }
  return false;
}

// The signed value of a magnitude, when it has at most `precision` digits.
std::optional<Int128> signed_value(const Wide& value, bool negative, int precision) {
  if (value.high != 0 || value.low >= static_cast<UInt128>(power_of_ten(precision))) {
    return std::nullopt;
  }
  const auto unscaled = static_cast<Int128>(value.low);
  return negative ? -unscaled : unscaled;
}

struct SignedWide {
  Wide value;
  bool negative = false;
};

std::optional<Int128> divide_rounded(const SignedWide& numerator,
                                     const Wide& denominator,
                                     int precision,
                                     Rounding rounding) {
  Quotient division = divide(numerator.value, denominator);
  if (rounds_away(division, denominator, numerator.negative, rounding)) {
    division.quotient = add(division.quotient, {.high = 0, .low = 1});
  }
  return signed_value(division.quotient, numerator.negative, precision);
}

// From one scale to DECIMAL(precision, scale).
std::optional<Int128> fit(const SignedWide& value,
                          int from_scale,
                          int precision,
                          int scale,
                          Rounding rounding = Rounding::kHalfUp) {
  if (scale >= from_scale) {
    std::optional<Wide> scaled = value.value;
    for (int left = scale - from_scale; left > 0 && scaled; left -= kMaxDecimalPrecision) {
      const Int128 power = power_of_ten(std::min(left, kMaxDecimalPrecision));
      scaled = multiply(*scaled, static_cast<UInt128>(power));
    }
    return scaled ? signed_value(*scaled, value.negative, precision) : std::nullopt;
  }
  // At most 76 digits are dropped: 10^76 has 253 bits.
  const int dropped = from_scale - scale;
  const int first = std::min(dropped, kMaxDecimalPrecision);
  const Wide denominator = multiply(static_cast<UInt128>(power_of_ten(first)),
                                    static_cast<UInt128>(power_of_ten(dropped - first)));
  return divide_rounded(value, denominator, precision, rounding);
}

SignedWide scaled_up(Decimal value, int scale) {
  return {.value = multiply(magnitude(value.unscaled),
                            static_cast<UInt128>(power_of_ten(scale - value.scale))),
          .negative = value.unscaled < 0};
}

std::optional<Int128> add_signed(Decimal left,
                                 Decimal right,
                                 bool subtract_right,
                                 const Type& result) {
  const int scale = std::max(left.scale, right.scale);
  const SignedWide a = scaled_up(left, scale);
  SignedWide b = scaled_up(right, scale);
  b.negative = b.negative != subtract_right;
  SignedWide sum;
  if (a.negative == b.negative) {
    sum = {.value = add(a.value, b.value), .negative = a.negative};
  } else if (b.value < a.value) {
    sum = {.value = subtract(a.value, b.value), .negative = a.negative};
  } else {
    sum = {.value = subtract(b.value, a.value), .negative = b.negative};
  }
  return fit(sum, scale, result.precision(), result.scale());
}

Type adjusted(int precision, int scale) {
  if (precision <= kMaxDecimalPrecision) {
    return Type::decimal(precision, scale);
  }
  const int integral = precision - scale;
  const int least_scale = std::min(scale, kMinAdjustedScale);
  return Type::decimal(kMaxDecimalPrecision,
                       std::max(kMaxDecimalPrecision - integral, least_scale));
}

// A number's text, taken apart: value = 0.DIGITS × 10^point.
struct NumberParts {
  bool negative = false;
  std::string digits;  // Without leading zeros.
  std::int64_t point = 0;
};

bool read_exponent(std::string_view text, std::int64_t& exponent) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') {
      return false;
    }
  }
  std::int32_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  exponent = value;
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

bool take_apart(std::string_view text, NumberParts& parts) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    parts.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  std::int64_t exponent = 0;
  if (const std::size_t mark = text.find_first_of("eE"); mark != std::string_view::npos) {
    if (!read_exponent(text.substr(mark + 1), exponent)) {
      return false;
    }
    text = text.substr(0, mark);
  }
  bool fraction = false;
  bool any = false;
  for (const char c : text) {
    if (c == '.' && !fraction) {
      fraction = true;
      continue;
    }
    if (c < '0' || c > '9') {
      return false;
    }
    any = true;
    if (!parts.digits.empty() || c != '0') {
      parts.digits += c;
      parts.point += fraction ? 0 : 1;
    } else if (fraction) {
      --parts.point;
    }
  }
  parts.point += exponent;
  return any;
}

}  // namespace

Int128 power_of_ten(int exponent) {
  return kPowers[static_cast<std::size_t>(exponent)];
}

bool fits_precision(Int128 unscaled, int precision) {
  return magnitude(unscaled) < static_cast<UInt128>(power_of_ten(precision));
}

void append_decimal(std::string& out, Int128 unscaled, int scale) {
  char buffer[48];
  char* const end = buffer + sizeof buffer;
  char* at = end;
  UInt128 rest = magnitude(unscaled);
  int digits = 0;
  while (rest != 0 || digits <= scale) {
    if (digits == scale && scale > 0) {
      *--at = '.';
    }
    // 64-bit division is many times cheaper, and nearly all values fit.
    if ((rest >> 64U) == 0) {
      const auto low = static_cast<std::uint64_t>(rest);
      *--at = static_cast<char>('0' + static_cast<int>(low % 10));
      rest = low / 10;
    } else {
      *--at = static_cast<char>('0' + static_cast<int>(rest % 10));
      rest /= 10;
    }
    ++digits;
  }
  if (unscaled < 0) {
    *--at = '-';
  }
  out.append(at, end);
}

std::string decimal_to_string(Int128 unscaled, int scale) {
  std::string text;
  append_decimal(text, unscaled, scale);
  return text;
}

DecimalText parse_decimal(std::string_view text, int precision, int scale, Int128& unscaled) {
  NumberParts parts;
  if (!take_apart(text, parts)) {
    return DecimalText::kSyntax;
  }
  unscaled = 0;
  const std::int64_t kept = parts.point + scale;
  if (parts.digits.empty() || kept < 0) {
    return DecimalText::kOk;
  }
  if (kept > kMaxDecimalPrecision) {
    return DecimalText::kOutOfRange;
  }
  UInt128 value = 0;
  for (std::int64_t i = 0; i < kept; ++i) {
    const auto at = static_cast<std::size_t>(i);
    value =
        value * 10 + (at < parts.digits.size() ? static_cast<UInt128>(parts.digits[at] - '0') : 0U);
  }
  const auto next = static_cast<std::size_t>(kept);
  if (next < parts.digits.size() && parts.digits[next] >= '5') {
    ++value;
  }
  unscaled = parts.negative ? -static_cast<Int128>(value) : static_cast<Int128>(value);
  return fits_precision(unscaled, precision) ? DecimalText::kOk : DecimalText::kOutOfRange;
}

std::optional<Type> decimal_literal_type(std::string_view text) {
  NumberParts parts;
  if (!take_apart(text, parts)) {
    return std::nullopt;
  }
  const std::size_t mark = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, mark);
  const std::size_t dot = mantissa.find('.');
  std::int64_t scale =
      dot == std::string_view::npos ? 0 : static_cast<std::int64_t>(mantissa.size() - dot - 1);
  if (std::int64_t exponent = 0; mark != std::string_view::npos) {
    read_exponent(text.substr(mark + 1), exponent);
    scale -= exponent;
  }
  scale = std::max<std::int64_t>(scale, 0);
  const std::int64_t integral = parts.digits.empty() ? 0 : std::max<std::int64_t>(parts.point, 0);
  const std::int64_t precision = std::max<std::int64_t>(integral + scale, 1);
  if (precision > kMaxDecimalPrecision) {
    return std::nullopt;
  }
  return Type::decimal(static_cast<int>(precision), static_cast<int>(scale));
}

std::optional<Int128> rescale_decimal(
    Int128 unscaled, int from_scale, int precision, int scale, Rounding rounding) {
  if (from_scale == scale) {
    return fits_precision(unscaled, precision) ? std::optional(unscaled) : std::nullopt;
  }
  const SignedWide value{.value = {.high = 0, .low = magnitude(unscaled)},
                         .negative = unscaled < 0};
  return fit(value, from_scale, precision, scale, rounding);
}

std::optional<Int128> add_decimals(Decimal left, Decimal right, const Type& result) {
  return add_signed(left, right, /*subtract_right=*/false, result);
}

std::optional<Int128> subtract_decimals(Decimal left, Decimal right, const Type& result) {
  return add_signed(left, right, /*subtract_right=*/true, result);
}

std::optional<Int128> multiply_decimals(Decimal left, Decimal right, const Type& result) {
  const SignedWide product{.value = multiply(magnitude(left.unscaled), magnitude(right.unscaled)),
                           .negative = (left.unscaled < 0) != (right.unscaled < 0)};
  return fit(product, left.scale + right.scale, result.precision(), result.scale());
}

// left / 10^ls / (right / 10^rs) × 10^s. Where the numerator needs more than 255 bits the quotient
// has more than 38 digits, because the denominator has at most 38.
std::optional<Int128> divide_decimals(Decimal left, Decimal right, const Type& result) {
  const int shift = result.scale() + right.scale - left.scale;
  std::optional<Wide> numerator = Wide{.high = 0, .low = magnitude(left.unscaled)};
  Wide denominator{.high = 0, .low = magnitude(right.unscaled)};
  for (int rest = shift; rest > 0 && numerator; rest -= kMaxDecimalPrecision) {
    const Int128 power = power_of_ten(std::min(rest, kMaxDecimalPrecision));
    numerator = multiply(*numerator, static_cast<UInt128>(power));
  }
  if (shift < 0) {
    denominator = multiply(denominator.low, static_cast<UInt128>(power_of_ten(-shift)));
  }
  if (!numerator) {
    return std::nullopt;
  }
  const bool negative = (left.unscaled < 0) != (right.unscaled < 0);
  return divide_rounded({.value = *numerator, .negative = negative},
                        denominator,
                        result.precision(),
                        Rounding::kHalfUp);
}

std::optional<Int128> remainder_decimals(Decimal left, Decimal right, const Type& result) {
  const int scale = std::max(left.scale, right.scale);
  const SignedWide a = scaled_up(left, scale);
  const SignedWide b = scaled_up(right, scale);
  const SignedWide rest{.value = divide(a.value, b.value).remainder, .negative = a.negative};
  return fit(rest, scale, result.precision(), result.scale());
}

Type add_decimal_type(const Type& left, const Type& right) {
  const int scale = std::max(left.scale(), right.scale());
  const int integral = std::max(left.precision() - left.scale(), right.precision() - right.scale());
  return adjusted(integral + scale + 1, scale);
}

Type multiply_decimal_type(const Type& left, const Type& right) {
  return adjusted(left.precision() + right.precision() + 1, left.scale() + right.scale());
}

Type divide_decimal_type(const Type& left, const Type& right) {
  const int scale = std::max(kMinAdjustedScale, left.scale() + right.precision() + 1);
  return adjusted(left.precision() - left.scale() + right.scale() + scale, scale);
}

Type remainder_decimal_type(const Type& left, const Type& right) {
  const int scale = std::max(left.scale(), right.scale());
  const int integral = std::min(left.precision() - left.scale(), right.precision() - right.scale());
  return adjusted(integral + scale, scale);
}

Type common_decimal_type(const Type& left, const Type& right) {
  const int scale = std::max(left.scale(), right.scale());
  const int integral = std::max(left.precision() - left.scale(), right.precision() - right.scale());
  if (integral + scale <= kMaxDecimalPrecision) {
    return Type::decimal(integral + scale, scale);
  }
  return Type::decimal(kMaxDecimalPrecision, std::max(kMaxDecimalPrecision - integral, 0));
}

Type decimal_of_integral(TypeKind kind) {
  if (kind == TypeKind::kTinyInt) {
    return Type::decimal(3, 0);
  }
  if (kind == TypeKind::kSmallInt) {
    return Type::decimal(5, 0);
  }
  return Type::decimal(kind == TypeKind::kInt ? 10 : 20, 0);
}

int compare_decimals(Decimal left, Decimal right) {
  if (left.scale == right.scale || (left.unscaled < 0) != (right.unscaled < 0)) {
    if (left.unscaled == right.unscaled) {
      return 0;
    }
    return left.unscaled < right.unscaled ? -1 : 1;
  }
  const int scale = std::max(left.scale, right.scale);
  const SignedWide a = scaled_up(left, scale);
  const SignedWide b = scaled_up(right, scale);
  if (a.value == b.value) {
    return 0;
  }
  return (a.value < b.value) != a.negative ? -1 : 1;
}

double decimal_to_double(Decimal value) {
  constexpr UInt128 kExact = UInt128{1} << 53U;
  constexpr int kExactPower = 22;
  if (magnitude(value.unscaled) <= kExact && value.scale <= kExactPower) {
    // Both operands are exact, so the division rounds once.
    return static_cast<double>(static_cast<std::int64_t>(value.unscaled)) /
           static_cast<double>(power_of_ten(value.scale));
  }
  const std::string text = decimal_to_string(value.unscaled, value.scale);
  double result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

namespace {

template <class T>
std::optional<Int128> shortest_to_decimal(T value, int precision, int scale) {
  if (!std::isfinite(value)) {
    return std::nullopt;
  }
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  Int128 unscaled = 0;
  const DecimalText outcome = parse_decimal(
      {buffer, static_cast<std::size_t>(end.ptr - buffer)}, precision, scale, unscaled);
  return outcome == DecimalText::kOk ? std::optional(unscaled) : std::nullopt;
}

}  // namespace

std::optional<Int128> double_to_decimal(double value, int precision, int scale) {
  return shortest_to_decimal(value, precision, scale);
}

std::optional<Int128> float_to_decimal(float value, int precision, int scale) {
  return shortest_to_decimal(value, precision, scale);
}

}  // namespace millrace::data
