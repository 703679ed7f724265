#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TestTable& add_arrays(TestTable& table) {
  data::ColumnBuilder builder(TestTable::type_named("ARRAY<STRING>"));
  builder.child(0).append_string("1");
  builder.child(0).append_null();
  builder.append_nested();
  builder.append_null();
  builder.child(0).append_string("x");
  builder.append_nested();
  table.add("xs", builder.finish());
  return table;
}

TEST(CastNested, converts_elements_and_fails_the_row_of_a_bad_one) {
  TestTable table;
  add_arrays(table);
  EXPECT_EQ(table.run("CAST(xs AS ARRAY<INT>)"), "[1, null] | NULL | !CAST_INVALID_INPUT");
  EXPECT_EQ(table.run("TRY_CAST(xs AS ARRAY<INT>)"), "[1, null] | NULL | [null]");
  EXPECT_EQ(table.run("CAST(xs AS STRING)"), "[1, null] | NULL | [x]");
}

TEST(CastNested, converts_fields_by_position) {
  TestTable table;
  data::ColumnBuilder builder(TestTable::type_named("STRUCT<a: INT, b: STRING>"));
  builder.child(0).append(1);
  builder.child(1).append_string("2");
  builder.append_nested();
  builder.append_null();
  table.add("s", builder.finish());
  EXPECT_EQ(table.run("CAST(s AS STRUCT<x: STRING, y: BIGINT>)"), "{1, 2} | NULL");
  EXPECT_EQ(table.run("CAST(s AS STRUCT<x: STRING>)"),
            "?DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION");
}

}  // namespace
}  // namespace millrace::expr
