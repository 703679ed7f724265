// SELECT: WHERE, GROUP BY, aggregates, HAVING, the select list, DISTINCT, ORDER BY.
//
// Every expression is bound over the columns of FROM first. An aggregate call becomes a placeholder
// column behind those of FROM; when all items are bound, the aggregation is put together and the
// expressions are rewritten over its output: a subtree that equals a group expression is that group
// column, a placeholder is its aggregate, any other column of FROM is MISSING_AGGREGATION. ORDER BY
// goes the same way, so that it may name what is not selected: such keys become hidden columns.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/suggest.h"
#include "expr/aggregate.h"
#include "expr/bind.h"
#include "plan/definitions.h"
#include "plan/detail/query_binder.h"
#include "plan/detail/rewrite.h"

namespace millrace::plan::detail {

using expr::ExpressionPtr;

namespace {

/// An item of the select list, bound.
struct Item {
  std::string name;
  ExpressionPtr value;
};

/// Binds one SELECT. Owned by one thread.
class SelectBinder final : public ScopeResolver {
 public:
  SelectBinder(QueryBinder& binder, const Bound& input, const sql::Select& select)
      : ScopeResolver(binder, input), select_(select) {}

  Bound bind(const sql::QueryOrganization* organization) {
    if (select_.qualify || !select_.windows.empty()) {
      return binder_.unsupported(
          "a window clause",
          select_.items.empty() ? sql::Position{} : select_.items[0].value->position);
    }
    if (!bind_items() || !bind_groups() || !bind_having() ||
        (organization != nullptr && !bind_order(*organization))) {
      return {};
    }
    node_ = input_.node;
    if (grouped_ && !aggregate()) {
      return {};
    }
    if (having_) {
      add_node(Filter{.condition = having_}, node_->schema);
    }
    return finish();
  }

