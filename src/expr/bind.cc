#include "expr/bind.h"

#include <utility>

#include <fmt/format.h>

#include "base/suggest.h"
#include "expr/evaluate.h"

namespace millrace::expr {
namespace {

void add(Diagnostics& diagnostics,
         std::string_view error_class,
         std::string_view sqlstate,
         const SourceSpan& where,
         std::string message) {
  diagnostics.add({.code = "MR3001",
                   .error_class = std::string(error_class),
                   .sqlstate = std::string(sqlstate),
                   .where = where,
                   .message = std::move(message)});
}

bool check_count(const Function& function,
                 std::size_t count,
                 const SourceSpan& where,
                 Diagnostics& diagnostics) {
  const int given = static_cast<int>(count);
  if (given >= function.min_args && (function.max_args < 0 || given <= function.max_args)) {
    return true;
  }
  std::string wanted = fmt::format("[{}, {}]", function.min_args, function.max_args);
  if (function.max_args < 0) {
    wanted = fmt::format("> {}", function.min_args - 1);
  } else if (function.min_args == function.max_args) {
    wanted = fmt::format("{}", function.min_args);
  }
  add(diagnostics,
      "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
      "42605",
      where,
      fmt::format("The `{}` requires {} parameters but the actual number is {}.{}{}",
                  function.name,
                  wanted,
                  given,
                  function.usage.empty() ? "" : " Usage: ",
                  function.usage));
  return false;
}

}  // namespace

ExpressionPtr fold_constant(ExpressionPtr call, const BindContext& context) {
  if (!is_foldable(*call)) {
    return call;
  }
  EvalContext eval;
  eval.time_zone = context.time_zone;
  data::Batch batch;
  batch.rows = 1;
  Evaluation evaluation(eval, batch);
  const data::ColumnPtr column = evaluation.evaluate(*call, data::Selection::all(1));
  if (batch.errors.any()) {
    return call;
  }
  auto literal = std::make_shared<Expression>();
  literal->kind = ExpressionKind::kLiteral;
  literal->type = call->type;
  literal->value = column->value(0);
  literal->nullable = literal->value.is_null();
  literal->where = call->where;
  literal->sql = to_sql(*call);
  return literal;
}

ExpressionPtr bind_call(std::string_view name,
                        std::vector<ExpressionPtr> args,
                        const SourceSpan& where,
                        const BindContext& context,
                        Diagnostics& diagnostics) {
  for (const ExpressionPtr& arg : args) {
    if (arg == nullptr) {
      return nullptr;
    }
  }
  const Function* function = find_function(name);
  if (function == nullptr) {
    std::vector<std::string> names;
    for (const Function* known : all_functions()) {
      names.emplace_back(known->name);
    }
    add(diagnostics,
        "UNRESOLVED_ROUTINE",
        "42883",
        where,
        fmt::format("Cannot resolve routine `{}`{}", name, did_you_mean(name, names)));
    return nullptr;
  }
  if (!check_count(*function, args.size(), where, diagnostics)) {
    return nullptr;
  }
  const std::vector<ExpressionPtr> written = args;
  CallSite site(function->name, args, where, context, diagnostics);
  std::optional<Resolution> resolution = function->resolve(site);
  if (!resolution) {
    return nullptr;
  }
  auto call = std::make_shared<Expression>();
  if (resolution->replacement != nullptr) {
    Expression shown;
    shown.kind = ExpressionKind::kCall;
    shown.name = function->name;
    shown.function = function;
    shown.args = written;
    *call = *resolution->replacement;
    call->sql = to_sql(shown);
    return call;
  }
  call->kind = ExpressionKind::kCall;
  call->name = function->name;
  call->function = function;
  call->where = where;
  call->type = resolution->type;
  call->nullable = resolution->nullable;
  call->deterministic = function->deterministic;
  call->args = std::move(args);
  call->resolution = std::move(*resolution);
  for (const ExpressionPtr& arg : call->args) {
    call->deterministic = call->deterministic && arg->deterministic;
  }
  return fold_constant(std::move(call), context);
}

}  // namespace millrace::expr
