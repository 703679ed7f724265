// Bound expressions taken apart and put together: comparing, replacing, asking which columns they
// use.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "expr/expression.h"

namespace millrace::plan::detail {

// Columns with numbers from here on are no columns of an input but stand for something that is put
// in its place later: an aggregate, a call OVER a window, a subquery, grouping(), a column of the
// query around.
inline constexpr std::size_t kSpecialColumns = std::size_t{1} << 32U;
inline constexpr std::size_t kAggregateColumn = kSpecialColumns;
inline constexpr std::size_t kWindowColumn = std::size_t{1} << 33U;
inline constexpr std::size_t kSubqueryColumn = std::size_t{1} << 34U;
inline constexpr std::size_t kGroupingColumn = std::size_t{1} << 35U;
inline constexpr std::size_t kOuterColumn = std::size_t{1} << 36U;

/// The same value for every row, whatever the names and places: same kind, type, function,
/// arguments, literal, column. Calls that are not deterministic equal nothing.
bool same_expression(const expr::Expression& left, const expr::Expression& right);

/// Replaces subtrees, from the top: where `replace` gives an expression it stands for the subtree,
/// where it gives null the children are looked at.
expr::ExpressionPtr rewrite(
    const expr::ExpressionPtr& expression,
    const std::function<expr::ExpressionPtr(const expr::ExpressionPtr&)>& replace);

/// Adds `by` to the number of every column; special ones stay.
expr::ExpressionPtr shift_columns(const expr::ExpressionPtr& expression, std::ptrdiff_t by);

/// True when every column is in [from, until), and there is at least one unless `allow_none`.
bool uses_only(const expr::Expression& expression, std::size_t from, std::size_t until);

/// True when `test` is for one of the columns.
bool any_column(const expr::Expression& expression, const std::function<bool(std::size_t)>& test);

/// The operands of a tree of ANDs.
std::vector<expr::ExpressionPtr> conjuncts(const expr::ExpressionPtr& expression);

}  // namespace millrace::plan::detail
