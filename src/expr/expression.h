// A bound expression: a tree whose names are resolved, whose types are known and whose casts are
// explicit. Made by bind.h, run by evaluate.h.
//
// There are five kinds of node only. Operators, casts and CASE are calls; what must not evaluate
// all of its arguments (CASE, AND, OR, COALESCE, IF, try_*) has a lazy kernel that is given the
// argument expressions instead of their columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "data/column.h"
#include "data/type.h"
#include "data/value.h"
#include "expr/function.h"

namespace millrace::expr {

enum class ExpressionKind : std::uint8_t {
  kLiteral,
  kColumn,  ///< Column `index` of the input batch.
  kCall,
  kLambda,          ///< args[0] = the body; `parameters` variables.
  kLambdaVariable,  ///< Parameter `index` of the lambda `depth` levels up (0 = innermost).
};

/// Immutable once bound.
struct Expression {
  ExpressionKind kind = ExpressionKind::kLiteral;
  data::Type type;
  bool nullable = true;
  /// The same input always gives the same value: it may be folded, moved, or evaluated twice.
  bool deterministic = true;
  /// What it is called in results and messages: a column's name, a function's name, SQL of a call.
  std::string name;
  SourceSpan where;
  /// How it was written, where the node does not show it any more: folded and replaced calls.
  std::string sql;

  data::Value value;           ///< kLiteral
  std::size_t index = 0;       ///< kColumn, kLambdaVariable
  std::size_t depth = 0;       ///< kLambdaVariable
  std::size_t parameters = 0;  ///< kLambda

  const Function* function = nullptr;  ///< kCall
  std::vector<ExpressionPtr> args;     ///< kCall, kLambda
  Resolution resolution;               ///< kCall: kernel and prepared data

  [[nodiscard]] bool is_literal() const { return kind == ExpressionKind::kLiteral; }
};

ExpressionPtr make_literal(data::Type type, data::Value value, SourceSpan where = {});
ExpressionPtr make_column(
    std::size_t index, std::string name, data::Type type, bool nullable, SourceSpan where = {});
/// A lambda of `parameters` variables; its type is that of the body.
ExpressionPtr make_lambda(ExpressionPtr body, std::size_t parameters, SourceSpan where = {});
/// Parameter `index` of the lambda `depth` levels up.
ExpressionPtr make_lambda_variable(std::size_t index,
                                   std::size_t depth,
                                   const data::Field& field,
                                   SourceSpan where = {});

/// True when nothing in it depends on a row or on the epoch: it may be computed when it is bound.
bool is_foldable(const Expression& expression);

/// SQL of the expression as messages and column names show it: "(a + 1)", "CAST(a AS INT)".
std::string to_sql(const Expression& expression);

}  // namespace millrace::expr
