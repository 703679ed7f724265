#include "sql/parser.h"

#include <utility>

#include "sql/detail/grammar.h"

namespace millrace::sql {
namespace {

using detail::Cursor;
using detail::Symbol;
using detail::Token;
using detail::TokenKind;

// Where the statement that began at `start` and has an error ends.
std::size_t find_end(Cursor& cursor, std::size_t start) {
  cursor.recover(start);
  detail::read_unsupported(cursor, start, "");
  return cursor.mark();
}

void expect_end(Cursor& cursor) {
  if (!cursor.at_end()) {
    cursor.fail_expected("the end of the statement");
  }
}

// Reads one thing that must be the whole text.
template <class Read>
auto read_whole(std::string_view text, std::string_view file, Diagnostics& diagnostics, Read read)
    -> std::optional<decltype(read(std::declval<Cursor&>()))> {
  Cursor cursor(detail::tokenize(text), file, diagnostics);
  auto node = read(cursor);
  while (cursor.accept(Symbol::kSemicolon)) {
  }
  if (!cursor.is(TokenKind::kEnd)) {
    cursor.fail_expected("the end");
  }
  if (cursor.failed()) {
    return std::nullopt;
  }
  return node;
}

// A list of fields, or a type.
TypeName read_schema(Cursor& cursor) {
  const bool field =
      cursor.is(TokenKind::kQuoted) ||
      (cursor.is_name() && (cursor.is_name(1) || cursor.is(Symbol::kColon, 1)) &&
       !cursor.is(detail::Keyword::kInterval) && !cursor.is(detail::Keyword::kCollate, 1));
  if (!field) {
    return detail::read_type(cursor);
  }
  TypeName type;
  const std::size_t start = cursor.mark();
  type.name = "STRUCT";
  type.fields = detail::read_list(cursor, detail::read_type_field);
  type.position = cursor.since(start);
  return type;
}

}  // namespace

ParsedScript parse_script(std::string_view text,
                          std::string_view file,
                          Diagnostics& diagnostics,
                          const PositionMap& positions) {
  ParsedScript script;
  Cursor cursor(detail::tokenize(text, positions), file, diagnostics);
  while (!cursor.is(TokenKind::kEnd)) {
    if (cursor.accept(Symbol::kSemicolon)) {
      continue;
    }
    const std::size_t start = cursor.mark();
    cursor.parameters = 0;
    Statement statement;
    statement.node = detail::read_statement(cursor);
    expect_end(cursor);
    if (cursor.failed()) {
      cursor.recover(find_end(cursor, start));
      continue;
    }
    const Token& first = cursor.token(start);
    const Token& last = cursor.token(cursor.mark() - 1);
    statement.file = file;
    statement.position = cursor.since(start);
    statement.begin = first.offset;
    statement.size = last.offset + last.size - first.offset;
    script.statements.push_back(std::move(statement));
  }
  return script;
}

QueryPtr parse_query(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  return read_whole(text, file, diagnostics, detail::read_query).value_or(nullptr);
}

ExpressionPtr parse_expression(std::string_view text,
                               std::string_view file,
                               Diagnostics& diagnostics) {
  return read_whole(text, file, diagnostics, detail::read_expression).value_or(nullptr);
}

std::optional<TypeName> parse_data_type(std::string_view text,
                                        std::string_view file,
                                        Diagnostics& diagnostics) {
  return read_whole(text, file, diagnostics, detail::read_type);
}

std::optional<TypeName> parse_schema(std::string_view text,
                                     std::string_view file,
                                     Diagnostics& diagnostics) {
  return read_whole(text, file, diagnostics, read_schema);
}

}  // namespace millrace::sql
