#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(AggregatePercentile, interpolates_between_values) {
  TestTable table;
  table.column("x", "INT", {"4", "1", "NULL", "3", "2"});
  for (const std::size_t cut : {0U, 2U}) {
    EXPECT_EQ(table.aggregate("percentile", {"x", "0.5"}, cut), "2.5");
    EXPECT_EQ(table.aggregate("median", {"x"}, cut), "2.5");
    EXPECT_EQ(table.aggregate("percentile_approx", {"x", "0.5"}, cut), "2");
  }
}

TEST(AggregatePercentile, refuses_fractions_outside_of_0_and_1) {
  TestTable table;
  EXPECT_EQ(table.aggregate("percentile", {"1", "1.5"}), "?DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE");
}

}  // namespace
}  // namespace millrace::expr
