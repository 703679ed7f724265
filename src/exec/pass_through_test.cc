#include <gtest/gtest.h>

#include "exec/detail/test_query.h"

namespace millrace::exec {
namespace {

TEST(PassThrough, range_counts_up_and_down_to_its_limits) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT * FROM range(3)"), "0; 1; 2");
  EXPECT_EQ(database.line("SELECT * FROM range(2, 9, 3)"), "2; 5; 8");
  EXPECT_EQ(database.line("SELECT * FROM range(3, 0, -2)"), "3; 1");
  EXPECT_EQ(database.line("SELECT * FROM range(3, 3)"), "");
  EXPECT_EQ(database.line("SELECT * FROM range(9223372036854775800, 9223372036854775807, 5)"),
            "9223372036854775800; 9223372036854775805");
  EXPECT_EQ(database.line("SELECT * FROM range(-9223372036854775807, 9223372036854775807, "
                          "9223372036854775807)"),
            "-9223372036854775807; 0");
  EXPECT_EQ(database.line("SELECT count(*), min(id), max(id) FROM range(10000)"), "10000|0|9999");
}

TEST(PassThrough, values_evaluates_each_row_on_its_own) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT * FROM VALUES (1, 'a'), (1 + 1, upper('b')), (NULL, NULL)"),
            "1|a; 2|B; NULL|NULL");
  EXPECT_EQ(database.line("SELECT 1, 'x'"), "1|x");
  EXPECT_EQ(database.line("SELECT * FROM VALUES (1), (2.5), (NULL)"), "1.0; 2.5; NULL");
  EXPECT_EQ(database.line("SELECT * FROM VALUES (1), (1 DIV 0)"), "!DIVIDE_BY_ZERO 1:28");
}

TEST(PassThrough, values_gives_more_rows_than_fit_into_a_batch) {
  std::string sql = "SELECT count(*), sum(x) FROM VALUES (0)";
  for (int row = 1; row < 5000; ++row) {
    sql += ", (" + std::to_string(row) + ")";
  }
  TestDatabase database;
  EXPECT_EQ(database.line(sql + " AS t(x)"), "5000|12497500");
}

TEST(PassThrough, filter_keeps_rows_that_are_true_only) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT x FROM VALUES (1), (NULL), (5) AS t(x) WHERE x > 2"), "5");
  EXPECT_EQ(database.line("SELECT x FROM VALUES (1), (NULL), (5) AS t(x) WHERE NOT x > 2"), "1");
  EXPECT_EQ(database.line("SELECT id FROM range(2) WHERE 1 DIV id = 1"), "!DIVIDE_BY_ZERO 1:31");
}

TEST(PassThrough, a_projection_sees_selected_rows_only) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT 6 DIV id FROM range(4) WHERE id > 0"), "6; 3; 2");
  EXPECT_EQ(database.line("SELECT 6 DIV id FROM range(4)"), "!DIVIDE_BY_ZERO 1:8");
}

TEST(PassThrough, limit_and_offset_count_over_batches) {
  TestDatabase database;
  database.batch_rows = 3;
  TestRows rows;
  for (std::int64_t row = 0; row < 10; ++row) {
    rows.push_back({data::Value(row)});
  }
  database.table("t", "id BIGINT", rows);
  EXPECT_EQ(database.line("SELECT id FROM t LIMIT 4"), "0; 1; 2; 3");
  EXPECT_EQ(database.line("SELECT id FROM t LIMIT 2 OFFSET 5"), "5; 6");
  EXPECT_EQ(database.line("SELECT id FROM t OFFSET 8"), "8; 9");
  EXPECT_EQ(database.line("SELECT id FROM t WHERE id > 2 LIMIT 2"), "3; 4");
  EXPECT_EQ(database.line("SELECT id FROM t LIMIT 0"), "");
  EXPECT_EQ(database.line("SELECT id FROM t LIMIT 1 OFFSET 10"), "");
  EXPECT_EQ(database.line("SELECT id FROM range(1000000000000) LIMIT 1"), "0");
}

TEST(PassThrough, union_gives_the_left_rows_first) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 1"), "1; 2; 1");
  EXPECT_EQ(database.line("SELECT id FROM range(0) UNION ALL SELECT 7L"), "7");
  EXPECT_EQ(database.line("SELECT 1 UNION ALL SELECT 2.5"), "1.0; 2.5");
  EXPECT_EQ(database.line("SELECT count(*) FROM (SELECT id FROM range(5000) UNION ALL SELECT id "
                          "FROM range(6000))"),
            "11000");
}

TEST(PassThrough, a_generator_that_fails_fails_the_query) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT explode(array(1 DIV id)) FROM range(2)"), "!DIVIDE_BY_ZERO 1:22");
}

}  // namespace
}  // namespace millrace::exec
