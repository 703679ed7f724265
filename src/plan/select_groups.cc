// GROUP BY with its grouping sets, and the windows of time.
//
// GROUPING SETS, ROLLUP and CUBE are an Expand below the aggregation, as in Spark: each row once a
// set, with the groups that the set lacks as nulls, and the number of the set's missing groups, in
// binary, behind them (grouping_id). grouping(a) is one bit of it.
//
// window(ts, …) is a column of FROM from there on: rows without a time are dropped, a sliding
// window gives a row as often as there are windows that hold it, and a session window is merged
// with those of its group before the groups are made.
#include <algorithm>
#include <utility>

#include "expr/aggregate.h"
#include "expr/bind.h"
#include "expr/window_function.h"
#include "plan/definitions.h"
#include "plan/detail/select_binder.h"

namespace millrace::plan::detail {

using expr::ExpressionPtr;

namespace {

// As many sets as ROLLUP and CUBE of a few columns have; Spark's limit of CUBE is 2^64.
constexpr std::size_t kGroupingSetsMax = 4096;
constexpr std::size_t kSlidingWindowsMax = 10'000;

bool is_column(const expr::Expression& expression, std::size_t from, std::size_t until) {
  return expression.kind == expr::ExpressionKind::kColumn && expression.index >= from &&
         expression.index < until;
}

bool uses_aggregate(const expr::Expression& expression) {
  return any_column(expression, [](std::size_t index) {
    return index >= kAggregateColumn && index < kSubqueryColumn;
  });
}

ExpressionPtr whole_number(std::int64_t value) {
  return expr::make_literal(data::Type(data::TypeKind::kBigInt), data::Value(value));
}

}  // namespace

// Windows of time are bound before the items, which may name their column.
bool SelectBinder::bind_time_windows() {
  std::vector<const sql::Expression*> places;
  places.insert(places.end(), parts_.keys.begin(), parts_.keys.end());
  if (parts_.group_by != nullptr) {
    for (const sql::GroupingElement& element : parts_.group_by->elements) {
      for (const auto& set : element.sets) {
        for (const sql::ExpressionPtr& value : set) {
          places.push_back(value.get());
        }
      }
    }
  }
  for (const sql::SelectItem* item : parts_.items) {
    places.push_back(item->value.get());
  }
  for (const sql::Expression* place : places) {
    const auto* call = place->as<sql::FunctionCall>();
    if (call == nullptr || call->over) {
      continue;
    }
    const std::string name = lower_name(call->name);
    ExpressionPtr column;
    if (((name == "window" && call->arguments.size() >= 2) || name == "session_window") &&
        !time_window(name, *call, binder_.span(place->position), column)) {
      return false;
    }
  }
  return true;
}

bool SelectBinder::time_window(const std::string& name,
                               const sql::FunctionCall& call,
                               const SourceSpan& where,
                               ExpressionPtr& result) {
  std::vector<ExpressionPtr> args;
  for (const sql::Argument& argument : call.arguments) {
    args.push_back(bind_value(*argument.value));
    if (!args.back()) {
      return false;
    }
  }
  // A call over constants would be folded: its time stands behind a column while it is bound.
  const bool constant = !args.empty() && args[0]->is_literal();
  ExpressionPtr time = args.empty() ? nullptr : args[0];
  if (constant) {
    args[0] = expr::make_column(kSpecialColumns, "time", time->type, true, where);
  }
  ExpressionPtr bound = expr::bind_call(
      name, std::move(args), where, binder_.options().context, binder_.diagnostics());
  if (!bound) {
    return false;
  }
  if (constant) {
    bound = rewrite(bound, [&](const ExpressionPtr& node) -> ExpressionPtr {
      return is_column(*node, kSpecialColumns, kSpecialColumns + 1) ? time : nullptr;
    });
  }
  if (!time_window_call_) {
    time_window_call_ = bound;
    session_ = name == "session_window";
    if (!add_time_window(bound)) {
      return false;
    }
  } else if (!same_expression(*time_window_call_, *bound)) {
    binder_.fail("_LEGACY_ERROR_TEMP_1039",
                 "0A000",
                 where,
                 "Multiple time/session window expressions would result in a cartesian product of "
                 "rows, therefore they are currently not supported.",
                 "a SELECT can have one window(…) or session_window(…)");
    return false;
  }
  result = time_window_;
  return true;
}

// FROM with the window as one column more, a row for each window that holds its time.
bool SelectBinder::add_time_window(const ExpressionPtr& call) {
  const auto& window = static_cast<const expr::WindowData&>(*call->resolution.data);
  const std::int64_t count =
      session_ || window.slide == 0 ? 1 : (window.duration + window.slide - 1) / window.slide;
  if (count > static_cast<std::int64_t>(kSlidingWindowsMax)) {
    binder_.fail("DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
                 "42K09",
                 call->where,
                 "a row would be in " + std::to_string(count) + " windows, at most " +
                     std::to_string(kSlidingWindowsMax) + " are possible",
                 "take a longer slide");
    return false;
  }
  data::Schema schema = from_.node->schema;
  const std::size_t number = schema.fields.size();
  std::vector<ExpressionPtr> columns;
  for (std::size_t column = 0; column < number; ++column) {
    const data::Field& field = schema.fields[column];
    columns.push_back(expr::make_column(column, field.name, field.type, field.nullable));
  }
  const std::string name = session_ ? "session_window" : "window";
  schema.fields.push_back({.name = name, .type = call->type, .nullable = true});
  Expand expand;
  for (std::int64_t back = count - 1; back >= 0; --back) {
    ExpressionPtr value = call;
    if (count > 1) {
      auto copy = std::make_shared<expr::Expression>(*call);
      auto earlier = std::make_shared<expr::WindowData>();
      earlier->duration = window.duration;
      earlier->slide = window.slide;
      earlier->start = window.start;
      earlier->back = back;
      copy->resolution.data = std::move(earlier);
      value = std::move(copy);
    }
    expand.projections.push_back(columns);
    expand.projections.back().push_back(std::move(value));
  }
  node_ = from_.node;
  if (count == 1) {
    add_node(Project{.columns = std::move(expand.projections[0])}, schema);
  } else {
    add_node(std::move(expand), schema);
  }
  from_.node = node_;
  time_window_ = expr::make_column(number, name, call->type, true, call->where);
  ExpressionPtr there = expr::bind_call(
      "isnotnull", {time_window_}, call->where, binder_.options().context, binder_.diagnostics());
  from_ = binder_.filter(std::move(from_), std::move(there), call->where);
  from_.columns.push_back({.name = name, .index = number, .computed = true});
  return true;
}

bool SelectBinder::bind_groups() {
  if (!parts_.has_groups()) {
    return true;
  }
  grouped_ = true;
  in_group_ = true;
  bool ok = true;
  sets_ = {{}};
  for (const sql::Expression* key : parts_.keys) {
    ok = bind_group(*key, sets_[0]) && ok;
  }
  if (parts_.group_by != nullptr) {
    std::vector<std::vector<std::size_t>> all;
    const bool varied = parts_.group_by->with != sql::GroupingSuffix::kNone;
    for (const sql::GroupingElement& element : parts_.group_by->elements) {
      std::vector<std::vector<std::size_t>> sets;
      ok = bind_element(element, sets) && (varied || combine_sets(sets)) && ok;
      all.insert(all.end(), sets.begin(), sets.end());
    }
    if (varied) {
      std::vector<std::vector<std::size_t>> sets;
      vary_sets(parts_.group_by->with == sql::GroupingSuffix::kRollup ? sql::GroupingKind::kRollup
                                                                      : sql::GroupingKind::kCube,
                all,
                sets);
      ok = combine_sets(sets) && ok;
    }
  }
  in_group_ = false;
  return ok;
}

// GROUP BY a, ROLLUP (b, c): every set of one element with every set of the others.
bool SelectBinder::combine_sets(const std::vector<std::vector<std::size_t>>& sets) {
  std::vector<std::vector<std::size_t>> product;
  for (const auto& before : sets_) {
    for (const auto& set : sets) {
      product.push_back(before);
      for (const std::size_t group : set) {
        if (std::ranges::find(product.back(), group) == product.back().end()) {
          product.back().push_back(group);
        }
      }
    }
  }
  sets_ = std::move(product);
  if (sets_.size() > kGroupingSetsMax) {
    binder_.fail("GROUPING_SIZE_LIMIT_EXCEEDED",
                 "54000",
                 binder_.span(parts_.group_by->elements[0].position),
                 "there are " + std::to_string(sets_.size()) + " grouping sets, at most " +
                     std::to_string(kGroupingSetsMax) + " are possible");
    return false;
  }
  return true;
}

bool SelectBinder::bind_element(const sql::GroupingElement& element,
                                std::vector<std::vector<std::size_t>>& sets) {
  std::vector<std::vector<std::size_t>> written;
  for (const auto& set : element.sets) {
    if (!bind_set(set, written.emplace_back())) {
      return false;
    }
  }
  if (element.kind == sql::GroupingKind::kExpression) {
    sets = std::move(written);
    return true;
  }
  if (element.kind != sql::GroupingKind::kGroupingSets) {
    vary_sets(element.kind, written, sets);
    return true;
  }
  expanded_ = true;
  sets = std::move(written);
  for (const sql::GroupingElement& inner : element.elements) {
    std::vector<std::vector<std::size_t>> more;
    if (!bind_element(inner, more)) {
      return false;
    }
    sets.insert(sets.end(), more.begin(), more.end());
  }
  return true;
}

// ROLLUP and CUBE: all of them first, none last.
void SelectBinder::vary_sets(sql::GroupingKind kind,
                             const std::vector<std::vector<std::size_t>>& written,
                             std::vector<std::vector<std::size_t>>& sets) {
  expanded_ = true;
  const bool rollup = kind == sql::GroupingKind::kRollup;
  const std::size_t count = written.size();
  if (!rollup && count > 12) {
    sets.resize(kGroupingSetsMax + 1);  // combine_sets() refuses them.
    return;
  }
  // ROLLUP drops from the right; the lowest bit of CUBE's number is the last.
  const std::size_t subsets = rollup ? count + 1 : std::size_t{1} << count;
  for (std::size_t left_out = 0; left_out < subsets; ++left_out) {
    auto& set = sets.emplace_back();
    for (std::size_t at = 0; at < count; ++at) {
      const bool in = rollup ? at + left_out < count : ((left_out >> (count - 1 - at)) & 1U) == 0;
      if (in) {
        set.insert(set.end(), written[at].begin(), written[at].end());
      }
    }
  }
}

bool SelectBinder::bind_set(const std::vector<sql::ExpressionPtr>& expressions,
                            std::vector<std::size_t>& set) {
  bool ok = true;
  for (const sql::ExpressionPtr& expression : expressions) {
    ok = bind_group(*expression, set) && ok;
  }
  return ok;
}

std::size_t SelectBinder::group_number(ExpressionPtr group) {
  for (std::size_t number = 0; number < groups_.size(); ++number) {
    if (groups_[number] == group || same_expression(*groups_[number], *group)) {
      return number;
    }
  }
  groups_.push_back(std::move(group));
  return groups_.size() - 1;
}

bool SelectBinder::bind_group(const sql::Expression& expression, std::vector<std::size_t>& set) {
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
    for (const SelectedItem& item : items_) {
      if (!uses_aggregate(*item.value)) {
        set.push_back(group_number(item.value));
      }
    }
    return true;
  } else {
    group = bind_value(expression);
  }
  if (!group) {
    return false;
  }
  if (any_column(*group, [](std::size_t index) {
        return index >= kSubqueryColumn && index < kOuterColumn;
      })) {
    binder_.unsupported("GROUP BY a select item that holds a subquery", expression.position);
    return false;
  }
  if (uses_aggregate(*group)) {
    binder_.fail("GROUP_BY_AGGREGATE",
                 "42903",
                 binder_.span(expression.position),
                 "aggregate functions are not allowed in GROUP BY");
    return false;
  }
  set.push_back(group_number(std::move(group)));
  return true;
}

