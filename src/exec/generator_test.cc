#include "exec/generator.h"

#include <gtest/gtest.h>

#include "exec/detail/test_query.h"

namespace millrace::exec {
namespace {

TEST(Generator, explode_gives_a_row_for_each_element) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT explode(array(1, NULL, 3))"), "1; NULL; 3");
  EXPECT_EQ(database.line("SELECT explode(map('a', 1, 'b', 2))"), "a|1; b|2");
  EXPECT_EQ(database.line("SELECT posexplode(array('x', 'y'))"), "0|x; 1|y");
  EXPECT_EQ(database.line("SELECT posexplode(map('a', 1))"), "0|a|1");
  EXPECT_EQ(database.line("SELECT id, x FROM VALUES (1, array('a', 'b')), (2, array()), (3, NULL) "
                          "AS t(id, xs) LATERAL VIEW explode(xs) e AS x"),
            "1|a; 1|b");
}

TEST(Generator, outer_keeps_rows_that_generate_nothing) {
  TestDatabase database;
  const std::string from =
      " FROM VALUES (1, array('a', 'b')), (2, array()), (3, NULL) AS t(id, xs) LATERAL VIEW OUTER ";
  EXPECT_EQ(database.line("SELECT id, x" + from + "explode(xs) e AS x"),
            "1|a; 1|b; 2|NULL; 3|NULL");
  EXPECT_EQ(database.line("SELECT id, p, x" + from + "posexplode(xs) e AS p, x"),
            "1|0|a; 1|1|b; 2|NULL|NULL; 3|NULL|NULL");
  EXPECT_EQ(database.line("SELECT explode_outer(CAST(NULL AS MAP<INT, INT>))"), "NULL|NULL");
}

TEST(Generator, inline_gives_the_fields_of_structs) {
  TestDatabase database;
  EXPECT_EQ(
      database.line("SELECT inline(array(struct(1 AS a, 'x' AS b), struct(2 AS a, 'y' AS b)))"),
      "1|x; 2|y");
  EXPECT_EQ(database.line("SELECT inline(array(struct(1 AS a), NULL))"), "1; NULL");
  EXPECT_EQ(database.line("SELECT inline_outer(CAST(NULL AS ARRAY<STRUCT<a: INT, b: INT>>))"),
            "NULL|NULL");
}

TEST(Generator, stack_lays_values_into_rows) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT stack(2, 1, 'a', 2, 'b')"), "1|a; 2|b");
  EXPECT_EQ(database.line("SELECT stack(2, 1, 2, 3)"), "1|2; 3|NULL");
  EXPECT_EQ(database.line("SELECT stack(2, NULL, 'a', 2, NULL)"), "NULL|a; 2|NULL");
  EXPECT_EQ(database.line("SELECT stack(3, 1)"), "1; NULL; NULL");
}

TEST(Generator, refuses_arguments_that_do_not_fit) {
  TestDatabase database;
  const std::string mismatch = "?DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 1:8";
  EXPECT_EQ(database.line("SELECT explode(1)"), mismatch);
  EXPECT_EQ(database.line("SELECT inline(array(1))"), mismatch);
  EXPECT_EQ(database.line("SELECT stack('2', 1)"), mismatch);
  EXPECT_EQ(database.line("SELECT stack(0, 1)"), mismatch);
  EXPECT_EQ(database.line("SELECT stack(10001, 1)"), mismatch);
  EXPECT_EQ(database.line("SELECT stack(2, 1, 'a')"), mismatch);
  EXPECT_EQ(database.line("SELECT stack(id, 1) FROM range(2)"), mismatch);
  EXPECT_EQ(database.line("SELECT json_tuple(1, 'a')"), mismatch);
  EXPECT_EQ(database.line("SELECT json_tuple('{}', 1)"), mismatch);
  EXPECT_EQ(database.line("SELECT explode(array(1), array(2))"),
            "?WRONG_NUM_ARGS.WITHOUT_SUGGESTION 1:8");
  EXPECT_EQ(database.line("SELECT stack(2)"), "?WRONG_NUM_ARGS.WITHOUT_SUGGESTION 1:8");
}

TEST(Generator, json_tuple_gives_null_for_what_is_not_there) {
  TestDatabase database;
  EXPECT_EQ(
      database.line(R"(SELECT json_tuple('{"a":1,"b":"x","c":{"d":[1]},"e":null}', 'a', 'b', )"
                    "'c', 'e', 'f')"),
      R"(1|x|{"d":[1]}|NULL|NULL)");
  EXPECT_EQ(database.line("SELECT json_tuple('{broken', 'a')"), "NULL");
  EXPECT_EQ(database.line("SELECT json_tuple('[1]', 'a')"), "NULL");
  EXPECT_EQ(database.line("SELECT json_tuple(CAST(NULL AS STRING), 'a')"), "NULL");
}

TEST(Generator, gives_batches_that_are_not_too_large) {
  TestDatabase database;
  EXPECT_EQ(database.rows("SELECT explode(sequence(1, 5000)) FROM range(3)").size(), 15000U);
  EXPECT_LE(*std::ranges::max_element(database.batches), data::kBatchRows);
  EXPECT_EQ(database.line("SELECT count(*), sum(y) FROM range(50) LATERAL VIEW "
                          "explode(sequence(1, 100)) a AS x LATERAL VIEW explode(array(x, x)) b "
                          "AS y"),
            "10000|505000");
}

}  // namespace
}  // namespace millrace::exec
