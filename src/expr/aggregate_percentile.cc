// PERCENTILE and MEDIAN (exact, interpolated) and PERCENTILE_APPROX (a value of the data; exact
// here). All values are kept until the group is finished.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "data/decimal.h"
#include "expr/aggregate_families.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using data::Value;
using Args = std::span<const data::ColumnPtr>;

// The fractions asked for; one, or those of an array.
struct Fractions {
  std::vector<double> values;
  bool array = false;
};

Fractions read_fractions(const AggregateSpec& spec, std::size_t index) {
  Fractions fractions;
  if (index >= spec.constants.size() || !spec.constants[index]) {
    fractions.values = {0.5};
    return fractions;
  }
  const Value& value = *spec.constants[index];
  fractions.array = std::holds_alternative<data::ValueList>(value.v);
  if (!fractions.array) {
    fractions.values = {value.floating()};
    return fractions;
  }
  for (const Value& element : value.list()) {
    fractions.values.push_back(element.floating());
  }
  return fractions;
}

struct PercentileOps {
  using State = std::vector<double>;

  explicit PercentileOps(const AggregateSpec& spec) : fractions_(read_fractions(spec, 1)) {}

  static void add(State& state, Args args, std::size_t row) {
    if (args[0]->is_null(row)) {
      return;
    }
    std::int64_t count = 1;
    if (args.size() > 2) {
      count = args[2]->is_null(row) ? 0 : args[2]->get<std::int64_t>(row);
    }
    for (; count > 0; --count) {
      state.push_back(args[0]->get<double>(row));
    }
  }

  static void merge(State& into, const State& from) {
    into.insert(into.end(), from.begin(), from.end());
  }

  EvalError finish(State& state, data::ColumnBuilder& out) const {
    if (state.empty()) {
      out.append_null();
      return EvalError::kNone;
    }
    std::sort(state.begin(), state.end());
    if (!fractions_.array) {
      out.append(interpolate(state, fractions_.values.front()));
      return EvalError::kNone;
    }
    for (const double fraction : fractions_.values) {
      out.child(0).append(interpolate(state, fraction));
    }
    out.append_nested();
    return EvalError::kNone;
  }

  static std::size_t extra_bytes(const State& state) { return state.capacity() * sizeof(double); }

 private:
  static double interpolate(const State& sorted, double fraction) {
    const double position = static_cast<double>(sorted.size() - 1) * fraction;
    const auto low = static_cast<std::size_t>(std::floor(position));
    const auto high = static_cast<std::size_t>(std::ceil(position));
    if (low == high || sorted[low] == sorted[high]) {
      return sorted[low];
    }
    return (static_cast<double>(high) - position) * sorted[low] +
           (position - static_cast<double>(low)) * sorted[high];
  }

  Fractions fractions_;
};

struct ApproximateOps {
  using State = data::ValueList;

  explicit ApproximateOps(const AggregateSpec& spec)
      : type_(spec.args[0]), fractions_(read_fractions(spec, 1)) {}

  static void add(State& state, Args args, std::size_t row) {
    if (!args[0]->is_null(row)) {
      state.push_back(args[0]->value(row));
    }
  }

