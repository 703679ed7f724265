#include "expr/code_points.h"

#include <gtest/gtest.h>

namespace millrace::expr {
namespace {

TEST(CodePoints, counts_each_character_once) {
  EXPECT_EQ(count_code_points(""), 0);
  EXPECT_EQ(count_code_points("aé😀"), 3);
}

TEST(CodePoints, never_steps_past_a_cut_character) {
  EXPECT_EQ(skip_code_points("a\xF0\x9F", 0, 5), 3U);
  EXPECT_EQ(count_code_points("\xF0"), 1);
}

TEST(CodePoints, slices_within_the_text_only) {
  EXPECT_EQ(slice_code_points("日本語", 1, 2), "本");
  EXPECT_EQ(slice_code_points("日本語", -5, 1), "日");
  EXPECT_EQ(slice_code_points("日本語", 2, 99), "語");
  EXPECT_EQ(slice_code_points("日本語", 2, 1), "");
}

TEST(CodePoints, locates_from_a_position) {
  EXPECT_EQ(locate_text("語", "日本語語", 4), 4);
  EXPECT_EQ(locate_text("日", "日本語", 2), 0);
}

}  // namespace
}  // namespace millrace::expr
