#include "data/value.h"

#include <algorithm>

#include "data/detail/order.h"

namespace millrace::data {

using detail::compare_floating;
using detail::three_way;

namespace {

int compare_lists(const Type& type, const ValueList& left, const ValueList& right) {
  const std::size_t common = std::min(left.size(), right.size());
  for (std::size_t i = 0; i < common; ++i) {
    const Type& element = type.kind() == TypeKind::kArray ? type.element() : type.fields()[i].type;
    if (const int order = compare_values(element, left[i], right[i]); order != 0) {
      return order;
    }
  }
  return three_way(left.size(), right.size());
}

// Maps have no order in SQL; this one serves grouping and tests.
int compare_maps(const Type& type, const ValueMap& left, const ValueMap& right) {
  const std::size_t common = std::min(left.size(), right.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (const int order = compare_values(type.key(), left[i].first, right[i].first); order != 0) {
      return order;
    }
    if (const int order = compare_values(type.value(), left[i].second, right[i].second);
        order != 0) {
      return order;
    }
  }
  return three_way(left.size(), right.size());
}

}  // namespace

int compare_values(const Type& type, const Value& left, const Value& right) {
  if (left.is_null() || right.is_null()) {
    return three_way(left.is_null() ? 0 : 1, right.is_null() ? 0 : 1);
  }
  switch (type.kind()) {
    case TypeKind::kVoid:
      return 0;
    case TypeKind::kBoolean:
      return three_way(left.boolean(), right.boolean());
    case TypeKind::kTinyInt:
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kBigInt:
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kTime:
    case TypeKind::kYearMonthInterval:
    case TypeKind::kDayTimeInterval:
      return three_way(left.integer(), right.integer());
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return compare_floating(left.floating(), right.floating());
    case TypeKind::kDecimal:
      return three_way(left.decimal(), right.decimal());
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kVariant:
      return three_way(left.string().compare(right.string()), 0);
    case TypeKind::kCalendarInterval: {
      const CalendarInterval& a = left.interval();
      const CalendarInterval& b = right.interval();
      if (a.months != b.months) {
        return three_way(a.months, b.months);
      }
      return a.days != b.days ? three_way(a.days, b.days)
                              : three_way(a.microseconds, b.microseconds);
    }
    case TypeKind::kArray:
    case TypeKind::kStruct:
      return compare_lists(type, left.list(), right.list());
    case TypeKind::kMap:
      return compare_maps(type, left.map(), right.map());
  }
  return 0;
}

}  // namespace millrace::data
