#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(AggregateCollect, keeps_values_in_order_without_nulls) {
  TestTable table;
  table.column("a", "INT", {"3", "1", "NULL", "3"});
  for (const std::size_t cut : {0U, 1U, 2U, 3U}) {
    EXPECT_EQ(table.aggregate("collect_list", {"a"}, cut), "[3, 1, 3]");
    EXPECT_EQ(table.aggregate("collect_set", {"a"}, cut), "[3, 1]");
    EXPECT_EQ(table.aggregate("mode", {"a"}, cut), "3");
  }
}

TEST(AggregateCollect, joins_texts_in_the_order_of_keys) {
  TestTable table;
  table.column("a", "STRING", {"'a'", "'c'", "NULL", "'b'"});
  EXPECT_EQ(table.aggregate("listagg", {"a"}), "acb");
  EXPECT_EQ(table.aggregate("listagg", {"a", "', '", "a", "1"}, 2), "c, b, a");
  EXPECT_EQ(table.aggregate("string_agg", {"CAST(NULL AS STRING)"}), "NULL");
}

}  // namespace
}  // namespace millrace::expr
