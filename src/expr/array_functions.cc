// Arrays: searching, sets, order, changing, slices and sequences.
#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "expr/code_points.h"
#include "expr/coercion.h"
#include "expr/collection_values.h"
#include "expr/families.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using data::Value;
using data::ValueList;
using enum data::TypeKind;

Type element_type(const KernelInput& in, std::size_t index) {
  return in.args[index]->type().element();
}

bool has_null(const ValueList& list) {
  return std::ranges::any_of(list, &Value::is_null);
}

// --- Searching

data::ColumnPtr array_contains_kernel(const KernelInput& in) {
  const Type type = element_type(in, 0);
  return map_values(in, [&](Row&, std::span<const Value> args) {
    for (const Value& element : args[0].list()) {
      if (equal_values(type, element, args[1])) {
        return Value(true);
      }
    }
    return has_null(args[0].list()) ? Value() : Value(false);
  });
}

data::ColumnPtr array_position_kernel(const KernelInput& in) {
  const Type type = element_type(in, 0);
  return map_values(in, [&](Row&, std::span<const Value> args) {
    const ValueList& list = args[0].list();
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (equal_values(type, list[i], args[1])) {
        return Value(static_cast<std::int64_t>(i + 1));
      }
    }
    return Value(std::int64_t{0});
  });
}

data::ColumnPtr array_remove_kernel(const KernelInput& in) {
  const Type type = element_type(in, 0);
  return map_values(in, [&](Row&, std::span<const Value> args) {
    ValueList out;
    for (const Value& element : args[0].list()) {
      if (!equal_values(type, element, args[1])) {
        out.push_back(element);
      }
    }
    return Value(std::move(out));
  });
}

template <TypeKind kResult, Kernel kKernel>
std::optional<Resolution> resolve_find(CallSite& call) {
  if (!cast_element(call, 0, 1)) {
    return std::nullopt;
  }
  return Resolution{.type = Type(kResult), .kernel = kKernel};
}

template <Kernel kKernel>
std::optional<Resolution> resolve_same_with_element(CallSite& call) {
  if (!cast_element(call, 0, 1)) {
    return std::nullopt;
  }
  return Resolution{.type = call.type(0), .nullable = call.any_nullable(), .kernel = kKernel};
}

template <bool kMax>
data::ColumnPtr extreme_kernel(const KernelInput& in) {
  const Type type = element_type(in, 0);
  return map_values(in, [&](Row&, std::span<const Value> args) {
    const Value* best = nullptr;
    for (const Value& element : args[0].list()) {
      if (element.is_null()) {
        continue;
      }
      const int order = best == nullptr ? 1 : compare_values(type, element, *best);
      if (best == nullptr || (kMax ? order > 0 : order < 0)) {
        best = &element;
      }
    }
    return best == nullptr ? Value() : *best;
  });
}

bool require_order(CallSite& call) {
  if (!require_array(call, 0)) {
    return false;
  }
  if (!is_orderable(call.type(0).element())) {
    call.fail("DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
              "42K09",
              "Cannot resolve " + call.sql() + ": elements of type " +
                  call.type(0).element().to_sql() + " have no order");
    return false;
  }
  return true;
}

template <bool kMax>
std::optional<Resolution> resolve_extreme(CallSite& call) {
  if (!require_order(call)) {
    return std::nullopt;
  }
  return Resolution{.type = call.type(0).element(), .kernel = extreme_kernel<kMax>};
}

// --- Sets: nulls count as equal, the first of equal elements stays.

data::ColumnPtr array_distinct_kernel(const KernelInput& in) {
  const Type type = element_type(in, 0);
  return map_values(in, [&](Row&, std::span<const Value> args) {
    ValueSet seen = make_value_set(type);
    ValueList out;
    for (const Value& element : args[0].list()) {
      if (seen.insert(element).second) {
        out.push_back(element);
      }
    }
    return Value(std::move(out));
  });
}

data::ColumnPtr array_union_kernel(const KernelInput& in) {
  const Type type = element_type(in, 0);
  return map_values(in, [&](Row&, std::span<const Value> args) {
    ValueSet seen = make_value_set(type);
    ValueList out;
    for (const Value& list : args) {
      for (const Value& element : list.list()) {
        if (seen.insert(element).second) {
          out.push_back(element);
        }
      }
    }
    return Value(std::move(out));
  });
}

