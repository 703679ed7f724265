// Mathematical functions of DOUBLE, and of integers. Rounding: rounding_functions.cc.
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <numbers>

#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/strict_math.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using enum data::TypeKind;
using Text = std::string_view;

template <auto kFunction>
double of_double(Row&, double x) {
  return kFunction(x);
}

template <auto kFunction>
double of_doubles(Row&, double x, double y) {
  return kFunction(x, y);
}

// Logarithms are null up to their pole.
template <auto kFunction, int kPole>
double above_pole(Row& row, double x) {
  if (x <= kPole) {
    row.set_null();
    return 0;
  }
  return kFunction(x);
}

constexpr auto kLog = [](double x) {
  return std::log(x);
};

double log_to_base(Row& row, double base, double x) {
  if (base <= 0 || x <= 0) {
    row.set_null();
    return 0;
  }
  return std::log(x) / std::log(base);
}

std::optional<Resolution> resolve_log(CallSite& call) {
  return signature(call,
                   Type(kDouble),
                   {Type(kDouble)},
                   call.count() == 1 ? kRowKernel<above_pole<kLog, 0>> : kRowKernel<log_to_base>,
                   /*always_nullable=*/true);
}

double constant_pi(Row&) {
  return std::numbers::pi;
}

double constant_e(Row&) {
  return std::numbers::e;
}

double sign_of(double x) {
  if (std::isnan(x) || x == 0) {
    return x;
  }
  return x > 0 ? 1 : -1;
}

// --- Integers

std::int64_t factorial(Row& row, std::int32_t n) {
  if (n < 0 || n > 20) {
    row.set_null();
    return 0;
  }
  std::int64_t product = 1;
  for (std::int64_t i = 2; i <= n; ++i) {
    product *= i;
  }
  return product;
}

std::string in_base(std::uint64_t value, std::uint64_t base) {
  static constexpr Text kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string digits;
  do {
    digits.insert(digits.begin(), kDigits[value % base]);
    value /= base;
  } while (value != 0);
  return digits;
}

std::string bin(Row&, std::int64_t value) {
  return in_base(static_cast<std::uint64_t>(value), 2);
}

int digit_in(char c, int base) {
  int digit = 36;
  if (c >= '0' && c <= '9') {
    digit = c - '0';
  } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') {
    digit = (c | 0x20) - 'a' + 10;
  }
  return digit < base ? digit : -1;
}

// conv(text, from, to): a negative `to` gives a signed number, else 64 bits without sign.
std::string conv(Row& row, Text text, std::int32_t from, std::int32_t to) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  const std::int64_t to_base = std::abs(std::int64_t{to});
  if (from < 2 || from > 36 || to_base < 2 || to_base > 36 || text.empty()) {
    row.set_null();
    return {};
  }
  bool negative = text.front() == '-';
  if (negative) {
    text.remove_prefix(1);
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    const int digit = digit_in(c, from);
    if (digit < 0) {
      break;
    }
    if (__builtin_mul_overflow(value, static_cast<std::uint64_t>(from), &value) ||
        __builtin_add_overflow(value, static_cast<std::uint64_t>(digit), &value)) {
      row.fail(EvalError::kArithmeticOverflow);
      return {};
    }
  }
  const auto is_signed = [&] {
    return static_cast<std::int64_t>(value) < 0;
  };
  if (negative && to > 0) {
    value = is_signed() ? ~std::uint64_t{0} : 0 - value;
  }
  if (to < 0 && is_signed()) {
    value = 0 - value;
    negative = true;
  }
  const std::string digits = in_base(value, static_cast<std::uint64_t>(to_base));
  return negative && to < 0 ? "-" + digits : digits;
}

std::int32_t bit_count_of_integer(Row&, std::int64_t value) {
  return std::popcount(static_cast<std::uint64_t>(value));
}

std::int32_t bit_count_of_boolean(Row&, bool value) {
  return value ? 1 : 0;
}

std::optional<Resolution> resolve_bit_count(CallSite& call) {
  if (call.type(0).kind() == kBoolean) {
    return signature(call, Type(kInt), {Type(kBoolean)}, kRowKernel<bit_count_of_boolean>);
  }
  return signature(call, Type(kInt), {Type(kBigInt)}, kRowKernel<bit_count_of_integer>);
}

template <int kBits>
std::int8_t bit_get(Row& row, std::int64_t value, std::int32_t position) {
  if (position < 0 || position >= kBits) {
    row.fail(EvalError::kInvalidParameterValue);
    return 0;
  }
  return static_cast<std::int8_t>((value >> position) & 1);
}

