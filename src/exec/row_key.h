// Rows as bytes: two rows have the same bytes exactly when GROUP BY takes them for equal (nulls are
// equal, -0.0 is 0.0, NaN is NaN).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "data/column.h"

namespace millrace::exec {

/// Appends the bytes of one value.
void append_key(const data::Column& column, std::size_t row, std::string& key);

/// The bytes of a row of several columns.
void row_key(std::span<const data::ColumnPtr> columns, std::size_t row, std::string& key);

/// True when one of the columns is null in that row: such keys join nothing.
bool any_null(std::span<const data::ColumnPtr> columns, std::size_t row);

/// Spark's order of two values of one type; null and NaN as compare_values has them.
int compare_rows(const data::Column& left,
                 std::size_t left_row,
                 const data::Column& right,
                 std::size_t right_row);

}  // namespace millrace::exec
