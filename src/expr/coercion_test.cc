#include "expr/coercion.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

std::string common(std::string_view left, std::string_view right) {
  const auto type = common_type(TestTable::type_named(left), TestTable::type_named(right));
  return type ? type->to_string() : "none";
}

TEST(Coercion, finds_the_common_type) {
  EXPECT_EQ(common("TINYINT", "BIGINT"), "bigint");
  EXPECT_EQ(common("INT", "FLOAT"), "double");
  EXPECT_EQ(common("INT", "DECIMAL(5,2)"), "decimal(12,2)");
  EXPECT_EQ(common("DECIMAL(5,2)", "DECIMAL(10,4)"), "decimal(10,4)");
  EXPECT_EQ(common("DOUBLE", "DECIMAL(5,2)"), "double");
  EXPECT_EQ(common("STRING", "INT"), "bigint");
  EXPECT_EQ(common("STRING", "DECIMAL(5,2)"), "double");
  EXPECT_EQ(common("STRING", "DATE"), "date");
  EXPECT_EQ(common("STRING", "INTERVAL DAY"), "none");
  EXPECT_EQ(common("DATE", "TIMESTAMP_NTZ"), "timestamp_ntz");
  EXPECT_EQ(common("TIMESTAMP", "TIMESTAMP_NTZ"), "timestamp");
  EXPECT_EQ(common("INTERVAL DAY", "INTERVAL HOUR TO SECOND"), "interval day to second");
  EXPECT_EQ(common("BOOLEAN", "INT"), "none");
}

TEST(Coercion, goes_into_nested_types) {
  EXPECT_EQ(common("ARRAY<INT>", "ARRAY<STRING>"), "array<bigint>");
  EXPECT_EQ(common("STRUCT<a: INT>", "STRUCT<A: DOUBLE>"), "struct<a:double>");
  EXPECT_EQ(common("STRUCT<a: INT>", "STRUCT<b: INT>"), "none");
}

TEST(Coercion, is_symmetric) {
  const std::vector<std::string> types = {"TINYINT",
                                          "INT",
                                          "BIGINT",
                                          "FLOAT",
                                          "DOUBLE",
                                          "DECIMAL(5,2)",
                                          "DECIMAL(38,10)",
                                          "STRING",
                                          "DATE",
                                          "TIMESTAMP",
                                          "BOOLEAN",
                                          "BINARY",
                                          "INTERVAL DAY"};
  for (const std::string& left : types) {
    for (const std::string& right : types) {
      EXPECT_EQ(common(left, right), common(right, left)) << left << ", " << right;
    }
  }
}

TEST(Coercion, never_gives_a_fraction_to_an_integer_parameter) {
  EXPECT_FALSE(can_coerce(TestTable::type_named("DOUBLE"), TestTable::type_named("INT")));
  EXPECT_FALSE(can_coerce(TestTable::type_named("BIGINT"), TestTable::type_named("INT")));
  EXPECT_TRUE(can_coerce(TestTable::type_named("STRING"), TestTable::type_named("INT")));
  EXPECT_TRUE(can_coerce(TestTable::type_named("INT"), TestTable::type_named("STRING")));
}

}  // namespace
}  // namespace millrace::expr
