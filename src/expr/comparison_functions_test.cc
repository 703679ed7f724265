#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(ComparisonFunctions, order_nan_last_and_zeros_together) {
  TestTable table;
  table.column("a", "DOUBLE", {"1", "DOUBLE('NaN')", "DOUBLE('NaN')", "-0.0D", "NULL"});
  table.column("b", "DOUBLE", {"2", "DOUBLE('NaN')", "DOUBLE('Infinity')", "0", "1"});
  EXPECT_EQ(table.run("a = b"), "false | true | false | true | NULL");
  EXPECT_EQ(table.run("a <> b"), "true | false | true | false | NULL");
  EXPECT_EQ(table.run("a < b"), "true | false | false | false | NULL");
  EXPECT_EQ(table.run("a <= b"), "true | true | false | true | NULL");
  EXPECT_EQ(table.run("a > b"), "false | false | true | false | NULL");
  EXPECT_EQ(table.run("a >= b"), "false | true | true | true | NULL");
  EXPECT_EQ(table.run("a <=> b"), "false | true | false | true | false");
}

TEST(ComparisonFunctions, compare_texts_by_bytes) {
  TestTable table;
  EXPECT_EQ(table.run("'a' < 'B'"), "false");
  EXPECT_EQ(table.run("'é' > 'z'"), "true");
  EXPECT_EQ(table.run("DATE'2024-01-01' = '2024-01-01'"), "true");
}

TEST(ComparisonFunctions, look_up_lists_with_nulls) {
  TestTable table;
  table.column("i", "INT", {"1", "3", "NULL"});
  table.column("s", "STRING", {"'a'", "'c'", "NULL"});
  EXPECT_EQ(table.run("i IN (1, 2)"), "true | false | NULL");
  EXPECT_EQ(table.run("i IN (1, NULL)"), "true | NULL | NULL");
  EXPECT_EQ(table.run("s IN ('a', 'b')"), "true | false | NULL");
  EXPECT_EQ(table.run("i IN (i + 0, 9)"), "true | true | NULL");
  EXPECT_EQ(table.run("1.5 IN (1.50, 2)"), "true | true | true");
}

TEST(ComparisonFunctions, find_extremes_without_nulls) {
  TestTable table;
  table.column("i", "INT", {"1", "3", "NULL"});
  EXPECT_EQ(table.run("greatest(i, 2)"), "2 | 3 | 2");
  EXPECT_EQ(table.run("least(i, 2, NULL)"), "1 | 2 | 2");
  EXPECT_EQ(table.run("greatest(i, '2')"), "?DATATYPE_MISMATCH.DATA_DIFF_TYPES");
}

TEST(ComparisonFunctions, refuse_types_without_an_order) {
  TestTable table;
  table.column("m", "MAP<STRING, INT>", {"NULL"});
  EXPECT_EQ(table.run("m = m"), "?DATATYPE_MISMATCH.INVALID_ORDERING_TYPE");
  EXPECT_EQ(table.run("true = DATE'2024-01-01'"), "?DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES");
}

}  // namespace
}  // namespace millrace::expr
