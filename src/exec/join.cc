// Joins: the right side is kept, by the bytes of its keys; the left side streams past it. Without
// equal keys every pair is looked at.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "data/column_builder.h"
#include "exec/query_run.h"
#include "exec/row_key.h"

namespace millrace::exec {

namespace {

class JoinSource final : public BatchSource {
 public:
  JoinSource(const plan::Node& node, SourcePtr left, SourcePtr right, QueryRun& run)
      : node_(node),
        join_(std::get<plan::Join>(node.op)),
        left_(std::move(left)),
        right_(std::move(right)),
        run_(run) {}

  Result<bool> next(data::Batch& batch) override {
    if (!built_) {
      TRY(build());
      built_ = true;
    }
    while (pairs_at_ == pairs_.size()) {
      TRY(run_.check_stop());
      pairs_.clear();
      pairs_at_ = 0;
      if (left_done_) {
        return false;
      }
      if (probed_ < input_.selection.size()) {
        TRY(probe());
      } else if (TRY(left_->next(input_))) {
        keys_ = TRY(evaluate(join_.left_keys, input_));
        probed_ = 0;
      } else {
        left_done_ = true;
        add_unmatched_right();
      }
    }
    emit(batch);
    return true;
  }

 private:
  // A row of the output: a left row or none, a right row or none.
  struct Pair {
    std::int32_t left = -1;
    std::int64_t right = -1;  // Number in right_rows_; kExistence: 1 yes, 0 no, -1 null.
  };

  [[nodiscard]] bool keeps_left() const {
    return join_.kind == plan::JoinKind::kLeft || join_.kind == plan::JoinKind::kFull ||
           join_.kind == plan::JoinKind::kLeftSingle;
  }

  [[nodiscard]] bool keeps_right() const {
    return join_.kind == plan::JoinKind::kRight || join_.kind == plan::JoinKind::kFull;
  }

  [[nodiscard]] bool left_only() const {
    return join_.kind == plan::JoinKind::kLeftSemi || join_.kind == plan::JoinKind::kLeftAnti;
  }

  [[nodiscard]] bool existence() const { return join_.kind == plan::JoinKind::kExistence; }

  Result<void> check_single(std::size_t matches) {
    if (join_.kind != plan::JoinKind::kLeftSingle || matches < 2) {
      return {};
    }
    return run_.fail(expr::EvalError::kScalarSubqueryTooManyRows,
                     "More than one row returned by a subquery used as an expression.",
                     node_.where,
                     "add LIMIT 1, an aggregate, or a condition that leaves one row");
  }

  Result<void> build() {
    right_batches_ = TRY(collect(*right_, run_, "joining"));
    std::string key;
    for (std::size_t index = 0; index < right_batches_.size(); ++index) {
      data::Batch& batch = right_batches_[index];
      const std::vector<data::ColumnPtr> keys = TRY(evaluate(join_.right_keys, batch));
      for (std::size_t row = 0; row < batch.rows; ++row) {
        const auto number = static_cast<std::uint32_t>(right_rows_.size());
        right_rows_.push_back({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(row)});
        if (any_null(keys, row)) {
          with_null_.push_back(number);
        } else if (!keys.empty()) {
          row_key(keys, row, key);
          by_key_[key].push_back(number);
        }
      }
      TRY(run_.keep(batch.rows * 64, "joining"));
      right_keys_.push_back(keys);
    }
    // Without a condition every row outside sees all rows, also where there is none outside.
    if (join_.right_keys.empty() && !join_.residual) {
      TRY(check_single(right_rows_.size()));
    }
    matched_.assign(right_rows_.size(), false);
    all_.resize(join_.right_keys.empty() ? right_rows_.size() : 0);
    for (std::size_t row = 0; row < all_.size(); ++row) {
      all_[row] = static_cast<std::uint32_t>(row);
    }
    return {};
  }

