#include "data/column.h"

#include <gtest/gtest.h>

#include "data/column_builder.h"

namespace millrace::data {
namespace {

Type pair_type() {
  return Type::structure(
      {{.name = "a", .type = Type(TypeKind::kInt), .nullable = true, .comment = {}},
       {.name = "b", .type = Type(TypeKind::kString), .nullable = true, .comment = {}}});
}

Value pair_value(std::int64_t a, std::string b) {
  return Value(ValueList{Value(a), Value(std::move(b))});
}

TEST(Column, gives_back_what_was_appended_with_nulls_between) {
  ColumnBuilder builder{Type(TypeKind::kBigInt)};
  for (std::int64_t i = 0; i < 200; ++i) {
    if (i % 3 == 0) {
      builder.append_null();
    } else {
      builder.append(i);
    }
  }
  const ColumnPtr column = builder.finish();
  ASSERT_EQ(column->size(), 200U);
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_EQ(column->is_null(i), i % 3 == 0) << i;
    EXPECT_EQ(column->get<std::int64_t>(i), i % 3 == 0 ? 0 : static_cast<std::int64_t>(i));
  }
  EXPECT_EQ(builder.size(), 0U);
}

TEST(Column, without_nulls_has_no_bitmap) {
  ColumnBuilder builder{Type(TypeKind::kInt)};
  builder.append(std::int32_t{7});
  EXPECT_FALSE(builder.finish()->may_have_nulls());
}

TEST(Column, constant_answers_every_row) {
  const ColumnPtr column = Column::constant(pair_type(), pair_value(7, "seven"), 1000);
  EXPECT_EQ(column->size(), 1000U);
  EXPECT_EQ(compare_values(pair_type(), column->value(999), pair_value(7, "seven")), 0);
  const ColumnPtr text = Column::constant(Type(TypeKind::kString), Value(std::string("x")), 3);
  EXPECT_EQ(text->string(2), "x");
}

TEST(Column, nulls_are_null_in_every_row_of_every_type) {
  for (const Type& type : {Type(TypeKind::kInt),
                           Type(TypeKind::kString),
                           pair_type(),
                           Type::array(pair_type()),
                           Type::map(Type(TypeKind::kString), Type(TypeKind::kInt)),
                           Type()}) {
    const ColumnPtr column = Column::nulls(type, 5);
    EXPECT_TRUE(column->is_null(4)) << type.to_string();
    EXPECT_TRUE(column->value(3).is_null());
  }
}

TEST(ColumnBuilder, builds_nested_values_and_copies_them_row_by_row) {
  const Type type = Type::array(pair_type());
  ColumnBuilder builder(type);
  builder.append_value(Value(ValueList{pair_value(1, "a"), Value(), pair_value(2, "b")}));
  builder.append_null();
  builder.append_value(Value(ValueList{}));
  const ColumnPtr first = builder.finish();
  ColumnBuilder copier(type);
  for (const std::size_t row : {2U, 1U, 0U, 0U}) {
    copier.append_from(*first, row);
  }
  const ColumnPtr second = copier.finish();
  for (const auto& [copy, row] : {std::pair{0U, 2U}, {1U, 1U}, {2U, 0U}, {3U, 0U}}) {
    EXPECT_EQ(compare_values(type, second->value(copy), first->value(row)), 0);
  }
}

TEST(ColumnBuilder, copied_strings_outlive_their_column) {
  ColumnBuilder builder{Type(TypeKind::kString)};
  builder.append_string("a string that is longer than a few bytes");
  ColumnPtr first = builder.finish();
  builder.append_from(*first, 0);
  first.reset();
  EXPECT_EQ(builder.finish()->string(0), "a string that is longer than a few bytes");
}

TEST(ColumnBuilder, holds_the_block_of_a_view) {
  auto block = std::make_shared<const Block>("hello");
  ColumnBuilder builder{Type(TypeKind::kString)};
  builder.hold(block);
  builder.hold(block);
  builder.append_view(block->view().substr(1, 3));
  const ColumnPtr column = builder.finish();
  EXPECT_EQ(column->parts().blocks.size(), 1U);
  block.reset();
  EXPECT_EQ(column->string(0), "ell");
}

TEST(Type, prints_as_spark_does) {
  EXPECT_EQ(Type::decimal(10, 2).to_string(), "decimal(10,2)");
  EXPECT_EQ(Type::map(Type(TypeKind::kString), Type::array(pair_type())).to_string(),
            "map<string,array<struct<a:int,b:string>>>");
  EXPECT_EQ(Type::array(pair_type()).to_sql(), "ARRAY<STRUCT<a: INT, b: STRING>>");
  EXPECT_EQ(Type::interval(IntervalUnit::kDay, IntervalUnit::kSecond).to_string(),
            "interval day to second");
  EXPECT_EQ(Type::interval(IntervalUnit::kDay, IntervalUnit::kDay).to_sql(), "INTERVAL DAY");
}

TEST(Type, is_equal_up_to_nullness) {
  EXPECT_EQ(Type::array(Type(TypeKind::kInt), false), Type::array(Type(TypeKind::kInt), true));
  EXPECT_NE(Type::array(Type(TypeKind::kInt)), Type::array(Type(TypeKind::kBigInt)));
  EXPECT_NE(Type::decimal(10, 2), Type::decimal(10, 3));
}

TEST(Schema, finds_names_ignoring_case) {
  const Schema schema{pair_type().fields()};
  EXPECT_EQ(schema.find("B"), 1U);
  EXPECT_EQ(schema.find("c"), std::nullopt);
}

TEST(Value, orders_null_first_and_nan_last) {
  const Type type(TypeKind::kDouble);
  const Value nan(std::numeric_limits<double>::quiet_NaN());
  const Value infinity(std::numeric_limits<double>::infinity());
  EXPECT_LT(compare_values(type, Value(), Value(-1.0)), 0);
  EXPECT_GT(compare_values(type, nan, infinity), 0);
  EXPECT_EQ(compare_values(type, nan, nan), 0);
  EXPECT_EQ(compare_values(type, Value(-0.0), Value(0.0)), 0);
}

TEST(Arena, keeps_small_and_large_strings_in_place) {
  Arena arena;
  std::vector<std::string_view> views;
  views.reserve(300);
  for (std::size_t i = 0; i < 300; ++i) {
    views.push_back(arena.copy(std::string(i * 7, static_cast<char>('a' + i % 26))));
  }
  const std::vector<BlockPtr> blocks = arena.take();
  EXPECT_TRUE(arena.empty());
  for (std::size_t i = 0; i < 300; ++i) {
    EXPECT_EQ(views[i], std::string(i * 7, static_cast<char>('a' + i % 26)));
  }
}

}  // namespace
}  // namespace millrace::data
