// ORDER BY: keeps all rows, sorts their numbers, gives them in batches.
#include <algorithm>
#include <utility>

#include "data/column_builder.h"
#include "exec/query_run.h"
#include "exec/row_key.h"

namespace millrace::exec {

namespace {

class SortSource final : public BatchSource {
 public:
  SortSource(const plan::Sort& sort, SourcePtr input, QueryRun& run)
      : sort_(sort), input_(std::move(input)), run_(run) {}

  Result<bool> next(data::Batch& batch) override {
    if (!sorted_) {
      TRY(sort_rows());
      sorted_ = true;
    }
    if (at_ == rows_.size()) {
      return false;
    }
    const std::size_t count = std::min(rows_.size() - at_, data::kBatchRows);
    batch = {};
    for (std::size_t column = 0; column < batches_[rows_[at_].batch].columns.size(); ++column) {
      data::ColumnBuilder builder(batches_[rows_[at_].batch].columns[column]->type(), count);
      for (std::size_t row = at_; row < at_ + count; ++row) {
        builder.append_from(*batches_[rows_[row].batch].columns[column], rows_[row].row);
      }
      batch.columns.push_back(builder.finish());
    }
    batch.rows = count;
    batch.selection = data::Selection::all(count);
    at_ += count;
    return true;
  }

 private:
  Result<void> sort_rows() {
    batches_ = TRY(collect(*input_, run_, "sorting"));
    for (std::size_t index = 0; index < batches_.size(); ++index) {
      data::Batch& batch = batches_[index];
      expr::Evaluation evaluation(run_.context(), batch);
      auto& keys = keys_.emplace_back();
      for (const plan::SortKey& key : sort_.keys) {
        keys.push_back(evaluation.evaluate(*key.expression, batch.selection));
      }
      TRY(run_.check(batch));
      for (std::size_t row = 0; row < batch.rows; ++row) {
        rows_.push_back({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(row)});
      }
    }
    std::ranges::stable_sort(rows_, [&](const RowAt& a, const RowAt& b) { return before(a, b); });
    return {};
  }

  [[nodiscard]] bool before(const RowAt& a, const RowAt& b) const {
    for (std::size_t key = 0; key < sort_.keys.size(); ++key) {
      const data::Column& left = *keys_[a.batch][key];
      const data::Column& right = *keys_[b.batch][key];
      const bool left_null = left.is_null(a.row);
      const bool right_null = right.is_null(b.row);
      if (left_null != right_null) {
        return left_null == sort_.keys[key].nulls_first;
      }
      const int order = compare_rows(left, a.row, right, b.row);
      if (order != 0) {
        return (order < 0) == sort_.keys[key].ascending;
      }
    }
    return false;
  }

  const plan::Sort& sort_;
  SourcePtr input_;
  QueryRun& run_;
  bool sorted_ = false;
  std::vector<data::Batch> batches_;
  std::vector<std::vector<data::ColumnPtr>> keys_;
  std::vector<RowAt> rows_;
  std::size_t at_ = 0;
};

}  // namespace

SourcePtr make_sort(const plan::Sort& sort, SourcePtr input, QueryRun& run) {
  return std::make_unique<SortSource>(sort, std::move(input), run);
}

}  // namespace millrace::exec