// The groups over an Expand of FROM: a copy of each for every set, then the number of the groups
// that the set lacks and, where two sets are alike, the number of the set.
std::vector<ExpressionPtr> SelectBinder::expand_sets() {
  data::Schema schema = from_.node->schema;
  const std::size_t width = schema.fields.size();
  std::vector<ExpressionPtr> columns;
  for (std::size_t column = 0; column < width; ++column) {
    const data::Field& field = schema.fields[column];
    columns.push_back(expr::make_column(column, field.name, field.type, field.nullable));
  }
  Expand expand;
  std::vector<std::int64_t> ids;
  for (const auto& set : sets_) {
    auto& projection = expand.projections.emplace_back(columns);
    std::int64_t id = 0;
    for (std::size_t group = 0; group < groups_.size(); ++group) {
      const bool in = std::ranges::find(set, group) != set.end();
      projection.push_back(in ? groups_[group]
                              : expr::make_literal(groups_[group]->type, data::Value()));
      id = 2 * id + (in ? 0 : 1);
    }
    projection.push_back(whole_number(id));
    ids.push_back(id);
  }
  std::ranges::sort(ids);
  extra_groups_ = 1;
  if (std::ranges::adjacent_find(ids) != ids.end()) {
    extra_groups_ = 2;
    for (std::size_t set = 0; set < sets_.size(); ++set) {
      expand.projections[set].push_back(whole_number(static_cast<std::int64_t>(set)));
    }
  }
  for (const ExpressionPtr& group : groups_) {
    schema.fields.push_back({.name = group->name, .type = group->type, .nullable = true});
  }
  for (std::size_t extra = 0; extra < extra_groups_; ++extra) {
    schema.fields.push_back({.name = extra == 0 ? "spark_grouping_id" : "_gen_grouping_pos",
                             .type = data::Type(data::TypeKind::kBigInt),
                             .nullable = false});
  }
  add_node(std::move(expand), schema);
  std::vector<ExpressionPtr> groups;
  for (std::size_t column = width; column < schema.fields.size(); ++column) {
    const data::Field& field = schema.fields[column];
    groups.push_back(expr::make_column(column, field.name, field.type, field.nullable));
  }
  return groups;
}

