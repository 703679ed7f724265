#include "format/detail/cell_column.h"

#include <gtest/gtest.h>

namespace millrace::format::detail {
namespace {

using data::Type;
using data::TypeKind;
using data::Value;
using data::ValueList;

Value list(std::initializer_list<std::int64_t> values) {
  ValueList elements;
  for (const std::int64_t value : values) {
    elements.emplace_back(value);
  }
  return Value(std::move(elements));
}

TEST(CellColumn, leaves_rows_null_that_nobody_wrote) {
  CellColumn cells{Type(TypeKind::kInt)};
  cells.begin(3);
  cells.set(1, std::int32_t{7});
  const data::ColumnPtr column = cells.finish(3, {});
  EXPECT_TRUE(column->is_null(0));
  EXPECT_EQ(column->get<std::int32_t>(1), 7);
  EXPECT_TRUE(column->is_null(2));
}

TEST(CellColumn, takes_back_the_last_row_with_all_its_elements) {
  const Type type = Type::array(Type::array(Type(TypeKind::kInt)));
  data::Arena arena;
  CellColumn cells(type);
  cells.begin(3);
  const Value first(ValueList{list({1, 2}), list({3})});
  const Value second(ValueList{list({}), Value(), list({4})});
  cells.set_value(0, first, arena);
  cells.set_value(1, first, arena);
  cells.reset(1);
  cells.set_value(1, first, arena);
  cells.set_value(1, second, arena);
  const data::ColumnPtr column = cells.finish(3, {});
  EXPECT_EQ(data::compare_values(type, column->value(0), first), 0);
  EXPECT_EQ(data::compare_values(type, column->value(1), second), 0);
  EXPECT_TRUE(column->is_null(2));
  EXPECT_EQ(column->child(0)->child(0)->size(), 4U);
}

}  // namespace
}  // namespace millrace::format::detail
