#include "expr/encoding_text.h"

#include <gtest/gtest.h>

namespace millrace::expr {
namespace {

TEST(EncodingText, reads_hexadecimal_of_any_length) {
  EXPECT_EQ(upper_hex("\x0A\xFF"), "0AFF");
  EXPECT_EQ(bytes_of_hex("0aFF"), "\x0A\xFF");
  EXPECT_EQ(bytes_of_hex("abc"), "\x0A\xBC");
  EXPECT_EQ(bytes_of_hex(""), "");
  EXPECT_FALSE(bytes_of_hex("0g"));
  EXPECT_FALSE(bytes_of_hex("g"));
}

TEST(EncodingText, reads_base64_as_mail_has_it) {
  EXPECT_EQ(bytes_of_mime_base64("SGk="), "Hi");
  EXPECT_EQ(bytes_of_mime_base64("SG\r\nk"), "Hi");
  EXPECT_EQ(bytes_of_mime_base64(""), "");
  EXPECT_FALSE(bytes_of_mime_base64("S"));
}

TEST(EncodingText, gives_back_what_every_charset_encoded) {
  const std::string text = "aé日😀";
  for (const char* name : {"UTF-8", "utf-16", "UTF-16BE", "UTF-16LE", "UTF-32"}) {
    const std::optional<Charset> charset = charset_of(name);
    ASSERT_TRUE(charset) << name;
    EXPECT_EQ(decode_text(encode_text(text, *charset).value(), *charset), text) << name;
  }
}

TEST(EncodingText, refuses_what_a_charset_lacks) {
  EXPECT_FALSE(encode_text("é", Charset::kAscii));
  EXPECT_EQ(encode_text("é", Charset::kLatin1), "\xE9");
  EXPECT_FALSE(encode_text("日", Charset::kLatin1));
  EXPECT_FALSE(charset_of("EBCDIC"));
}

TEST(EncodingText, refuses_malformed_bytes) {
  EXPECT_FALSE(decode_text("\xFF", Charset::kUtf8));
  EXPECT_FALSE(decode_text("\x80", Charset::kAscii));
  EXPECT_FALSE(decode_text("a", Charset::kUtf16));
  EXPECT_FALSE(decode_text(std::string("\xD8\x00", 2), Charset::kUtf16Be));
  EXPECT_FALSE(decode_text(std::string("\x00\x11\x00\x00", 4), Charset::kUtf32));
}

}  // namespace
}  // namespace millrace::expr
