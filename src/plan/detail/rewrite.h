// Bound expressions taken apart and put together: comparing, replacing, asking which columns they
// use.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "expr/expression.h"

namespace millrace::plan::detail {

/// The same value for every row, whatever the names and places: same kind, type, function,
/// arguments, literal, column. Calls that are not deterministic equal nothing.
bool same_expression(const expr::Expression& left, const expr::Expression& right);

/// Replaces subtrees, from the top: where `replace` gives an expression it stands for the subtree,
/// where it gives null the children are looked at.
expr::ExpressionPtr rewrite(
    const expr::ExpressionPtr& expression,
    const std::function<expr::ExpressionPtr(const expr::ExpressionPtr&)>& replace);

/// Adds `by` to the number of every column.
expr::ExpressionPtr shift_columns(const expr::ExpressionPtr& expression, std::ptrdiff_t by);

/// True when every column is in [from, until), and there is at least one unless `allow_none`.
bool uses_only(const expr::Expression& expression, std::size_t from, std::size_t until);

/// The operands of a tree of ANDs.
std::vector<expr::ExpressionPtr> conjuncts(const expr::ExpressionPtr& expression);

}  // namespace millrace::plan::detail
