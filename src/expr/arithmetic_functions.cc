// + - * / % DIV, negation, and their try_ forms, on numbers. Integers wrap nowhere: what does not
// fit fails its row.
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "data/decimal.h"
#include "expr/arithmetic.h"
#include "expr/bind.h"
#include "expr/coercion.h"
#include "expr/families.h"
#include "expr/pair_loop.h"
#include "expr/physical.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

enum class Operator : std::uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
  kPositiveModulo
};

template <class T>
constexpr bool kIsInteger = std::is_integral_v<T>;

// True when it failed.
template <Operator kOp, class T>
bool apply(T left, T right, T& out) {
  if constexpr (std::is_floating_point_v<T>) {
    if constexpr (kOp == Operator::kAdd) {
      out = left + right;
    } else if constexpr (kOp == Operator::kSubtract) {
      out = left - right;
    } else {
      out = left * right;
    }
    return false;
  } else {
    // Overflow shows in the signs, without a branch: this loop becomes vector instructions.
    using U = std::make_unsigned_t<T>;
    if constexpr (kOp == Operator::kAdd) {
      out = static_cast<T>(static_cast<U>(left) + static_cast<U>(right));
      return static_cast<T>((left ^ out) & (right ^ out)) < 0;
    } else if constexpr (kOp == Operator::kSubtract) {
      out = static_cast<T>(static_cast<U>(left) - static_cast<U>(right));
      return static_cast<T>((left ^ right) & (left ^ out)) < 0;
    } else {
      return __builtin_mul_overflow(left, right, &out);
    }
  }
}

template <class T>
constexpr EvalError kOverflow =
    sizeof(T) < sizeof(std::int32_t) ? EvalError::kBinaryArithmeticOverflow
                                     : EvalError::kArithmeticOverflow;

template <Operator kOp, class T>
data::ColumnPtr pair_kernel(const KernelInput& in) {
  return map_pairs<T, T, T>(in, kOverflow<T>, [](const T& left, const T& right, T& out) {
    return apply<kOp, T>(left, right, out);
  });
}

double divide(Row& row, double left, double right) {
  if (right == 0) {
    row.fail(EvalError::kDivideByZero);
    return 0;
  }
  return left / right;
}

template <class T>
T remainder(Row& row, T left, T right) {
  if (right == 0) {
    row.fail(EvalError::kRemainderByZero);
    return T{0};
  }
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(left, right);
  } else {
    return right == -1 ? T{0} : static_cast<T>(left % right);
  }
}

template <class T>
T positive_modulo(Row& row, T left, T right) {
  T result = remainder(row, left, right);
  if (result < 0 && !row.is_null()) {
    if constexpr (std::is_floating_point_v<T>) {
      result = std::fmod(result + right, right);
    } else {
      // In a wider type, as result + right may overflow.
      const Int128 moved = static_cast<Int128>(result) + right;
      result = static_cast<T>(moved % right);
    }
  }
  return result;
}

std::int64_t integral_divide(Row& row, std::int64_t left, std::int64_t right) {
  if (right == 0) {
    row.fail(EvalError::kDivideByZero);
    return 0;
  }
  if (right == -1) {
    if (left == std::numeric_limits<std::int64_t>::min()) {
      row.fail(EvalError::kArithmeticOverflow);
      return 0;
    }
    return -left;
  }
  return left / right;
}

// Types of + - * % after coercion: one numeric type, which is no DECIMAL.
template <Operator kOp>
Resolution resolve_same_type(CallSite& call) {
  Resolution resolution{.type = call.type(0), .nullable = call.any_nullable()};
  visit_numeric(call.type(0), [&]<class T>() {
    if constexpr (std::is_same_v<T, Int128>) {
      resolution.kernel = nullptr;
    } else if constexpr (kOp == Operator::kRemainder) {
      resolution.kernel = kRowKernel<remainder<T>>;
    } else if constexpr (kOp == Operator::kPositiveModulo) {
      resolution.kernel = kRowKernel<positive_modulo<T>>;
    } else {
      resolution.kernel = pair_kernel<kOp, T>;
    }
  });
  return resolution;
}

constexpr DecimalOperator decimal_operator(Operator op) {
  switch (op) {
    case Operator::kAdd:
      return DecimalOperator::kAdd;
    case Operator::kSubtract:
      return DecimalOperator::kSubtract;
    case Operator::kMultiply:
      return DecimalOperator::kMultiply;
    case Operator::kDivide:
      return DecimalOperator::kDivide;
    case Operator::kRemainder:
      return DecimalOperator::kRemainder;
    case Operator::kPositiveModulo:
      return DecimalOperator::kPositiveModulo;
  }
  return DecimalOperator::kAdd;
}

template <Operator kOp>
std::optional<Resolution> resolve_numeric(CallSite& call) {
  if (!coerce_arithmetic(call)) {
    return std::nullopt;
  }
  if (call.type(0).kind() == TypeKind::kDecimal) {
    return resolve_decimal(call, decimal_operator(kOp));
  }
  return resolve_same_type<kOp>(call);
}

