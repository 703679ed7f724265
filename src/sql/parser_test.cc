#include "sql/parser.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::sql {
namespace {

struct Refusal {
  std::string text;
  int line;
  int column;
  int end;
  std::string message;
};

std::string errors_of(const std::string& text) {
  Diagnostics diagnostics;
  parse_script(text, "t.sql", diagnostics);
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    out += fmt::format("{}:{}-{} {}\n",
                       diagnostic.where.line,
                       diagnostic.where.column,
                       diagnostic.where.end,
                       diagnostic.message);
  }
  return out;
}

const std::vector<Refusal> kRefusals = {
    {"SELECT * FORM t", 1, 10, 14, "Syntax error at or near 'FORM'; did you mean \"FROM\"?"},
    {"SELECT a FORM t", 1, 10, 14, "Syntax error at or near 'FORM'; did you mean \"FROM\"?"},
    {"SELECT a FROM t WERE a = 1",
     1,
     17,
     21,
     "Syntax error at or near 'WERE'; did you mean \"WHERE\"?"},
    {"SELEC a", 1, 1, 6, "Syntax error at or near 'SELEC'; did you mean \"SELECT\"?"},
    {"SELECT a,\n  FROM t", 2, 3, 7, "Syntax error at or near 'FROM'"},
    {"SELECT a FROM", 1, 14, 15, "Syntax error at or near end of input"},
    {"SELECT a FROM t WHERE", 1, 22, 23, "Syntax error at or near end of input"},
    {"SELECT (a FROM t", 1, 11, 15, "Syntax error at or near 'FROM'"},
    {"SELECT a AS FROM t", 1, 13, 17, "Syntax error at or near 'FROM'"},
    {"SELECT 'é', ) FROM t", 1, 13, 14, "Syntax error at or near ')'"},
    {"SELECT 1 +", 1, 11, 12, "Syntax error at or near end of input"},
    {"SELECT a FROM t ORDER BT a", 1, 23, 25, "Syntax error at or near 'BT'; did you mean \"BY\"?"},
    {"SELECT CASE WHEN a THEN b FROM t", 1, 27, 31, "Syntax error at or near 'FROM'"},
    {"SELECT CAST(a AS ITN) FROM t",
     1,
     18,
     21,
     "Unsupported data type \"ITN\"; did you mean \"INT\"?"},
    {"SELECT 'abc FROM t", 1, 8, 19, "Syntax error at or near ''abc FROM t'"},
    {"SELECT 1 /* a", 1, 10, 14, "Found an unclosed bracketed comment"},
    {"SELECT a # b", 1, 10, 11, "Syntax error at or near '#'"},
    {"SELECT naïve FROM t",
     1,
     8,
     13,
     "The unquoted identifier naïve is invalid and must be back quoted as: `naïve`"},
    {"SELECT 1 FROM test-table",
     1,
     15,
     25,
     "The unquoted identifier test-table is invalid and must be back quoted as: `test-table`"},
    {"SELECT 128Y",
     1,
     8,
     12,
     "Numeric literal 128 is outside the valid range for tinyint with minimum value of -128 and "
     "maximum value of 127"},
    {"SELECT a LIKE 'b' ESCAPE 'xx'", 1, 26, 30, "Found an invalid escape string: 'xx'"},
    {"SELECT X'1G'", 1, 8, 13, "The value of the typed literal \"X\" is invalid: '1G'"},
    {"SELECT INTERVAL 1 MONTH 2 DAYS",
     1,
     8,
     31,
     "Cannot mix year-month and day-time fields in one interval"},
    {"CREATE STREEMING TABLE t AS SELECT 1",
     1,
     8,
     17,
     "Syntax error at or near 'STREEMING'; did you mean \"STREAMING\"?"},
    {"CREATE OR REFRESH STREAMING TABLE t AS SELECT 1",
     1,
     11,
     18,
     "Syntax error at or near 'REFRESH'"},
    {"CREATE SINK s", 1, 8, 12, "Syntax error at or near 'SINK'"},
    {"CREATE TABLE t (a INT) USING json COMMENT 'a' COMMENT 'b'",
     1,
     47,
     54,
     "Found duplicate clauses: COMMENT"},
    {"CREATE FLOW f AS INSERT INTO ONCE t BY NAME SELECT 1",
     1,
     35,
     36,
     "Syntax error at or near 't'"},
    {"CREATE FLOW f AS AUTO CDC INTO t FROM STREAM s SEQUENCE BY a",
     1,
     48,
     56,
     "Syntax error at or near 'SEQUENCE'"},
    {"CREATE FLOW f AS AUTO CDC INTO t FROM STREAM s KEYS (a) COLUMNS a",
     1,
     65,
     66,
     "Syntax error at or near 'a'"},
    {"SELECT * FROM STREAM t WATERMARK ts DELAY INTERVAL 1 MINUTE",
     1,
     43,
     51,
     "Syntax error at or near 'INTERVAL'"},
};

