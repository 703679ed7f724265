#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(PatternFunctions, match_constants_and_columns) {
  TestTable table;
  table.column("s", "STRING", {"'abc'", "'xbc'", "NULL"});
  table.column("p", "STRING", {"'a%'", "'a%'", "'a%'"});
  EXPECT_EQ(table.run("s LIKE 'a%'"), "true | false | NULL");
  EXPECT_EQ(table.run("s LIKE p"), "true | false | NULL");
  EXPECT_EQ(table.run("s NOT LIKE '%b_'"), "false | false | NULL");
  EXPECT_EQ(table.run("s LIKE 'a/%' ESCAPE '/'"), "false | false | NULL");
  EXPECT_EQ(table.run("s LIKE ANY ('z%', 'x%')"), "false | true | NULL");
}

TEST(PatternFunctions, fail_on_a_bad_escape) {
  TestTable table;
  EXPECT_EQ(table.run("'abc' LIKE r'a\\bc'"), "!INVALID_FORMAT.ESC_IN_THE_MIDDLE");
}

}  // namespace
}  // namespace millrace::expr
