// Arithmetic of DECIMAL. When the exact result always fits its type, no check is needed and 128
// bits suffice; only results whose type was cut to 38 digits take the checked way.
#include "data/decimal.h"
#include "expr/arithmetic.h"
#include "expr/kernels.h"
#include "expr/pair_loop.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

template <DecimalOperator kOp>
std::optional<Int128> apply_decimal(data::Decimal left, data::Decimal right, const Type& type) {
  if constexpr (kOp == DecimalOperator::kAdd) {
    return data::add_decimals(left, right, type);
  } else if constexpr (kOp == DecimalOperator::kSubtract) {
    return data::subtract_decimals(left, right, type);
  } else if constexpr (kOp == DecimalOperator::kMultiply) {
    return data::multiply_decimals(left, right, type);
  } else if constexpr (kOp == DecimalOperator::kDivide) {
    return data::divide_decimals(left, right, type);
  } else {
    return data::remainder_decimals(left, right, type);
  }
}

template <DecimalOperator kOp>
constexpr bool kDivides = kOp == DecimalOperator::kDivide || kOp == DecimalOperator::kRemainder ||
                          kOp == DecimalOperator::kPositiveModulo;

template <DecimalOperator kOp>
data::ColumnPtr checked_kernel(const KernelInput& in) {
  const int left_scale = in.args[0]->type().scale();
  const int right_scale = in.args[1]->type().scale();
  const Type& type = in.call.type;
  return map_rows<Int128, Int128, Int128>(in, [&](Row& row, Int128 left, Int128 right) {
    if (kDivides<kOp> && right == 0) {
      row.fail(kOp == DecimalOperator::kDivide ? EvalError::kDivideByZero
                                               : EvalError::kRemainderByZero);
      return Int128{0};
    }
    const auto result = apply_decimal<kOp>({left, left_scale}, {right, right_scale}, type);
    if (!result) {
      row.fail(EvalError::kNumericValueOutOfRange);
    }
    return result.value_or(0);
  });
}

data::ColumnPtr positive_modulo_kernel(const KernelInput& in) {
  const int left_scale = in.args[0]->type().scale();
  const int right_scale = in.args[1]->type().scale();
  const Type& type = in.call.type;
  return map_rows<Int128, Int128, Int128>(in, [&](Row& row, Int128 left, Int128 right) {
    if (right == 0) {
      row.fail(EvalError::kRemainderByZero);
      return Int128{0};
    }
    const data::Decimal by{right, right_scale};
    auto result = data::remainder_decimals({left, left_scale}, by, type);
    if (result && *result < 0) {
      const auto moved = data::add_decimals({*result, type.scale()}, by, type);
      result = moved ? data::remainder_decimals({*moved, type.scale()}, by, type) : moved;
    }
    if (!result) {
      row.fail(EvalError::kNumericValueOutOfRange);
    }
    return result.value_or(0);
  });
}

data::ColumnPtr integral_divide_kernel(const KernelInput& in) {
  const int left_scale = in.args[0]->type().scale();
  const int right_scale = in.args[1]->type().scale();
  const int scale = std::max(left_scale, right_scale);
  return map_rows<std::int64_t, Int128, Int128>(in, [&](Row& row, Int128 left, Int128 right) {
    if (right == 0) {
      row.fail(EvalError::kDivideByZero);
      return std::int64_t{0};
    }
    const auto wide_left = data::rescale_decimal(left, left_scale, 38, scale);
    const auto wide_right = data::rescale_decimal(right, right_scale, 38, scale);
    const Int128 result = wide_left && wide_right ? *wide_left / *wide_right : Int128{0};
    if (!wide_left || !wide_right || result < INT64_MIN || result > INT64_MAX) {
      row.fail(EvalError::kArithmeticOverflow);
      return std::int64_t{0};
    }
    return static_cast<std::int64_t>(result);
  });
}

// The result's type has room for every digit: no overflow, no rounding.
template <DecimalOperator kOp>
data::ColumnPtr exact_kernel(const KernelInput& in) {
  const int scale = in.call.type.scale();
  if constexpr (kOp == DecimalOperator::kMultiply) {
    return map_pairs<Int128, Int128, Int128>(
        in, EvalError::kNone, [](const Int128& left, const Int128& right, Int128& out) {
          out = left * right;
          return false;
        });
  }
  const Int128 left_by = data::power_of_ten(scale - in.args[0]->type().scale());
  const Int128 right_by = data::power_of_ten(scale - in.args[1]->type().scale());
  return map_pairs<Int128, Int128, Int128>(
      in, EvalError::kNone, [=](const Int128& left, const Int128& right, Int128& out) {
        const Int128 other = right * right_by;
        out = left * left_by + (kOp == DecimalOperator::kSubtract ? -other : other);
        return false;
      });
}

template <DecimalOperator kOp>
Kernel choose(bool exact) {
  return exact ? exact_kernel<kOp> : checked_kernel<kOp>;
}

}  // namespace

Resolution resolve_decimal(CallSite& call, DecimalOperator op) {
  const Type& left = call.type(0);
  const Type& right = call.type(1);
  const int integral = std::max(left.precision() - left.scale(), right.precision() - right.scale());
  const int scale = std::max(left.scale(), right.scale());
  const bool exact_sum = integral + scale + 1 <= data::kMaxDecimalPrecision;
  const bool exact_product = left.precision() + right.precision() + 1 <= data::kMaxDecimalPrecision;
  Resolution resolution{.nullable = call.any_nullable()};
  switch (op) {
    case DecimalOperator::kAdd:
      resolution.type = data::add_decimal_type(left, right);
      resolution.kernel = choose<DecimalOperator::kAdd>(exact_sum);
      break;
    case DecimalOperator::kSubtract:
      resolution.type = data::add_decimal_type(left, right);
      resolution.kernel = choose<DecimalOperator::kSubtract>(exact_sum);
      break;
    case DecimalOperator::kMultiply:
      resolution.type = data::multiply_decimal_type(left, right);
      resolution.kernel = choose<DecimalOperator::kMultiply>(exact_product);
      break;
    case DecimalOperator::kDivide:
      resolution.type = data::divide_decimal_type(left, right);
      resolution.kernel = checked_kernel<DecimalOperator::kDivide>;
      break;
    case DecimalOperator::kRemainder:
      resolution.type = data::remainder_decimal_type(left, right);
      resolution.kernel = checked_kernel<DecimalOperator::kRemainder>;
      break;
    case DecimalOperator::kPositiveModulo:
      resolution.type = data::remainder_decimal_type(left, right);
      resolution.kernel = positive_modulo_kernel;
      break;
    case DecimalOperator::kIntegralDivide:
      resolution.type = Type(TypeKind::kBigInt);
      resolution.kernel = integral_divide_kernel;
      break;
  }
  return resolution;
}

}  // namespace millrace::expr
