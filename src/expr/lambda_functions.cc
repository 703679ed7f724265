// Functions that take lambdas. All elements of all rows of the batch become one column, the body
// runs once over it, and its results are dealt out to the rows again: a lambda costs a call of a
// kernel a batch, not one an element. aggregate() runs once per position in the arrays; only a
// comparator of array_sort() runs for each pair that is compared.
#include <algorithm>
#include <array>

#include "expr/coercion.h"
#include "expr/collection_values.h"
#include "expr/families.h"

namespace millrace::expr {
namespace {

using data::ColumnBuilder;
using data::ColumnPtr;
using data::RowIndex;
using data::Type;
using data::Value;
using data::ValueList;
using data::ValueMap;
using enum data::TypeKind;

// --- Binding

using Parameters = std::optional<std::vector<data::Field>>;

data::Field variable(const char* name, const Type& type, bool nullable = true) {
  return {.name = name, .type = type, .nullable = nullable, .comment = ""};
}

// The first `given` of the variables; nothing after a Diagnostic when that many are not allowed.
Parameters pick_variables(CallSite& call,
                          std::size_t given,
                          std::size_t least,
                          std::vector<data::Field> variables) {
  if (given < least || given > variables.size()) {
    return call.fail(
        "INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH",
        "42K0D",
        std::string(call.name()) + " expects a lambda of " + std::to_string(least) +
            (least < variables.size() ? " to " + std::to_string(variables.size()) : std::string()) +
            " arguments, but got " + std::to_string(given));
  }
  variables.resize(given);
  return variables;
}

Parameters element_and_index(CallSite& call, std::size_t given) {
  if (call.count() != 1 || !require_array(call, 0)) {
    return std::nullopt;
  }
  return pick_variables(
      call,
      given,
      1,
      {variable("x", call.type(0).element()), variable("i", Type(kInt), /*nullable=*/false)});
}

Parameters element_only(CallSite& call, std::size_t given) {
  if (call.count() != 1 || !require_array(call, 0)) {
    return std::nullopt;
  }
  return pick_variables(call, given, 1, {variable("x", call.type(0).element())});
}

Parameters two_elements(CallSite& call, std::size_t given) {
  if (call.count() != 1 || !require_array(call, 0)) {
    return std::nullopt;
  }
  const Type element = call.type(0).element();
  return pick_variables(call, given, 2, {variable("left", element), variable("right", element)});
}

Parameters elements_of_two(CallSite& call, std::size_t given) {
  if (call.count() != 2 || !require_array(call, 0) || !require_array(call, 1)) {
    return std::nullopt;
  }
  return pick_variables(
      call,
      given,
      2,
      {variable("x", call.type(0).element()), variable("y", call.type(1).element())});
}

Parameters accumulator_and_element(CallSite& call, std::size_t given) {
  if (call.count() < 2 || !require_array(call, 0)) {
    return std::nullopt;
  }
  if (call.count() > 2) {
    return pick_variables(call, given, 1, {variable("acc", call.type(1))});
  }
  return pick_variables(
      call, given, 2, {variable("acc", call.type(1)), variable("x", call.type(0).element())});
}

Parameters key_and_value(CallSite& call, std::size_t given) {
  if (call.count() != 1 || !require_map(call, 0)) {
    return std::nullopt;
  }
  return pick_variables(
      call,
      given,
      2,
      {variable("k", call.type(0).key(), /*nullable=*/false), variable("v", call.type(0).value())});
}

Parameters key_and_two_values(CallSite& call, std::size_t given) {
  if (call.count() != 2 || !require_map(call, 0) || !require_map(call, 1)) {
    return std::nullopt;
  }
  return pick_variables(call,
                        given,
                        3,
                        {variable("k", call.type(0).key(), /*nullable=*/false),
                         variable("v1", call.type(0).value()),
                         variable("v2", call.type(1).value())});
}

// Whether argument `index` is a lambda; false after a Diagnostic.
bool require_lambda(CallSite& call, std::size_t index) {
  if (call.arg(index).kind == ExpressionKind::kLambda) {
    return true;
  }
  wrong_type(call, index, "a lambda function");
  return false;
}

// --- Running

// The elements of the rows of an array or a map: which child rows they are and whose.
struct Elements {
  std::vector<std::size_t> positions;
  std::vector<RowIndex> parents;
  std::vector<std::int32_t> indexes;  // Within the row, from 0.
};

Elements find_elements(const KernelInput& in) {
  const data::Column& column = *in.args[0];
  Elements elements;
  in.rows.for_each([&](std::size_t row) {
    if (column.is_null(row)) {
      return;
    }
    const std::int32_t begin = column.begin_of(row);
    for (std::int32_t i = begin; i < column.end_of(row); ++i) {
      elements.positions.push_back(static_cast<std::size_t>(i));
      elements.parents.push_back(static_cast<RowIndex>(row));
      elements.indexes.push_back(i - begin);
    }
  });
  return elements;
}

ColumnPtr pick(const data::Column& column, std::span<const std::size_t> positions) {
  ColumnBuilder builder(column.type(), positions.size());
  for (const std::size_t position : positions) {
    builder.append_from(column, position);
  }
  return builder.finish();
}

ColumnPtr integers(std::span<const std::int32_t> values) {
  ColumnBuilder builder(Type(kInt), values.size());
  for (const std::int32_t value : values) {
    builder.append<std::int32_t>(value);
  }
  return builder.finish();
}

ColumnPtr boxed(const Type& type, std::span<const Value> values) {
  ColumnBuilder builder(type, values.size());
  for (const Value& value : values) {
    builder.append_value(value);
  }
  return builder.finish();
}

const Expression& lambda_of(const KernelInput& in, std::size_t index) {
  return *in.call.args[index];
}

// The lambda's result for each element of the first argument.
ColumnPtr run_over_elements(const KernelInput& in, const Elements& elements) {
  const Expression& lambda = lambda_of(in, 1);
  std::vector<ColumnPtr> variables;
  if (in.args[0]->type().kind() == kMap) {
    variables.push_back(pick(*in.args[0]->child(0), elements.positions));
    variables.push_back(pick(*in.args[0]->child(1), elements.positions));
  } else {
    variables.push_back(pick(*in.args[0]->child(0), elements.positions));
    if (lambda.parameters > 1) {
      variables.push_back(integers(elements.indexes));
    }
  }
  return in.evaluation.evaluate_lambda(lambda, variables, elements.parents);
}

// Builds one result a row: f(row, first element, end) appends to the writer; null rows are null.
template <class Out, class F>
ColumnPtr per_row(const KernelInput& in, const Elements& elements, const F& f) {
  ResultWriter<Out> result(in);
  Row row(in);
  std::size_t next = 0;
  in.rows.for_each([&](std::size_t index) {
    if (in.args[0]->is_null(index)) {
      result.set_null(index);
      return;
    }
    const std::size_t begin = next;
    while (next < elements.parents.size() && elements.parents[next] == index) {
      ++next;
    }
    row.begin(index);
    const std::optional<Out> value = f(row, begin, next);
    if (!value || row.is_null()) {
      result.set_null(index);
    } else {
      result.set(index, *value);
    }
  });
  return result.finish();
}

bool is_true(const data::Column& column, std::size_t row) {
  return !column.is_null(row) && column.get<std::uint8_t>(row) != 0;
}

// --- transform, filter, exists, forall

ColumnPtr transform_kernel(const KernelInput& in) {
  const Elements elements = find_elements(in);
  const ColumnPtr results = run_over_elements(in, elements);
  ColumnBuilder builder(in.call.type, in.batch_rows);
  std::size_t next = 0;
  in.rows.for_each([&](std::size_t row) {
    while (builder.size() < row) {
      builder.append_null();
    }
    if (in.args[0]->is_null(row)) {
      builder.append_null();
      return;
    }
    for (; next < elements.parents.size() && elements.parents[next] == row; ++next) {
      builder.child(0).append_from(*results, next);
    }
    builder.append_nested();
  });
  while (builder.size() < in.batch_rows) {
    builder.append_null();
  }
  return builder.finish();
}

std::optional<Resolution> resolve_transform(CallSite& call) {
  if (!require_array(call, 0) || !require_lambda(call, 1)) {
    return std::nullopt;
  }
  return Resolution{.type = Type::array(call.type(1), call.arg(1).nullable),
                    .nullable = call.arg(0).nullable,
                    .kernel = transform_kernel};
}

ColumnPtr filter_kernel(const KernelInput& in) {
  const Elements elements = find_elements(in);
  const ColumnPtr keep = run_over_elements(in, elements);
  const data::Column& child = *in.args[0]->child(0);
  ColumnBuilder builder(in.call.type, in.batch_rows);
  std::size_t next = 0;
  in.rows.for_each([&](std::size_t row) {
    while (builder.size() < row) {
      builder.append_null();
    }
    if (in.args[0]->is_null(row)) {
      builder.append_null();
      return;
    }
    for (; next < elements.parents.size() && elements.parents[next] == row; ++next) {
      if (is_true(*keep, next)) {
        builder.child(0).append_from(child, elements.positions[next]);
      }
    }
    builder.append_nested();
  });
  while (builder.size() < in.batch_rows) {
    builder.append_null();
  }
  return builder.finish();
}

// A predicate over the elements of an array.
bool prepare_predicate(CallSite& call) {
  return require_array(call, 0) && require_lambda(call, 1) && call.cast(1, Type(kBoolean));
}

std::optional<Resolution> resolve_filter(CallSite& call) {
  if (!prepare_predicate(call)) {
    return std::nullopt;
  }
  return Resolution{
      .type = call.type(0), .nullable = call.arg(0).nullable, .kernel = filter_kernel};
}

// exists: true when the predicate is true for an element (kDecisive = true); forall: false when it
// is false for one. Else null when it is null for one.
template <bool kDecisive>
ColumnPtr quantifier_kernel(const KernelInput& in) {
  const Elements elements = find_elements(in);
  const ColumnPtr results = run_over_elements(in, elements);
  return per_row<bool>(
      in, elements, [&](Row&, std::size_t begin, std::size_t end) -> std::optional<bool> {
        bool unknown = false;
        for (std::size_t i = begin; i < end; ++i) {
          if (results->is_null(i)) {
            unknown = true;
          } else if (is_true(*results, i) == kDecisive) {
            return kDecisive;
          }
        }
        return unknown ? std::nullopt : std::optional(!kDecisive);
      });
}

template <bool kDecisive>
std::optional<Resolution> resolve_quantifier(CallSite& call) {
  if (!prepare_predicate(call)) {
    return std::nullopt;
  }
  return Resolution{.type = Type(kBoolean), .kernel = quantifier_kernel<kDecisive>};
}

// --- aggregate

// One step for all rows whose array is longer than `position`; false when there is none.
bool aggregate_step(const KernelInput& in, std::size_t position, std::vector<Value>& accumulators) {
  const data::Column& arrays = *in.args[0];
  std::vector<std::size_t> positions;
  std::vector<RowIndex> parents;
  std::vector<Value> before;
  in.rows.for_each([&](std::size_t row) {
    if (arrays.is_null(row) || in.evaluation.batch().errors.failed(row)) {
      return;
    }
    const std::size_t at = static_cast<std::size_t>(arrays.begin_of(row)) + position;
    if (at < static_cast<std::size_t>(arrays.end_of(row))) {
      positions.push_back(at);
      parents.push_back(static_cast<RowIndex>(row));
      before.push_back(std::move(accumulators[row]));
    }
  });
  if (parents.empty()) {
    return false;
  }
  const std::array<ColumnPtr, 2> variables = {boxed(in.args[1]->type(), before),
                                              pick(*arrays.child(0), positions)};
  const ColumnPtr after = in.evaluation.evaluate_lambda(lambda_of(in, 2), variables, parents);
  for (std::size_t i = 0; i < parents.size(); ++i) {
    accumulators[parents[i]] = after->value(i);
  }
  return true;
}

ColumnPtr aggregate_kernel(const KernelInput& in) {
  std::vector<Value> accumulators(in.batch_rows);
  in.rows.for_each([&](std::size_t row) { accumulators[row] = in.args[1]->value(row); });
  for (std::size_t position = 0; aggregate_step(in, position, accumulators); ++position) {
  }
  std::vector<RowIndex> rows;
  std::vector<Value> last;
  in.rows.for_each([&](std::size_t row) {
    if (!in.args[0]->is_null(row) && !in.evaluation.batch().errors.failed(row)) {
      rows.push_back(static_cast<RowIndex>(row));
      last.push_back(std::move(accumulators[row]));
    }
  });
  ColumnPtr results = boxed(in.args[1]->type(), last);
  if (in.args.size() > 3) {
    results = in.evaluation.evaluate_lambda(lambda_of(in, 3), std::span(&results, 1), rows);
  }
  ResultWriter<Value> writer(in);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Value value = results->value(i);
    if (value.is_null()) {
      writer.set_null(rows[i]);
    } else {
      writer.set(rows[i], value);
    }
  }
  return writer.finish();
}

std::optional<Resolution> resolve_aggregate(CallSite& call) {
  if (!require_array(call, 0) || !require_lambda(call, 2) || !call.cast(2, call.type(1))) {
    return std::nullopt;
  }
  if (call.count() == 4 && !require_lambda(call, 3)) {
    return std::nullopt;
  }
  return Resolution{.type = call.count() == 4 ? call.type(3) : call.type(1),
                    .kernel = aggregate_kernel};
}

// --- zip_with

ColumnPtr zip_with_kernel(const KernelInput& in) {
  const data::Column& left = *in.args[0];
  const data::Column& right = *in.args[1];
  ColumnBuilder xs(left.type().element());
  ColumnBuilder ys(right.type().element());
  std::vector<RowIndex> parents;
  const auto add =
      [](ColumnBuilder& to, const data::Column& from, std::size_t row, std::int32_t i) {
        const std::int32_t at = from.begin_of(row) + i;
        if (at < from.end_of(row)) {
          to.append_from(*from.child(0), static_cast<std::size_t>(at));
        } else {
          to.append_null();
        }
      };
  const auto is_null = [&](std::size_t row) {
    return left.is_null(row) || right.is_null(row);
  };
  in.rows.for_each([&](std::size_t row) {
    if (is_null(row)) {
      return;
    }
    const std::int32_t size =
        std::max(left.end_of(row) - left.begin_of(row), right.end_of(row) - right.begin_of(row));
    for (std::int32_t i = 0; i < size; ++i) {
      add(xs, left, row, i);
      add(ys, right, row, i);
      parents.push_back(static_cast<RowIndex>(row));
    }
  });
  const std::array<ColumnPtr, 2> variables = {xs.finish(), ys.finish()};
  const ColumnPtr results = in.evaluation.evaluate_lambda(lambda_of(in, 2), variables, parents);
  ColumnBuilder builder(in.call.type, in.batch_rows);
  std::size_t next = 0;
  for (std::size_t row = 0; row < in.batch_rows; ++row) {
    const std::size_t begin = next;
    for (; next < parents.size() && parents[next] == row; ++next) {
      builder.child(0).append_from(*results, next);
    }
    if (next == begin && is_null(row)) {
      builder.append_null();
    } else {
      builder.append_nested();
    }
  }
  return builder.finish();
}

std::optional<Resolution> resolve_zip_with(CallSite& call) {
  if (!require_array(call, 0) || !require_array(call, 1) || !require_lambda(call, 2)) {
    return std::nullopt;
  }
  return Resolution{.type = Type::array(call.type(2), call.arg(2).nullable),
                    .nullable = call.arg(0).nullable || call.arg(1).nullable,
                    .kernel = zip_with_kernel};
}

// --- Maps

enum class MapPart : std::uint8_t {
  kKey,
  kValue,
  kKeep
};

template <MapPart kPart>
ColumnPtr map_kernel_of(const KernelInput& in) {
  const Elements elements = find_elements(in);
  const ColumnPtr results = run_over_elements(in, elements);
  const data::Column& keys = *in.args[0]->child(0);
  const data::Column& values = *in.args[0]->child(1);
  return per_row<Value>(
      in, elements, [&](Row& row, std::size_t begin, std::size_t end) -> std::optional<Value> {
        ValueMap entries;
        for (std::size_t i = begin; i < end; ++i) {
          const std::size_t at = elements.positions[i];
          if constexpr (kPart == MapPart::kKey) {
            entries.emplace_back(results->value(i), values.value(at));
          } else if constexpr (kPart == MapPart::kValue) {
            entries.emplace_back(keys.value(at), results->value(i));
          } else if (is_true(*results, i)) {
            entries.emplace_back(keys.value(at), values.value(at));
          }
        }
        if (kPart == MapPart::kKey && !in.evaluation.batch().errors.failed(row.index())) {
          return checked_map(row, in.call.type.key(), std::move(entries));
        }
        return Value(std::move(entries));
      });
}

std::optional<Resolution> resolve_map_filter(CallSite& call) {
  if (!require_map(call, 0) || !require_lambda(call, 1) || !call.cast(1, Type(kBoolean))) {
    return std::nullopt;
  }
  return Resolution{.type = call.type(0),
                    .nullable = call.arg(0).nullable,
                    .kernel = map_kernel_of<MapPart::kKeep>};
}

template <MapPart kPart>
std::optional<Resolution> resolve_transform_map(CallSite& call) {
  if (!require_map(call, 0) || !require_lambda(call, 1)) {
    return std::nullopt;
  }
  const Type map = call.type(0);
  return Resolution{.type = kPart == MapPart::kKey ? Type::map(call.type(1), map.value())
                                                   : Type::map(map.key(), call.type(1)),
                    .nullable = call.arg(0).nullable,
                    .kernel = map_kernel_of<kPart>};
}

// The keys of both maps, those of the first before those that only the second has.
ValueMap joined_keys(const Type& key_type, const ValueMap& left, const ValueMap& right) {
  const auto value_of = [&](const ValueMap& map, const Value& key) {
    for (const auto& [other, value] : map) {
      if (equal_values(key_type, other, key)) {
        return value;
      }
    }
    return Value();
  };
  ValueMap joined;  // key → (left, right)
  ValueSet seen = make_value_set(key_type);
  for (const ValueMap* map : {&left, &right}) {
    for (const auto& entry : *map) {
      if (seen.insert(entry.first).second) {
        joined.emplace_back(
            entry.first,
            Value(ValueList{value_of(left, entry.first), value_of(right, entry.first)}));
      }
    }
  }
  return joined;
}

ColumnPtr map_zip_with_kernel(const KernelInput& in) {
  const Type left_type = in.args[0]->type();
  const Type right_type = in.args[1]->type();
  ColumnBuilder keys(left_type.key());
  ColumnBuilder lefts(left_type.value());
  ColumnBuilder rights(right_type.value());
  std::vector<RowIndex> parents;
  const auto is_null = [&](std::size_t row) {
    return in.args[0]->is_null(row) || in.args[1]->is_null(row);
  };
  in.rows.for_each([&](std::size_t row) {
    if (is_null(row)) {
      return;
    }
    for (const auto& [key, values] :
         joined_keys(left_type.key(), in.args[0]->value(row).map(), in.args[1]->value(row).map())) {
      keys.append_value(key);
      lefts.append_value(values.list()[0]);
      rights.append_value(values.list()[1]);
      parents.push_back(static_cast<RowIndex>(row));
    }
  });
  const std::array<ColumnPtr, 3> variables = {keys.finish(), lefts.finish(), rights.finish()};
  const ColumnPtr results = in.evaluation.evaluate_lambda(lambda_of(in, 2), variables, parents);
  ResultWriter<Value> writer(in);
  std::size_t next = 0;
  in.rows.for_each([&](std::size_t row) {
    ValueMap entries;
    for (; next < parents.size() && parents[next] == row; ++next) {
      entries.emplace_back(variables[0]->value(next), results->value(next));
    }
    if (is_null(row)) {
      writer.set_null(row);
    } else {
      writer.set(row, Value(std::move(entries)));
    }
  });
  return writer.finish();
}

std::optional<Resolution> resolve_map_zip_with(CallSite& call) {
  if (!require_map(call, 0) || !require_map(call, 1) || !require_lambda(call, 2)) {
    return std::nullopt;
  }
  if (!(call.type(0).key() == call.type(1).key())) {
    return wrong_type(call, 1, "a MAP with the keys of the first");
  }
  return Resolution{.type = Type::map(call.type(0).key(), call.type(2)),
                    .nullable = call.arg(0).nullable || call.arg(1).nullable,
                    .kernel = map_zip_with_kernel};
}

// --- array_sort

// A comparator is asked for each pair, so that its arrays are kept short.
constexpr std::size_t kCompared = 10'000;

// Sorts by merging: it stays within bounds whatever a comparator answers.
template <class Less>
void merge_sort(ValueList& list, const Less& less) {
  ValueList other(list.size());
  for (std::size_t width = 1; width < list.size(); width *= 2) {
    for (std::size_t begin = 0; begin < list.size(); begin += 2 * width) {
      const std::size_t middle = std::min(begin + width, list.size());
      const std::size_t end = std::min(begin + 2 * width, list.size());
      std::size_t left = begin;
      std::size_t right = middle;
      for (std::size_t out = begin; out < end; ++out) {
        const bool take_right = left == middle || (right < end && less(list[right], list[left]));
        other[out] = std::move(list[take_right ? right++ : left++]);
      }
    }
    std::swap(list, other);
  }
}

bool compared_less(Row& row, const Type& element, const Value& left, const Value& right) {
  const KernelInput& in = row.input();
  if (in.evaluation.batch().errors.failed(row.index())) {
    return false;
  }
  const std::array<ColumnPtr, 2> variables = {data::Column::constant(element, left, 1),
                                              data::Column::constant(element, right, 1)};
  const std::array<RowIndex, 1> parent = {static_cast<RowIndex>(row.index())};
  const ColumnPtr order = in.evaluation.evaluate_lambda(lambda_of(in, 1), variables, parent);
  if (order->is_null(0)) {
    row.fail(EvalError::kOther);
    return false;
  }
  return order->get<std::int32_t>(0) < 0;
}

ColumnPtr array_sort_kernel(const KernelInput& in) {
  const Type element = in.args[0]->type().element();
  ResultWriter<Value> result(in);
  Row row(in);
  in.rows.for_each([&](std::size_t index) {
    if (in.args[0]->is_null(index)) {
      result.set_null(index);
      return;
    }
    row.begin(index);
    ValueList list = in.args[0]->value(index).list();
    if (in.args.size() == 1) {
      // Nulls last.
      std::ranges::stable_sort(list, [&](const Value& left, const Value& right) {
        return !left.is_null() && (right.is_null() || compare_values(element, left, right) < 0);
      });
    } else if (list.size() > kCompared) {
      row.fail(EvalError::kTooManyElements);
    } else {
      merge_sort(list, [&](const Value& left, const Value& right) {
        return compared_less(row, element, left, right);
      });
    }
    result.set(index, Value(std::move(list)));
  });
  return result.finish();
}

std::optional<Resolution> resolve_array_sort(CallSite& call) {
  if (!require_array(call, 0)) {
    return std::nullopt;
  }
  if (call.count() == 2 && (!require_lambda(call, 1) || !call.cast(1, Type(kInt)))) {
    return std::nullopt;
  }
  if (call.count() == 1 && !is_orderable(call.type(0).element())) {
    return call.fail("DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
                     "42K09",
                     "Cannot resolve " + call.sql() + ": the elements have no order");
  }
  return Resolution{
      .type = call.type(0), .nullable = call.arg(0).nullable, .kernel = array_sort_kernel};
}

constexpr Function higher_order(std::string_view name,
                                int args,
                                std::optional<Resolution> (*resolve)(CallSite&),
                                Parameters (*parameters)(CallSite&, std::size_t),
                                std::string_view usage) {
  return {.name = name,
          .min_args = args,
          .max_args = args,
          .resolve = resolve,
          .deterministic = true,
          .usage = usage,
          .foldable = true,
          .lambda_parameters = parameters};
}

constexpr Function aggregate_row(std::string_view name, std::string_view usage) {
  Function function = higher_order(name, 3, resolve_aggregate, accumulator_and_element, usage);
  function.max_args = 4;
  return function;
}

constexpr Function array_sort_row() {
  Function function = higher_order("array_sort",
                                   1,
                                   resolve_array_sort,
                                   two_elements,
                                   "array_sort(array[, (left, right) -> int]) - in order, nulls "
                                   "last, or as the comparator says");
  function.max_args = 2;
  return function;
}

constexpr Function kLambdaFunctions[] = {
    higher_order("transform",
                 2,
                 resolve_transform,
                 element_and_index,
                 "transform(array, x [, i] -> e) - e for each element"),
    higher_order("filter",
                 2,
                 resolve_filter,
                 element_and_index,
                 "filter(array, x [, i] -> condition) - the elements for which it is true"),
    higher_order("exists",
                 2,
                 resolve_quantifier<true>,
                 element_only,
                 "exists(array, x -> condition) - whether it is true for an element"),
    higher_order("forall",
                 2,
                 resolve_quantifier<false>,
                 element_only,
                 "forall(array, x -> condition) - whether it is true for all elements"),
    aggregate_row("aggregate",
                  "aggregate(array, start, (acc, x) -> e[, acc -> e]) - folds the elements"),
    aggregate_row("reduce", "reduce(array, start, (acc, x) -> e[, acc -> e]) - as aggregate"),
    higher_order("zip_with",
                 3,
                 resolve_zip_with,
                 elements_of_two,
                 "zip_with(a, b, (x, y) -> e) - e for the elements at the same place"),
    higher_order("map_filter",
                 2,
                 resolve_map_filter,
                 key_and_value,
                 "map_filter(map, (k, v) -> condition) - the entries for which it is true"),
    higher_order("transform_keys",
                 2,
                 resolve_transform_map<MapPart::kKey>,
                 key_and_value,
                 "transform_keys(map, (k, v) -> e) - with other keys"),
    higher_order("transform_values",
                 2,
                 resolve_transform_map<MapPart::kValue>,
                 key_and_value,
                 "transform_values(map, (k, v) -> e) - with other values"),
    higher_order("map_zip_with",
                 3,
                 resolve_map_zip_with,
                 key_and_two_values,
                 "map_zip_with(a, b, (k, v1, v2) -> e) - e for each key of a or b"),
    array_sort_row(),
};

}  // namespace

std::span<const Function> lambda_functions() {
  return kLambdaFunctions;
}

}  // namespace millrace::expr
