#include "expr/bind_literal.h"

#include <algorithm>
#include <cctype>
#include <limits>

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

void add_literal_error(Diagnostics& diagnostics,
                       const SourceSpan& where,
                       std::string_view error_class,
                       std::string_view sqlstate,
                       std::string message) {
  diagnostics.add({.code = "MR3005",
                   .error_class = std::string(error_class),
                   .sqlstate = std::string(sqlstate),
                   .where = where,
                   .message = std::move(message)});
}

class LiteralBinder {
 public:
  LiteralBinder(const SourceSpan& where, const BindContext& context, Diagnostics& diagnostics)
      : where_(where), context_(context), diagnostics_(diagnostics) {}

  ExpressionPtr bind(const sql::Literal& literal) {
    switch (literal.kind) {
      case sql::LiteralKind::kNull:
        return make_literal(Type(), {}, where_);
      case sql::LiteralKind::kBoolean:
        return make_literal(Type(TypeKind::kBoolean), Value(literal.text == "true"), where_);
      case sql::LiteralKind::kInteger:
        return integer(literal.text);
      case sql::LiteralKind::kTinyint:
        return ranged<std::int8_t>(literal.text, TypeKind::kTinyInt);
      case sql::LiteralKind::kSmallint:
        return ranged<std::int16_t>(literal.text, TypeKind::kSmallInt);
      case sql::LiteralKind::kBigint:
        return ranged<std::int64_t>(literal.text, TypeKind::kBigInt);
      case sql::LiteralKind::kDecimal:
        return decimal(literal.text);
      case sql::LiteralKind::kFloat:
        return floating(literal.text, TypeKind::kFloat);
      case sql::LiteralKind::kDouble:
        return floating(literal.text, TypeKind::kDouble);
      case sql::LiteralKind::kString:
        return make_literal(Type(TypeKind::kString), Value(literal.text), where_);
      case sql::LiteralKind::kBinary:
        return make_literal(Type(TypeKind::kBinary), Value(literal.text), where_);
      case sql::LiteralKind::kDate:
        return typed(literal.text, TypeKind::kDate);
      case sql::LiteralKind::kTime:
        return typed(literal.text, TypeKind::kTime);
      case sql::LiteralKind::kTimestamp:
      case sql::LiteralKind::kTimestampLtz:
        return typed(literal.text, TypeKind::kTimestamp);
      case sql::LiteralKind::kTimestampNtz:
        return typed(literal.text, TypeKind::kTimestampNtz);
    }
    return nullptr;
  }

 private:
  ExpressionPtr integer(const std::string& text) {
    if (const auto value = data::parse_integer(text)) {
      const bool narrow = *value >= INT32_MIN && *value <= INT32_MAX;
      return make_literal(Type(narrow ? TypeKind::kInt : TypeKind::kBigInt), Value(*value), where_);
    }
    return decimal(text);
  }

  template <class T>
  ExpressionPtr ranged(const std::string& text, TypeKind kind) {
    const auto value =
        data::parse_integer(text, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
    return value ? make_literal(Type(kind), Value(*value), where_) : out_of_range(text, Type(kind));
  }

  ExpressionPtr out_of_range(const std::string& text, const Type& type) {
    add_literal_error(
        diagnostics_,
        where_,
        "INVALID_NUMERIC_LITERAL_RANGE",
        "22003",
        fmt::format(
            "Numeric literal {} is outside the valid range for {}.", text, type.to_string()));
    return nullptr;
  }

  ExpressionPtr decimal(const std::string& text) {
    const auto type = data::decimal_literal_type(text);
    Int128 value = 0;
    if (!type || data::parse_decimal(text, type->precision(), type->scale(), value) !=
                     data::DecimalText::kOk) {
      add_literal_error(
          diagnostics_,
          where_,
          "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
          "22003",
          fmt::format(
              "The literal {} needs more than {} digits.", text, data::kMaxDecimalPrecision));
      return nullptr;
    }
    return make_literal(*type, Value(value), where_);
  }

  ExpressionPtr floating(const std::string& text, TypeKind kind) {
    const bool single = kind == TypeKind::kFloat;
    const auto value = data::parse_double(text);
    const double limit = single ? static_cast<double>(std::numeric_limits<float>::max())
                                : std::numeric_limits<double>::max();
    if (!value || *value > limit || *value < -limit) {
      return out_of_range(text, Type(kind));
    }
    return make_literal(Type(kind),
                        Value(single ? static_cast<double>(static_cast<float>(*value)) : *value),
                        where_);
  }

  // DATE'…': a cast that has to succeed.
  ExpressionPtr typed(const std::string& text, TypeKind kind) {
    ExpressionPtr cast = bind_cast(make_literal(Type(TypeKind::kString), Value(text), where_),
                                   Type(kind),
                                   CastMode::kImplicit,
                                   where_,
                                   context_,
                                   diagnostics_);
    const bool bad = cast != nullptr && cast->kind == ExpressionKind::kCall &&
                     cast->name == "cast" && cast->args.front()->is_literal();
    if (!bad && cast != nullptr) {
      return cast->is_literal() ? make_literal(cast->type, cast->value, where_) : cast;
    }
    add_literal_error(
        diagnostics_,
        where_,
        "INVALID_TYPED_LITERAL",
        "42604",
        fmt::format(
            "The value of the typed literal \"{}\" is invalid: '{}'.", Type(kind).to_sql(), text));
    return nullptr;
  }

  const SourceSpan& where_;
  const BindContext& context_;
  Diagnostics& diagnostics_;
};

constexpr std::string_view kUnitWords[] = {"year",
                                           "month",
                                           "week",
                                           "day",
                                           "hour",
                                           "minute",
                                           "second",
                                           "millisecond",
                                           "microsecond",
                                           "nanosecond"};

std::string_view word_of(sql::IntervalUnit unit) {
  return kUnitWords[static_cast<std::size_t>(unit)];
}

// The field of an interval's type that a unit belongs to: a week is days, a millisecond seconds.
std::optional<data::IntervalUnit> field_of(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  if (word.size() > 1 && word.back() == 's') {
    word.pop_back();
  }
  static constexpr data::IntervalUnit kFields[] = {data::IntervalUnit::kYear,
                                                   data::IntervalUnit::kMonth,
                                                   data::IntervalUnit::kDay,
                                                   data::IntervalUnit::kDay,
                                                   data::IntervalUnit::kHour,
                                                   data::IntervalUnit::kMinute,
                                                   data::IntervalUnit::kSecond,
                                                   data::IntervalUnit::kSecond,
                                                   data::IntervalUnit::kSecond,
                                                   data::IntervalUnit::kSecond};
  for (std::size_t i = 0; i < std::size(kUnitWords); ++i) {
    if (kUnitWords[i] == word) {
      return kFields[i];
    }
  }
  return std::nullopt;
}

std::vector<data::IntervalUnit> fields_of(std::string_view text) {
  std::vector<data::IntervalUnit> fields;
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && std::isalpha(static_cast<unsigned char>(text[i])) != 0) {
      word += text[i];
      continue;
    }
    if (const auto field = field_of(word)) {
      fields.push_back(*field);
    }
    word.clear();
  }
  return fields;
}

