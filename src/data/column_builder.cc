#include "data/column_builder.h"

#include <algorithm>
#include <utility>

namespace millrace::data {
namespace {

// Rows are copied with their Blocks held up to this many Blocks in the column they come from;
// beyond it their bytes are copied, because looking whether a Block is held already costs more.
constexpr std::size_t kBlocksToHold = 4;

bool has_offsets(const Type& type) {
  return type.kind() == TypeKind::kArray || type.kind() == TypeKind::kMap;
}

bool is_text(const Type& type) {
  return type.is_string_or_binary() || type.kind() == TypeKind::kVariant;
}

std::size_t physical_width(const Type& type) {
  return is_text(type) ? sizeof(std::string_view) : type.width();
}

}  // namespace

ColumnBuilder::ColumnBuilder(Type type, std::size_t reserve) : type_(std::move(type)) {
  values_.reserve(reserve * physical_width(type_));
  if (has_offsets(type_)) {
    offsets_.reserve(reserve + 1);
    offsets_.push_back(0);
  }
  children_.reserve(type_.fields().size());
  for (const Field& field : type_.fields()) {
    children_.emplace_back(field.type, reserve);
  }
}

ColumnBuilder::ColumnBuilder(ColumnBuilder&&) noexcept = default;
ColumnBuilder& ColumnBuilder::operator=(ColumnBuilder&&) noexcept = default;
ColumnBuilder::~ColumnBuilder() = default;

void ColumnBuilder::append_null() {
  note_null(size_);
  append_zero();
}

void ColumnBuilder::append_zero() {
  if (has_offsets(type_)) {
    offsets_.push_back(offsets_.back());
  } else if (is_text(type_)) {
    append<std::string_view>({});
    return;
  } else if (type_.kind() == TypeKind::kStruct) {
    for (ColumnBuilder& child : children_) {
      child.append_null();
    }
  } else {
    values_.resize(values_.size() + type_.width());
  }
  ++size_;
}

void ColumnBuilder::hold(BlockPtr block) {
  if (block && std::find(blocks_.rbegin(), blocks_.rend(), block) == blocks_.rend()) {
    blocks_.push_back(std::move(block));
  }
}

void ColumnBuilder::append_value(const Value& value) {
  if (value.is_null()) {
    append_null();
    return;
  }
  switch (type_.kind()) {
    case TypeKind::kVoid:
      append_null();
      return;
    case TypeKind::kBoolean:
      return append<std::uint8_t>(value.boolean() ? 1 : 0);
    case TypeKind::kTinyInt:
      return append(static_cast<std::int8_t>(value.integer()));
    case TypeKind::kSmallInt:
      return append(static_cast<std::int16_t>(value.integer()));
    case TypeKind::kInt:
    case TypeKind::kDate:
    case TypeKind::kYearMonthInterval:
      return append(static_cast<std::int32_t>(value.integer()));
    case TypeKind::kBigInt:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kTime:
    case TypeKind::kDayTimeInterval:
      return append(value.integer());
    case TypeKind::kFloat:
      return append(static_cast<float>(value.floating()));
    case TypeKind::kDouble:
      return append(value.floating());
    case TypeKind::kDecimal:
      return append(value.decimal());
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kVariant:
      return append_string(value.string());
    case TypeKind::kCalendarInterval:
      return append(value.interval());
    case TypeKind::kArray:
      for (const Value& element : value.list()) {
        children_[0].append_value(element);
      }
      return append_nested();
    case TypeKind::kMap:
      for (const auto& [key, mapped] : value.map()) {
        children_[0].append_value(key);
        children_[1].append_value(mapped);
      }
      return append_nested();
    case TypeKind::kStruct:
      for (std::size_t i = 0; i < children_.size(); ++i) {
        children_[i].append_value(value.list()[i]);
      }
      return append_nested();
  }
}

void ColumnBuilder::append_from(const Column& column, std::size_t row) {
  if (column.is_null(row)) {
    append_null();
  } else if (is_text(type_)) {
    append_string_from(column, row);
  } else if (has_offsets(type_)) {
    for (std::int32_t i = column.begin_of(row); i < column.end_of(row); ++i) {
      for (std::size_t child = 0; child < children_.size(); ++child) {
        children_[child].append_from(*column.child(child), static_cast<std::size_t>(i));
      }
    }
    append_nested();
  } else if (type_.kind() == TypeKind::kStruct) {
    for (std::size_t child = 0; child < children_.size(); ++child) {
      children_[child].append_from(*column.child(child), column.child_row(row));
    }
    append_nested();
  } else {
    const std::size_t width = type_.width();
    const std::size_t from = column.is_constant() ? 0 : row * width;
    const std::byte* bytes = column.parts().values.data() + from;
    values_.insert(values_.end(), bytes, bytes + width);
    ++size_;
  }
}

void ColumnBuilder::append_string_from(const Column& column, std::size_t row) {
  const std::vector<BlockPtr>& blocks = column.parts().blocks;
  if (blocks.size() > kBlocksToHold) {
    append_string(column.string(row));
    return;
  }
  for (const BlockPtr& block : blocks) {
    hold(block);
  }
  append_view(column.string(row));
}

void ColumnBuilder::append_nested() {
  if (has_offsets(type_)) {
    offsets_.push_back(static_cast<std::int32_t>(children_[0].size()));
  }
  ++size_;
}

ColumnPtr ColumnBuilder::finish() {
  Column::Parts parts;
  parts.type = type_;
  parts.size = size_;
  if (!validity_.empty()) {
    fill_valid(size_);
    parts.validity = std::exchange(validity_, {});
  }
  parts.values = std::exchange(values_, {});
  parts.offsets = std::exchange(offsets_, {});
  for (ColumnBuilder& child : children_) {
    parts.children.push_back(child.finish());
  }
  parts.blocks = std::exchange(blocks_, {});
  for (BlockPtr& block : arena_.take()) {
    parts.blocks.push_back(std::move(block));
  }
  size_ = 0;
  validity_rows_ = 0;
  if (has_offsets(type_)) {
    offsets_.push_back(0);
  }
  return std::make_shared<const Column>(std::move(parts));
}

void ColumnBuilder::note_null(std::size_t row) {
  fill_valid(row);
  validity_.resize(row + 1);
  validity_.clear(row);
  validity_rows_ = row + 1;
}

void ColumnBuilder::fill_valid(std::size_t end) {
  validity_.resize(end);
  for (; validity_rows_ < end; ++validity_rows_) {
    validity_.set(validity_rows_);
  }
}

}  // namespace millrace::data
