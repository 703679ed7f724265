// Making arrays, maps and structs, and taking them apart; concat and reverse, which also take text.
#include <algorithm>

#include "base/utf8.h"
#include "expr/bind.h"
#include "expr/code_points.h"
#include "expr/collection_values.h"
#include "expr/families.h"

namespace millrace::expr {

using data::Type;
using data::Value;
using data::ValueList;
using data::ValueMap;
using enum data::TypeKind;
using Text = std::string_view;

Value checked_map(Row& row, const Type& key_type, ValueMap entries) {
  ValueSet keys = make_value_set(key_type);
  for (const auto& [key, value] : entries) {
    if (key.is_null()) {
      row.fail(EvalError::kNullMapKey);
      return {};
    }
    if (!keys.insert(key).second) {
      row.fail(EvalError::kDuplicatedMapKey);
      return {};
    }
  }
  return Value(std::move(entries));
}

std::optional<std::string> field_name_of(const Expression& argument) {
  if (argument.kind == ExpressionKind::kColumn ||
      argument.kind == ExpressionKind::kLambdaVariable) {
    return argument.name;
  }
  const bool field = argument.kind == ExpressionKind::kCall && argument.name == "getfield" &&
                     argument.args.size() == 2 && argument.args[1]->is_literal() &&
                     std::holds_alternative<std::string>(argument.args[1]->value.v);
  return field ? std::optional(argument.args[1]->value.string()) : std::nullopt;
}

std::nullopt_t wrong_type(CallSite& call, std::size_t index, std::string_view wanted) {
  return call.fail("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                   "42K09",
                   "Cannot resolve " + call.sql() + ": parameter " + std::to_string(index + 1) +
                       " requires " + std::string(wanted) + ", but has the type " +
                       call.type(index).to_sql());
}

bool require_array(CallSite& call, std::size_t index) {
  if (call.type(index).is_void()) {
    return call.cast(index, Type::array(Type()));
  }
  if (call.type(index).kind() != kArray) {
    wrong_type(call, index, "an ARRAY");
    return false;
  }
  return true;
}

bool require_map(CallSite& call, std::size_t index) {
  if (call.type(index).is_void()) {
    return call.cast(index, Type::map(Type(), Type()));
  }
  if (call.type(index).kind() != kMap) {
    wrong_type(call, index, "a MAP");
    return false;
  }
  return true;
}

bool cast_element(CallSite& call, std::size_t array, std::size_t value) {
  if (!require_array(call, array)) {
    return false;
  }
  const std::optional<Type> common = common_type(call.type(array).element(), call.type(value));
  if (!common) {
    call.fail("DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES",
              "42K09",
              "Cannot resolve " + call.sql() + ": it has an array of " +
                  call.type(array).element().to_sql() + " and a value of type " +
                  call.type(value).to_sql());
    return false;
  }
  return call.cast(array, Type::array(*common)) && call.cast(value, *common);
}

namespace {

// --- Making

data::ColumnPtr array_kernel(const KernelInput& in) {
  return map_values(
      in,
      [](Row&, std::span<const Value> args) { return Value(ValueList(args.begin(), args.end())); },
      /*see_nulls=*/true);
}

std::optional<Resolution> resolve_array(CallSite& call) {
  if (call.count() > 0 && !call.cast_to_common()) {
    return std::nullopt;
  }
  const Type element = call.count() == 0 ? Type() : call.type(0);
  return Resolution{
      .type = Type::array(element, call.any_nullable()), .nullable = false, .kernel = array_kernel};
}

data::ColumnPtr map_kernel(const KernelInput& in) {
  return map_values(
      in,
      [&](Row& row, std::span<const Value> args) {
        ValueMap entries;
        for (std::size_t i = 0; i < args.size(); i += 2) {
          entries.emplace_back(args[i], args[i + 1]);
        }
        return checked_map(row, in.call.type.key(), std::move(entries));
      },
      /*see_nulls=*/true);
}

// The common type of every second argument; nothing after a Diagnostic.
std::optional<Type> common_of_alternate(CallSite& call, std::size_t first) {
  std::optional<Type> common = Type();
  for (std::size_t i = first; i < call.count() && common; i += 2) {
    common = common_type(*common, call.type(i));
  }
  if (!common) {
    return call.fail(first == 0 ? "DATATYPE_MISMATCH.CREATE_MAP_KEY_DIFF_TYPES"
                                : "DATATYPE_MISMATCH.CREATE_MAP_VALUE_DIFF_TYPES",
                     "42K09",
                     "Cannot resolve " + call.sql() + ": its " + (first == 0 ? "keys" : "values") +
                         " have no common type");
  }
  for (std::size_t i = first; i < call.count(); i += 2) {
    if (!call.cast(i, *common)) {
      return std::nullopt;
    }
  }
  return common;
}

std::optional<Resolution> resolve_map(CallSite& call) {
  if (call.count() % 2 != 0) {
    return call.fail("WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
                     "42605",
                     "The `map` requires 2n (n > 0) parameters but the actual number is " +
                         std::to_string(call.count()));
  }
  const std::optional<Type> key = common_of_alternate(call, 0);
  const std::optional<Type> value = key ? common_of_alternate(call, 1) : std::nullopt;
  if (!value) {
    return std::nullopt;
  }
  return Resolution{.type = Type::map(*key, *value), .nullable = false, .kernel = map_kernel};
}

std::optional<Resolution> resolve_struct(CallSite& call) {
  std::vector<data::Field> fields;
  fields.reserve(call.count());
  for (std::size_t i = 0; i < call.count(); ++i) {
    fields.push_back({.name = field_name_of(call.arg(i)).value_or("col" + std::to_string(i + 1)),
                      .type = call.type(i),
                      .nullable = call.arg(i).nullable,
                      .comment = ""});
  }
  return Resolution{
      .type = Type::structure(std::move(fields)), .nullable = false, .kernel = array_kernel};
}

data::ColumnPtr named_struct_kernel(const KernelInput& in) {
  return map_values(
      in,
      [](Row&, std::span<const Value> args) {
        ValueList fields;
        for (std::size_t i = 1; i < args.size(); i += 2) {
          fields.push_back(args[i]);
        }
        return Value(std::move(fields));
      },
      /*see_nulls=*/true);
}

std::optional<Resolution> resolve_named_struct(CallSite& call) {
  if (call.count() % 2 != 0) {
    return call.fail("WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
                     "42605",
                     "The `named_struct` requires 2n (n > 0) parameters but the actual number is " +
                         std::to_string(call.count()));
  }
  std::vector<data::Field> fields;
  for (std::size_t i = 0; i < call.count(); i += 2) {
    const std::optional<Value> name = call.constant(i);
    if (!name || name->is_null() || call.type(i).kind() != kString) {
      return call.fail("DATATYPE_MISMATCH.CREATE_NAMED_STRUCT_WITHOUT_FOLDABLE_STRING",
                       "42K09",
                       "Cannot resolve " + call.sql() + ": names must be constant strings");
    }
    fields.push_back({.name = name->string(),
                      .type = call.type(i + 1),
                      .nullable = call.arg(i + 1).nullable,
                      .comment = ""});
  }
  return Resolution{
      .type = Type::structure(std::move(fields)), .nullable = false, .kernel = named_struct_kernel};
}

// --- Size and elements

data::ColumnPtr size_kernel(const KernelInput& in) {
  ResultWriter<std::int32_t> result(in);
  const data::Column& column = *in.args[0];
  in.rows.for_each([&](std::size_t row) {
    if (column.is_null(row)) {
      result.set_null(row);
    } else {
      result.set(row, column.end_of(row) - column.begin_of(row));
    }
  });
  return result.finish();
}

std::optional<Resolution> resolve_size(CallSite& call) {
  const bool array = call.type(0).kind() != kMap;
  if (array ? !require_array(call, 0) : !require_map(call, 0)) {
    return std::nullopt;
  }
  return Resolution{.type = Type(kInt), .nullable = call.arg(0).nullable, .kernel = size_kernel};
}

std::optional<Resolution> resolve_array_size(CallSite& call) {
  return require_array(call, 0) ? resolve_size(call) : std::nullopt;
}

// The position in an array of `size` of a 1-based index, negative from the end.
std::optional<std::size_t> position_of(std::int64_t index, std::size_t size) {
  const auto count = static_cast<std::int64_t>(size);
  const std::int64_t position = index > 0 ? index - 1 : index + count;
  return index == 0 || position < 0 || position >= count
             ? std::nullopt
             : std::optional(static_cast<std::size_t>(position));
}

template <bool kTry>
data::ColumnPtr element_at_array_kernel(const KernelInput& in) {
  return map_values(in, [](Row& row, std::span<const Value> args) {
    const std::int64_t index = args[1].integer();
    const std::optional<std::size_t> position = position_of(index, args[0].list().size());
    if (position) {
      return args[0].list()[*position];
    }
    if (index == 0) {
      row.fail(EvalError::kInvalidIndexOfZero);
    } else if (!kTry) {
      row.fail(EvalError::kInvalidArrayIndexInElementAt);
    }
    return Value();
  });
}

data::ColumnPtr element_at_map_kernel(const KernelInput& in) {
  const Type key = in.args[0]->type().key();
  return map_values(in, [&](Row&, std::span<const Value> args) {
    for (const auto& [name, value] : args[0].map()) {
      if (equal_values(key, name, args[1])) {
        return value;
      }
    }
    return Value();
  });
}

std::optional<Resolution> resolve_map_value(CallSite& call, Kernel kernel) {
  if (!call.cast(1, call.type(0).key())) {
    return std::nullopt;
  }
  return Resolution{.type = call.type(0).value(), .kernel = kernel};
}

template <bool kTry>
std::optional<Resolution> resolve_element_at(CallSite& call) {
  if (call.type(0).kind() == kMap) {
    return resolve_map_value(call, element_at_map_kernel);
  }
  if (!require_array(call, 0) || !call.cast(1, Type(kInt))) {
    return std::nullopt;
  }
  return Resolution{.type = call.type(0).element(), .kernel = element_at_array_kernel<kTry>};
}

data::ColumnPtr get_kernel(const KernelInput& in) {
  return map_values(in, [](Row&, std::span<const Value> args) {
    const std::int64_t index = args[1].integer();
    const ValueList& list = args[0].list();
    return index < 0 || index >= static_cast<std::int64_t>(list.size())
               ? Value()
               : list[static_cast<std::size_t>(index)];
  });
}

std::optional<Resolution> resolve_get(CallSite& call) {
  if (!require_array(call, 0) || !call.cast(1, Type(kInt))) {
    return std::nullopt;
  }
  return Resolution{.type = call.type(0).element(), .kernel = get_kernel};
}

// --- concat and reverse

data::ColumnPtr concat_text_kernel(const KernelInput& in) {
  ResultWriter<std::string_view> result(in);
  Row row(in);
  std::string out;
  in.rows.for_each([&](std::size_t index) {
    row.begin(index);
    out.clear();
    for (const data::ColumnPtr& arg : in.args) {
      if (arg->is_null(index)) {
        row.set_null();
        break;
      }
      out.append(arg->string(index));
    }
    if (!row.is_null() && out.size() > kStringBytesMax) {
      row.fail(EvalError::kTooManyElements);
    }
    if (row.is_null()) {
      result.set_null(index);
    } else {
      result.set(index, out);
    }
  });
  return result.finish();
}

data::ColumnPtr concat_array_kernel(const KernelInput& in) {
  return map_values(in, [](Row& row, std::span<const Value> args) {
    ValueList all;
    for (const Value& arg : args) {
      all.insert(all.end(), arg.list().begin(), arg.list().end());
      if (all.size() > kElementsMax) {
        row.fail(EvalError::kTooManyElements);
        return Value();
      }
    }
    return Value(std::move(all));
  });
}

std::optional<Resolution> resolve_concat(CallSite& call) {
  bool arrays = false;
  bool all_bytes = call.count() > 0;
  for (std::size_t i = 0; i < call.count(); ++i) {
    arrays = arrays || call.type(i).kind() == kArray;
    all_bytes = all_bytes && call.type(i).kind() == kBinary;
  }
  if (arrays) {
    if (!call.cast_to_common()) {
      return std::nullopt;
    }
    return Resolution{
        .type = call.type(0), .nullable = call.any_nullable(), .kernel = concat_array_kernel};
  }
  const Type type(all_bytes ? kBinary : kString);
  for (std::size_t i = 0; i < call.count(); ++i) {
    if (!call.cast(i, type)) {
      return std::nullopt;
    }
  }
  return Resolution{.type = type, .nullable = call.any_nullable(), .kernel = concat_text_kernel};
}

std::string reverse_text(Row&, Text text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80) {
      --begin;
    }
    out.append(text.substr(begin));
    text = text.substr(0, begin);
  }
  return out;
}

