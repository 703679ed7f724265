#include "format/detail/cell_column.h"

#include <algorithm>
#include <utility>

namespace millrace::format::detail {

using data::TypeKind;

CellColumn::CellColumn(data::Type type)
    : type_(std::move(type)),
      kind_(type_.kind()),
      is_list_(kind_ == TypeKind::kArray || kind_ == TypeKind::kMap),
      is_text_(type_.is_string_or_binary() || kind_ == TypeKind::kVariant),
      width_(is_text_ ? sizeof(std::string_view) : type_.width()) {
  children_.reserve(type_.fields().size());
  for (const data::Field& field : type_.fields()) {
    children_.emplace_back(field.type);
  }
}

void CellColumn::begin(std::size_t rows) {
  size_ = 0;
  values_.clear();
  validity_.clear();
  ends_.clear();
  cover(rows);
  if (is_list_) {
    ends_.reserve(rows);
    for (CellColumn& child : children_) {
      child.begin(0);
    }
    return;
  }
  size_ = rows;
  values_.resize(rows * width_);
  for (CellColumn& child : children_) {
    child.begin(rows);
  }
}

// Gives every row below `rows` its bit.
void CellColumn::cover(std::size_t rows) {
  if (validity_.size() * 64 < rows) {
    validity_.resize((rows + 63) / 64);
  }
}

void CellColumn::ensure(std::size_t row) {
  if (row < size_) {
    return;
  }
  size_ = row + 1;
  cover(size_);
  if (is_list_) {
    ends_.resize(size_, static_cast<std::int32_t>(children_[0].size()));
    return;
  }
  values_.resize(size_ * width_);
  for (CellColumn& child : children_) {
    // A list grows when it is written, but its bits may be asked for.
    if (child.is_list_) {
      child.cover(size_);
    } else {
      child.ensure(row);
    }
  }
}

void CellColumn::reset(std::size_t row) {
  validity_[row / 64] &= ~(1ULL << (row % 64));
  if (is_list_) {
    cut(row);
    return;
  }
  std::fill_n(values_.begin() + static_cast<std::ptrdiff_t>(row * width_), width_, std::byte{0});
  for (CellColumn& child : children_) {
    child.reset(row);
  }
}

// Drops the rows from `rows` on.
void CellColumn::cut(std::size_t rows) {
  if (size_ <= rows) {
    return;
  }
  for (std::size_t row = rows; row < size_; ++row) {
    validity_[row / 64] &= ~(1ULL << (row % 64));
  }
  size_ = rows;
  if (is_list_) {
    const auto elements = rows == 0 ? 0 : static_cast<std::size_t>(ends_[rows - 1]);
    ends_.resize(rows);
    for (CellColumn& child : children_) {
      child.cut(elements);
    }
    return;
  }
  values_.resize(rows * width_);
  for (CellColumn& child : children_) {
    child.cut(rows);
  }
}

void CellColumn::open_list(std::size_t row) {
  cut(row);
  ensure(row);
}

void CellColumn::close_list(std::size_t row) {
  ends_[row] = static_cast<std::int32_t>(children_[0].size());
  set_valid(row);
}

void CellColumn::set_value(std::size_t row, const data::Value& value, data::Arena& arena) {
  if (value.is_null()) {
    return;
  }
  switch (kind_) {
    case TypeKind::kVoid:
      return;
    case TypeKind::kBoolean:
      return set<std::uint8_t>(row, value.boolean() ? 1 : 0);
    case TypeKind::kTinyInt:
      return set(row, static_cast<std::int8_t>(value.integer()));
    case TypeKind::kSmallInt:
      return set(row, static_cast<std::int16_t>(value.integer()));
    case TypeKind::kInt:
    case TypeKind::kDate:
    case TypeKind::kYearMonthInterval:
      return set(row, static_cast<std::int32_t>(value.integer()));
    case TypeKind::kBigInt:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kTime:
    case TypeKind::kDayTimeInterval:
      return set(row, value.integer());
    case TypeKind::kFloat:
      return set(row, static_cast<float>(value.floating()));
    case TypeKind::kDouble:
      return set(row, value.floating());
    case TypeKind::kDecimal:
      return set(row, value.decimal());
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kVariant:
      return set(row, arena.copy(value.string()));
    case TypeKind::kCalendarInterval:
      return set(row, value.interval());
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct:
      return set_nested(row, value, arena);
  }
}

void CellColumn::set_nested(std::size_t row, const data::Value& value, data::Arena& arena) {
  if (kind_ == TypeKind::kStruct) {
    set_valid(row);
    for (std::size_t i = 0; i < children_.size(); ++i) {
      children_[i].set_value(row, value.list()[i], arena);
    }
    return;
  }
  open_list(row);
  if (kind_ == TypeKind::kArray) {
    for (const data::Value& element : value.list()) {
      const std::size_t at = children_[0].size();
      children_[0].ensure(at);
      children_[0].set_value(at, element, arena);
    }
  } else {
    for (const auto& [key, mapped] : value.map()) {
      const std::size_t at = children_[0].size();
      children_[0].ensure(at);
      children_[1].ensure(at);
      children_[0].set_value(at, key, arena);
      children_[1].set_value(at, mapped, arena);
    }
  }
  close_list(row);
}

data::ColumnPtr CellColumn::finish(std::size_t rows, std::span<const data::BlockPtr> blocks) {
  data::Column::Parts parts;
  parts.type = type_;
  parts.size = rows;
  std::size_t child_rows = rows;
  if (is_list_) {
    if (rows > 0) {
      ensure(rows - 1);
    }
    parts.offsets.reserve(rows + 1);
    parts.offsets.push_back(0);
    parts.offsets.insert(parts.offsets.end(), ends_.begin(), ends_.end());
    child_rows = static_cast<std::size_t>(parts.offsets.back());
  }
  cover(rows);
  std::size_t valid = 0;
  for (const std::uint64_t word : validity_) {
    valid += static_cast<std::size_t>(__builtin_popcountll(word));
  }
  if (valid < rows) {
    parts.validity = data::Bitmap(rows, /*value=*/false);
    std::copy_n(validity_.begin(), parts.validity.words().size(), parts.validity.words().begin());
  }
  parts.values = std::exchange(values_, {});
  for (CellColumn& child : children_) {
    parts.children.push_back(child.finish(child_rows, blocks));
  }
  if (is_text_) {
    parts.blocks.assign(blocks.begin(), blocks.end());
  }
  return std::make_shared<const data::Column>(std::move(parts));
}

}  // namespace millrace::format::detail
