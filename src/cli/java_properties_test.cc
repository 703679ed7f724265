#include "cli/java_properties.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

Properties parse(std::string_view text) {
  Result<Properties> properties = parse_java_properties(text);
  return properties ? *std::move(properties) : Properties{{"!", properties.error().message()}};
}

TEST(JavaProperties, splits_at_equals_colon_or_blank) {
  EXPECT_EQ(parse("a=1\nb: 2\nc 3\n d \t=  4 \ne\nf==x"),
            (Properties{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4 "}, {"e", ""}, {"f", "=x"}}));
}

TEST(JavaProperties, leaves_comments_and_empty_lines_out) {
  EXPECT_EQ(parse("# a=1\r\n\r\n  ! b=2\r\nc=3"), (Properties{{"c", "3"}}));
}

TEST(JavaProperties, joins_lines_that_end_in_a_backslash) {
  EXPECT_EQ(parse("a=1,\\\n   2,\\\r\n 3\nb=x\\\\\nc=y\\"),
            (Properties{{"a", "1,2,3"}, {"b", "x\\"}, {"c", "y"}}));
}

TEST(JavaProperties, reads_escapes_and_surrogate_pairs) {
  EXPECT_EQ(parse("k\\=e\\ y=\\t\\u00e4\\uD83D\\ude00\\q"),
            (Properties{{"k=e y", "\t\xc3\xa4\xf0\x9f\x98\x80q"}}));
  EXPECT_EQ(parse("a=\\ud800x"), (Properties{{"a", "\xef\xbf\xbdx"}}));
}

TEST(JavaProperties, refuses_a_broken_escape_with_its_line) {
  EXPECT_EQ(parse("a=1\n\nb=\\u12"),
            (Properties{{"!", "line 3: \\u needs four hexadecimal digits"}}));
}

TEST(JavaProperties, keeps_the_last_of_two) {
  EXPECT_EQ(parse("a=1\na=2"), (Properties{{"a", "2"}}));
}

}  // namespace
}  // namespace millrace::cli
