#include <utility>

#include "sql/detail/grammar.h"

namespace millrace::sql::detail {
namespace {

// `a.b.c` or a string.
std::string read_key(Cursor& cursor) {
  if (cursor.is(TokenKind::kString)) {
    return decode_string(cursor.text(cursor.take()));
  }
  if (!cursor.is_name()) {
    cursor.fail_expected("the name of an option");
    return {};
  }
  std::string key = cursor.take_identifier().name;
  while (cursor.is(Symbol::kDot) && cursor.is_name(1)) {
    cursor.take();
    key += "." + cursor.take_identifier().name;
  }
  return key;
}

bool is_plain(const Literal& literal) {
  switch (literal.kind) {
    case LiteralKind::kBoolean:
    case LiteralKind::kInteger:
    case LiteralKind::kTinyint:
    case LiteralKind::kSmallint:
    case LiteralKind::kBigint:
    case LiteralKind::kDecimal:
    case LiteralKind::kFloat:
    case LiteralKind::kDouble:
    case LiteralKind::kString:
      return true;
    case LiteralKind::kNull:
    case LiteralKind::kBinary:
    case LiteralKind::kDate:
    case LiteralKind::kTime:
    case LiteralKind::kTimestamp:
    case LiteralKind::kTimestampLtz:
    case LiteralKind::kTimestampNtz:
      return false;
  }
  return false;
}

Property read_property(Cursor& cursor) {
  Property property;
  const std::size_t start = cursor.mark();
  property.key = read_key(cursor);
  property.position = cursor.since(start);
  const bool equal = cursor.accept(Symbol::kEqual);
  if (!equal && (cursor.is(Symbol::kComma) || cursor.is(Symbol::kRightParen))) {
    return property;
  }
  const std::size_t value_start = cursor.mark();
  ExpressionPtr value = read_expression(cursor);
  property.value_position = cursor.since(value_start);
  property.has_value = true;
  if (Literal* literal = value->as<Literal>(); literal != nullptr && is_plain(*literal)) {
    property.quoted = literal->kind == LiteralKind::kString;
    property.value = std::move(literal->text);
  } else {
    property.expression = std::move(value);
  }
  return property;
}

}  // namespace

std::vector<Property> read_properties(Cursor& cursor) {
  return read_bracketed_list(cursor, read_property);
}

}  // namespace millrace::sql::detail
