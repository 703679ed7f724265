#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(ConditionalFunctions, evaluate_only_the_branch_of_a_row) {
  TestTable table;
  table.column("a", "INT", {"0", "2", "NULL"});
  EXPECT_EQ(table.run("CASE WHEN a <> 0 THEN 1 / a ELSE -1 END"), "-1.0 | 0.5 | -1.0");
  EXPECT_EQ(table.run("if(a = 0, 'zero', CAST(1 / a AS STRING))"), "zero | 0.5 | NULL");
  EXPECT_EQ(table.run("coalesce(a, 1 / 0)"), "0.0 | 2.0 | !DIVIDE_BY_ZERO");
}

TEST(ConditionalFunctions, fail_rows_whose_condition_fails) {
  TestTable table;
  table.column("a", "INT", {"0", "2"});
  EXPECT_EQ(table.run("CASE WHEN 1 / a > 0 THEN 'x' ELSE 'y' END"), "!DIVIDE_BY_ZERO | x");
}

TEST(ConditionalFunctions, take_the_common_type_of_values) {
  TestTable table;
  EXPECT_EQ(table.type("CASE WHEN true THEN 1 ELSE 'x' END"), "bigint");
  EXPECT_EQ(table.type("if(true, 1, 2.5)"), "decimal(11,1)");
  EXPECT_EQ(table.run("CASE WHEN NULL THEN 1 ELSE 2 END"),
            "?DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE");
}

TEST(ConditionalFunctions, have_short_forms) {
  TestTable table;
  table.column("a", "INT", {"0", "2", "NULL"});
  EXPECT_EQ(table.run("nvl(a, 9)"), "0 | 2 | 9");
  EXPECT_EQ(table.run("nvl2(a, 'there', 'none')"), "there | there | none");
  EXPECT_EQ(table.run("nullif(a, 2)"), "0 | NULL | NULL");
  EXPECT_EQ(table.run("nullifzero(a)"), "NULL | 2 | NULL");
  EXPECT_EQ(table.run("zeroifnull(a)"), "0 | 2 | 0");
}

}  // namespace
}  // namespace millrace::expr