// Sessions of one group that touch become one before the rows are grouped.
std::vector<ExpressionPtr> SelectBinder::merge_sessions(std::vector<ExpressionPtr> groups) {
  MergeSessions sessions{.column = time_window_->index};
  bool grouped = false;
  for (const ExpressionPtr& group : groups) {
    if (same_expression(*group, *time_window_)) {
      grouped = true;
    } else {
      sessions.keys.push_back(group);
    }
  }
  if (grouped) {
    add_node(std::move(sessions), node_->schema);
  }
  return groups;
}

bool SelectBinder::bind_grouping(const std::string& name,
                                 const sql::FunctionCall& call,
                                 const SourceSpan& where,
                                 ExpressionPtr& result) {
  if (!parts_.has_groups()) {
    binder_.fail("UNSUPPORTED_GROUPING_EXPRESSION",
                 "42K0E",
                 where,
                 name + "() can only be used with GROUPING SETS, ROLLUP or CUBE");
    return false;
  }
  GroupingCall grouping{.name = name, .where = where};
  for (const sql::Argument& argument : call.arguments) {
    grouping.args.push_back(bind_value(*argument.value));
    if (!grouping.args.back()) {
      return false;
    }
  }
  if (name == "grouping" && grouping.args.size() != 1) {
    binder_.fail("WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
                 "42605",
                 where,
                 "The `grouping` requires 1 parameters but the actual number is " +
                     std::to_string(grouping.args.size()));
    return false;
  }
  result = expr::make_column(
      kGroupingColumn + groupings_.size(),
      name,
      data::Type(name == "grouping" ? data::TypeKind::kTinyInt : data::TypeKind::kBigInt),
      /*nullable=*/false,
      where);
  groupings_.push_back(std::move(grouping));
  return true;
}

