// Casts between numbers, and between numbers and BOOLEAN.
#include <cmath>
#include <limits>

#include "data/decimal.h"
#include "expr/cast.h"
#include "expr/kernels.h"
#include "expr/physical.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

// Toward zero; the bounds are those of Java, which takes 2147483647.9 for INT, and 2^63 for BIGINT.
template <class To, class From>
bool truncate(From value, To& out) {
  constexpr auto kLow = static_cast<double>(std::numeric_limits<To>::min());
  constexpr auto kHigh = static_cast<double>(std::numeric_limits<To>::max());
  const auto wide = static_cast<double>(value);
  if (!(std::floor(wide) <= kHigh && std::ceil(wide) >= kLow)) {
    return false;
  }
  if (wide >= kHigh) {
    out = std::numeric_limits<To>::max();
  } else if (wide <= kLow) {
    out = std::numeric_limits<To>::min();
  } else {
    out = static_cast<To>(wide);
  }
  return true;
}

template <class From, class To>
To convert(Row& row, From value) {
  if constexpr (std::is_floating_point_v<To>) {
    return static_cast<To>(value);
  } else if constexpr (std::is_floating_point_v<From>) {
    To out{};
    if (!truncate(value, out)) {
      row.fail(EvalError::kCastOverflow);
    }
    return out;
  } else {
    if (value < std::numeric_limits<To>::min() || value > std::numeric_limits<To>::max()) {
      row.fail(EvalError::kCastOverflow);
    }
    return static_cast<To>(value);
  }
}

template <class From, class To>
data::ColumnPtr convert_kernel(const KernelInput& in) {
  return map_rows<To, From>(in, convert<From, To>);
}

template <class From>
data::ColumnPtr to_decimal_kernel(const KernelInput& in) {
  const int precision = in.call.type.precision();
  const int scale = in.call.type.scale();
  const int from_scale = in.args[0]->type().scale();  // 0 unless a DECIMAL.
  return map_rows<Int128, From>(in, [&](Row& row, From value) {
    std::optional<Int128> result;
    if constexpr (std::is_same_v<From, float>) {
      result = data::float_to_decimal(value, precision, scale);
    } else if constexpr (std::is_same_v<From, double>) {
      result = data::double_to_decimal(value, precision, scale);
    } else if constexpr (std::is_same_v<From, Int128>) {
      result = data::rescale_decimal(value, from_scale, precision, scale);
    } else {
      result = data::rescale_decimal(static_cast<Int128>(value), 0, precision, scale);
    }
    if (!result) {
      row.fail(EvalError::kNumericValueOutOfRange);
    }
    return result.value_or(0);
  });
}

template <class To>
data::ColumnPtr from_decimal_kernel(const KernelInput& in) {
  const int scale = in.args[0]->type().scale();
  return map_rows<To, Int128>(in, [&](Row& row, Int128 value) {
    if constexpr (std::is_floating_point_v<To>) {
      return static_cast<To>(data::decimal_to_double({value, scale}));
    } else {
      const Int128 whole = value / data::power_of_ten(scale);
      return convert<Int128, To>(row, whole);
    }
  });
}

template <class From>
data::ColumnPtr to_boolean_kernel(const KernelInput& in) {
  return map_rows<bool, From>(in, [](Row&, From value) { return value != From{0}; });
}

template <class To>
data::ColumnPtr from_boolean_kernel(const KernelInput& in) {
  Int128 one = 1;
  if (in.call.type.kind() == TypeKind::kDecimal) {
    one = data::power_of_ten(in.call.type.scale());
  }
  return map_rows<To, bool>(in,
                            [&](Row&, bool value) { return value ? static_cast<To>(one) : To{0}; });
}

// From a number to a number that is no DECIMAL.
template <class From>
Kernel convert_from(const Type& to) {
  Kernel kernel = nullptr;
  visit_numeric(to, [&]<class To>() {
    if constexpr (std::is_same_v<To, Int128>) {
      kernel = to_decimal_kernel<From>;
    } else if constexpr (std::is_same_v<From, Int128>) {
      kernel = from_decimal_kernel<To>;
    } else {
      kernel = convert_kernel<From, To>;
    }
  });
  return kernel;
}

}  // namespace

Kernel numeric_cast(const Type& from, const Type& to) {
  Kernel kernel = nullptr;
  if (from.is_numeric() && to.is_numeric()) {
    visit_numeric(from, [&]<class From>() { kernel = convert_from<From>(to); });
  } else if (from.is_numeric() && to.kind() == TypeKind::kBoolean) {
    visit_numeric(from, [&]<class From>() { kernel = to_boolean_kernel<From>; });
  } else if (from.kind() == TypeKind::kBoolean && to.is_numeric()) {
    visit_numeric(to, [&]<class To>() { kernel = from_boolean_kernel<To>; });
  }
  return kernel;
}

}  // namespace millrace::expr
