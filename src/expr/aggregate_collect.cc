// Aggregates that keep their values: COLLECT_LIST, COLLECT_SET, LISTAGG, MODE.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "expr/aggregate_families.h"
#include "expr/coercion.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using data::Value;
using Args = std::span<const data::ColumnPtr>;

std::size_t list_bytes(const data::ValueList& values) {
  std::size_t bytes = 0;
  for (const Value& value : values) {
    bytes += boxed_bytes(value);
  }
  return bytes;
}

struct ValueLess {
  const Type* type;

  bool operator()(const Value& left, const Value& right) const {
    return data::compare_values(*type, left, right) < 0;
  }
};

struct ListOps {
  using State = data::ValueList;

  explicit ListOps(const AggregateSpec&) {}

  static void add(State& state, Args args, std::size_t row) {
    if (!args[0]->is_null(row)) {
      state.push_back(args[0]->value(row));
    }
  }

  static void merge(State& into, State& from) {
    into.insert(
        into.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }

  static EvalError finish(const State& state, data::ColumnBuilder& out) {
    out.append_value(Value(state));
    return EvalError::kNone;
  }

  static std::size_t extra_bytes(const State& state) { return list_bytes(state); }
};

// Values in the order in which they were seen first.
struct SetOps {
  struct State {
    data::ValueList values;
    std::set<Value, ValueLess> known{ValueLess{nullptr}};
  };

  explicit SetOps(const AggregateSpec& spec) : type_(std::make_unique<Type>(spec.args[0])) {}

  void add(State& state, Args args, std::size_t row) const {
    if (!args[0]->is_null(row)) {
      insert(state, args[0]->value(row));
    }
  }

  void merge(State& into, State& from) const {
    for (Value& value : from.values) {
      insert(into, std::move(value));
    }
  }

  static EvalError finish(const State& state, data::ColumnBuilder& out) {
    out.append_value(Value(state.values));
    return EvalError::kNone;
  }

  static std::size_t extra_bytes(const State& state) { return 2 * list_bytes(state.values); }

 private:
  void insert(State& state, Value value) const {
    if (state.values.empty()) {
      state.known = std::set<Value, ValueLess>(ValueLess{type_.get()});
    }
    if (state.known.insert(value).second) {
      state.values.push_back(std::move(value));
    }
  }

  std::unique_ptr<Type> type_;  // The sets of all groups point to it.
};

// The most frequent value; of equally frequent ones the least, so that the result does not depend
// on order.
struct ModeOps {
  using State = data::ValueList;

  explicit ModeOps(const AggregateSpec& spec) : type_(spec.args[0]) {}

  static void add(State& state, Args args, std::size_t row) { ListOps::add(state, args, row); }

  static void merge(State& into, State& from) { ListOps::merge(into, from); }

  EvalError finish(State& state, data::ColumnBuilder& out) const {
    const ValueLess less{&type_};
    std::stable_sort(state.begin(), state.end(), less);
    const Value* best = nullptr;
    std::size_t most = 0;
    for (std::size_t begin = 0; begin < state.size();) {
      std::size_t end = begin + 1;
      while (end < state.size() && !less(state[begin], state[end])) {
        ++end;
      }
      if (end - begin > most) {
        most = end - begin;
        best = &state[begin];
      }
      begin = end;
    }
    out.append_value(best == nullptr ? Value() : *best);
    return EvalError::kNone;
  }

  static std::size_t extra_bytes(const State& state) { return list_bytes(state); }

 private:
  Type type_;
};

// LISTAGG: texts with a delimiter between them, sorted by keys when there are any.
struct TextOps {
  struct Item {
    std::string text;
    data::ValueList keys;
  };

  using State = std::vector<Item>;

  explicit TextOps(const AggregateSpec& spec) {
    if (spec.constants.size() > 1 && spec.constants[1] && !spec.constants[1]->is_null()) {
      delimiter_ = spec.constants[1]->string();
    }
    for (std::size_t i = 2; i + 1 < spec.args.size(); i += 2) {
      key_types_.push_back(spec.args[i]);
      key_flags_.push_back(spec.constants[i + 1] ? spec.constants[i + 1]->integer() : 0);
    }
  }

