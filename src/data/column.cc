#include "data/column.h"

#include <utility>

#include "data/column_builder.h"

namespace millrace::data {
namespace {

Value struct_value(const Column& column, std::size_t row) {
  ValueList list;
  const std::size_t fields = column.type().fields().size();
  list.reserve(fields);
  for (std::size_t i = 0; i < fields; ++i) {
    list.push_back(column.child(i)->value(column.child_row(row)));
  }
  return Value(std::move(list));
}

Value array_value(const Column& column, std::size_t row) {
  ValueList list;
  for (std::int32_t i = column.begin_of(row); i < column.end_of(row); ++i) {
    list.push_back(column.child(0)->value(static_cast<std::size_t>(i)));
  }
  return Value(std::move(list));
}

Value map_value(const Column& column, std::size_t row) {
  ValueMap map;
  for (std::int32_t i = column.begin_of(row); i < column.end_of(row); ++i) {
    const auto at = static_cast<std::size_t>(i);
    map.emplace_back(column.child(0)->value(at), column.child(1)->value(at));
  }
  return Value(std::move(map));
}

}  // namespace

Column::Column(Parts parts)
    : parts_(std::move(parts)), mask_(parts_.constant ? 0 : ~std::size_t{0}) {}

ColumnPtr Column::constant(const Type& type, const Value& value, std::size_t size) {
  ColumnBuilder builder(type, 1);
  builder.append_value(value);
  Parts parts = builder.finish()->parts();
  parts.size = size;
  parts.constant = true;
  return std::make_shared<const Column>(std::move(parts));
}

ColumnPtr Column::nulls(const Type& type, std::size_t size) {
  return constant(type, Value(), size);
}

Value Column::value(std::size_t row) const {
  if (is_null(row)) {
    return {};
  }
  switch (parts_.type.kind()) {
    case TypeKind::kVoid:
      return {};
    case TypeKind::kBoolean:
      return Value(get<std::uint8_t>(row) != 0);
    case TypeKind::kTinyInt:
      return Value(std::int64_t{get<std::int8_t>(row)});
    case TypeKind::kSmallInt:
      return Value(std::int64_t{get<std::int16_t>(row)});
    case TypeKind::kInt:
    case TypeKind::kDate:
    case TypeKind::kYearMonthInterval:
      return Value(std::int64_t{get<std::int32_t>(row)});
    case TypeKind::kBigInt:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kTime:
    case TypeKind::kDayTimeInterval:
      return Value(get<std::int64_t>(row));
    case TypeKind::kFloat:
      return Value(double{get<float>(row)});
    case TypeKind::kDouble:
      return Value(get<double>(row));
    case TypeKind::kDecimal:
      return Value(get<Int128>(row));
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kVariant:
      return Value(std::string(string(row)));
    case TypeKind::kCalendarInterval:
      return Value(get<CalendarInterval>(row));
    case TypeKind::kArray:
      return array_value(*this, row);
    case TypeKind::kMap:
      return map_value(*this, row);
    case TypeKind::kStruct:
      return struct_value(*this, row);
  }
  return {};
}

std::size_t Column::memory_bytes() const {
  std::size_t bytes = sizeof(Column) + parts_.values.capacity() +
                      parts_.offsets.capacity() * sizeof(std::int32_t) +
                      parts_.validity.words().size() * sizeof(std::uint64_t);
  for (const ColumnPtr& child : parts_.children) {
    bytes += child->memory_bytes();
  }
  return bytes;
}

}  // namespace millrace::data
