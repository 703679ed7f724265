#include "base/diagnostic.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

Diagnostic unknown_key() {
  return {.code = "MR1042",
          .severity = Severity::kError,
          .error_class = "",
          .sqlstate = "",
          .where = {.file = "pipeline.yml", .line = 2, .column = 5, .end = 10},
          .message = "unknown key \"tpoic\" in source kafka; did you mean \"topic\"?",
          .help = "keys of a kafka source are topic, brokers."};
}

TEST(Diagnostic, shows_place_line_caret_and_help) {
  const SourceTexts texts = {{"pipeline.yml", "    source: kafka\n    tpoic: users\nx\n"}};
  EXPECT_EQ(format_diagnostic(unknown_key(), texts),
            "pipeline.yml:2:5: unknown key \"tpoic\" in source kafka; did you mean \"topic\"?\n"
            "    1 |     source: kafka\n"
            "    2 |     tpoic: users\n"
            "      |     ^^^^^\n"
            "  help: keys of a kafka source are topic, brokers.  MR1042\n");
}

TEST(Diagnostic, counts_code_points_and_keeps_tabs) {
  Diagnostic diagnostic = unknown_key();
  diagnostic.where = {.file = "q.sql", .line = 1, .column = 4, .end = 0};
  diagnostic.help.clear();
  const SourceTexts texts = {{"q.sql", "\t\xc3\xbc\xc3\xbcx"}};
  EXPECT_NE(format_diagnostic(diagnostic, texts).find("      | \t  ^\n  MR1042\n"),
            std::string::npos);
}

TEST(Diagnostic, shows_only_a_part_of_a_very_long_line) {
  Diagnostic diagnostic = unknown_key();
  diagnostic.where = {.file = "q.sql", .line = 1, .column = 50'000, .end = 99'000};
  const SourceTexts texts = {{"q.sql", std::string(100'000, 'x') + "\x1b[2J"}};
  const std::string text = format_diagnostic(diagnostic, texts);
  EXPECT_LT(text.size(), 700U);
  EXPECT_NE(text.find("^^^^"), std::string::npos);
}

TEST(Diagnostic, lets_no_control_character_reach_the_terminal) {
  Diagnostic diagnostic = unknown_key();
  diagnostic.where = {.file = "q.sql", .line = 1, .column = 1, .end = 2};
  EXPECT_EQ(format_diagnostic(diagnostic, {{"q.sql", "\x1b[2J"}}).find('\x1b'), std::string::npos);
}

TEST(Diagnostic, stands_a_place_that_is_not_there) {
  Diagnostic diagnostic = unknown_key();
  diagnostic.where = {.file = "q.sql", .line = 9, .column = 9, .end = 3};
  EXPECT_NE(format_diagnostic(diagnostic, {{"q.sql", "one line"}}), "");
  diagnostic.where = {};
  EXPECT_EQ(format_diagnostic(diagnostic, {}).substr(0, 11), "unknown key");
}

TEST(Diagnostic, has_all_members_in_json) {
  Diagnostic diagnostic = unknown_key();
  diagnostic.severity = Severity::kWarning;
  EXPECT_EQ(diagnostic_to_json(diagnostic),
            R"({"code":"MR1042","severity":"warning","class":"","sqlstate":"",)"
            R"("file":"pipeline.yml","line":2,"column":5,"end_column":10,)"
            R"("message":"unknown key \"tpoic\" in source kafka; did you mean \"topic\"?",)"
            R"("help":"keys of a kafka source are topic, brokers."})");
}

TEST(Diagnostics, count_errors_and_warnings_in_the_last_line) {
  Diagnostics all;
  EXPECT_EQ(format_diagnostics(all, {}), "");
  all.add(unknown_key());
  Diagnostic warning = unknown_key();
  warning.severity = Severity::kWarning;
  all.add(warning);
  all.add(unknown_key());
  EXPECT_TRUE(all.has_errors());
  const std::string text = format_diagnostics(all, {});
  EXPECT_TRUE(text.ends_with("\n\n2 errors, 1 warning\n")) << text;
  EXPECT_NE(text.find("warning: unknown"), std::string::npos);
}

TEST(Diagnostics, keep_a_limited_number_and_count_the_rest) {
  Diagnostics many;
  for (std::size_t i = 0; i < Diagnostics::kLimit + 5; ++i) {
    many.add(unknown_key());
  }
  Diagnostics all;
  all.add(unknown_key());
  all.add_all(std::move(many));
  EXPECT_EQ(all.all().size(), Diagnostics::kLimit);
  EXPECT_EQ(all.error_count(), Diagnostics::kLimit + 6);
  EXPECT_TRUE(format_diagnostics(all, {}).ends_with("\n1006 errors (the first 1000 shown)\n"));
}

}  // namespace
}  // namespace millrace