// Elements of the first that are (or are not) in the second.
template <bool kIn>
data::ColumnPtr array_filter_set_kernel(const KernelInput& in) {
  const Type type = element_type(in, 0);
  return map_values(in, [&](Row&, std::span<const Value> args) {
    ValueSet other = make_value_set(type);
    other.insert(args[1].list().begin(), args[1].list().end());
    ValueSet seen = make_value_set(type);
    ValueList out;
    for (const Value& element : args[0].list()) {
      if (other.contains(element) == kIn && seen.insert(element).second) {
        out.push_back(element);
      }
    }
    return Value(std::move(out));
  });
}

data::ColumnPtr arrays_overlap_kernel(const KernelInput& in) {
  const Type type = element_type(in, 0);
  return map_values(in, [&](Row&, std::span<const Value> args) {
    ValueSet other = make_value_set(type);
    other.insert(args[1].list().begin(), args[1].list().end());
    for (const Value& element : args[0].list()) {
      if (!element.is_null() && other.contains(element)) {
        return Value(true);
      }
    }
    const bool unknown = !args[0].list().empty() && !args[1].list().empty() &&
                         (has_null(args[0].list()) || has_null(args[1].list()));
    return unknown ? Value() : Value(false);
  });
}

template <Kernel kKernel>
std::optional<Resolution> resolve_sets(CallSite& call) {
  if (!require_array(call, 0) || !require_array(call, 1) || !call.cast_to_common()) {
    return std::nullopt;
  }
  return Resolution{.type = call.type(0), .nullable = call.any_nullable(), .kernel = kKernel};
}

std::optional<Resolution> resolve_arrays_overlap(CallSite& call) {
  std::optional<Resolution> resolution = resolve_sets<arrays_overlap_kernel>(call);
  if (resolution) {
    resolution->type = Type(kBoolean);
    resolution->nullable = true;
  }
  return resolution;
}

template <Kernel kKernel>
std::optional<Resolution> resolve_same(CallSite& call) {
  if (!require_array(call, 0)) {
    return std::nullopt;
  }
  return Resolution{.type = call.type(0), .nullable = call.arg(0).nullable, .kernel = kKernel};
}

// --- Order

// Nulls come first when ascending, last when descending.
data::ColumnPtr sort_array_kernel(const KernelInput& in) {
  const Type type = element_type(in, 0);
  return map_values(in, [&](Row&, std::span<const Value> args) {
    const bool ascending = args.size() < 2 || args[1].boolean();
    ValueList list = args[0].list();
    std::ranges::stable_sort(list, [&](const Value& left, const Value& right) {
      const int order = compare_values(type, left, right);
      return ascending ? order < 0 : order > 0;
    });
    return Value(std::move(list));
  });
}

std::optional<Resolution> resolve_sort_array(CallSite& call) {
  if (!require_order(call) || (call.count() == 2 && !call.cast(1, Type(kBoolean)))) {
    return std::nullopt;
  }
  return Resolution{
      .type = call.type(0), .nullable = call.any_nullable(), .kernel = sort_array_kernel};
}

// --- Changing

data::ColumnPtr array_compact_kernel(const KernelInput& in) {
  return map_values(in, [](Row&, std::span<const Value> args) {
    ValueList out;
    std::ranges::remove_copy_if(args[0].list(), std::back_inserter(out), &Value::is_null);
    return Value(std::move(out));
  });
}

template <bool kFront>
data::ColumnPtr array_add_kernel(const KernelInput& in) {
  return map_values(
      in,
      [](Row& row, std::span<const Value> args) {
        if (args[0].is_null()) {
          return Value();
        }
        ValueList list = args[0].list();
        list.insert(kFront ? list.begin() : list.end(), args[1]);
        if (list.size() > kElementsMax) {
          row.fail(EvalError::kTooManyElements);
        }
        return Value(std::move(list));
      },
      /*see_nulls=*/true);
}

// array_insert: from 1, negative from behind the end; gaps are filled with nulls.
std::optional<ValueList> insert_at(ValueList list, std::int64_t index, const Value& value) {
  const auto size = static_cast<std::int64_t>(list.size());
  if (std::abs(index) > static_cast<std::int64_t>(kElementsMax)) {
    return std::nullopt;
  }
  if (index < 0 && -index > size) {
    ValueList out(static_cast<std::size_t>(-index));
    out[0] = value;
    std::ranges::move(list, out.end() - size);
    return out;
  }
  const std::int64_t position = index < 0 ? index + size + 1 : index - 1;
  if (position > size) {
    list.resize(static_cast<std::size_t>(position));
  }
  list.insert(list.begin() + position, value);
  return list;
}

