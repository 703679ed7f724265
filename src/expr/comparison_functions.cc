// Comparison, IN, BETWEEN, GREATEST and LEAST. NaN equals NaN and is greater than all else.
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include <fmt/format.h>

#include "data/row_hash.h"
#include "expr/bind.h"
#include "expr/coercion.h"
#include "expr/families.h"
#include "expr/pair_loop.h"
#include "expr/physical.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

enum class Comparison : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual
};

template <Comparison kComparison, class T>
bool compare(const T& left, const T& right) {
  if constexpr (kComparison == Comparison::kEqual) {
    return equal_values(left, right);
  } else if constexpr (kComparison == Comparison::kNotEqual) {
    return !equal_values(left, right);
  } else if constexpr (kComparison == Comparison::kLess) {
    return less_value(left, right);
  } else if constexpr (kComparison == Comparison::kLessOrEqual) {
    return !less_value(right, left);
  } else if constexpr (kComparison == Comparison::kGreater) {
    return less_value(right, left);
  } else {
    return !less_value(left, right);
  }
}

template <Comparison kComparison>
bool compare(int order) {
  return compare<kComparison, int>(order, 0);
}

template <Comparison kComparison, class T>
data::ColumnPtr compare_kernel(const KernelInput& in) {
  return map_pairs<std::uint8_t, T, T>(
      in, EvalError::kNone, [](const T& left, const T& right, std::uint8_t& out) {
        out = compare<kComparison, T>(left, right) ? 1 : 0;
        return false;
      });
}

template <Comparison kComparison>
data::ColumnPtr compare_values_kernel(const KernelInput& in) {
  const data::Column& left = *in.args[0];
  const data::Column& right = *in.args[1];
  ResultWriter<bool> result(in);
  in.rows.for_each([&](std::size_t row) {
    if (left.is_null(row) || right.is_null(row)) {
      result.set_null(row);
    } else {
      result.set(row, compare<kComparison>(data::compare_rows(left, row, right, row)));
    }
  });
  return result.finish();
}

data::ColumnPtr null_kernel(const KernelInput& in) {
  return data::Column::nulls(in.call.type, in.batch_rows);
}

template <Comparison kComparison>
Kernel comparison_kernel(const Type& type) {
  if (type.is_void()) {
    return null_kernel;
  }
  Kernel kernel = compare_values_kernel<kComparison>;
  visit_physical(type, [&]<class T>() { kernel = compare_kernel<kComparison, T>; });
  return kernel;
}

std::nullopt_t fail_types(CallSite& call) {
  return call.fail(
      "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
      "42K09",
      fmt::format("Cannot resolve \"{}\" due to data type mismatch: the left and right operands of "
                  "the binary operator have incompatible types (\"{}\" and \"{}\").",
                  call.sql(),
                  call.type(0).to_sql(),
                  call.type(1).to_sql()));
}

// Brings both sides to one type; false after a Diagnostic.
bool unite_sides(CallSite& call) {
  if (!same_shape(call.type(0), call.type(1))) {
    if (!common_type(call.type(0), call.type(1))) {
      (void)fail_types(call);
      return false;
    }
    if (!call.cast_to_common()) {
      return false;
    }
  }
  if (!is_orderable(call.type(0))) {
    (void)call.fail(
        "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
        "42K09",
        fmt::format("Cannot resolve \"{}\" due to data type mismatch: The `{}` does not support "
                    "ordering on type \"{}\".",
                    call.sql(),
                    call.name(),
                    call.type(0).to_sql()));
    return false;
  }
  return true;
}

template <Comparison kComparison>
std::optional<Resolution> resolve_comparison(CallSite& call) {
  if (!unite_sides(call)) {
    return std::nullopt;
  }
  return Resolution{.type = Type(TypeKind::kBoolean),
                    .nullable = call.any_nullable(),
                    .kernel = comparison_kernel<kComparison>(call.type(0))};
}

data::ColumnPtr null_safe_kernel(const KernelInput& in) {
  ResultWriter<bool> result(in);
  const data::Column& left = *in.args[0];
  const data::Column& right = *in.args[1];
  const Type& type = left.type();
  const auto run = [&](auto equal) {
    in.rows.for_each([&](std::size_t row) {
      const bool null = left.is_null(row);
      result.set(row, null || right.is_null(row) ? null == right.is_null(row) : equal(row));
    });
  };
  bool done = visit_physical(type, [&]<class T>() {
    run([&](std::size_t row) { return equal_values(left.get<T>(row), right.get<T>(row)); });
  });
  if (!done) {
    run([&](std::size_t row) { return data::compare_rows(left, row, right, row) == 0; });
  }
  return result.finish();
}

