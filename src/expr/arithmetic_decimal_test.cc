#include <string>

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(ArithmeticDecimal, gives_types_as_spark) {
  TestTable table;
  EXPECT_EQ(table.type("1.0 / 3.0"), "decimal(8,6)");
  EXPECT_EQ(table.type("1 + 1.0"), "decimal(3,1)");
  EXPECT_EQ(table.run("1.0 / 3.0"), "0.333333");
  EXPECT_EQ(table.run("10.5 % 3"), "1.5");
  EXPECT_EQ(table.run("10.5 div 3"), "3");
}

TEST(ArithmeticDecimal, takes_the_same_value_by_the_exact_and_the_checked_way) {
  TestTable table;
  table.column("a", "DECIMAL(9,2)", {"1234567.89", "-0.01", "NULL", "9999999.99"});
  table.column("b", "DECIMAL(9,4)", {"-3.1416", "99999.9999", "1.0", "0.0001"});
  for (const std::string op : {"+", "-", "*"}) {
    EXPECT_EQ(table.run("CAST(a " + op + " b AS STRING)"),
              table.run("CAST(CAST(CAST(a AS DECIMAL(38,6)) " + op +
                        " CAST(b AS DECIMAL(38,6)) AS DECIMAL(30," + (op == "*" ? "6" : "4") +
                        ")) AS STRING)"))
        << op;
  }
}

TEST(ArithmeticDecimal, fails_when_it_does_not_fit) {
  TestTable table;
  table.column("a", "DECIMAL(38,0)", {"99999999999999999999999999999999999999", "1"});
  EXPECT_EQ(table.run("a + 1"), "!NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION | 2");
  EXPECT_EQ(table.run("a / 0.0"), "!DIVIDE_BY_ZERO | !DIVIDE_BY_ZERO");
  EXPECT_EQ(table.run("a % 0.0"), "!REMAINDER_BY_ZERO | !REMAINDER_BY_ZERO");
}

TEST(ArithmeticDecimal, has_a_positive_modulo) {
  TestTable table;
  EXPECT_EQ(table.run("pmod(-7.5, 2)"), "0.5");
}

}  // namespace
}  // namespace millrace::expr