  void add(State& state, Args args, std::size_t row) const {
    if (args[0]->is_null(row)) {
      return;
    }
    Item item{std::string(args[0]->string(row)), {}};
    for (std::size_t i = 0; i < key_types_.size(); ++i) {
      const data::Column& key = *args[2 + 2 * i];
      item.keys.push_back(key.is_null(row) ? Value() : key.value(row));
    }
    state.push_back(std::move(item));
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
    if (!key_types_.empty()) {
      std::stable_sort(state.begin(), state.end(), [this](const Item& left, const Item& right) {
        return before(left, right);
      });
    }
    std::string text = state.front().text;
    for (std::size_t i = 1; i < state.size(); ++i) {
      text += delimiter_;
      text += state[i].text;
    }
    out.append_string(text);
    return EvalError::kNone;
  }

  static std::size_t extra_bytes(const State& state) {
    std::size_t bytes = state.capacity() * sizeof(Item);
    for (const Item& item : state) {
      bytes += item.text.capacity() + list_bytes(item.keys);
    }
    return bytes;
  }

 private:
  [[nodiscard]] bool before(const Item& left, const Item& right) const {
    for (std::size_t i = 0; i < key_types_.size(); ++i) {
      const Value& a = left.keys[i];
      const Value& b = right.keys[i];
      if (a.is_null() || b.is_null()) {
        if (a.is_null() != b.is_null()) {
          return a.is_null() == ((key_flags_[i] & kOrderNullsFirst) != 0);
        }
        continue;
      }
      const int order = data::compare_values(key_types_[i], a, b);
      if (order != 0) {
        return (order < 0) == ((key_flags_[i] & kOrderDescending) == 0);
      }
    }
    return false;
  }

  std::string delimiter_;
  std::vector<Type> key_types_;
  std::vector<std::int64_t> key_flags_;
};

std::optional<AggregateSignature> resolve_list(CallSite& call) {
  return AggregateSignature{.type = Type::array(call.type(0), /*contains_null=*/false),
                            .nullable = false};
}

std::optional<AggregateSignature> resolve_set(CallSite& call) {
  if (call.type(0).kind() == TypeKind::kMap) {
    (void)call.fail("DATATYPE_MISMATCH.UNSUPPORTED_INPUT_TYPE",
                    "42K09",
                    fmt::format("Cannot resolve \"{}\" due to data type mismatch: The input of "
                                "`{}` can't be MAP type data.",
                                call.sql(),
                                call.name()));
    return std::nullopt;
  }
  return resolve_list(call);
}

std::optional<AggregateSignature> resolve_mode(CallSite& call) {
  return AggregateSignature{.type = call.type(0)};
}

std::optional<AggregateSignature> resolve_text(CallSite& call) {
  const bool binary = call.type(0).kind() == TypeKind::kBinary;
  const Type type(binary ? TypeKind::kBinary : TypeKind::kString);
  if (!call.cast(0, type) || (call.count() > 1 && !call.cast(1, type))) {
    return std::nullopt;
  }
  if (call.count() > 1 && !call.constant(1)) {
    (void)call.fail(
        "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", "42K09", "The delimiter has to be a constant.");
    return std::nullopt;
  }
  return AggregateSignature{.type = type};
}

constexpr std::string_view kTextUsage =
    "listagg(a[, delimiter]) [WITHIN GROUP (ORDER BY k, …)] - texts joined";

constexpr AggregateFunction kCollectAggregates[] = {
    {"collect_list",
     1,
     1,
     resolve_list,
     Accumulator<ListOps>::make,
     "collect_list(a) - all values that are not null"},
    {"array_agg",
     1,
     1,
     resolve_list,
     Accumulator<ListOps>::make,
     "array_agg(a) - all values that are not null"},
    {"collect_set",
     1,
     1,
     resolve_set,
     Accumulator<SetOps>::make,
     "collect_set(a) - the different values"},
    {"mode", 1, 1, resolve_mode, Accumulator<ModeOps>::make, "mode(a) - the most frequent value"},
    {"listagg", 1, -1, resolve_text, Accumulator<TextOps>::make, kTextUsage},
    {"string_agg", 1, -1, resolve_text, Accumulator<TextOps>::make, kTextUsage},
};

}  // namespace

std::span<const AggregateFunction> collect_aggregates() {
  return kCollectAggregates;
}

}  // namespace millrace::expr