  /// An aggregate call is a placeholder behind the input's columns.
  expr::Resolved call(const sql::FunctionCall& call,
                      const SourceSpan& where,
                      ExpressionPtr& result) override {
    const std::string name = lower_name(call.name);
    if (call.over || expr::find_aggregate(name) == nullptr) {
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
    return bound ? expr::Resolved::kDone : expr::Resolved::kFailed;
  }

  expr::Resolved column(const sql::Name& name, std::size_t& used, ExpressionPtr& result) override {
    const expr::Resolved found = ScopeResolver::column(name, used, result);
    if (found != expr::Resolved::kNotMine) {
      return found;
    }
    // A later item may use the alias of an earlier one; so may GROUP BY, HAVING and ORDER BY.
    for (const Item& item : items_) {
      if (same_name(item.name, name.parts[0].name)) {
        used = 1;
        result = item.value;
        return expr::Resolved::kDone;
      }
    }
    return expr::Resolved::kNotMine;
  }

 private:
  ExpressionPtr bind_value(const sql::Expression& expression) {
    return expr::bind_expression(
        expression,
        *this,
        {.context = binder_.options().context, .file = binder_.options().file},
        binder_.diagnostics());
  }

  [[nodiscard]] std::size_t input_columns() const { return input_.node->schema.fields.size(); }

  bool bind_items() {
    if (select_.from_first) {
      return add_star(sql::Star{}, {}, items_);
    }
    bool ok = true;
    for (const sql::SelectItem& item : select_.items) {
      ok = bind_item(item) && ok;
    }
    return ok;
  }

  bool bind_item(const sql::SelectItem& item) {
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
    items_.push_back(
        {.name = item.names.empty() ? expr::column_name(*item.value) : item.names[0].name,
         .value = std::move(value)});
    return true;
  }

  // SELECT a, explode(xs): the generator runs below, its columns are items.
  bool bind_generator(const sql::SelectItem& item, const sql::FunctionCall& call) {
    Bound generated = binder_.generate(input_,
                                       {.name = lower_name(call.name),
                                        .arguments = call.arguments,
                                        .names = item.names,
                                        .position = item.value->position});
    if (!generated) {
      return false;
    }
    const std::size_t before = input_.columns.size();
    auto& input = const_cast<Bound&>(input_);
    for (std::size_t column = before; column < generated.columns.size(); ++column) {
      items_.push_back(
          {.name = generated.columns[column].name,
           .value = column_of(
               generated, generated.columns[column], binder_.span(item.value->position))});
      generated.columns[column].hidden = true;
    }
    input = std::move(generated);
    return true;
  }

  bool add_star(const sql::Star& star, const sql::Position& position, std::vector<Item>& items) {
    const auto qualifies = [&](const ScopeColumn& column) {
      return star.qualifier.empty() ? !column.hidden
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
  bool add_struct_star(const sql::Star& star,
                       const sql::Position& position,
                       std::vector<Item>& items) {
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

  bool bind_aggregate(const std::string& name,
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
    result = expr::make_column(kPlaceholder + number, name, aggregate.type, type->nullable, where);
    return true;
  }

  // count(*) has no argument; in any other place a star is the columns that it stands for.
  bool bind_argument(const sql::Expression& argument,
                     const sql::FunctionCall& call,
                     AggregateCall& aggregate) {
    if (const auto* star = argument.as<sql::Star>()) {
      if (aggregate.function == "count" && !call.distinct && star->qualifier.empty() &&
          star->except.empty()) {
        return true;
      }
      std::vector<Item> columns;
      const bool ok = add_star(*star, argument.position, columns);
      for (Item& column : columns) {
        aggregate.args.push_back(std::move(column.value));
      }
      return ok;
    }
    aggregate.args.push_back(bind_value(argument));
    return aggregate.args.back() != nullptr;
  }

  // WITHIN GROUP (ORDER BY e): listagg takes key and direction behind its arguments, the
  // percentiles take the key as their first.
  bool bind_within_group(const sql::FunctionCall& call, AggregateCall& aggregate) {
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

  static bool same_call(const AggregateCall& left, const AggregateCall& right) {
    const auto same = [](const ExpressionPtr& a, const ExpressionPtr& b) {
      return a == b || (a && b && same_expression(*a, *b));
    };
    return left.function == right.function && left.distinct == right.distinct &&
           same(left.filter, right.filter) && std::ranges::equal(left.args, right.args, same);
  }

  bool bind_groups() {
    if (!select_.group_by) {
      return true;
    }
    grouped_ = true;
    if (select_.group_by->with != sql::GroupingSuffix::kNone) {
      binder_.unsupported("WITH ROLLUP and WITH CUBE", select_.group_by->elements[0].position);
      return false;
    }
    bool ok = true;
    for (const sql::GroupingElement& element : select_.group_by->elements) {
      if (element.kind != sql::GroupingKind::kExpression) {
        binder_.unsupported("ROLLUP, CUBE and GROUPING SETS", element.position);
        return false;
      }
      ok = bind_group(*element.sets[0][0]) && ok;
    }
    return ok;
  }

  bool bind_group(const sql::Expression& expression) {
    const auto* literal = expression.as<sql::Literal>();
    ExpressionPtr group;
    if (literal != nullptr && literal->kind == sql::LiteralKind::kInteger) {
      const std::size_t position = std::strtoull(literal->text.c_str(), nullptr, 10);
      if (position < 1 || position > items_.size()) {
        binder_.fail("GROUP_BY_POS_OUT_OF_RANGE",
                     "42805",
                     binder_.span(expression.position),
                     "GROUP BY position " + literal->text + " is not in the select list (1 to " +
                         std::to_string(items_.size()) + ")");
        return false;
      }
      group = items_[position - 1].value;
    } else if (means_all(expression)) {
      for (const Item& item : items_) {
        if (!uses_placeholder(*item.value)) {
          groups_.push_back(item.value);
        }
      }
      return true;
    } else {
      group = bind_value(expression);
    }
    if (!group) {
      return false;
    }
    if (uses_placeholder(*group)) {
      binder_.fail("GROUP_BY_AGGREGATE",
                   "42903",
                   binder_.span(expression.position),
                   "aggregate functions are not allowed in GROUP BY");
      return false;
    }
    groups_.push_back(std::move(group));
    return true;
  }

  static bool uses_placeholder(const expr::Expression& expression) {
    return (expression.kind == expr::ExpressionKind::kColumn && expression.index >= kPlaceholder) ||
           std::ranges::any_of(expression.args,
                               [](const ExpressionPtr& arg) { return uses_placeholder(*arg); });
  }

  bool bind_having() {
    if (!select_.having) {
      return true;
    }
    grouped_ = grouped_ || !calls_.empty();
    having_ = bind_value(*select_.having);
    if (having_ && having_->type.kind() != data::TypeKind::kBoolean) {
      binder_.fail("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN",
                   "42K09",
                   binder_.span(select_.having->position),
                   "HAVING is " + having_->type.to_sql() + ", not BOOLEAN");
      return false;
    }
    return having_ != nullptr;
  }

  bool bind_order(const sql::QueryOrganization& organization) {
    for (const sql::SortItem& item : organization.order_by) {
      if (organization.order_by.size() == 1 && means_all(*item.value)) {
        for (const Item& selected : items_) {
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
  [[nodiscard]] bool means_all(const sql::Expression& expression) const {
    const auto* name = expression.as<sql::ColumnReference>();
    return name != nullptr && name->name.parts.size() == 1 &&
           to_lower(name->name.parts[0].name) == "all" &&
           find_column(input_, name->name.parts).column == nullptr;
  }

  ExpressionPtr order_key(const sql::Expression& expression) {
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
      for (const Item& item : items_) {
        if (same_name(item.name, name->name.parts[0].name)) {
          return item.value;
        }
      }
    }
    return bind_value(expression);
  }

  // Puts the Aggregate together and brings items, HAVING and ORDER BY over its output.
  bool aggregate() {
    Aggregate aggregate{.groups = groups_, .calls = calls_};
    data::Schema schema;
    for (const ExpressionPtr& group : groups_) {
      schema.fields.push_back(
          {.name = group->name, .type = group->type, .nullable = group->nullable});
    }
    for (std::size_t number = 0; number < calls_.size(); ++number) {
      schema.fields.push_back({.name = calls_[number].function,
                               .type = calls_[number].type,
                               .nullable = nullable_[number]});
    }
    add_node(std::move(aggregate), schema);
    bool ok = true;
    for (Item& item : items_) {
      ok = over_aggregate(item.value) && ok;
    }
    if (having_) {
      ok = over_aggregate(having_) && ok;
    }
    for (SortKey& key : order_) {
      ok = over_aggregate(key.expression) && ok;
    }
    return ok;
  }

  bool over_aggregate(ExpressionPtr& value) {
    bool ok = true;
    value = rewrite(value, [&](const ExpressionPtr& node) -> ExpressionPtr {
      for (std::size_t group = 0; group < groups_.size(); ++group) {
        if (groups_[group] == node || same_expression(*groups_[group], *node)) {
          return expr::make_column(group, node->name, node->type, node->nullable, node->where);
        }
      }
      if (node->kind != expr::ExpressionKind::kColumn) {
        return nullptr;
      }
      if (node->index >= kPlaceholder) {
        return expr::make_column(groups_.size() + node->index - kPlaceholder,
                                 node->name,
                                 node->type,
                                 node->nullable,
                                 node->where);
      }
      if (ok && !select_.group_by) {
        ok = false;
        binder_.fail("MISSING_GROUP_BY",
                     "42803",
                     node->where,
                     "The query does not include a GROUP BY clause, which \"" + node->name +
                         "\" needs beside an aggregate function",
                     "add GROUP BY " + node->name + ", or take any_value(" + node->name + ")");
      } else if (ok) {
        ok = false;
        binder_.fail("MISSING_AGGREGATION",
                     "42803",
                     node->where,
                     "The non-aggregating expression \"" + node->name +
                         "\" is based on columns which are not participating in the GROUP BY "
                         "clause",
                     "add it to GROUP BY, or take any_value(" + node->name + ")");
      }
      return node;
    });
    return ok;
  }

  template <class Op>
  void add_node(Op op, const data::Schema& schema) {
    node_ = std::make_shared<Node>(
        Node{.op = std::move(op),
             .schema = schema,
             .inputs = {node_},
             .streaming = node_->streaming,
             .where = binder_.span(select_.items.empty() ? sql::Position{}
                                                         : select_.items[0].value->position)});
  }

  // The projection, DISTINCT, and the order with its hidden columns.
  Bound finish() {
    Project project;
    data::Schema schema;
    for (const Item& item : items_) {
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
        if (select_.distinct) {
          return binder_.fail("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION",
                              "42703",
                              key.expression->where,
                              "with SELECT DISTINCT, ORDER BY takes selected columns only");
        }
        project.columns.push_back(key.expression);
        schema.fields.push_back({.name = "sort key",
                                 .type = key.expression->type,
                                 .nullable = key.expression->nullable});
      }
      key.expression = expr::make_column(column,
                                         schema.fields[column].name,
                                         schema.fields[column].type,
                                         schema.fields[column].nullable,
                                         key.expression->where);
    }
    add_node(std::move(project), schema);
    if (select_.distinct) {
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

  // Placeholders of aggregates are numbered from here.
  static constexpr std::size_t kPlaceholder = std::size_t{1} << 32U;

  const sql::Select& select_;
  std::vector<Item> items_;
  std::vector<ExpressionPtr> groups_;
  std::vector<AggregateCall> calls_;
  std::vector<bool> nullable_;
  ExpressionPtr having_;
  std::vector<SortKey> order_;
  NodePtr node_;
  bool grouped_ = false;
  bool in_aggregate_ = false;
};

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
  if (const auto* in = condition.as<sql::InSubquery>()) {
    return in_subquery(std::move(input), *in, condition.position);
  }
  const sql::Expression* inner = &condition;
  bool negated = false;
  if (const auto* unary = condition.as<sql::Unary>();
      unary != nullptr && unary->op == sql::UnaryOperator::kNot) {
    inner = unary->operand.get();
    negated = true;
  }
  if (const auto* subquery = inner->as<sql::Subquery>();
      subquery != nullptr && subquery->kind == sql::SubqueryKind::kExists) {
    return exists(std::move(input), *subquery->query, negated, condition.position);
  }
  ExpressionPtr bound = scalar(input, condition);
  if (!bound) {
    return {};
  }
  if (bound->type.kind() == data::TypeKind::kString || bound->type.is_void()) {
    bound = expr::bind_cast(bound,
                            data::Type(data::TypeKind::kBoolean),
                            expr::CastMode::kImplicit,
                            span(condition.position),
                            options_.context,
                            diagnostics_);
  }
  if (!bound || bound->type.kind() != data::TypeKind::kBoolean) {
    return bound ? fail("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN",
                        "42K09",
                        span(condition.position),
                        "the condition is " + bound->type.to_sql() + ", not BOOLEAN")
                 : Bound{};
  }
  return filter(std::move(input), std::move(bound), span(condition.position));
}

Bound QueryBinder::in_subquery(Bound input,
                               const sql::InSubquery& in,
                               const sql::Position& position) {
  std::vector<const sql::Expression*> values{in.value.get()};
  if (const auto* row = in.value->as<sql::RowConstructor>()) {
    values.clear();
    for (const sql::ExpressionPtr& value : row->values) {
      values.push_back(value.get());
    }
  }
  Bound right = query(*in.query);
  if (!right) {
    return {};
  }
  if (right.columns.size() != values.size()) {
    return fail("DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH",
                "42K09",
                span(position),
                "IN compares " + std::to_string(values.size()) + " values with " +
                    std::to_string(right.columns.size()) + " columns");
  }
  Join join{.kind = in.negated ? JoinKind::kLeftAnti : JoinKind::kLeftSemi,
            .null_aware = in.negated};
  for (std::size_t column = 0; column < values.size(); ++column) {
    ExpressionPtr left = scalar(input, *values[column]);
    if (!left) {
      return {};
    }
    ExpressionPtr other = column_of(right, right.columns[column], span(position));
    const auto type = expr::common_type(left->type, other->type);
    if (!type) {
      return fail("DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH",
                  "42K09",
                  span(position),
                  "IN compares " + left->type.to_sql() + " with " + other->type.to_sql());
    }
    const auto cast = [&](ExpressionPtr value) {
      return expr::bind_cast(std::move(value),
                             *type,
                             expr::CastMode::kImplicit,
                             span(position),
                             options_.context,
                             diagnostics_);
    };
    join.left_keys.push_back(cast(std::move(left)));
    join.right_keys.push_back(cast(std::move(other)));
    if (!join.left_keys.back() || !join.right_keys.back()) {
      return {};
    }
  }
  const bool streaming = input.node->streaming || right.node->streaming;
  input.node = std::make_shared<Node>(Node{.op = std::move(join),
                                           .schema = input.node->schema,
                                           .inputs = {input.node, right.node},
                                           .streaming = streaming,
                                           .where = span(position)});
  return input;
}

Bound QueryBinder::exists(Bound input,
                          const sql::Query& query,
                          bool negated,
                          const sql::Position& position) {
  const Bound right = this->query(query);
  if (!right) {
    return {};
  }
  const bool streaming = input.node->streaming || right.node->streaming;
  input.node = std::make_shared<Node>(
      Node{.op = Join{.kind = negated ? JoinKind::kLeftAnti : JoinKind::kLeftSemi},
           .schema = input.node->schema,
           .inputs = {input.node, right.node},
           .streaming = streaming,
           .where = span(position)});
  return input;
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
  if (!input) {
    return {};
  }
  return SelectBinder(*this, input, select).bind(organization);
}

}  // namespace millrace::plan::detail