data::ColumnPtr reverse_array_kernel(const KernelInput& in) {
  return map_values(in, [](Row&, std::span<const Value> args) {
    ValueList list = args[0].list();
    std::ranges::reverse(list);
    return Value(std::move(list));
  });
}

std::optional<Resolution> resolve_reverse(CallSite& call) {
  if (call.type(0).kind() == kArray) {
    return Resolution{
        .type = call.type(0), .nullable = call.arg(0).nullable, .kernel = reverse_array_kernel};
  }
  return signature(call, Type(kString), {Type(kString)}, kRowKernel<reverse_text>);
}

constexpr Function kCollectionFunctions[] = {
    {"array", 0, -1, resolve_array, true, "array(a, b, …) - an array of the values"},
    {"map", 0, -1, resolve_map, true, "map(k1, v1, k2, v2, …) - a map"},
    {"struct",
     1,
     -1,
     resolve_struct,
     true,
     "struct(a, b, …) - a struct; columns keep their names, others are col1, col2 …"},
    {"named_struct",
     2,
     -1,
     resolve_named_struct,
     true,
     "named_struct('a', x, 'b', y, …) - a struct with these names"},
    {"size", 1, 1, resolve_size, true, "size(array | map) - how many elements"},
    {"cardinality", 1, 1, resolve_size, true, "cardinality(array | map) - as size"},
    {"array_size", 1, 1, resolve_array_size, true, "array_size(array) - how many elements"},
    {"element_at",
     2,
     2,
     resolve_element_at<false>,
     true,
     "element_at(array, i) from 1, negative from the end; element_at(map, key)"},
    {"try_element_at",
     2,
     2,
     resolve_element_at<true>,
     true,
     "try_element_at(array, i) - as element_at, null when there is none"},
    {"get", 2, 2, resolve_get, true, "get(array, i) - from 0, null when there is none"},
    {"concat", 0, -1, resolve_concat, true, "concat(a, b, …) - strings, binaries or arrays joined"},
    {"||", 2, 2, resolve_concat, true, "a || b - as concat"},
    {"reverse", 1, 1, resolve_reverse, true, "reverse(str | array) - from the end"},
};

}  // namespace

std::span<const Function> collection_functions() {
  return kCollectionFunctions;
}

}  // namespace millrace::expr
