// A column that is written cell by cell at given rows, and can take a row back: what a decoder
// needs that learns only at a record's end whether its cells stand.
//
// Rows are written in ascending order; only the last one may be written again, reset or cut off.
// Cells that nobody wrote are null. Columns of fixed width below structs of the root are sized for
// all rows at once (begin); lists and their children grow as they are written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "data/arena.h"
#include "data/column.h"
#include "data/type.h"
#include "data/value.h"

namespace millrace::format::detail {

/// Owned by one thread.
class CellColumn {
 public:
  explicit CellColumn(data::Type type);

  [[nodiscard]] const data::Type& type() const { return type_; }

  [[nodiscard]] data::TypeKind kind() const { return kind_; }

  [[nodiscard]] std::size_t size() const { return size_; }

  [[nodiscard]] CellColumn& child(std::size_t index) { return children_.data()[index]; }

  /// Starts a batch of `rows` rows, all null.
  void begin(std::size_t rows);

  /// Makes the row exist. Elements of lists need it before they are written.
  void ensure(std::size_t row);

  [[nodiscard]] bool is_valid(std::size_t row) const {
    return ((validity_.data()[row / 64] >> (row % 64)) & 1U) != 0;
  }

  // Through data(): a checked operator[] costs a tenth of the decoder's time.
  void set_valid(std::size_t row) { validity_.data()[row / 64] |= 1ULL << (row % 64); }

  /// REQUIRES: T is the physical type, the row exists
  template <class T>
  void set(std::size_t row, T value) {
    reinterpret_cast<T*>(values_.data())[row] = value;
    set_valid(row);
  }

  /// Makes the last written row null, and drops its elements.
  void reset(std::size_t row);

  /// Starts the list of a row; what it held is dropped. Elements are rows of the children from
  /// child(0).size() on.
  void open_list(std::size_t row);
  /// Ends it: every element since open_list is its content.
  void close_list(std::size_t row);

  /// Writes a boxed value; strings go to the arena.
  void set_value(std::size_t row, const data::Value& value, data::Arena& arena);

  /// The column of `rows` rows, whose string views lie in `blocks`.
  data::ColumnPtr finish(std::size_t rows, std::span<const data::BlockPtr> blocks);

 private:
  void cut(std::size_t rows);
  void set_nested(std::size_t row, const data::Value& value, data::Arena& arena);
  void cover(std::size_t rows);

  data::Type type_;
  data::TypeKind kind_;
  bool is_list_;
  bool is_text_;
  std::size_t width_;
  std::size_t size_ = 0;
  std::vector<std::byte> values_;
  std::vector<std::uint64_t> validity_;
  std::vector<std::int32_t> ends_;  // Of lists: where the elements of a row end in the children.
  std::vector<CellColumn> children_;
};

}  // namespace millrace::format::detail