// grouping(a): its bit of the grouping id; grouping_id(): all of it.
ExpressionPtr SelectBinder::grouping_value(const GroupingCall& call) {
  if (!expanded_) {
    binder_.fail("UNSUPPORTED_GROUPING_EXPRESSION",
                 "42K0E",
                 call.where,
                 call.name + "() can only be used with GROUPING SETS, ROLLUP or CUBE");
    return nullptr;
  }
  const auto number_of = [&](const ExpressionPtr& arg) {
    std::size_t number = 0;
    while (number < groups_.size() && !same_expression(*groups_[number], *arg)) {
      ++number;
    }
    return number;
  };
  ExpressionPtr id = expr::make_column(groups_.size(),
                                       "spark_grouping_id",
                                       data::Type(data::TypeKind::kBigInt),
                                       /*nullable=*/false,
                                       call.where);
  if (call.name == "grouping_id") {
    bool all = call.args.empty() || call.args.size() == groups_.size();
    for (std::size_t at = 0; all && at < call.args.size(); ++at) {
      all = number_of(call.args[at]) == at;
    }
    if (!all) {
      binder_.fail("GROUPING_ID_COLUMN_MISMATCH",
                   "42803",
                   call.where,
                   "the columns of grouping_id do not match the grouping columns",
                   "write grouping_id(), or name all of them in their order");
      return nullptr;
    }
    return id;
  }
  const std::size_t number = number_of(call.args[0]);
  if (number == groups_.size()) {
    binder_.fail("GROUPING_COLUMN_MISMATCH",
                 "42803",
                 call.where,
                 "Column of grouping (" + expr::to_sql(*call.args[0]) +
                     ") can't be found in the grouping columns");
    return nullptr;
  }
  const expr::BindContext& context = binder_.options().context;
  ExpressionPtr bit = expr::bind_call(
      ">>",
      {std::move(id),
       expr::make_literal(data::Type(data::TypeKind::kInt),
                          data::Value(static_cast<std::int64_t>(groups_.size() - 1 - number)))},
      call.where,
      context,
      binder_.diagnostics());
  bit = expr::bind_call(
      "&", {std::move(bit), whole_number(1)}, call.where, context, binder_.diagnostics());
  return expr::bind_cast(std::move(bit),
                         data::Type(data::TypeKind::kTinyInt),
                         expr::CastMode::kImplicit,
                         call.where,
                         context,
                         binder_.diagnostics());
}

