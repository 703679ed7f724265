#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "sql/detail/grammar.h"

namespace millrace::sql::detail {
namespace {

struct TypedLiteral {
  Keyword keyword;
  LiteralKind kind;
};

constexpr std::array kTypedLiterals = std::to_array<TypedLiteral>({
    {Keyword::kDate, LiteralKind::kDate},
    {Keyword::kTime, LiteralKind::kTime},
    {Keyword::kTimestamp, LiteralKind::kTimestamp},
    {Keyword::kTimestampLtz, LiteralKind::kTimestampLtz},
    {Keyword::kTimestampNtz, LiteralKind::kTimestampNtz},
});

const TypedLiteral* find_typed(const Cursor& cursor) {
  if (!cursor.is(TokenKind::kString, 1)) {
    return nullptr;
  }
  const auto* found = std::ranges::find_if(
      kTypedLiterals, [&](const TypedLiteral& typed) { return cursor.is(typed.keyword); });
  return found == kTypedLiterals.end() ? nullptr : found;
}

bool at_binary(const Cursor& cursor) {
  return cursor.is(TokenKind::kWord) && cursor.is(TokenKind::kString, 1) &&
         (cursor.text(cursor.peek()) == "X" || cursor.text(cursor.peek()) == "x");
}

bool is_number(TokenKind kind) {
  return kind == TokenKind::kInteger || kind == TokenKind::kDecimal ||
         kind == TokenKind::kExponent || kind == TokenKind::kSuffixed;
}

bool at_interval(const Cursor& cursor) {
  if (!cursor.is(Keyword::kInterval)) {
    return false;
  }
  const std::size_t sign = cursor.is(Symbol::kPlus, 1) || cursor.is(Symbol::kMinus, 1) ? 1 : 0;
  const TokenKind kind = cursor.peek(1 + sign).kind;
  return kind == TokenKind::kString || kind == TokenKind::kInteger || kind == TokenKind::kDecimal;
}

// X'1F': an odd number of digits has a 0 in front.
std::string decode_hex(Cursor& cursor, std::size_t start, const std::string& digits) {
  const std::string even = digits.size() % 2 == 0 ? digits : "0" + digits;
  std::string bytes;
  for (std::size_t i = 0; i + 1 < even.size(); i += 2) {
    std::uint8_t byte = 0;
    const auto [end, error] = std::from_chars(even.data() + i, even.data() + i + 2, byte, 16);
    if (error != std::errc{} || end != even.data() + i + 2) {
      cursor.fail(kInvalidTypedLiteral,
                  cursor.since(start),
                  fmt::format("The value of the typed literal \"X\" is invalid: '{}'", digits),
                  "write hexadecimal digits: X'1F'");
      break;
    }
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

struct IntegerSuffix {
  char suffix;
  LiteralKind kind;
  std::int64_t lowest;
  std::int64_t highest;
  std::string_view type;
};

constexpr std::array kIntegerSuffixes = std::to_array<IntegerSuffix>({
    {'Y', LiteralKind::kTinyint, INT8_MIN, INT8_MAX, "tinyint"},
    {'S', LiteralKind::kSmallint, INT16_MIN, INT16_MAX, "smallint"},
    {'L', LiteralKind::kBigint, INT64_MIN, INT64_MAX, "bigint"},
});

void check_range(Cursor& cursor,
                 std::size_t start,
                 const std::string& text,
                 const IntegerSuffix& suffix) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value < suffix.lowest || value > suffix.highest) {
    cursor.fail(kLiteralRange,
                cursor.since(start),
                fmt::format("Numeric literal {} is outside the valid range for {} with minimum "
                            "value of {} and maximum value of {}",
                            text,
                            suffix.type,
                            suffix.lowest,
                            suffix.highest),
                "write it without the suffix, or as a string and CAST it");
  }
}

Literal read_suffixed(Cursor& cursor, std::size_t start, std::string text) {
  const char last = static_cast<char>(text.back() & ~0x20);
  const auto* integer = std::ranges::find(kIntegerSuffixes, last, &IntegerSuffix::suffix);
  if (integer != kIntegerSuffixes.end()) {
    text.pop_back();
    check_range(cursor, start, text, *integer);
    return {.kind = integer->kind, .text = std::move(text)};
  }
  text.pop_back();
  if (last == 'F') {
    return {.kind = LiteralKind::kFloat, .text = std::move(text)};
  }
  const bool decimal = (text.back() & ~0x20) == 'B';
  if (decimal) {
    text.pop_back();
  }
  return {.kind = decimal ? LiteralKind::kDecimal : LiteralKind::kDouble, .text = std::move(text)};
}

Literal read_number(Cursor& cursor, std::size_t start) {
  std::string text = cursor.accept(Symbol::kMinus) ? "-" : "";
  const Token& token = cursor.take();
  text += cursor.text(token);
  if (token.kind == TokenKind::kSuffixed) {
    return read_suffixed(cursor, start, std::move(text));
  }
  if (token.kind == TokenKind::kExponent) {
    return {.kind = LiteralKind::kDouble, .text = std::move(text)};
  }
  return {.kind = token.kind == TokenKind::kDecimal ? LiteralKind::kDecimal : LiteralKind::kInteger,
          .text = std::move(text)};
}

struct UnitName {
  Keyword singular;
  Keyword plural;
  IntervalUnit unit;
};

constexpr std::array kUnits = std::to_array<UnitName>({
    {Keyword::kYear, Keyword::kYears, IntervalUnit::kYear},
    {Keyword::kMonth, Keyword::kMonths, IntervalUnit::kMonth},
    {Keyword::kWeek, Keyword::kWeeks, IntervalUnit::kWeek},
    {Keyword::kDay, Keyword::kDays, IntervalUnit::kDay},
    {Keyword::kHour, Keyword::kHours, IntervalUnit::kHour},
    {Keyword::kMinute, Keyword::kMinutes, IntervalUnit::kMinute},
    {Keyword::kSecond, Keyword::kSeconds, IntervalUnit::kSecond},
    {Keyword::kMillisecond, Keyword::kMilliseconds, IntervalUnit::kMillisecond},
    {Keyword::kMicrosecond, Keyword::kMicroseconds, IntervalUnit::kMicrosecond},
    {Keyword::kNanosecond, Keyword::kNanoseconds, IntervalUnit::kNanosecond},
});

const UnitName* find_unit(const Cursor& cursor, std::size_t ahead = 0) {
  const auto* found = std::ranges::find_if(kUnits, [&](const UnitName& unit) {
    return cursor.is(unit.singular, ahead) || cursor.is(unit.plural, ahead);
  });
  return found == kUnits.end() ? nullptr : found;
}

// How many tokens the value of a field takes: [sign] number or string; 0 without one.
std::size_t field_value_size(const Cursor& cursor) {
  const std::size_t sign = cursor.is(Symbol::kPlus) || cursor.is(Symbol::kMinus) ? 1 : 0;
  const TokenKind kind = cursor.peek(sign).kind;
  const bool value =
      kind == TokenKind::kInteger || kind == TokenKind::kDecimal || kind == TokenKind::kString;
  return value ? sign + 1 : 0;
}

// A sign before a string belongs to the text: -'1 2' is '-1 2'.
IntervalField read_field(Cursor& cursor) {
  IntervalField field;
  const std::size_t start = cursor.mark();
  const bool minus = cursor.is(Symbol::kMinus);
  if (minus || cursor.is(Symbol::kPlus)) {
    cursor.take();
  }
  field.quoted = cursor.is(TokenKind::kString);
  const std::string text = field.quoted ? decode_string(cursor.text(cursor.peek()))
                                        : std::string(cursor.text(cursor.peek()));
  cursor.take();
  field.value = minus && text.starts_with('-') ? text.substr(1) : (minus ? "-" : "") + text;
  if (const UnitName* unit = find_unit(cursor)) {
    field.unit = unit->unit;
    cursor.take();
  } else {
    cursor.fail_expected(
        "a unit: YEAR, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND, MILLISECOND or "
        "MICROSECOND");
  }
  field.position = cursor.since(start);
  return field;
}

void refuse_mixed(Cursor& cursor, std::size_t start, const IntervalLiteral& interval) {
  const auto is_months = [](const IntervalField& field) {
    return field.unit <= IntervalUnit::kMonth;
  };
  const auto months = std::ranges::count_if(interval.fields, is_months);
  if (months != 0 && months != std::ranges::ssize(interval.fields)) {
    cursor.fail(kMixedInterval,
                cursor.since(start),
                "Cannot mix year-month and day-time fields in one interval",
                "write two intervals: INTERVAL 1 MONTH, INTERVAL 2 DAYS");
  }
}

void read_to_unit(Cursor& cursor, IntervalLiteral& interval) {
  const UnitName* unit = find_unit(cursor);
  const IntervalUnit from = interval.fields.front().unit;
  const bool years = from == IntervalUnit::kYear;
  const bool fits = unit != nullptr && unit->unit > from && unit->unit <= IntervalUnit::kSecond &&
                    from != IntervalUnit::kMonth && from != IntervalUnit::kWeek &&
                    unit->unit != IntervalUnit::kWeek &&
                    years == (unit->unit == IntervalUnit::kMonth);
  if (!fits) {
    cursor.fail_expected(years ? "MONTH" : "HOUR, MINUTE or SECOND, finer than the unit before TO");
    return;
  }
  interval.to = unit->unit;
  cursor.take();
}

}  // namespace

bool at_literal(const Cursor& cursor) {
  const TokenKind kind = cursor.peek().kind;
  return kind == TokenKind::kString || is_number(kind) ||
         (cursor.is(Symbol::kMinus) && is_number(cursor.peek(1).kind)) ||
         cursor.is_any({Keyword::kNull, Keyword::kTrue, Keyword::kFalse}) || at_binary(cursor) ||
         find_typed(cursor) != nullptr || at_interval(cursor);
}

ExpressionPtr read_interval(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  cursor.expect(Keyword::kInterval);
  IntervalLiteral interval;
  if (field_value_size(cursor) == 0) {
    cursor.fail_expected("a number or a string: INTERVAL 10 SECONDS");
  } else if (cursor.is(TokenKind::kString) && find_unit(cursor, 1) == nullptr) {
    interval.text = cursor.expect_string();
  } else {
    interval.fields.push_back(read_field(cursor));
    if (cursor.is(Keyword::kTo)) {
      cursor.take();
      read_to_unit(cursor, interval);
    } else {
      for (std::size_t size = field_value_size(cursor);
           size != 0 && find_unit(cursor, size) != nullptr;
           size = field_value_size(cursor)) {
        interval.fields.push_back(read_field(cursor));
      }
      refuse_mixed(cursor, start, interval);
    }
  }
  return make_expression(cursor, start, std::move(interval));
}

ExpressionPtr read_literal(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  Literal literal;
  if (at_interval(cursor)) {
    return read_interval(cursor);
  }
  if (cursor.is(TokenKind::kString)) {
    literal = {.kind = LiteralKind::kString, .text = cursor.expect_string()};
  } else if (cursor.is(Keyword::kNull)) {
    cursor.take();
  } else if (cursor.is(Keyword::kTrue) || cursor.is(Keyword::kFalse)) {
    const bool value = cursor.take().keyword == Keyword::kTrue;
    literal = {.kind = LiteralKind::kBoolean, .text = value ? "true" : "false"};
  } else if (at_binary(cursor)) {
    cursor.take();
    literal.kind = LiteralKind::kBinary;
    literal.text = decode_hex(cursor, start, decode_string(cursor.text(cursor.take())));
  } else if (const TypedLiteral* typed = find_typed(cursor)) {
    cursor.take();
    literal = {.kind = typed->kind, .text = decode_string(cursor.text(cursor.take()))};
  } else {
    literal = read_number(cursor, start);
  }
  return make_expression(cursor, start, std::move(literal));
}

}  // namespace millrace::sql::detail
