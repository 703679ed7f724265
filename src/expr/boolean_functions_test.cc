#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(BooleanFunctions, follow_three_valued_logic) {
  TestTable table;
  table.column("a", "BOOLEAN", {"true", "true", "true", "false", "false", "NULL", "NULL"});
  table.column("b", "BOOLEAN", {"true", "false", "NULL", "false", "NULL", "NULL", "true"});
  EXPECT_EQ(table.run("a AND b"), "true | false | NULL | false | false | NULL | NULL");
  EXPECT_EQ(table.run("a OR b"), "true | true | true | false | NULL | NULL | true");
  EXPECT_EQ(table.run("NOT b"), "false | true | NULL | true | NULL | NULL | false");
  EXPECT_EQ(table.run("b IS NULL"), "false | false | true | false | true | true | false");
  EXPECT_EQ(table.run("b IS NOT FALSE"), "true | false | true | false | true | true | true");
}

TEST(BooleanFunctions, do_not_evaluate_what_is_decided) {
  TestTable table;
  table.column("x", "INT", {"0", "2"});
  EXPECT_EQ(table.run("x <> 0 AND 1 / x > 0"), "false | true");
  EXPECT_EQ(table.run("x = 0 OR 1 / x > 0"), "true | true");
  EXPECT_EQ(table.run("1 / x > 0 AND x <> 0"), "!DIVIDE_BY_ZERO | true");
}

}  // namespace
}  // namespace millrace::expr
