// Binds a query: one object a query with its CTEs, methods in several files by the clause they bind
// (relation_binder.cc: FROM; select_binder.cc: SELECT, WHERE, GROUP BY, HAVING; query_binder.cc:
// the rest). Every method returns something empty after it added a Diagnostic.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "expr/bind_ast.h"
#include "plan/binder.h"
#include "plan/detail/scope.h"
#include "sql/query_ast.h"

namespace millrace::plan::detail {

/// The clauses of a SELECT, or of a pipe operator that is like one. Borrows the tree.
struct SelectParts {
  bool distinct = false;
  bool every_column = false;  ///< All columns, before the items.
  std::vector<const sql::SelectItem*> items = {};
  const sql::GroupBy* group_by = nullptr;
  std::vector<const sql::Expression*> keys = {};  ///< Of |> AGGREGATE … GROUP BY
  const sql::Expression* having = nullptr;
  const sql::Expression* qualify = nullptr;
  std::vector<const sql::NamedWindow*> windows = {};

  [[nodiscard]] bool has_groups() const { return group_by != nullptr || !keys.empty(); }
};

enum class SubplanKind : std::uint8_t {
  kScalar,
  kExists,
  kIn,
  kLateral  ///< JOIN LATERAL: a relation.
};

/// A subquery of an expression: its plan without references to the query around, which stand in
/// `conditions` instead. kScalar, kIn: its values are the first columns.
struct Subplan {
  SubplanKind kind = SubplanKind::kScalar;
  NodePtr node = {};
  /// Over the columns of `node`; the column kOuterColumn + i is `outer[i]`.
  std::vector<expr::ExpressionPtr> conditions = {};
  std::vector<expr::ExpressionPtr> outer = {};  ///< Over the query around.
  std::vector<expr::ExpressionPtr> left = {};   ///< kIn: over the query around.
  /// kScalar, kLateral: its row where no row fulfils the conditions; empty: there is none.
  std::vector<expr::ExpressionPtr> empty = {};
  bool negated = false;
  data::Type type = {};
  SourceSpan where = {};
};

/// Owned by one thread.
class QueryBinder {
 public:
  QueryBinder(RelationResolver& resolver, const BindOptions& options, Diagnostics& diagnostics)
      : resolver_(resolver), options_(options), diagnostics_(diagnostics) {}

  Bound query(const sql::Query& query);

  // Used by the clause binders.
  Bound relation(const sql::Relation& relation);
  Bound from(const sql::FromClause& from);
  Bound lateral_view(const Bound& input, const sql::LateralView& view);
  Bound select(const sql::Select& select, const sql::QueryOrganization* organization);
  Bound values(const std::vector<sql::ExpressionPtr>& rows, const sql::Position& position);
  Bound join(Bound left, Bound right, const sql::JoinPart& part);
  /// A condition over `input`: a Filter, semi joins for IN and EXISTS.
  Bound where(Bound input, const sql::Expression& condition);
  Bound filter(Bound input, expr::ExpressionPtr condition, const SourceSpan& where);
  Bound limit(Bound input, const sql::QueryOrganization& organization);

  [[nodiscard]] SourceSpan span(const sql::Position& position) const {
    return sql::to_span(position, options_.file);
  }

  [[nodiscard]] const BindOptions& options() const { return options_; }

  Diagnostics& diagnostics() { return diagnostics_; }

  Bound fail(std::string_view error_class,
             std::string_view sqlstate,
             const SourceSpan& where,
             std::string message,
             std::string help = {});
  Bound unsupported(std::string_view what, const sql::Position& position);

  /// Binds an expression whose only names are the columns of `input`.
  expr::ExpressionPtr scalar(const Bound& input, const sql::Expression& expression);

  struct GeneratorCall {
    std::string name;  ///< In lower case.
    const std::vector<sql::Argument>& arguments;
    bool outer = false;
    std::string qualifier = {};
    std::vector<sql::Identifier> names = {};  ///< Of its columns; empty: those it gives itself.
    const sql::Position& position;
  };

  /// A generator call over `input`: the node and its new columns' names.
  Bound generate(const Bound& input, const GeneratorCall& call);

  static bool is_generator(std::string_view lower_name);

  // Subqueries (subquery.cc, decorrelate.cc). `outer`: the query around, whose columns they see.
  std::optional<Subplan> subplan(const Bound& outer,
                                 const sql::Query& query,
                                 sql::SubqueryKind kind,
                                 const SourceSpan& where);
  std::optional<Subplan> in_subplan(const Bound& outer,
                                    const sql::InSubquery& in,
                                    std::vector<expr::ExpressionPtr> values,
                                    const SourceSpan& where);
  /// The expressions on the left of IN.
  static std::vector<const sql::Expression*> in_values(const sql::InSubquery& in);
  /// Joins the subquery to `input`: its value is a new column there. Null after a Diagnostic.
  expr::ExpressionPtr attach(Bound& input, const Subplan& plan);

