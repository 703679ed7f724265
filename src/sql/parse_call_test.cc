#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

TEST(ParseCall, takes_arguments_and_what_follows_them) {
  const std::vector<Case> cases = {
      {"f()"},
      {"a.b.f(1, x => 2)"},
      {"count(*)"},
      {"count(DISTINCT a, b)"},
      {"count(ALL a)", "count(a)"},
      {"sum(a) FILTER (WHERE b > 1)"},
      {"listagg(a, ',') WITHIN GROUP (ORDER BY b DESC NULLS LAST)"},
      {"first(a IGNORE NULLS)", "first(a) IGNORE NULLS"},
      {"lead(a, 1) RESPECT NULLS OVER w"},
      {"sum(a) OVER ()"},
      {"sum(a) OVER (w)", "sum(a) OVER w"},
      {"sum(a) OVER (PARTITION BY b, c ORDER BY d ASC ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"},
      {"sum(a) OVER (ORDER BY d RANGE UNBOUNDED PRECEDING)",
       "sum(a) OVER (ORDER BY d RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"},
      {"sum(a) OVER (DISTRIBUTE BY b SORT BY c RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND 2 "
       "FOLLOWING)",
       "sum(a) OVER (PARTITION BY b ORDER BY c RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND 2 "
       "FOLLOWING)"},
      {"struct(a AS x, b y, c)", "struct(a AS x, b AS y, c)"},
      {"left(a, 1) || right(a, 1)"},
      {"if(a, b, c)"},
      {"filter(xs, x -> x > 1)"},
      {"date(a)"},
      {"`my fn`(1)"},
      {"IDENTIFIER('f.g')(1)", "ERROR: Syntax error at or near '('; "},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical_expression(each.text), each.expected());
  }
}

TEST(ParseCall, rewrites_the_special_forms) {
  const std::vector<Case> cases = {
      {"CASE WHEN a THEN b WHEN c THEN d ELSE e END"},
      {"CASE a WHEN 1 THEN 2 END"},
      {"CASE -1 WHEN 1 THEN CASE WHEN a THEN b END END"},
      {"TRY_CAST(a AS DECIMAL(10, 2))"},
      {"cast(a as string)", "CAST(a AS STRING)"},
      {"EXTRACT(YEAR FROM ts)", "extract('YEAR', ts)"},
      {"extract('YEAR', ts)"},
      {"POSITION('a' IN b)", "POSITION('a', b)"},
      {"position('a', b, 2)"},
      {"SUBSTRING(a FROM 2 FOR 3)", "SUBSTRING(a, 2, 3)"},
      {"substr(a, 2)"},
      {"OVERLAY(a PLACING 'x' FROM 2)", "OVERLAY(a, 'x', 2)"},
      {"overlay(a, 'x', 2, 3)"},
      {"trim(a)"},
      {"TRIM(BOTH FROM a)", "btrim(a)"},
      {"TRIM('x' FROM a)", "btrim(a, 'x')"},
      {"TRIM(LEADING 'x' FROM a)", "ltrim('x', a)"},
      {"TRIM(TRAILING FROM a)", "rtrim(a)"},
      {"timestampadd(day, 1, ts)", "timestampadd(DAY, 1, ts)"},
      {"DATEDIFF(HOUR, a, b)", "timestampdiff(HOUR, a, b)"},
      {"datediff(a, b)"},
      {"date_add(a, 1)"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical_expression(each.text), each.expected());
  }
  EXPECT_NE(canonical_expression("timestampadd('DAY', 1, ts)").find("without quotes"),
            std::string::npos);
}

}  // namespace
}  // namespace millrace::sql::detail
