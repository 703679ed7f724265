#include "data/type.h"

#include <cstddef>
#include <utility>

#include "base/ascii.h"
#include "base/assert.h"
#include "data/int128.h"
#include "data/value.h"

namespace millrace::data {
namespace {

const std::vector<Field>& no_fields() {
  static const std::vector<Field> kNone;
  return kNone;
}

std::string_view simple_name(TypeKind kind) {
  switch (kind) {
    case TypeKind::kVoid:
      return "void";
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kTinyInt:
      return "tinyint";
    case TypeKind::kSmallInt:
      return "smallint";
    case TypeKind::kInt:
      return "int";
    case TypeKind::kBigInt:
      return "bigint";
    case TypeKind::kFloat:
      return "float";
    case TypeKind::kDouble:
      return "double";
    case TypeKind::kDecimal:
      return "decimal";
    case TypeKind::kString:
      return "string";
    case TypeKind::kBinary:
      return "binary";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTimestamp:
      return "timestamp";
    case TypeKind::kTimestampNtz:
      return "timestamp_ntz";
    case TypeKind::kTime:
      return "time(6)";
    case TypeKind::kYearMonthInterval:
    case TypeKind::kDayTimeInterval:
    case TypeKind::kCalendarInterval:
      return "interval";
    case TypeKind::kArray:
      return "array";
    case TypeKind::kMap:
      return "map";
    case TypeKind::kStruct:
      return "struct";
    case TypeKind::kVariant:
      return "variant";
  }
  return "void";
}

std::string_view unit_name(IntervalUnit unit) {
  switch (unit) {
    case IntervalUnit::kYear:
      return "year";
    case IntervalUnit::kMonth:
      return "month";
    case IntervalUnit::kDay:
      return "day";
    case IntervalUnit::kHour:
      return "hour";
    case IntervalUnit::kMinute:
      return "minute";
    case IntervalUnit::kSecond:
      return "second";
  }
  return "second";
}

bool is_plain_name(std::string_view name) {
  if (name.empty()) {
    return false;
  }
  bool only_digits = true;
  for (const char c : name) {
    if (!is_ascii_digit(c) && !is_ascii_letter(c) && c != '_') {
      return false;
    }
    only_digits = only_digits && is_ascii_digit(c);
  }
  return !only_digits;
}

std::string quote_if_needed(const std::string& name) {
  if (is_plain_name(name)) {
    return name;
  }
  std::string quoted = "`";
  for (const char c : name) {
    quoted.append(c == '`' ? 2 : 1, c);
  }
  return quoted += '`';
}

}  // namespace

Type Type::decimal(int precision, int scale) {
  Type type(TypeKind::kDecimal);
  type.precision_ = static_cast<std::uint8_t>(precision);
  type.scale_ = static_cast<std::uint8_t>(scale);
  return type;
}

Type Type::interval(IntervalUnit first, IntervalUnit last) {
  Type type(first <= IntervalUnit::kMonth ? TypeKind::kYearMonthInterval
                                          : TypeKind::kDayTimeInterval);
  type.precision_ = static_cast<std::uint8_t>(first);
  type.scale_ = static_cast<std::uint8_t>(last);
  return type;
}

Type Type::array(Type element, bool contains_null) {
  Type type(TypeKind::kArray);
  type.fields_ = std::make_shared<const std::vector<Field>>(std::vector<Field>{
      {.name = "element", .type = std::move(element), .nullable = contains_null, .comment = {}}});
  return type;
}

Type Type::map(Type key, Type value, bool value_contains_null) {
  Type type(TypeKind::kMap);
  type.fields_ = std::make_shared<const std::vector<Field>>(std::vector<Field>{
      {.name = "key", .type = std::move(key), .nullable = false, .comment = {}},
      {.name = "value", .type = std::move(value), .nullable = value_contains_null, .comment = {}}});
  return type;
}

Type Type::structure(std::vector<Field> fields) {
  Type type(TypeKind::kStruct);
  type.fields_ = std::make_shared<const std::vector<Field>>(std::move(fields));
  return type;
}

const std::vector<Field>& Type::fields() const {
  return fields_ ? *fields_ : no_fields();
}

const Type& Type::element() const {
  MR_ASSERT(kind_ == TypeKind::kArray, "element of {}", simple_name(kind_));
  return (*fields_)[0].type;
}

const Type& Type::key() const {
  MR_ASSERT(kind_ == TypeKind::kMap, "key of {}", simple_name(kind_));
  return (*fields_)[0].type;
}

const Type& Type::value() const {
  MR_ASSERT(kind_ == TypeKind::kMap, "value of {}", simple_name(kind_));
  return (*fields_)[1].type;
}

std::string Type::to_string() const {
  std::string text(simple_name(kind_));
  if (kind_ == TypeKind::kDecimal) {
    text += '(' + std::to_string(precision_) + ',' + std::to_string(scale_) + ')';
  } else if (kind_ == TypeKind::kYearMonthInterval || kind_ == TypeKind::kDayTimeInterval) {
    text += ' ';
    text += unit_name(interval_first());
    if (interval_last() != interval_first()) {
      text += " to ";
      text += unit_name(interval_last());
    }
  } else if (is_nested()) {
    text += '<';
    const char* separator = "";
    for (const Field& field : fields()) {
      text += separator;
      if (kind_ == TypeKind::kStruct) {
        text += field.name + ':';
      }
      text += field.type.to_string();
      separator = ",";
    }
    text += '>';
  }
  return text;
}

std::string Type::to_sql() const {
  if (!is_nested()) {
    return ascii_upper(to_string());
  }
  std::string text = ascii_upper(simple_name(kind_)) + '<';
  const char* separator = "";
  for (const Field& field : fields()) {
    text += separator;
    if (kind_ == TypeKind::kStruct) {
      text += quote_if_needed(field.name) + ": ";
    }
    text += field.type.to_sql();
    if (kind_ == TypeKind::kStruct && !field.nullable) {
      text += " NOT NULL";
    }
    separator = ", ";
  }
  return text += '>';
}

bool operator==(const Type& left, const Type& right) {
  if (left.kind_ != right.kind_ || left.precision_ != right.precision_ ||
      left.scale_ != right.scale_) {
    return false;
  }
  return left.fields_ == right.fields_ || left.fields() == right.fields();
}

std::size_t Type::width() const {
  switch (kind_) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyInt:
      return 1;
    case TypeKind::kSmallInt:
      return 2;
    case TypeKind::kInt:
    case TypeKind::kDate:
    case TypeKind::kFloat:
    case TypeKind::kYearMonthInterval:
      return 4;
    case TypeKind::kBigInt:
    case TypeKind::kDouble:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kTime:
    case TypeKind::kDayTimeInterval:
      return 8;
    case TypeKind::kDecimal:
      return sizeof(Int128);
    case TypeKind::kCalendarInterval:
      return sizeof(CalendarInterval);
    case TypeKind::kVoid:
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kVariant:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct:
      return 0;
  }
  return 0;
}

std::optional<std::size_t> Schema::find(std::string_view name) const {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (equal_ignoring_case(fields[i].name, name)) {
      return i;
    }
  }
  return std::nullopt;
}

std::string Schema::to_string() const {
  return Type::structure(fields).to_string();
}

}  // namespace millrace::data
