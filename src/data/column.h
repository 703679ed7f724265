// A column of at most a batch of rows, in Arrow's spirit: a validity bitmap and a buffer of values;
// strings are views into Blocks that the column holds; arrays and maps have offsets and children,
// structs children of the same length. Differences to Arrow: a BOOLEAN is one byte, strings are
// std::string_view (pointer and length).
//
// A constant column (a literal) stores one value for any number of rows: get() masks the row
// number, so a kernel need not know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "data/block.h"
#include "data/int128.h"
#include "data/type.h"
#include "data/value.h"

namespace millrace::data {

class Column;
// Shared by batches and by the results of expressions that pass a column on.
using ColumnPtr = std::shared_ptr<const Column>;

/// One bit a row, lowest first; 1 = a value is there.
class Bitmap {
 public:
  Bitmap() = default;

  explicit Bitmap(std::size_t bits, bool value) : words_((bits + 63) / 64, value ? ~0ULL : 0ULL) {}

  [[nodiscard]] bool get(std::size_t bit) const { return (words_[bit / 64] >> (bit % 64)) & 1U; }

  void set(std::size_t bit) { words_[bit / 64] |= 1ULL << (bit % 64); }

  void clear(std::size_t bit) { words_[bit / 64] &= ~(1ULL << (bit % 64)); }

  [[nodiscard]] std::span<const std::uint64_t> words() const { return words_; }

  [[nodiscard]] std::span<std::uint64_t> words() { return words_; }

  void resize(std::size_t bits) { words_.resize((bits + 63) / 64, 0); }

  [[nodiscard]] bool empty() const { return words_.empty(); }

 private:
  std::vector<std::uint64_t> words_;
};

/// Values of one type. Physical C++ type by kind: BOOLEAN uint8_t; TINYINT int8_t; SMALLINT
/// int16_t; INT, DATE, year-month interval int32_t; BIGINT, TIMESTAMP, TIMESTAMP_NTZ, TIME,
/// day-time interval int64_t; FLOAT float; DOUBLE double; DECIMAL Int128; STRING, BINARY, VARIANT
/// std::string_view; calendar interval CalendarInterval. Immutable (after ColumnBuilder).
class Column {
 public:
  /// The parts of a column. `validity` empty = no nulls. A value under a null is zero, a view
  /// empty.
  struct Parts {
    Type type;
    std::size_t size = 0;
    bool constant = false;
    Bitmap validity;
    std::vector<std::byte> values;      ///< size × width bytes (or one value), 16-aligned
    std::vector<std::int32_t> offsets;  ///< arrays, maps: size + 1
    std::vector<ColumnPtr> children;    ///< array: 1; map: key, value; struct: fields
    std::vector<BlockPtr> blocks;       ///< what the views point into
  };

  explicit Column(Parts parts);

  /// `size` rows of one value.
  static ColumnPtr constant(const Type& type, const Value& value, std::size_t size);
  /// `size` nulls.
  static ColumnPtr nulls(const Type& type, std::size_t size);

  [[nodiscard]] const Type& type() const { return parts_.type; }

  [[nodiscard]] std::size_t size() const { return parts_.size; }

  [[nodiscard]] bool is_constant() const { return parts_.constant; }

  [[nodiscard]] bool may_have_nulls() const { return !parts_.validity.empty(); }

  [[nodiscard]] bool is_null(std::size_t row) const {
    return !parts_.validity.empty() && !parts_.validity.get(row & mask_);
  }

  /// REQUIRES: T is the physical type, row < size()
  template <class T>
  [[nodiscard]] const T& get(std::size_t row) const {
    return reinterpret_cast<const T*>(parts_.values.data())[row & mask_];
  }

  /// All values; one only when constant. REQUIRES: T is the physical type
  template <class T>
  [[nodiscard]] std::span<const T> values() const {
    return {reinterpret_cast<const T*>(parts_.values.data()), parts_.values.size() / sizeof(T)};
  }

  [[nodiscard]] std::string_view string(std::size_t row) const {
    return get<std::string_view>(row);
  }

  /// The validity bitmap; empty = no nulls.
  [[nodiscard]] const Bitmap& validity() const { return parts_.validity; }

  /// Where the elements of a row's array or map begin and end in the children.
  [[nodiscard]] std::int32_t begin_of(std::size_t row) const { return parts_.offsets[row & mask_]; }

  [[nodiscard]] std::int32_t end_of(std::size_t row) const {
    return parts_.offsets[(row & mask_) + 1];
  }

  [[nodiscard]] const ColumnPtr& child(std::size_t index) const { return parts_.children[index]; }

  /// The row in a struct's children that belongs to `row`.
  [[nodiscard]] std::size_t child_row(std::size_t row) const { return row & mask_; }

  [[nodiscard]] const Parts& parts() const { return parts_; }

  /// The boxed value of a row.
  [[nodiscard]] Value value(std::size_t row) const;

  /// Bytes held, without those of shared Blocks.
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  Parts parts_;
  std::size_t mask_;  // ~0, or 0 for a constant.
};

}  // namespace millrace::data
