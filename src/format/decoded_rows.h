// What a decoder of records gives back.
#pragma once

#include <cstddef>
#include <vector>

#include "data/column.h"
#include "format/json_options.h"

namespace millrace::format {

/// One row a record. Immutable by use.
struct DecodedRows {
  std::vector<data::ColumnPtr> columns;
  std::vector<RowOutcome> outcomes;
  /// How many records a fast decoder left to its slow way.
  std::size_t slow = 0;
};

}  // namespace millrace::format