std::optional<Resolution> resolve_null_safe(CallSite& call) {
  if (!unite_sides(call)) {
    return std::nullopt;
  }
  return Resolution{
      .type = Type(TypeKind::kBoolean), .nullable = false, .kernel = null_safe_kernel};
}

std::optional<Resolution> resolve_between(CallSite& call) {
  auto& args = call.args();
  return replace_call(
      call.call("and", {call.call(">=", {args[0], args[1]}), call.call("<=", {args[0], args[2]})}));
}

// A list of constants, prepared for looking up.
struct InList : CallData {
  bool has_null = false;
  bool constant = false;
  std::vector<data::Value> values;
  std::unordered_set<std::int64_t> integers;
  std::unordered_set<std::string_view> strings;  // Views of `values`.
};

bool is_integer(const Type& type) {
  return type.is_integral() || type.kind() == TypeKind::kDate ||
         type.kind() == TypeKind::kTimestamp || type.kind() == TypeKind::kTimestampNtz;
}

template <class F>
data::ColumnPtr map_found(const KernelInput& in, const InList& list, const F& found) {
  ResultWriter<bool> result(in);
  const data::Column& column = *in.args[0];
  in.rows.for_each([&](std::size_t row) {
    if (column.is_null(row)) {
      result.set_null(row);
    } else if (found(row)) {
      result.set(row, true);
    } else if (list.has_null) {
      result.set_null(row);
    } else {
      result.set(row, false);
    }
  });
  return result.finish();
}

data::ColumnPtr in_constants_kernel(const KernelInput& in) {
  const auto& list = static_cast<const InList&>(*in.call.resolution.data);
  const data::Column& column = *in.args[0];
  const Type& type = column.type();
  if (type.is_string_or_binary()) {
    return map_found(
        in, list, [&](std::size_t row) { return list.strings.contains(column.string(row)); });
  }
  if (is_integer(type)) {
    data::ColumnPtr result;
    visit_physical(type, [&]<class T>() {
      if constexpr (std::is_integral_v<T>) {
        result = map_found(in, list, [&](std::size_t row) {
          return list.integers.contains(static_cast<std::int64_t>(column.get<T>(row)));
        });
      }
    });
    return result;
  }
  return map_found(in, list, [&](std::size_t row) {
    const data::Value value = column.value(row);
    return std::any_of(list.values.begin(), list.values.end(), [&](const data::Value& element) {
      return data::compare_values(type, value, element) == 0;
    });
  });
}

data::ColumnPtr in_kernel(const KernelInput& in) {
  ResultWriter<bool> result(in);
  const Type& type = in.args[0]->type();
  in.rows.for_each([&](std::size_t row) {
    if (in.args[0]->is_null(row)) {
      result.set_null(row);
      return;
    }
    const data::Value value = in.args[0]->value(row);
    bool null = false;
    for (std::size_t i = 1; i < in.args.size(); ++i) {
      if (in.args[i]->is_null(row)) {
        null = true;
      } else if (data::compare_values(type, value, in.args[i]->value(row)) == 0) {
        result.set(row, true);
        return;
      }
    }
    if (null) {
      result.set_null(row);
    } else {
      result.set(row, false);
    }
  });
  return result.finish();
}

std::optional<Resolution> resolve_in(CallSite& call) {
  if (!call.cast_to_common()) {
    return std::nullopt;
  }
  Resolution resolution{.type = Type(TypeKind::kBoolean), .nullable = call.any_nullable()};
  if (call.type(0).is_void()) {
    resolution.kernel = null_kernel;
    return resolution;
  }
  auto list = std::make_shared<InList>();
  for (std::size_t i = 1; i < call.count(); ++i) {
    const std::optional<data::Value> value = call.constant(i);
    if (!value) {
      resolution.kernel = in_kernel;
      return resolution;
    }
    if (value->is_null()) {
      list->has_null = true;
    } else {
      list->values.push_back(*value);
    }
  }
  for (const data::Value& value : list->values) {
    if (call.type(0).is_string_or_binary()) {
      list->strings.insert(value.string());
    } else if (is_integer(call.type(0))) {
      list->integers.insert(value.integer());
    }
  }
  resolution.kernel = in_constants_kernel;
  resolution.data = std::move(list);
  return resolution;
}

