#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

TEST(ParseSelect, takes_every_clause) {
  const std::vector<Case> cases = {
      {"SELECT DISTINCT a, b AS c, d e, f(x) AS (g, h), f(x) (i)",
       "SELECT DISTINCT a, b AS c, d AS e, f(x) AS (g, h), f(x) AS (i)"},
      {"SELECT ALL a FROM t", "SELECT a FROM t"},
      {"SELECT all FROM t", "SELECT (all) FROM t"},
      {"SELECT /*+ BROADCAST(t), COALESCE(3) */ a FROM t"},
      {"SELECT /*+ A B(1) */ /*+ C */ a", "SELECT /*+ A, B(1), C */ a"},
      {"SELECT a FROM t WHERE b GROUP BY c HAVING d QUALIFY row_number() OVER (ORDER BY e) = 1"},
      {"SELECT a FROM t WINDOW w AS (ORDER BY a) QUALIFY b",
       "SELECT a FROM t QUALIFY b WINDOW w AS (ORDER BY a)"},
      {"SELECT 1 GROUP BY ALL ORDER BY ALL"},
      {"SELECT a FROM t GROUP BY a, ROLLUP (b, (c, d)), CUBE (e), GROUPING SETS ((a, b), ())",
       "SELECT a FROM t GROUP BY a, ROLLUP ((b), (c, d)), CUBE ((e)), GROUPING SETS ((a, b), ())"},
      {"SELECT a FROM t GROUP BY GROUPING SETS (ROLLUP (a, b), (c), CUBE (d))",
       "SELECT a FROM t GROUP BY GROUPING SETS (ROLLUP ((a), (b)), (c), CUBE ((d)))"},
      {"SELECT a FROM t GROUP BY a, b WITH ROLLUP"},
      {"SELECT a FROM t GROUP BY a, b WITH CUBE"},
      {"SELECT a FROM t GROUP BY a, b GROUPING SETS ((a), (b))",
       "SELECT a FROM t GROUP BY GROUPING SETS ((a), (b))"},
      {"SELECT a FROM t GROUP BY rollup + 1"},
      {"SELECT a FROM t GROUP BY (a), (a) + 1", "SELECT a FROM t GROUP BY a, a + 1"},
      {"FROM t"},
      {"FROM t SELECT a WHERE b"},
      {"FROM t, u SELECT DISTINCT a LATERAL VIEW explode(b) v",
       "FROM t, u LATERAL VIEW explode(b) v SELECT DISTINCT a"},
      {"SELECT 1 AS", "SELECT 1 AS AS"},
      {"SELECT window, count(*) window FROM t", "SELECT window, count(*) AS window FROM t"},
      {"SELECT order, from FROM t ORDER BY order",
       "SELECT (order), (from) FROM t ORDER BY (order)"},
      {"SELECT a left FROM t", "ERROR: Syntax error at or near 'left'; "},
      {"SELECT explode(xs) LATERAL VIEW explode(ys) y AS z"},
      {"FROM t SELECT a SELECT b", "ERROR: Several SELECT after one FROM are not supported; "},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical(each.text), each.expected());
  }
}

}  // namespace
}  // namespace millrace::sql::detail
