// The rows that an operator keeps, all of them, before it gives one: to sort them, or to look at
// their neighbours.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/batch.h"
#include "exec/query_run.h"
#include "exec/row_key.h"

namespace millrace::exec {

/// Owned by one thread.
class KeptRows {
 public:
  /// Reads an input to its end; the rows are in the order in which they came. `doing` is for the
  /// error when they need too much memory.
  Result<void> read(BatchSource& input, QueryRun& run, std::string_view doing);

  [[nodiscard]] std::vector<data::Batch>& batches() { return batches_; }

  [[nodiscard]] const std::vector<data::Batch>& batches() const { return batches_; }

  [[nodiscard]] const std::vector<RowAt>& rows() const { return rows_; }

  /// `before` is a strict weak order of RowAt; equal rows stay in their order.
  template <typename Before>
  void sort(const Before& before) {
    std::ranges::stable_sort(rows_, before);
  }

  /// How many of rows() were given.
  [[nodiscard]] std::size_t given() const { return given_; }

  /// Gives the next of rows(), with the columns of the input; false: all were given.
  [[nodiscard]] bool give(data::Batch& batch);

 private:
  std::vector<data::Batch> batches_;
  std::vector<RowAt> rows_;
  std::size_t given_ = 0;
};

}  // namespace millrace::exec
