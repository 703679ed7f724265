#include "base/utf8.h"

#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace millrace {
namespace {

bool is_scalar(char32_t point) {
  return point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

TEST(Utf8, every_code_point_comes_back) {
  for (char32_t point = 0; point <= 0x10ffff; ++point) {
    if (!is_scalar(point)) {
      continue;
    }
    std::string text;
    append_utf8(text, point);
    std::size_t at = 0;
    ASSERT_EQ(next_code_point(text, at), point);
    ASSERT_EQ(at, text.size());
    ASSERT_TRUE(is_valid_utf8(text));
    ASSERT_EQ(utf8_length(text), 1U);
  }
}

TEST(Utf8, refuses_overlong_forms_surrogates_and_what_is_too_high) {
  for (const char* bad : {"\x80",
                          "\xc0\x80",
                          "\xc1\xbf",
                          "\xe0\x80\x80",
                          "\xe0\x9f\xbf",
                          "\xed\xa0\x80",
                          "\xed\xbf\xbf",
                          "\xf0\x80\x80\x80",
                          "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80",
                          "\xff",
                          "\xc3",
                          "\xe2\x82"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
    EXPECT_FALSE(is_valid_utf8(std::string("12345678") + bad));
    EXPECT_TRUE(is_valid_utf8(to_valid_utf8(bad)));
  }
}

// The examples of Unicode 15, tables 3-8 to 3-11.
TEST(Utf8, one_replacement_for_each_beginning_of_a_code_point) {
  const std::string r = "\xef\xbf\xbd";
  EXPECT_EQ(to_valid_utf8("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41"),
            r + r + r + r + r + r + r + r + "A");
  EXPECT_EQ(to_valid_utf8("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41"), r + r + r + r + "A");
  EXPECT_EQ(to_valid_utf8("gr\xc3\xbc\xc3\x9f e"), "gr\xc3\xbc\xc3\x9f e");
}

TEST(Utf8, counts_a_broken_byte_as_one) {
  EXPECT_EQ(utf8_length("a\xc3\xbc\xe2\x82"), 4U);
  std::size_t at = 0;
  EXPECT_EQ(next_code_point("\xe2\x82", at), 0xfffdU);
  EXPECT_EQ(at, 1U);
}

TEST(Utf8, random_bytes_are_mended_and_valid_parts_kept) {
  Random random(3);
  for (int run = 0; run < 3000; ++run) {
    std::string text;
    for (auto left = random.below(24); left > 0; --left) {
      text += static_cast<char>(random.one_in(2) ? random.below(256) : 'a' + random.below(26));
    }
    const std::string mended = to_valid_utf8(text);
    EXPECT_TRUE(is_valid_utf8(mended));
    EXPECT_EQ(is_valid_utf8(text), mended == text);
  }
}

}  // namespace
}  // namespace millrace
