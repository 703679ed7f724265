// The select list, aggregate calls, ORDER BY, and the nodes that SELECT ends in.
#include "plan/detail/select_binder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/suggest.h"
#include "expr/aggregate.h"
#include "expr/bind.h"
#include "plan/definitions.h"

namespace millrace::plan::detail {

using expr::ExpressionPtr;

namespace {

bool same_call(const AggregateCall& left, const AggregateCall& right) {
  const auto same = [](const ExpressionPtr& a, const ExpressionPtr& b) {
    return a == b || (a && b && same_expression(*a, *b));
  };
  return left.function == right.function && left.distinct == right.distinct &&
         same(left.filter, right.filter) && std::ranges::equal(left.args, right.args, same);
}

}  // namespace

Bound SelectBinder::bind(const sql::QueryOrganization* organization) {
  named_windows_ = parts_.windows;
  if (organization != nullptr) {
    for (const sql::NamedWindow& window : organization->windows) {
      named_windows_.push_back(&window);
    }
  }
  if (!bind_time_windows() || !bind_items() || !bind_groups() ||
      !bind_condition(parts_.having, "HAVING", having_) ||
      !bind_condition(parts_.qualify, "QUALIFY", qualify_) ||
      (organization != nullptr && !bind_order(*organization))) {
    return {};
  }
  grouped_ = grouped_ || having_;
  node_ = from_.node;
  if ((grouped_ && !aggregate()) || !attach_subqueries()) {
    return {};
  }
  if (having_) {
    add_node(Filter{.condition = having_}, node_->schema);
  }
  add_windows();
  if (qualify_) {
    add_node(Filter{.condition = qualify_}, node_->schema);
  }
  return finish();
}

SourceSpan SelectBinder::place() const {
  return binder_.span(parts_.items.empty() ? sql::Position{} : parts_.items[0]->value->position);
}

// Aggregates, grouping(), calls OVER a window and time windows are special columns.
expr::Resolved SelectBinder::call(const sql::FunctionCall& call,
                                  const SourceSpan& where,
                                  ExpressionPtr& result) {
  const std::string name = lower_name(call.name);
  const auto done = [](bool ok) {
    return ok ? expr::Resolved::kDone : expr::Resolved::kFailed;
  };
  if (call.over) {
    return done(bind_over(name, call, where, result));
  }
  if (name == "grouping" || name == "grouping_id") {
    return done(bind_grouping(name, call, where, result));
  }
  if ((name == "window" && call.arguments.size() >= 2) || name == "session_window") {
    return done(time_window(name, call, where, result));
  }
  if (name == "monotonically_increasing_id" && call.arguments.empty() && !from_.node->streaming) {
    return done(bind_row_number(where, result));
  }
  if (expr::find_aggregate(name) == nullptr) {
    return ScopeResolver::call(call, where, result);
  }
  if (in_aggregate_) {
    binder_.fail("NESTED_AGGREGATE_FUNCTION",
                 "42607",
                 where,
                 "an aggregate function cannot be the argument of another");
    return expr::Resolved::kFailed;
  }
  in_aggregate_ = true;
  const bool bound = bind_aggregate(name, call, where, result);
  in_aggregate_ = false;
  return done(bound);
}

expr::Resolved SelectBinder::column(const sql::Name& name,
                                    std::size_t& used,
                                    ExpressionPtr& result) {
  const expr::Resolved found = own_column(name, used, result);
  if (found != expr::Resolved::kNotMine) {
    return found;
  }
  // A later item may use the alias of an earlier one; so may GROUP BY, HAVING and ORDER BY.
  for (const SelectedItem& item : items_) {
    if (same_name(item.name, name.parts[0].name)) {
      used = 1;
      result = item.value;
      return expr::Resolved::kDone;
    }
  }
  return outer_column(name, used, result);
}

expr::Resolved SelectBinder::subquery(const sql::Query& query,
                                      sql::SubqueryKind kind,
                                      const SourceSpan& where,
                                      ExpressionPtr& result) {
  auto plan = binder_.subplan(from_, query, kind, where);
  result = plan ? keep_subquery(std::move(*plan)) : nullptr;
  return result ? expr::Resolved::kDone : expr::Resolved::kFailed;
}

expr::Resolved SelectBinder::in_subquery(const sql::InSubquery& in,
                                         const SourceSpan& where,
                                         ExpressionPtr& result) {
  std::vector<ExpressionPtr> values;
  for (const sql::Expression* value : QueryBinder::in_values(in)) {
    values.push_back(bind_value(*value));
    if (!values.back()) {
      return expr::Resolved::kFailed;
    }
  }
  auto plan = binder_.in_subplan(from_, in, std::move(values), where);
  result = plan ? keep_subquery(std::move(*plan)) : nullptr;
  return result ? expr::Resolved::kDone : expr::Resolved::kFailed;
}

// What an aggregate or a group needs is joined to FROM; the rest when all is bound.
ExpressionPtr SelectBinder::keep_subquery(Subplan plan) {
  if (in_aggregate_ || in_group_) {
    return binder_.attach(from_, plan);
  }
  subqueries_.push_back(std::move(plan));
  const Subplan& kept = subqueries_.back();
  return expr::make_column(kSubqueryColumn + subqueries_.size() - 1,
                           kept.kind == SubplanKind::kScalar ? "scalarsubquery()" : "exists",
                           kept.type,
                           /*nullable=*/true,
                           kept.where);
}

// What a subquery uses of the query around, above its aggregation.
bool SelectBinder::bring_over_aggregate(Subplan& plan) {
  bool ok = true;
  for (std::size_t column = 0; column < plan.outer.size(); ++column) {
    const bool used = std::ranges::any_of(plan.conditions, [&](const ExpressionPtr& condition) {
      return any_column(*condition,
                        [&](std::size_t index) { return index == kOuterColumn + column; });
    });
    ok = (!used || over_aggregate(plan.outer[column])) && ok;
  }
  for (ExpressionPtr& value : plan.left) {
    ok = over_aggregate(value) && ok;
  }
  return ok;
}

bool SelectBinder::attach_subqueries() {
  Bound over{.node = node_, .columns = {}};
  std::vector<ExpressionPtr> values;
  for (Subplan& plan : subqueries_) {
    if (grouped_ && !bring_over_aggregate(plan)) {
      return false;
    }
    values.push_back(binder_.attach(over, plan));
    if (!values.back()) {
      return false;
    }
  }
  node_ = over.node;
  each_expression([&](ExpressionPtr& value) {
    value = rewrite(value, [&](const ExpressionPtr& node) -> ExpressionPtr {
      const bool subquery = node->kind == expr::ExpressionKind::kColumn &&
                            node->index >= kSubqueryColumn && node->index < kGroupingColumn;
      return subquery ? values[node->index - kSubqueryColumn] : nullptr;
    });
  });
  return true;
}

// All that was bound over FROM and is evaluated above the aggregation.
void SelectBinder::each_expression(const std::function<void(ExpressionPtr&)>& visit) {
  for (SelectedItem& item : items_) {
    visit(item.value);
  }
  for (ExpressionPtr* condition : {&having_, &qualify_}) {
    if (*condition) {
      visit(*condition);
    }
  }
  for (SortKey& key : order_) {
    visit(key.expression);
  }
  for (WindowGroup& window : windows_) {
    for (ExpressionPtr& value : window.partition) {
      visit(value);
    }
    for (SortKey& key : window.order) {
      visit(key.expression);
    }
    for (WindowCall& call : window.calls) {
      for (ExpressionPtr& value : call.args) {
        visit(value);
      }
      for (ExpressionPtr* value : {&call.filter, &call.start.value, &call.end.value}) {
        if (*value) {
          visit(*value);
        }
      }
    }
  }
}

ExpressionPtr SelectBinder::bind_value(const sql::Expression& expression) {
  return expr::bind_expression(
      expression,
      *this,
      {.context = binder_.options().context, .file = binder_.options().file},
      binder_.diagnostics());
}

bool SelectBinder::bind_items() {
  bool ok = !parts_.every_column || add_star(sql::Star{}, {}, items_);
  for (const sql::SelectItem* item : parts_.items) {
    ok = bind_item(*item) && ok;
  }
  return ok;
}

// A time window is called `window`; a named window is shown as what it stands for.
std::string SelectBinder::item_name(const sql::Expression& value) {
  const auto* call = value.as<sql::FunctionCall>();
  if (call == nullptr) {
    return expr::column_name(value);
  }
  if (!call->over && time_window_ &&
      (lower_name(call->name) == "window" || lower_name(call->name) == "session_window")) {
    return time_window_->name;
  }
  if (!call->over || !call->over->name) {
    return expr::column_name(value);
  }
  const sql::WindowSpecification* window = find_window(*call->over);
  return window != nullptr ? expr::column_name(*call, *window) : expr::column_name(value);
}

bool SelectBinder::bind_item(const sql::SelectItem& item) {
  if (const auto* star = item.value->as<sql::Star>()) {
    return add_star(*star, item.value->position, items_);
  }
  if (const auto* call = item.value->as<sql::FunctionCall>();
      call != nullptr && QueryBinder::is_generator(lower_name(call->name))) {
    return bind_generator(item, *call);
  }
  if (item.names.size() > 1) {
    binder_.fail("MULTI_ALIAS_WITHOUT_GENERATOR",
                 "42K0E",
                 binder_.span(item.value->position),
                 "only a generator gives several columns");
    return false;
  }
  ExpressionPtr value = bind_value(*item.value);
  if (!value) {
    return false;
  }
  items_.push_back({.name = item.names.empty() ? item_name(*item.value) : item.names[0].name,
                    .value = std::move(value)});
  return true;
}

// SELECT a, explode(xs): the generator runs below, its columns are items.
bool SelectBinder::bind_generator(const sql::SelectItem& item, const sql::FunctionCall& call) {
  Bound generated = binder_.generate(input_,
                                     {.name = lower_name(call.name),
                                      .arguments = call.arguments,
                                      .names = item.names,
                                      .position = item.value->position});
  if (!generated) {
    return false;
  }
  const std::size_t before = input_.columns.size();
  for (std::size_t column = before; column < generated.columns.size(); ++column) {
    items_.push_back(
        {.name = generated.columns[column].name,
         .value =
             column_of(generated, generated.columns[column], binder_.span(item.value->position))});
    generated.columns[column].hidden = true;
  }
  from_ = std::move(generated);
  return true;
}

bool SelectBinder::add_star(const sql::Star& star,
                            const sql::Position& position,
                            std::vector<SelectedItem>& items) {
  const auto qualifies = [&](const ScopeColumn& column) {
    return star.qualifier.empty() ? !column.hidden && !column.computed
                                  : same_name(column.qualifier, star.qualifier.back().name);
  };
  const auto excepted = [&](const ScopeColumn& column) {
    return std::ranges::any_of(star.except, [&](const sql::Name& name) {
      return same_name(name.parts.back().name, column.name);
    });
  };
  for (const sql::Name& name : star.except) {
    if (find_column(input_, name.parts).column == nullptr) {
      binder_.fail("UNRESOLVED_COLUMN.WITH_SUGGESTION",
                   "42703",
                   binder_.span(name.position),
                   "EXCEPT names no column: `" + name.parts.back().name + "`" +
                       did_you_mean(name.parts.back().name, column_names()));
      return false;
    }
  }
  bool any = false;
  for (const ScopeColumn& column : input_.columns) {
    if (qualifies(column)) {
      any = true;
      if (!excepted(column)) {
        items.push_back(
            {.name = column.name, .value = column_of(input_, column, binder_.span(position))});
      }
    }
  }
  if (!any && !star.qualifier.empty()) {
    return add_struct_star(star, position, items);
  }
  return true;
}

// s.* of a struct column: its fields.
bool SelectBinder::add_struct_star(const sql::Star& star,
                                   const sql::Position& position,
                                   std::vector<SelectedItem>& items) {
  const Lookup lookup = find_column(input_, star.qualifier);
  if (lookup.column == nullptr ||
      input_.field(*lookup.column).type.kind() != data::TypeKind::kStruct ||
      lookup.used != star.qualifier.size()) {
    binder_.fail("CANNOT_RESOLVE_STAR_EXPAND",
                 "42704",
                 binder_.span(position),
                 "Cannot resolve `" + star.qualifier.back().name +
                     "`.* given input columns: it is no relation and no struct");
    return false;
  }
  const ExpressionPtr base = column_of(input_, *lookup.column, binder_.span(position));
  for (const data::Field& field : base->type.fields()) {
    ExpressionPtr value = expr::bind_call(
        "getfield",
        {base, expr::make_literal(data::Type(data::TypeKind::kString), data::Value(field.name))},
        binder_.span(position),
        binder_.options().context,
        binder_.diagnostics());
    if (!value) {
      return false;
    }
    items.push_back({.name = field.name, .value = std::move(value)});
  }
  return true;
}

bool SelectBinder::bind_aggregate(const std::string& name,
                                  const sql::FunctionCall& call,
                                  const SourceSpan& where,
                                  ExpressionPtr& result) {
  AggregateCall aggregate{.function = name, .distinct = call.distinct};
  for (const sql::Argument& argument : call.arguments) {
    if (!bind_argument(*argument.value, call, aggregate)) {
      return false;
    }
  }
  if (!call.within_group.empty() && !bind_within_group(call, aggregate)) {
    return false;
  }
  if (call.filter) {
    aggregate.filter = bind_value(*call.filter);
    if (!aggregate.filter) {
      return false;
    }
  }
  if (call.nulls == sql::NullTreatment::kIgnore) {
    aggregate.args.push_back(
        expr::make_literal(data::Type(data::TypeKind::kBoolean), data::Value(true)));
  }
  // An alias in an argument may stand for what is computed above the aggregation.
  if (std::ranges::any_of(aggregate.args, [](const ExpressionPtr& arg) {
        return any_column(*arg, [](std::size_t index) {
          return index >= kSpecialColumns && index < kOuterColumn;
        });
      })) {
    binder_.fail("UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC",
                 "0A000",
                 where,
                 "an argument of " + name + " is the alias of something that is computed later",
                 "put it in a sub-query");
    return false;
  }
  const auto type = expr::bind_aggregate(
      name, aggregate.args, where, binder_.options().context, binder_.diagnostics());
  if (!type) {
    return false;
  }
  aggregate.type = type->type;
  std::size_t number = 0;
  while (number < calls_.size() && !same_call(calls_[number], aggregate)) {
    ++number;
  }
  if (number == calls_.size()) {
    calls_.push_back(aggregate);
    nullable_.push_back(type->nullable);
  }
  grouped_ = true;
  result =
      expr::make_column(kAggregateColumn + number, name, aggregate.type, type->nullable, where);
  return true;
}

// count(*) has no argument; in any other place a star is the columns that it stands for.
bool SelectBinder::bind_argument(const sql::Expression& argument,
                                 const sql::FunctionCall& call,
                                 AggregateCall& aggregate) {
  if (const auto* star = argument.as<sql::Star>()) {
    if (aggregate.function == "count" && !call.distinct && star->qualifier.empty() &&
        star->except.empty()) {
      return true;
    }
    std::vector<SelectedItem> columns;
    const bool ok = add_star(*star, argument.position, columns);
    for (SelectedItem& column : columns) {
      aggregate.args.push_back(std::move(column.value));
    }
    return ok;
  }
  aggregate.args.push_back(bind_value(argument));
  return aggregate.args.back() != nullptr;
}

// WITHIN GROUP (ORDER BY e): listagg takes key and direction behind its arguments, the
// percentiles take the key as their first.
bool SelectBinder::bind_within_group(const sql::FunctionCall& call, AggregateCall& aggregate) {
  const std::string name = lower_name(call.name);
  for (const sql::SortItem& item : call.within_group) {
    ExpressionPtr key = bind_value(*item.value);
    if (!key) {
      return false;
    }
    if (name != "listagg" && name != "string_agg") {
      aggregate.args.insert(aggregate.args.begin(), std::move(key));
      continue;
    }
    const bool descending = item.direction == sql::SortDirection::kDescending;
    const bool nulls_first = item.nulls == sql::NullsOrder::kDefault
                                 ? !descending
                                 : item.nulls == sql::NullsOrder::kFirst;
    const std::int64_t order =
        (descending ? expr::kOrderDescending : 0) + (nulls_first ? expr::kOrderNullsFirst : 0);
    if (aggregate.args.size() == 1) {
      aggregate.args.push_back(
          expr::make_literal(data::Type(data::TypeKind::kVoid), data::Value()));
    }
    aggregate.args.push_back(std::move(key));
    aggregate.args.push_back(
        expr::make_literal(data::Type(data::TypeKind::kInt), data::Value(order)));
  }
  return true;
}

// monotonically_increasing_id(): each call numbers the rows of FROM and WHERE.
bool SelectBinder::bind_row_number(const SourceSpan& where, ExpressionPtr& result) {
  data::Schema schema = from_.node->schema;
  schema.fields.push_back({.name = "monotonically_increasing_id()",
                           .type = data::Type(data::TypeKind::kBigInt),
                           .nullable = false});
  result = expr::make_column(schema.fields.size() - 1,
                             schema.fields.back().name,
                             schema.fields.back().type,
                             /*nullable=*/false,
                             where);
  from_.node = std::make_shared<Node>(Node{
      .op = NumberRows{}, .schema = std::move(schema), .inputs = {from_.node}, .where = where});
  return true;
}

bool SelectBinder::bind_condition(const sql::Expression* condition,
                                  std::string_view clause,
                                  ExpressionPtr& result) {
  if (condition == nullptr) {
    return true;
  }
  result = bind_value(*condition);
  if (result && result->type.kind() != data::TypeKind::kBoolean) {
    binder_.fail("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN",
                 "42K09",
                 binder_.span(condition->position),
                 std::string(clause) + " is " + result->type.to_sql() + ", not BOOLEAN");
    return false;
  }
  return result != nullptr;
}

bool SelectBinder::bind_order(const sql::QueryOrganization& organization) {
  for (const sql::SortItem& item : organization.order_by) {
    if (organization.order_by.size() == 1 && means_all(*item.value)) {
      for (const SelectedItem& selected : items_) {
        order_.push_back(sort_key(item, selected.value));
      }
      return true;
    }
    ExpressionPtr key = order_key(*item.value);
    if (!key) {
      return false;
    }
    order_.push_back(sort_key(item, std::move(key)));
  }
  return true;
}

// GROUP BY ALL, ORDER BY ALL: unless there is a column of that name.
bool SelectBinder::means_all(const sql::Expression& expression) const {
  const auto* name = expression.as<sql::ColumnReference>();
  return name != nullptr && name->name.parts.size() == 1 &&
         to_lower(name->name.parts[0].name) == "all" &&
         find_column(input_, name->name.parts).column == nullptr;
}

ExpressionPtr SelectBinder::order_key(const sql::Expression& expression) {
  const auto* literal = expression.as<sql::Literal>();
  if (literal != nullptr && literal->kind == sql::LiteralKind::kInteger) {
    const std::size_t position = std::strtoull(literal->text.c_str(), nullptr, 10);
    if (position < 1 || position > items_.size()) {
      binder_.fail("ORDER_BY_POS_OUT_OF_RANGE",
                   "42805",
                   binder_.span(expression.position),
                   "ORDER BY position " + literal->text + " is not in the select list (1 to " +
                       std::to_string(items_.size()) + ")");
      return nullptr;
    }
    return items_[position - 1].value;
  }
  if (const auto* name = expression.as<sql::ColumnReference>();
      name != nullptr && name->name.parts.size() == 1) {
    for (const SelectedItem& item : items_) {
      if (same_name(item.name, name->name.parts[0].name)) {
        return item.value;
      }
    }
  }
  return bind_value(expression);
}

// The projection, DISTINCT, and the order with its hidden columns.
Bound SelectBinder::finish() {
  Project project;
  data::Schema schema;
  for (const SelectedItem& item : items_) {
    project.columns.push_back(item.value);
    schema.fields.push_back(
        {.name = item.name, .type = item.value->type, .nullable = item.value->nullable});
  }
  const data::Schema visible = schema;
  for (SortKey& key : order_) {
    std::size_t column = 0;
    while (column < project.columns.size() && project.columns[column] != key.expression &&
           !same_expression(*project.columns[column], *key.expression)) {
      ++column;
    }
    if (column == project.columns.size()) {
      if (parts_.distinct) {
        return binder_.fail("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION",
                            "42703",
                            key.expression->where,
                            "with SELECT DISTINCT, ORDER BY takes selected columns only");
      }
      project.columns.push_back(key.expression);
      schema.fields.push_back(
          {.name = "sort key", .type = key.expression->type, .nullable = key.expression->nullable});
    }
    key.expression = expr::make_column(column,
                                       schema.fields[column].name,
                                       schema.fields[column].type,
                                       schema.fields[column].nullable,
                                       key.expression->where);
  }
  add_node(std::move(project), schema);
  if (parts_.distinct) {
    add_node(Distinct{}, schema);
  }
  if (!order_.empty()) {
    add_node(Sort{.keys = order_}, schema);
  }
  if (schema.fields.size() != visible.fields.size()) {
    Project shown;
    for (std::size_t column = 0; column < visible.fields.size(); ++column) {
      const data::Field& field = visible.fields[column];
      shown.columns.push_back(expr::make_column(column, field.name, field.type, field.nullable));
    }
    add_node(std::move(shown), visible);
  }
  return {.node = node_, .columns = scope_of(visible, "")};
}

Bound QueryBinder::select(const sql::Select& select, const sql::QueryOrganization* organization) {
  Bound input;
  if (select.from) {
    input = from(*select.from);
  } else {
    input.node = std::make_shared<Node>(Node{.op = Values{.rows = {{}}}, .schema = {}});
  }
  if (input && select.where) {
    input = where(std::move(input), *select.where);
  }
  SelectParts parts{.distinct = select.distinct,
                    .every_column = select.from_first && select.items.empty(),
                    .group_by = select.group_by.get(),
                    .having = select.having.get(),
                    .qualify = select.qualify.get()};
  for (const sql::SelectItem& item : select.items) {
    parts.items.push_back(&item);
  }
  for (const sql::NamedWindow& window : select.windows) {
    parts.windows.push_back(&window);
  }
  return select_from(std::move(input), parts, organization);
}

Bound QueryBinder::select_from(Bound input,
                               const SelectParts& parts,
                               const sql::QueryOrganization* organization) {
  return input ? SelectBinder(*this, input, parts).bind(organization) : Bound{};
}

}  // namespace millrace::plan::detail
