// Which types go together under ANSI. Source: AnsiTypeCoercion, TypeCoercionBase, Cast of
// Spark 4.3.
#include "expr/coercion.h"

#include <algorithm>

#include <strings.h>

#include "data/decimal.h"
#include "expr/interval_units.h"

namespace millrace::expr {
namespace {

using data::Field;
using data::Type;
using data::TypeKind;

bool is_date_or_timestamp(TypeKind kind) {
  return kind == TypeKind::kDate || kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampNtz;
}

bool same_name(const std::string& left, const std::string& right) {
  return strcasecmp(left.c_str(), right.c_str()) == 0;
}

std::optional<Type> common_numeric(const Type& left, const Type& right) {
  const bool decimal = left.kind() == TypeKind::kDecimal || right.kind() == TypeKind::kDecimal;
  if (decimal) {
    if (left.is_floating() || right.is_floating()) {
      return Type(TypeKind::kDouble);
    }
    return data::common_decimal_type(as_decimal(left), as_decimal(right));
  }
  const TypeKind wider = std::max(left.kind(), right.kind());
  if (wider == TypeKind::kFloat && left.kind() != right.kind()) {
    return Type(TypeKind::kDouble);
  }
  return Type(wider);
}

std::optional<Type> common_datetime(const Type& left, const Type& right) {
  const TypeKind low = std::min(left.kind(), right.kind());
  const TypeKind high = std::max(left.kind(), right.kind());
  if (low == TypeKind::kDate) {
    return Type(high);
  }
  return Type(TypeKind::kTimestamp);  // LTZ with NTZ.
}

std::optional<Type> common_string(const Type& other) {
  if (other.is_integral()) {
    return Type(TypeKind::kBigInt);
  }
  if (other.is_numeric()) {
    return Type(TypeKind::kDouble);
  }
  if (is_ansi_interval(other) || other.kind() == TypeKind::kCalendarInterval || other.is_nested() ||
      other.kind() == TypeKind::kVariant) {
    return std::nullopt;
  }
  return other;
}

std::optional<Type> common(const Type& left, const Type& right, bool strings);

std::optional<Type> common_nested(const Type& left, const Type& right, bool strings) {
  if (left.kind() == TypeKind::kArray) {
    const auto element = common(left.element(), right.element(), strings);
    const bool nulls = left.fields()[0].nullable || right.fields()[0].nullable;
    return element ? std::optional(Type::array(*element, nulls)) : std::nullopt;
  }
  if (left.kind() == TypeKind::kMap) {
    const auto key = common(left.key(), right.key(), strings);
    const auto value = common(left.value(), right.value(), strings);
    const bool nulls = left.fields()[1].nullable || right.fields()[1].nullable;
    return key && value ? std::optional(Type::map(*key, *value, nulls)) : std::nullopt;
  }
  if (left.fields().size() != right.fields().size()) {
    return std::nullopt;
  }
  std::vector<Field> fields;
  for (std::size_t i = 0; i < left.fields().size(); ++i) {
    const Field& field = left.fields()[i];
    const Field& other = right.fields()[i];
    const auto type = common(field.type, other.type, strings);
    if (!type || !same_name(field.name, other.name)) {
      return std::nullopt;
    }
    fields.push_back({.name = field.name,
                      .type = *type,
                      .nullable = field.nullable || other.nullable,
                      .comment = {}});
  }
  return Type::structure(std::move(fields));
}

std::optional<Type> common(const Type& left, const Type& right, bool strings) {
  if (left == right && !left.is_nested()) {
    return left;
  }
  if (left.is_void() || right.is_void()) {
    return left.is_void() ? right : left;
  }
  if (left.is_numeric() && right.is_numeric()) {
    return common_numeric(left, right);
  }
  if (is_date_or_timestamp(left.kind()) && is_date_or_timestamp(right.kind())) {
    return common_datetime(left, right);
  }
  if (left.kind() == right.kind()) {
    if (is_ansi_interval(left)) {
      return Type::interval(std::min(left.interval_first(), right.interval_first()),
                            std::max(left.interval_last(), right.interval_last()));
    }
    return left.is_nested() ? common_nested(left, right, strings) : std::optional(left);
  }
  if (strings && left.kind() == TypeKind::kString) {
    return common_string(right);
  }
  if (strings && right.kind() == TypeKind::kString) {
    return common_string(left);
  }
  return std::nullopt;
}

bool can_coerce_nested(const Type& from, const Type& to) {
  if (from.kind() != to.kind() || from.fields().size() != to.fields().size()) {
    return false;
  }
  for (std::size_t i = 0; i < from.fields().size(); ++i) {
    if (!can_coerce(from.fields()[i].type, to.fields()[i].type)) {
      return false;
    }
  }
  return true;
}

}  // namespace

data::Type as_decimal(const data::Type& type) {
  if (type.is_integral()) {
    return data::decimal_of_integral(type.kind());
  }
  if (type.kind() == TypeKind::kDecimal) {
    return type;
  }
  return type.kind() == TypeKind::kFloat ? Type::decimal(14, 7) : Type::decimal(30, 15);
}

std::optional<data::Type> common_type(const data::Type& left, const data::Type& right) {
  return common(left, right, /*strings=*/true);
}

std::optional<data::Type> common_type_without_strings(const data::Type& left,
                                                      const data::Type& right) {
  return common(left, right, /*strings=*/false);
}

bool same_shape(const data::Type& left, const data::Type& right) {
  if (!left.is_nested() || left.kind() != right.kind()) {
    return left == right;
  }
  if (left.fields().size() != right.fields().size()) {
    return false;
  }
  for (std::size_t i = 0; i < left.fields().size(); ++i) {
    if (!same_shape(left.fields()[i].type, right.fields()[i].type)) {
      return false;
    }
  }
  return true;
}

bool is_orderable(const data::Type& type) {
  const TypeKind kind = type.kind();
  if (kind == TypeKind::kMap || kind == TypeKind::kVariant || kind == TypeKind::kCalendarInterval) {
    return false;
  }
  return !type.is_nested() ||
         std::all_of(type.fields().begin(), type.fields().end(), [](const Field& field) {
           return is_orderable(field.type);
         });
}

bool can_coerce(const data::Type& from, const data::Type& to) {
  if (from == to || from.is_void()) {
    return true;
  }
  if (from.is_nested() || to.is_nested()) {
    return can_coerce_nested(from, to);
  }
  if (from.kind() == TypeKind::kVariant || to.kind() == TypeKind::kVariant) {
    return false;
  }
  if (from.kind() == TypeKind::kString) {
    return to.kind() != TypeKind::kCalendarInterval;
  }
  if (to.kind() == TypeKind::kString) {
    return true;
  }
  if (from.is_numeric() && to.is_numeric()) {
    if (from.kind() == TypeKind::kDecimal) {
      return to.kind() == TypeKind::kDecimal || to.is_floating();
    }
    if (to.kind() == TypeKind::kDecimal) {
      return from.is_integral();
    }
    return from.kind() <= to.kind();
  }
  if (is_date_or_timestamp(from.kind()) && is_date_or_timestamp(to.kind())) {
    return true;
  }
  return is_ansi_interval(from) && from.kind() == to.kind();
}

}  // namespace millrace::expr
