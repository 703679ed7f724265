// SELECT: WHERE, GROUP BY, aggregates, HAVING, windows, the select list, DISTINCT, ORDER BY.
//
// Every expression is bound over the columns of FROM first. What is computed later than FROM is a
// special column there (rewrite.h): an aggregate call, a call OVER a window, a subquery,
// grouping(). When all is bound, the nodes are put on top of each other and the expressions are
// rewritten over each: over an aggregation a subtree that equals a group expression is that group
// column, an aggregate's special column is its result, any other column of FROM is
// MISSING_AGGREGATION. ORDER BY goes the same way, so that it may name what is not selected: such
// keys become hidden columns.
//
//   FROM, WHERE → time windows → (Expand for grouping sets) Aggregate → subqueries → HAVING →
//   Window → QUALIFY → Project → Distinct → Sort
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/detail/query_binder.h"
#include "plan/detail/rewrite.h"

namespace millrace::plan::detail {

/// An item of the select list, bound.
struct SelectedItem {
  std::string name;
  expr::ExpressionPtr value;
};

/// Binds one SELECT over what its FROM and WHERE gave. Owned by one thread.
class SelectBinder final : public ScopeResolver {
 public:
  SelectBinder(QueryBinder& binder, Bound& input, const SelectParts& parts)
      : ScopeResolver(binder, input), from_(input), parts_(parts) {}

  Bound bind(const sql::QueryOrganization* organization);

  expr::Resolved call(const sql::FunctionCall& call,
                      const SourceSpan& where,
                      expr::ExpressionPtr& result) override;
  expr::Resolved column(const sql::Name& name,
                        std::size_t& used,
                        expr::ExpressionPtr& result) override;
  expr::Resolved subquery(const sql::Query& query,
                          sql::SubqueryKind kind,
                          const SourceSpan& where,
                          expr::ExpressionPtr& result) override;
  expr::Resolved in_subquery(const sql::InSubquery& in,
                             const SourceSpan& where,
                             expr::ExpressionPtr& result) override;

 private:
  /// grouping(a, …) and grouping_id(…), until the groups are known.
  struct GroupingCall {
    std::string name = {};
    std::vector<expr::ExpressionPtr> args = {};
    SourceSpan where = {};
  };

  /// Calls with the same partitions and order.
  struct WindowGroup {
    std::vector<expr::ExpressionPtr> partition = {};
    std::vector<SortKey> order = {};
    std::vector<WindowCall> calls = {};
    std::vector<std::size_t> numbers = {};  ///< Of the calls: their special columns.
  };

  expr::ExpressionPtr bind_value(const sql::Expression& expression);
  [[nodiscard]] SourceSpan place() const;

  // select_binder.cc: the select list, aggregates, order.
  bool bind_items();
  bool bind_item(const sql::SelectItem& item);
  std::string item_name(const sql::Expression& value);
  bool bind_generator(const sql::SelectItem& item, const sql::FunctionCall& call);
  bool add_star(const sql::Star& star,
                const sql::Position& position,
                std::vector<SelectedItem>& items);
  bool add_struct_star(const sql::Star& star,
                       const sql::Position& position,
                       std::vector<SelectedItem>& items);
  bool bind_aggregate(const std::string& name,
                      const sql::FunctionCall& call,
                      const SourceSpan& where,
                      expr::ExpressionPtr& result);
  bool bind_argument(const sql::Expression& argument,
                     const sql::FunctionCall& call,
                     AggregateCall& aggregate);
  bool bind_within_group(const sql::FunctionCall& call, AggregateCall& aggregate);
  bool bind_row_number(const SourceSpan& where, expr::ExpressionPtr& result);
  bool bind_condition(const sql::Expression* condition,
                      std::string_view clause,
                      expr::ExpressionPtr& result);
  bool bind_order(const sql::QueryOrganization& organization);
  [[nodiscard]] bool means_all(const sql::Expression& expression) const;
  expr::ExpressionPtr order_key(const sql::Expression& expression);
  bool attach_subqueries();
  bool bring_over_aggregate(Subplan& plan);
  void each_expression(const std::function<void(expr::ExpressionPtr&)>& visit);
  Bound finish();