// Puts the Aggregate together and brings what stands above it over its output.
bool SelectBinder::aggregate() {
  Aggregate aggregate{.groups = expanded_ ? expand_sets() : groups_, .calls = calls_};
  if (session_) {
    aggregate.groups = merge_sessions(std::move(aggregate.groups));
  }
  data::Schema schema;
  for (const ExpressionPtr& group : aggregate.groups) {
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
  each_expression([&](ExpressionPtr& value) { ok = over_aggregate(value) && ok; });
  return ok;
}

bool SelectBinder::over_aggregate(ExpressionPtr& value) {
  bool ok = true;
  value = rewrite(value, [&](const ExpressionPtr& node) -> ExpressionPtr {
    for (std::size_t group = 0; group < groups_.size(); ++group) {
      if (groups_[group] == node || same_expression(*groups_[group], *node)) {
        return expr::make_column(
            group, node->name, node->type, node->nullable || expanded_, node->where);
      }
    }
    if (is_column(*node, kAggregateColumn, kWindowColumn)) {
      return expr::make_column(groups_.size() + extra_groups_ + node->index - kAggregateColumn,
                               node->name,
                               node->type,
                               node->nullable,
                               node->where);
    }
    if (is_column(*node, kGroupingColumn, kOuterColumn)) {
      ExpressionPtr grouping = grouping_value(groupings_[node->index - kGroupingColumn]);
      ok = ok && grouping;
      return grouping ? grouping : node;
    }
    if (!is_column(*node, 0, kSpecialColumns)) {
      return nullptr;
    }
    if (ok) {
      refuse_column(*node);
    }
    ok = false;
    return node;
  });
  return ok;
}

void SelectBinder::refuse_column(const expr::Expression& column) {
  if (!parts_.has_groups()) {
    binder_.fail("MISSING_GROUP_BY",
                 "42803",
                 column.where,
                 "The query does not include a GROUP BY clause, which \"" + column.name +
                     "\" needs beside an aggregate function",
                 "add GROUP BY " + column.name + ", or take any_value(" + column.name + ")");
    return;
  }
  binder_.fail("MISSING_AGGREGATION",
               "42803",
               column.where,
               "The non-aggregating expression \"" + column.name +
                   "\" is based on columns which are not participating in the GROUP BY clause",
               "add it to GROUP BY, or take any_value(" + column.name + ")");
}

}  // namespace millrace::plan::detail
