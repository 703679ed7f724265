#include "format/text.h"

#include <vector>

#include <gtest/gtest.h>

namespace millrace::format {
namespace {

TEST(Text, keeps_lines_as_views_and_nulls) {
  auto block = std::make_shared<const data::Block>("one\ntwo");
  const std::vector<std::string_view> records{
      block->view().substr(0, 3), {}, block->view().substr(4)};
  const std::vector<data::BlockPtr> blocks{block};
  const data::ColumnPtr column = decode_text(records, blocks);
  block.reset();
  EXPECT_EQ(column->string(0), "one");
  EXPECT_TRUE(column->is_null(1));
  EXPECT_EQ(column->string(2), "two");
}

}  // namespace
}  // namespace millrace::format
