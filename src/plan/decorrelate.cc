// Frees a subquery's plan of the columns of the query around it.
//
// They are bound as special columns (kOuterColumn + i). A conjunct of a Filter that uses them is
// taken out and becomes a condition of the join with the query around; the columns that it needs
// are handed up through the nodes above, behind the columns that are there anyhow. An aggregation
// can hand up only what its rows are grouped by: `s.k = outer.k` makes s.k one more group. That is
// Spark's rewriting (PullupCorrelatedPredicates).
//
//   (SELECT max(v) FROM s WHERE s.k = t.k AND v > 0)
//   Project [max, k]  ←  Aggregate by k  ←  Filter v > 0  ←  s          and the condition k = t.k
//
// Without rows count(*) is 0 and not NULL, but a group without rows is no group: an aggregation
// that had no groups leaves in `empty` what its row is then.
#include <algorithm>
#include <optional>
#include <utility>

#include "data/column.h"
#include "expr/aggregate.h"
#include "expr/bind.h"
#include "plan/detail/query_binder.h"
#include "plan/detail/rewrite.h"

namespace millrace::plan::detail {

using expr::ExpressionPtr;

namespace {

bool is_outer(std::size_t column) {
  return column >= kOuterColumn;
}

bool uses_outer(const ExpressionPtr& expression) {
  return expression != nullptr && any_column(*expression, is_outer);
}

bool uses_outer(const std::vector<ExpressionPtr>& expressions) {
  return std::ranges::any_of(expressions,
                             [](const ExpressionPtr& each) { return uses_outer(each); });
}

ExpressionPtr column_at(const data::Schema& schema, std::size_t column) {
  const data::Field& field = schema.fields[column];
  return expr::make_column(column, field.name, field.type, field.nullable);
}

std::vector<ExpressionPtr> columns_of(const data::Schema& schema) {
  std::vector<ExpressionPtr> columns;
  columns.reserve(schema.fields.size());
  for (std::size_t column = 0; column < schema.fields.size(); ++column) {
    columns.push_back(column_at(schema, column));
  }
  return columns;
}

/// A node without outer columns. Its first columns are those of the node that it stands for.
struct Freed {
  NodePtr node = {};
  std::vector<ExpressionPtr> conditions = {};  ///< Over the node's columns and outer ones.
  /// The one row where no row fulfils the conditions; nothing: there is none.
  std::optional<std::vector<ExpressionPtr>> empty = {};
  bool may_vanish = false;  ///< HAVING may take the row of `empty` away.
};

/// Owned by one thread.
class Decorrelator {
 public:
  Decorrelator(QueryBinder& binder, bool exists) : binder_(binder), exists_(exists) {}

  std::optional<Freed> free(const NodePtr& node) {
    if (!has_outer(*node)) {
      return Freed{.node = node};
    }
    if (std::holds_alternative<Filter>(node->op)) {
      return free_filter(*node);
    }
    if (std::holds_alternative<Project>(node->op)) {
      return free_project(*node);
    }
    if (std::holds_alternative<Aggregate>(node->op)) {
      return free_aggregate(*node);
    }
    if (std::holds_alternative<Sort>(node->op) || std::holds_alternative<Distinct>(node->op)) {
      return free_plain(*node);
    }
    if (std::holds_alternative<Limit>(node->op)) {
      return free_limit(*node);
    }
    if (std::holds_alternative<Join>(node->op)) {
      return free_join(*node);
    }
    if (std::holds_alternative<Generate>(node->op)) {
      return free_generate(*node);
    }
    return refuse(node->where);
  }

 private:
  std::nullopt_t refuse(const SourceSpan& where) {
    binder_.fail(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.ACCESSING_OUTER_QUERY_COLUMN_IS_NOT_ALLOWED",
        "0A000",
        where,
        "Accessing outer query column is not allowed in this location",
        "columns of the query around can stand in the WHERE of the subquery");
    return std::nullopt;
  }

