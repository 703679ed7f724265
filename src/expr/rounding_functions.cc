// round, bround, ceil, floor and abs: what they give depends on the type. DOUBLE is rounded by its
// shortest decimal digits, as Spark does: round(1.005, 2) = 1.01.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "data/decimal.h"
#include "expr/coercion.h"
#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/physical.h"

namespace millrace::expr {
namespace {

using data::Rounding;
using data::Type;
using data::TypeKind;
using enum data::TypeKind;

struct Places : CallData {
  explicit Places(int given) : places(given) {}

  int places;
};

// More places than any number has.
constexpr int kPlacesLimit = 400;

// The significant digits d of 0.ddd × 10^point, rounded to `places` after the decimal point.
bool rounds_up(std::string_view digits, std::size_t keep, Rounding rounding) {
  if (digits[keep] != '5' || rounding == Rounding::kHalfUp) {
    return digits[keep] >= '5';
  }
  const bool tie = digits.find_first_not_of('0', keep + 1) == std::string_view::npos;
  return !tie || (keep > 0 && (digits[keep - 1] - '0') % 2 != 0);
}

double round_double(double value, int places, Rounding rounding, bool is_float) {
  if (!std::isfinite(value) || value == 0) {
    return value;
  }
  std::array<char, 64> buffer{};
  char* const end = buffer.data() + buffer.size();
  const double magnitude = std::fabs(value);
  const auto written =
      is_float
          ? std::to_chars(
                buffer.data(), end, static_cast<float>(magnitude), std::chars_format::scientific)
          : std::to_chars(buffer.data(), end, magnitude, std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
  const std::size_t e = text.find('e');
  int exponent = 0;
  const std::size_t number = text[e + 1] == '+' ? e + 2 : e + 1;
  std::from_chars(text.data() + number, text.data() + text.size(), exponent);
  std::string digits(text.substr(0, e));
  std::erase(digits, '.');
  const int kept = exponent + 1 + places;
  if (kept >= static_cast<int>(digits.size())) {
    return value;
  }
  bool up = false;
  if (kept >= 0) {
    up = rounds_up(digits, static_cast<std::size_t>(kept), rounding);
    digits.resize(static_cast<std::size_t>(kept));
  } else {
    digits.clear();
  }
  for (std::size_t at = digits.size(); up && at > 0;) {
    --at;
    up = digits[at] == '9';
    digits[at] = up ? '0' : static_cast<char>(digits[at] + 1);
  }
  if (up) {
    digits.insert(0, 1, '1');
  }
  if (digits.empty()) {
    return std::copysign(0.0, value);
  }
  digits += "e" + std::to_string(-places);
  double rounded = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), rounded);
  return std::copysign(rounded, value);
}

template <Rounding kRounding>
double round_of_double(Row& row, double value) {
  return round_double(value, row.data<Places>().places, kRounding, /*is_float=*/false);
}

template <Rounding kRounding>
float round_of_float(Row& row, float value) {
  return static_cast<float>(
      round_double(double{value}, row.data<Places>().places, kRounding, /*is_float=*/true));
}

template <class T, Rounding kRounding>
T round_of_integer(Row& row, T value) {
  const int places = row.data<Places>().places;
  if (places >= 0) {
    return value;
  }
  if (places < -19) {
    return 0;
  }
  const Int128 unit = data::power_of_ten(-places);
  const std::optional<Int128> units =
      data::rescale_decimal(value, -places, data::kMaxDecimalPrecision, 0, kRounding);
  const Int128 rounded = units.value_or(0) * unit;
  if (rounded < std::numeric_limits<T>::min() || rounded > std::numeric_limits<T>::max()) {
    row.fail(EvalError::kArithmeticOverflow);
    return 0;
  }
  return static_cast<T>(rounded);
}

// The type of a decimal that is rounded to `places`: one more digit may come in front.
Type rounded_decimal(const Type& type, int places) {
  const int whole = type.precision() - type.scale() + 1;
  if (places < 0) {
    return Type::decimal(std::min(std::max(whole, 1 - places), data::kMaxDecimalPrecision), 0);
  }
  const int scale = std::min(type.scale(), places);
  return Type::decimal(std::min(whole + scale, data::kMaxDecimalPrecision), scale);
}

template <Rounding kRounding>
Int128 round_of_decimal(Row& row, Int128 value) {
  const KernelInput& in = row.input();
  const int places = row.data<Places>().places;
  const int from = in.call.args[0]->type.scale();
  const Type& to = in.call.type;
  std::optional<Int128> rounded;
  if (places >= 0) {
    rounded = data::rescale_decimal(value, from, to.precision(), to.scale(), kRounding);
  } else if (from - places > data::kMaxDecimalPrecision) {
    rounded = 0;
  } else {
    // Before the point: drop digits, then put zeros in their place.
    rounded = data::rescale_decimal(value, from - places, data::kMaxDecimalPrecision, 0, kRounding);
    rounded = rounded ? data::rescale_decimal(*rounded, 0, to.precision(), -places) : rounded;
  }
  if (!rounded) {
    row.fail(EvalError::kNumericValueOutOfRange);
  }
  return rounded.value_or(0);
}

// The constant second argument; 0 when it was not given.
std::optional<int> places_of(CallSite& call) {
  if (call.count() == 1) {
    return 0;
  }
  if (!call.cast(1, Type(kInt))) {
    return std::nullopt;
  }
  const std::optional<data::Value> places = call.constant(1);
  if (!places) {
    return call.fail("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
                     "42K09",
                     std::string(call.name()) + ": the number of places must be a constant");
  }
  if (places->is_null()) {
    return 0;
  }
  return static_cast<int>(std::clamp<std::int64_t>(places->integer(), -kPlacesLimit, kPlacesLimit));
}

template <Rounding kRounding>
Kernel rounding_kernel(TypeKind kind) {
  if (kind == kDecimal) {
    return kRowKernel<round_of_decimal<kRounding>>;
  }
  if (kind == kFloat) {
    return kRowKernel<round_of_float<kRounding>>;
  }
  if (kind == kTinyInt) {
    return kRowKernel<round_of_integer<std::int8_t, kRounding>>;
  }
  if (kind == kSmallInt) {
    return kRowKernel<round_of_integer<std::int16_t, kRounding>>;
  }
  if (kind == kInt) {
    return kRowKernel<round_of_integer<std::int32_t, kRounding>>;
  }
  return kind == kBigInt ? kRowKernel<round_of_integer<std::int64_t, kRounding>>
                         : kRowKernel<round_of_double<kRounding>>;
}

template <Rounding kRounding>
std::optional<Resolution> resolve_round(CallSite& call) {
  const std::optional<int> places = places_of(call);
  if (!places) {
    return std::nullopt;
  }
  const Type from = call.type(0).is_numeric() ? call.type(0) : Type(kDouble);
  const Type to = from.kind() == kDecimal ? rounded_decimal(from, *places) : from;
  if (call.count() == 2 && call.constant(1)->is_null()) {
    Resolution null;
    null.replacement = make_literal(to, data::Value(), call.where());
    return null;
  }
  std::optional<Resolution> resolution =
      signature(call, to, {from, Type(kInt)}, rounding_kernel<kRounding>(from.kind()));
  if (resolution) {
    resolution->data = std::make_shared<Places>(*places);
  }
  return resolution;
}

// --- ceil and floor

template <Rounding kRounding>
std::int64_t whole_of_double(Row& row, double value) {
  const double whole = kRounding == Rounding::kCeiling ? std::ceil(value) : std::floor(value);
  // 2^63 is the first DOUBLE that BIGINT does not hold.
  if (!(whole >= -0x1p63 && whole < 0x1p63)) {
    row.fail(EvalError::kArithmeticOverflow);
    return 0;
  }
  return static_cast<std::int64_t>(whole);
}

std::int64_t whole_of_integer(Row&, std::int64_t value) {
  return value;
}

Type decimal_of(const Type& type) {
  if (type.kind() == kDecimal) {
    return type;
  }
  if (type.kind() == kFloat) {
    return Type::decimal(14, 7);
  }
  return type.is_integral() ? as_decimal(type) : Type::decimal(30, 15);
}

template <Rounding kRounding>
std::optional<Resolution> resolve_whole(CallSite& call) {
  const std::optional<int> places = places_of(call);
  if (!places) {
    return std::nullopt;
  }
  const Type given = call.type(0);
  std::optional<Resolution> resolution;
  if (call.count() == 2 || given.kind() == kDecimal) {
    const Type from = decimal_of(given);
    const bool whole = call.count() == 1 && from.scale() == 0;
    resolution = signature(call,
                           whole ? from : rounded_decimal(from, *places),
                           {from, Type(kInt)},
                           kRowKernel<round_of_decimal<kRounding>>);
  } else if (given.is_integral()) {
    resolution = signature(call, Type(kBigInt), {Type(kBigInt)}, kRowKernel<whole_of_integer>);
  } else {
    resolution =
        signature(call, Type(kBigInt), {Type(kDouble)}, kRowKernel<whole_of_double<kRounding>>);
  }
  if (resolution) {
    resolution->data = std::make_shared<Places>(*places);
  }
  return resolution;
}

// --- abs

template <class T>
T abs_of(Row& row, T value) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fabs(value);
  } else if constexpr (std::is_same_v<T, Int128>) {
    return value < 0 ? -value : value;
  } else {
    if (value == std::numeric_limits<T>::min()) {
      row.fail(EvalError::kArithmeticOverflow);
      return 0;
    }
    return value < 0 ? static_cast<T>(-value) : value;
  }
}

