#include "plan/detail/rewrite.h"

#include <algorithm>
#include <memory>

#include "data/value.h"

namespace millrace::plan::detail {

using expr::Expression;
using expr::ExpressionKind;
using expr::ExpressionPtr;

bool same_expression(const Expression& left, const Expression& right) {
  if (left.kind != right.kind || !(left.type == right.type) || !left.deterministic ||
      !right.deterministic || left.args.size() != right.args.size()) {
    return false;
  }
  switch (left.kind) {
    case ExpressionKind::kLiteral:
      return left.value.is_null() == right.value.is_null() &&
             (left.value.is_null() ||
              data::compare_values(left.type, left.value, right.value) == 0);
    case ExpressionKind::kColumn:
      return left.index == right.index;
    case ExpressionKind::kLambdaVariable:
      return left.index == right.index && left.depth == right.depth;
    case ExpressionKind::kCall:
    case ExpressionKind::kLambda:
      break;
  }
  return left.function == right.function && left.name == right.name &&
         std::ranges::equal(
             left.args, right.args, [](const ExpressionPtr& a, const ExpressionPtr& b) {
               return same_expression(*a, *b);
             });
}

ExpressionPtr rewrite(const ExpressionPtr& expression,
                      const std::function<ExpressionPtr(const ExpressionPtr&)>& replace) {
  if (ExpressionPtr replaced = replace(expression)) {
    return replaced;
  }
  if (expression->args.empty()) {
    return expression;
  }
  std::vector<ExpressionPtr> args;
  bool changed = false;
  for (const ExpressionPtr& arg : expression->args) {
    args.push_back(rewrite(arg, replace));
    changed = changed || args.back() != arg;
  }
  if (!changed) {
    return expression;
  }
  auto copy = std::make_shared<Expression>(*expression);
  copy->args = std::move(args);
  return copy;
}

ExpressionPtr shift_columns(const ExpressionPtr& expression, std::ptrdiff_t by) {
  return rewrite(expression, [&](const ExpressionPtr& node) -> ExpressionPtr {
    if (node->kind != ExpressionKind::kColumn || node->index >= kSpecialColumns) {
      return nullptr;
    }
    auto copy = std::make_shared<Expression>(*node);
    copy->index = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(node->index) + by);
    return copy;
  });
}

namespace {

void visit_columns(const Expression& expression, const std::function<void(std::size_t)>& visit) {
  if (expression.kind == ExpressionKind::kColumn) {
    visit(expression.index);
  }
  for (const ExpressionPtr& arg : expression.args) {
    visit_columns(*arg, visit);
  }
}

}  // namespace

bool uses_only(const Expression& expression, std::size_t from, std::size_t until) {
  bool any = false;
  bool inside = true;
  visit_columns(expression, [&](std::size_t index) {
    any = true;
    inside = inside && index >= from && index < until;
  });
  return any && inside;
}

bool any_column(const Expression& expression, const std::function<bool(std::size_t)>& test) {
  bool any = false;
  visit_columns(expression, [&](std::size_t index) { any = any || test(index); });
  return any;
}

std::vector<ExpressionPtr> conjuncts(const ExpressionPtr& expression) {
  if (expression->kind != ExpressionKind::kCall || expression->name != "and") {
    return {expression};
  }
  std::vector<ExpressionPtr> all;
  for (const ExpressionPtr& arg : expression->args) {
    for (ExpressionPtr& operand : conjuncts(arg)) {
      all.push_back(std::move(operand));
    }
  }
  return all;
}

}  // namespace millrace::plan::detail
