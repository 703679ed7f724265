#include "expr/unicode_case.h"

#include <gtest/gtest.h>

namespace millrace::expr {
namespace {

TEST(UnicodeCase, maps_one_code_point_to_several) {
  EXPECT_EQ(upper_text("straße ﬁ ŉ"), "STRASSE FI ʼN");
  EXPECT_EQ(lower_text("İ"), "i\u0307");
}

TEST(UnicodeCase, ends_greek_words_with_a_final_sigma) {
  EXPECT_EQ(lower_text("ΟΔΟΣ ΣΑΣ Σ"), "οδος σας σ");
  EXPECT_EQ(lower_text("ΑΣ'Α"), "ασ'α");
}

TEST(UnicodeCase, maps_scripts_beyond_latin) {
  EXPECT_EQ(upper_text("привет ǆ ⓐ 𐐨"), "ПРИВЕТ Ǆ Ⓐ 𐐀");
  EXPECT_EQ(lower_text("ПРИВЕТ Ǆ Ⓐ 𐐀"), "привет ǆ ⓐ 𐐨");
}

TEST(UnicodeCase, begins_words_in_title_case) {
  EXPECT_EQ(initcap_text("ǆABC o'neil a-b\tc"), "ǅabc O'neil A-b\tc");
  EXPECT_EQ(initcap_text("ßa"), "Ssa");
  EXPECT_EQ(initcap_text("ა"), "ა");
}

TEST(UnicodeCase, knows_classes) {
  EXPECT_TRUE(is_upper_code_point(U'É'));
  EXPECT_FALSE(is_upper_code_point(U'é'));
  EXPECT_TRUE(is_lower_code_point(U'ß'));
  EXPECT_TRUE(is_digit_code_point(U'٣'));
  EXPECT_FALSE(is_digit_code_point(U'a'));
  EXPECT_FALSE(is_digit_code_point(U'½'));
}

TEST(UnicodeCase, keeps_broken_bytes_readable) {
  EXPECT_EQ(upper_text("a\xFF"), "A\uFFFD");
}

}  // namespace
}  // namespace millrace::expr
