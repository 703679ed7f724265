#include "data/row_hash.h"

#include <gtest/gtest.h>

#include "data/column_builder.h"

namespace millrace::data {
namespace {

ColumnPtr text(std::string value) {
  return Column::constant(Type(TypeKind::kString), Value(std::move(value)), 1);
}

ColumnPtr integer(TypeKind kind, std::int64_t value) {
  return Column::constant(Type(kind), Value(value), 1);
}

std::int32_t hash(std::vector<ColumnPtr> columns) {
  return hash_row(columns, 0);
}

std::int64_t xxhash(std::vector<ColumnPtr> columns) {
  return xxhash64_row(columns, 0);
}

// Values of a real Spark: tests/contracts/spark-4.3-expressions.tsv.
TEST(RowHash, agrees_with_spark) {
  const ColumnPtr null = Column::nulls(Type(), 1);
  EXPECT_EQ(hash({text("Spark")}), 228093765);
  EXPECT_EQ(hash({integer(TypeKind::kInt, 1)}), -559580957);
  EXPECT_EQ(hash({integer(TypeKind::kBigInt, 1)}), -1712319331);
  EXPECT_EQ(hash({text("a"), integer(TypeKind::kInt, 1), null}), 532252686);
  EXPECT_EQ(hash({null}), 42);
  EXPECT_EQ(hash({Column::constant(Type(TypeKind::kBoolean), Value(true), 1)}), -559580957);
  EXPECT_EQ(hash({Column::constant(Type::decimal(3, 2), Value(Int128{110}), 1)}), 588972421);
  const ValueList list{Value(std::int64_t{1}), Value(std::int64_t{2})};
  EXPECT_EQ(hash({Column::constant(Type::array(Type(TypeKind::kInt)), Value(list), 1)}),
            -222940379);
  EXPECT_EQ(xxhash({text("Spark")}), -4294468057691064905);
  EXPECT_EQ(xxhash({integer(TypeKind::kInt, 1)}), -6698625589789238999);
  EXPECT_EQ(xxhash({text("a"), integer(TypeKind::kInt, 1), null}), -4810547614043336770);
  EXPECT_EQ(xxhash({null}), 42);
  EXPECT_EQ(xxhash({text("日本")}), 5255273406210089560);
  EXPECT_EQ(xxhash({integer(TypeKind::kTimestamp, 1709251200000000)}), 2969193152070740340);
}

TEST(RowHash, takes_both_zeros_for_one) {
  const auto of = [](double value) {
    return hash({Column::constant(Type(TypeKind::kDouble), Value(value), 1)});
  };
  EXPECT_EQ(of(0.0), of(-0.0));
  EXPECT_NE(of(0.0), of(1.0));
}

TEST(RowHash, hashes_wide_decimals_by_their_shortest_bytes) {
  const auto of = [](Int128 value) {
    return hash({Column::constant(Type::decimal(38, 0), Value(value), 1)});
  };
  EXPECT_EQ(of(1), murmur3_bytes(std::string_view("\x01", 1), 42));
  EXPECT_EQ(of(-1), murmur3_bytes("\xff", 42));
  EXPECT_EQ(of(128), murmur3_bytes(std::string_view("\x00\x80", 2), 42));
  EXPECT_EQ(of(-128), murmur3_bytes("\x80", 42));
}

TEST(RowHash, refuses_maps) {
  EXPECT_FALSE(is_hashable(Type::array(Type::map(Type(TypeKind::kString), Type(TypeKind::kInt)))));
  EXPECT_TRUE(is_hashable(Type::array(Type(TypeKind::kString))));
}

TEST(RowHash, orders_rows_as_values_are_ordered) {
  ColumnBuilder builder{Type(TypeKind::kString)};
  builder.append_null();
  builder.append_string("a");
  builder.append_string("b");
  const ColumnPtr column = builder.finish();
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      EXPECT_EQ(compare_rows(*column, i, *column, j),
                compare_values(column->type(), column->value(i), column->value(j)));
    }
  }
}

}  // namespace
}  // namespace millrace::data
