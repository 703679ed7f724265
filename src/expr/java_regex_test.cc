#include "expr/java_regex.h"

#include <utility>

#include <gtest/gtest.h>

namespace millrace::expr {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  const Result<JavaRegex> regex = JavaRegex::compile(pattern);
  EXPECT_TRUE(regex.has_value()) << pattern;
  return regex.has_value() && regex->found_in(text);
}

ErrorCode code_of(std::string_view pattern) {
  const Result<JavaRegex> regex = JavaRegex::compile(pattern);
  return regex.has_value() ? ErrorCode::kInternal : regex.error().code();
}

TEST(JavaRegex, takes_classes_as_java_does) {
  EXPECT_TRUE(matches(R"(^\s$)", "\x0B"));
  EXPECT_TRUE(matches(R"(^\h$)", "\u00A0"));
  EXPECT_FALSE(matches(R"(^\w$)", "é"));
  EXPECT_TRUE(matches(R"((?U)^\w$)", "é"));
  EXPECT_TRUE(matches(R"(^[\w&]+$)", "a&b"));
  EXPECT_TRUE(matches(R"(^\p{Alpha}\p{IsAlphabetic}\p{L}$)", "aéß"));
  EXPECT_TRUE(matches(R"(^[a-c[x-z]]+$)", "ax"));
  EXPECT_TRUE(matches(R"(^[\S]$)", "a"));
  EXPECT_TRUE(matches(R"(^\p{IsLatin}$)", "é"));
}

TEST(JavaRegex, ends_lines_as_java_does) {
  EXPECT_FALSE(matches("^.$", "\r"));
  EXPECT_FALSE(matches("^.$", "\u2028"));
  EXPECT_TRUE(matches("(?s)^.$", "\r"));
  EXPECT_TRUE(matches(R"(^\R$)", "\r\n"));
}

TEST(JavaRegex, reads_escapes_and_quotes) {
  EXPECT_TRUE(matches(R"(^\u00e9\x41\x{1F600}\0101\t$)", "éA😀A\t"));
  EXPECT_TRUE(matches(R"(^\Qa.b\E$)", "a.b"));
  EXPECT_FALSE(matches(R"(^\Qa.b\E$)", "axb"));
  EXPECT_TRUE(matches(R"(^\-\_\é$)", "-_é"));
}

TEST(JavaRegex, keeps_flags_to_their_group) {
  EXPECT_TRUE(matches("^((?s).)x", "\nx"));
  EXPECT_FALSE(matches("^((?s)a).", "a\n"));
  EXPECT_TRUE(matches("(?x) a b # comment", "ab"));
  EXPECT_TRUE(matches("(?i:A)b", "ab"));
}

TEST(JavaRegex, refuses_by_name_what_re2_cannot_run) {
  for (const char* pattern : {"a(?=b)",
                              "(?<!a)b",
                              R"((a)\1)",
                              "a++",
                              "(?>a)",
                              "[a&&b]",
                              "[a[^b]]",
                              R"(\k<n>)",
                              "a{5000}"}) {
    EXPECT_EQ(code_of(pattern), ErrorCode::kUnsupported) << pattern;
  }
}

TEST(JavaRegex, refuses_what_is_no_pattern) {
  for (const char* pattern :
       {"(", "[a", "a\\", "*", R"(\x{110000})", R"(\p{Nope})", R"(\y)", "(?q)"}) {
    EXPECT_EQ(code_of(pattern), ErrorCode::kInvalidArgument) << pattern;
  }
}

TEST(JavaRegex, finds_matches_one_after_another) {
  const JavaRegex regex = MUST(JavaRegex::compile("a|(b)"));
  std::vector<std::pair<std::size_t, std::int64_t>> found;
  regex.for_each_match("xabé", 0, 1, [&](const RegexMatch& match) {
    found.emplace_back(match.begin(), match.groups[1].begin);
    return true;
  });
  EXPECT_EQ(found, (std::vector<std::pair<std::size_t, std::int64_t>>{{1, -1}, {2, 2}}));
}

TEST(JavaRegex, steps_over_whole_characters_at_empty_matches) {
  const JavaRegex regex = MUST(JavaRegex::compile("x*"));
  std::vector<std::size_t> found;
  regex.for_each_match("é日", 0, 0, [&](const RegexMatch& match) {
    found.push_back(match.begin());
    return true;
  });
  EXPECT_EQ(found, (std::vector<std::size_t>{0, 2, 5}));
}

TEST(RegexReplacement, reads_groups_greedily) {
  const JavaRegex regex = MUST(JavaRegex::compile("(a)(?<name>b)"));
  RegexMatch match;
  ASSERT_TRUE(regex.find("ab", 0, 2, match));
  const auto apply = [&](std::string_view text) {
    const auto replacement = RegexReplacement::parse(text, regex);
    std::string out;
    if (replacement) {
      replacement->append_to(out, "ab", match);
    }
    return replacement ? out : "!";
  };
  EXPECT_EQ(apply("<$0>"), "<ab>");
  EXPECT_EQ(apply("$12"), "a2");
  EXPECT_EQ(apply("${name}$1"), "ba");
  EXPECT_EQ(apply(R"(\$1\\)"), "$1\\");
  EXPECT_EQ(apply("$3"), "!");
  EXPECT_EQ(apply("$"), "!");
  EXPECT_EQ(apply("${nope}"), "!");
  EXPECT_EQ(apply("\\"), "!");
}

}  // namespace
}  // namespace millrace::expr
