#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

TEST(ParseProperty, keeps_constants_as_text_and_the_rest_as_expressions) {
  Diagnostics diagnostics;
  const ParsedScript script = parse_script(
      "CREATE TABLE t USING kafka OPTIONS ('a b' = 'it''s', kafka.bootstrap.servers 'x:1', n = -3, "
      "d = 1.5, b = true, e, f = concat('a', 'b'), g = NULL)",
      "t.sql",
      diagnostics);
  ASSERT_EQ(script.statements.size(), 1U) << messages(diagnostics);
  const auto& options = std::get<CreateTable>(script.statements[0].node).clauses.options;
  ASSERT_EQ(options.size(), 8U);
  EXPECT_EQ(options[0].key, "a b");
  EXPECT_EQ(options[0].value, "it's");
  EXPECT_TRUE(options[0].quoted);
  EXPECT_EQ(options[1].key, "kafka.bootstrap.servers");
  EXPECT_EQ(options[2].value, "-3");
  EXPECT_FALSE(options[2].quoted);
  EXPECT_EQ(options[3].value, "1.5");
  EXPECT_EQ(options[4].value, "true");
  EXPECT_FALSE(options[5].has_value);
  EXPECT_TRUE(options[6].expression);
  EXPECT_TRUE(options[7].expression);
  EXPECT_EQ(options[0].position.column, 37);
  EXPECT_EQ(options[0].value_position.column, 45);
}

}  // namespace
}  // namespace millrace::sql::detail