  std::nullopt_t refuse_reference(const SourceSpan& where) {
    binder_.fail("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.CORRELATED_REFERENCE",
                 "0A000",
                 where,
                 "Expressions referencing the outer query are not supported outside of "
                 "WHERE/HAVING clauses");
    return std::nullopt;
  }

  std::nullopt_t refuse_predicate(const expr::Expression& condition) {
    binder_.fail(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.CORRELATED_COLUMN_IS_NOT_ALLOWED_IN_"
        "PREDICATE",
        "0A000",
        condition.where,
        "Correlated column is not allowed in predicate: " + expr::to_sql(condition),
        "below an aggregation, DISTINCT or LIMIT only `inner = outer` is possible");
    return std::nullopt;
  }

  // Of its own expressions only.
  static bool refers(const Node& node) {
    if (const auto* project = std::get_if<Project>(&node.op)) {
      return uses_outer(project->columns);
    }
    if (const auto* filter = std::get_if<Filter>(&node.op)) {
      return uses_outer(filter->condition);
    }
    if (const auto* generate = std::get_if<Generate>(&node.op)) {
      return uses_outer(generate->args);
    }
    if (const auto* join = std::get_if<Join>(&node.op)) {
      return uses_outer(join->left_keys) || uses_outer(join->right_keys) ||
             uses_outer(join->residual);
    }
    if (const auto* sort = std::get_if<Sort>(&node.op)) {
      return std::ranges::any_of(sort->keys,
                                 [](const SortKey& key) { return uses_outer(key.expression); });
    }
    if (const auto* aggregate = std::get_if<Aggregate>(&node.op)) {
      return uses_outer(aggregate->groups) ||
             std::ranges::any_of(aggregate->calls, [](const AggregateCall& call) {
               return uses_outer(call.args) || uses_outer(call.filter);
             });
    }
    return refers_rarely(node);
  }

  static bool refers_rarely(const Node& node) {
    if (const auto* values = std::get_if<Values>(&node.op)) {
      return std::ranges::any_of(values->rows, [](const auto& row) { return uses_outer(row); });
    }
    if (const auto* expand = std::get_if<Expand>(&node.op)) {
      return std::ranges::any_of(expand->projections,
                                 [](const auto& row) { return uses_outer(row); });
    }
    if (const auto* window = std::get_if<Window>(&node.op)) {
      return uses_outer(window->partition) ||
             std::ranges::any_of(window->order,
                                 [](const SortKey& key) { return uses_outer(key.expression); }) ||
             std::ranges::any_of(window->calls, [](const WindowCall& call) {
               return uses_outer(call.args) || uses_outer(call.filter) ||
                      uses_outer(call.start.value) || uses_outer(call.end.value);
             });
    }
    const auto* sessions = std::get_if<MergeSessions>(&node.op);
    return sessions != nullptr && uses_outer(sessions->keys);
  }

  static bool has_outer(const Node& node) {
    return refers(node) ||
           std::ranges::any_of(node.inputs, [](const NodePtr& input) { return has_outer(*input); });
  }

  NodePtr make(const Node& like, decltype(Node::op) op, data::Schema schema, NodePtr input) {
    return std::make_shared<Node>(Node{.op = std::move(op),
                                       .schema = std::move(schema),
                                       .inputs = {std::move(input)},
                                       .streaming = like.streaming,
                                       .where = like.where});
  }

  std::optional<Freed> free_filter(const Node& node) {
    auto freed = free(node.inputs[0]);
    if (!freed) {
      return std::nullopt;
    }
    const data::Schema schema = freed->node->schema;
    for (const ExpressionPtr& part : conjuncts(std::get<Filter>(node.op).condition)) {
      if (uses_outer(part)) {
        if (freed->empty) {
          return refuse_predicate(*part);
        }
        freed->conditions.push_back(part);
        continue;
      }
      freed->node = make(node, Filter{.condition = part}, schema, freed->node);
      // HAVING over no rows: the row is there where the condition holds, else all is NULL.
      if (freed->empty) {
        freed->may_vanish = true;
        const ExpressionPtr holds = over(part, *freed->empty);
        for (ExpressionPtr& value : *freed->empty) {
          value = call("case", {holds, value}, part->where);
        }
      }
    }
    return freed;
  }

