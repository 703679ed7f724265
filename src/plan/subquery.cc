// WHERE, and subqueries as joins: EXISTS and IN alone or joined by AND are semi and anti joins; as
// values of an expression an existence join gives them as a column; a scalar subquery is a left
// join that may find one row only.
#include <algorithm>
#include <utility>

#include "expr/bind.h"
#include "plan/detail/query_binder.h"
#include "plan/detail/rewrite.h"

namespace millrace::plan::detail {

using expr::ExpressionPtr;

namespace {

ExpressionPtr shifted(const ExpressionPtr& condition, const Subplan& plan, std::size_t width) {
  return rewrite(shift_columns(condition, static_cast<std::ptrdiff_t>(width)),
                 [&](const ExpressionPtr& node) -> ExpressionPtr {
                   const bool outer =
                       node->kind == expr::ExpressionKind::kColumn && node->index >= kOuterColumn;
                   return outer ? plan.outer[node->index - kOuterColumn] : nullptr;
                 });
}

std::vector<ExpressionPtr> all_columns(const data::Schema& schema) {
  std::vector<ExpressionPtr> columns;
  for (std::size_t column = 0; column < schema.fields.size(); ++column) {
    const data::Field& field = schema.fields[column];
    columns.push_back(expr::make_column(column, field.name, field.type, field.nullable));
  }
  return columns;
}

}  // namespace

Bound QueryBinder::filter(Bound input, ExpressionPtr condition, const SourceSpan& where) {
  input.node = std::make_shared<Node>(Node{.op = Filter{.condition = std::move(condition)},
                                           .schema = input.node->schema,
                                           .inputs = {input.node},
                                           .streaming = input.node->streaming,
                                           .where = where});
  return input;
}

// IN (SELECT …) and EXISTS, alone or joined by AND, become semi and anti joins; the rest a filter.
Bound QueryBinder::where(Bound input, const sql::Expression& condition) {
  if (const auto* all = condition.as<sql::Logical>();
      all != nullptr && all->op == sql::LogicalOperator::kAnd) {
    for (const sql::ExpressionPtr& operand : all->operands) {
      if (input) {
        input = where(std::move(input), *operand);
      }
    }
    return input;
  }
  const sql::Expression* inner = &condition;
  bool negated = false;
  if (const auto* unary = condition.as<sql::Unary>();
      unary != nullptr && unary->op == sql::UnaryOperator::kNot) {
    inner = unary->operand.get();
    negated = true;
  }
  const SourceSpan place = span(condition.position);
  if (const auto* in = inner->as<sql::InSubquery>()) {
    std::vector<ExpressionPtr> values;
    for (const sql::Expression* value : in_values(*in)) {
      values.push_back(scalar(input, *value));
      if (!values.back()) {
        return {};
      }
    }
    auto plan = in_subplan(input, *in, std::move(values), place);
    if (!plan) {
      return {};
    }
    plan->negated = plan->negated != negated;
    return keep_matching(std::move(input), *plan);
  }
  if (const auto* subquery = inner->as<sql::Subquery>();
      subquery != nullptr && subquery->kind == sql::SubqueryKind::kExists) {
    auto plan = subplan(input, *subquery->query, subquery->kind, place);
    if (!plan) {
      return {};
    }
    plan->negated = negated;
    return keep_matching(std::move(input), *plan);
  }
  JoiningResolver names(*this, input);
  ExpressionPtr bound = expr::bind_expression(
      condition, names, {.context = options_.context, .file = options_.file}, diagnostics_);
  if (!bound) {
    return {};
  }
  if (bound->type.kind() == data::TypeKind::kString || bound->type.is_void()) {
    bound = expr::bind_cast(bound,
                            data::Type(data::TypeKind::kBoolean),
                            expr::CastMode::kImplicit,
                            place,
                            options_.context,
                            diagnostics_);
  }
  if (!bound || bound->type.kind() != data::TypeKind::kBoolean) {
    return bound ? fail("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN",
                        "42K09",
                        place,
                        "the condition is " + bound->type.to_sql() + ", not BOOLEAN")
                 : Bound{};
  }
  return filter(std::move(input), std::move(bound), place);
}

std::vector<const sql::Expression*> QueryBinder::in_values(const sql::InSubquery& in) {
  std::vector<const sql::Expression*> values{in.value.get()};
  if (const auto* row = in.value->as<sql::RowConstructor>()) {
    values.clear();
    for (const sql::ExpressionPtr& value : row->values) {
      values.push_back(value.get());
    }
  }
  return values;
}

std::optional<Subplan> QueryBinder::subplan(const Bound& outer,
                                            const sql::Query& query,
                                            sql::SubqueryKind kind,
                                            const SourceSpan& where) {
  const bool scalar = kind != sql::SubqueryKind::kExists;
  Subplan plan{.kind = scalar ? SubplanKind::kScalar : SubplanKind::kExists, .where = where};
  const Bound* before = std::exchange(outer_, &outer);
  Bound bound = this->query(query);
  outer_ = before;
  if (!bound) {
    return std::nullopt;
  }
  if (scalar && bound.columns.size() != 1) {
    fail("INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN",
         "42823",
         where,
         "Scalar subquery must return only one column, but found " +
             std::to_string(bound.columns.size()));
    return std::nullopt;
  }
  plan.type = scalar ? bound.field(bound.columns[0]).type : data::Type(data::TypeKind::kBoolean);
  plan.outer = all_columns(outer.node->schema);
  if (!decorrelate(plan, std::move(bound))) {
    return std::nullopt;
  }
  return plan;
}

std::optional<Subplan> QueryBinder::in_subplan(const Bound& outer,
                                               const sql::InSubquery& in,
                                               std::vector<ExpressionPtr> values,
                                               const SourceSpan& where) {
  Subplan plan{.kind = SubplanKind::kIn,
               .left = std::move(values),
               .negated = in.negated,
               .type = data::Type(data::TypeKind::kBoolean),
               .where = where};
  const Bound* before = std::exchange(outer_, &outer);
  Bound bound = query(*in.query);
  outer_ = before;
  if (!bound) {
    return std::nullopt;
  }
  if (bound.columns.size() != plan.left.size()) {
    fail("DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH",
         "42K09",
         where,
         "IN compares " + std::to_string(plan.left.size()) + " values with " +
             std::to_string(bound.columns.size()) + " columns");
    return std::nullopt;
  }
  plan.outer = all_columns(outer.node->schema);
  if (!decorrelate(plan, std::move(bound))) {
    return std::nullopt;
  }
  return plan;
}

// The conditions of the join of an input of `width` columns with the subquery. IN compares with
// keys; where it is negated and correlated, a comparison that gives null counts as a match.
bool QueryBinder::join_on(Join& join, const Subplan& plan, std::size_t width, bool null_aware) {
  for (const ExpressionPtr& condition : plan.conditions) {
    split_condition(shifted(condition, plan, width), width, join);
  }
  const bool correlated = !plan.conditions.empty();
  for (std::size_t column = 0; column < plan.left.size(); ++column) {
    const data::Field& field = plan.node->schema.fields[column];
    const ExpressionPtr right =
        expr::make_column(width + column, field.name, field.type, field.nullable, plan.where);
    const auto type = expr::common_type(plan.left[column]->type, right->type);
    if (!type) {
      fail("DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH",
           "42K09",
           plan.where,
           "IN compares " + plan.left[column]->type.to_sql() + " with " + right->type.to_sql());
      return false;
    }
    const auto cast = [&](const ExpressionPtr& value) {
      return expr::bind_cast(
          value, *type, expr::CastMode::kImplicit, plan.where, options_.context, diagnostics_);
    };
    const ExpressionPtr left = cast(plan.left[column]);
    const ExpressionPtr other = cast(right);
    if (!left || !other) {
      return false;
    }
    if (!correlated || !plan.negated) {
      join.left_keys.push_back(left);
      join.right_keys.push_back(shift_columns(other, -static_cast<std::ptrdiff_t>(width)));
      continue;
    }
    const auto call = [&](std::string_view name, std::vector<ExpressionPtr> args) {
      return expr::bind_call(name, std::move(args), plan.where, options_.context, diagnostics_);
    };
    const ExpressionPtr equal = call("=", {left, other});
    const ExpressionPtr may_equal = call("or", {equal, call("isnull", {equal})});
    split_condition(may_equal, width, join);
  }
  join.null_aware = null_aware && !correlated && plan.kind == SubplanKind::kIn;
  return true;
}

Bound QueryBinder::keep_matching(Bound input, const Subplan& plan) {
  Join join{.kind = plan.negated ? JoinKind::kLeftAnti : JoinKind::kLeftSemi};
  if (!join_on(join, plan, input.node->schema.fields.size(), plan.negated)) {
    return {};
  }
  const bool streaming = input.node->streaming || plan.node->streaming;
  input.node = std::make_shared<Node>(Node{.op = std::move(join),
                                           .schema = input.node->schema,
                                           .inputs = {input.node, plan.node},
                                           .streaming = streaming,
                                           .where = plan.where});
  return input;
}

ExpressionPtr QueryBinder::attach(Bound& input, const Subplan& plan) {
  const std::size_t width = input.node->schema.fields.size();
  const bool scalar = plan.kind == SubplanKind::kScalar;
  const NodePtr right = plan.empty.empty() ? plan.node : with_found(plan);
  Join join{.kind = scalar ? JoinKind::kLeftSingle : JoinKind::kExistence};
  if (!join_on(join, plan, width, /*null_aware=*/true)) {
    return nullptr;
  }
  data::Schema joined = input.node->schema;
  if (scalar) {
    for (data::Field field : right->schema.fields) {
      field.nullable = true;
      joined.fields.push_back(std::move(field));
    }
  } else {
    joined.fields.push_back(
        {.name = "exists", .type = plan.type, .nullable = plan.kind == SubplanKind::kIn});
  }
  const bool streaming = input.node->streaming || right->streaming;
  NodePtr node = std::make_shared<Node>(Node{.op = std::move(join),
                                             .schema = joined,
                                             .inputs = {input.node, right},
                                             .streaming = streaming,
                                             .where = plan.where});
  if (!plan.empty.empty()) {
    Bound filled = fill_empty({.node = std::move(node), .columns = {}}, plan, width, 1);
    if (!filled) {
      return nullptr;
    }
    input.node = std::move(filled.node);
    const data::Field& field = input.node->schema.fields.back();
    return expr::make_column(width, field.name, field.type, field.nullable, plan.where);
  }
  Project project{.columns = all_columns(input.node->schema)};
  data::Schema schema = input.node->schema;
  const data::Field& first = joined.fields[width];
  ExpressionPtr value =
      expr::make_column(width, first.name, first.type, first.nullable, plan.where);
  if (plan.negated) {
    value = expr::bind_call("not", {value}, plan.where, options_.context, diagnostics_);
  }
  if (!value) {
    return nullptr;
  }
  schema.fields.push_back({.name = first.name, .type = value->type, .nullable = value->nullable});
  project.columns.push_back(value);
  input.node = std::make_shared<Node>(Node{.op = std::move(project),
                                           .schema = schema,
                                           .inputs = {std::move(node)},
                                           .streaming = streaming,
                                           .where = plan.where});
  return expr::make_column(width, first.name, value->type, value->nullable, plan.where);
}

expr::Resolved JoiningResolver::subquery(const sql::Query& query,
                                         sql::SubqueryKind kind,
                                         const SourceSpan& where,
                                         ExpressionPtr& result) {
  const auto plan = binder_.subplan(joined_, query, kind, where);
  result = plan ? binder_.attach(joined_, *plan) : nullptr;
  return result ? expr::Resolved::kDone : expr::Resolved::kFailed;
}

expr::Resolved JoiningResolver::in_subquery(const sql::InSubquery& in,
                                            const SourceSpan& where,
                                            ExpressionPtr& result) {
  std::vector<ExpressionPtr> values;
  for (const sql::Expression* value : QueryBinder::in_values(in)) {
    values.push_back(expr::bind_expression(
        *value,
        *this,
        {.context = binder_.options().context, .file = binder_.options().file},
        binder_.diagnostics()));
    if (!values.back()) {
      return expr::Resolved::kFailed;
    }
  }
  const auto plan = binder_.in_subplan(joined_, in, std::move(values), where);
  result = plan ? binder_.attach(joined_, *plan) : nullptr;
  return result ? expr::Resolved::kDone : expr::Resolved::kFailed;
}

}  // namespace millrace::plan::detail