// "1 day 2 hours": one interval of the family that its units belong to.
ExpressionPtr bind_units(const std::string& text,
                         const SourceSpan& where,
                         Diagnostics& diagnostics) {
  const auto value = data::parse_calendar_interval(text);
  const std::vector<data::IntervalUnit> fields = fields_of(text);
  if (!value || fields.empty()) {
    add_literal_error(
        diagnostics,
        where,
        "INVALID_INTERVAL_FORMAT",
        "22006",
        fmt::format("Error parsing '{}' to interval. Please ensure that the value provided is in a "
                    "valid format for defining an interval.",
                    text));
    return nullptr;
  }
  const auto [first, last] = std::minmax_element(fields.begin(), fields.end());
  const bool months = *first <= data::IntervalUnit::kMonth;
  if (months != (*last <= data::IntervalUnit::kMonth)) {
    add_literal_error(diagnostics,
                      where,
                      "_LEGACY_ERROR_TEMP_0029",
                      "42601",
                      fmt::format("Cannot mix year-month and day-time fields: {}", text));
    return nullptr;
  }
  const Type type = Type::interval(*first, *last);
  if (months) {
    return make_literal(type, Value(static_cast<std::int64_t>(value->months)), where);
  }
  const Int128 micros =
      static_cast<Int128>(value->days) * data::kMicrosPerDay + value->microseconds;
  if (micros < INT64_MIN || micros > INT64_MAX) {
    add_literal_error(diagnostics,
                      where,
                      "INVALID_INTERVAL_FORMAT",
                      "22006",
                      fmt::format("The interval '{}' does not fit.", text));
    return nullptr;
  }
  return make_literal(type, Value(static_cast<std::int64_t>(micros)), where);
}

}  // namespace

ExpressionPtr bind_literal(const sql::Literal& literal,
                           const SourceSpan& where,
                           const BindContext& context,
                           Diagnostics& diagnostics) {
  return LiteralBinder(where, context, diagnostics).bind(literal);
}

ExpressionPtr bind_interval(const sql::IntervalLiteral& interval,
                            const SourceSpan& where,
                            Diagnostics& diagnostics) {
  if (interval.fields.empty()) {
    return bind_units(interval.text, where, diagnostics);
  }
  if (interval.to) {
    const sql::IntervalField& field = interval.fields.front();
    const auto first = field_of(std::string(word_of(field.unit)));
    const auto last = field_of(std::string(word_of(*interval.to)));
    const auto value = data::parse_interval_body(field.value, *first, *last);
    if (!value) {
      add_literal_error(diagnostics,
                        where,
                        "INVALID_INTERVAL_FORMAT",
                        "22006",
                        fmt::format("Error parsing '{}' to interval {} to {}.",
                                    field.value,
                                    word_of(field.unit),
                                    word_of(*interval.to)));
      return nullptr;
    }
    return make_literal(Type::interval(*first, *last), Value(*value), where);
  }
  std::string text;
  for (const sql::IntervalField& field : interval.fields) {
    text += fmt::format(
        "{}{} {}", text.empty() ? "" : " ", data::trim_controls(field.value), word_of(field.unit));
  }
  return bind_units(text, where, diagnostics);
}

}  // namespace millrace::expr
