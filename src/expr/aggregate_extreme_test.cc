#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(AggregateExtreme, finds_least_and_greatest) {
  TestTable table;
  table.column("a", "DOUBLE", {"1.5", "NULL", "DOUBLE('NaN')", "-2"});
  table.column("s", "STRING", {"'b'", "'a'", "NULL", "'c'"});
  for (const std::size_t cut : {0U, 1U, 3U}) {
    EXPECT_EQ(table.aggregate("min", {"a"}, cut), "-2.0");
    EXPECT_EQ(table.aggregate("max", {"a"}, cut), "NaN");
    EXPECT_EQ(table.aggregate("min", {"s"}, cut), "a");
    EXPECT_EQ(table.aggregate("max", {"s"}, cut), "c");
    EXPECT_EQ(table.aggregate("min_by", {"s", "a"}, cut), "c");
    EXPECT_EQ(table.aggregate("max_by", {"s", "a"}, cut), "NULL");
  }
}

TEST(AggregateExtreme, tells_first_from_last_with_and_without_nulls) {
  TestTable table;
  table.column("a", "INT", {"NULL", "1", "2", "NULL"});
  for (const std::size_t cut : {0U, 1U, 2U}) {
    EXPECT_EQ(table.aggregate("first", {"a"}, cut), "NULL");
    EXPECT_EQ(table.aggregate("first", {"a", "true"}, cut), "1");
    EXPECT_EQ(table.aggregate("last", {"a"}, cut), "NULL");
    EXPECT_EQ(table.aggregate("last", {"a", "true"}, cut), "2");
  }
}

TEST(AggregateExtreme, folds_booleans_and_bits) {
  TestTable table;
  table.column("b", "BOOLEAN", {"true", "NULL", "false"});
  table.column("i", "INT", {"6", "NULL", "3"});
  EXPECT_EQ(table.aggregate("every", {"b"}, 1), "false");
  EXPECT_EQ(table.aggregate("any", {"b"}, 1), "true");
  EXPECT_EQ(table.aggregate("bit_and", {"i"}, 1), "2");
  EXPECT_EQ(table.aggregate("bit_or", {"i"}, 1), "7");
  EXPECT_EQ(table.aggregate("bit_xor", {"i"}, 1), "5");
}

}  // namespace
}  // namespace millrace::expr
