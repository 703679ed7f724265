// COUNT, SUM, AVG. Integers are added up with 128 bits and checked at the end, so that a sum does
// not depend on the order of its rows.
#include <limits>

#include "data/decimal.h"
#include "expr/aggregate_families.h"
#include "expr/interval_units.h"
#include "expr/physical.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using Args = std::span<const data::ColumnPtr>;

// Rows where all arguments are there; count(*) has none.
struct CountOps : FlatOps {
  using State = std::int64_t;

  explicit CountOps(const AggregateSpec&) {}

  static void add(State& state, Args args, std::size_t row) {
    for (const data::ColumnPtr& arg : args) {
      if (arg->is_null(row)) {
        return;
      }
    }
    ++state;
  }

  static void merge(State& into, const State& from) { into += from; }

  static EvalError finish(const State& state, data::ColumnBuilder& out) {
    out.append(state);
    return EvalError::kNone;
  }
};

struct CountIfOps : CountOps {
  using CountOps::CountOps;

  static void add(State& state, Args args, std::size_t row) {
    state += !args[0]->is_null(row) && args[0]->get<std::uint8_t>(row) != 0 ? 1 : 0;
  }
};

struct ExactSum {
  Int128 sum = 0;
  std::int64_t count = 0;
  bool overflow = false;

  void add(Int128 value) {
    overflow |= __builtin_add_overflow(sum, value, &sum);
    ++count;
  }

  void merge(const ExactSum& from) {
    overflow |= from.overflow || __builtin_add_overflow(sum, from.sum, &sum);
    count += from.count;
  }
};

// Integers, intervals (T) and DECIMAL (Int128).
template <class T>
struct ExactOps : FlatOps {
  using State = ExactSum;

  explicit ExactOps(const AggregateSpec& spec) : from(spec.args[0]), to(spec.result) {}

  static void add(State& state, Args args, std::size_t row) {
    if (!args[0]->is_null(row)) {
      state.add(static_cast<Int128>(args[0]->get<T>(row)));
    }
  }

  static void merge(State& into, const State& from) { into.merge(from); }

  Type from;
  Type to;
};

template <class T, bool kTry>
struct SumOps : ExactOps<T> {
  using ExactOps<T>::ExactOps;
  using State = ExactSum;

  EvalError finish(const State& state, data::ColumnBuilder& out) const {
    const bool fits = !state.overflow && this->fits(state.sum);
    if (state.count == 0 || !fits) {
      out.append_null();
      return state.count == 0 || kTry ? EvalError::kNone : EvalError::kArithmeticOverflow;
    }
    if constexpr (std::is_same_v<T, Int128>) {
      out.append(state.sum);
    } else if (this->to.kind() == TypeKind::kYearMonthInterval) {
      out.append(static_cast<std::int32_t>(state.sum));
    } else {
      out.append(static_cast<std::int64_t>(state.sum));
    }
    return EvalError::kNone;
  }

  [[nodiscard]] bool fits(Int128 sum) const {
    if constexpr (std::is_same_v<T, Int128>) {
      return data::fits_precision(sum, this->to.precision());
    } else {
      const bool months = this->to.kind() == TypeKind::kYearMonthInterval;
      const std::int64_t low = months ? INT32_MIN : INT64_MIN;
      const std::int64_t high = months ? INT32_MAX : INT64_MAX;
      return sum >= low && sum <= high;
    }
  }
};

struct FloatSum {
  double sum = 0;
  std::int64_t count = 0;
};

template <class T>
struct FloatOps : FlatOps {
  using State = FloatSum;

  explicit FloatOps(const AggregateSpec&) {}

  static void add(State& state, Args args, std::size_t row) {
    if (!args[0]->is_null(row)) {
      state.sum += static_cast<double>(args[0]->get<T>(row));
      ++state.count;
    }
  }

  static void merge(State& into, const State& from) {
    into.sum += from.sum;
    into.count += from.count;
  }
};

template <class T>
struct FloatSumOps : FloatOps<T> {
  using FloatOps<T>::FloatOps;

  static EvalError finish(const FloatSum& state, data::ColumnBuilder& out) {
    if (state.count == 0) {
      out.append_null();
    } else {
      out.append(state.sum);
    }
    return EvalError::kNone;
  }
};

// Integers are averaged as doubles, as Spark does.
template <class T>
struct FloatAverageOps : FloatOps<T> {
  using FloatOps<T>::FloatOps;

  static EvalError finish(const FloatSum& state, data::ColumnBuilder& out) {
    if (state.count == 0) {
      out.append_null();
    } else {
      out.append(state.sum / static_cast<double>(state.count));
    }
    return EvalError::kNone;
  }
};

template <class T, bool kTry>
struct ExactAverageOps : ExactOps<T> {
  using ExactOps<T>::ExactOps;

