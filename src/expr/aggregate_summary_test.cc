#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

// The example of Spark's function documentation (contracts aggregate-030 is the first).
TEST(AggregateSummary, histogram_merges_the_closest_bins) {
  TestTable table;
  table.column("x", "INT", {"0", "1", "2", "10"});
  EXPECT_EQ(table.aggregate("histogram_numeric", {"x", "3"}), "[{0, 1.0}, {1, 2.0}, {10, 1.0}]");
  EXPECT_EQ(table.aggregate("histogram_numeric", {"x", "5"}),
            "[{0, 1.0}, {1, 1.0}, {2, 1.0}, {10, 1.0}]");
  EXPECT_EQ(table.aggregate("histogram_numeric", {"x", "5"}, 2),
            "[{0, 1.0}, {1, 1.0}, {2, 1.0}, {10, 1.0}]");
  EXPECT_EQ(table.aggregate("histogram_numeric", {"x", "1"}),
            "?DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE");
}

TEST(AggregateSummary, histogram_keeps_the_type_of_its_values_and_skips_nulls) {
  TestTable table;
  table.column("x", "DOUBLE", {"1.5", "NULL", "1.5", "3.0"});
  EXPECT_EQ(table.aggregate("histogram_numeric", {"x", "2"}), "[{1.5, 2.0}, {3.0, 1.0}]");
  TestTable empty;
  empty.column("x", "DOUBLE", {"NULL"});
  EXPECT_EQ(empty.aggregate("histogram_numeric", {"x", "2"}), "NULL");
}

TEST(AggregateSummary, top_k_counts_the_most_frequent) {
  TestTable table;
  table.column("x", "STRING", {"'a'", "'b'", "'a'", "'c'", "'b'", "'a'", "NULL"});
  EXPECT_EQ(table.aggregate("approx_top_k", {"x"}), "[{a, 3}, {b, 2}, {c, 1}]");
  EXPECT_EQ(table.aggregate("approx_top_k", {"x", "1"}), "[{a, 3}]");
  EXPECT_EQ(table.aggregate("approx_top_k", {"x", "2", "100"}, 3), "[{a, 3}, {b, 2}]");
  EXPECT_EQ(table.aggregate("approx_top_k", {"x", "0"}), "?APPROX_TOP_K_NON_POSITIVE_ARG");
  EXPECT_EQ(table.aggregate("approx_top_k", {"array(x)"}),
            "?DATATYPE_MISMATCH.TYPE_CHECK_FAILURE_WITH_HINT");
}

}  // namespace
}  // namespace millrace::expr
