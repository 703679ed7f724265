#include <string>

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(Bind, folds_constants_but_keeps_their_text) {
  TestTable table;
  const ExpressionPtr folded = table.bind("1 + 2");
  ASSERT_NE(folded, nullptr);
  EXPECT_TRUE(folded->is_literal());
  EXPECT_EQ(to_sql(*folded), "(1 + 2)");
}

TEST(Bind, leaves_a_constant_error_to_the_rows_that_reach_it) {
  TestTable table;
  table.column("a", "INT", {"0", "1"});
  EXPECT_FALSE(table.bind("1 / 0")->is_literal());
  EXPECT_EQ(table.run("CASE WHEN a = 0 THEN 1 / 0 ELSE a END"), "!DIVIDE_BY_ZERO | 1.0");
}

TEST(Bind, suggests_functions) {
  TestTable table;
  EXPECT_EQ(table.run("coalesc(1)"), "?UNRESOLVED_ROUTINE");
  EXPECT_NE(table.message("coalesc(1)").find("coalesce"), std::string::npos);
}

TEST(Bind, counts_arguments) {
  TestTable table;
  EXPECT_EQ(table.run("nvl(1)"), "?WRONG_NUM_ARGS.WITHOUT_SUGGESTION");
}

TEST(Bind, does_not_fold_what_depends_on_the_epoch) {
  TestTable table;
  EXPECT_FALSE(table.bind("current_timestamp()")->is_literal());
  EXPECT_FALSE(table.bind("uuid()")->is_literal());
}

}  // namespace
}  // namespace millrace::expr