  EvalError finish(const ExactSum& state, data::ColumnBuilder& out) const {
    if (state.count == 0) {
      out.append_null();
      return EvalError::kNone;
    }
    const bool decimal = std::is_same_v<T, Int128>;
    const Type type = decimal ? this->to : Type::decimal(data::kMaxDecimalPrecision, 0);
    const auto average = data::divide_decimals(
        {state.sum, this->from.scale() * (decimal ? 1 : 0)}, {state.count, 0}, type);
    if (state.overflow || !average) {
      out.append_null();
      return kTry ? EvalError::kNone : EvalError::kArithmeticOverflow;
    }
    if constexpr (std::is_same_v<T, Int128>) {
      out.append(*average);
    } else {
      out.append(static_cast<T>(*average));
    }
    return EvalError::kNone;
  }
};

template <bool kTry>
std::unique_ptr<Aggregator> make_sum(const AggregateSpec& spec) {
  std::unique_ptr<Aggregator> made;
  visit_physical(spec.args[0], [&]<class T>() {
    if constexpr (std::is_floating_point_v<T>) {
      made = Accumulator<FloatSumOps<T>>::make(spec);
    } else if constexpr (!std::is_same_v<T, std::string_view>) {
      made = Accumulator<SumOps<T, kTry>>::make(spec);
    }
  });
  return made;
}

template <bool kTry>
std::unique_ptr<Aggregator> make_average(const AggregateSpec& spec) {
  std::unique_ptr<Aggregator> made;
  const bool interval = is_ansi_interval(spec.args[0]);
  visit_physical(spec.args[0], [&]<class T>() {
    if constexpr (std::is_same_v<T, Int128>) {
      made = Accumulator<ExactAverageOps<T, kTry>>::make(spec);
    } else if constexpr (std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::int64_t>) {
      made = interval ? Accumulator<ExactAverageOps<T, kTry>>::make(spec)
                      : Accumulator<FloatAverageOps<T>>::make(spec);
    } else if constexpr (!std::is_same_v<T, std::string_view>) {
      made = Accumulator<FloatAverageOps<T>>::make(spec);
    }
  });
  return made;
}

std::optional<AggregateSignature> resolve_count(CallSite&) {
  return AggregateSignature{.type = Type(TypeKind::kBigInt), .nullable = false};
}

std::optional<AggregateSignature> resolve_count_if(CallSite& call) {
  if (!call.cast(0, Type(TypeKind::kBoolean))) {
    return std::nullopt;
  }
  return AggregateSignature{.type = Type(TypeKind::kBigInt), .nullable = false};
}

// A number or an interval; text becomes DOUBLE.
bool coerce_summand(CallSite& call) {
  return call.type(0).is_numeric() || is_ansi_interval(call.type(0)) ||
         call.cast(0, Type(TypeKind::kDouble));
}

Type capped_decimal(int precision, int scale) {
  return Type::decimal(std::min(precision, data::kMaxDecimalPrecision),
                       std::min(scale, data::kMaxDecimalPrecision));
}

std::optional<AggregateSignature> resolve_sum(CallSite& call) {
  if (!coerce_summand(call)) {
    return std::nullopt;
  }
  const Type type = call.type(0);
  if (type.is_integral()) {
    return AggregateSignature{.type = Type(TypeKind::kBigInt)};
  }
  if (type.kind() == TypeKind::kDecimal) {
    return AggregateSignature{.type = capped_decimal(type.precision() + 10, type.scale())};
  }
  return AggregateSignature{.type = type.is_floating() ? Type(TypeKind::kDouble) : type};
}

std::optional<AggregateSignature> resolve_average(CallSite& call) {
  if (!coerce_summand(call)) {
    return std::nullopt;
  }
  const Type type = call.type(0);
  if (type.kind() == TypeKind::kDecimal) {
    return AggregateSignature{.type = capped_decimal(type.precision() + 4, type.scale() + 4)};
  }
  return AggregateSignature{.type = is_ansi_interval(type) ? type : Type(TypeKind::kDouble)};
}

constexpr AggregateFunction kSumAggregates[] = {
    {"count",
     0,
     -1,
     resolve_count,
     Accumulator<CountOps>::make,
     "count(*), count(a, …) - how many rows, or rows without a null"},
    {"count_if",
     1,
     1,
     resolve_count_if,
     Accumulator<CountIfOps>::make,
     "count_if(condition) - how many rows are true"},
    {"sum", 1, 1, resolve_sum, make_sum<false>, "sum(a) - the sum"},
    {"try_sum", 1, 1, resolve_sum, make_sum<true>, "try_sum(a) - the sum, null on overflow"},
    {"avg", 1, 1, resolve_average, make_average<false>, "avg(a) - the average"},
    {"mean", 1, 1, resolve_average, make_average<false>, "mean(a) - the average"},
    {"try_avg",
     1,
     1,
     resolve_average,
     make_average<true>,
     "try_avg(a) - the average, null on overflow"},
};

}  // namespace

std::span<const AggregateFunction> sum_aggregates() {
  return kSumAggregates;
}

}  // namespace millrace::expr
