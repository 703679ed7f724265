// Generators: explode, posexplode, inline, stack, json_tuple make several rows of one.
#pragma once

#include <cstddef>
#include <vector>

#include "data/batch.h"
#include "data/column_builder.h"
#include "plan/logical.h"

namespace millrace::exec {

/// Takes generated rows. Owned by one thread.
class RowSink {
 public:
  RowSink() = default;
  RowSink(const RowSink&) = delete;
  RowSink& operator=(const RowSink&) = delete;
  virtual ~RowSink() = default;

  /// Begins an output row that is made of input row `row`.
  virtual void begin_row(std::size_t row) = 0;
  /// The builder of generated column `index`, to which each row appends one value.
  virtual data::ColumnBuilder& column(std::size_t index) = 0;
  virtual void end_row() = 0;
};

/// Runs the generator over the selected rows; `args` are its evaluated arguments. With `outer` a
/// row that generates nothing gives one row of nulls.
void run_generator(const plan::Generate& generate,
                   const std::vector<data::ColumnPtr>& args,
                   const data::Selection& rows,
                   RowSink& sink);

}  // namespace millrace::exec
