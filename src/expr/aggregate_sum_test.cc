#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(AggregateSum, counts_rows_and_values) {
  TestTable table;
  table.column("a", "INT", {"1", "NULL", "3"});
  EXPECT_EQ(table.aggregate("count", {}), "3");
  EXPECT_EQ(table.aggregate("count", {"a"}, 1), "2");
  EXPECT_EQ(table.aggregate("count_if", {"a > 1"}), "1");
  EXPECT_EQ(table.aggregate("sum", {"a"}, 2), "4");
  EXPECT_EQ(table.aggregate("avg", {"a"}, 2), "2.0");
}

TEST(AggregateSum, fails_when_the_sum_does_not_fit_whatever_the_order) {
  TestTable table;
  table.column("a", "BIGINT", {"9223372036854775807", "1", "-5"});
  EXPECT_EQ(table.aggregate("sum", {"a"}), "9223372036854775803");
  table.column("b", "BIGINT", {"9223372036854775807", "1", "0"});
  EXPECT_EQ(table.aggregate("sum", {"b"}, 1), "!ARITHMETIC_OVERFLOW");
  EXPECT_EQ(table.aggregate("try_sum", {"b"}, 1), "NULL");
}

TEST(AggregateSum, keeps_decimals_exact) {
  TestTable table;
  table.column("d", "DECIMAL(10,2)", {"1.00", "2.00", "2.00"});
  EXPECT_EQ(table.aggregate("sum", {"d"}, 1), "5.00");
  EXPECT_EQ(table.aggregate("avg", {"d"}, 1), "1.666667");
  table.column("w", "DECIMAL(38,0)", {"99999999999999999999999999999999999999", "1", "0"});
  EXPECT_EQ(table.aggregate("sum", {"w"}), "!ARITHMETIC_OVERFLOW");
}

TEST(AggregateSum, of_no_value_is_null) {
  TestTable table;
  table.column("a", "DOUBLE", {"NULL"});
  EXPECT_EQ(table.aggregate("sum", {"a"}), "NULL");
  EXPECT_EQ(table.aggregate("avg", {"a"}), "NULL");
  EXPECT_EQ(table.aggregate("count", {"a"}), "0");
}

}  // namespace
}  // namespace millrace::expr
