#include "expr/like_pattern.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

bool like(std::string_view text, std::string_view pattern) {
  EvalError error = EvalError::kNone;
  const auto compiled = LikePattern::compile(pattern, "\\", error);
  return compiled && compiled->matches(text);
}

// The definition, by trying everything.
bool naive(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) {
    return text.empty();
  }
  if (pattern[0] == '%') {
    return naive(text, pattern.substr(1)) || (!text.empty() && naive(text.substr(1), pattern));
  }
  return !text.empty() && (pattern[0] == '_' || pattern[0] == text[0]) &&
         naive(text.substr(1), pattern.substr(1));
}

TEST(LikePattern, matches_code_points_not_bytes) {
  EXPECT_TRUE(like("é", "_"));
  EXPECT_FALSE(like("é", "__"));
  EXPECT_TRUE(like("a%b", "a\\%b"));
  EXPECT_FALSE(like("axb", "a\\%b"));
  EXPECT_TRUE(like("line\nbreak", "line%"));
}

TEST(LikePattern, refuses_an_escape_that_escapes_nothing) {
  EvalError error = EvalError::kNone;
  EXPECT_FALSE(LikePattern::compile("a\\bc", "\\", error).has_value());
  EXPECT_EQ(error, EvalError::kInvalidLikeEscape);
  EXPECT_FALSE(LikePattern::compile("a\\", "\\", error).has_value());
  EXPECT_EQ(error, EvalError::kInvalidLikeEscapeAtEnd);
}

TEST(LikePattern, agrees_with_the_definition_on_all_short_texts) {
  std::vector<std::string> patterns = {""};
  for (std::size_t begin = 0, round = 0; round < 5; ++round) {
    const std::size_t end = patterns.size();
    for (std::size_t i = begin; i < end; ++i) {
      for (const char letter : {'a', 'b', '%', '_'}) {
        patterns.push_back(patterns[i] + letter);
      }
    }
    begin = end;
  }
  for (const std::string text : {"", "a", "ab", "ba", "aab", "abab", "bbbaa"}) {
    for (const std::string& pattern : patterns) {
      ASSERT_EQ(like(text, pattern), naive(text, pattern)) << text << " LIKE " << pattern;
    }
  }
}

}  // namespace
}  // namespace millrace::expr