data::ColumnPtr negate_decimal_kernel(const KernelInput& in) {
  return map_rows<Int128, Int128>(in, [](Row&, Int128 value) { return -value; });
}

template <class T>
T negate(Row& row, T value) {
  if constexpr (std::is_integral_v<T>) {
    if (value == std::numeric_limits<T>::min()) {
      row.fail(EvalError::kArithmeticOverflow);
      return value;
    }
  }
  return static_cast<T>(-value);
}

// One operand of + or -: a number, an interval, or text that is read as DOUBLE.
bool coerce_unary(CallSite& call) {
  const TypeKind kind = call.type(0).kind();
  if (call.type(0).is_numeric() || kind == TypeKind::kYearMonthInterval ||
      kind == TypeKind::kDayTimeInterval) {
    return true;
  }
  return call.cast(0, Type(TypeKind::kDouble));
}

std::optional<Resolution> resolve_negative(CallSite& call) {
  if (!coerce_unary(call)) {
    return std::nullopt;
  }
  Resolution resolution{.type = call.type(0), .nullable = call.any_nullable()};
  visit_physical(call.type(0), [&]<class T>() {
    if constexpr (std::is_same_v<T, Int128>) {
      resolution.kernel = negate_decimal_kernel;
    } else if constexpr (std::is_arithmetic_v<T> && std::is_signed_v<T>) {
      resolution.kernel = kRowKernel<negate<T>>;
    }
  });
  return resolution;
}

data::ColumnPtr same_kernel(const KernelInput& in) {
  return in.args[0];
}

std::optional<Resolution> resolve_positive(CallSite& call) {
  if (!coerce_unary(call)) {
    return std::nullopt;
  }
  return Resolution{.type = call.type(0), .nullable = call.any_nullable(), .kernel = same_kernel};
}

std::optional<Resolution> resolve_plus(CallSite& call) {
  if (call.count() == 1) {
    return resolve_positive(call);
  }
  const DatetimeResolution datetime = resolve_datetime_add(call);
  return datetime.applies ? datetime.resolution : resolve_numeric<Operator::kAdd>(call);
}

std::optional<Resolution> resolve_minus(CallSite& call) {
  if (call.count() == 1) {
    return resolve_negative(call);
  }
  const DatetimeResolution datetime = resolve_datetime_subtract(call);
  return datetime.applies ? datetime.resolution : resolve_numeric<Operator::kSubtract>(call);
}

std::optional<Resolution> resolve_times(CallSite& call) {
  const DatetimeResolution datetime = resolve_interval_multiply(call);
  return datetime.applies ? datetime.resolution : resolve_numeric<Operator::kMultiply>(call);
}

std::optional<Resolution> resolve_divide(CallSite& call) {
  const DatetimeResolution datetime = resolve_interval_divide(call);
  if (datetime.applies) {
    return datetime.resolution;
  }
  if (!coerce_arithmetic(call)) {
    return std::nullopt;
  }
  if (call.type(0).kind() == TypeKind::kDecimal) {
    return resolve_decimal(call, DecimalOperator::kDivide);
  }
  return signature(call, Type(TypeKind::kDouble), {Type(TypeKind::kDouble)}, kRowKernel<divide>);
}

std::int64_t divide_intervals(Row& row, std::int64_t left, std::int64_t right) {
  if (right == 0) {
    row.fail(EvalError::kIntervalDividedByZero);
    return 0;
  }
  return integral_divide(row, left, right);
}

std::int64_t divide_months(Row& row, std::int32_t left, std::int32_t right) {
  return divide_intervals(row, left, right);
}

std::optional<Resolution> resolve_integral_divide(CallSite& call) {
  const TypeKind kind = call.type(0).kind();
  if (kind == call.type(1).kind() &&
      (kind == TypeKind::kYearMonthInterval || kind == TypeKind::kDayTimeInterval)) {
    return Resolution{.type = Type(TypeKind::kBigInt),
                      .nullable = call.any_nullable(),
                      .kernel = kind == TypeKind::kDayTimeInterval ? kRowKernel<divide_intervals>
                                                                   : kRowKernel<divide_months>};
  }
  if (!coerce_arithmetic(call)) {
    return std::nullopt;
  }
  if (call.type(0).kind() == TypeKind::kDecimal) {
    return resolve_decimal(call, DecimalOperator::kIntegralDivide);
  }
  return signature(
      call, Type(TypeKind::kBigInt), {Type(TypeKind::kBigInt)}, kRowKernel<integral_divide>);
}

// try_add and the like: the operator itself, whose own errors become null. Errors of its arguments
// stay.
struct TryData : CallData {
  ExpressionPtr inner;
};

