// Functions of maps.
#include "expr/bind.h"
#include "expr/collection_values.h"
#include "expr/families.h"
#include "expr/java_regex.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::Value;
using data::ValueList;
using data::ValueMap;
using enum data::TypeKind;
using Text = std::string_view;

data::ColumnPtr map_from_arrays_kernel(const KernelInput& in) {
  return map_values(in, [&](Row& row, std::span<const Value> args) {
    const ValueList& keys = args[0].list();
    const ValueList& values = args[1].list();
    if (keys.size() != values.size()) {
      row.fail(EvalError::kInvalidParameterValue);
      return Value();
    }
    ValueMap entries;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      entries.emplace_back(keys[i], values[i]);
    }
    return checked_map(row, in.call.type.key(), std::move(entries));
  });
}

std::optional<Resolution> resolve_map_from_arrays(CallSite& call) {
  if (!require_array(call, 0) || !require_array(call, 1)) {
    return std::nullopt;
  }
  return Resolution{.type = Type::map(call.type(0).element(), call.type(1).element()),
                    .nullable = call.any_nullable(),
                    .kernel = map_from_arrays_kernel};
}

data::ColumnPtr map_from_entries_kernel(const KernelInput& in) {
  return map_values(in, [&](Row& row, std::span<const Value> args) {
    ValueMap entries;
    for (const Value& entry : args[0].list()) {
      if (entry.is_null()) {
        return Value();
      }
      entries.emplace_back(entry.list()[0], entry.list()[1]);
    }
    return checked_map(row, in.call.type.key(), std::move(entries));
  });
}

std::optional<Resolution> resolve_map_from_entries(CallSite& call) {
  if (!require_array(call, 0)) {
    return std::nullopt;
  }
  const Type entry = call.type(0).element();
  if (entry.kind() != kStruct || entry.fields().size() != 2) {
    return wrong_type(call, 0, "an ARRAY of STRUCT of two fields");
  }
  return Resolution{.type = Type::map(entry.fields()[0].type, entry.fields()[1].type),
                    .kernel = map_from_entries_kernel};
}

data::ColumnPtr map_entries_kernel(const KernelInput& in) {
  return map_values(in, [](Row&, std::span<const Value> args) {
    ValueList out;
    for (const auto& [key, value] : args[0].map()) {
      out.emplace_back(ValueList{key, value});
    }
    return Value(std::move(out));
  });
}

std::optional<Resolution> resolve_map_entries(CallSite& call) {
  if (!require_map(call, 0)) {
    return std::nullopt;
  }
  const Type map = call.type(0);
  const Type entry =
      Type::structure({{.name = "key", .type = map.key(), .nullable = false, .comment = ""},
                       {.name = "value", .type = map.value(), .nullable = true, .comment = ""}});
  return Resolution{.type = Type::array(entry, false),
                    .nullable = call.arg(0).nullable,
                    .kernel = map_entries_kernel};
}

template <bool kKeys>
data::ColumnPtr map_side_kernel(const KernelInput& in) {
  return map_values(in, [](Row&, std::span<const Value> args) {
    ValueList out;
    for (const auto& [key, value] : args[0].map()) {
      out.push_back(kKeys ? key : value);
    }
    return Value(std::move(out));
  });
}

template <bool kKeys>
std::optional<Resolution> resolve_map_side(CallSite& call) {
  if (!require_map(call, 0)) {
    return std::nullopt;
  }
  return Resolution{
      .type = kKeys ? Type::array(call.type(0).key(), false) : Type::array(call.type(0).value()),
      .nullable = call.arg(0).nullable,
      .kernel = map_side_kernel<kKeys>};
}

data::ColumnPtr map_concat_kernel(const KernelInput& in) {
  return map_values(in, [&](Row& row, std::span<const Value> args) {
    ValueMap entries;
    for (const Value& arg : args) {
      entries.insert(entries.end(), arg.map().begin(), arg.map().end());
    }
    return checked_map(row, in.call.type.key(), std::move(entries));
  });
}

std::optional<Resolution> resolve_map_concat(CallSite& call) {
  for (std::size_t i = 0; i < call.count(); ++i) {
    if (!require_map(call, i)) {
      return std::nullopt;
    }
  }
  if (call.count() > 0 && !call.cast_to_common()) {
    return std::nullopt;
  }
  return Resolution{
      .type = call.count() == 0 ? Type::map(Type(kString), Type(kString)) : call.type(0),
      .nullable = call.any_nullable(),
      .kernel = map_concat_kernel};
}

