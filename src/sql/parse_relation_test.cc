#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

std::string canonical_from(std::string_view relation) {
  std::string printed = canonical("SELECT * FROM " + std::string(relation));
  return printed.starts_with("SELECT * FROM ") ? printed.substr(14) : printed;
}

TEST(ParseRelation, takes_every_join) {
  const std::vector<Case> cases = {
      {"a JOIN b ON a.x = b.x INNER JOIN c USING (y, z)",
       "a JOIN b ON a.x = b.x JOIN c USING (y, z)"},
      {"a LEFT OUTER JOIN b ON TRUE RIGHT JOIN c FULL OUTER JOIN d CROSS JOIN e",
       "a LEFT JOIN b ON TRUE RIGHT JOIN c FULL JOIN d CROSS JOIN e"},
      {"a SEMI JOIN b ON x LEFT ANTI JOIN c ON y", "a LEFT SEMI JOIN b ON x LEFT ANTI JOIN c ON y"},
      {"a NATURAL JOIN b NATURAL LEFT JOIN c"},
      {"a, LATERAL (SELECT 1) AS b JOIN LATERAL f(x) AS c ON TRUE"},
      {"(a JOIN b) JOIN (c) AS d"},
      {"((SELECT 1) AS a JOIN b)"},
      {"(((SELECT 1)))"},
      {"a AS x (c, d), `b c`.d e", "a AS x (c, d), `b c`.d AS e"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical_from(each.text), each.expected());
  }
}

TEST(ParseRelation, takes_streams_with_options_and_watermarks) {
  const std::vector<Case> cases = {
      {"STREAM bids WITH (maxOffsetsPerTrigger = 10000) WATERMARK ts DELAY OF INTERVAL 10 SECONDS "
       "AS "
       "b",
       "STREAM bids WITH ('maxOffsetsPerTrigger' = 10000) WATERMARK ts DELAY OF INTERVAL 10 SECOND "
       "AS b"},
      {"STREAM raw WATERMARK timestamp_seconds(value) AS eventTime DELAY OF INTERVAL 10 seconds t",
       "STREAM raw WATERMARK timestamp_seconds(value) AS eventTime DELAY OF INTERVAL 10 SECOND AS "
       "t"},
      {"STREAM(a.b) x", "STREAM a.b AS x"},
      {"STREAM f(1, x => 'a') IDENTIFIED BY s AS y"},
      {"STREAM (f(1))", "STREAM f(1)"},
      {"stream"},
      {"stream AS s"},
      {"stream JOIN b", "stream JOIN b"},
      {"STREAM t WITH (a.b = 'c', 'd' 1, e)", "STREAM t WITH ('a.b' = 'c', 'd' = 1, 'e')"},
      {"t WATERMARK ts DELAY OF INTERVAL '1' MINUTE"},
      {"(SELECT 1) WATERMARK a AS (b, c) DELAY OF INTERVAL 1 DAY AS d"},
      {"t watermark", "t AS watermark"},
      {"range(10) WATERMARK id DELAY OF INTERVAL 1 SECOND AS r"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical_from(each.text), each.expected());
  }
}

TEST(ParseRelation, takes_samples_pivots_views_and_values) {
  const std::vector<Case> cases = {
      {"t TABLESAMPLE (10 PERCENT) REPEATABLE (7) AS s"},
      {"t TABLESAMPLE (5 ROWS)"},
      {"t TABLESAMPLE (BUCKET 1 OUT OF 4)"},
      {"t PIVOT (sum(a) AS s, max(b) FOR (c, d) IN ((1, 2) AS x, (3, 4))) AS p"},
      {"t PIVOT (sum(a) FOR c IN ('x', 'y' z))", "t PIVOT (sum(a) FOR (c) IN ('x', 'y' AS z))"},
      {"t UNPIVOT (v FOR n IN (a, b AS c)) AS u"},
      {"t UNPIVOT INCLUDE NULLS ((v, w) FOR n IN ((a, b) AS c, (d, e)))"},
      {"t LATERAL VIEW OUTER explode(xs) e AS x, y LATERAL VIEW posexplode(zs) p"},
      {"VALUES (1, 2), (3, 4) AS t (a, b)"},
      {"t VERSION AS OF 3"},
      {"t FOR SYSTEM_TIME AS OF '2024-01-01' AS x"},
      {"f(TABLE (SELECT 1), TABLE (t))", "f(TABLE (SELECT 1), TABLE (TABLE t))"},
      {"IDENTIFIER('a.b')", "a.b"},
      {"t a b", "ERROR: Syntax error at or near 'b'; "},
      {"WHERE x", "ERROR: Syntax error at or near 'WHERE'; "},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical_from(each.text), each.expected());
  }
}

}  // namespace
}  // namespace millrace::sql::detail