  static ExpressionPtr over(const ExpressionPtr& expression,
                            const std::vector<ExpressionPtr>& values) {
    return rewrite(expression, [&](const ExpressionPtr& node) -> ExpressionPtr {
      const bool column =
          node->kind == expr::ExpressionKind::kColumn && node->index < values.size();
      return column ? values[node->index] : nullptr;
    });
  }

  ExpressionPtr call(std::string_view name, std::vector<ExpressionPtr> args, const SourceSpan& at) {
    return expr::bind_call(
        name, std::move(args), at, binder_.options().context, binder_.diagnostics());
  }

  // Appends to `columns` what the conditions need of `below` and renumbers them.
  static void hand_up(Freed& freed, std::vector<ExpressionPtr>& columns, data::Schema& schema) {
    const data::Schema& below = freed.node->schema;
    for (ExpressionPtr& condition : freed.conditions) {
      condition = rewrite(condition, [&](const ExpressionPtr& node) -> ExpressionPtr {
        if (node->kind != expr::ExpressionKind::kColumn || is_outer(node->index)) {
          return nullptr;
        }
        std::size_t at = 0;
        while (at < columns.size() && !same_expression(*columns[at], *node)) {
          ++at;
        }
        if (at == columns.size()) {
          columns.push_back(column_at(below, node->index));
          schema.fields.push_back(below.fields[node->index]);
        }
        return expr::make_column(at, node->name, node->type, node->nullable, node->where);
      });
    }
  }

  std::optional<Freed> free_project(const Node& node) {
    auto freed = free(node.inputs[0]);
    if (!freed) {
      return std::nullopt;
    }
    Project project = std::get<Project>(node.op);
    for (ExpressionPtr& column : project.columns) {
      if (uses_outer(column) && exists_) {
        column = expr::make_literal(column->type, data::Value());  // EXISTS asks for rows only.
      } else if (uses_outer(column)) {
        return refuse_reference(column->where);
      }
    }
    if (freed->empty) {
      std::vector<ExpressionPtr> values;
      values.reserve(project.columns.size());
      for (const ExpressionPtr& column : project.columns) {
        values.push_back(over(column, *freed->empty));
      }
      freed->empty = std::move(values);
    }
    data::Schema schema = node.schema;
    hand_up(*freed, project.columns, schema);
    freed->node = make(node, std::move(project), std::move(schema), freed->node);
    return freed;
  }

  // Sort and Distinct: columns keep their numbers.
  std::optional<Freed> free_plain(const Node& node) {
    if (exists_) {
      return free(node.inputs[0]);
    }
    auto freed = free(node.inputs[0]);
    if (!freed || refers(node)) {
      return freed ? refuse_reference(node.where) : std::optional<Freed>{};
    }
    if (std::holds_alternative<Distinct>(node.op) && !keys_of(*freed)) {
      return std::nullopt;
    }
    freed->node = make(node, node.op, freed->node->schema, freed->node);
    return freed;
  }

  // The inner sides of the conditions, which must all be `inner = outer`.
  std::optional<std::vector<ExpressionPtr>> keys_of(const Freed& freed) {
    std::vector<ExpressionPtr> keys;
    for (const ExpressionPtr& condition : freed.conditions) {
      const bool equal = condition->kind == expr::ExpressionKind::kCall && condition->name == "=";
      const auto inner_only = [](const ExpressionPtr& side) {
        return !uses_outer(side);
      };
      const auto outer_only = [](const ExpressionPtr& side) {
        return !any_column(*side, [](std::size_t column) { return !is_outer(column); });
      };
      if (equal && inner_only(condition->args[0]) && outer_only(condition->args[1])) {
        keys.push_back(condition->args[0]);
      } else if (equal && outer_only(condition->args[0]) && inner_only(condition->args[1])) {
        keys.push_back(condition->args[1]);
      } else {
        return refuse_predicate(*condition);
      }
    }
    return keys;
  }

