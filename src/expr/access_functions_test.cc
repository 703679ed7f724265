#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(AccessFunctions, refuses_a_field_that_a_struct_lacks) {
  TestTable table;
  table.column("s", "STRUCT<a: INT, B: STRING>", {"NULL", "NULL"});
  EXPECT_EQ(table.run("s.z"), "?FIELD_NOT_FOUND");
  EXPECT_EQ(table.run("s.b"), "NULL | NULL");
  EXPECT_EQ(table.type("s.b"), "string");
}

TEST(AccessFunctions, refuses_fields_of_what_has_none) {
  TestTable table;
  table.column("a", "INT", {"1"});
  EXPECT_EQ(table.run("a.x"), "?INVALID_EXTRACT_BASE_FIELD_TYPE");
}

TEST(AccessFunctions, takes_elements_and_fails_outside_of_an_array) {
  TestTable table;
  table.column("i", "INT", {"0", "2", "3", "-1", "NULL"});
  data::ColumnBuilder builder(TestTable::type_named("ARRAY<INT>"));
  for (int row = 0; row < 5; ++row) {
    for (int value = 10; value < 40; value += 10) {
      builder.child(0).append(value);
    }
    builder.append_nested();
  }
  table.add("xs", builder.finish());
  EXPECT_EQ(table.run("xs[i]"), "10 | 30 | !INVALID_ARRAY_INDEX | !INVALID_ARRAY_INDEX | NULL");
}

TEST(AccessFunctions, gives_null_for_a_missing_key) {
  TestTable table;
  table.column("k", "STRING", {"'a'", "'z'"});
  data::ColumnBuilder builder(TestTable::type_named("MAP<STRING, INT>"));
  for (int row = 0; row < 2; ++row) {
    builder.child(0).append_string("a");
    builder.child(1).append(7);
    builder.append_nested();
  }
  table.add("m", builder.finish());
  EXPECT_EQ(table.run("m[k]"), "7 | NULL");
  EXPECT_EQ(table.run("m.a"), "7 | 7");
}

}  // namespace
}  // namespace millrace::expr
