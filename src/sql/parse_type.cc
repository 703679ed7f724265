#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/suggest.h"
#include "sql/detail/grammar.h"

namespace millrace::sql::detail {
namespace {

constexpr std::array kTypeNames = std::to_array<std::string_view>({
    "BOOLEAN",   "TINYINT",       "BYTE",          "SMALLINT", "SHORT",     "INT",      "INTEGER",
    "BIGINT",    "LONG",          "FLOAT",         "REAL",     "DOUBLE",    "DATE",     "TIME",
    "TIMESTAMP", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "STRING",   "CHARACTER", "CHAR",     "VARCHAR",
    "BINARY",    "DECIMAL",       "DEC",           "NUMERIC",  "VOID",      "INTERVAL", "VARIANT",
    "ARRAY",     "STRUCT",        "MAP",
});

void refuse_bare(Cursor& cursor, std::size_t start, std::string_view name, std::string_view help) {
  cursor.fail(kIncompleteType,
              cursor.since(start),
              fmt::format("Incomplete complex type: {} needs its element types", name),
              std::string(help));
}

int read_type_parameter(Cursor& cursor) {
  const Position where = Cursor::position_of(cursor.peek());
  const std::string digits = cursor.expect_integer();
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} && !cursor.failed()) {
    cursor.fail(kSyntaxError,
                where,
                fmt::format("Syntax error at or near '{}'", digits),
                "the parameter of a type is a small number");
  }
  return value;
}

void read_struct_fields(Cursor& cursor, TypeName& type) {
  if (cursor.accept(Symbol::kNotEqual)) {  // STRUCT<>
    return;
  }
  cursor.expect(Symbol::kLess);
  if (!cursor.is(Symbol::kGreater)) {
    type.fields = read_list(cursor, read_type_field);
  }
  cursor.expect(Symbol::kGreater);
}

bool read_complex(Cursor& cursor, std::size_t start, TypeName& type) {
  const bool open = cursor.is(Symbol::kLess);
  if (type.name == "ARRAY") {
    if (!open) {
      refuse_bare(cursor, start, "ARRAY", "write for example ARRAY<INT>");
    }
    cursor.expect(Symbol::kLess);
    type.children.push_back(read_type(cursor));
    cursor.expect(Symbol::kGreater);
    return true;
  }
  if (type.name == "MAP") {
    if (!open) {
      refuse_bare(cursor, start, "MAP", "write for example MAP<STRING, INT>");
    }
    cursor.expect(Symbol::kLess);
    type.children.push_back(read_type(cursor));
    cursor.expect(Symbol::kComma);
    type.children.push_back(read_type(cursor));
    cursor.expect(Symbol::kGreater);
    return true;
  }
  if (type.name == "STRUCT") {
    if (!open && !cursor.is(Symbol::kNotEqual)) {
      refuse_bare(cursor, start, "STRUCT", "write for example STRUCT<a: INT, b: STRING>");
    }
    read_struct_fields(cursor, type);
    return true;
  }
  return false;
}

std::optional<IntervalUnit> accept_unit(Cursor& cursor) {
  constexpr std::array kUnits = std::to_array<std::pair<Keyword, IntervalUnit>>({
      {Keyword::kYear, IntervalUnit::kYear},
      {Keyword::kMonth, IntervalUnit::kMonth},
      {Keyword::kDay, IntervalUnit::kDay},
      {Keyword::kHour, IntervalUnit::kHour},
      {Keyword::kMinute, IntervalUnit::kMinute},
      {Keyword::kSecond, IntervalUnit::kSecond},
  });
  for (const auto& [keyword, unit] : kUnits) {
    if (cursor.is(keyword)) {
      cursor.take();
      return unit;
    }
  }
  return std::nullopt;
}

void read_interval_range(Cursor& cursor, TypeName& type) {
  type.from = accept_unit(cursor);
  if (!type.from || !cursor.accept(Keyword::kTo)) {
    return;
  }
  const std::size_t at = cursor.mark();
  type.to = accept_unit(cursor);
  if (!type.to) {
    cursor.fail_expected("MONTH, HOUR, MINUTE or SECOND");
    return;
  }
  const bool years = *type.from <= IntervalUnit::kMonth;
  if (*type.to <= *type.from || years != (*type.to <= IntervalUnit::kMonth)) {
    cursor.fail(kSyntaxError,
                cursor.since(at),
                fmt::format("Syntax error at or near '{}'", cursor.text(cursor.token(at))),
                "an interval type is YEAR TO MONTH, or DAY TO SECOND or a part of it");
  }
}

void refuse_unknown(Cursor& cursor, std::size_t start, const std::string& name) {
  std::vector<std::string> candidates(kTypeNames.begin(), kTypeNames.end());
  cursor.fail(kUnsupportedType,
              cursor.since(start),
              fmt::format("Unsupported data type \"{}\"{}", name, did_you_mean(name, candidates)),
              "types are BOOLEAN, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, DECIMAL(p, s), "
              "STRING, BINARY, DATE, TIME, TIMESTAMP, TIMESTAMP_NTZ, INTERVAL, ARRAY<…>, "
              "MAP<…, …>, STRUCT<…>, VARIANT");
}

}  // namespace

TypeName read_type(Cursor& cursor) {
  const Cursor::Nest nest(cursor);
  const std::size_t start = cursor.mark();
  TypeName type;
  if (!cursor.is(TokenKind::kWord)) {
    cursor.fail_expected("a type");
    return type;
  }
  const std::string written(cursor.text(cursor.take()));
  type.name = to_capitals(written);
  if (std::ranges::find(kTypeNames, type.name) == kTypeNames.end()) {
    refuse_unknown(cursor, start, type.name);
    return type;
  }
  if (read_complex(cursor, start, type)) {
    type.position = cursor.since(start);
    return type;
  }
  if (type.name == "INTERVAL") {
    read_interval_range(cursor, type);
  }
  if (cursor.is(Symbol::kLeftParen)) {
    type.parameters = read_bracketed_list(cursor, read_type_parameter);
  }
  if (type.name == "STRING" && cursor.accept(Keyword::kCollate)) {
    type.collation = cursor.expect_identifier().name;
  }
  type.position = cursor.since(start);
  return type;
}

TypeField read_type_field(Cursor& cursor) {
  TypeField field;
  field.name = cursor.expect_identifier();
  cursor.accept(Symbol::kColon);
  field.type = read_type(cursor);
  if (cursor.is(Keyword::kNot) || cursor.is(Symbol::kBang)) {
    cursor.take();
    cursor.expect(Keyword::kNull);
    field.not_null = true;
  }
  if (cursor.accept(Keyword::kComment)) {
    field.comment = cursor.expect_string();
  }
  return field;
}

}  // namespace millrace::sql::detail
