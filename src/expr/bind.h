// Binding: from a name and arguments to an Expression, with Spark's ANSI coercion and folding of
// constants. The plan's binder resolves names of columns and calls these for everything else.
#pragma once

#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "data/type.h"
#include "expr/expression.h"
#include "expr/function.h"

namespace millrace::expr {

enum class CastMode : std::uint8_t {
  kAnsi,      ///< CAST(e AS t): an invalid value is an error of its row.
  kTry,       ///< TRY_CAST: null instead.
  kImplicit,  ///< Inserted by coercion; errors as kAnsi.
  kStore,     ///< Store assignment (streaming table, sink): refuses STRING → numeric at analysis.
};

/// A call of a function or operator ("+", "=", "and", "not", "case", "coalesce", "isnull",
/// "getfield", "getitem", "in", "like", "between" …; the list is in registry.cc). Folds it when all
/// arguments are constant and the function deterministic. Null after adding Diagnostics.
ExpressionPtr bind_call(std::string_view name,
                        std::vector<ExpressionPtr> args,
                        const SourceSpan& where,
                        const BindContext& context,
                        Diagnostics& diagnostics);

/// Null after adding DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION or a like error.
ExpressionPtr bind_cast(ExpressionPtr expression,
                        const data::Type& to,
                        CastMode mode,
                        const SourceSpan& where,
                        const BindContext& context,
                        Diagnostics& diagnostics);

/// The call as a literal when it has a value without a row; the call itself when not, and when it
/// fails: that error belongs to each row that reaches it.
ExpressionPtr fold_constant(ExpressionPtr call, const BindContext& context);

/// The common type of two under ANSI (streaming-sql §4.5), or nothing.
std::optional<data::Type> common_type(const data::Type& left, const data::Type& right);
/// True when an argument of type `from` may be given implicitly for a parameter of type `to`.
bool can_coerce(const data::Type& from, const data::Type& to);
/// True when CAST(from AS to) is allowed under ANSI (§4.4).
bool can_cast(const data::Type& from, const data::Type& to);

}  // namespace millrace::expr