  Result<std::vector<data::ColumnPtr>> evaluate(const std::vector<expr::ExpressionPtr>& keys,
                                                data::Batch& batch) {
    expr::Evaluation evaluation(run_.context(), batch);
    std::vector<data::ColumnPtr> columns;
    columns.reserve(keys.size());
    for (const expr::ExpressionPtr& key : keys) {
      columns.push_back(evaluation.evaluate(*key, batch.selection));
    }
    TRY(run_.check(batch));
    return columns;
  }

  // The right rows with the key of each left row, filtered by the rest of the condition. Pauses
  // when there are pairs for a batch: a product of a whole batch could be larger than the memory.
  Result<void> probe() {
    std::string key;
    static const std::vector<std::uint32_t> kNone;
    while (probed_ < input_.selection.size() && pairs_.size() < data::kBatchRows) {
      const std::size_t row = input_.selection[probed_++];
      const std::vector<std::uint32_t>* candidates = &all_;
      const bool null_key = any_null(keys_, row);
      if (!keys_.empty()) {
        candidates = &kNone;
        if (!null_key) {
          row_key(keys_, row, key);
          const auto found = by_key_.find(key);
          candidates = found == by_key_.end() ? &kNone : &found->second;
        }
      }
      TRY(match(row, *candidates, null_key));
    }
    return {};
  }

  Result<void> match(std::size_t row, const std::vector<std::uint32_t>& candidates, bool null_key) {
    const auto left = static_cast<std::int32_t>(row);
    const std::vector<std::uint32_t> matches = TRY(passing(row, candidates));
    TRY(check_single(matches.size()));
    if (existence()) {
      const bool unknown = matches.empty() && join_.null_aware && may_equal(row, null_key);
      const int exists = matches.empty() ? 0 : 1;
      pairs_.push_back({.left = left, .right = unknown ? -1 : exists});
      return {};
    }
    if (left_only()) {
      bool found = !matches.empty();
      if (join_.null_aware && !found) {
        found = may_equal(row, null_key);
      }
      if (found == (join_.kind == plan::JoinKind::kLeftSemi)) {
        pairs_.push_back({.left = left});
      }
      return {};
    }
    for (const std::uint32_t match : matches) {
      matched_[match] = true;
      pairs_.push_back({.left = left, .right = match});
    }
    if (matches.empty() && keeps_left()) {
      pairs_.push_back({.left = left});
    }
    return {};
  }

  // x NOT IN (…) is not TRUE when a comparison of x with an element is NULL: the same but for
  // nulls.
  [[nodiscard]] bool may_equal(std::size_t row, bool null_key) const {
    const std::size_t count = null_key ? right_rows_.size() : with_null_.size();
    for (std::size_t at = 0; at < count; ++at) {
      const RowAt& right = right_rows_[null_key ? at : with_null_[at]];
      bool differs = false;
      for (std::size_t key = 0; key < keys_.size() && !differs; ++key) {
        const data::Column& other = *right_keys_[right.batch][key];
        differs = !keys_[key]->is_null(row) && !other.is_null(right.row) &&
                  compare_rows(*keys_[key], row, other, right.row) != 0;
      }
      if (!differs) {
        return true;
      }
    }
    return false;
  }

  // Those candidates for which the residual condition is TRUE.
  Result<std::vector<std::uint32_t>> passing(std::size_t row,
                                             const std::vector<std::uint32_t>& candidates) {
    if (!join_.residual) {
      return candidates;
    }
    std::vector<std::uint32_t> matches;
    for (std::size_t at = 0; at < candidates.size(); at += data::kBatchRows) {
      const std::size_t count = std::min(candidates.size() - at, data::kBatchRows);
      std::vector<Pair> pairs;
      pairs.reserve(count);
      for (std::size_t index = 0; index < count; ++index) {
        pairs.push_back({.left = static_cast<std::int32_t>(row), .right = candidates[at + index]});
      }
      data::Batch joined = combine(pairs, 0, count, /*both=*/true);
      expr::Evaluation evaluation(run_.context(), joined);
      const data::Selection kept = expr::filter_rows(*join_.residual, joined.selection, evaluation);
      TRY(run_.check(joined));
      kept.for_each([&](std::size_t index) { matches.push_back(candidates[at + index]); });
    }
    return matches;
  }

