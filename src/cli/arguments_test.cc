#include "cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ParsedArguments parse(const std::vector<std::string>& arguments) {
  return parse_arguments(arguments);
}

TEST(Arguments, words_and_flags_come_in_any_order) {
  const ParsedArguments parsed =
      parse({"run", "--for", "10s", "shop", "--set", "a=1", "--set=b=2", "--until-caught-up"});
  ASSERT_EQ(parsed.problem, "");
  EXPECT_EQ(parsed.invocation.command->name, "run");
  EXPECT_THAT(parsed.invocation.words, ElementsAre("shop"));
  EXPECT_EQ(parsed.invocation.value("for"), "10s");
  EXPECT_THAT(parsed.invocation.values("set"), ElementsAre("a=1", "b=2"));
  EXPECT_TRUE(parsed.invocation.has("until-caught-up"));
  EXPECT_FALSE(parsed.invocation.has("records"));
}

TEST(Arguments, common_flags_may_stand_before_the_command) {
  const ParsedArguments parsed = parse({"--no-color", "version", "-q"});
  ASSERT_EQ(parsed.problem, "");
  EXPECT_TRUE(parsed.invocation.has("no-color"));
  EXPECT_TRUE(parsed.invocation.has("quiet"));
}

TEST(Arguments, a_query_may_begin_with_a_comment) {
  const ParsedArguments parsed = parse({"sql", "-- all\nSELECT 1"});
  ASSERT_EQ(parsed.problem, "");
  EXPECT_THAT(parsed.invocation.words, ElementsAre("-- all\nSELECT 1"));
}

TEST(Arguments, suggest_what_was_meant) {
  EXPECT_EQ(parse({"rnu"}).problem, "unknown command \"rnu\"; did you mean \"run\"?");
  EXPECT_EQ(parse({"run", "--dta", "x"}).problem, "unknown flag --dta; did you mean \"--data\"?");
  EXPECT_EQ(parse({"run", "--untilcaughtup=1"}).problem,
            "unknown flag --untilcaughtup; did you mean \"--until-caught-up\"?");
}

TEST(Arguments, refuse_what_makes_no_sense) {
  EXPECT_THAT(parse({"run", "--data"}).problem, HasSubstr("--data"));
  EXPECT_EQ(parse({"run", "--data", "a", "--data", "b"}).problem, "--data is given twice");
  EXPECT_EQ(parse({"run", "a", "b"}).problem, "too many words, from \"b\" on: millrace run [DIR]");
  EXPECT_EQ(parse({"init"}).problem, "something is missing: millrace init NAME");
  EXPECT_EQ(parse({"run", "--output", "yaml"}).problem, "--output is table|json, found \"yaml\"");
}

TEST(Arguments, every_command_has_an_example_and_a_help) {
  for (const CommandRow& row : command_rows()) {
    EXPECT_FALSE(row.examples.empty()) << row.name;
    EXPECT_TRUE(row.usage.starts_with(row.name)) << row.name;
    const std::string help = help_text(&row);
    EXPECT_LT(help.find("examples:"), help.find("flags:")) << row.name;
    EXPECT_THAT(help_text(nullptr), HasSubstr(std::string(row.sentence)));
  }
}

TEST(Arguments, nothing_at_all_is_no_command) {
  const ParsedArguments parsed = parse({});
  EXPECT_EQ(parsed.problem, "");
  EXPECT_EQ(parsed.invocation.command, nullptr);
}

}  // namespace
}  // namespace millrace::cli
