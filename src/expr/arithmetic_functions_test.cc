#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(ArithmeticFunctions, fails_rows_that_overflow_and_no_others) {
  TestTable table;
  table.column("a", "INT", {"1", "2147483647", "NULL", "-2147483648"});
  EXPECT_EQ(table.run("a + 1"), "2 | !ARITHMETIC_OVERFLOW | NULL | -2147483647");
  EXPECT_EQ(table.run("a - 1"), "0 | 2147483646 | NULL | !ARITHMETIC_OVERFLOW");
  EXPECT_EQ(table.run("a * 2"), "2 | !ARITHMETIC_OVERFLOW | NULL | !ARITHMETIC_OVERFLOW");
  EXPECT_EQ(table.run("-a"), "-1 | -2147483647 | NULL | !ARITHMETIC_OVERFLOW");
  EXPECT_EQ(table.run("try_add(a, 1)"), "2 | NULL | NULL | -2147483647");
}

TEST(ArithmeticFunctions, checks_small_integers_as_such) {
  TestTable table;
  table.column("a", "TINYINT", {"127"});
  EXPECT_EQ(table.run("a + 1Y"), "!BINARY_ARITHMETIC_OVERFLOW");
  EXPECT_EQ(table.run("a + 1"), "128");
}

TEST(ArithmeticFunctions, divides) {
  TestTable table;
  table.column("a", "INT", {"7", "-7", "0", "NULL"});
  EXPECT_EQ(table.run("a / 2"), "3.5 | -3.5 | 0.0 | NULL");
  EXPECT_EQ(table.run("a div 2"), "3 | -3 | 0 | NULL");
  EXPECT_EQ(table.run("a % 3"), "1 | -1 | 0 | NULL");
  EXPECT_EQ(table.run("pmod(a, 3)"), "1 | 2 | 0 | NULL");
  EXPECT_EQ(table.run("1 / a"),
            "0.14285714285714285 | -0.14285714285714285 | !DIVIDE_BY_ZERO | NULL");
  EXPECT_EQ(table.run("1 % a"), "1 | 1 | !REMAINDER_BY_ZERO | NULL");
  EXPECT_EQ(table.run("try_divide(1, a)"),
            "0.14285714285714285 | -0.14285714285714285 | NULL | NULL");
}

TEST(ArithmeticFunctions, leaves_errors_of_arguments_of_try_functions) {
  TestTable table;
  table.column("a", "INT", {"0"});
  EXPECT_EQ(table.run("try_add(1 / a, 1)"), "!DIVIDE_BY_ZERO");
}

TEST(ArithmeticFunctions, takes_texts_as_numbers) {
  TestTable table;
  EXPECT_EQ(table.type("'7' + 1"), "bigint");
  EXPECT_EQ(table.type("'7' + 1.5"), "double");
  EXPECT_EQ(table.type("'1' + '2'"), "double");
  EXPECT_EQ(table.run("true + 1"), "?DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES");
}

TEST(ArithmeticFunctions, agrees_with_a_naive_loop_dense_and_sparse) {
  TestTable table;
  std::vector<std::string> cells;
  cells.reserve(200);
  for (int i = 0; i < 200; ++i) {
    cells.push_back(i % 7 == 0 ? "NULL" : std::to_string(i * 20000001LL % 2147483647));
  }
  table.column("a", "INT", cells).column("b", "INT", {cells.rbegin(), cells.rend()});
  const ExpressionPtr sum = table.bind("a + b");
  std::string naive;
  std::vector<data::RowIndex> every;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    every.push_back(static_cast<data::RowIndex>(i));
    const std::string& other = cells[cells.size() - 1 - i];
    naive += i == 0 ? "" : " | ";
    if (cells[i] == "NULL" || other == "NULL") {
      naive += "NULL";
    } else {
      const long long value = std::stoll(cells[i]) + std::stoll(other);
      naive += value > 2147483647 ? "!ARITHMETIC_OVERFLOW" : std::to_string(value);
    }
  }
  EXPECT_EQ(table.run(*sum, data::Selection::all(cells.size())), naive);
  EXPECT_EQ(table.run(*sum, data::Selection(every)), naive);
}

}  // namespace
}  // namespace millrace::expr
