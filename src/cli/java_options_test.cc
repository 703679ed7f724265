#include "cli/java_options.h"

#include <array>

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

constexpr std::array kRows = {
    JavaOptionRow{.name = "topic", .sentence = "The topic.", .argument = JavaArgument::kRequired},
    JavaOptionRow{.name = "list", .sentence = "All."},
    JavaOptionRow{.name = "state", .sentence = "States.", .argument = JavaArgument::kOptional},
    JavaOptionRow{.name = "partitions",
                  .sentence = "How many.",
                  .argument = JavaArgument::kRequired,
                  .type = JavaType::kInteger,
                  .described = "count"},
    JavaOptionRow{.name = "timeout",
                  .sentence = "How long.",
                  .argument = JavaArgument::kRequired,
                  .type = JavaType::kLong,
                  .fallback = "5000"},
    JavaOptionRow{.name = "property", .sentence = "Pairs.", .argument = JavaArgument::kRequired}};

constexpr std::array<std::string_view, 1> kRepeated = {"property"};

Result<JavaOptions> parse_java(std::vector<std::string> words) {
  Result<JavaOptions> options = parse_java_options(kRows, words);
  if (options) {
    TRY(check_java_values(kRows, kRepeated, *options));
  }
  return options;
}

std::string problem(std::vector<std::string> words) {
  const Result<JavaOptions> options = parse_java(std::move(words));
  return options ? "" : options.error().message();
}

TEST(JavaOptions, takes_a_value_after_a_blank_an_equals_sign_and_one_dash) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--topic", "a"},
                                                {"--topic=a"},
                                                {"-topic", "a"},
                                                {"-topic=a"},
                                                {"--topic=", "a"}}) {
    const Result<JavaOptions> options = parse_java(words);
    ASSERT_TRUE(options) << options.error().message();
    EXPECT_EQ(options->value("topic"), "a");
  }
}

TEST(JavaOptions, takes_a_required_value_that_looks_like_a_flag) {
  const Result<JavaOptions> options = parse_java({"--topic", "--list", "--timeout", "-1"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->value("topic"), "--list");
  EXPECT_FALSE(options->has("list"));
  EXPECT_EQ(options->number("timeout"), -1);
}

TEST(JavaOptions, leaves_a_flag_after_an_optional_value_alone) {
  const Result<JavaOptions> with = parse_java({"--state", "empty,stable", "--list"});
  ASSERT_TRUE(with);
  EXPECT_EQ(with->value("state"), "empty,stable");
  const Result<JavaOptions> without = parse_java({"--state", "--list"});
  ASSERT_TRUE(without);
  EXPECT_TRUE(without->has("state"));
  EXPECT_TRUE(without->has("list"));
  EXPECT_FALSE(without->value("state"));
}

TEST(JavaOptions, gives_the_fallback_of_a_flag_that_was_not_given) {
  const Result<JavaOptions> options = parse_java({});
  ASSERT_TRUE(options);
  EXPECT_FALSE(options->has("timeout"));
  EXPECT_EQ(options->number("timeout"), 5000);
}

TEST(JavaOptions, keeps_words_that_belong_to_no_flag) {
  const Result<JavaOptions> options = parse_java({"a", "--list", "--", "--topic"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->words(), (std::vector<std::string>{"a", "--topic"}));
  EXPECT_FALSE(options->has("topic"));
}

TEST(JavaOptions, refuses_an_unknown_flag_with_one_that_is_alike) {
  EXPECT_EQ(problem({"--tpoic", "a"}),
            "tpoic is not a recognized option; did you mean \"--topic\"?");
  EXPECT_EQ(problem({"-x"}), "x is not a recognized option");
  EXPECT_EQ(problem({"--topi"}), "topi is not a recognized option; did you mean \"--topic\"?");
}

TEST(JavaOptions, refuses_a_value_that_is_missing_wrong_or_twice) {
  EXPECT_EQ(problem({"--topic"}), "Option topic requires an argument");
  EXPECT_EQ(problem({"--partitions", "many"}), "Cannot parse argument 'many' of option partitions");
  EXPECT_EQ(problem({"--partitions", "3000000000"}),
            "Cannot parse argument '3000000000' of option partitions");
  EXPECT_EQ(problem({"--topic", "a", "--topic", "b"}),
            "Found multiple arguments for option topic, but you asked for only one");
  EXPECT_EQ(problem({"--list=x"}), "Option list does not take a value, found 'x'");
  EXPECT_EQ(problem({"--property", "a=1", "--property", "b=2"}), "");
}

TEST(JavaOptions, splits_pairs_at_the_first_equals_sign) {
  const std::vector<std::string> pairs = {"a=1", "b", "c=x=y", "a=2", "d="};
  EXPECT_EQ(parse_key_values(pairs),
            (std::map<std::string, std::string>{{"a", "2"}, {"b", ""}, {"c", "x=y"}, {"d", ""}}));
}

TEST(JavaOptions, shows_help_in_two_columns) {
  EXPECT_EQ(java_options_help(std::span(kRows).subspan(2, 3), 80),
            "--partitions <Integer: count>           How many.\n"
            "--state [String]                        States.\n"
            "--timeout <Long>                        How long. (default: 5000)\n");
}

}  // namespace
}  // namespace millrace::cli
