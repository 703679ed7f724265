#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

std::string name(std::string_view sql) {
  Diagnostics diagnostics;
  return column_name(*sql::parse_expression(sql, "test.sql", diagnostics));
}

TEST(ColumnName, is_the_sql_of_the_expression) {
  EXPECT_EQ(name("a"), "a");
  EXPECT_EQ(name("t.a"), "a");
  EXPECT_EQ(name("a + 1 * b"), "(a + (1 * b))");
  EXPECT_EQ(name("a || 'x'"), "concat(a, x)");
  EXPECT_EQ(name("count(*)"), "count(1)");
  EXPECT_EQ(name("count(DISTINCT x)"), "count(DISTINCT x)");
  EXPECT_EQ(name("sum(x) FILTER (WHERE x > 1)"), "sum(x) FILTER (WHERE (x > 1))");
  EXPECT_EQ(name("CAST(x AS DECIMAL(38,0))"), "CAST(x AS DECIMAL(38,0))");
  EXPECT_EQ(name("CASE WHEN a THEN 1 ELSE 2 END"), "CASE WHEN a THEN 1 ELSE 2 END");
  EXPECT_EQ(name("a IN (1, 2)"), "(a IN (1, 2))");
  EXPECT_EQ(name("NOT a"), "(NOT a)");
  EXPECT_EQ(name("xs[0]"), "xs[0]");
}

TEST(ColumnName, writes_defaults_and_leaves_settings_out_as_spark_does) {
  EXPECT_EQ(name("percentile(x, 0.5)"), "percentile(x, 0.5, 1)");
  EXPECT_EQ(name("sort_array(xs)"), "sort_array(xs, true)");
  EXPECT_EQ(name("sort_array(xs, false)"), "sort_array(xs, false)");
  EXPECT_EQ(name("string_agg(x)"), "string_agg(x, NULL)");
  EXPECT_EQ(name("listagg(x, ',')"), "listagg(x, ,)");
  EXPECT_EQ(name("First(x, true)"), "First(x)");
  EXPECT_EQ(name("approx_count_distinct(x, 0.01)"), "approx_count_distinct(x)");
  EXPECT_EQ(name("count()"), "count()");
}

}  // namespace
}  // namespace millrace::expr