std::optional<Resolution> resolve_abs(CallSite& call) {
  const bool interval =
      call.type(0).kind() == kYearMonthInterval || call.type(0).kind() == kDayTimeInterval;
  const Type type = call.type(0).is_numeric() || interval ? call.type(0) : Type(kDouble);
  Kernel kernel = nullptr;
  visit_physical(type, [&]<class T>() {
    if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, Int128>) {
      kernel = kRowKernel<abs_of<T>>;
    }
  });
  return signature(call, type, {type}, kernel);
}

constexpr Function kRoundingFunctions[] = {
    {"abs", 1, 1, resolve_abs, true, "abs(x) - without the sign"},
    {"round",
     1,
     2,
     resolve_round<Rounding::kHalfUp>,
     true,
     "round(x[, places]) - rounded, halves away from zero"},
    {"bround",
     1,
     2,
     resolve_round<Rounding::kHalfEven>,
     true,
     "bround(x[, places]) - rounded, halves to even"},
    {"ceil",
     1,
     2,
     resolve_whole<Rounding::kCeiling>,
     true,
     "ceil(x[, places]) - the smallest number of that many places that is not below x"},
    {"ceiling", 1, 2, resolve_whole<Rounding::kCeiling>, true, "ceiling(x[, places]) - as ceil"},
    {"floor",
     1,
     2,
     resolve_whole<Rounding::kFloor>,
     true,
     "floor(x[, places]) - the greatest number of that many places that is not above x"},
};

}  // namespace

std::span<const Function> rounding_functions() {
  return kRoundingFunctions;
}

}  // namespace millrace::expr