Kernel bit_get_kernel(TypeKind kind) {
  if (kind == kTinyInt) {
    return kRowKernel<bit_get<8>>;
  }
  if (kind == kSmallInt) {
    return kRowKernel<bit_get<16>>;
  }
  return kind == kInt ? kRowKernel<bit_get<32>> : kRowKernel<bit_get<64>>;
}

std::optional<Resolution> resolve_bit_get(CallSite& call) {
  const Kernel kernel = bit_get_kernel(call.type(0).kind());
  return signature(call, Type(kTinyInt), {Type(kBigInt), Type(kInt)}, kernel);
}

std::int64_t width_bucket(Row& row, double value, double low, double high, std::int64_t count) {
  if (count <= 0 || count == std::numeric_limits<std::int64_t>::max() || std::isnan(value) ||
      low == high || !std::isfinite(low) || !std::isfinite(high)) {
    row.set_null();
    return 0;
  }
  const bool rising = low < high;
  if (rising ? value < low : value > low) {
    return 0;
  }
  if (rising ? value >= high : value <= high) {
    return count + 1;
  }
  return static_cast<std::int64_t>(static_cast<double>(count) * (value - low) / (high - low)) + 1;
}

// --- NaN

data::ColumnPtr isnan_kernel(const KernelInput& in) {
  return map_rows_nullable<bool, double>(
      in, [](Row&, std::optional<double> x) { return x && std::isnan(*x); });
}

std::optional<Resolution> resolve_isnan(CallSite& call) {
  std::optional<Resolution> resolution =
      signature(call, Type(kBoolean), {Type(kDouble)}, isnan_kernel);
  if (resolution) {
    resolution->nullable = false;
  }
  return resolution;
}

template <class T>
data::ColumnPtr nanvl_kernel(const KernelInput& in) {
  return map_rows_nullable<T, T, T>(
      in, [](Row& row, std::optional<T> value, std::optional<T> otherwise) {
        const std::optional<T> chosen = value && std::isnan(*value) ? otherwise : value;
        if (!chosen) {
          row.set_null();
        }
        return chosen.value_or(T{});
      });
}

std::optional<Resolution> resolve_nanvl(CallSite& call) {
  const bool both_floats = call.type(0).kind() == kFloat && call.type(1).kind() == kFloat;
  const Type type(both_floats ? kFloat : kDouble);
  return signature(call, type, {type}, both_floats ? nanvl_kernel<float> : nanvl_kernel<double>);
}

template <auto kFunction>
constexpr Function unary(std::string_view name, std::string_view usage) {
  return {.name = name,
          .min_args = 1,
          .max_args = 1,
          .resolve = resolve_fixed<kRowKernel<of_double<kFunction>>, kDouble, kDouble>,
          .deterministic = true,
          .usage = usage};
}

template <auto kFunction>
constexpr Function binary(std::string_view name, std::string_view usage) {
  return {.name = name,
          .min_args = 2,
          .max_args = 2,
          .resolve = resolve_fixed<kRowKernel<of_doubles<kFunction>>, kDouble, kDouble, kDouble>,
          .deterministic = true,
          .usage = usage};
}

template <auto kFunction, int kPole>
constexpr Function logarithm(std::string_view name, std::string_view usage) {
  return {.name = name,
          .min_args = 1,
          .max_args = 1,
          .resolve = resolve_nullable<kRowKernel<above_pole<kFunction, kPole>>, kDouble, kDouble>,
          .deterministic = true,
          .usage = usage};
}

constexpr double kDegreesPerRadian = 57.29577951308232;
constexpr double kRadiansPerDegree = 0.017453292519943295;
constexpr auto kPower = [](double x, double y) {
  return std::pow(x, y);
};

