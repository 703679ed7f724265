// Binds a query: one object a query with its CTEs, methods in several files by the clause they bind
// (relation_binder.cc: FROM; select_binder.cc: SELECT, WHERE, GROUP BY, HAVING; query_binder.cc:
// the rest). Every method returns something empty after it added a Diagnostic.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "expr/bind_ast.h"
#include "plan/binder.h"
#include "plan/detail/scope.h"
#include "sql/query_ast.h"

namespace millrace::plan::detail {

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
  Bound in_subquery(Bound input, const sql::InSubquery& in, const sql::Position& position);
  Bound exists(Bound input, const sql::Query& query, bool negated, const sql::Position& position);

  struct Cte {
    const sql::CommonTableExpression* definition = nullptr;
    Bound bound;
  };

  RelationResolver& resolver_;
  const BindOptions& options_;
  Diagnostics& diagnostics_;
  std::vector<std::map<std::string, Cte>> ctes_;
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
  QueryBinder& binder_;
  const Bound& input_;
};

std::string lower_name(const sql::Name& name);

/// The direction and the place of nulls as written, or Spark's defaults.
SortKey sort_key(const sql::SortItem& item, expr::ExpressionPtr expression);

}  // namespace millrace::plan::detail
