// One value out of many: MIN, MAX, FIRST, LAST, MIN_BY, MAX_BY; and the folds of booleans and bits.
#include <cmath>

#include <fmt/format.h>

#include "data/row_hash.h"
#include "expr/aggregate_families.h"
#include "expr/coercion.h"
#include "expr/physical.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using data::Value;
using Args = std::span<const data::ColumnPtr>;

// One value of a fixed-width type: Combine()(value, next) folds the next one into it.
template <class T, class Combine>
struct OneValueOps : FlatOps {
  struct State {
    T value{};
    bool there = false;
  };

  explicit OneValueOps(const AggregateSpec&) {}

  static void add(State& state, Args args, std::size_t row) {
    if (!args[0]->is_null(row)) {
      fold(state, args[0]->get<T>(row));
    }
  }

  static void merge(State& into, const State& from) {
    if (from.there) {
      fold(into, from.value);
    }
  }

  static EvalError finish(const State& state, data::ColumnBuilder& out) {
    if (state.there) {
      out.append(state.value);
    } else {
      out.append_null();
    }
    return EvalError::kNone;
  }

 private:
  static void fold(State& state, const T& value) {
    if (state.there) {
      Combine()(state.value, value);
    } else {
      state = {value, true};
    }
  }
};

template <bool kMax>
struct KeepExtreme {
  template <class T>
  void operator()(T& value, const T& next) const {
    if (kMax ? less_value(value, next) : less_value(next, value)) {
      value = next;
    }
  }
};

struct BoxedState {
  std::optional<Value> value;
};

EvalError append_boxed(const std::optional<Value>& value, data::ColumnBuilder& out) {
  out.append_value(value.value_or(Value()));
  return EvalError::kNone;
}

// MIN and MAX of strings and nested types.
template <bool kMax>
struct BoxedExtremeOps {
  using State = BoxedState;

  explicit BoxedExtremeOps(const AggregateSpec& spec) : type_(spec.args[0]) {}

  void add(State& state, Args args, std::size_t row) const {
    if (args[0]->is_null(row)) {
      return;
    }
    if (state.value && type_.is_string_or_binary()) {
      const int order = std::string_view(state.value->string()).compare(args[0]->string(row));
      if (kMax ? order >= 0 : order <= 0) {
        return;
      }
    }
    offer(state, args[0]->value(row));
  }

  void merge(State& into, State& from) const {
    if (from.value) {
      offer(into, std::move(*from.value));
    }
  }

  static EvalError finish(const State& state, data::ColumnBuilder& out) {
    return append_boxed(state.value, out);
  }

  static std::size_t extra_bytes(const State& state) {
    return state.value ? boxed_bytes(*state.value) : 0;
  }

 private:
  void offer(State& state, Value value) const {
    if (!state.value) {
      state.value = std::move(value);
      return;
    }
    const int order = data::compare_values(type_, *state.value, value);
    if (kMax ? order < 0 : order > 0) {
      state.value = std::move(value);
    }
  }

  Type type_;
};

template <bool kMax>
std::unique_ptr<Aggregator> make_extreme(const AggregateSpec& spec) {
  std::unique_ptr<Aggregator> made;
  visit_physical(spec.args[0], [&]<class T>() {
    if constexpr (!std::is_same_v<T, std::string_view>) {
      made = Accumulator<OneValueOps<T, KeepExtreme<kMax>>>::make(spec);
    }
  });
  return made ? std::move(made) : Accumulator<BoxedExtremeOps<kMax>>::make(spec);
}

// FIRST, LAST, ANY_VALUE. The second argument, a constant, says whether nulls count.
template <bool kLast>
struct PositionOps {
  struct State {
    std::optional<Value> value;  // A null that counts is a Value without content.
  };

  explicit PositionOps(const AggregateSpec& spec)
      : skip_nulls_(spec.constants.size() > 1 && spec.constants[1] &&
                    !spec.constants[1]->is_null() && spec.constants[1]->boolean()) {}

  void add(State& state, Args args, std::size_t row) const {
    if ((!kLast && state.value) || (skip_nulls_ && args[0]->is_null(row))) {
      return;
    }
    state.value = args[0]->is_null(row) ? Value() : args[0]->value(row);
  }

  static void merge(State& into, State& from) {
    if (from.value && (kLast || !into.value)) {
      into.value = std::move(from.value);
    }
  }

  static EvalError finish(const State& state, data::ColumnBuilder& out) {
    return append_boxed(state.value, out);
  }

  static std::size_t extra_bytes(const State& state) {
    return state.value ? boxed_bytes(*state.value) : 0;
  }

 private:
  bool skip_nulls_;
};

// MIN_BY, MAX_BY: the value of the row with the extreme key. Rows with a null key do not count.
template <bool kMax>
struct ByOps {
  struct State {
    std::optional<Value> key;
    Value value;
  };

  explicit ByOps(const AggregateSpec& spec) : type_(spec.args[1]) {}

  void add(State& state, Args args, std::size_t row) const {
    if (!args[1]->is_null(row)) {
      Value key = args[1]->value(row);
      if (wins(state, key)) {
        state.key = std::move(key);
        state.value = args[0]->is_null(row) ? Value() : args[0]->value(row);
      }
    }
  }

  void merge(State& into, State& from) const {
    if (from.key && wins(into, *from.key)) {
      into = std::move(from);
    }
  }

  static EvalError finish(const State& state, data::ColumnBuilder& out) {
    out.append_value(state.value);
    return EvalError::kNone;
  }

  static std::size_t extra_bytes(const State& state) {
    return boxed_bytes(state.value) + (state.key ? boxed_bytes(*state.key) : 0);
  }

