// Constants as written, bound.
#pragma once

#include "expr/bind.h"
#include "sql/expression_ast.h"

namespace millrace::expr {

/// Null after a Diagnostic: out of range, no such date, mixed units.
ExpressionPtr bind_literal(const sql::Literal& literal,
                           const SourceSpan& where,
                           const BindContext& context,
                           Diagnostics& diagnostics);
ExpressionPtr bind_interval(const sql::IntervalLiteral& interval,
                            const SourceSpan& where,
                            Diagnostics& diagnostics);

}  // namespace millrace::expr
