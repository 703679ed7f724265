#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

TEST(ParsePipe, takes_every_operator) {
  const std::vector<Case> cases = {
      {"FROM t |> WHERE a > 1 |> SELECT DISTINCT a AS b"},
      {"TABLE t |> EXTEND a + 1 AS b |> SET a = 2, c = 3 |> DROP d, e |> AS u"},
      {"FROM t |> AGGREGATE sum(a) AS s, count(*) GROUP BY b AS c, d"},
      {"FROM t |> AGGREGATE count(*)"},
      {"FROM t |> LEFT JOIN u ON t.a = u.a |> CROSS JOIN v"},
      {"FROM t |> UNION ALL (SELECT 1) |> EXCEPT TABLE u"},
      {"FROM t |> ORDER BY a DESC |> LIMIT 3 OFFSET 1"},
      {"FROM t |> PIVOT (sum(a) FOR (b) IN (1, 2))"},
      {"FROM t |> UNPIVOT (v FOR n IN (a, b))"},
      {"FROM t |> TABLESAMPLE (10 PERCENT)"},
      {"FROM t |> LATERAL VIEW explode(xs) e AS x"},
      {"FROM t |> WHERE a ORDER BY b"},
      {"FROM t |> SELEKT a", "ERROR: Syntax error at or near 'SELEKT'; did you mean \"SELECT\"?; "},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical(each.text), each.expected());
  }
}

}  // namespace
}  // namespace millrace::sql::detail