  std::optional<Freed> free_aggregate(const Node& node) {
    auto freed = free(node.inputs[0]);
    if (!freed || refers(node)) {
      return freed ? refuse_reference(node.where) : std::optional<Freed>{};
    }
    const auto keys = keys_of(*freed);
    if (!keys) {
      return std::nullopt;
    }
    if (freed->empty) {
      return refuse(node.where);
    }
    Aggregate aggregate = std::get<Aggregate>(node.op);
    const std::size_t groups = aggregate.groups.size();
    data::Schema schema = node.schema;
    Project order;  // The groups, the calls, then the keys.
    for (std::size_t column = 0; column < schema.fields.size(); ++column) {
      const data::Field& field = schema.fields[column];
      order.columns.push_back(expr::make_column(column < groups ? column : column + keys->size(),
                                                field.name,
                                                field.type,
                                                field.nullable));
    }
    data::Schema grouped = schema;
    data::Schema ordered = schema;
    for (std::size_t key = 0; key < keys->size(); ++key) {
      const ExpressionPtr& value = (*keys)[key];
      const data::Field field{
          .name = value->name, .type = value->type, .nullable = value->nullable};
      grouped.fields.insert(grouped.fields.begin() + static_cast<std::ptrdiff_t>(groups + key),
                            field);
      ordered.fields.push_back(field);
      order.columns.push_back(
          expr::make_column(groups + key, field.name, field.type, field.nullable));
      const bool first = freed->conditions[key]->args[0] == value;
      const ExpressionPtr outer = freed->conditions[key]->args[first ? 1 : 0];
      freed->conditions[key] = call(
          "=",
          {expr::make_column(
               schema.fields.size() + key, field.name, field.type, field.nullable, value->where),
           outer},
          freed->conditions[key]->where);
    }
    if (groups == 0) {
      freed->empty = of_no_rows(aggregate);
    }
    aggregate.groups.insert(aggregate.groups.end(), keys->begin(), keys->end());
    freed->node = make(node, std::move(aggregate), std::move(grouped), freed->node);
    freed->node = make(node, std::move(order), std::move(ordered), freed->node);
    return freed;
  }

  static std::vector<ExpressionPtr> of_no_rows(const Aggregate& aggregate) {
    std::vector<ExpressionPtr> values;
    for (const AggregateCall& call : aggregate.calls) {
      const auto aggregator = expr::make_aggregator(call.function, call.args, call.type);
      aggregator->resize(1);
      std::vector<expr::AggregateError> errors;
      const std::vector<std::uint32_t> group = {0};
      values.push_back(expr::make_literal(call.type, aggregator->finish(group, errors)->value(0)));
    }
    return values;
  }

  // The first rows of each group of rows that one row outside can see.
  std::optional<Freed> free_limit(const Node& node) {
    const auto& limit = std::get<Limit>(node.op);
    const NodePtr& below = node.inputs[0];
    if (exists_ && limit.offset == 0 && (!limit.limit || *limit.limit > 0)) {
      return free(below);
    }
    auto freed = free(below);
    if (!freed) {
      return std::nullopt;
    }
    const auto keys = keys_of(*freed);
    if (!keys) {
      return std::nullopt;
    }
    Window window{.partition = *keys};
    if (const auto* sort = std::get_if<Sort>(&freed->node->op)) {
      window.order = sort->keys;
    }
    window.calls.push_back({.function = "row_number", .type = data::Type(data::TypeKind::kInt)});
    data::Schema schema = freed->node->schema;
    const std::size_t number = schema.fields.size();
    schema.fields.push_back(
        {.name = "row_number", .type = data::Type(data::TypeKind::kInt), .nullable = false});
    freed->node = make(node, std::move(window), schema, freed->node);
    const auto compare = [&](std::string_view op, std::int64_t rows) {
      const ExpressionPtr bound =
          expr::make_literal(data::Type(data::TypeKind::kBigInt), data::Value(rows), node.where);
      return call(op, {column_at(schema, number), bound}, node.where);
    };
    freed->node = make(node, Filter{.condition = compare(">", limit.offset)}, schema, freed->node);
    if (limit.limit) {
      freed->node = make(node,
                         Filter{.condition = compare("<=", limit.offset + *limit.limit)},
                         schema,
                         freed->node);
    }
    if (limit.offset > 0 || limit.limit == std::optional<std::int64_t>(0)) {
      freed->empty.reset();
    }
    return freed;
  }

