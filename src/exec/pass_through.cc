// Operators that keep nothing: projection, filter, generator, limit, values, range, UNION ALL.
#include <algorithm>
#include <deque>
#include <utility>

#include "data/column_builder.h"
#include "exec/query_run.h"
#include "exec/stage.h"

namespace millrace::exec {

namespace {

class ProjectSource final : public BatchSource {
 public:
  ProjectSource(const plan::Project& project, SourcePtr input, QueryRun& run)
      : project_(project), input_(std::move(input)), run_(run) {}

  Result<bool> next(data::Batch& batch) override {
    if (!TRY(input_->next(batch))) {
      return false;
    }
    std::vector<data::ColumnPtr> columns = project_columns(project_, batch, run_.context());
    TRY(run_.check(batch));
    batch.columns = std::move(columns);
    return true;
  }

 private:
  const plan::Project& project_;
  SourcePtr input_;
  QueryRun& run_;
};

class FilterSource final : public BatchSource {
 public:
  FilterSource(const plan::Filter& filter, SourcePtr input, QueryRun& run)
      : filter_(filter), input_(std::move(input)), run_(run) {}

  Result<bool> next(data::Batch& batch) override {
    if (!TRY(input_->next(batch))) {
      return false;
    }
    data::Selection rows = filter_batch(filter_, batch, run_.context());
    TRY(run_.check(batch));
    batch.selection = std::move(rows);
    return true;
  }

 private:
  const plan::Filter& filter_;
  SourcePtr input_;
  QueryRun& run_;
};

// A row may generate many rows, so an input batch is taken in slices: what waits to be taken is a
// slice's, and the slices shrink where rows generate much.
class GenerateSource final : public BatchSource {
 public:
  GenerateSource(const plan::Node& node, SourcePtr input, QueryRun& run)
      : node_(node), input_(std::move(input)), run_(run) {}

  Result<bool> next(data::Batch& batch) override {
    while (ready_.empty()) {
      if (at_ == rows_.size() && !TRY(take_input())) {
        return false;
      }
      TRY(run_.check_stop());
      TRY(generate_slice());
    }
    batch = std::move(ready_.front());
    ready_.pop_front();
    return true;
  }

 private:
  static constexpr std::size_t kFirstSlice = 64;
  static constexpr std::size_t kManyBatches = 4;

  Result<bool> take_input() {
    batch_ = {};
    rows_.clear();
    at_ = 0;
    if (!TRY(input_->next(batch_))) {
      return false;
    }
    batch_.selection.for_each(
        [&](std::size_t row) { rows_.push_back(static_cast<data::RowIndex>(row)); });
    return true;
  }

  Result<void> generate_slice() {
    const std::size_t count = std::min(slice_, rows_.size() - at_);
    const auto first = rows_.begin() + static_cast<std::ptrdiff_t>(at_);
    data::Batch slice = batch_;
    slice.selection = data::Selection(
        std::vector<data::RowIndex>(first, first + static_cast<std::ptrdiff_t>(count)));
    at_ += count;
    Result<void> checked;
    generate_rows(
        std::get<plan::Generate>(node_.op),
        node_.schema,
        slice,
        run_.context(),
        [&](data::Batch failed) { checked = run_.check(failed); },
        [&](data::Batch rows) { ready_.push_back(std::move(rows)); });
    slice_ = ready_.size() > kManyBatches ? std::max<std::size_t>(slice_ / 4, 1)
                                          : std::min(slice_ * 2, data::kBatchRows);
    return checked;
  }

  const plan::Node& node_;
  SourcePtr input_;
  QueryRun& run_;
  data::Batch batch_;                 // What is being taken apart.
  std::vector<data::RowIndex> rows_;  // Its selected rows.
  std::size_t at_ = 0;                // The next of them.
  std::size_t slice_ = kFirstSlice;
  std::deque<data::Batch> ready_;
};

class LimitSource final : public BatchSource {
 public:
  LimitSource(const plan::Limit& limit, SourcePtr input)
      : skip_(limit.offset), left_(limit.limit), input_(std::move(input)) {}

  Result<bool> next(data::Batch& batch) override {
    if (left_ && *left_ <= 0) {
      return false;
    }
    if (!TRY(input_->next(batch))) {
      return false;
    }
    std::vector<data::RowIndex> kept;
    batch.selection.for_each([&](std::size_t row) {
      if (skip_ > 0) {
        --skip_;
      } else if (!left_ || *left_ > 0) {
        kept.push_back(static_cast<data::RowIndex>(row));
        left_ = left_ ? std::optional(*left_ - 1) : std::nullopt;
      }
    });
    batch.selection = data::Selection(std::move(kept));
    return true;
  }

