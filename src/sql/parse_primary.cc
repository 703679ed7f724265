#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "sql/detail/grammar.h"

namespace millrace::sql::detail {
namespace {

// Words between two expressions are columns only where what follows can follow a column, as in
// `SELECT order, x`; not in `SELECT a, FROM t`, where an expression is missing.
bool may_be_column(const Cursor& cursor) {
  if (cursor.is(TokenKind::kQuoted)) {
    return true;
  }
  if (cursor.open_cases > 0 && !cursor.is(Symbol::kDot, 1) &&
      cursor.is_any({Keyword::kWhen, Keyword::kThen, Keyword::kElse, Keyword::kEnd})) {
    return false;
  }
  if (!stands_between_expressions(cursor.peek().keyword)) {
    return true;
  }
  const Token& next = cursor.peek(1);
  if (cursor.is_any({Keyword::kFrom, Keyword::kSelect}) && next.symbol != Symbol::kComma &&
      next.symbol != Symbol::kDot && next.symbol != Symbol::kRightParen &&
      next.keyword != Keyword::kFrom) {
    return false;
  }
  return next.kind == TokenKind::kEnd ||
         (next.kind == TokenKind::kSymbol && next.symbol != Symbol::kLeftParen &&
          next.symbol != Symbol::kStar && next.symbol != Symbol::kMinus) ||
         cursor.is_any({Keyword::kFrom, Keyword::kAs, Keyword::kAsc, Keyword::kDesc}, 1);
}

bool at_lambda(const Cursor& cursor) {
  if (cursor.is_name()) {
    return cursor.is(Symbol::kArrow, 1);
  }
  const std::size_t match = cursor.peek().match;
  return cursor.is(Symbol::kLeftParen) && match != 0 &&
         cursor.token(match + 1).symbol == Symbol::kArrow;
}

ExpressionPtr read_lambda(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  Lambda lambda;
  if (cursor.is(Symbol::kLeftParen)) {
    lambda.parameters = read_bracketed_list(cursor, read_identifier);
  } else {
    lambda.parameters.push_back(cursor.take_identifier());
  }
  cursor.expect(Symbol::kArrow);
  lambda.body = read_expression(cursor);
  return make_expression(cursor, start, std::move(lambda));
}

std::vector<Name> read_except(Cursor& cursor) {
  if (!cursor.is(Keyword::kExcept) || !cursor.is(Symbol::kLeftParen, 1) ||
      at_bracketed_query(cursor, 1)) {
    return {};
  }
  cursor.take();
  return read_bracketed_list(cursor, read_name);
}

// `a.b.c`, `a.b.*` or `f.g(…)`.
ExpressionPtr read_named(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  Name name;
  name.parts.push_back(cursor.take_identifier());
  while (cursor.is(Symbol::kDot) && cursor.is_name(1)) {
    cursor.take();
    name.parts.push_back(cursor.take_identifier());
  }
  name.position = cursor.since(start);
  if (cursor.is(Symbol::kLeftParen)) {
    return read_call(cursor, std::move(name), start);
  }
  if (cursor.is(Symbol::kDot) && cursor.is(Symbol::kStar, 1)) {
    cursor.take();
    cursor.take();
    Star star{.qualifier = std::move(name.parts), .except = read_except(cursor)};
    return make_expression(cursor, start, std::move(star));
  }
  return make_expression(cursor, start, ColumnReference{.name = std::move(name)});
}

ExpressionPtr read_star(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  cursor.take();
  Star star{.qualifier = {}, .except = read_except(cursor)};
  return make_expression(cursor, start, std::move(star));
}

ExpressionPtr read_parameter(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  Parameter parameter;
  if (cursor.accept(Symbol::kQuestion)) {
    parameter.ordinal = cursor.parameters++;
  } else {
    cursor.take();
    parameter.name = cursor.expect_identifier().name;
  }
  return make_expression(cursor, start, std::move(parameter));
}

// A query, an expression in brackets, or a row.
ExpressionPtr read_bracketed(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  if (at_bracketed_query(cursor)) {
    Subquery subquery{.kind = SubqueryKind::kScalar, .query = read_bracketed_query(cursor)};
    return make_expression(cursor, start, std::move(subquery));
  }
  cursor.take();
  ExpressionPtr first = read_maybe_aliased(cursor);
  if (!cursor.is(Symbol::kComma)) {
    if (first->as<Alias>() != nullptr) {
      cursor.fail_expected("','");
    }
    cursor.expect(Symbol::kRightParen);
    return first;
  }
  RowConstructor row;
  row.values.push_back(std::move(first));
  while (cursor.accept(Symbol::kComma)) {
    row.values.push_back(read_maybe_aliased(cursor));
  }
  cursor.expect(Symbol::kRightParen);
  return make_expression(cursor, start, std::move(row));
}

ExpressionPtr read_base(Cursor& cursor) {
  if (at_lambda(cursor)) {
    return read_lambda(cursor);
  }
  if (at_literal(cursor)) {
    return read_literal(cursor);
  }
  if (at_special_form(cursor)) {
    return read_special_form(cursor);
  }
  if (cursor.is_name() && may_be_column(cursor)) {
    return read_named(cursor);
  }
  if (cursor.is(Symbol::kLeftParen)) {
    return read_bracketed(cursor);
  }
  if (cursor.is(Symbol::kStar)) {
    return read_star(cursor);
  }
  if (cursor.is(Symbol::kQuestion) || (cursor.is(Symbol::kColon) && cursor.is_name(1))) {
    return read_parameter(cursor);
  }
  cursor.fail_expected("an expression");
  return make_expression(cursor, cursor.mark(), Literal{});
}

JsonPathStep read_json_name(Cursor& cursor) {
  JsonPathStep step;
  if (cursor.is(Symbol::kStar)) {
    cursor.take();
    step.kind = JsonPathKind::kWildcard;
    return step;
  }
  const Identifier name = cursor.expect_identifier();
  step.name = name.name;
  step.quoted = name.quoted;
  return step;
}

JsonPathStep read_json_subscript(Cursor& cursor) {
  JsonPathStep step;
  cursor.take();
  if (cursor.accept(Symbol::kStar)) {
    step.kind = JsonPathKind::kWildcard;
  } else if (cursor.is(TokenKind::kString)) {
    step.name = cursor.expect_string();
    step.quoted = true;
  } else {
    const Position where = Cursor::position_of(cursor.peek());
    step.kind = JsonPathKind::kIndex;
    const std::string digits = cursor.expect_integer();
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), step.index);
    if (error != std::errc{} && !cursor.failed()) {
      cursor.fail(kSyntaxError,
                  where,
                  fmt::format("Syntax error at or near '{}'", digits),
                  "the index is too large");
    }
  }
  cursor.expect(Symbol::kRightBracket);
  return step;
}