  std::optional<Freed> free_generate(const Node& node) {
    auto freed = free(node.inputs[0]);
    if (!freed || refers(node)) {
      return freed ? refuse_reference(node.where) : std::optional<Freed>{};
    }
    if (freed->empty) {
      return refuse(node.where);
    }
    const std::size_t before = node.inputs[0]->schema.fields.size();
    const std::size_t wide = freed->node->schema.fields.size();
    data::Schema schema = freed->node->schema;
    for (std::size_t column = before; column < node.schema.fields.size(); ++column) {
      schema.fields.push_back(node.schema.fields[column]);
    }
    freed->node = make(node, node.op, schema, freed->node);
    Project order;
    for (std::size_t column = 0; column < node.schema.fields.size(); ++column) {
      order.columns.push_back(column_at(schema, column < before ? column : column - before + wide));
    }
    data::Schema ordered = node.schema;
    hand_up(*freed, order.columns, ordered);
    freed->node = make(node, std::move(order), std::move(ordered), freed->node);
    return freed;
  }

  std::optional<Freed> free_join(const Node& node) {
    Join join = std::get<Join>(node.op);
    const bool inner = join.kind == JoinKind::kInner || join.kind == JoinKind::kCross;
    const bool left_kept = join.kind != JoinKind::kRight && join.kind != JoinKind::kFull;
    if (uses_outer(join.left_keys) || uses_outer(join.right_keys) || !left_kept ||
        (!inner && (uses_outer(join.residual) || has_outer(*node.inputs[1])))) {
      return refuse(node.where);
    }
    auto left = free(node.inputs[0]);
    auto right = left ? free(node.inputs[1]) : std::nullopt;
    if (!left || !right) {
      return std::nullopt;
    }
    if (left->empty || right->empty) {
      return refuse(node.where);
    }
    const std::size_t left_width = node.inputs[0]->schema.fields.size();
    const std::size_t left_wide = left->node->schema.fields.size();
    const auto extra = static_cast<std::ptrdiff_t>(left_wide - left_width);
    const auto moved = [&](const ExpressionPtr& value) {
      return rewrite(value, [&](const ExpressionPtr& each) -> ExpressionPtr {
        const bool of_right = each->kind == expr::ExpressionKind::kColumn &&
                              each->index >= left_width && each->index < kSpecialColumns;
        return of_right ? shift_columns(each, extra) : nullptr;
      });
    };
    Freed freed{.conditions = left->conditions};
    for (const ExpressionPtr& condition : right->conditions) {
      freed.conditions.push_back(shift_columns(condition, static_cast<std::ptrdiff_t>(left_wide)));
    }
    ExpressionPtr residual;
    for (const ExpressionPtr& part :
         join.residual ? conjuncts(join.residual) : std::vector<ExpressionPtr>{}) {
      if (uses_outer(part)) {
        freed.conditions.push_back(moved(part));
      } else {
        residual = residual ? call("and", {residual, moved(part)}, part->where) : moved(part);
      }
    }
    join.residual = std::move(residual);
    data::Schema schema = left->node->schema;
    const bool left_only = node.schema.fields.size() == left_width;
    for (std::size_t column = 0; column < right->node->schema.fields.size(); ++column) {
      data::Field field = right->node->schema.fields[column];
      field.nullable = field.nullable || !inner;
      if (!left_only) {
        schema.fields.push_back(std::move(field));
      }
    }
    if (join.kind == JoinKind::kExistence) {
      schema = left->node->schema;
      schema.fields.push_back(node.schema.fields.back());
    }
    freed.node = std::make_shared<Node>(Node{.op = std::move(join),
                                             .schema = schema,
                                             .inputs = {left->node, right->node},
                                             .streaming = node.streaming,
                                             .where = node.where});
    Project order;
    for (std::size_t column = 0; column < node.schema.fields.size(); ++column) {
      order.columns.push_back(
          column_at(schema, column < left_width ? column : column - left_width + left_wide));
    }
    data::Schema ordered = node.schema;
    hand_up(freed, order.columns, ordered);
    freed.node = make(node, std::move(order), std::move(ordered), freed.node);
    return freed;
  }

