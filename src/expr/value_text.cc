#include "expr/value_text.h"

#include <fmt/format.h>

#include "data/datetime.h"
#include "data/decimal.h"
#include "data/interval.h"
#include "data/number_text.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using data::Value;
using data::Zone;

// A map's or struct's parts between brackets, each written by `append`.
template <class List, class Append>
void append_joined(std::string& out, const List& list, const Append& append) {
  std::size_t index = 0;
  for (const auto& element : list) {
    if (index > 0) {
      out += ", ";
    }
    append(element, index++);
  }
}

void append_nested(std::string& out, const Type& type, const Value& value, const Zone& zone) {
  if (type.kind() == TypeKind::kArray) {
    out += '[';
    append_joined(out, value.list(), [&](const Value& element, std::size_t) {
      append_value_text(out, type.element(), element, zone);
    });
    out += ']';
  } else if (type.kind() == TypeKind::kMap) {
    out += '{';
    append_joined(out, value.map(), [&](const auto& entry, std::size_t) {
      append_value_text(out, type.key(), entry.first, zone);
      out += " -> ";
      append_value_text(out, type.value(), entry.second, zone);
    });
    out += '}';
  } else {
    out += '{';
    append_joined(out, value.list(), [&](const Value& field, std::size_t index) {
      append_value_text(out, type.fields()[index].type, field, zone);
    });
    out += '}';
  }
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char letter : text) {
    if (letter == '\'' || letter == '\\') {
      out += '\\';
    }
    out += letter;
  }
  return out + "'";
}

std::string hex(std::string_view bytes) {
  std::string out = "X'";
  for (const char byte : bytes) {
    out += fmt::format("{:02X}", static_cast<unsigned char>(byte));
  }
  return out + "'";
}

}  // namespace

void append_value_text(std::string& out, const Type& type, const Value& value, const Zone& zone) {
  if (value.is_null()) {
    out += "null";
    return;
  }
  switch (type.kind()) {
    case TypeKind::kVoid:
      out += "null";
      return;
    case TypeKind::kBoolean:
      out += value.boolean() ? "true" : "false";
      return;
    case TypeKind::kTinyInt:
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kBigInt:
      return data::append_integer(out, value.integer());
    case TypeKind::kFloat:
      return data::append_float(out, static_cast<float>(value.floating()));
    case TypeKind::kDouble:
      return data::append_double(out, value.floating());
    case TypeKind::kDecimal:
      return data::append_decimal(out, value.decimal(), type.scale());
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kVariant:
      out += value.string();
      return;
    case TypeKind::kDate:
      return data::append_date(out, value.integer());
    case TypeKind::kTimestamp:
      return data::append_timestamp(out, value.integer(), zone);
    case TypeKind::kTimestampNtz:
      return data::append_timestamp_ntz(out, value.integer());
    case TypeKind::kTime:
      return data::append_time(out, value.integer());
    case TypeKind::kYearMonthInterval:
    case TypeKind::kDayTimeInterval:
      return data::append_interval(out, type, value.integer());
    case TypeKind::kCalendarInterval:
      return data::append_calendar_interval(out, value.interval());
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct:
      return append_nested(out, type, value, zone);
  }
}

std::string value_to_text(const Type& type, const Value& value, const Zone& zone) {
  std::string out;
  append_value_text(out, type, value, zone);
  return out;
}

std::string value_to_sql(const Type& type, const Value& value) {
  if (value.is_null()) {
    return "NULL";
  }
  const TypeKind kind = type.kind();
  std::string text = value_to_text(type, value, Zone());
  if (kind == TypeKind::kDate) {
    return "DATE " + quoted(text);
  }
  if (kind == TypeKind::kTimestamp) {
    return "TIMESTAMP " + quoted(text);
  }
  if (kind == TypeKind::kTimestampNtz) {
    return "TIMESTAMP_NTZ " + quoted(text);
  }
  if (kind == TypeKind::kTime) {
    return "TIME " + quoted(text);
  }
  return kind == TypeKind::kBinary ? hex(text) : text;
}

std::string value_to_literal(const Type& type, const Value& value) {
  std::string text = value_to_sql(type, value);
  if (value.is_null()) {
    return text;
  }
  const TypeKind kind = type.kind();
  if (kind == TypeKind::kString) {
    return quoted(text);
  }
  if (kind == TypeKind::kTinyInt) {
    return text + "Y";
  }
  if (kind == TypeKind::kSmallInt) {
    return text + "S";
  }
  if (kind == TypeKind::kBigInt) {
    return text + "L";
  }
  if (kind == TypeKind::kDecimal) {
    return text + "BD";
  }
  if (kind == TypeKind::kDouble) {
    return text + "D";
  }
  return text;
}

}  // namespace millrace::expr