  static void merge(State& into, State& from) {
    into.insert(
        into.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }

  EvalError finish(State& state, data::ColumnBuilder& out) const {
    if (state.empty()) {
      out.append_null();
      return EvalError::kNone;
    }
    std::sort(state.begin(), state.end(), [this](const Value& left, const Value& right) {
      return data::compare_values(type_, left, right) < 0;
    });
    if (!fractions_.array) {
      out.append_value(pick(state, fractions_.values.front()));
      return EvalError::kNone;
    }
    data::ValueList picked;
    for (const double fraction : fractions_.values) {
      picked.push_back(pick(state, fraction));
    }
    out.append_value(Value(std::move(picked)));
    return EvalError::kNone;
  }

  static std::size_t extra_bytes(const State& state) { return state.capacity() * sizeof(Value); }

 private:
  static const Value& pick(const State& sorted, double fraction) {
    const double rank = std::ceil(fraction * static_cast<double>(sorted.size()));
    const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
    return sorted[std::min(index, sorted.size() - 1)];
  }

  Type type_;
  Fractions fractions_;
};

// Casts the fractions to DOUBLE and checks them; false after a Diagnostic.
bool coerce_fractions(CallSite& call, std::size_t index) {
  const bool array = call.type(index).kind() == TypeKind::kArray;
  if (!call.cast(index, array ? Type::array(Type(TypeKind::kDouble)) : Type(TypeKind::kDouble))) {
    return false;
  }
  const auto value = call.constant(index);
  const auto bad = [](const Value& fraction) {
    return fraction.is_null() || !(fraction.floating() >= 0 && fraction.floating() <= 1);
  };
  const bool good =
      value && !value->is_null() &&
      (array ? std::none_of(value->list().begin(), value->list().end(), bad) : !bad(*value));
  if (!good) {
    (void)call.fail(
        "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
        "42K09",
        fmt::format("Cannot resolve \"{}\" due to data type mismatch: The `percentage` must be "
                    "constant, and between [0.0, 1.0].",
                    call.sql()));
  }
  return good;
}

std::optional<AggregateSignature> resolve_median(CallSite& call) {
  if (!call.cast(0, Type(TypeKind::kDouble))) {
    return std::nullopt;
  }
  return AggregateSignature{.type = Type(TypeKind::kDouble)};
}

std::optional<AggregateSignature> resolve_percentile(CallSite& call) {
  if (!call.cast(0, Type(TypeKind::kDouble)) || !coerce_fractions(call, 1) ||
      (call.count() > 2 && !call.cast(2, Type(TypeKind::kBigInt)))) {
    return std::nullopt;
  }
  const Type number(TypeKind::kDouble);
  return AggregateSignature{
      .type = call.type(1).kind() == TypeKind::kArray ? Type::array(number, false) : number};
}

std::optional<AggregateSignature> resolve_approximate(CallSite& call) {
  if (call.type(0).kind() == TypeKind::kString && !call.cast(0, Type(TypeKind::kDouble))) {
    return std::nullopt;
  }
  if (!coerce_fractions(call, 1)) {
    return std::nullopt;
  }
  const Type type = call.type(0);
  return AggregateSignature{
      .type = call.type(1).kind() == TypeKind::kArray ? Type::array(type, false) : type};
}

constexpr AggregateFunction kPercentileAggregates[] = {
    {"median", 1, 1, resolve_median, Accumulator<PercentileOps>::make, "median(a)"},
    {"percentile",
     2,
     3,
     resolve_percentile,
     Accumulator<PercentileOps>::make,
     "percentile(a, fraction(s)[, frequency]) - interpolated"},
    {"percentile_cont",
     2,
     2,
     resolve_percentile,
     Accumulator<PercentileOps>::make,
     "percentile_cont(fraction) WITHIN GROUP (ORDER BY a)"},
    {"percentile_disc",
     2,
     2,
     resolve_approximate,
     Accumulator<ApproximateOps>::make,
     "percentile_disc(fraction) WITHIN GROUP (ORDER BY a)"},
    {"percentile_approx",
     2,
     3,
     resolve_approximate,
     Accumulator<ApproximateOps>::make,
     "percentile_approx(a, fraction(s)[, accuracy]) - a value of the data"},
    {"approx_percentile",
     2,
     3,
     resolve_approximate,
     Accumulator<ApproximateOps>::make,
     "approx_percentile(a, fraction(s)[, accuracy]) - a value of the data"},
};

}  // namespace

std::span<const AggregateFunction> percentile_aggregates() {
  return kPercentileAggregates;
}

}  // namespace millrace::expr
