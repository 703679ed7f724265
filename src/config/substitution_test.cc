#include "config/substitution.h"

#include <map>

#include <gtest/gtest.h>

#include "config/codes.h"

namespace millrace::config {
namespace {

SubstitutionSources sources() {
  return {
      .variable = [](const std::string& name) -> std::optional<std::string> {
        static const std::map<std::string, std::string> kVariables = {{"HOST", "example.org"},
                                                                      {"EMPTY", ""},
                                                                      {"PASSWORD_FILE", "/run/pw"},
                                                                      {"QUOTE", "it's \"x\\y\""},
                                                                      {"TRICK", "${HOST}"},
                                                                      {"UMLAUT", "äöü"}};
        const auto found = kVariables.find(name);
        return found == kVariables.end() ? std::nullopt : std::optional<std::string>(found->second);
      },
      .file = [](const std::string& path) -> Result<std::string> {
        if (path == "/run/pw") {
          return std::string("hunter2\n");
        }
        if (path == "big") {
          return std::string(SubstitutionSources::kMaxFileBytes + 1, 'x');
        }
        if (path == "binary") {
          return std::string("\xff\xfe");
        }
        return Error(ErrorCode::kNotFound, "no such file");
      }};
}

struct Done {
  Substituted result;
  Diagnostics diagnostics;
};

Done run(std::string_view text, SubstitutionSyntax syntax = SubstitutionSyntax::kPlain) {
  Done done;
  done.result = substitute(text, syntax, sources(), "f", done.diagnostics);
  return done;
}

std::string plain(std::string_view text) {
  const Done done = run(text);
  return done.diagnostics.empty() ? done.result.text : done.diagnostics.all()[0].message;
}

std::string sql(std::string_view text) {
  const Done done = run(text, SubstitutionSyntax::kSql);
  return done.diagnostics.empty() ? done.result.text : done.diagnostics.all()[0].message;
}

TEST(Substitution, replaces_every_form) {
  EXPECT_EQ(plain("http://${HOST}/x"), "http://example.org/x");
  EXPECT_EQ(plain("${env:HOST}"), "example.org");
  EXPECT_EQ(plain("${NONE:-9092}"), "9092");
  EXPECT_EQ(plain("${EMPTY:-d}|${EMPTY}"), "d|");
  EXPECT_EQ(plain("${NONE:-a:-b}"), "a:-b");
  EXPECT_EQ(plain("${NONE:-<${OTHER:-${HOST}}>}"), "<example.org>");
  EXPECT_EQ(plain("${file:/run/pw}"), "hunter2");
  EXPECT_EQ(plain("${PASSWORD}"), "hunter2");
  EXPECT_EQ(plain("$${HOST} $HOST $"), "${HOST} $HOST $");
}

TEST(Substitution, does_not_look_into_values) {
  EXPECT_EQ(plain("${TRICK}"), "${HOST}");
}

TEST(Substitution, says_what_is_wrong) {
  EXPECT_EQ(plain("${NONE}"), "variable \"NONE\" is not set");
  EXPECT_EQ(plain("${}"), "no name of a variable in \"${}\"");
  EXPECT_EQ(plain("${1A}"), "no name of a variable in \"${1A}\"");
  EXPECT_EQ(plain("${file:}"), "the path is missing in \"${file:}\"");
  EXPECT_EQ(plain("a ${HOST\n}"), "\"${\" without \"}\" on its line");
  EXPECT_EQ(plain("${file:none}"), "file \"none\" cannot be read: no such file");
  EXPECT_EQ(plain("${file:big}"), "file \"big\" is longer than 64 KiB");
  EXPECT_EQ(plain("${file:binary}"), "file \"binary\" is not UTF-8 text");
}

TEST(Substitution, findings_have_the_place_of_the_reference) {
  const Done done = run("ä ${NONE}\n  ${HOST} ${OTHER}");
  ASSERT_EQ(done.diagnostics.all().size(), 2U);
  EXPECT_EQ(done.diagnostics.all()[0].where,
            (SourceSpan{.file = "f", .line = 1, .column = 3, .end = 10}));
  EXPECT_EQ(done.diagnostics.all()[1].where,
            (SourceSpan{.file = "f", .line = 2, .column = 11, .end = 19}));
}

TEST(Substitution, nesting_has_a_limit) {
  std::string text = "x";
  for (int i = 0; i <= kMaxSubstitutionDepth; ++i) {
    text.insert(0, "${NONE:-").append("}");
  }
  EXPECT_EQ(plain(text), "${…} nested deeper than 8");
}

TEST(Substitution, a_value_in_sql_quotes_stays_inside_them) {
  EXPECT_EQ(sql("'${QUOTE}'"), "'it\\'s \\\"x\\\\y\\\"'");
  EXPECT_EQ(sql("'a''${HOST}'"), "'a''example.org'");
  EXPECT_EQ(sql("'\\'${HOST}'"), "'\\'example.org'");
  EXPECT_EQ(sql("r'\\' ${NONE:-1}"), "r'\\' 1");
  EXPECT_EQ(sql("r'${QUOTE}'"), "a value with a quote or a line end cannot stand in r'…'");
  EXPECT_EQ(sql("`${HOST}`"), "`example.org`");
  EXPECT_EQ(sql("x ${NONE:-1}"), "x 1");
}

TEST(Substitution, leaves_sql_comments_alone) {
  EXPECT_EQ(sql("-- ${NONE}\n${HOST}"), "-- ${NONE}\nexample.org");
  EXPECT_EQ(sql("/* /* ${NONE} */ ${NONE} */ ${HOST}"), "/* /* ${NONE} */ ${NONE} */ example.org");
  EXPECT_EQ(sql("'--' ${HOST}"), "'--' example.org");
}

TEST(Substitution, positions_lead_back_to_the_original) {
  const std::string text = "a ${UMLAUT} b\nc ${HOST}d";
  const Done done = run(text);
  ASSERT_EQ(done.result.text, "a äöü b\nc example.orgd");
  const auto back = [&](int line, int column, int end) {
    return done.result.original({.file = "f", .line = line, .column = column, .end = end}, text);
  };
  EXPECT_EQ(back(1, 1, 2), (SourceSpan{.file = "f", .line = 1, .column = 1, .end = 2}));
  EXPECT_EQ(back(1, 7, 8), (SourceSpan{.file = "f", .line = 1, .column = 13, .end = 14}));
  EXPECT_EQ(back(1, 4, 5), (SourceSpan{.file = "f", .line = 1, .column = 3, .end = 12}));
  EXPECT_EQ(back(2, 14, 15), (SourceSpan{.file = "f", .line = 2, .column = 10, .end = 11}));
  EXPECT_EQ(back(2, 1, 15), (SourceSpan{.file = "f", .line = 2, .column = 1, .end = 11}));
}

TEST(Substitution, marks_what_came_from_files) {
  const Done done = run("a${PASSWORD}b${HOST}");
  ASSERT_EQ(done.result.pieces.size(), 4U);
  EXPECT_TRUE(done.result.has_secrets());
  EXPECT_TRUE(done.result.pieces[1].secret);
  EXPECT_FALSE(done.result.pieces[3].secret);
  EXPECT_FALSE(run("${HOST}").result.has_secrets());
  EXPECT_TRUE(run("${NONE:-${file:/run/pw}}").result.has_secrets());
}

TEST(Substitution, many_broken_references_take_linear_time) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) {
    text += "${";
  }
  const Done done = run(text);
  EXPECT_EQ(done.result.text, text);
  EXPECT_EQ(done.diagnostics.all().size(), 100U);
}

}  // namespace
}  // namespace millrace::config
