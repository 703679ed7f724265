#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

TEST(ParseLiteral, keeps_numbers_exactly) {
  const std::vector<Case> cases = {
      {"123"},
      {"-123"},
      {"1Y"},
      {"-1s", "-1S"},
      {"1l", "1L"},
      {"1.50"},
      {".5"},
      {"1."},
      {"1e3"},
      {"1.5E-3"},
      {"1d", "1D"},
      {"1.5f", "1.5F"},
      {"1bd", "1BD"},
      {"1.5BD", "1.5"},
      {"1e3BD"},
      {"-9223372036854775808"},
      {"-128Y"},
      {"1e3D", "1e3"},
      {"123456789012345678901234567890"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical_expression(each.text), each.expected());
  }
}

TEST(ParseLiteral, decodes_strings_and_bytes) {
  const std::vector<Case> cases = {
      {"'a' \"b\" 'c'", "'abc'"},
      {"'it''s'"},
      {R"('a\\b\nc\td')"},
      {R"(r'a\nb')", R"('a\\nb')"},
      {R"('\%')", R"('\\%')"},
      {"X'1f'", "X'1F'"},
      {"x'abc'", "X'0ABC'"},
      {"X''"},
      {"'\\0'", "'\\u0000'"},
      {"'日本'"},
      {"NULL"},
      {"true", "TRUE"},
      {"DATE'2024-01-01'", "DATE '2024-01-01'"},
      {"TIMESTAMP_NTZ '2024-01-01 00:00:00'"},
      {"TIME '12:00:00'"},
      {"timestamp_ltz'x'", "TIMESTAMP_LTZ 'x'"},
      {"date"},
      {"timestamp + 1"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical_expression(each.text), each.expected());
  }
}

TEST(ParseLiteral, takes_every_form_of_an_interval) {
  const std::vector<Case> cases = {
      {"INTERVAL 1 DAY"},
      {"interval 10 seconds", "INTERVAL 10 SECOND"},
      {"INTERVAL 1 DAY 2 HOURS -3 MINUTES", "INTERVAL 1 DAY 2 HOUR -3 MINUTE"},
      {"INTERVAL -1 DAY"},
      {"INTERVAL +1.5 SECOND", "INTERVAL 1.5 SECOND"},
      {"INTERVAL '1' DAY"},
      {"INTERVAL -'1' DAY", "INTERVAL '-1' DAY"},
      {"INTERVAL '1-2' YEAR TO MONTH"},
      {"INTERVAL '1 02:03:04.5' DAY TO SECOND"},
      {"INTERVAL '1 day 2 hours'"},
      {"INTERVAL 1 DAY + INTERVAL 2 HOUR"},
      {"ts - INTERVAL 1 DAY - INTERVAL 1 WEEK"},
      {"interval", "(interval)"},
      {"INTERVAL 1 MONTH 2 DAYS",
       "ERROR: Cannot mix year-month and day-time fields in one interval; "},
      {"INTERVAL '1' DAY TO MONTH", "ERROR: Syntax error at or near 'MONTH'; "},
      {"INTERVAL 1", "ERROR: Syntax error at or near end of input; "},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical_expression(each.text), each.expected());
  }
}

}  // namespace
}  // namespace millrace::sql::detail
