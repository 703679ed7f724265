#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(CastNumeric, truncates_and_checks_the_range) {
  TestTable table;
  table.column("d", "DOUBLE", {"-3.99", "2147483647.9", "2147483648", "DOUBLE('NaN')", "NULL"});
  EXPECT_EQ(table.run("CAST(d AS INT)"),
            "-3 | 2147483647 | !CAST_OVERFLOW | !CAST_OVERFLOW | NULL");
  EXPECT_EQ(table.run("CAST(9223372036854775807D AS BIGINT)"),
            "9223372036854775807 | 9223372036854775807 | 9223372036854775807 | "
            "9223372036854775807 | 9223372036854775807");
}

TEST(CastNumeric, rounds_decimals_half_up) {
  TestTable table;
  EXPECT_EQ(table.run("CAST(123.455 AS DECIMAL(5,2))"), "123.46");
  EXPECT_EQ(table.run("CAST(-0.5 AS DECIMAL(1,0))"), "-1");
  EXPECT_EQ(table.run("CAST(99999.5 AS DECIMAL(5,0))"),
            "!NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION");
  EXPECT_EQ(table.run("CAST(-1.9 AS INT)"), "-1");
}

TEST(CastNumeric, takes_booleans_as_0_and_1) {
  TestTable table;
  EXPECT_EQ(table.run("CAST(true AS DECIMAL(3,1))"), "1.0");
  EXPECT_EQ(table.run("CAST(0.5 AS BOOLEAN)"), "true");
  EXPECT_EQ(table.run("CAST(0.0D AS BOOLEAN)"), "false");
}

}  // namespace
}  // namespace millrace::expr
