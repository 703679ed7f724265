#include "exec/kept_rows.h"

#include <algorithm>

#include "data/column_builder.h"

namespace millrace::exec {

Result<void> KeptRows::read(BatchSource& input, QueryRun& run, std::string_view doing) {
  batches_ = TRY(collect(input, run, doing));
  for (std::size_t index = 0; index < batches_.size(); ++index) {
    for (std::size_t row = 0; row < batches_[index].rows; ++row) {
      rows_.push_back({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(row)});
    }
  }
  return {};
}

bool KeptRows::give(data::Batch& batch) {
  if (given_ == rows_.size()) {
    return false;
  }
  const std::size_t count = std::min(rows_.size() - given_, data::kBatchRows);
  batch = {};
  const std::vector<data::ColumnPtr>& first = batches_[rows_[given_].batch].columns;
  for (std::size_t column = 0; column < first.size(); ++column) {
    data::ColumnBuilder builder(first[column]->type(), count);
    for (std::size_t row = given_; row < given_ + count; ++row) {
      builder.append_from(*batches_[rows_[row].batch].columns[column], rows_[row].row);
    }
    batch.columns.push_back(builder.finish());
  }
  batch.rows = count;
  batch.selection = data::Selection::all(count);
  given_ += count;
  return true;
}

}  // namespace millrace::exec
