#include "sql/detail/lexer.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::sql::detail {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> texts(std::string_view text) {
  std::vector<std::string> out;
  const TokenStream stream = tokenize(text);
  for (const Token& token : stream.tokens) {
    if (token.kind != TokenKind::kEnd) {
      out.emplace_back(stream.text_of(token));
    }
  }
  return out;
}

TokenKind only_kind(std::string_view text) {
  const TokenStream stream = tokenize(text);
  return stream.tokens.size() == 2 ? stream.tokens[0].kind : TokenKind::kEnd;
}

TEST(Lexer, takes_the_longest_operator) {
  EXPECT_THAT(texts("a<=>b<=c<>d!=e!>f!<g||h|>i->j=>k::l"),
              ElementsAre("a",
                          "<=>",
                          "b",
                          "<=",
                          "c",
                          "<>",
                          "d",
                          "!=",
                          "e",
                          "!>",
                          "f",
                          "!<",
                          "g",
                          "||",
                          "h",
                          "|>",
                          "i",
                          "->",
                          "j",
                          "=>",
                          "k",
                          "::",
                          "l"));
  EXPECT_THAT(texts("a >> b"), ElementsAre("a", ">", ">", "b"));
}

TEST(Lexer, tells_the_kinds_of_numbers) {
  EXPECT_EQ(only_kind("123"), TokenKind::kInteger);
  EXPECT_EQ(only_kind("1.5"), TokenKind::kDecimal);
  EXPECT_EQ(only_kind(".5"), TokenKind::kDecimal);
  EXPECT_EQ(only_kind("1."), TokenKind::kDecimal);
  EXPECT_EQ(only_kind("1e3"), TokenKind::kExponent);
  EXPECT_EQ(only_kind("1.5E-3"), TokenKind::kExponent);
  EXPECT_EQ(only_kind("1L"), TokenKind::kSuffixed);
  EXPECT_EQ(only_kind("1.5bd"), TokenKind::kSuffixed);
  EXPECT_EQ(only_kind("1e3F"), TokenKind::kSuffixed);
}

TEST(Lexer, takes_a_name_that_begins_with_a_digit) {
  EXPECT_EQ(only_kind("1st"), TokenKind::kWord);
  EXPECT_EQ(only_kind("1e"), TokenKind::kWord);
  EXPECT_THAT(texts("t.1a"), ElementsAre("t", ".", "1a"));
}

TEST(Lexer, drops_comments_and_nests_them) {
  EXPECT_THAT(texts("a -- b\nc /* d /* e */ f */ g"), ElementsAre("a", "c", "g"));
  EXPECT_THAT(texts("a -- b\\\nc\nd"), ElementsAre("a", "d"));
  EXPECT_EQ(only_kind("/* a /* b */"), TokenKind::kOpenComment);
}

TEST(Lexer, keeps_hints) {
  EXPECT_THAT(texts("/*+ a */ 2*3"), ElementsAre("/*+", "a", "*/", "2", "*", "3"));
}

TEST(Lexer, decodes_strings) {
  EXPECT_EQ(decode_string(R"('a''b')"), "a'b");
  EXPECT_EQ(decode_string(R"("a""b'c")"), "a\"b'c");
  EXPECT_EQ(decode_string(R"('\n\t\\\'\x')"), "\n\t\\'x");
  EXPECT_EQ(decode_string(R"('\%\_')"), R"(\%\_)");
  EXPECT_EQ(decode_string(R"('A\101\0')"), std::string("AA\0", 3));
  EXPECT_EQ(decode_string(R"('\uD83D\uDE00\U0001F600')"), "😀😀");
  EXPECT_EQ(decode_string(R"(r'a\n')"), R"(a\n)");
  EXPECT_EQ(decode_string(R"('\u12')"), "u12");
  EXPECT_EQ(decode_quoted_name("`a``b`"), "a`b");
}

TEST(Lexer, names_what_is_not_closed) {
  EXPECT_EQ(only_kind("'abc"), TokenKind::kOpenString);
  EXPECT_EQ(only_kind("'abc\\'"), TokenKind::kOpenString);
  EXPECT_EQ(only_kind("`abc"), TokenKind::kOpenName);
  EXPECT_EQ(only_kind("#"), TokenKind::kUnknown);
}

TEST(Lexer, counts_columns_in_code_points) {
  const TokenStream stream = tokenize("'é' x\n  'a\nb' y");
  ASSERT_EQ(stream.tokens.size(), 5U);
  EXPECT_EQ(stream.tokens[0].end, 4);
  EXPECT_EQ(stream.tokens[1].column, 5);
  EXPECT_EQ(stream.tokens[2].line, 2);
  EXPECT_EQ(stream.tokens[2].column, 3);
  EXPECT_EQ(stream.tokens[2].end, 4);
  EXPECT_EQ(stream.tokens[3].line, 3);
  EXPECT_EQ(stream.tokens[3].column, 4);
}

TEST(Lexer, finds_the_closing_bracket) {
  const TokenStream stream = tokenize("(a(b)c)(");
  EXPECT_EQ(stream.tokens[0].match, 6U);
  EXPECT_EQ(stream.tokens[2].match, 4U);
  EXPECT_EQ(stream.tokens[7].match, 0U);
}

TEST(Lexer, refuses_a_text_over_the_limits) {
  EXPECT_NE(tokenize(std::string(kTextBytesMax + 1, ' ')).over_limit, "");
  EXPECT_NE(tokenize(std::string(kTokensMax + 1, ',')).over_limit, "");
  EXPECT_EQ(tokenize(std::string(1000, ',')).over_limit, "");
}

TEST(Lexer, asks_the_map_for_positions) {
  const PositionMap positions = [](std::size_t offset) {
    return Position{.line = 7, .column = static_cast<std::int32_t>(offset) + 100, .end = 0};
  };
  const TokenStream stream = tokenize("ab cd", positions);
  EXPECT_EQ(stream.tokens[1].line, 7);
  EXPECT_EQ(stream.tokens[1].column, 103);
  EXPECT_EQ(stream.tokens[1].end, 105);
}

}  // namespace
}  // namespace millrace::sql::detail
