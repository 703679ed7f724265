#include "expr/record_random.h"

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(RecordRandom, is_the_same_for_the_same_record_and_call) {
  TestTable table;
  table.column("a", "INT", {"1", "2", "3"});
  const ExpressionPtr call = table.bind("uuid()");
  const data::Selection rows = data::Selection::all(3);
  const std::string first = table.run(*call, rows);
  EXPECT_EQ(table.run(*call, rows), first);
  EXPECT_NE(table.run("uuid()"), first);
}

TEST(RecordRandom, is_that_of_the_seed_where_there_is_one) {
  TestTable table;
  EXPECT_EQ(table.run("rand(7) = rand(7)"), "true");
  EXPECT_EQ(table.run("rand(7) = rand(8)"), "false");
  table.column("a", "INT", {"1"});
  EXPECT_EQ(table.run("rand(a)"), "?SEED_EXPRESSION_IS_UNFOLDABLE");
}

TEST(RecordRandom, changes_with_the_salt_of_the_instance) {
  TestTable table;
  const std::string before = table.run("rand(7)");
  table.context().salt = {.high = 1, .low = 2};
  EXPECT_NE(table.run("rand(7)"), before);
}

}  // namespace
}  // namespace millrace::expr
