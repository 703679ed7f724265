// CASE, IF, COALESCE and what is short for them. Their kernels are lazy: a branch is evaluated for
// its own rows only.
#include <fmt/format.h>

#include "expr/bind.h"
#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/merge.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

// Arguments: condition, value, condition, value, …, [else].
data::ColumnPtr case_kernel(const KernelInput& in) {
  const auto& args = in.call.args;
  std::vector<MergePart> parts;
  data::Selection open = in.rows;
  std::size_t i = 0;
  for (; i + 1 < args.size() && open.size() > 0; i += 2) {
    const data::ColumnPtr condition = in.evaluation.evaluate(*args[i], open);
    open = in.evaluation.without_failed(open);
    const data::Selection chosen = true_rows(*condition, open);
    if (chosen.size() > 0) {
      parts.push_back({in.evaluation.evaluate(*args[i + 1], chosen), chosen});
      open = subtract_rows(open, chosen);
    }
  }
  if (args.size() % 2 == 1 && open.size() > 0) {
    parts.push_back({in.evaluation.evaluate(*args.back(), open), open});
  }
  return merge_rows(in.call.type, in.batch_rows, parts);
}

data::ColumnPtr coalesce_kernel(const KernelInput& in) {
  std::vector<MergePart> parts;
  data::Selection open = in.rows;
  for (const ExpressionPtr& arg : in.call.args) {
    if (open.size() == 0) {
      break;
    }
    const data::ColumnPtr column = in.evaluation.evaluate(*arg, open);
    open = in.evaluation.without_failed(open);
    std::vector<data::RowIndex> found;
    open.for_each([&](std::size_t row) {
      if (!column->is_null(row)) {
        found.push_back(static_cast<data::RowIndex>(row));
      }
    });
    if (found.size() == open.size()) {
      parts.push_back({column, open});
      break;
    }
    if (!found.empty()) {
      data::Selection chosen(std::move(found));
      open = subtract_rows(open, chosen);
      parts.push_back({column, std::move(chosen)});
    }
  }
  return merge_rows(in.call.type, in.batch_rows, parts);
}

// Casts the arguments at `indexes` to their common type.
std::optional<Type> unite(CallSite& call, const std::vector<std::size_t>& indexes) {
  std::vector<ExpressionPtr> values;
  values.reserve(indexes.size());
  for (const std::size_t index : indexes) {
    values.push_back(call.args()[index]);
  }
  CallSite site(call.name(), values, call.where(), call.context(), call.diagnostics());
  if (!site.cast_to_common()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    call.args()[indexes[i]] = values[i];
  }
  return values.front()->type;
}

std::optional<Resolution> resolve_branches(CallSite& call, std::size_t conditions) {
  std::vector<std::size_t> values;
  bool nullable = call.count() % 2 == 0;
  for (std::size_t i = 0; i < call.count(); ++i) {
    if (i % 2 == 1 || i + 1 == call.count()) {
      values.push_back(i);
      nullable = nullable || call.arg(i).nullable;
    }
  }
  for (std::size_t i = 0; i < conditions; ++i) {
    if (call.type(2 * i).kind() != TypeKind::kBoolean) {
      return call.fail(
          "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
          "42K09",
          fmt::format("Cannot resolve \"{}\" due to data type mismatch: The condition requires the "
                      "\"BOOLEAN\" type, however \"{}\" has the type \"{}\".",
                      call.sql(),
                      to_sql(call.arg(2 * i)),
                      call.type(2 * i).to_sql()));
    }
  }
  const std::optional<Type> type = unite(call, values);
  if (!type) {
    return std::nullopt;
  }
  return Resolution{.type = *type, .nullable = nullable, .kernel = case_kernel, .lazy = true};
}

std::optional<Resolution> resolve_case(CallSite& call) {
  return resolve_branches(call, call.count() / 2);
}

std::optional<Resolution> resolve_if(CallSite& call) {
  if (call.type(0).is_void() && !call.cast(0, Type(TypeKind::kBoolean))) {
    return std::nullopt;
  }
  return resolve_branches(call, 1);
}

std::optional<Resolution> resolve_coalesce(CallSite& call) {
  if (!call.cast_to_common()) {
    return std::nullopt;
  }
  bool nullable = true;
  for (const ExpressionPtr& arg : call.args()) {
    nullable = nullable && arg->nullable;
  }
  return Resolution{
      .type = call.type(0), .nullable = nullable, .kernel = coalesce_kernel, .lazy = true};
}

std::optional<Resolution> resolve_nvl(CallSite& call) {
  return replace_call(call.call("coalesce", call.args()));
}

std::optional<Resolution> resolve_nvl2(CallSite& call) {
  auto& args = call.args();
  return replace_call(call.call("if", {call.call("isnotnull", {args[0]}), args[1], args[2]}));
}

ExpressionPtr null_of(const Type& type) {
  return make_literal(type, {});
}

ExpressionPtr zero() {
  return make_literal(Type(TypeKind::kInt), data::Value(std::int64_t{0}));
}

std::optional<Resolution> resolve_nullif(CallSite& call) {
  auto& args = call.args();
  return replace_call(
      call.call("if", {call.call("=", {args[0], args[1]}), null_of(args[0]->type), args[0]}));
}

std::optional<Resolution> resolve_nullifzero(CallSite& call) {
  auto& args = call.args();
  return replace_call(
      call.call("if", {call.call("=", {args[0], zero()}), null_of(args[0]->type), args[0]}));
}

std::optional<Resolution> resolve_zeroifnull(CallSite& call) {
  return replace_call(call.call("coalesce", {call.args()[0], zero()}));
}

constexpr Function kConditionalFunctions[] = {
    {"case", 2, -1, resolve_case, true, "CASE WHEN condition THEN value … [ELSE value] END"},
    {"when", 2, -1, resolve_case, true, "CASE WHEN condition THEN value … [ELSE value] END"},
    {"if", 3, 3, resolve_if, true, "if(condition, a, b) - a when the condition is true, else b"},
    {"iff", 3, 3, resolve_if, true, "iff(condition, a, b) - a when the condition is true, else b"},
    {"coalesce", 1, -1, resolve_coalesce, true, "coalesce(a, …) - the first that is not null"},
    {"nvl", 2, 2, resolve_nvl, true, "nvl(a, b) - b when a is null"},
    {"ifnull", 2, 2, resolve_nvl, true, "ifnull(a, b) - b when a is null"},
    {"nvl2", 3, 3, resolve_nvl2, true, "nvl2(a, b, c) - b when a is not null, else c"},
    {"nullif", 2, 2, resolve_nullif, true, "nullif(a, b) - null when a = b, else a"},
    {"nullifzero", 1, 1, resolve_nullifzero, true, "nullifzero(a) - null when a is zero"},
    {"zeroifnull", 1, 1, resolve_zeroifnull, true, "zeroifnull(a) - zero when a is null"},
};

}  // namespace

std::span<const Function> conditional_functions() {
  return kConditionalFunctions;
}

}  // namespace millrace::expr
