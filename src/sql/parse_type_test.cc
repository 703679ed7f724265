#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

std::string canonical_type(std::string_view text) {
  Diagnostics diagnostics;
  const std::optional<TypeName> type = parse_data_type(text, "t", diagnostics);
  if (!type) {
    return "ERROR: " + messages(diagnostics);
  }
  const std::string printed = to_sql(*type);
  EXPECT_TRUE(parse_data_type(printed, "t", diagnostics) == type) << printed;
  return printed;
}

TEST(ParseType, takes_every_type) {
  const std::vector<Case> cases = {
      {"int", "INT"},
      {"INTEGER"},
      {"DECIMAL(10, 2)"},
      {"VARCHAR(10)"},
      {"STRING COLLATE UTF8_LCASE"},
      {"TIME(6)"},
      {"INTERVAL"},
      {"INTERVAL YEAR TO MONTH"},
      {"INTERVAL DAY"},
      {"INTERVAL DAY TO SECOND"},
      {"ARRAY<ARRAY<INT>>"},
      {"MAP<STRING, ARRAY<MAP<INT, INT>>>"},
      {"STRUCT<>"},
      {"STRUCT<a INT, `b c`: STRING NOT NULL COMMENT 'x'>",
       "STRUCT<a: INT, `b c`: STRING NOT NULL COMMENT 'x'>"},
      {"VARIANT"},
      {"INTERVAL DAY TO MONTH", "ERROR: Syntax error at or near 'MONTH'; "},
      {"INTERVAL SECOND TO DAY", "ERROR: Syntax error at or near 'DAY'; "},
      {"ARRAY", "ERROR: Incomplete complex type: ARRAY needs its element types; "},
      {"DECIMAL(99999999999)", "ERROR: Syntax error at or near '99999999999'; "},
      {"ARRAY<INT", "ERROR: Syntax error at or near end of input; "},
      {"STRNG", "ERROR: Unsupported data type \"STRNG\"; did you mean \"STRING\"?; "},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical_type(each.text), each.expected());
  }
}

}  // namespace
}  // namespace millrace::sql::detail
