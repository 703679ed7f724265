// Expand: each row once a projection, for GROUPING SETS and sliding windows; the merging of session
// windows that touch; the numbers of rows.
#include <algorithm>
#include <utility>

#include "data/column_builder.h"
#include "exec/kept_rows.h"
#include "exec/query_run.h"
#include "exec/row_key.h"

namespace millrace::exec {

namespace {

/// The rows of a batch stay together by their row: a row's projections follow each other.
class ExpandSource final : public BatchSource {
 public:
  ExpandSource(const plan::Node& node, SourcePtr input, QueryRun& run)
      : node_(node),
        expand_(std::get<plan::Expand>(node.op)),
        input_(std::move(input)),
        run_(run) {}

  Result<bool> next(data::Batch& batch) override {
    while (at_ == input_rows_.size() * expand_.projections.size()) {
      TRY(run_.check_stop());
      if (!TRY(read())) {
        return false;
      }
    }
    const std::size_t projections = expand_.projections.size();
    const std::size_t count = std::min(input_rows_.size() * projections - at_, data::kBatchRows);
    batch = {};
    for (std::size_t column = 0; column < node_.schema.fields.size(); ++column) {
      data::ColumnBuilder builder(node_.schema.fields[column].type, count);
      for (std::size_t row = at_; row < at_ + count; ++row) {
        builder.append_from(*columns_[row % projections][column], input_rows_[row / projections]);
      }
      batch.columns.push_back(builder.finish());
    }
    batch.rows = count;
    batch.selection = data::Selection::all(count);
    at_ += count;
    return true;
  }

 private:
  Result<bool> read() {
    data::Batch input;
    if (!TRY(input_->next(input))) {
      return false;
    }
    expr::Evaluation evaluation(run_.context(), input);
    columns_.clear();
    for (const auto& projection : expand_.projections) {
      auto& columns = columns_.emplace_back();
      for (const expr::ExpressionPtr& value : projection) {
        columns.push_back(evaluation.evaluate(*value, input.selection));
      }
    }
    TRY(run_.check(input));
    input_rows_.clear();
    input.selection.for_each([&](std::size_t row) { input_rows_.push_back(row); });
    at_ = 0;
    return true;
  }

  const plan::Node& node_;
  const plan::Expand& expand_;
  SourcePtr input_;
  QueryRun& run_;
  std::vector<std::vector<data::ColumnPtr>> columns_;  // By projection.
  std::vector<std::size_t> input_rows_;
  std::size_t at_ = 0;  // Of rows times projections.
};

class RowNumberSource final : public BatchSource {
 public:
  explicit RowNumberSource(SourcePtr input) : input_(std::move(input)) {}

  Result<bool> next(data::Batch& batch) override {
    if (!TRY(input_->next(batch))) {
      return false;
    }
    data::ColumnBuilder numbers(data::Type(data::TypeKind::kBigInt), batch.rows);
    std::int64_t next = next_;
    // Rows that are not selected have a number that nobody sees.
    batch.selection.for_each([&](std::size_t row) {
      while (numbers.size() < row) {
        numbers.append(std::int64_t{0});
      }
      numbers.append(next++);
    });
    while (numbers.size() < batch.rows) {
      numbers.append(std::int64_t{0});
    }
    next_ = next;
    batch.columns.push_back(numbers.finish());
    return true;
  }

 private:
  SourcePtr input_;
  std::int64_t next_ = 0;
};

class SessionSource final : public BatchSource {
 public:
  SessionSource(const plan::Node& node, SourcePtr input, QueryRun& run)
      : node_(node),
        sessions_(std::get<plan::MergeSessions>(node.op)),
        input_(std::move(input)),
        run_(run) {}

  Result<bool> next(data::Batch& batch) override {
    if (!merged_) {
      TRY(merge());
      merged_ = true;
    }
    const std::size_t begin = kept_.given();
    if (!kept_.give(batch)) {
      return false;
    }
    data::ColumnBuilder builder(node_.schema.fields[sessions_.column].type, batch.rows);
    for (std::size_t row = begin; row < kept_.given(); ++row) {
      data::ValueList fields;
      fields.emplace_back(starts_[row]);
      fields.emplace_back(ends_[row]);
      builder.append_value(data::Value(std::move(fields)));
    }
    batch.columns[sessions_.column] = builder.finish();
    return true;
  }

 private:
  [[nodiscard]] std::int64_t time(const RowAt& at, std::size_t field) const {
    const data::Column& sessions = *kept_.batches()[at.batch].columns[sessions_.column];
    return sessions.child(field)->get<std::int64_t>(sessions.child_row(at.row));
  }

  [[nodiscard]] int compare_keys(const RowAt& a, const RowAt& b) const {
    for (std::size_t key = 0; key < sessions_.keys.size(); ++key) {
      const data::Column& left = *keys_[a.batch][key];
      const data::Column& right = *keys_[b.batch][key];
      const bool left_null = left.is_null(a.row);
      if (left_null != right.is_null(b.row)) {
        return left_null ? -1 : 1;
      }
      const int order = left_null ? 0 : compare_rows(left, a.row, right, b.row);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  Result<void> merge() {
    TRY(kept_.read(*input_, run_, "merging sessions"));
    for (data::Batch& batch : kept_.batches()) {
      expr::Evaluation evaluation(run_.context(), batch);
      auto& keys = keys_.emplace_back();
      for (const expr::ExpressionPtr& key : sessions_.keys) {
        keys.push_back(evaluation.evaluate(*key, batch.selection));
      }
      TRY(run_.check(batch));
    }
    kept_.sort([&](const RowAt& a, const RowAt& b) {
      const int order = compare_keys(a, b);
      return order != 0 ? order < 0 : time(a, 0) < time(b, 0);
    });
    const std::vector<RowAt>& rows = kept_.rows();
    starts_.resize(rows.size());
    ends_.resize(rows.size());
    for (std::size_t begin = 0; begin < rows.size();) {
      std::int64_t until = time(rows[begin], 1);
      std::size_t end = begin + 1;
      while (end < rows.size() && compare_keys(rows[begin], rows[end]) == 0 &&
             time(rows[end], 0) <= until) {
        until = std::max(until, time(rows[end], 1));
        ++end;
      }
      for (std::size_t row = begin; row < end; ++row) {
        starts_[row] = time(rows[begin], 0);
        ends_[row] = until;
      }
      begin = end;
    }
    return run_.keep(rows.size() * 24, "merging sessions");
  }

  const plan::Node& node_;
  const plan::MergeSessions& sessions_;
  SourcePtr input_;
  QueryRun& run_;
  bool merged_ = false;
  KeptRows kept_;
  std::vector<std::vector<data::ColumnPtr>> keys_;  // By batch.
  std::vector<std::int64_t> starts_;                // By row.
  std::vector<std::int64_t> ends_;
};

}  // namespace

SourcePtr make_expand(const plan::Node& node, SourcePtr input, QueryRun& run) {
  return std::make_unique<ExpandSource>(node, std::move(input), run);
}

SourcePtr make_row_numbers(SourcePtr input) {
  return std::make_unique<RowNumberSource>(std::move(input));
}

SourcePtr make_sessions(const plan::Node& node, SourcePtr input, QueryRun& run) {
  return std::make_unique<SessionSource>(node, std::move(input), run);
}

}  // namespace millrace::exec