 private:
  // Of equal keys MAX_BY takes the later row, MIN_BY the earlier one.
  [[nodiscard]] bool wins(const State& state, const Value& key) const {
    if (!state.key) {
      return true;
    }
    const int order = data::compare_values(type_, *state.key, key);
    return kMax ? order <= 0 : order > 0;
  }

  Type type_;
};

enum class Fold : std::uint8_t {
  kAnd,
  kOr,
  kXor
};

template <Fold kFold>
struct FoldBits {
  template <class T>
  void operator()(T& value, const T& next) const {
    if constexpr (kFold == Fold::kAnd) {
      value = static_cast<T>(value & next);
    } else if constexpr (kFold == Fold::kOr) {
      value = static_cast<T>(value | next);
    } else {
      value = static_cast<T>(value ^ next);
    }
  }
};

template <Fold kFold>
std::unique_ptr<Aggregator> make_fold(const AggregateSpec& spec) {
  std::unique_ptr<Aggregator> made;
  visit_physical(spec.args[0], [&]<class T>() {
    if constexpr (std::is_integral_v<T>) {
      made = Accumulator<OneValueOps<T, FoldBits<kFold>>>::make(spec);
    }
  });
  return made;
}

std::optional<AggregateSignature> check_order(CallSite& call, std::size_t index) {
  if (!is_orderable(call.type(index))) {
    (void)call.fail(
        "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
        "42K09",
        fmt::format("Cannot resolve \"{}\" due to data type mismatch: The `{}` does not support "
                    "ordering on type \"{}\".",
                    call.sql(),
                    call.name(),
                    call.type(index).to_sql()));
    return std::nullopt;
  }
  return AggregateSignature{.type = call.type(0)};
}

std::optional<AggregateSignature> resolve_least_or_greatest(CallSite& call) {
  return check_order(call, 0);
}

std::optional<AggregateSignature> resolve_by(CallSite& call) {
  return check_order(call, 1);
}

std::optional<AggregateSignature> resolve_position(CallSite& call) {
  if (call.count() == 2) {
    if (!call.cast(1, Type(TypeKind::kBoolean))) {
      return std::nullopt;
    }
    if (!call.constant(1)) {
      (void)call.fail("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
                      "42K09",
                      "The second argument, whether nulls are ignored, has to be a constant.");
      return std::nullopt;
    }
  }
  return AggregateSignature{.type = call.type(0)};
}

std::optional<AggregateSignature> resolve_boolean(CallSite& call) {
  if (!call.cast(0, Type(TypeKind::kBoolean))) {
    return std::nullopt;
  }
  return AggregateSignature{.type = Type(TypeKind::kBoolean)};
}

std::optional<AggregateSignature> resolve_bit_fold(CallSite& call) {
  if (!call.type(0).is_integral() && !call.cast(0, Type(TypeKind::kBigInt))) {
    return std::nullopt;
  }
  return AggregateSignature{.type = call.type(0)};
}

using AndOps = OneValueOps<std::uint8_t, FoldBits<Fold::kAnd>>;
using OrOps = OneValueOps<std::uint8_t, FoldBits<Fold::kOr>>;

constexpr AggregateFunction kExtremeAggregates[] = {
    {"min", 1, 1, resolve_least_or_greatest, make_extreme<false>, "min(a) - the least"},
    {"max", 1, 1, resolve_least_or_greatest, make_extreme<true>, "max(a) - the greatest"},
    {"min_by",
     2,
     2,
     resolve_by,
     Accumulator<ByOps<false>>::make,
     "min_by(a, b) - a of the row with the least b"},
    {"max_by",
     2,
     2,
     resolve_by,
     Accumulator<ByOps<true>>::make,
     "max_by(a, b) - a of the row with the greatest b"},
    {"first",
     1,
     2,
     resolve_position,
     Accumulator<PositionOps<false>>::make,
     "first(a[, ignore_nulls]) - a of the first row"},
    {"first_value",
     1,
     2,
     resolve_position,
     Accumulator<PositionOps<false>>::make,
     "first_value(a[, ignore_nulls]) - a of the first row"},
    {"any_value",
     1,
     2,
     resolve_position,
     Accumulator<PositionOps<false>>::make,
     "any_value(a[, ignore_nulls]) - a of one row"},
    {"last",
     1,
     2,
     resolve_position,
     Accumulator<PositionOps<true>>::make,
     "last(a[, ignore_nulls]) - a of the last row"},
    {"last_value",
     1,
     2,
     resolve_position,
     Accumulator<PositionOps<true>>::make,
     "last_value(a[, ignore_nulls]) - a of the last row"},
    {"bool_and", 1, 1, resolve_boolean, Accumulator<AndOps>::make, "bool_and(a) - all are true"},
    {"every", 1, 1, resolve_boolean, Accumulator<AndOps>::make, "every(a) - all are true"},
    {"bool_or", 1, 1, resolve_boolean, Accumulator<OrOps>::make, "bool_or(a) - one is true"},
    {"any", 1, 1, resolve_boolean, Accumulator<OrOps>::make, "any(a) - one is true"},
    {"some", 1, 1, resolve_boolean, Accumulator<OrOps>::make, "some(a) - one is true"},
    {"bit_and", 1, 1, resolve_bit_fold, make_fold<Fold::kAnd>, "bit_and(a) - all with &"},
    {"bit_or", 1, 1, resolve_bit_fold, make_fold<Fold::kOr>, "bit_or(a) - all with |"},
    {"bit_xor", 1, 1, resolve_bit_fold, make_fold<Fold::kXor>, "bit_xor(a) - all with ^"},
};

}  // namespace

std::span<const AggregateFunction> extreme_aggregates() {
  return kExtremeAggregates;
}

}  // namespace millrace::expr
