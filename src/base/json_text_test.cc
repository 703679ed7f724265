#include "base/json_text.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

std::string ascii(std::string_view text) {
  std::string out;
  append_json_string_ascii(out, text);
  return out;
}

TEST(JsonText, escapes_what_the_rfc_demands) {
  EXPECT_EQ(json_string("a\"b\\c/\n\t\r\b\f\x01\x1f"), R"("a\"b\\c/\n\t\r\b\f\u0001\u001f")");
  EXPECT_EQ(json_string(std::string_view("\0", 1)), R"("\u0000")");
  EXPECT_EQ(json_string("Jos\xc3\xa9\x7f"), "\"Jos\xc3\xa9\x7f\"");
  EXPECT_EQ(json_string(""), "\"\"");
}

TEST(JsonText, replaces_what_is_no_utf8) {
  EXPECT_EQ(json_string("a\xff\"b"), "\"a\xef\xbf\xbd\\\"b\"");
}

// json.dumps('José 😀\x7f\x00"\\\n') of Python 3.11.
TEST(JsonText, ascii_form_is_that_of_python) {
  EXPECT_EQ(ascii(std::string_view("Jos\xc3\xa9 \xf0\x9f\x98\x80\x7f\0\"\\\n", 15)),
            R"("Jos\u00e9 \ud83d\ude00\u007f\u0000\"\\\n")");
  EXPECT_EQ(ascii("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")");
}

}  // namespace
}  // namespace millrace
