// Joins columns that were computed for different rows of one batch: what CASE and COALESCE do.
#pragma once

#include <span>
#include <vector>

#include "data/batch.h"
#include "data/column.h"

namespace millrace::expr {

/// The rows of a merged column that come from `column`, at the same row numbers.
struct MergePart {
  data::ColumnPtr column;
  data::Selection rows;
};

/// A column of `size` rows of `type`: each part's rows from its column, all others null. The parts
/// do not overlap. REQUIRES: the parts' columns have that type
data::ColumnPtr merge_rows(const data::Type& type,
                           std::size_t size,
                           std::span<const MergePart> parts);

/// Row i of the result is row `rows[i]` of `column`.
data::ColumnPtr gather_rows(const data::ColumnPtr& column, std::span<const data::RowIndex> rows);

/// `size` rows from `begin`; unlike the others, for columns of any length.
data::ColumnPtr slice_rows(const data::ColumnPtr& column, std::size_t begin, std::size_t size);

/// The rows of `all` that are not in `some`. REQUIRES: `some` is a part of `all`
data::Selection subtract_rows(const data::Selection& all, const data::Selection& some);

}  // namespace millrace::expr
