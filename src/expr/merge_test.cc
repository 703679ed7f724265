#include "expr/merge.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

data::Selection rows(std::vector<data::RowIndex> indexes) {
  return data::Selection(std::move(indexes));
}

TEST(Merge, takes_each_row_from_its_part) {
  TestTable table;
  table.column("a", "STRING", {"'a'", "'b'", "NULL", "'d'"});
  const data::Type type(data::TypeKind::kString);
  const MergePart parts[] = {
      {table.batch().columns[0], rows({0, 2})},
      {data::Column::constant(type, data::Value(std::string("k")), 4), rows({3})}};
  const data::ColumnPtr merged = merge_rows(type, 4, parts);
  EXPECT_EQ(merged->string(0), "a");
  EXPECT_TRUE(merged->is_null(1));
  EXPECT_TRUE(merged->is_null(2));
  EXPECT_EQ(merged->string(3), "k");
}

TEST(Merge, passes_on_a_part_that_has_all_rows) {
  TestTable table;
  table.column("a", "INT", {"1", "2"});
  const MergePart part{table.batch().columns[0], data::Selection::all(2)};
  EXPECT_EQ(merge_rows(part.column->type(), 2, std::span(&part, 1)), part.column);
}

TEST(Merge, gathers_slices_and_subtracts) {
  TestTable table;
  table.column("a", "INT", {"1", "NULL", "3"});
  const std::vector<data::RowIndex> wanted = {2, 2, 1};
  const data::ColumnPtr gathered = gather_rows(table.batch().columns[0], wanted);
  EXPECT_EQ(gathered->get<std::int32_t>(0), 3);
  EXPECT_TRUE(gathered->is_null(2));
  EXPECT_EQ(slice_rows(table.batch().columns[0], 2, 1)->get<std::int32_t>(0), 3);
  const data::Selection rest = subtract_rows(data::Selection::all(3), rows({1}));
  ASSERT_EQ(rest.size(), 2U);
  EXPECT_EQ(rest[1], 2U);
}

}  // namespace
}  // namespace millrace::expr
