#include <string>

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(BindAst, names_columns_that_may_be_meant) {
  TestTable table;
  table.column("name", "STRING", {"'x'"});
  EXPECT_EQ(table.run("nmae"), "?UNRESOLVED_COLUMN.WITH_SUGGESTION");
  EXPECT_NE(table.message("nmae").find("`name`"), std::string::npos);
}

TEST(BindAst, takes_clock_functions_without_brackets) {
  TestTable table;
  table.context().epoch_time_us = 1'709'251'200'000'000;
  EXPECT_EQ(table.run("current_date"), "2024-03-01");
  EXPECT_EQ(table.run("CURRENT_TIMESTAMP"), "2024-03-01 00:00:00");
}

TEST(BindAst, binds_special_forms) {
  TestTable table;
  table.column("a", "INT", {"1", "5", "NULL"});
  EXPECT_EQ(table.run("a BETWEEN 1 AND 3"), "true | false | NULL");
  EXPECT_EQ(table.run("a NOT IN (1, 2)"), "false | true | NULL");
  EXPECT_EQ(table.run("a IS NOT TRUE"), "?DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE");
  EXPECT_EQ(table.run("(a = 1) IS NOT TRUE"), "false | true | true");
  EXPECT_EQ(table.run("a IS DISTINCT FROM 5"), "true | false | true");
  EXPECT_EQ(table.run("CASE a WHEN 1 THEN 'one' WHEN 5 THEN 'five' END"), "one | five | NULL");
  EXPECT_EQ(table.run("'abc' NOT LIKE ALL ('x%', 'y%')"), "true | true | true");
  EXPECT_EQ(table.run("a::STRING"), "1 | 5 | NULL");
}

TEST(BindAst, refuses_clauses_of_aggregates_on_others) {
  TestTable table;
  EXPECT_EQ(table.run("coalesce(DISTINCT 1)"),
            "?INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX");
  EXPECT_EQ(table.run("coalesce(1) OVER ()"),
            "?INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX");
  EXPECT_EQ(table.run("coalesce(x -> 1)"),
            "?INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION");
}

TEST(BindAst, finds_every_error_of_an_expression) {
  TestTable table;
  EXPECT_EQ(table.bind("x + y"), nullptr);
  EXPECT_EQ(table.errors(), 2U);
}

}  // namespace
}  // namespace millrace::expr
