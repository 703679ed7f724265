// From an expression as parsed to a bound one: literals, operators, casts, CASE, special forms,
// lambdas, field access. What depends on a query (columns, aggregates, windows, subqueries) is
// asked of a NameResolver, which `plan` implements.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "data/type.h"
#include "expr/expression.h"
#include "expr/function.h"
#include "sql/expression_ast.h"

namespace millrace::expr {

/// What a name or call turned out to be.
enum class Resolved : std::uint8_t {
  kNotMine,  ///< Go on: a function of the registry, CURRENT_DATE, an unresolved column.
  kDone,     ///< `result` holds it.
  kFailed,   ///< A Diagnostic was added.
};

/// Owned by one thread.
class NameResolver {
 public:
  NameResolver() = default;
  NameResolver(const NameResolver&) = delete;
  NameResolver& operator=(const NameResolver&) = delete;
  virtual ~NameResolver() = default;

  /// The longest prefix of the parts that is a column ("t.a", "a"); `used` parts were taken, the
  /// rest are fields. kNotMine when there is none.
  virtual Resolved column(const sql::Name& name, std::size_t& used, ExpressionPtr& result) = 0;

  /// A call that is more than a scalar function: an aggregate, a window function, grouping(), a
  /// generator. Everything else: kNotMine.
  virtual Resolved call(const sql::FunctionCall& call,
                        const SourceSpan& where,
                        ExpressionPtr& result) = 0;

  /// A subquery as an expression: scalar, EXISTS, IN. `value` is the bound left side of IN.
  virtual Resolved subquery(const sql::Query& query,
                            sql::SubqueryKind kind,
                            const SourceSpan& where,
                            ExpressionPtr& result) = 0;
  virtual Resolved in_subquery(const sql::InSubquery& in,
                               const SourceSpan& where,
                               ExpressionPtr& result) = 0;

  /// A whole node that stands for something known already (an expression of GROUP BY): asked for
  /// every node, before anything else. Without an override nothing does.
  virtual Resolved substitute(const sql::Expression& node, ExpressionPtr& result);

  /// `?` and `:name`. Without an override they are unbound.
  virtual Resolved parameter(const sql::Parameter& parameter, ExpressionPtr& result);

  /// Names for "did you mean" when a column is not found.
  [[nodiscard]] virtual std::vector<std::string> column_names() const = 0;
};

struct BindAstOptions {
  const BindContext& context;
  std::string file;  ///< For positions.
};

/// Null after adding Diagnostics (UNRESOLVED_COLUMN.WITH_SUGGESTION, UNRESOLVED_ROUTINE, …); all of
/// them in one pass.
ExpressionPtr bind_expression(const sql::Expression& expression,
                              NameResolver& names,
                              const BindAstOptions& options,
                              Diagnostics& diagnostics);

/// The type of a parsed type name; nothing after a Diagnostic (UNSUPPORTED_DATATYPE, DECIMAL's
/// precision, …).
std::optional<data::Type> type_of(const sql::TypeName& name,
                                  const std::string& file,
                                  Diagnostics& diagnostics);

/// The name that Spark gives an unnamed select item: a column's own name, else the SQL of the
/// expression ("(a + 1)", "upper(name)", "count(1)").
std::string column_name(const sql::Expression& expression);
/// The same of a call OVER a window that has a name, with what the name stands for.
std::string column_name(const sql::FunctionCall& call, const sql::WindowSpecification& over);

}  // namespace millrace::expr
