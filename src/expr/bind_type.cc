#include <fmt/format.h>
#include <strings.h>

#include "data/decimal.h"
#include "expr/bind_ast.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

struct Named {
  std::string_view name;
  TypeKind kind;
};

constexpr Named kNamed[] = {
    {"BOOLEAN", TypeKind::kBoolean},
    {"TINYINT", TypeKind::kTinyInt},
    {"BYTE", TypeKind::kTinyInt},
    {"SMALLINT", TypeKind::kSmallInt},
    {"SHORT", TypeKind::kSmallInt},
    {"INT", TypeKind::kInt},
    {"INTEGER", TypeKind::kInt},
    {"BIGINT", TypeKind::kBigInt},
    {"LONG", TypeKind::kBigInt},
    {"FLOAT", TypeKind::kFloat},
    {"REAL", TypeKind::kFloat},
    {"DOUBLE", TypeKind::kDouble},
    {"STRING", TypeKind::kString},
    {"CHAR", TypeKind::kString},
    {"CHARACTER", TypeKind::kString},
    {"VARCHAR", TypeKind::kString},
    {"BINARY", TypeKind::kBinary},
    {"DATE", TypeKind::kDate},
    {"TIME", TypeKind::kTime},
    {"TIMESTAMP", TypeKind::kTimestamp},
    {"TIMESTAMP_LTZ", TypeKind::kTimestamp},
    {"TIMESTAMP_NTZ", TypeKind::kTimestampNtz},
    {"VARIANT", TypeKind::kVariant},
    {"VOID", TypeKind::kVoid},
    {"NULL", TypeKind::kVoid},
};

class TypeBinder {
 public:
  TypeBinder(const std::string& file, Diagnostics& diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  std::optional<Type> bind(const sql::TypeName& type) {
    if (!type.collation.empty() && strcasecmp(type.collation.c_str(), "UTF8_BINARY") != 0) {
      return fail(type,
                  "UNSUPPORTED_FEATURE.COLLATION",
                  "0A000",
                  fmt::format("Strings are compared byte by byte; the collation {} is not "
                              "supported.",
                              type.collation));
    }
    for (const Named& named : kNamed) {
      if (named.name == type.name) {
        return Type(named.kind);
      }
    }
    if (type.name == "DECIMAL" || type.name == "DEC" || type.name == "NUMERIC") {
      return decimal(type);
    }
    if (type.name == "INTERVAL") {
      return interval(type);
    }
    if (type.name == "ARRAY" && type.children.size() == 1) {
      const auto element = bind(type.children[0]);
      return element ? std::optional(Type::array(*element)) : std::nullopt;
    }
    if (type.name == "MAP" && type.children.size() == 2) {
      const auto key = bind(type.children[0]);
      const auto value = bind(type.children[1]);
      return key && value ? std::optional(Type::map(*key, *value)) : std::nullopt;
    }
    if (type.name == "STRUCT") {
      return structure(type);
    }
    return fail(type,
                "UNSUPPORTED_DATATYPE",
                "0A000",
                fmt::format("Unsupported data type \"{}\".", type.name));
  }

 private:
  std::nullopt_t fail(const sql::TypeName& type,
                      std::string_view error_class,
                      std::string_view sqlstate,
                      std::string message) {
    diagnostics_.add({.code = "MR3004",
                      .error_class = std::string(error_class),
                      .sqlstate = std::string(sqlstate),
                      .where = sql::to_span(type.position, file_),
                      .message = std::move(message)});
    return std::nullopt;
  }

  std::optional<Type> decimal(const sql::TypeName& type) {
    const int precision = type.parameters.empty() ? 10 : type.parameters[0];
    const int scale = type.parameters.size() < 2 ? 0 : type.parameters[1];
    if (precision > data::kMaxDecimalPrecision) {
      return fail(type,
                  "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
                  "22003",
                  fmt::format("Decimal precision {} exceeds max precision {}.",
                              precision,
                              data::kMaxDecimalPrecision));
    }
    if (precision < 1 || scale < 0 || scale > precision) {
      return fail(type,
                  "INVALID_DECIMAL_SCALE",
                  "42K09",
                  fmt::format("Decimal scale ({}) cannot be greater than precision ({}), and the "
                              "precision has to be at least 1.",
                              scale,
                              precision));
    }
    return Type::decimal(precision, scale);
  }

  std::optional<Type> interval(const sql::TypeName& type) {
    if (!type.from) {
      return Type(TypeKind::kCalendarInterval);
    }
    const auto first = to_unit(*type.from);
    const auto last = to_unit(type.to.value_or(*type.from));
    const bool months = first && *first <= data::IntervalUnit::kMonth;
    if (!first || !last || *last < *first || months != (*last <= data::IntervalUnit::kMonth)) {
      return fail(type, "UNSUPPORTED_DATATYPE", "0A000", "Unsupported data type \"INTERVAL\".");
    }
    return Type::interval(*first, *last);
  }

  std::optional<Type> structure(const sql::TypeName& type) {
    std::vector<data::Field> fields;
    for (const sql::TypeField& field : type.fields) {
      const auto bound = bind(field.type);
      if (!bound) {
        return std::nullopt;
      }
      fields.push_back({.name = field.name.name,
                        .type = *bound,
                        .nullable = !field.not_null,
                        .comment = field.comment.value_or("")});
    }
    return Type::structure(std::move(fields));
  }

  static std::optional<data::IntervalUnit> to_unit(sql::IntervalUnit unit) {
    switch (unit) {
      case sql::IntervalUnit::kYear:
        return data::IntervalUnit::kYear;
      case sql::IntervalUnit::kMonth:
        return data::IntervalUnit::kMonth;
      case sql::IntervalUnit::kDay:
        return data::IntervalUnit::kDay;
      case sql::IntervalUnit::kHour:
        return data::IntervalUnit::kHour;
      case sql::IntervalUnit::kMinute:
        return data::IntervalUnit::kMinute;
      case sql::IntervalUnit::kSecond:
        return data::IntervalUnit::kSecond;
      case sql::IntervalUnit::kWeek:
      case sql::IntervalUnit::kMillisecond:
      case sql::IntervalUnit::kMicrosecond:
      case sql::IntervalUnit::kNanosecond:
        break;
    }
    return std::nullopt;
  }

  const std::string& file_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::optional<data::Type> type_of(const sql::TypeName& name,
                                  const std::string& file,
                                  Diagnostics& diagnostics) {
  return TypeBinder(file, diagnostics).bind(name);
}

}  // namespace millrace::expr
