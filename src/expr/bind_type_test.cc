#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(BindType, takes_aliases_and_nested_types) {
  EXPECT_EQ(TestTable::type_named("LONG").to_string(), "bigint");
  EXPECT_EQ(TestTable::type_named("DECIMAL").to_string(), "decimal(10,0)");
  EXPECT_EQ(TestTable::type_named("STRUCT<a: ARRAY<INT>, b: MAP<STRING, DATE>>").to_string(),
            "struct<a:array<int>,b:map<string,date>>");
  EXPECT_EQ(TestTable::type_named("INTERVAL DAY TO SECOND").to_string(), "interval day to second");
}

TEST(BindType, refuses_what_is_no_type) {
  TestTable table;
  EXPECT_EQ(table.run("CAST(1 AS DECIMAL(39, 0))"), "?DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION");
  EXPECT_EQ(table.run("CAST(1 AS DECIMAL(3, 4))"), "?INVALID_DECIMAL_SCALE");
}

}  // namespace
}  // namespace millrace::expr
