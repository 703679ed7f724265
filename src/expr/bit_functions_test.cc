#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(BitFunctions, work_on_the_common_type) {
  TestTable table;
  table.column("a", "INT", {"6", "NULL", "-8"});
  EXPECT_EQ(table.run("a & 3"), "2 | NULL | 0");
  EXPECT_EQ(table.run("a | 1"), "7 | NULL | -7");
  EXPECT_EQ(table.run("a ^ 2"), "4 | NULL | -6");
  EXPECT_EQ(table.run("~a"), "-7 | NULL | 7");
  EXPECT_EQ(table.type("a & 1L"), "bigint");
}

TEST(BitFunctions, shift_modulo_the_width) {
  TestTable table;
  EXPECT_EQ(table.run("1 << 33"), "2");
  EXPECT_EQ(table.run("1L << 33"), "8589934592");
  EXPECT_EQ(table.run("-8 >> 1"), "-4");
  EXPECT_EQ(table.run("-8 >>> 1"), "2147483644");
}

}  // namespace
}  // namespace millrace::expr