TEST(Parser, says_where_an_error_is) {
  for (const Refusal& refusal : kRefusals) {
    EXPECT_EQ(
        errors_of(refusal.text),
        fmt::format("{}:{}-{} {}\n", refusal.line, refusal.column, refusal.end, refusal.message))
        << refusal.text;
  }
}

TEST(Parser, names_the_condition_and_what_was_expected) {
  Diagnostics diagnostics;
  EXPECT_TRUE(parse_script("SELECT * FORM t", "a/b.sql", diagnostics).statements.empty());
  ASSERT_EQ(diagnostics.all().size(), 1U);
  const Diagnostic& diagnostic = diagnostics.all()[0];
  EXPECT_EQ(diagnostic.error_class, "PARSE_SYNTAX_ERROR");
  EXPECT_EQ(diagnostic.sqlstate, "42601");
  EXPECT_EQ(diagnostic.where.file, "a/b.sql");
  EXPECT_THAT(diagnostic.help, ::testing::StartsWith("expected "));
}

TEST(Parser, reports_one_error_for_each_statement_and_keeps_the_others) {
  Diagnostics diagnostics;
  const ParsedScript script = parse_script(
      "SELECT 1;\nSELECT FROM;\nSELECT 'a;b' -- ; \n, 2;\n;;SELCT 3;\nBEGIN SELECT 1; END;\nSELECT "
      "4",
      "t.sql",
      diagnostics);
  EXPECT_EQ(script.statements.size(), 4U);
  EXPECT_EQ(diagnostics.error_count(), 2U);
  EXPECT_EQ(diagnostics.all()[1].where.line, 5);
  const auto& block = std::get<Unsupported>(script.statements[2].node);
  EXPECT_EQ(block.text, "BEGIN SELECT 1; END");
}

TEST(Parser, cuts_a_long_token_in_a_message) {
  const std::string text = "SELECT a " + std::string(100, '\'') + "\xF0\x9F\xBF";
  EXPECT_LT(errors_of("SELECT 1 1" + std::string(100, 'x')).size(), 140U);
  EXPECT_NE(errors_of(std::string(100, '\xBF')), "");
  EXPECT_NE(errors_of(text), "");
}

TEST(Parser, counts_parameters_from_the_beginning_of_each_statement) {
  Diagnostics diagnostics;
  const ParsedScript script = parse_script("SELECT ?; SELECT ?", "t.sql", diagnostics);
  ASSERT_EQ(script.statements.size(), 2U);
  EXPECT_TRUE(script.statements[0] == script.statements[1]);
}

TEST(Parser, says_where_statements_are) {
  Diagnostics diagnostics;
  const std::string text = "SELECT 1 ;\n  SELECT\n 2;";
  const ParsedScript script = parse_script(text, "t.sql", diagnostics);
  ASSERT_EQ(script.statements.size(), 2U);
  EXPECT_EQ(text.substr(script.statements[0].begin, script.statements[0].size), "SELECT 1");
  EXPECT_EQ(text.substr(script.statements[1].begin, script.statements[1].size), "SELECT\n 2");
  EXPECT_EQ(script.statements[1].position.line, 2);
  EXPECT_EQ(script.statements[1].position.column, 3);
  EXPECT_EQ(script.statements[1].file, "t.sql");
}

TEST(Parser, maps_positions_of_substituted_text) {
  // `${table}` at column 15 of the original became `users`.
  const PositionMap positions = [](std::size_t offset) {
    const auto column = static_cast<std::int32_t>(offset);
    return Position{.line = 1, .column = offset < 19 ? column + 1 : column + 4, .end = 0};
  };
  Diagnostics diagnostics;
  parse_script("SELECT * FROM users WERE a", "t.sql", diagnostics, positions);
  ASSERT_EQ(diagnostics.all().size(), 1U);
  EXPECT_EQ(diagnostics.all()[0].where.column, 24);
  EXPECT_EQ(diagnostics.all()[0].where.end, 28);
}

std::string nested(const std::string& open,
                   const std::string& middle,
                   const std::string& close,
                   int times) {
  std::string text;
  for (int i = 0; i < times; ++i) {
    text += open;
  }
  text += middle;
  for (int i = 0; i < times; ++i) {
    text += close;
  }
  return text;
}