data::ColumnPtr array_insert_kernel(const KernelInput& in) {
  return map_values(
      in,
      [](Row& row, std::span<const Value> args) {
        if (args[0].is_null() || args[1].is_null()) {
          return Value();
        }
        const std::int64_t index = args[1].integer();
        if (index == 0) {
          row.fail(EvalError::kInvalidIndexOfZero);
          return Value();
        }
        std::optional<ValueList> list = insert_at(args[0].list(), index, args[2]);
        if (!list) {
          row.fail(EvalError::kTooManyElements);
          return Value();
        }
        return Value(*std::move(list));
      },
      /*see_nulls=*/true);
}

std::optional<Resolution> resolve_array_insert(CallSite& call) {
  if (!cast_element(call, 0, 2) || !call.cast(1, Type(kInt))) {
    return std::nullopt;
  }
  return Resolution{.type = call.type(0), .kernel = array_insert_kernel};
}

data::ColumnPtr array_repeat_kernel(const KernelInput& in) {
  return map_values(
      in,
      [](Row& row, std::span<const Value> args) {
        if (args[1].is_null()) {
          return Value();
        }
        const std::int64_t count = std::max<std::int64_t>(args[1].integer(), 0);
        if (count > static_cast<std::int64_t>(kElementsMax)) {
          row.fail(EvalError::kTooManyElements);
          return Value();
        }
        return Value(ValueList(static_cast<std::size_t>(count), args[0]));
      },
      /*see_nulls=*/true);
}

std::optional<Resolution> resolve_array_repeat(CallSite& call) {
  if (!call.cast(1, Type(kInt))) {
    return std::nullopt;
  }
  return Resolution{.type = Type::array(call.type(0), call.arg(0).nullable),
                    .nullable = call.arg(1).nullable,
                    .kernel = array_repeat_kernel};
}

data::ColumnPtr flatten_kernel(const KernelInput& in) {
  return map_values(in, [](Row& row, std::span<const Value> args) {
    ValueList out;
    for (const Value& inner : args[0].list()) {
      if (inner.is_null()) {
        return Value();
      }
      out.insert(out.end(), inner.list().begin(), inner.list().end());
      if (out.size() > kElementsMax) {
        row.fail(EvalError::kTooManyElements);
        return Value();
      }
    }
    return Value(std::move(out));
  });
}

std::optional<Resolution> resolve_flatten(CallSite& call) {
  if (!require_array(call, 0)) {
    return std::nullopt;
  }
  if (call.type(0).element().kind() != kArray) {
    return wrong_type(call, 0, "an ARRAY of ARRAY");
  }
  return Resolution{.type = call.type(0).element(), .kernel = flatten_kernel};
}

data::ColumnPtr array_join_kernel(const KernelInput& in) {
  return map_values(in, [](Row& row, std::span<const Value> args) {
    std::string out;
    bool first = true;
    for (const Value& element : args[0].list()) {
      if (element.is_null() && args.size() < 3) {
        continue;
      }
      if (!first) {
        out.append(args[1].string());
      }
      first = false;
      out.append(element.is_null() ? args[2].string() : element.string());
      if (out.size() > kStringBytesMax) {
        row.fail(EvalError::kTooManyElements);
        return Value();
      }
    }
    return Value(std::move(out));
  });
}

std::optional<Resolution> resolve_array_join(CallSite& call) {
  return signature(call,
                   Type(kString),
                   {Type::array(Type(kString)), Type(kString), Type(kString)},
                   array_join_kernel);
}

data::ColumnPtr arrays_zip_kernel(const KernelInput& in) {
  return map_values(in, [](Row&, std::span<const Value> args) {
    std::size_t size = 0;
    for (const Value& list : args) {
      size = std::max(size, list.list().size());
    }
    ValueList out;
    for (std::size_t i = 0; i < size; ++i) {
      ValueList fields;
      for (const Value& list : args) {
        fields.push_back(i < list.list().size() ? list.list()[i] : Value());
      }
      out.emplace_back(std::move(fields));
    }
    return Value(std::move(out));
  });
}

std::optional<Resolution> resolve_arrays_zip(CallSite& call) {
  std::vector<data::Field> fields;
  for (std::size_t i = 0; i < call.count(); ++i) {
    if (!require_array(call, i)) {
      return std::nullopt;
    }
    fields.push_back({.name = field_name_of(call.arg(i)).value_or(std::to_string(i)),
                      .type = call.type(i).element(),
                      .nullable = true,
                      .comment = ""});
  }
  return Resolution{.type = Type::array(Type::structure(std::move(fields)), false),
                    .nullable = call.any_nullable(),
                    .kernel = arrays_zip_kernel};
}