constexpr Function kMathFunctions[] = {
    unary<[](double x) {
      return std::sqrt(x);
    }>("sqrt", "sqrt(x) - the square root"),
    unary<strict_cbrt>("cbrt", "cbrt(x) - the cube root"),
    unary<strict_exp>("exp", "exp(x) - e to the power x"),
    unary<[](double x) {
      return std::expm1(x);
    }>("expm1", "expm1(x) - exp(x) - 1"),
    logarithm<kLog, 0>("ln", "ln(x) - the natural logarithm, null for x <= 0"),
    {"log", 1, 2, resolve_log, true, "log([base, ]x) - the logarithm, null for x <= 0"},
    logarithm<[](double x) { return std::log10(x); }, 0>("log10", "log10(x) - to base 10"),
    logarithm<[](double x) { return std::log(x) / std::numbers::ln2; }, 0>("log2",
                                                                           "log2(x) - to base 2"),
    logarithm<[](double x) { return std::log1p(x); }, -1>("log1p", "log1p(x) - ln(1 + x)"),
    binary<kPower>("power", "power(x, y) - x to the power y"),
    binary<kPower>("pow", "pow(x, y) - x to the power y"),
    unary<[](double x) {
      return std::sin(x);
    }>("sin", "sin(x) - the sine, x in radians"),
    unary<[](double x) {
      return std::cos(x);
    }>("cos", "cos(x) - the cosine"),
    unary<[](double x) {
      return std::tan(x);
    }>("tan", "tan(x) - the tangent"),
    unary<[](double x) {
      return 1 / std::tan(x);
    }>("cot", "cot(x) - the cotangent"),
    unary<[](double x) {
      return 1 / std::cos(x);
    }>("sec", "sec(x) - the secant"),
    unary<[](double x) {
      return 1 / std::sin(x);
    }>("csc", "csc(x) - the cosecant"),
    unary<[](double x) {
      return std::asin(x);
    }>("asin", "asin(x) - the arc sine"),
    unary<[](double x) {
      return std::acos(x);
    }>("acos", "acos(x) - the arc cosine"),
    unary<[](double x) {
      return std::atan(x);
    }>("atan", "atan(x) - the arc tangent"),
    binary<[](double y, double x) {
      return std::atan2(y + 0.0, x + 0.0);
    }>("atan2", "atan2(y, x) - the angle of the point (x, y)"),
    unary<[](double x) {
      return std::sinh(x);
    }>("sinh", "sinh(x) - the hyperbolic sine"),
    unary<[](double x) {
      return std::cosh(x);
    }>("cosh", "cosh(x) - the hyperbolic cosine"),
    unary<[](double x) {
      return std::tanh(x);
    }>("tanh", "tanh(x) - the hyperbolic tangent"),
    unary<[](double x) {
      return std::isinf(x) ? x : std::log(x + std::sqrt(x * x + 1));
    }>("asinh", "asinh(x) - the inverse hyperbolic sine"),
    unary<[](double x) {
      return std::log(x + std::sqrt(x * x - 1));
    }>("acosh", "acosh(x) - the inverse hyperbolic cosine"),
    unary<[](double x) {
      return 0.5 * (std::log1p(x) - std::log1p(-x));
    }>("atanh", "atanh(x) - the inverse hyperbolic tangent"),
    unary<[](double x) {
      return x * kDegreesPerRadian;
    }>("degrees", "degrees(x) - radians as degrees"),
    unary<[](double x) {
      return x * kRadiansPerDegree;
    }>("radians", "radians(x) - degrees as radians"),
    unary<[](double x) {
      return std::nearbyint(x);
    }>("rint", "rint(x) - the nearest integer as DOUBLE"),
    unary<sign_of>("sign", "sign(x) - -1.0, 0.0 or 1.0"),
    unary<sign_of>("signum", "signum(x) - -1.0, 0.0 or 1.0"),
    binary<[](double x, double y) {
      return std::hypot(x, y);
    }>("hypot", "hypot(x, y) - sqrt(x² + y²)"),
    {"pi", 0, 0, resolve_fixed<kRowKernel<constant_pi>, kDouble, kDouble>, true, "pi() - π"},
    {"e", 0, 0, resolve_fixed<kRowKernel<constant_e>, kDouble, kDouble>, true, "e() - e"},
    {"factorial",
     1,
     1,
     resolve_nullable<kRowKernel<factorial>, kBigInt, kInt>,
     true,
     "factorial(n) - n!, null outside of 0 to 20"},
    {"bin",
     1,
     1,
     resolve_fixed<kRowKernel<bin>, kString, kBigInt>,
     true,
     "bin(n) - n in binary digits"},
    {"conv",
     3,
     3,
     resolve_nullable<kRowKernel<conv>, kString, kString, kInt, kInt>,
     true,
     "conv(num, from, to) - digits of one base (2 to 36) in another"},
    {"bit_count", 1, 1, resolve_bit_count, true, "bit_count(n) - how many bits are 1"},
    {"bit_get", 2, 2, resolve_bit_get, true, "bit_get(n, pos) - the bit at pos, 0 = lowest"},
    {"getbit", 2, 2, resolve_bit_get, true, "getbit(n, pos) - as bit_get"},
    {"width_bucket",
     4,
     4,
     resolve_nullable<kRowKernel<width_bucket>, kBigInt, kDouble, kDouble, kDouble, kBigInt>,
     true,
     "width_bucket(x, min, max, n) - which of n equal buckets x falls into"},
    {"isnan", 1, 1, resolve_isnan, true, "isnan(x) - whether x is NaN"},
    {"nanvl", 2, 2, resolve_nanvl, true, "nanvl(x, y) - y when x is NaN, else x"},
};

}  // namespace

std::span<const Function> math_functions() {
  return kMathFunctions;
}

}  // namespace millrace::expr
