// DISTINCT, INTERSECT and EXCEPT: rows as keys of a set.
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "exec/query_run.h"
#include "exec/row_key.h"

namespace millrace::exec {

namespace {

class DistinctSource final : public BatchSource {
 public:
  DistinctSource(SourcePtr input, QueryRun& run) : input_(std::move(input)), run_(run) {}

  Result<bool> next(data::Batch& batch) override {
    if (!TRY(input_->next(batch))) {
      return false;
    }
    std::vector<data::RowIndex> kept;
    std::size_t bytes = 0;
    std::string key;
    batch.selection.for_each([&](std::size_t row) {
      row_key(batch.columns, row, key);
      if (seen_.insert(key).second) {
        bytes += key.size() + 64;
        kept.push_back(static_cast<data::RowIndex>(row));
      }
    });
    TRY(run_.keep(bytes, "finding distinct rows"));
    batch.selection = data::Selection(std::move(kept));
    return true;
  }

 private:
  SourcePtr input_;
  QueryRun& run_;
  std::unordered_set<std::string> seen_;
};

/// INTERSECT [ALL] and EXCEPT [ALL]: counts the right side's rows, then passes the left side's.
class SetDifferenceSource final : public BatchSource {
 public:
  SetDifferenceSource(const plan::SetOperation& set, SourcePtr left, SourcePtr right, QueryRun& run)
      : set_(set), left_(std::move(left)), right_(std::move(right)), run_(run) {}

  Result<bool> next(data::Batch& batch) override {
    if (right_) {
      TRY(count_right());
      right_.reset();
    }
    if (!TRY(left_->next(batch))) {
      return false;
    }
    std::vector<data::RowIndex> kept;
    std::string key;
    batch.selection.for_each([&](std::size_t row) {
      row_key(batch.columns, row, key);
      if (passes(key)) {
        kept.push_back(static_cast<data::RowIndex>(row));
      }
    });
    TRY(run_.keep(std::exchange(given_bytes_, 0), "comparing rows of two queries"));
    batch.selection = data::Selection(std::move(kept));
    return true;
  }

 private:
  Result<void> count_right() {
    data::Batch batch;
    std::string key;
    while (TRY(right_->next(batch))) {
      std::size_t bytes = 0;
      batch.selection.for_each([&](std::size_t row) {
        row_key(batch.columns, row, key);
        bytes += ++counts_[key] == 1 ? key.size() + 64 : 0;
      });
      TRY(run_.keep(bytes, "comparing rows of two queries"));
    }
    return {};
  }

  bool passes(const std::string& key) {
    const auto found = counts_.find(key);
    const bool there = found != counts_.end() && found->second > 0;
    if (set_.all) {
      if (there) {
        --found->second;
      }
      return there == (set_.kind == plan::SetKind::kIntersect);
    }
    // Without ALL each row of the left side is given once.
    if (there != (set_.kind == plan::SetKind::kIntersect) || !given_.insert(key).second) {
      return false;
    }
    given_bytes_ += key.size() + 64;
    return true;
  }

  const plan::SetOperation& set_;
  SourcePtr left_;
  SourcePtr right_;
  QueryRun& run_;
  std::unordered_map<std::string, std::uint64_t> counts_;
  std::unordered_set<std::string> given_;
  std::size_t given_bytes_ = 0;  // Not yet counted as kept.
};

}  // namespace

SourcePtr make_distinct(SourcePtr input, QueryRun& run) {
  return std::make_unique<DistinctSource>(std::move(input), run);
}

SourcePtr make_set_difference(const plan::SetOperation& set,
                              SourcePtr left,
                              SourcePtr right,
                              QueryRun& run) {
  return std::make_unique<SetDifferenceSource>(set, std::move(left), std::move(right), run);
}

}  // namespace millrace::exec
