#include "format/json_tokenizer.h"

#include <gtest/gtest.h>

namespace millrace::format {
namespace {

std::string tokens(std::string_view text, const JsonOptions& options = {}) {
  static constexpr std::string_view kLetters = "{}[]ksifTFN$!";
  JsonTokenizer json(text, options);
  std::string letters;
  while (letters.empty() || (letters.back() != '$' && letters.back() != '!')) {
    letters += kLetters[static_cast<std::size_t>(json.next())];
  }
  return letters;
}

TEST(JsonTokenizer, walks_values_up_to_the_end_of_the_first) {
  EXPECT_EQ(tokens(R"( {"a": [1, -2.5e3, "x", true, false, null, {}, []], "b": ""} rest)"),
            "{k[ifsTFN{}[]]ks}$");
  EXPECT_EQ(tokens("1"), "i$");
  EXPECT_EQ(tokens("  "), "$");
}

TEST(JsonTokenizer, stops_at_errors) {
  for (const std::string_view bad :
       {"{",     "[",       "{\"a\"}",   "{\"a\":}", "{\"a\":1,}", "[1,]",  "[,1]",
        "[1 2]", "{1:2}",   "tru",       "\"open",   "01",         "1.",    "-",
        "+1",    "\"\\x\"", "\"\\u12\"", "]",        "{]",         "\"\n\""}) {
    EXPECT_EQ(tokens(bad).back(), '!') << bad;
  }
}

TEST(JsonTokenizer, resolves_escapes) {
  const JsonOptions options;
  JsonTokenizer json(R"("\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83d\u0041\udc00")", options);
  ASSERT_EQ(json.next(), JsonToken::kString);
  EXPECT_EQ(json.text(), "\"\\/\b\f\n\r\t\u00e9\U0001F600?A?");
}

TEST(JsonTokenizer, skips_and_copies_structures) {
  const JsonOptions options;
  JsonTokenizer json(R"({"a": {"x": [1.50, "\t\u00e9"]}, "b": [ -0 , 1e400 ] })", options);
  json.next();
  json.next();
  json.next();
  EXPECT_TRUE(json.skip_children());
  EXPECT_EQ(json.next(), JsonToken::kName);
  json.next();
  std::string copy;
  EXPECT_TRUE(json.copy_structure(copy));
  EXPECT_EQ(copy, "[0,\"Infinity\"]");
  JsonTokenizer again(R"({"a": {"x": [1.50, "\t\u00e9"]}})", options);
  again.next();
  copy.clear();
  EXPECT_TRUE(again.copy_structure(copy, FloatCopy::kAsWritten));
  EXPECT_EQ(copy, "{\"a\":{\"x\":[1.50,\"\\t\u00e9\"]}}");
}

TEST(JsonTokenizer, is_as_lenient_as_its_options) {
  EXPECT_EQ(tokens("{'a':'x'}"), "{ks}$");
  EXPECT_EQ(tokens("[NaN,-Infinity,+INF,Infinity]"), "[ffff]$");
  EXPECT_EQ(tokens("[007]"), "[!");
  JsonOptions options;
  options.allow_comments = true;
  options.allow_numeric_leading_zeros = true;
  options.allow_unquoted_control_chars = true;
  options.allow_single_quotes = false;
  EXPECT_EQ(tokens("[007 /* x */, \"\n\" // y\n]", options), "[is]$");
  EXPECT_EQ(tokens("['x']", options), "[!");
}

}  // namespace
}  // namespace millrace::format
