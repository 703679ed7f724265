#include "plan/detail/query_binder.h"

#include <algorithm>
#include <utility>

#include "base/suggest.h"
#include "expr/aggregate.h"
#include "expr/bind.h"
#include "plan/definitions.h"
#include "plan/detail/rewrite.h"

namespace millrace::plan::detail {

using expr::ExpressionPtr;

namespace {

SetKind kind_of(sql::SetOperator op) {
  switch (op) {
    case sql::SetOperator::kUnion:
      return SetKind::kUnion;
    case sql::SetOperator::kIntersect:
      return SetKind::kIntersect;
    case sql::SetOperator::kExcept:
      return SetKind::kExcept;
  }
  return SetKind::kUnion;
}

}  // namespace

std::string lower_name(const sql::Name& name) {
  return to_lower(name.parts.back().name);
}

Bound QueryBinder::fail(std::string_view error_class,
                        std::string_view sqlstate,
                        const SourceSpan& where,
                        std::string message,
                        std::string help) {
  diagnostics_.add({.code = "MR1220",
                    .error_class = std::string(error_class),
                    .sqlstate = std::string(sqlstate),
                    .where = where,
                    .message = std::move(message),
                    .help = std::move(help)});
  return {};
}

Bound QueryBinder::unsupported(std::string_view what, const sql::Position& position) {
  return fail("UNSUPPORTED_FEATURE",
              "0A000",
              span(position),
              std::string(what) + " is not supported by this version");
}

ExpressionPtr QueryBinder::scalar(const Bound& input, const sql::Expression& expression) {
  ScopeResolver names(*this, input);
  return expr::bind_expression(
      expression, names, {.context = options_.context, .file = options_.file}, diagnostics_);
}

Bound QueryBinder::query(const sql::Query& query) {
  ctes_.emplace_back();
  for (const sql::CommonTableExpression& cte : query.with) {
    if (query.recursive) {
      ctes_.pop_back();
      return unsupported("WITH RECURSIVE", cte.name.position);
    }
    Bound bound = this->query(*cte.query);
    if (!bound) {
      ctes_.pop_back();
      return {};
    }
    if (!cte.columns.empty() && cte.columns.size() != bound.columns.size()) {
      ctes_.pop_back();
      return fail("ASSIGNMENT_ARITY_MISMATCH",
                  "42802",
                  span(cte.name.position),
                  "the number of column names does not match the query's columns");
    }
    for (std::size_t column = 0; column < cte.columns.size(); ++column) {
      bound.columns[column].name = cte.columns[column].name;
    }
    ctes_.back()[to_lower(cte.name.name)] = {.definition = &cte, .bound = std::move(bound)};
  }
  const sql::QueryOrganization& organization = query.organization;
  Bound bound;
  if (!organization.cluster_by.empty() || !organization.distribute_by.empty() ||
      !organization.sort_by.empty()) {
    bound = unsupported("CLUSTER BY, DISTRIBUTE BY or SORT BY", query.position);
  } else {
    bound = term(*query.term, &organization);
  }
  ctes_.pop_back();
  return bound;
}

// SELECT takes ORDER BY itself, since it may name columns that are not selected; the other terms
// are ordered by their output.
Bound QueryBinder::term(const sql::QueryTerm& term, const sql::QueryOrganization* organization) {
  Bound bound;
  if (const auto* select = term.as<sql::Select>()) {
    bound = this->select(*select, organization);
  } else if (const auto* set = term.as<sql::SetOperation>()) {
    bound = set_operation(*set);
  } else if (const auto* rows = term.as<sql::Values>()) {
    bound = values(rows->rows, term.position);
    if (bound && rows->alias) {
      for (std::size_t column = 0; column < bound.columns.size(); ++column) {
        bound.columns[column].qualifier = rows->alias->name.name;
        if (column < rows->alias->columns.size()) {
          bound.columns[column].name = rows->alias->columns[column].name;
        }
      }
    }
  } else if (const auto* table = term.as<sql::TableTerm>()) {
    sql::Relation relation;
    relation.node = sql::TableRelation{table->name};
    relation.position = term.position;
    bound = this->relation(relation);
  } else if (const auto* brackets = term.as<sql::BracketedQuery>()) {
    bound = query(*brackets->query);
  } else if (const auto* pipes = term.as<sql::PipedQuery>()) {
    bound = piped(*pipes);
  }
  if (!bound || organization == nullptr) {
    return bound;
  }
  if (term.as<sql::Select>() == nullptr && !organization->order_by.empty()) {
    bound = order_output(std::move(bound), *organization);
  }
  return bound ? limit(std::move(bound), *organization) : Bound{};
}

Bound QueryBinder::cast_columns(Bound input, const std::vector<data::Type>& types) {
  Project project;
  data::Schema schema = input.node->schema;
  bool changed = false;
  for (const ScopeColumn& column : input.columns) {
    ExpressionPtr value = column_of(input, column, input.node->where);
    if (!(value->type == types[column.index])) {
      changed = true;
      value = expr::bind_cast(value,
                              types[column.index],
                              expr::CastMode::kImplicit,
                              input.node->where,
                              options_.context,
                              diagnostics_);
      if (!value) {
        return {};
      }
      schema.fields[column.index].type = types[column.index];
    }
    project.columns.push_back(std::move(value));
  }
  if (!changed) {
    return input;
  }
  input.node = std::make_shared<Node>(Node{.op = std::move(project),
                                           .schema = std::move(schema),
                                           .inputs = {input.node},
                                           .streaming = input.node->streaming,
                                           .where = input.node->where});
  return input;
}

Bound QueryBinder::set_operation(const sql::SetOperation& set) {
  Bound left = term(*set.left, nullptr);
  Bound right = term(*set.right, nullptr);
  return combine(std::move(left), std::move(right), set.op, set.all, span(set.operator_position));
}

Bound QueryBinder::combine(
    Bound left, Bound right, sql::SetOperator op, bool all, const SourceSpan& where) {
  if (!left || !right) {
    return {};
  }
  if (left.columns.size() != right.columns.size()) {
    return fail("NUM_COLUMNS_MISMATCH",
                "42826",
                where,
                "the first query has " + std::to_string(left.columns.size()) +
                    " columns, the second " + std::to_string(right.columns.size()));
  }
  std::vector<data::Type> types;
  for (std::size_t column = 0; column < left.columns.size(); ++column) {
    const data::Type& a = left.node->schema.fields[column].type;
    const data::Type& b = right.node->schema.fields[column].type;
    const auto type = expr::common_type(a, b);
    if (!type) {
      return fail("INCOMPATIBLE_COLUMN_TYPE",
                  "42825",
                  where,
                  "column " + std::to_string(column + 1) + " is " + a.to_sql() +
                      " in the first query and " + b.to_sql() + " in the second");
    }
    types.push_back(*type);
  }
  left = cast_columns(std::move(left), types);
  right = cast_columns(std::move(right), types);
  if (!left || !right) {
    return {};
  }
  const SetKind kind = kind_of(op);
  const bool streaming = left.node->streaming || right.node->streaming;
  data::Schema schema = left.node->schema;
  for (std::size_t column = 0; column < schema.fields.size(); ++column) {
    schema.fields[column].name = left.columns[column].name;
    schema.fields[column].nullable =
        schema.fields[column].nullable || right.node->schema.fields[column].nullable;
  }
  NodePtr node = std::make_shared<Node>(
      Node{.op = SetOperation{.kind = kind, .all = all || kind == SetKind::kUnion},
           .schema = schema,
           .inputs = {left.node, right.node},
           .streaming = streaming,
           .where = where});
  if (kind == SetKind::kUnion && !all) {
    node = std::make_shared<Node>(Node{.op = Distinct{},
                                       .schema = schema,
                                       .inputs = {node},
                                       .streaming = streaming,
                                       .where = where});
  }
  return {.node = node, .columns = scope_of(schema, "")};
}

Bound QueryBinder::values(const std::vector<sql::ExpressionPtr>& rows,
                          const sql::Position& position) {
  static const Bound kNothing{
      .node = std::make_shared<Node>(Node{.op = Values{.rows = {{}}}, .schema = {}})};
  Values values;
  std::vector<data::Type> types;
  for (const sql::ExpressionPtr& row : rows) {
    std::vector<const sql::Expression*> cells{row.get()};
    if (const auto* brackets = row->as<sql::RowConstructor>()) {
      cells.clear();
      for (const sql::ExpressionPtr& cell : brackets->values) {
        cells.push_back(cell.get());
      }
    }
    if (!values.rows.empty() && cells.size() != types.size()) {
      return fail("INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH",
                  "42000",
                  span(row->position),
                  "expected " + std::to_string(types.size()) + " columns, found " +
                      std::to_string(cells.size()));
    }
    auto& bound = values.rows.emplace_back();
    for (std::size_t column = 0; column < cells.size(); ++column) {
      ExpressionPtr cell = scalar(kNothing, *cells[column]);
      if (!cell) {
        return {};
      }
      const auto type = values.rows.size() == 1 ? std::optional(cell->type)
                                                : expr::common_type(types[column], cell->type);
      if (!type) {
        return fail("INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE",
                    "42000",
                    span(cells[column]->position),
                    "the values of one column have types that do not go together");
      }
      values.rows.size() == 1 ? types.push_back(*type) : static_cast<void>(types[column] = *type);
      bound.push_back(std::move(cell));
    }
  }
  data::Schema schema;
  for (std::size_t column = 0; column < types.size(); ++column) {
    bool nullable = false;
    for (auto& row : values.rows) {
      row[column] = expr::bind_cast(row[column],
                                    types[column],
                                    expr::CastMode::kImplicit,
                                    span(position),
                                    options_.context,
                                    diagnostics_);
      if (!row[column]) {
        return {};
      }
      nullable = nullable || row[column]->nullable;
    }
    schema.fields.push_back(
        {.name = "col" + std::to_string(column + 1), .type = types[column], .nullable = nullable});
  }
  auto columns = scope_of(schema, "");
  return {.node = std::make_shared<Node>(
              Node{.op = std::move(values), .schema = std::move(schema), .where = span(position)}),
          .columns = std::move(columns)};
}

SortKey sort_key(const sql::SortItem& item, ExpressionPtr expression) {
  const bool ascending = item.direction != sql::SortDirection::kDescending;
  return {.expression = std::move(expression),
          .ascending = ascending,
          .nulls_first = item.nulls == sql::NullsOrder::kDefault
                             ? ascending
                             : item.nulls == sql::NullsOrder::kFirst};
}

// ORDER BY over the output columns: their names, positions, or expressions of them.
Bound QueryBinder::order_output(Bound input, const sql::QueryOrganization& organization) {
  Sort sort;
  for (const sql::SortItem& item : organization.order_by) {
    ExpressionPtr key;
    const auto* literal = item.value->as<sql::Literal>();
    if (literal != nullptr && literal->kind == sql::LiteralKind::kInteger) {
      const std::size_t position = std::strtoull(literal->text.c_str(), nullptr, 10);
      if (position < 1 || position > input.columns.size()) {
        return fail("ORDER_BY_POS_OUT_OF_RANGE",
                    "42805",
                    span(item.value->position),
                    "ORDER BY position " + literal->text + " is not in the select list (1 to " +
                        std::to_string(input.columns.size()) + ")");
      }
      key = column_of(input, input.columns[position - 1], span(item.value->position));
    } else {
      key = scalar(input, *item.value);
    }
    if (!key) {
      return {};
    }
    sort.keys.push_back(sort_key(item, std::move(key)));
  }
  input.node = std::make_shared<Node>(Node{.op = std::move(sort),
                                           .schema = input.node->schema,
                                           .inputs = {input.node},
                                           .streaming = input.node->streaming,
                                           .where = input.node->where});
  return input;
}

Bound QueryBinder::limit(Bound input, const sql::QueryOrganization& organization) {
  if (!organization.limit && !organization.offset) {
    return input;
  }
  static const Bound kNothing{
      .node = std::make_shared<Node>(Node{.op = Values{.rows = {{}}}, .schema = {}})};
  Limit limit;
  const auto count = [&](const sql::Expression& expression, std::int64_t& into) {
    const ExpressionPtr value = scalar(kNothing, expression);
    if (!value) {
      return false;
    }
    if (!value->is_literal() || !value->type.is_integral() || value->value.is_null() ||
        value->value.integer() < 0) {
      fail("INVALID_LIMIT_LIKE_EXPRESSION",
           "42K0E",
           span(expression.position),
           "LIMIT and OFFSET take a constant whole number that is not negative");
      return false;
    }
    into = value->value.integer();
    return true;
  };
  if (organization.limit) {
    std::int64_t rows = 0;
    if (!count(*organization.limit, rows)) {
      return {};
    }
    limit.limit = rows;
  }
  if (organization.offset && !count(*organization.offset, limit.offset)) {
    return {};
  }
  input.node = std::make_shared<Node>(Node{
      .op = limit,
      .schema = input.node->schema,
      .inputs = {input.node},
      .streaming = input.node->streaming,
      .where =
          span(organization.limit ? organization.limit->position : organization.offset->position)});
  return input;
}

expr::Resolved ScopeResolver::column(const sql::Name& name,
                                     std::size_t& used,
                                     ExpressionPtr& result) {
  const expr::Resolved own = own_column(name, used, result);
  return own == expr::Resolved::kNotMine ? outer_column(name, used, result) : own;
}

expr::Resolved ScopeResolver::own_column(const sql::Name& name,
                                         std::size_t& used,
                                         ExpressionPtr& result) {
  const Lookup lookup = find_column(input_, name.parts);
  if (lookup.column == nullptr) {
    return expr::Resolved::kNotMine;
  }
  if (lookup.ambiguous) {
    binder_.fail("AMBIGUOUS_REFERENCE",
                 "42704",
                 binder_.span(name.position),
                 "Reference `" + name.parts.back().name + "` is ambiguous",
                 "write the name or alias of its relation before it");
    return expr::Resolved::kFailed;
  }
  used = lookup.used;
  result = column_of(input_, *lookup.column, binder_.span(name.position));
  return expr::Resolved::kDone;
}

// A name of the query around the subquery.
expr::Resolved ScopeResolver::outer_column(const sql::Name& name,
                                           std::size_t& used,
                                           ExpressionPtr& result) {
  const Bound* outer = binder_.outer();
  const Lookup lookup = outer != nullptr ? find_column(*outer, name.parts) : Lookup{};
  if (lookup.column == nullptr) {
    return expr::Resolved::kNotMine;
  }
  used = lookup.used;
  const data::Field& field = outer->field(*lookup.column);
  result = expr::make_column(kOuterColumn + lookup.column->index,
                             field.name,
                             field.type,
                             field.nullable,
                             binder_.span(name.position));
  return expr::Resolved::kDone;
}

expr::Resolved ScopeResolver::call(const sql::FunctionCall& call,
                                   const SourceSpan& where,
                                   ExpressionPtr& /*result*/) {
  const std::string name = lower_name(call.name);
  if (call.over) {
    binder_.fail("INVALID_WHERE_CONDITION",
                 "42903",
                 where,
                 "the window function " + name + " is not allowed here",
                 "window functions stand in SELECT, QUALIFY and ORDER BY");
    return expr::Resolved::kFailed;
  }
  if (is_window_function(name)) {
    binder_.fail("WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE",
                 "42601",
                 where,
                 "Window function " + name + "() requires an OVER clause.");
    return expr::Resolved::kFailed;
  }
  if (expr::find_aggregate(name) != nullptr) {
    binder_.fail("INVALID_WHERE_CONDITION",
                 "42903",
                 where,
                 "the aggregate function " + name + " is not allowed here",
                 "aggregates stand in SELECT, HAVING and ORDER BY");
    return expr::Resolved::kFailed;
  }
  if (QueryBinder::is_generator(name)) {
    binder_.fail("UNSUPPORTED_GENERATOR.OUTSIDE_SELECT",
                 "42K0E",
                 where,
                 "the generator " + name + " is not allowed here",
                 "use it as a whole select item, or in LATERAL VIEW");
    return expr::Resolved::kFailed;
  }
  return expr::Resolved::kNotMine;
}

expr::Resolved ScopeResolver::subquery(const sql::Query& /*query*/,
                                       sql::SubqueryKind /*kind*/,
                                       const SourceSpan& where,
                                       ExpressionPtr& /*result*/) {
  binder_.fail("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_CORRELATED_SCALAR_SUBQUERY",
               "0A000",
               where,
               "a subquery cannot stand here",
               "subqueries stand in SELECT, WHERE, HAVING and ORDER BY");
  return expr::Resolved::kFailed;
}

expr::Resolved ScopeResolver::in_subquery(const sql::InSubquery& /*in*/,
                                          const SourceSpan& where,
                                          ExpressionPtr& /*result*/) {
  binder_.fail("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_IN_EXISTS_SUBQUERY",
               "0A000",
               where,
               "IN (SELECT …) cannot stand here",
               "it can stand in SELECT, WHERE, HAVING and ORDER BY");
  return expr::Resolved::kFailed;
}

std::vector<std::string> ScopeResolver::column_names() const {
  std::vector<std::string> names;
  names.reserve(input_.columns.size());
  for (const ScopeColumn& column : input_.columns) {
    names.push_back(column.name);
  }
  return names;
}

}  // namespace millrace::plan::detail
