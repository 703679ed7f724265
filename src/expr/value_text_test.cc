#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(ValueText, writes_constants_for_names_and_for_messages) {
  TestTable table;
  const auto literal = [&](std::string_view sql) {
    const ExpressionPtr value = table.bind(sql);
    return value_to_literal(value->type, value->value);
  };
  EXPECT_EQ(literal("'it''s'"), "'it\\'s'");
  EXPECT_EQ(literal("1L"), "1L");
  EXPECT_EQ(literal("1.50"), "1.50BD");
  EXPECT_EQ(literal("DATE'2024-01-01'"), "DATE '2024-01-01'");
  EXPECT_EQ(literal("NULL"), "NULL");
  EXPECT_EQ(value_to_sql(data::Type(data::TypeKind::kString), data::Value(std::string("x"))), "x");
}

TEST(ValueText, writes_nested_values) {
  const data::Type type = TestTable::type_named("STRUCT<a: ARRAY<INT>, m: MAP<STRING, DATE>>");
  const data::Value value(data::ValueList{
      data::Value(data::ValueList{data::Value(std::int64_t{1}), data::Value()}),
      data::Value(data::ValueMap{{data::Value(std::string("k")), data::Value(std::int64_t{0})}})});
  EXPECT_EQ(value_to_text(type, value, data::Zone()), "{[1, null], {k -> 1970-01-01}}");
}

}  // namespace
}  // namespace millrace::expr
