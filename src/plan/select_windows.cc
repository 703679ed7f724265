// f(…) OVER (PARTITION BY … ORDER BY … frame): calls become special columns; those with the same
// partitions and order share one Window node.
#include <algorithm>
#include <array>
#include <utility>

#include "expr/aggregate.h"
#include "expr/bind.h"
#include "plan/definitions.h"
#include "plan/detail/select_binder.h"

namespace millrace::plan::detail {

using expr::ExpressionPtr;

namespace {

/// What a function needs of its window.
struct WindowFunction {
  std::string_view name;
  std::size_t min_args = 0;
  std::size_t max_args = 0;
  bool framed = false;  ///< It looks at a frame; else at the partition.
};

constexpr std::array kFunctions = {
    WindowFunction{.name = "row_number"},
    WindowFunction{.name = "rank"},
    WindowFunction{.name = "dense_rank"},
    WindowFunction{.name = "percent_rank"},
    WindowFunction{.name = "cume_dist"},
    WindowFunction{.name = "ntile", .max_args = 1},
    WindowFunction{.name = "lag", .min_args = 1, .max_args = 3},
    WindowFunction{.name = "lead", .min_args = 1, .max_args = 3},
    WindowFunction{.name = "nth_value", .min_args = 2, .max_args = 3, .framed = true},
};

const WindowFunction* find_function(std::string_view name) {
  const auto* found = std::ranges::find(kFunctions, name, &WindowFunction::name);
  return found == kFunctions.end() ? nullptr : found;
}

/// Aggregates that look at one row of the frame.
bool takes_one_row(std::string_view name) {
  return name == "first" || name == "first_value" || name == "last" || name == "last_value" ||
         name == "any_value" || name == "nth_value";
}

bool same_expressions(const std::vector<ExpressionPtr>& left,
                      const std::vector<ExpressionPtr>& right) {
  return std::ranges::equal(left, right, [](const ExpressionPtr& a, const ExpressionPtr& b) {
    return a == b || same_expression(*a, *b);
  });
}

bool same_order(const std::vector<SortKey>& left, const std::vector<SortKey>& right) {
  return std::ranges::equal(left, right, [](const SortKey& a, const SortKey& b) {
    return a.ascending == b.ascending && a.nulls_first == b.nulls_first &&
           (a.expression == b.expression || same_expression(*a.expression, *b.expression));
  });
}

// An alias that stands for another window function.
bool uses_window(const ExpressionPtr& value) {
  return any_column(
      *value, [](std::size_t index) { return index >= kWindowColumn && index < kSubqueryColumn; });
}

bool uses_window(const std::vector<ExpressionPtr>& values) {
  return std::ranges::any_of(values, [](const ExpressionPtr& value) { return uses_window(value); });
}

// The n of ntile, the offset of lag, lead and nth_value: a constant; false after a Diagnostic.
bool check_offset(QueryBinder& binder, const WindowCall& call) {
  const std::size_t number = call.function == "ntile" ? 0 : 1;
  if (call.args.size() <= number) {
    return true;
  }
  const ExpressionPtr& offset = call.args[number];
  const bool whole = offset->is_literal() && offset->type.is_integral() && !offset->value.is_null();
  const bool positive = call.function == "ntile" || call.function == "nth_value";
  if (whole && (!positive || offset->value.integer() > 0)) {
    return true;
  }
  binder.fail(
      whole ? "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE" : "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
      "42K09",
      offset->where,
      call.function + " takes a constant whole number" + (positive ? " above 0" : ""));
  return false;
}

// What looks at the partition needs its order and no frame.
bool check_ranking(QueryBinder& binder,
                   const WindowFunction& function,
                   const std::vector<SortKey>& order,
                   const sql::WindowSpecification& window,
                   const SourceSpan& where) {
  const std::string name(function.name);
  if (order.empty()) {
    binder.fail("_LEGACY_ERROR_TEMP_1037",
                "42P20",
                where,
                "Window function " + name +
                    "() requires window to be ordered, please add ORDER BY clause.");
    return false;
  }
  if (window.frame) {
    // Spark takes ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW, which is their own.
    const sql::WindowFrame& frame = *window.frame;
    const bool own = frame.unit == sql::FrameUnit::kRows &&
                     frame.start.kind == sql::FrameBoundKind::kUnboundedPreceding &&
                     frame.end.kind == sql::FrameBoundKind::kCurrentRow;
    if (!own || name == "lag" || name == "lead") {
      binder.fail("_LEGACY_ERROR_TEMP_1035",
                  "42P20",
                  where,
                  "Cannot specify window frame for " + name + " function.");
      return false;
    }
  }
  return true;
}

data::Type rank_type(std::string_view name) {
  const bool ratio = name == "percent_rank" || name == "cume_dist";
  return data::Type(ratio ? data::TypeKind::kDouble : data::TypeKind::kInt);
}

}  // namespace

bool is_window_function(std::string_view name) {
  return find_function(name) != nullptr;
}

// The parts of a window, behind the names that stand for it.
const sql::WindowSpecification* SelectBinder::find_window(const sql::WindowSpecification& window) {
  const sql::WindowSpecification* found = &window;
  for (std::size_t depth = 0; found->name; ++depth) {
    const auto named = std::ranges::find_if(named_windows_, [&](const sql::NamedWindow* each) {
      return same_name(each->name.name, found->name->name);
    });
    if (named == named_windows_.end() || depth > named_windows_.size()) {
      binder_.fail("MISSING_WINDOW_SPECIFICATION",
                   "42P20",
                   binder_.span(found->position),
                   "Window specification is not defined in the WINDOW clause for `" +
                       found->name->name + "`");
      return nullptr;
    }
    found = &(*named)->window;
  }
  return found;
}

bool SelectBinder::bind_over(const std::string& name,
                             const sql::FunctionCall& call,
                             const SourceSpan& where,
                             ExpressionPtr& result) {
  const auto refuse = [&](std::string_view error_class, std::string_view state, std::string text) {
    binder_.fail(error_class, state, where, std::move(text));
    return false;
  };
  const WindowFunction* function = find_function(name);
  if (function == nullptr && expr::find_aggregate(name) == nullptr) {
    return refuse("UNSUPPORTED_EXPR_FOR_WINDOW",
                  "42P20",
                  "Expression \"" + name + "\" not supported within a window function.");
  }
  if (call.distinct) {
    return refuse("DISTINCT_WINDOW_FUNCTION_UNSUPPORTED",
                  "0A000",
                  "Distinct window functions are not supported: " + name + ".");
  }
  if (in_window_ || in_aggregate_ || in_group_) {
    return refuse("_LEGACY_ERROR_TEMP_1049",
                  "42903",
                  "a window function cannot stand in an aggregate, in GROUP BY or in another "
                  "window function; put it in a sub-query");
  }
  const sql::WindowSpecification* window = find_window(*call.over);
  if (window == nullptr) {
    return false;
  }
  in_window_ = true;
  WindowGroup group;
  WindowCall bound{.function = name, .ignore_nulls = call.nulls == sql::NullTreatment::kIgnore};
  bool ok = bind_window_arguments(call, bound);
  for (const sql::ExpressionPtr& value : window->partition_by) {
    group.partition.push_back(bind_value(*value));
    ok = ok && group.partition.back();
  }
  for (const sql::SortItem& item : window->order_by) {
    group.order.push_back(sort_key(item, bind_value(*item.value)));
    ok = ok && group.order.back().expression;
  }
  in_window_ = false;
  if (!ok) {
    return false;
  }
  if (uses_window(bound.args) || uses_window(group.partition) ||
      std::ranges::any_of(group.order,
                          [](const SortKey& key) { return uses_window(key.expression); })) {
    return refuse("UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_WINDOW",
                  "0A000",
                  "an alias in " + name +
                      " stands for another window function; put that in a "
                      "sub-query");
  }
  if (function != nullptr && !function->framed &&
      !check_ranking(binder_, *function, group.order, *window, where)) {
    return false;
  }
  if (!bind_frame(*window, group, where, bound)) {
    return false;
  }
  result = keep_over(std::move(group), std::move(bound), where);
  return true;
}

// The arguments with their types, and the type of the result.
bool SelectBinder::bind_window_arguments(const sql::FunctionCall& call, WindowCall& window) {
  const SourceSpan where = binder_.span(call.name.position);
  AggregateCall unused{.function = window.function};
  for (const sql::Argument& argument : call.arguments) {
    if (!bind_argument(*argument.value, call, unused)) {
      return false;
    }
  }
  window.args = std::move(unused.args);
  if (call.filter) {
    window.filter = bind_value(*call.filter);
    if (!window.filter) {
      return false;
    }
  }
  const WindowFunction* function = find_function(window.function);
  if (function == nullptr) {
    const auto type = expr::bind_aggregate(
        window.function, window.args, where, binder_.options().context, binder_.diagnostics());
    if (!type) {
      return false;
    }
    window.type = type->type;
    // first(x, true) is first(x) IGNORE NULLS.
    if (takes_one_row(window.function) && window.args.size() > 1) {
      const ExpressionPtr& ignores = window.args[1];
      window.ignore_nulls =
          window.ignore_nulls ||
          (ignores->is_literal() && !ignores->value.is_null() && ignores->value.boolean());
      window.args.resize(1);
    }
    return true;
  }
  if (window.args.size() < function->min_args || window.args.size() > function->max_args) {
    binder_.fail("WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
                 "42605",
                 where,
                 "The `" + window.function + "` requires " + std::to_string(function->min_args) +
                     " to " + std::to_string(function->max_args) +
                     " parameters but the actual number is " + std::to_string(window.args.size()));
    return false;
  }
  window.type = function->min_args == 0 ? rank_type(window.function) : window.args[0]->type;
  if (!check_offset(binder_, window)) {
    return false;
  }
  if (window.args.size() == 3 && window.function != "nth_value") {
    window.args[2] = expr::bind_cast(window.args[2],
                                     window.type,
                                     expr::CastMode::kImplicit,
                                     where,
                                     binder_.options().context,
                                     binder_.diagnostics());
  }
  return window.args.empty() || window.args.back() != nullptr;
}

// The default: with an order up to the row and its peers, without one all of the partition.
bool SelectBinder::bind_frame(const sql::WindowSpecification& window,
                              const WindowGroup& group,
                              const SourceSpan& where,
                              WindowCall& call) {
  if (!window.frame) {
    call.end.edge = group.order.empty() ? FrameEdge::kUnboundedFollowing : FrameEdge::kPeers;
    return true;
  }
  const sql::WindowFrame& frame = *window.frame;
  const bool rows = frame.unit == sql::FrameUnit::kRows;
  if (!bind_edge(frame.start, rows, group, call.start) ||
      !bind_edge(frame.end, rows, group, call.end)) {
    return false;
  }
  const bool reversed = call.start.edge == FrameEdge::kUnboundedFollowing ||
                        call.end.edge == FrameEdge::kUnboundedPreceding ||
                        static_cast<int>(frame.start.kind) > static_cast<int>(frame.end.kind) ||
                        (rows && call.start.edge == FrameEdge::kRows &&
                         call.end.edge == FrameEdge::kRows && call.start.rows > call.end.rows);
  if (reversed) {
    binder_.fail("DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_INVALID_BOUND",
                 "42K09",
                 where,
                 "The window frame's end is before its start");
    return false;
  }
  return true;
}

bool SelectBinder::bind_edge(const sql::FrameBound& bound,
                             bool rows,
                             const WindowGroup& group,
                             FrameBound& edge) {
  switch (bound.kind) {
    case sql::FrameBoundKind::kUnboundedPreceding:
      edge.edge = FrameEdge::kUnboundedPreceding;
      return true;
    case sql::FrameBoundKind::kUnboundedFollowing:
      edge.edge = FrameEdge::kUnboundedFollowing;
      return true;
    case sql::FrameBoundKind::kCurrentRow:
      edge.edge = rows ? FrameEdge::kRows : FrameEdge::kPeers;
      return true;
    case sql::FrameBoundKind::kPreceding:
    case sql::FrameBoundKind::kFollowing:
      break;
  }
  const ExpressionPtr offset = bind_value(*bound.value);
  if (!offset) {
    return false;
  }
  const SourceSpan where = binder_.span(bound.value->position);
  const bool preceding = bound.kind == sql::FrameBoundKind::kPreceding;
  if (rows) {
    if (!offset->is_literal() || !offset->type.is_integral() || offset->value.is_null()) {
      binder_.fail("DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE",
                   "42K09",
                   where,
                   "ROWS takes a constant whole number");
      return false;
    }
    edge.edge = FrameEdge::kRows;
    edge.rows = preceding ? -offset->value.integer() : offset->value.integer();
    return true;
  }
  if (group.order.size() != 1) {
    binder_.fail(group.order.empty() ? "DATATYPE_MISMATCH.RANGE_FRAME_WITHOUT_ORDER"
                                     : "DATATYPE_MISMATCH.RANGE_FRAME_MULTI_ORDER",
                 "42K09",
                 where,
                 "A range window frame with a value boundary needs one ORDER BY expression");
    return false;
  }
  const SortKey& key = group.order[0];
  edge.edge = FrameEdge::kValue;
  edge.value = expr::bind_call(preceding == key.ascending ? "-" : "+",
                               {key.expression, offset},
                               where,
                               binder_.options().context,
                               binder_.diagnostics());
  if (edge.value) {
    edge.value = expr::bind_cast(edge.value,
                                 key.expression->type,
                                 expr::CastMode::kImplicit,
                                 where,
                                 binder_.options().context,
                                 binder_.diagnostics());
  }
  return edge.value != nullptr;
}

ExpressionPtr SelectBinder::keep_over(WindowGroup group, WindowCall call, const SourceSpan& where) {
  auto found = std::ranges::find_if(windows_, [&](const WindowGroup& each) {
    return same_expressions(each.partition, group.partition) && same_order(each.order, group.order);
  });
  if (found == windows_.end()) {
    windows_.push_back(std::move(group));
    found = windows_.end() - 1;
  }
  const data::Type type = call.type;
  const bool nullable = !(is_window_function(call.function) && call.args.size() < 2 &&
                          call.function != "lag" && call.function != "lead") &&
                        call.function != "count";
  const std::string name = call.function;
  found->calls.push_back(std::move(call));
  found->numbers.push_back(window_calls_);
  return expr::make_column(kWindowColumn + window_calls_++, name, type, nullable, where);
}

void SelectBinder::add_windows() {
  std::vector<std::size_t> columns(window_calls_);
  for (const WindowGroup& group : windows_) {
    data::Schema schema = node_->schema;
    for (std::size_t call = 0; call < group.calls.size(); ++call) {
      columns[group.numbers[call]] = schema.fields.size();
      schema.fields.push_back({.name = group.calls[call].function, .type = group.calls[call].type});
    }
    add_node(Window{.partition = group.partition, .order = group.order, .calls = group.calls},
             schema);
  }
  windows_.clear();
  each_expression([&](ExpressionPtr& value) {
    value = rewrite(value, [&](const ExpressionPtr& node) -> ExpressionPtr {
      const bool window = node->kind == expr::ExpressionKind::kColumn &&
                          node->index >= kWindowColumn && node->index < kSubqueryColumn;
      return window ? expr::make_column(columns[node->index - kWindowColumn],
                                        node->name,
                                        node->type,
                                        node->nullable,
                                        node->where)
                    : nullptr;
    });
  });
}

}  // namespace millrace::plan::detail
