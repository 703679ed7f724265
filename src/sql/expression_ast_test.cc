#include "sql/expression_ast.h"

#include <gtest/gtest.h>

#include "sql/ast.h"

namespace millrace::sql {
namespace {

ExpressionPtr number(const char* text, Position position) {
  Expression expression;
  expression.node = Literal{.kind = LiteralKind::kInteger, .text = text};
  expression.position = position;
  return make_box(std::move(expression));
}

TEST(Ast, compares_what_was_written_and_not_where) {
  EXPECT_EQ(number("1", {1, 1, 2}), number("1", {7, 3, 4}));
  EXPECT_FALSE(number("1", {1, 1, 2}) == number("2", {1, 1, 2}));
  EXPECT_FALSE(number("1", {}) == ExpressionPtr());
  EXPECT_EQ(ExpressionPtr(), ExpressionPtr());
}

TEST(Ast, compares_types_with_their_fields) {
  TypeName type;
  type.name = "STRUCT";
  TypeField field;
  field.name.name = "a";
  field.type.name = "INT";
  type.fields.push_back(field);
  TypeName other = type;
  EXPECT_EQ(type, other);
  other.fields[0].type.name = "BIGINT";
  EXPECT_FALSE(type == other);
}

TEST(Ast, compares_whole_statements) {
  Statement one;
  one.node = QueryStatement{.query = make_box(Query{})};
  Statement two;
  two.node = QueryStatement{.query = make_box(Query{})};
  EXPECT_TRUE(one == two);
  std::get<QueryStatement>(two.node).query->recursive = true;
  EXPECT_FALSE(one == two);
}

}  // namespace
}  // namespace millrace::sql