template <bool kGreatest>
data::ColumnPtr row_extreme_kernel(const KernelInput& in) {
  const Type& type = in.call.type;
  const auto pick = [&](auto before) {
    data::ColumnBuilder builder(type, in.batch_rows);
    in.rows.for_each([&](std::size_t row) {
      while (builder.size() < row) {
        builder.append_null();
      }
      const data::Column* best = nullptr;
      for (const data::ColumnPtr& arg : in.args) {
        if (arg->is_null(row)) {
          continue;
        }
        if (best == nullptr || (kGreatest ? before(*best, *arg, row) : before(*arg, *best, row))) {
          best = arg.get();
        }
      }
      if (best == nullptr) {
        builder.append_null();
      } else {
        builder.append_from(*best, row);
      }
    });
    while (builder.size() < in.batch_rows) {
      builder.append_null();
    }
    return builder.finish();
  };
  data::ColumnPtr result;
  const bool done = visit_physical(type, [&]<class T>() {
    result = pick([](const data::Column& a, const data::Column& b, std::size_t row) {
      return less_value(a.get<T>(row), b.get<T>(row));
    });
  });
  if (done) {
    return result;
  }
  return pick([](const data::Column& a, const data::Column& b, std::size_t row) {
    return data::compare_rows(a, row, b, row) < 0;
  });
}

template <bool kGreatest>
std::optional<Resolution> resolve_row_extreme(CallSite& call) {
  std::optional<Type> type = call.type(0);
  for (std::size_t i = 1; i < call.count() && type; ++i) {
    type = common_type_without_strings(*type, call.type(i));
  }
  if (!type || !is_orderable(*type)) {
    std::string types;
    for (std::size_t i = 0; i < call.count(); ++i) {
      types += fmt::format("{}\"{}\"", i == 0 ? "" : " or ", call.type(i).to_sql());
    }
    return call.fail("DATATYPE_MISMATCH.DATA_DIFF_TYPES",
                     "42K09",
                     fmt::format("Cannot resolve \"{}\" due to data type mismatch: Input to `{}` "
                                 "should all be the same type, but it's [{}].",
                                 call.sql(),
                                 call.name(),
                                 types));
  }
  if (!call.cast_to_common()) {
    return std::nullopt;
  }
  bool nullable = true;
  for (const ExpressionPtr& arg : call.args()) {
    nullable = nullable && arg->nullable;
  }
  return Resolution{.type = *type,
                    .nullable = nullable,
                    .kernel = type->is_void() ? null_kernel : row_extreme_kernel<kGreatest>};
}

// a <> b, as NOT a = b.
constexpr auto kNotEqual = resolve_comparison<Comparison::kNotEqual>;

constexpr Function kComparisonFunctions[] = {
    {"=", 2, 2, resolve_comparison<Comparison::kEqual>, true, "a = b"},
    {"==", 2, 2, resolve_comparison<Comparison::kEqual>, true, "a == b"},
    {"<>", 2, 2, kNotEqual, true, "a <> b"},
    {"!=", 2, 2, kNotEqual, true, "a != b"},
    {"<", 2, 2, resolve_comparison<Comparison::kLess>, true, "a < b"},
    {"<=", 2, 2, resolve_comparison<Comparison::kLessOrEqual>, true, "a <= b"},
    {">", 2, 2, resolve_comparison<Comparison::kGreater>, true, "a > b"},
    {">=", 2, 2, resolve_comparison<Comparison::kGreaterOrEqual>, true, "a >= b"},
    {"<=>", 2, 2, resolve_null_safe, true, "a <=> b - equal, or both null"},
    {"equal_null", 2, 2, resolve_null_safe, true, "equal_null(a, b) - equal, or both null"},
    {"between", 3, 3, resolve_between, true, "a BETWEEN b AND c"},
    {"in", 2, -1, resolve_in, true, "a IN (b, …)"},
    {"greatest",
     2,
     -1,
     resolve_row_extreme<true>,
     true,
     "greatest(a, b, …) - the greatest, without nulls"},
    {"least", 2, -1, resolve_row_extreme<false>, true, "least(a, b, …) - the least, without nulls"},
};

}  // namespace

std::span<const Function> comparison_functions() {
  return kComparisonFunctions;
}

}  // namespace millrace::expr