  /// The column of the query around, as kOuterColumn + index; null when there is none.
  [[nodiscard]] const Bound* outer() const { return outer_; }

  /// A SELECT over what FROM and WHERE gave.
  Bound select_from(Bound input,
                    const SelectParts& parts,
                    const sql::QueryOrganization* organization);

 private:
  Bound term(const sql::QueryTerm& term, const sql::QueryOrganization* organization);
  Bound set_operation(const sql::SetOperation& set);
  Bound cast_columns(Bound input, const std::vector<data::Type>& types);
  Bound order_output(Bound input, const sql::QueryOrganization& organization);
  Bound table(const sql::TableRelation& table, const sql::Relation& relation);
  Bound table_function(const sql::FunctionRelation& function, const sql::Relation& relation);
  Bound watermark(Bound input, const sql::Watermark& watermark);
  Bound using_join(Bound left, Bound right, const sql::JoinPart& part, JoinKind kind);
  bool add_shared(Bound& both,
                  std::vector<ScopeColumn>& shared,
                  const std::vector<std::size_t>& twins,
                  const SourceSpan& where);
  void split_condition(const expr::ExpressionPtr& condition, std::size_t left_columns, Join& join);
  Bound keep_matching(Bound input, const Subplan& plan);
  bool join_on(Join& join, const Subplan& plan, std::size_t width, bool null_aware);
  bool decorrelate(Subplan& plan, Bound bound);
  static NodePtr with_found(const Subplan& plan);
  Bound fill_empty(Bound joined, const Subplan& plan, std::size_t width, std::size_t values);
  Bound lateral(Bound left, const sql::Relation& right, const sql::JoinPart& part);

  // pipe_binder.cc
  Bound piped(const sql::PipedQuery& query);
  Bound pipe(Bound input, const sql::PipeOperator& op);
  Bound pipe_select(Bound input, const sql::PipeSelect& select);
  Bound pipe_extend(Bound input, const sql::PipeExtend& extend);
  Bound pipe_set(Bound input, const sql::PipeSet& set, const sql::Position& position);
  Bound pipe_drop(Bound input, const sql::PipeDrop& drop);
  Bound pipe_aggregate(Bound input, const sql::PipeAggregate& aggregate);
  Bound combine(Bound left, Bound right, sql::SetOperator op, bool all, const SourceSpan& where);

  struct Cte {
    const sql::CommonTableExpression* definition = nullptr;
    Bound bound;
  };

  RelationResolver& resolver_;
  const BindOptions& options_;
  Diagnostics& diagnostics_;
  std::vector<std::map<std::string, Cte>> ctes_;
  const Bound* outer_ = nullptr;  // Of the subquery that is being bound.
};

/// Resolves the names of plain expressions: the columns of one input. Owned by one thread.
class ScopeResolver : public expr::NameResolver {
 public:
  ScopeResolver(QueryBinder& binder, const Bound& input) : binder_(binder), input_(input) {}

  expr::Resolved column(const sql::Name& name,
                        std::size_t& used,
                        expr::ExpressionPtr& result) override;
  expr::Resolved call(const sql::FunctionCall& call,
                      const SourceSpan& where,
                      expr::ExpressionPtr& result) override;
  expr::Resolved subquery(const sql::Query& query,
                          sql::SubqueryKind kind,
                          const SourceSpan& where,
                          expr::ExpressionPtr& result) override;
  expr::Resolved in_subquery(const sql::InSubquery& in,
                             const SourceSpan& where,
                             expr::ExpressionPtr& result) override;
  [[nodiscard]] std::vector<std::string> column_names() const override;

 protected:
  /// A column of the input; of the query around.
  expr::Resolved own_column(const sql::Name& name, std::size_t& used, expr::ExpressionPtr& result);
  expr::Resolved outer_column(const sql::Name& name,
                              std::size_t& used,
                              expr::ExpressionPtr& result);

  QueryBinder& binder_;
  const Bound& input_;
};

/// As ScopeResolver, where subqueries may stand: they are joined to the input. Owned by one thread.
class JoiningResolver final : public ScopeResolver {
 public:
  JoiningResolver(QueryBinder& binder, Bound& input)
      : ScopeResolver(binder, input), joined_(input) {}

  expr::Resolved subquery(const sql::Query& query,
                          sql::SubqueryKind kind,
                          const SourceSpan& where,
                          expr::ExpressionPtr& result) override;
  expr::Resolved in_subquery(const sql::InSubquery& in,
                             const SourceSpan& where,
                             expr::ExpressionPtr& result) override;

 private:
  Bound& joined_;
};

std::string lower_name(const sql::Name& name);

/// True for row_number, lag and the others that need an OVER clause.
bool is_window_function(std::string_view lower_name);

/// The direction and the place of nulls as written, or Spark's defaults.
SortKey sort_key(const sql::SortItem& item, expr::ExpressionPtr expression);

}  // namespace millrace::plan::detail
