#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

TEST(ParseQuery, takes_with_set_operations_and_order) {
  const std::vector<Case> cases = {
      {"WITH a AS (SELECT 1), b (x, y) AS (SELECT 1, 2) SELECT * FROM a"},
      {"WITH a (SELECT 1) TABLE a", "WITH a AS (SELECT 1) TABLE a"},
      {"WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r"},
      {"WITH recursive AS (SELECT 1) SELECT 1"},
      {"SELECT 1 UNION SELECT 2 INTERSECT SELECT 3"},
      {"(SELECT 1 UNION SELECT 2) INTERSECT ALL SELECT 3"},
      {"SELECT 1 UNION DISTINCT SELECT 2 MINUS SELECT 3 EXCEPT ALL SELECT 4",
       "SELECT 1 UNION SELECT 2 EXCEPT SELECT 3 EXCEPT ALL SELECT 4"},
      {"SELECT 1 ORDER BY 1 DESC NULLS FIRST, b LIMIT 10 OFFSET 5"},
      {"SELECT 1 LIMIT ALL"},
      {"SELECT 1 CLUSTER BY a"},
      {"SELECT 1 DISTRIBUTE BY a, b SORT BY c DESC"},
      {"SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY b), v AS w"},
      {"VALUES (1, 'a'), (2, 'b') AS t (x, y)"},
      {"VALUES 1, 2 t(x)", "VALUES 1, 2 AS t (x)"},
      {"TABLE a.b"},
      {"((SELECT 1))"},
      {"(SELECT 1) LIMIT 1"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical(each.text), each.expected());
  }
}

TEST(ParseQuery, binds_intersect_tighter) {
  Diagnostics diagnostics;
  const QueryPtr query = parse_query(
      "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3 UNION ALL SELECT 4", "t", diagnostics);
  ASSERT_TRUE(query);
  const auto& last = std::get<SetOperation>(query->term->node);
  EXPECT_TRUE(last.all);
  const auto& first = std::get<SetOperation>(last.left->node);
  EXPECT_EQ(first.op, SetOperator::kUnion);
  EXPECT_EQ(std::get<SetOperation>(first.right->node).op, SetOperator::kIntersect);
}

}  // namespace
}  // namespace millrace::sql::detail