// --- Slices

data::ColumnPtr slice_kernel(const KernelInput& in) {
  return map_values(in, [](Row& row, std::span<const Value> args) {
    const ValueList& list = args[0].list();
    const auto size = static_cast<std::int64_t>(list.size());
    const std::int64_t start = args[1].integer();
    const std::int64_t length = args[2].integer();
    if (start == 0 || length < 0) {
      row.fail(start == 0 ? EvalError::kInvalidStart : EvalError::kInvalidLength);
      return Value();
    }
    const std::int64_t begin = start > 0 ? start - 1 : start + size;
    if (begin < 0 || begin >= size) {
      return Value(ValueList());
    }
    const std::int64_t end = std::min(begin + length, size);
    return Value(ValueList(list.begin() + begin, list.begin() + end));
  });
}

std::optional<Resolution> resolve_slice(CallSite& call) {
  if (!require_array(call, 0) || !call.cast(1, Type(kInt)) || !call.cast(2, Type(kInt))) {
    return std::nullopt;
  }
  return Resolution{.type = call.type(0), .nullable = call.any_nullable(), .kernel = slice_kernel};
}

constexpr Function kArrayFunctions[] = {
    {"array_contains",
     2,
     2,
     resolve_find<kBoolean, array_contains_kernel>,
     true,
     "array_contains(array, value) - whether value is in array"},
    {"array_position",
     2,
     2,
     resolve_find<kBigInt, array_position_kernel>,
     true,
     "array_position(array, value) - where value first is, from 1; 0 when it is not there"},
    {"array_remove",
     2,
     2,
     resolve_same_with_element<array_remove_kernel>,
     true,
     "array_remove(array, value) - without value"},
    {"array_append",
     2,
     2,
     resolve_same_with_element<array_add_kernel<false>>,
     true,
     "array_append(array, value) - with value at the end"},
    {"array_prepend",
     2,
     2,
     resolve_same_with_element<array_add_kernel<true>>,
     true,
     "array_prepend(array, value) - with value in front"},
    {"array_insert",
     3,
     3,
     resolve_array_insert,
     true,
     "array_insert(array, i, value) - with value at i, from 1, negative from the end"},
    {"array_max", 1, 1, resolve_extreme<true>, true, "array_max(array) - the greatest element"},
    {"array_min", 1, 1, resolve_extreme<false>, true, "array_min(array) - the least element"},
    {"array_distinct",
     1,
     1,
     resolve_same<array_distinct_kernel>,
     true,
     "array_distinct(array) - each element once"},
    {"array_union",
     2,
     2,
     resolve_sets<array_union_kernel>,
     true,
     "array_union(a, b) - elements of a or b, each once"},
    {"array_intersect",
     2,
     2,
     resolve_sets<array_filter_set_kernel<true>>,
     true,
     "array_intersect(a, b) - elements of a and b, each once"},
    {"array_except",
     2,
     2,
     resolve_sets<array_filter_set_kernel<false>>,
     true,
     "array_except(a, b) - elements of a that are not in b, each once"},
    {"arrays_overlap",
     2,
     2,
     resolve_arrays_overlap,
     true,
     "arrays_overlap(a, b) - whether they have an element in common"},
    {"arrays_zip",
     1,
     -1,
     resolve_arrays_zip,
     true,
     "arrays_zip(a, b, …) - structs of the elements at the same place"},
    {"sort_array",
     1,
     2,
     resolve_sort_array,
     true,
     "sort_array(array[, ascending]) - in order, nulls first when ascending"},
    {"array_compact",
     1,
     1,
     resolve_same<array_compact_kernel>,
     true,
     "array_compact(array) - without nulls"},
    {"array_repeat", 2, 2, resolve_array_repeat, true, "array_repeat(value, n) - n times value"},
    {"array_join",
     2,
     3,
     resolve_array_join,
     true,
     "array_join(array, delimiter[, null]) - the elements as one string"},
    {"flatten", 1, 1, resolve_flatten, true, "flatten(arrays) - one array of all elements"},
    {"slice",
     3,
     3,
     resolve_slice,
     true,
     "slice(array, start, length) - a part, from 1, negative from the end"},
};

}  // namespace

std::span<const Function> array_functions() {
  return kArrayFunctions;
}

}  // namespace millrace::expr
