#include "exec/row_key.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/bytes.h"

namespace millrace::exec {

namespace {

using data::Column;
using data::TypeKind;

template <class T>
void append_bytes(const T& value, std::string& key) {
  key.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
T normalised(T value) {
  if (std::isnan(value)) {
    return std::numeric_limits<T>::quiet_NaN();
  }
  return value == T{0} ? T{0} : value;
}

void append_string(std::string_view text, std::string& key) {
  append_bytes(static_cast<std::uint32_t>(text.size()), key);
  key.append(text);
}

void append_elements(const Column& column, std::size_t row, std::string& key) {
  const std::int32_t begin = column.begin_of(row);
  const std::int32_t end = column.end_of(row);
  append_bytes(end - begin, key);
  for (std::int32_t at = begin; at < end; ++at) {
    append_key(*column.child(0), static_cast<std::size_t>(at), key);
    if (column.type().kind() == TypeKind::kMap) {
      append_key(*column.child(1), static_cast<std::size_t>(at), key);
    }
  }
}

template <class T>
int compare_numbers(const T& left, const T& right) {
  if (left < right) {
    return -1;
  }
  return left > right ? 1 : 0;
}

template <class T>
int compare_as(const Column& left, std::size_t a, const Column& right, std::size_t b) {
  return compare_numbers(left.get<T>(a), right.get<T>(b));
}

}  // namespace

void append_key(const Column& column, std::size_t row, std::string& key) {
  if (column.is_null(row)) {
    key += '\0';
    return;
  }
  key += '\1';
  switch (column.type().kind()) {
    case TypeKind::kVoid:
      return;
    case TypeKind::kFloat:
      append_bytes(normalised(column.get<float>(row)), key);
      return;
    case TypeKind::kDouble:
      append_bytes(normalised(column.get<double>(row)), key);
      return;
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kVariant:
      append_string(column.string(row), key);
      return;
    case TypeKind::kArray:
    case TypeKind::kMap:
      append_elements(column, row, key);
      return;
    case TypeKind::kStruct:
      for (const data::ColumnPtr& field : column.parts().children) {
        append_key(*field, column.child_row(row), key);
      }
      return;
    case TypeKind::kCalendarInterval: {
      const auto& interval = column.get<data::CalendarInterval>(row);
      append_bytes(interval.months, key);
      append_bytes(interval.days, key);
      append_bytes(interval.microseconds, key);
      return;
    }
    case TypeKind::kBoolean:
    case TypeKind::kTinyInt:
      append_bytes(column.get<std::int8_t>(row), key);
      return;
    case TypeKind::kSmallInt:
      append_bytes(column.get<std::int16_t>(row), key);
      return;
    case TypeKind::kInt:
    case TypeKind::kDate:
    case TypeKind::kYearMonthInterval:
      append_bytes(column.get<std::int32_t>(row), key);
      return;
    case TypeKind::kBigInt:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kTime:
    case TypeKind::kDayTimeInterval:
      append_bytes(column.get<std::int64_t>(row), key);
      return;
    case TypeKind::kDecimal:
      append_bytes(column.get<Int128>(row), key);
      return;
  }
}

void row_key(std::span<const data::ColumnPtr> columns, std::size_t row, std::string& key) {
  key.clear();
  for (const data::ColumnPtr& column : columns) {
    append_key(*column, row, key);
  }
}

bool any_null(std::span<const data::ColumnPtr> columns, std::size_t row) {
  return std::ranges::any_of(columns,
                             [&](const data::ColumnPtr& column) { return column->is_null(row); });
}

int compare_rows(const Column& left,
                 std::size_t left_row,
                 const Column& right,
                 std::size_t right_row) {
  const bool left_null = left.is_null(left_row);
  const bool right_null = right.is_null(right_row);
  if (left_null || right_null) {
    return static_cast<int>(right_null) - static_cast<int>(left_null);
  }
  switch (left.type().kind()) {
    case TypeKind::kInt:
    case TypeKind::kDate:
    case TypeKind::kYearMonthInterval:
      return compare_as<std::int32_t>(left, left_row, right, right_row);
    case TypeKind::kBigInt:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kTime:
    case TypeKind::kDayTimeInterval:
      return compare_as<std::int64_t>(left, left_row, right, right_row);
    case TypeKind::kDecimal:
      return compare_as<Int128>(left, left_row, right, right_row);
    case TypeKind::kString:
    case TypeKind::kBinary:
      return compare_numbers(left.string(left_row).compare(right.string(right_row)), 0);
    case TypeKind::kVoid:
    case TypeKind::kBoolean:
    case TypeKind::kTinyInt:
    case TypeKind::kSmallInt:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kCalendarInterval:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct:
    case TypeKind::kVariant:
      break;
  }
  return data::compare_values(left.type(), left.value(left_row), right.value(right_row));
}

}  // namespace millrace::exec
