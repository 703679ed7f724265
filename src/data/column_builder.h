// Builds a Column value by value.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "data/column.h"

namespace millrace::data {

/// Strings are copied into Blocks of its own, unless appended as views of a Block that is held.
/// Owned by one thread.
class ColumnBuilder {
 public:
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
  void append_string(std::string_view bytes);
  /// Keeps the view. REQUIRES: it points into a Block given to hold(), before finish().
  void append_view(std::string_view bytes) { append<std::string_view>(bytes); }

  void hold(BlockPtr block);

  /// REQUIRES: the value's form is that of the type (value.h)
  void append_value(const Value& value);
  /// Copies row `row` of a column of the same type; views stay views, its Blocks are held.
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

  struct Arena;

  Type type_;
  std::size_t size_ = 0;
  Bitmap validity_;
  std::vector<std::byte> values_;
  std::vector<std::int32_t> offsets_;
  std::vector<ColumnBuilder> children_;
  std::vector<BlockPtr> blocks_;
  std::unique_ptr<Arena> arena_;
};

}  // namespace millrace::data
