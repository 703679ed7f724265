#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(AggregateMoments, gives_the_digits_of_spark) {
  TestTable table;
  table.column("x", "INT", {"1", "2", "4"});
  EXPECT_EQ(table.aggregate("stddev", {"x"}), "1.5275252316519465");
  EXPECT_EQ(table.aggregate("variance", {"x"}), "2.333333333333333");
  EXPECT_EQ(table.aggregate("stddev_pop", {"x"}), "1.247219128924647");
  EXPECT_EQ(table.aggregate("var_pop", {"x"}), "1.5555555555555554");
  EXPECT_EQ(table.aggregate("skewness", {"x"}), "0.3818017741606068");
  EXPECT_EQ(table.aggregate("kurtosis", {"x"}), "-1.5000000000000009");
}

TEST(AggregateMoments, relates_two_columns) {
  TestTable table;
  table.column("x", "INT", {"1", "2", "3", "NULL"});
  table.column("y", "INT", {"2", "4", "7", "9"});
  EXPECT_EQ(table.aggregate("corr", {"x", "y"}), "0.9933992677987827");
  EXPECT_EQ(table.aggregate("covar_pop", {"x", "y"}), "1.6666666666666667");
  EXPECT_EQ(table.aggregate("covar_samp", {"x", "y"}), "2.5");
  EXPECT_EQ(table.aggregate("regr_slope", {"y", "x"}), "2.5");
  EXPECT_EQ(table.aggregate("regr_count", {"y", "x"}, 2), "3");
}

TEST(AggregateMoments, is_null_where_there_is_too_little) {
  TestTable table;
  table.column("x", "INT", {"1"});
  EXPECT_EQ(table.aggregate("stddev", {"x"}), "NULL");
  EXPECT_EQ(table.aggregate("kurtosis", {"x"}), "NULL");
  EXPECT_EQ(table.aggregate("var_pop", {"x"}), "0.0");
}

}  // namespace
}  // namespace millrace::expr
