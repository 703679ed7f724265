#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

TEST(ParseExpression, binds_operators_as_spark_does) {
  const std::vector<Case> cases = {
      {"a + b * c"},
      {"(a + b) * c"},
      {"a - (b - c)"},
      {"(a - b) - c", "a - b - c"},
      {"a || b + c || d"},
      {"a << b + c >> d >>> e"},
      {"a | b ^ c & d"},
      {"(a | b) ^ c"},
      {"a = b <=> c", "a = b <=> c"},
      {"a = (b = c)"},
      {"a==b", "a = b"},
      {"a!=b", "a <> b"},
      {"a !> b", "a <= b"},
      {"a !< b", "a >= b"},
      {"a DIV b % c"},
      {"-a * ~b"},
      {"-(5)"},
      {"-5"},
      {"- -a", "-(-a)"},
      {"a - -5"},
      {"+a"},
      {"-(a + b)"},
      {"NOT a AND b OR c"},
      {"NOT (a AND b)"},
      {"a AND (b AND c)"},
      {"(a OR b) AND c"},
      {"! a", "NOT a"},
      {"NOT NOT a"},
      {"a = b IS NULL"},
      {"(a IS NULL) = b"},
      {"a IS NOT NULL AND b IS TRUE AND c IS NOT UNKNOWN AND d IS FALSE"},
      {"a IS DISTINCT FROM b", "NOT a <=> b"},
      {"a IS NOT DISTINCT FROM b", "a <=> b"},
      {"a BETWEEN 1 AND 2 AND b"},
      {"a NOT BETWEEN 1 + 1 AND c"},
      {"a IN (1, 2)"},
      {"a NOT IN (SELECT 1)"},
      {"(a, b) IN (SELECT 1, 2)"},
      {"a LIKE 'x%' ESCAPE '!'"},
      {"a NOT ILIKE ANY ('x', 'y')"},
      {"a LIKE SOME ('x')", "a LIKE ANY ('x')"},
      {"a LIKE ALL ('x', 'y')"},
      {"a REGEXP 'x'", "a RLIKE 'x'"},
      {"array<array<int>>(1)", "array < array < int >> 1"},
      {"a>>b", "a >> b"},
      {"a > > b", "ERROR: Syntax error at or near '>'; "},
      {"x -> x + 1"},
      {"f((x, y) -> x AND y)"},
      {"(x -> x) = 1"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical_expression(each.text), each.expected());
  }
}

TEST(ParseExpression, gives_one_node_for_a_chain_of_and) {
  Diagnostics diagnostics;
  const ExpressionPtr expression = parse_expression("a AND b AND c AND d", "t", diagnostics);
  ASSERT_TRUE(expression);
  const auto& logical = std::get<Logical>(expression->node);
  EXPECT_EQ(logical.operands.size(), 4U);
}

TEST(ParseExpression, knows_where_its_nodes_are) {
  Diagnostics diagnostics;
  const ExpressionPtr expression = parse_expression("aa +\n bb * f(cc)", "t", diagnostics);
  ASSERT_TRUE(expression);
  EXPECT_EQ(expression->position.line, 1);
  EXPECT_EQ(expression->position.column, 1);
  EXPECT_EQ(expression->position.end, 5);
  const auto& sum = std::get<Binary>(expression->node);
  EXPECT_EQ(sum.operator_position.column, 4);
  EXPECT_EQ(sum.right->position.line, 2);
  EXPECT_EQ(sum.right->position.column, 2);
  EXPECT_EQ(sum.right->position.end, 12);
}

}  // namespace
}  // namespace millrace::sql::detail