TEST(Parser, refuses_deep_nesting_without_a_crash) {
  const std::vector<std::string> texts = {
      nested("(", "1", ")", 100'000),
      nested("(", "", "", 100'000),
      nested("f(", "1", ")", 100'000),
      nested("NOT ", "a", "", 100'000),
      nested("- ", "a", "", 100'000),
      nested("x -> ", "a", "", 100'000),
      nested("CASE WHEN a THEN ", "b", " END", 100'000),
      nested("(SELECT ", "1", ")", 100'000),
      nested("CAST(a AS ", "INT", ")", 2),
      "CAST(a AS " + nested("ARRAY<", "INT", ">", 100'000) + ")",
      nested("", "a", " + a", 100'000),
      nested("", "a", "[0]", 100'000),
      nested("", "a", "::INT", 100'000),
      nested("", "f()", ".a", 100'000),
      nested("a IN (", "1", ")", 100'000),
      nested("a[", "1", "]", 100'000),
      nested("a[", "", "", 100'000),
      nested("TRIM(", "a", ")", 100'000),
      nested("a BETWEEN ", "1", "", 100'000),
      nested("EXTRACT(DAY FROM ", "a", ")", 100'000),
      nested("a LIKE ", "b", "", 100'000),
      nested("(a, ", "b", ")", 100'000),
      nested("f(x => ", "b", ")", 100'000),
      "f(a) OVER (ORDER BY " + nested("f(a) OVER (ORDER BY ", "b", ")", 100'000) + ")",
  };
  for (const std::string& text : texts) {
    Diagnostics diagnostics;
    EXPECT_EQ(parse_expression(text, "t.sql", diagnostics), nullptr) << text.substr(0, 30);
    EXPECT_EQ(diagnostics.error_count(), 1U);
  }
}

TEST(Parser, refuses_deep_relations_without_a_crash) {
  const std::vector<std::string> texts = {
      "SELECT * FROM " + nested("(", "t", ")", 100'000),
      "SELECT * FROM t" + nested("", "", " JOIN t", 100'000),
      "SELECT 1" + nested("", "", " UNION SELECT 1", 100'000),
      "SELECT 1 GROUP BY " + nested("GROUPING SETS (", "a", ")", 100'000),
      nested("WITH a AS (", "SELECT 1", ") SELECT 1", 100'000),
      nested("FROM (", "SELECT 1", ")", 100'000),
  };
  for (const std::string& text : texts) {
    Diagnostics diagnostics;
    EXPECT_EQ(parse_query(text, "t.sql", diagnostics), nullptr) << text.substr(0, 30);
    ASSERT_EQ(diagnostics.error_count(), 1U);
    EXPECT_EQ(diagnostics.all()[0].error_class, "FAILED_TO_PARSE_TOO_COMPLEX")
        << text.substr(0, 30);
  }
}

TEST(Parser, takes_what_is_below_the_limits) {
  for (const std::string& text : {nested("(", "1", ")", 400),
                                  nested("f(", "1", ")", 400),
                                  nested("", "a", " + a", 900),
                                  nested("", "a", " OR a = 1 + 2", 20'000),
                                  nested("", "a", " AND a", 20'000),
                                  "a IN (1" + nested("", "", ", 1", 50'000) + ")"}) {
    Diagnostics diagnostics;
    EXPECT_NE(parse_expression(text, "t.sql", diagnostics), nullptr) << text.substr(0, 30);
  }
}

TEST(Parser, refuses_a_text_over_the_limit) {
  Diagnostics diagnostics;
  EXPECT_TRUE(
      parse_script(std::string(kTextBytesMax + 1, ' '), "t.sql", diagnostics).statements.empty());
  ASSERT_EQ(diagnostics.error_count(), 1U);
  EXPECT_EQ(diagnostics.all()[0].error_class, "FAILED_TO_PARSE_TOO_COMPLEX");
}

TEST(Parser, takes_schemas_and_types) {
  Diagnostics diagnostics;
  const auto schema =
      parse_schema("a INT, b STRUCT<c: STRING>, `d e` ARRAY<INT> NOT NULL", "t", diagnostics);
  ASSERT_TRUE(schema.has_value());
  EXPECT_EQ(schema->name, "STRUCT");
  ASSERT_EQ(schema->fields.size(), 3U);
  EXPECT_EQ(schema->fields[1].type.fields[0].name.name, "c");
  EXPECT_TRUE(schema->fields[2].not_null);
  EXPECT_EQ(parse_schema("ARRAY<INT>", "t", diagnostics)->name, "ARRAY");
  EXPECT_EQ(parse_schema("INT", "t", diagnostics)->name, "INT");
  EXPECT_EQ(parse_schema("a: INT", "t", diagnostics)->fields.size(), 1U);
  EXPECT_EQ(parse_schema("INTERVAL DAY TO SECOND", "t", diagnostics)->name, "INTERVAL");
  EXPECT_EQ(parse_data_type("DECIMAL(10, 2)", "t", diagnostics)->parameters,
            (std::vector<int>{10, 2}));
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_FALSE(parse_data_type("a INT", "t", diagnostics).has_value());
  EXPECT_FALSE(parse_data_type("ARRAY", "t", diagnostics).has_value());
}

}  // namespace
}  // namespace millrace::sql