data::ColumnPtr try_kernel(const KernelInput& in) {
  const auto& data = static_cast<const TryData&>(*in.call.resolution.data);
  const KernelInput inner{.call = *data.inner,
                          .args = in.args,
                          .rows = in.rows,
                          .batch_rows = in.batch_rows,
                          .evaluation = in.evaluation};
  return in.evaluation.suppress(in.rows, [&] { return data.inner->resolution.kernel(inner); });
}

std::optional<Resolution> resolve_try(CallSite& call) {
  static constexpr std::pair<std::string_view, std::string_view> kOperators[] = {
      {"try_add", "+"},
      {"try_subtract", "-"},
      {"try_multiply", "*"},
      {"try_divide", "/"},
      {"try_mod", "%"},
      {"try_remainder", "%"},
  };
  for (const auto& [name, symbol] : kOperators) {
    if (name != call.name()) {
      continue;
    }
    ExpressionPtr inner = call.call(symbol, call.args());
    if (inner == nullptr) {
      return std::nullopt;
    }
    if (inner->kind != ExpressionKind::kCall) {
      return Resolution{.type = inner->type, .replacement = std::move(inner)};
    }
    auto data = std::make_shared<TryData>();
    call.args() = inner->args;
    Resolution resolution{.type = inner->type, .nullable = true, .kernel = try_kernel};
    data->inner = std::move(inner);
    resolution.data = std::move(data);
    return resolution;
  }
  return std::nullopt;
}

// A literal integer counts as the digits that it has; what was folded is no literal.
Type decimal_operand(const Expression& expression) {
  if (expression.is_literal() && expression.sql.empty() && expression.type.is_integral() &&
      !expression.value.is_null()) {
    std::int64_t rest = expression.value.integer() / 10;
    int digits = 1;
    for (; rest != 0; rest /= 10) {
      ++digits;
    }
    return Type::decimal(digits, 0);
  }
  return as_decimal(expression.type);
}

constexpr Function kArithmeticFunctions[] = {
    {"+", 1, 2, resolve_plus, true, "a + b"},
    {"-", 1, 2, resolve_minus, true, "a - b"},
    {"*", 2, 2, resolve_times, true, "a * b"},
    {"/", 2, 2, resolve_divide, true, "a / b"},
    {"%", 2, 2, resolve_numeric<Operator::kRemainder>, true, "a % b"},
    {"mod", 2, 2, resolve_numeric<Operator::kRemainder>, true, "mod(a, b) - a % b"},
    {"pmod",
     2,
     2,
     resolve_numeric<Operator::kPositiveModulo>,
     true,
     "pmod(a, b) - the positive value of a % b"},
    {"div", 2, 2, resolve_integral_divide, true, "a DIV b"},
    {"negative", 1, 1, resolve_negative, true, "negative(a) - -a"},
    {"positive", 1, 1, resolve_positive, true, "positive(a) - a"},
    {"try_add", 2, 2, resolve_try, true, "try_add(a, b) - a + b, null on overflow"},
    {"try_subtract", 2, 2, resolve_try, true, "try_subtract(a, b) - a - b, null on overflow"},
    {"try_multiply", 2, 2, resolve_try, true, "try_multiply(a, b) - a * b, null on overflow"},
    {"try_divide", 2, 2, resolve_try, true, "try_divide(a, b) - a / b, null when b is 0"},
    {"try_mod", 2, 2, resolve_try, true, "try_mod(a, b) - a % b, null when b is 0"},
    {"try_remainder", 2, 2, resolve_try, true, "try_remainder(a, b) - a % b, null when b is 0"},
};

}  // namespace

bool cast_operand(CallSite& call, std::size_t index, const Type& type) {
  ExpressionPtr& arg = call.args()[index];
  arg = bind_cast(arg, type, CastMode::kImplicit, arg->where, call.context(), call.diagnostics());
  return arg != nullptr;
}

bool coerce_arithmetic(CallSite& call) {
  Type left = call.type(0);
  Type right = call.type(1);
  const bool text = left.kind() == TypeKind::kString && right.kind() == TypeKind::kString;
  if (text || (left.is_void() && right.is_void())) {
    left = right = Type(TypeKind::kDouble);
  }
  const std::optional<Type> common = common_type(left, right);
  if (!common || !common->is_numeric()) {
    (void)call.fail(
        "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
        "42K09",
        fmt::format("Cannot resolve \"{}\" due to data type mismatch: the left and right operands "
                    "of the binary operator have incompatible types (\"{}\" and \"{}\").",
                    call.sql(),
                    call.type(0).to_sql(),
                    call.type(1).to_sql()));
    return false;
  }
  if (common->kind() != TypeKind::kDecimal) {
    return cast_operand(call, 0, *common) && cast_operand(call, 1, *common);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const Type type = call.type(i).is_void() ? *common : decimal_operand(call.arg(i));
    if (!cast_operand(call, i, type)) {
      return false;
    }
  }
  return true;
}

std::span<const Function> arithmetic_functions() {
  return kArithmeticFunctions;
}

}  // namespace millrace::expr