 private:
  std::int64_t skip_;
  std::optional<std::int64_t> left_;
  SourcePtr input_;
};

class ValuesSource final : public BatchSource {
 public:
  ValuesSource(const plan::Node& node, QueryRun& run)
      : node_(node), values_(std::get<plan::Values>(node.op)), run_(run) {}

  Result<bool> next(data::Batch& batch) override {
    if (at_ == values_.rows.size()) {
      return false;
    }
    const std::size_t count = std::min(values_.rows.size() - at_, data::kBatchRows);
    std::vector<data::ColumnBuilder> builders;
    builders.reserve(node_.schema.fields.size());
    for (const data::Field& field : node_.schema.fields) {
      builders.emplace_back(field.type, count);
    }
    for (std::size_t row = at_; row < at_ + count; ++row) {
      data::Batch one;
      one.rows = 1;
      one.selection = data::Selection::all(1);
      expr::Evaluation evaluation(run_.context(), one);
      for (std::size_t column = 0; column < builders.size(); ++column) {
        const data::ColumnPtr value =
            evaluation.evaluate(*values_.rows[row][column], one.selection);
        TRY(run_.check(one));
        builders[column].append_from(*value, 0);
      }
    }
    at_ += count;
    batch = {};
    for (data::ColumnBuilder& builder : builders) {
      batch.columns.push_back(builder.finish());
    }
    batch.rows = count;
    batch.selection = data::Selection::all(count);
    return true;
  }

 private:
  const plan::Node& node_;
  const plan::Values& values_;
  QueryRun& run_;
  std::size_t at_ = 0;
};

class RangeSource final : public BatchSource {
 public:
  explicit RangeSource(const plan::Range& range) : next_(range.start), range_(range) {}

  Result<bool> next(data::Batch& batch) override {
    data::ColumnBuilder builder(data::Type(data::TypeKind::kBigInt), data::kBatchRows);
    while (builder.size() < data::kBatchRows && more()) {
      builder.append(next_);
      done_ = __builtin_add_overflow(next_, range_.step, &next_);
    }
    if (builder.size() == 0) {
      return false;
    }
    batch = {};
    batch.rows = builder.size();
    batch.selection = data::Selection::all(batch.rows);
    batch.columns.push_back(builder.finish());
    return true;
  }

 private:
  [[nodiscard]] bool more() const {
    return !done_ && (range_.step > 0 ? next_ < range_.end : next_ > range_.end);
  }

  std::int64_t next_;
  bool done_ = false;
  const plan::Range& range_;
};

class UnionSource final : public BatchSource {
 public:
  UnionSource(SourcePtr left, SourcePtr right) : left_(std::move(left)), right_(std::move(right)) {}

  Result<bool> next(data::Batch& batch) override {
    if (!left_done_) {
      if (TRY(left_->next(batch))) {
        return true;
      }
      left_done_ = true;
    }
    return right_->next(batch);
  }

 private:
  SourcePtr left_;
  SourcePtr right_;
  bool left_done_ = false;
};

}  // namespace

SourcePtr make_project(const plan::Project& project, SourcePtr input, QueryRun& run) {
  return std::make_unique<ProjectSource>(project, std::move(input), run);
}

SourcePtr make_filter(const plan::Filter& filter, SourcePtr input, QueryRun& run) {
  return std::make_unique<FilterSource>(filter, std::move(input), run);
}

SourcePtr make_generate(const plan::Node& node, SourcePtr input, QueryRun& run) {
  return std::make_unique<GenerateSource>(node, std::move(input), run);
}

SourcePtr make_limit(const plan::Limit& limit, SourcePtr input) {
  return std::make_unique<LimitSource>(limit, std::move(input));
}

SourcePtr make_values(const plan::Node& node, QueryRun& run) {
  return std::make_unique<ValuesSource>(node, run);
}

SourcePtr make_range(const plan::Range& range) {
  return std::make_unique<RangeSource>(range);
}

SourcePtr make_union(SourcePtr left, SourcePtr right) {
  return std::make_unique<UnionSource>(std::move(left), std::move(right));
}

}  // namespace millrace::exec
