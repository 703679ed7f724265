#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(BindLiteral, takes_the_narrowest_type) {
  TestTable table;
  EXPECT_EQ(table.type("1"), "int");
  EXPECT_EQ(table.type("2147483648"), "bigint");
  EXPECT_EQ(table.type("-9223372036854775808"), "bigint");
  EXPECT_EQ(table.type("9223372036854775808"), "decimal(19,0)");
  EXPECT_EQ(table.type("1.50"), "decimal(3,2)");
  EXPECT_EQ(table.type("1e3"), "double");
  EXPECT_EQ(table.type("1Y"), "tinyint");
  EXPECT_EQ(table.type("1F"), "float");
}

TEST(BindLiteral, refuses_what_does_not_fit) {
  TestTable table;
  EXPECT_EQ(table.run("128Y"), "?INVALID_NUMERIC_LITERAL_RANGE");
  EXPECT_EQ(table.run("1e400"), "?INVALID_NUMERIC_LITERAL_RANGE");
  EXPECT_EQ(table.run("DATE'2024-02-30'"), "?INVALID_TYPED_LITERAL");
  EXPECT_EQ(table.run("123456789012345678901234567890123456789"),
            "?DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION");
}

TEST(BindLiteral, joins_units_of_one_family) {
  TestTable table;
  EXPECT_EQ(table.run("INTERVAL 1 DAY 2 HOURS"), "INTERVAL '1 02' DAY TO HOUR");
  EXPECT_EQ(table.run("INTERVAL '1-2' YEAR TO MONTH"), "INTERVAL '1-2' YEAR TO MONTH");
  EXPECT_EQ(table.type("INTERVAL 1 WEEK"), "interval day");
  EXPECT_EQ(table.run("INTERVAL 1 MONTH 2 DAYS"), "?_LEGACY_ERROR_TEMP_0029");
}

}  // namespace
}  // namespace millrace::expr
