// From a type of Spark to the C++ type of its columns, once per kernel instead of once per row.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "data/column.h"
#include "data/type.h"

namespace millrace::expr {

/// Equality and order of values of one physical type: NaN equals NaN and is greater than all else.
/// Free of branches, so that loops over them can become vector code.
template <class T>
bool equal_values(const T& left, const T& right) {
  if constexpr (std::is_floating_point_v<T>) {
    return (int{left == right} | (int{std::isnan(left)} & int{std::isnan(right)})) != 0;
  } else {
    return left == right;
  }
}

template <class T>
bool less_value(const T& left, const T& right) {
  if constexpr (std::is_floating_point_v<T>) {
    return (int{left < right} | (int{std::isnan(right)} & int{!std::isnan(left)})) != 0;
  } else {
    return left < right;
  }
}

/// Calls f.template operator()<T>() with the physical type T of `type`; false (without a call) for
/// VOID, nested types and calendar intervals.
template <class F>
bool visit_physical(const data::Type& type, const F& f) {
  switch (type.kind()) {
    case data::TypeKind::kBoolean:
      f.template operator()<std::uint8_t>();
      return true;
    case data::TypeKind::kTinyInt:
      f.template operator()<std::int8_t>();
      return true;
    case data::TypeKind::kSmallInt:
      f.template operator()<std::int16_t>();
      return true;
    case data::TypeKind::kInt:
    case data::TypeKind::kDate:
    case data::TypeKind::kYearMonthInterval:
      f.template operator()<std::int32_t>();
      return true;
    case data::TypeKind::kBigInt:
    case data::TypeKind::kTimestamp:
    case data::TypeKind::kTimestampNtz:
    case data::TypeKind::kTime:
    case data::TypeKind::kDayTimeInterval:
      f.template operator()<std::int64_t>();
      return true;
    case data::TypeKind::kFloat:
      f.template operator()<float>();
      return true;
    case data::TypeKind::kDouble:
      f.template operator()<double>();
      return true;
    case data::TypeKind::kDecimal:
      f.template operator()<Int128>();
      return true;
    case data::TypeKind::kString:
    case data::TypeKind::kBinary:
    case data::TypeKind::kVariant:
      f.template operator()<std::string_view>();
      return true;
    case data::TypeKind::kVoid:
    case data::TypeKind::kCalendarInterval:
    case data::TypeKind::kArray:
    case data::TypeKind::kMap:
    case data::TypeKind::kStruct:
      return false;
  }
  return false;
}

/// The same for the numeric types only.
template <class F>
bool visit_numeric(const data::Type& type, const F& f) {
  return type.is_numeric() && visit_physical(type, [&]<class T>() {
           if constexpr (!std::is_same_v<T, std::uint8_t> && !std::is_same_v<T, std::string_view>) {
             f.template operator()<T>();
           }
         });
}

}  // namespace millrace::expr
