#include "expr/expression.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "expr/cast.h"
#include "expr/value_text.h"

namespace millrace::expr {
namespace {

bool is_closed(const Expression& expression, std::size_t depth) {
  switch (expression.kind) {
    case ExpressionKind::kLiteral:
      return true;
    case ExpressionKind::kColumn:
      return false;
    case ExpressionKind::kLambdaVariable:
      return expression.depth < depth;
    case ExpressionKind::kLambda:
      return is_closed(*expression.args.front(), depth + 1);
    case ExpressionKind::kCall:
      break;
  }
  return expression.function->foldable &&
         std::all_of(expression.args.begin(),
                     expression.args.end(),
                     [depth](const ExpressionPtr& arg) { return is_closed(*arg, depth); });
}

std::string join_sql(std::span<const ExpressionPtr> args, std::string_view separator) {
  std::string text;
  for (const ExpressionPtr& arg : args) {
    text += fmt::format("{}{}", text.empty() ? "" : separator, to_sql(*arg));
  }
  return text;
}

struct Shape {
  std::string_view name;
  std::string_view text;
};

// Infix operators whose name is not what is written.
constexpr std::array kInfix = {
    Shape{"and", "AND"},
    Shape{"or", "OR"},
    Shape{"like", "LIKE"},
    Shape{"ilike", "ILIKE"},
    Shape{"isdistinct", "IS DISTINCT FROM"},
};

constexpr std::array kPostfix = {
    Shape{"isnull", "IS NULL"},
    Shape{"isnotnull", "IS NOT NULL"},
    Shape{"istrue", "IS TRUE"},
    Shape{"isfalse", "IS FALSE"},
    Shape{"isunknown", "IS UNKNOWN"},
};

bool is_symbol(std::string_view name) {
  return name == "div" || name.find_first_not_of("+-*/%&|^<>=!~") == std::string_view::npos;
}

std::string case_sql(const Expression& call) {
  std::string text = "CASE";
  std::size_t i = 0;
  for (; i + 1 < call.args.size(); i += 2) {
    text += fmt::format(" WHEN {} THEN {}", to_sql(*call.args[i]), to_sql(*call.args[i + 1]));
  }
  if (i < call.args.size()) {
    text += fmt::format(" ELSE {}", to_sql(*call.args[i]));
  }
  return text + " END";
}

std::string operator_sql(const Expression& call) {
  const std::string_view name = call.name;
  const std::size_t count = call.args.size();
  if (is_symbol(name) && count == 1) {
    return fmt::format("({} {})", name, to_sql(*call.args[0]));
  }
  if (is_symbol(name)) {
    return fmt::format("({})", join_sql(call.args, fmt::format(" {} ", name)));
  }
  for (const Shape& shape : kInfix) {
    if (shape.name == name) {
      return fmt::format("({})", join_sql(call.args, fmt::format(" {} ", shape.text)));
    }
  }
  for (const Shape& shape : kPostfix) {
    if (shape.name == name && count == 1) {
      return fmt::format("({} {})", to_sql(*call.args[0]), shape.text);
    }
  }
  return {};
}

std::string call_sql(const Expression& call) {
  const std::string_view name = call.name;
  std::string text = operator_sql(call);
  if (!text.empty()) {
    return text;
  }
  if (name == "not") {
    return fmt::format("(NOT {})", to_sql(*call.args[0]));
  }
  if (name == "case") {
    return case_sql(call);
  }
  if (name == "in") {
    return fmt::format(
        "({} IN ({}))", to_sql(*call.args[0]), join_sql(std::span(call.args).subspan(1), ", "));
  }
  if (name == "getitem") {
    return fmt::format("{}[{}]", to_sql(*call.args[0]), to_sql(*call.args[1]));
  }
  if (name == "getfield") {
    return fmt::format("{}.{}", to_sql(*call.args[0]), to_sql(*call.args[1]));
  }
  return fmt::format("{}({})", name, join_sql(call.args, ", "));
}

}  // namespace

ExpressionPtr make_literal(data::Type type, data::Value value, SourceSpan where) {
  auto literal = std::make_shared<Expression>();
  literal->kind = ExpressionKind::kLiteral;
  literal->type = std::move(type);
  literal->nullable = value.is_null();
  literal->value = std::move(value);
  literal->where = std::move(where);
  return literal;
}

ExpressionPtr make_column(
    std::size_t index, std::string name, data::Type type, bool nullable, SourceSpan where) {
  auto column = std::make_shared<Expression>();
  column->kind = ExpressionKind::kColumn;
  column->index = index;
  column->name = std::move(name);
  column->type = std::move(type);
  column->nullable = nullable;
  column->where = std::move(where);
  return column;
}

ExpressionPtr make_lambda(ExpressionPtr body, std::size_t parameters, SourceSpan where) {
  auto lambda = std::make_shared<Expression>();
  lambda->kind = ExpressionKind::kLambda;
  lambda->type = body->type;
  lambda->nullable = body->nullable;
  lambda->deterministic = body->deterministic;
  lambda->parameters = parameters;
  lambda->where = std::move(where);
  lambda->args.push_back(std::move(body));
  return lambda;
}

ExpressionPtr make_lambda_variable(std::size_t index,
                                   std::size_t depth,
                                   const data::Field& field,
                                   SourceSpan where) {
  auto variable = std::make_shared<Expression>();
  variable->kind = ExpressionKind::kLambdaVariable;
  variable->index = index;
  variable->depth = depth;
  variable->name = field.name;
  variable->type = field.type;
  variable->nullable = field.nullable;
  variable->where = std::move(where);
  return variable;
}

bool is_foldable(const Expression& expression) {
  return expression.deterministic && is_closed(expression, 0);
}

std::string to_sql(const Expression& expression) {
  if (!expression.sql.empty()) {
    return expression.sql;
  }
  switch (expression.kind) {
    case ExpressionKind::kLiteral:
      return value_to_sql(expression.type, expression.value);
    case ExpressionKind::kColumn:
    case ExpressionKind::kLambdaVariable:
      return expression.name;
    case ExpressionKind::kLambda:
      return fmt::format("lambdafunction({})", to_sql(*expression.args.front()));
    case ExpressionKind::kCall:
      break;
  }
  if (const std::optional<CastMode> mode = cast_mode(expression)) {
    std::string inner = to_sql(*expression.args.front());
    if (*mode == CastMode::kImplicit || *mode == CastMode::kStore) {
      return inner;
    }
    return fmt::format("{}({} AS {})",
                       *mode == CastMode::kTry ? "TRY_CAST" : "CAST",
                       inner,
                       expression.type.to_sql());
  }
  return call_sql(expression);
}

}  // namespace millrace::expr
