// Builds a Column value by value.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "data/arena.h"
#include "data/column.h"

namespace millrace::data {

/// Strings are copied into Blocks of its own, unless appended as views of a Block that is held.
/// Owned by one thread.
class ColumnBuilder {
 public:
  /// `reserve`: how many rows are expected.
  explicit ColumnBuilder(Type type, std::size_t reserve = 0);
  ColumnBuilder(ColumnBuilder&&) noexcept;
  ColumnBuilder& operator=(ColumnBuilder&&) noexcept;
  ColumnBuilder(const ColumnBuilder&) = delete;
  ColumnBuilder& operator=(const ColumnBuilder&) = delete;
  ~ColumnBuilder();

  [[nodiscard]] const Type& type() const { return type_; }

  [[nodiscard]] std::size_t size() const { return size_; }

  void append_null();

  /// REQUIRES: T is the physical type (strings: append_string)
  template <class T>
  void append(T value) {
    const std::size_t at = values_.size();
    values_.resize(at + sizeof(T));
    *reinterpret_cast<T*>(values_.data() + at) = value;
    ++size_;
  }

  /// Copies the bytes.
  void append_string(std::string_view bytes) { append<std::string_view>(arena_.copy(bytes)); }

  /// Keeps the view. REQUIRES: it points into a Block given to hold() before finish(), or into
  /// arena()
  void append_view(std::string_view bytes) { append<std::string_view>(bytes); }

  void hold(BlockPtr block);

  /// Memory for views that are written in place; it goes with the column.
  [[nodiscard]] Arena& arena() { return arena_; }

  /// REQUIRES: the value's form is that of the type (value.h)
  void append_value(const Value& value);
  /// Copies row `row` of a column of the same type; strings stay views where few Blocks have to be
  /// held for it.
  void append_from(const Column& column, std::size_t row);

  /// Builders of the children: array 0 = elements; map 0 = keys, 1 = values; struct = fields. After
  /// the children of one row are appended, close the row with append_nested().
  [[nodiscard]] ColumnBuilder& child(std::size_t index) { return children_[index]; }

  /// Ends a row of an array, map or struct: what was appended to the children since the last row is
  /// its content.
  void append_nested();

  /// The column; the builder is empty afterwards and may be used again.
  ColumnPtr finish();

 private:
  void note_null(std::size_t row);
  void fill_valid(std::size_t end);
  void append_zero();
  void append_string_from(const Column& column, std::size_t row);

  Type type_;
  std::size_t size_ = 0;
  Bitmap validity_;  // Of the rows before validity_rows_; the others are not null.
  std::size_t validity_rows_ = 0;
  std::vector<std::byte> values_;
  std::vector<std::int32_t> offsets_;
  std::vector<ColumnBuilder> children_;
  std::vector<BlockPtr> blocks_;
  Arena arena_;
};

}  // namespace millrace::data
