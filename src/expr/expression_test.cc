#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(Expression, is_shown_as_sql_without_implicit_casts) {
  TestTable table;
  table.column("a", "INT", {"1"}).column("s", "STRING", {"'x'"});
  EXPECT_EQ(to_sql(*table.bind("a + 1L")), "(a + 1)");
  EXPECT_EQ(to_sql(*table.bind("CAST(a AS STRING)")), "CAST(a AS STRING)");
  EXPECT_EQ(to_sql(*table.bind("s IS NULL AND a IN (1, 2)")), "((s IS NULL) AND (a IN (1, 2)))");
  EXPECT_EQ(to_sql(*table.bind("nvl(s, 'y')")), "nvl(s, y)");
}

TEST(Expression, may_be_folded_when_no_row_matters) {
  TestTable table;
  table.column("a", "INT", {"1"});
  EXPECT_FALSE(is_foldable(*table.bind("a")));
  EXPECT_TRUE(is_foldable(*table.bind("1 / 0")));
  EXPECT_FALSE(is_foldable(*table.bind("rand()")));
}

}  // namespace
}  // namespace millrace::expr