  // select_groups.cc: GROUP BY, time windows.
  bool bind_time_windows();
  bool time_window(const std::string& name,
                   const sql::FunctionCall& call,
                   const SourceSpan& where,
                   expr::ExpressionPtr& result);
  bool add_time_window(const expr::ExpressionPtr& call);
  bool bind_groups();
  bool bind_group(const sql::Expression& expression, std::vector<std::size_t>& set);
  bool bind_element(const sql::GroupingElement& element,
                    std::vector<std::vector<std::size_t>>& sets);
  void vary_sets(sql::GroupingKind kind,
                 const std::vector<std::vector<std::size_t>>& written,
                 std::vector<std::vector<std::size_t>>& sets);
  bool bind_set(const std::vector<sql::ExpressionPtr>& expressions, std::vector<std::size_t>& set);
  bool combine_sets(const std::vector<std::vector<std::size_t>>& sets);
  std::size_t group_number(expr::ExpressionPtr group);
  std::vector<expr::ExpressionPtr> expand_sets();
  std::vector<expr::ExpressionPtr> merge_sessions(std::vector<expr::ExpressionPtr> groups);
  bool bind_grouping(const std::string& name,
                     const sql::FunctionCall& call,
                     const SourceSpan& where,
                     expr::ExpressionPtr& result);
  expr::ExpressionPtr grouping_value(const GroupingCall& call);
  bool aggregate();
  bool over_aggregate(expr::ExpressionPtr& value);
  void refuse_column(const expr::Expression& column);

  // select_windows.cc: OVER.
  bool bind_over(const std::string& name,
                 const sql::FunctionCall& call,
                 const SourceSpan& where,
                 expr::ExpressionPtr& result);
  const sql::WindowSpecification* find_window(const sql::WindowSpecification& window);
  bool bind_window_arguments(const sql::FunctionCall& call, WindowCall& window);
  bool bind_frame(const sql::WindowSpecification& window,
                  const WindowGroup& group,
                  const SourceSpan& where,
                  WindowCall& call);
  bool bind_edge(const sql::FrameBound& bound,
                 bool rows,
                 const WindowGroup& group,
                 FrameBound& edge);
  expr::ExpressionPtr keep_over(WindowGroup group, WindowCall call, const SourceSpan& where);
  void add_windows();

  expr::ExpressionPtr keep_subquery(Subplan plan);

  template <class Op>
  void add_node(Op op, const data::Schema& schema) {
    node_ = std::make_shared<Node>(Node{.op = std::move(op),
                                        .schema = schema,
                                        .inputs = {node_},
                                        .streaming = node_->streaming,
                                        .where = place()});
  }

  Bound& from_;
  const SelectParts& parts_;
  std::vector<const sql::NamedWindow*> named_windows_;
  std::vector<SelectedItem> items_;
  std::vector<expr::ExpressionPtr> groups_;
  // The grouping sets, as numbers of groups; one set of all groups unless `expanded_`.
  std::vector<std::vector<std::size_t>> sets_;
  bool expanded_ = false;
  std::size_t extra_groups_ = 0;  // Behind the groups: grouping id, number of the set.
  std::vector<GroupingCall> groupings_;
  std::vector<AggregateCall> calls_;
  std::vector<bool> nullable_;  // Of calls_.
  std::vector<WindowGroup> windows_;
  std::size_t window_calls_ = 0;
  std::vector<Subplan> subqueries_;
  expr::ExpressionPtr time_window_call_;  // The one window(…) or session_window(…), as a call.
  expr::ExpressionPtr time_window_;       // Its column.
  bool session_ = false;
  expr::ExpressionPtr having_;
  expr::ExpressionPtr qualify_;
  std::vector<SortKey> order_;
  NodePtr node_;
  bool grouped_ = false;
  bool in_aggregate_ = false;
  bool in_group_ = false;
  bool in_window_ = false;
};

}  // namespace millrace::plan::detail
