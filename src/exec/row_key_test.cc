#include "exec/row_key.h"

#include <gtest/gtest.h>

#include "data/column_builder.h"
#include "exec/detail/test_query.h"

namespace millrace::exec {
namespace {

// One column of each type that is written in SQL, with the values of a VALUES list.
data::ColumnPtr column_of(const std::string& type, const std::vector<std::string>& cells) {
  std::string sql = "SELECT CAST(x AS " + type + ") FROM VALUES ";
  for (const std::string& cell : cells) {
    sql += (cell == cells.front() && sql.ends_with("VALUES ") ? "(" : ", (") + cell + ")";
  }
  TestDatabase database;
  const plan::NodePtr query = database.bind(sql + " AS t(x)");
  data::ColumnPtr column;
  QueryFailure failure;
  MUST(run_query(
      query,
      database,
      {},
      [&](const data::Batch& batch) {
        column = batch.columns[0];
        return true;
      },
      failure));
  return column;
}

std::string key(const data::ColumnPtr& column, std::size_t row) {
  std::string bytes;
  row_key(std::vector<data::ColumnPtr>{column}, row, bytes);
  return bytes;
}

TEST(RowKey, is_the_same_exactly_when_the_values_are_in_every_type) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> types = {
      {"BOOLEAN", {"true", "false", "NULL"}},
      {"TINYINT", {"1", "-1", "NULL"}},
      {"SMALLINT", {"300", "-1", "NULL"}},
      {"INT", {"70000", "-1", "NULL"}},
      {"BIGINT", {"5000000000", "-1", "NULL"}},
      {"FLOAT", {"1.5", "-1.5", "NULL"}},
      {"DOUBLE", {"1.5", "-1.5", "NULL"}},
      {"DECIMAL(38, 2)", {"1.50", "-1.5", "NULL"}},
      {"STRING", {"'a'", "''", "NULL"}},
      {"BINARY", {"'a'", "''", "NULL"}},
      {"DATE", {"'2024-01-01'", "'1960-01-01'", "NULL"}},
      {"TIMESTAMP", {"'2024-01-01 00:00:00'", "'1960-01-01 00:00:00'", "NULL"}},
      {"ARRAY<INT>", {"array(1, 2)", "array(1)", "array(1, NULL)", "NULL"}},
      {"ARRAY<STRING>", {"array('ab', 'c')", "array('a', 'bc')", "array('abc')"}},
      {"MAP<STRING, INT>", {"map('a', 1)", "map('a', 2)", "map('b', 1)", "NULL"}},
      {"STRUCT<a: INT, b: STRING>",
       {"struct(1, 'x')", "struct(1, 'y')", "struct(NULL, 'x')", "NULL"}},
  };
  for (const auto& [type, cells] : types) {
    const data::ColumnPtr left = column_of(type, cells);
    const data::ColumnPtr right = column_of(type, cells);
    for (std::size_t a = 0; a < cells.size(); ++a) {
      for (std::size_t b = 0; b < cells.size(); ++b) {
        EXPECT_EQ(key(left, a) == key(right, b), a == b)
            << type << ": " << cells[a] << " and " << cells[b];
      }
    }
  }
}

TEST(RowKey, takes_zeros_and_nans_for_equal) {
  const data::ColumnPtr zeros = column_of("DOUBLE", {"'0.0'", "'-0.0'", "'NaN'", "-DOUBLE('NaN')"});
  EXPECT_EQ(key(zeros, 0), key(zeros, 1));
  EXPECT_EQ(key(zeros, 2), key(zeros, 3));
  EXPECT_NE(key(zeros, 0), key(zeros, 2));
}

TEST(RowKey, separates_neighbouring_columns) {
  const data::ColumnPtr left = column_of("STRING", {"'ab'", "'a'"});
  const data::ColumnPtr right = column_of("STRING", {"'c'", "'bc'"});
  const std::vector<data::ColumnPtr> columns = {left, right};
  std::string first;
  std::string second;
  row_key(columns, 0, first);
  row_key(columns, 1, second);
  EXPECT_NE(first, second);
}

TEST(RowKey, knows_rows_with_a_null) {
  const std::vector<data::ColumnPtr> columns = {column_of("INT", {"1", "2"}),
                                                column_of("INT", {"1", "NULL"})};
  EXPECT_FALSE(any_null(columns, 0));
  EXPECT_TRUE(any_null(columns, 1));
}

// The fast paths give the order of boxed values.
TEST(CompareRows, is_that_of_boxed_values) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> types = {
      {"BOOLEAN", {"true", "false", "NULL"}},
      {"TINYINT", {"-1", "1", "2", "NULL"}},
      {"INT", {"-70000", "1", "70000", "NULL"}},
      {"BIGINT", {"-5000000000", "1", "5000000000", "NULL"}},
      {"FLOAT", {"-1.5", "'NaN'", "'Infinity'", "0", "NULL"}},
      {"DOUBLE", {"-1.5", "'NaN'", "'Infinity'", "0", "NULL"}},
      {"DECIMAL(38, 2)", {"-1.50", "1.05", "1.5", "NULL"}},
      {"STRING", {"'a'", "'ab'", "''", "'é'", "'z'", "NULL"}},
      {"BINARY", {"'a'", "'ab'", "'é'"}},
      {"DATE", {"'2024-01-01'", "'1960-01-01'", "NULL"}},
      {"TIMESTAMP", {"'2024-01-01 00:00:00'", "'1960-01-01 00:00:00'", "NULL"}},
      {"ARRAY<INT>", {"array(1, 2)", "array(1)", "array(1, NULL)", "NULL"}},
      {"STRUCT<a: INT, b: STRING>", {"struct(1, 'x')", "struct(1, 'y')", "NULL"}},
  };
  for (const auto& [type, cells] : types) {
    const data::ColumnPtr column = column_of(type, cells);
    for (std::size_t a = 0; a < cells.size(); ++a) {
      for (std::size_t b = 0; b < cells.size(); ++b) {
        const int fast = compare_rows(*column, a, *column, b);
        const int slow = data::compare_values(column->type(), column->value(a), column->value(b));
        EXPECT_TRUE((fast < 0) == (slow < 0) && (fast > 0) == (slow > 0))
            << type << ": " << cells[a] << " and " << cells[b];
      }
    }
  }
}

}  // namespace
}  // namespace millrace::exec
