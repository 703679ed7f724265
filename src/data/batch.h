// What operators pass on: columns of at most kBatchRows rows, which rows are selected, which failed
// and where each came from.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/ids.h"
#include "data/column.h"

namespace millrace::data {

inline constexpr std::size_t kBatchRows = 4096;

using RowIndex = std::uint16_t;

/// Rows of a batch in ascending order. All of them is the common case and stores nothing. Owned by
/// one thread.
class Selection {
 public:
  /// The first `count` rows.
  static Selection all(std::size_t count) { return Selection(count); }

  explicit Selection(std::vector<RowIndex> rows)
      : count_(rows.size()), dense_(false), rows_(std::move(rows)) {}

  Selection() = default;

  [[nodiscard]] std::size_t size() const { return count_; }

  [[nodiscard]] bool is_all() const { return dense_; }

  [[nodiscard]] std::size_t operator[](std::size_t index) const {
    return dense_ ? index : rows_[index];
  }

  template <class F>
  void for_each(const F& f) const {
    if (dense_) {
      for (std::size_t row = 0; row < count_; ++row) {
        f(row);
      }
    } else {
      for (const RowIndex row : rows_) {
        f(static_cast<std::size_t>(row));
      }
    }
  }

 private:
  explicit Selection(std::size_t count) : count_(count) {}

  std::size_t count_ = 0;
  bool dense_ = true;
  std::vector<RowIndex> rows_;
};

/// Why a row failed: `code` is expr::EvalError, `site` the expression that failed (text is made
/// from it only for errors that are kept).
struct RowError {
  RowIndex row = 0;
  std::uint16_t code = 0;
  const void* site = nullptr;
};

/// The failed rows of a batch; the first error of a row stays. Owned by one thread.
class ErrorMask {
 public:
  void set(std::size_t row, std::uint16_t code, const void* site) {
    if (failed_.empty()) {
      failed_ = Bitmap(kBatchRows, /*value=*/false);
    }
    if (!failed_.get(row)) {
      failed_.set(row);
      errors_.push_back({static_cast<RowIndex>(row), code, site});
    }
  }

  [[nodiscard]] bool any() const { return !errors_.empty(); }

  [[nodiscard]] bool failed(std::size_t row) const { return !failed_.empty() && failed_.get(row); }

  [[nodiscard]] std::span<const RowError> errors() const { return errors_; }

  void clear() {
    failed_ = {};
    errors_.clear();
  }

 private:
  Bitmap failed_;
  std::vector<RowError> errors_;
};

/// Where the rows of a batch come from: one partition of one source, an offset a row, and the
/// ordinal of the row in its record (0 unless one record gave several rows). Immutable by use.
struct Origins {
  std::uint32_t source = 0;  ///< Number of the source in its flow.
  PartitionId partition{0};
  std::vector<std::int64_t> offsets;
  std::vector<std::uint32_t> ordinals;  ///< Empty = all 0.
};

/// Owned by one thread.
struct Batch {
  std::vector<ColumnPtr> columns;
  std::size_t rows = 0;
  Selection selection;
  ErrorMask errors;
  // Shared with the batches that are made from this one.
  std::shared_ptr<const Origins> origins;
};

}  // namespace millrace::data