  void add_unmatched_right() {
    if (!keeps_right()) {
      return;
    }
    for (std::size_t row = 0; row < matched_.size(); ++row) {
      if (!matched_[row]) {
        pairs_.push_back({.right = static_cast<std::int64_t>(row)});
      }
    }
  }

  void emit(data::Batch& batch) {
    const std::size_t count = std::min(pairs_.size() - pairs_at_, data::kBatchRows);
    batch = combine(pairs_, pairs_at_, count, !left_only() && !existence());
    if (existence()) {
      data::ColumnBuilder exists(data::Type(data::TypeKind::kBoolean), count);
      for (std::size_t at = pairs_at_; at < pairs_at_ + count; ++at) {
        if (pairs_[at].right < 0) {
          exists.append_null();
        } else {
          exists.append(static_cast<std::uint8_t>(pairs_[at].right));
        }
      }
      batch.columns.push_back(exists.finish());
    }
    pairs_at_ += count;
  }

  data::Batch combine(const std::vector<Pair>& pairs,
                      std::size_t from,
                      std::size_t count,
                      bool both) {
    data::Batch batch;
    const std::size_t left_columns = node_.inputs[0]->schema.fields.size();
    const std::size_t right_columns = node_.inputs[1]->schema.fields.size();
    for (std::size_t column = 0; column < left_columns; ++column) {
      data::ColumnBuilder builder(node_.inputs[0]->schema.fields[column].type, count);
      for (std::size_t at = from; at < from + count; ++at) {
        if (pairs[at].left < 0) {
          builder.append_null();
        } else {
          builder.append_from(*input_.columns[column], static_cast<std::size_t>(pairs[at].left));
        }
      }
      batch.columns.push_back(builder.finish());
    }
    for (std::size_t column = 0; both && column < right_columns; ++column) {
      data::ColumnBuilder builder(node_.inputs[1]->schema.fields[column].type, count);
      for (std::size_t at = from; at < from + count; ++at) {
        if (pairs[at].right < 0) {
          builder.append_null();
        } else {
          const RowAt& right = right_rows_[static_cast<std::size_t>(pairs[at].right)];
          builder.append_from(*right_batches_[right.batch].columns[column], right.row);
        }
      }
      batch.columns.push_back(builder.finish());
    }
    batch.rows = count;
    batch.selection = data::Selection::all(count);
    return batch;
  }

  const plan::Node& node_;
  const plan::Join& join_;
  SourcePtr left_;
  SourcePtr right_;
  QueryRun& run_;
  bool built_ = false;
  bool left_done_ = false;
  std::vector<data::Batch> right_batches_;
  std::vector<std::vector<data::ColumnPtr>> right_keys_;  // Of right_batches_.
  std::vector<RowAt> right_rows_;
  std::vector<std::uint32_t> with_null_;  // Right rows with a null in a key.
  std::vector<bool> matched_;
  std::vector<std::uint32_t> all_;  // Every right row, when there are no keys.
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_key_;
  data::Batch input_;
  std::vector<data::ColumnPtr> keys_;  // Of input_.
  std::size_t probed_ = 0;             // Rows of input_ that were looked at.
  std::vector<Pair> pairs_;
  std::size_t pairs_at_ = 0;
};

}  // namespace

SourcePtr make_join(const plan::Node& node, SourcePtr left, SourcePtr right, QueryRun& run) {
  return std::make_unique<JoinSource>(node, std::move(left), std::move(right), run);
}

}  // namespace millrace::exec
