#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

TEST(ParsePrimary, takes_names_fields_subscripts_and_paths) {
  const std::vector<Case> cases = {
      {"a.b.c"},
      {"`a``b`.`from`"},
      {"t.from"},
      {"(a).b"},
      {"f(x).b.c"},
      {"a[0][b + 1].c"},
      {"a.b[0]"},
      {"a::INT", "CAST(a AS INT)"},
      {"a::INT::STRING", "CAST(CAST(a AS INT) AS STRING)"},
      {"-5::INT", "CAST(-5 AS INT)"},
      {"a:b.c[0]['x y'].d[*]"},
      {"a:b::INT + 1", "CAST(a:b AS INT) + 1"},
      {"(a:b).c"},
      {"(a:b)[0]"},
      {"a COLLATE UTF8_LCASE"},
      {"*"},
      {"t.*"},
      {"s.t.* EXCEPT (a, b.c)"},
      {"?"},
      {":name"},
      {"(1, 'a', NULL)"},
      {"((1))", "1"},
      {"(SELECT 1)"},
      {"((SELECT 1))"},
      {"((SELECT 1) + 1)", "(SELECT 1) + 1"},
      {"((SELECT 1) UNION SELECT 2)"},
      {"((SELECT 1), 2)"},
      {"(a AS x, b)"},
      {"EXISTS (SELECT 1)"},
      {"exists(a, x -> x)"},
      {"order + end", "(order) + (end)"},
      {"a.order"},
      {"1st"},
      {"current_date"},
      {"test-table", "test - table"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical_expression(each.text), each.expected());
  }
}

TEST(ParsePrimary, numbers_positional_parameters) {
  Diagnostics diagnostics;
  const ExpressionPtr expression = parse_expression("? + ?", "t", diagnostics);
  ASSERT_TRUE(expression);
  const auto& sum = std::get<Binary>(expression->node);
  EXPECT_EQ(std::get<Parameter>(sum.left->node).ordinal, 0);
  EXPECT_EQ(std::get<Parameter>(sum.right->node).ordinal, 1);
}

TEST(ParsePrimary, refuses_a_path_index_that_is_too_large) {
  EXPECT_EQ(canonical_expression("a:b[99999999999999999999]"),
            "ERROR: Syntax error at or near '99999999999999999999'; ");
}

}  // namespace
}  // namespace millrace::sql::detail
