// ORDER BY: keeps all rows, sorts their numbers, gives them in batches.
#include <utility>

#include "exec/kept_rows.h"
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
    return kept_.give(batch);
  }

 private:
  Result<void> sort_rows() {
    TRY(kept_.read(*input_, run_, "sorting"));
    for (data::Batch& batch : kept_.batches()) {
      expr::Evaluation evaluation(run_.context(), batch);
      auto& keys = keys_.emplace_back();
      for (const plan::SortKey& key : sort_.keys) {
        keys.push_back(evaluation.evaluate(*key.expression, batch.selection));
      }
      TRY(run_.check(batch));
    }
    kept_.sort([&](const RowAt& a, const RowAt& b) { return before(a, b); });
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
  KeptRows kept_;
  std::vector<std::vector<data::ColumnPtr>> keys_;  // By batch.
};

}  // namespace

SourcePtr make_sort(const plan::Sort& sort, SourcePtr input, QueryRun& run) {
  return std::make_unique<SortSource>(sort, std::move(input), run);
}

}  // namespace millrace::exec