ExpressionPtr read_json_path(Cursor& cursor, std::size_t start, ExpressionPtr value) {
  cursor.take();
  JsonExtract extract{.value = std::move(value), .path = {}};
  extract.path.push_back(cursor.is(Symbol::kLeftBracket) ? read_json_subscript(cursor)
                                                         : read_json_name(cursor));
  while (cursor.is(Symbol::kDot) || cursor.is(Symbol::kLeftBracket)) {
    if (cursor.is(Symbol::kLeftBracket)) {
      extract.path.push_back(read_json_subscript(cursor));
    } else {
      cursor.take();
      extract.path.push_back(read_json_name(cursor));
    }
  }
  return make_expression(cursor, start, std::move(extract));
}

ExpressionPtr read_postfix(Cursor& cursor, std::size_t start, ExpressionPtr value) {
  if (cursor.accept(Symbol::kDoubleColon)) {
    Cast cast{.value = std::move(value), .type = read_type(cursor)};
    return make_expression(cursor, start, std::move(cast));
  }
  if (cursor.accept(Symbol::kLeftBracket)) {
    Subscript subscript{.value = std::move(value), .index = read_value(cursor)};
    cursor.expect(Symbol::kRightBracket);
    return make_expression(cursor, start, std::move(subscript));
  }
  if (cursor.accept(Symbol::kDot)) {
    FieldAccess access{.value = std::move(value), .field = cursor.expect_identifier()};
    return make_expression(cursor, start, std::move(access));
  }
  if (cursor.is(Symbol::kColon)) {
    return read_json_path(cursor, start, std::move(value));
  }
  cursor.expect(Keyword::kCollate);
  Collate collate{.value = std::move(value), .collation = cursor.expect_name()};
  return make_expression(cursor, start, std::move(collate));
}

bool at_postfix(const Cursor& cursor) {
  return cursor.is(Symbol::kDoubleColon) || cursor.is(Symbol::kLeftBracket) ||
         cursor.is(Symbol::kDot) || cursor.is(Symbol::kColon) ||
         (cursor.is(Keyword::kCollate) && cursor.is_name(1));
}

}  // namespace

ExpressionPtr read_primary(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  ExpressionPtr value = read_base(cursor);
  while (at_postfix(cursor)) {
    value = read_postfix(cursor, start, std::move(value));
    cursor.grow();
  }
  return value;
}

ExpressionPtr read_maybe_aliased(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  ExpressionPtr value = read_expression(cursor);
  if (!cursor.is(Keyword::kAs) && (!cursor.is_name() || at_clause(cursor))) {
    return value;
  }
  cursor.accept(Keyword::kAs);
  Alias alias{.value = std::move(value), .names = {}};
  alias.names.push_back(cursor.expect_identifier());
  return make_expression(cursor, start, std::move(alias));
}

}  // namespace millrace::sql::detail