data::ColumnPtr map_contains_key_kernel(const KernelInput& in) {
  const Type key_type = in.args[0]->type().key();
  return map_values(in, [&](Row&, std::span<const Value> args) {
    for (const auto& [key, value] : args[0].map()) {
      if (equal_values(key_type, key, args[1])) {
        return Value(true);
      }
    }
    return Value(false);
  });
}

std::optional<Resolution> resolve_map_contains_key(CallSite& call) {
  if (!require_map(call, 0)) {
    return std::nullopt;
  }
  const std::optional<Type> key = common_type(call.type(0).key(), call.type(1));
  if (!key || call.type(1).is_void()) {
    return wrong_type(call, 1, "the type of the map's keys");
  }
  if (!call.cast(0, Type::map(*key, call.type(0).value())) || !call.cast(1, *key)) {
    return std::nullopt;
  }
  return Resolution{
      .type = Type(kBoolean), .nullable = call.any_nullable(), .kernel = map_contains_key_kernel};
}

// --- str_to_map

// The parts between matches; at most `limit` when that is positive.
std::optional<std::vector<Text>> split_parts(Text text, Text pattern, std::size_t limit) {
  const Result<JavaRegex> regex = JavaRegex::compile(pattern);
  if (!regex) {
    regex.ignore_error("the row gets the error code");
    return std::nullopt;
  }
  std::vector<Text> parts;
  std::size_t begin = 0;
  regex->for_each_match(text, 0, 0, [&](const RegexMatch& match) {
    if (limit > 0 && parts.size() + 1 >= limit) {
      return false;
    }
    if (match.end() > 0) {
      parts.push_back(text.substr(begin, match.begin() - begin));
      begin = match.end();
    }
    return true;
  });
  parts.push_back(text.substr(begin));
  return parts;
}

data::ColumnPtr str_to_map_kernel(const KernelInput& in) {
  const Type key_type(kString);
  return map_values(in, [&](Row& row, std::span<const Value> args) {
    const auto pairs = split_parts(args[0].string(), args[1].string(), 0);
    ValueMap entries;
    if (!pairs) {
      row.fail(EvalError::kInvalidRegexPattern);
      return Value();
    }
    for (const Text pair : *pairs) {
      const auto sides = split_parts(pair, args[2].string(), 2);
      if (!sides) {
        row.fail(EvalError::kInvalidRegexPattern);
        return Value();
      }
      entries.emplace_back(Value(std::string((*sides)[0])),
                           sides->size() > 1 ? Value(std::string((*sides)[1])) : Value());
    }
    return checked_map(row, key_type, std::move(entries));
  });
}

std::optional<Resolution> resolve_str_to_map(CallSite& call) {
  for (const std::string_view otherwise : {",", ":"}) {
    const std::size_t wanted = otherwise == "," ? 1 : 2;
    if (call.count() == wanted) {
      call.args().push_back(
          make_literal(Type(kString), Value(std::string(otherwise)), call.where()));
    }
  }
  return signature(
      call, Type::map(Type(kString), Type(kString)), {Type(kString)}, str_to_map_kernel);
}

constexpr Function kMapFunctions[] = {
    {"map_from_arrays",
     2,
     2,
     resolve_map_from_arrays,
     true,
     "map_from_arrays(keys, values) - a map of two arrays"},
    {"map_from_entries",
     1,
     1,
     resolve_map_from_entries,
     true,
     "map_from_entries(array of struct) - a map of its entries"},
    {"map_entries",
     1,
     1,
     resolve_map_entries,
     true,
     "map_entries(map) - an array of structs key, value"},
    {"map_keys", 1, 1, resolve_map_side<true>, true, "map_keys(map) - an array of its keys"},
    {"map_values", 1, 1, resolve_map_side<false>, true, "map_values(map) - an array of its values"},
    {"map_concat", 0, -1, resolve_map_concat, true, "map_concat(a, b, …) - one map of all"},
    {"map_contains_key",
     2,
     2,
     resolve_map_contains_key,
     true,
     "map_contains_key(map, key) - whether the key is there"},
    {"str_to_map",
     1,
     3,
     resolve_str_to_map,
     true,
     "str_to_map(text[, pairs[, keys]]) - 'a:1,b:2' as a map; delimiters are regular expressions"},
};

}  // namespace

std::span<const Function> map_functions() {
  return kMapFunctions;
}

}  // namespace millrace::expr
