#include "wire/records.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace millrace::wire {
namespace {

TEST(Records, joins_pieces_that_follow_each_other_in_one_block) {
  const auto block = std::make_shared<const data::Block>("abcdef");
  Records records;
  records.append({block, block->view().substr(0, 2)});
  records.append({block, block->view().substr(2, 3)});
  EXPECT_EQ(records.slices().size(), 1U);
  records.append({block, block->view().substr(0, 1)});
  EXPECT_EQ(records.slices().size(), 2U);
  EXPECT_EQ(join(records.slices()), "abcdea");
  EXPECT_EQ(records.size(), 6U);
}

TEST(Records, keep_no_empty_piece) {
  Records records{data::BlockSlice()};
  records.append({});
  EXPECT_TRUE(records.empty());
  EXPECT_TRUE(records.slices().empty());
  EXPECT_TRUE(records.joined().empty());
}

TEST(Records, of_one_piece_are_joined_without_a_copy) {
  const data::BlockSlice slice = data::BlockSlice::copy("batch");
  const Records records(slice);
  EXPECT_EQ(records.joined().view().data(), slice.view().data());
}

TEST(Records, are_equal_however_they_are_cut) {
  Records one(data::BlockSlice::copy("abcd"));
  Records two(data::BlockSlice::copy("ab"));
  two.append(data::BlockSlice::copy("cd"));
  EXPECT_EQ(two.slices().size(), 2U);
  EXPECT_EQ(one, two);
  two.append(data::BlockSlice::copy("e"));
  EXPECT_NE(one, two);
  EXPECT_EQ(two.joined().view(), "abcde");
}

}  // namespace
}  // namespace millrace::wire