  QueryBinder& binder_;
  bool exists_;
};

}  // namespace

bool QueryBinder::decorrelate(Subplan& plan, Bound bound) {
  const bool exists = plan.kind == SubplanKind::kExists;
  bool in_order = bound.columns.size() == bound.node->schema.fields.size();
  for (std::size_t column = 0; in_order && column < bound.columns.size(); ++column) {
    in_order = bound.columns[column].index == column;
  }
  if (!exists && !in_order) {
    // The values come first and alone, whatever the names in scope.
    Project project;
    data::Schema schema;
    for (const ScopeColumn& column : bound.columns) {
      project.columns.push_back(column_of(bound, column, plan.where));
      schema.fields.push_back(bound.field(column));
    }
    bound.node = std::make_shared<Node>(Node{.op = std::move(project),
                                             .schema = std::move(schema),
                                             .inputs = {bound.node},
                                             .streaming = bound.node->streaming,
                                             .where = plan.where});
  }
  auto freed = Decorrelator(*this, exists).free(bound.node);
  if (!freed) {
    return false;
  }
  const bool lateral = plan.kind == SubplanKind::kLateral;
  if (freed->empty && (plan.kind == SubplanKind::kScalar || (lateral && !freed->may_vanish))) {
    plan.empty = std::move(*freed->empty);
  } else if (freed->empty) {
    // An aggregation without groups has a row for every row outside.
    fail("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.ACCESSING_OUTER_QUERY_COLUMN_IS_NOT_ALLOWED",
         "0A000",
         plan.where,
         "a correlated aggregation without GROUP BY cannot stand here",
         "compare with the subquery as a value: x = (SELECT max(…) …)");
    return false;
  }
  plan.node = std::move(freed->node);
  plan.conditions = std::move(freed->conditions);
  return true;
}

// JOIN LATERAL (SELECT …): the subquery sees the columns of the left side.
Bound QueryBinder::lateral(Bound left, const sql::Relation& right, const sql::JoinPart& part) {
  const bool inner = part.type == sql::JoinType::kInner || part.type == sql::JoinType::kCross;
  if (!inner && part.type != sql::JoinType::kLeftOuter) {
    return fail("UNSUPPORTED_JOIN_TYPE",
                "0A000",
                span(part.position),
                "a LATERAL join is INNER, CROSS or LEFT OUTER");
  }
  const auto* function = right.as<sql::FunctionRelation>();
  if (function != nullptr && is_generator(lower_name(function->name)) && !part.on) {
    return generate(left,
                    {.name = lower_name(function->name),
                     .arguments = function->arguments,
                     .outer = !inner,
                     .qualifier = right.alias ? right.alias->name.name : "",
                     .names = right.alias ? right.alias->columns : std::vector<sql::Identifier>{},
                     .position = right.position});
  }
  const Bound* before = std::exchange(outer_, &left);
  Bound bound = relation(right);
  outer_ = before;
  if (!bound) {
    return {};
  }
  Subplan plan{.kind = SubplanKind::kLateral, .where = span(right.position)};
  const std::size_t width = left.node->schema.fields.size();
  plan.outer = columns_of(left.node->schema);
  Bound both{.columns = left.columns};
  for (ScopeColumn column : bound.columns) {
    column.index = both.columns.size() - left.columns.size() + width;
    both.columns.push_back(std::move(column));
  }
  const std::size_t values = bound.columns.size();
  if (!decorrelate(plan, std::move(bound))) {
    return {};
  }
  const bool always = !plan.empty.empty();
  const NodePtr inner_node = always ? with_found(plan) : plan.node;
  Join join{.kind = inner && !always ? JoinKind::kInner : JoinKind::kLeft};
  if (!join_on(join, plan, width, /*null_aware=*/false)) {
    return {};
  }
  data::Schema schema = left.node->schema;
  for (data::Field field : inner_node->schema.fields) {
    field.nullable = field.nullable || join.kind == JoinKind::kLeft;
    schema.fields.push_back(std::move(field));
  }
  if (part.on && !always) {
    both.node = std::make_shared<Node>(Node{.op = Values{}, .schema = schema});
    const ExpressionPtr condition = scalar(both, *part.on);
    if (!condition) {
      return {};
    }
    split_condition(condition, width, join);
  }
  both.node = std::make_shared<Node>(Node{.op = std::move(join),
                                          .schema = schema,
                                          .inputs = {left.node, inner_node},
                                          .streaming = left.node->streaming,
                                          .where = span(part.position)});
  if (always) {
    both = fill_empty(std::move(both), plan, width, values);
    if (both && part.on) {
      return inner ? where(std::move(both), *part.on)
                   : unsupported("LEFT JOIN LATERAL of an aggregation with ON", part.position);
    }
  }
  return both;
}

// The subquery's columns and TRUE: where a join finds no row the last is null.
NodePtr QueryBinder::with_found(const Subplan& plan) {
  Project project{.columns = columns_of(plan.node->schema)};
  data::Schema schema = plan.node->schema;
  project.columns.push_back(
      expr::make_literal(data::Type(data::TypeKind::kBoolean), data::Value(true), plan.where));
  schema.fields.push_back({.name = "found", .type = data::Type(data::TypeKind::kBoolean)});
  return std::make_shared<Node>(Node{.op = std::move(project),
                                     .schema = std::move(schema),
                                     .inputs = {plan.node},
                                     .streaming = plan.node->streaming,
                                     .where = plan.where});
}

// Above the left join with with_found(): the left columns and `values` of the subquery's, which
// are those of `plan.empty` where no row was found.
Bound QueryBinder::fill_empty(Bound joined,
                              const Subplan& plan,
                              std::size_t width,
                              std::size_t values) {
  const data::Schema below = joined.node->schema;
  const ExpressionPtr found = expr::bind_call("isnotnull",
                                              {column_at(below, below.fields.size() - 1)},
                                              plan.where,
                                              options_.context,
                                              diagnostics_);
  Project project;
  data::Schema schema;
  for (std::size_t column = 0; column < width + values; ++column) {
    ExpressionPtr value = column_at(below, column);
    if (column >= width) {
      value = expr::bind_call("case",
                              {found, value, plan.empty[column - width]},
                              plan.where,
                              options_.context,
                              diagnostics_);
    }
    if (!value) {
      return {};
    }
    schema.fields.push_back(
        {.name = below.fields[column].name, .type = value->type, .nullable = value->nullable});
    project.columns.push_back(std::move(value));
  }
  joined.node = std::make_shared<Node>(Node{.op = std::move(project),
                                            .schema = std::move(schema),
                                            .inputs = {joined.node},
                                            .streaming = joined.node->streaming,
                                            .where = plan.where});
  return joined;
}

}  // namespace millrace::plan::detail
