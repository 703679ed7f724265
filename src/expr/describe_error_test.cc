#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(DescribeError, names_values_and_types_of_a_cast) {
  TestTable table;
  table.column("s", "STRING", {"'1'", "'abc'"});
  EXPECT_EQ(table.message("CAST(s AS INT)"),
            "[CAST_INVALID_INPUT] The value 'abc' of the type \"STRING\" cannot be cast to "
            "\"INT\" because it is malformed. Correct the value as per the syntax, or change its "
            "target type. Use `try_cast` to tolerate malformed input and return NULL instead.");
  table.column("i", "INT", {"1", "300"});
  EXPECT_EQ(table.message("CAST(i AS TINYINT)"),
            "[CAST_OVERFLOW] The value 300 of the type \"INT\" cannot be cast to \"TINYINT\" due "
            "to an overflow. Use `try_cast` to tolerate overflow and return NULL instead.");
}

TEST(DescribeError, advises_what_to_do) {
  TestTable table;
  EXPECT_EQ(table.message("1 / 0"),
            "[DIVIDE_BY_ZERO] Division by zero. Use `try_divide` to tolerate divisor being 0 and "
            "return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to "
            "bypass this error.");
  EXPECT_EQ(table.message("2147483647 + 1"),
            "[ARITHMETIC_OVERFLOW] integer overflow. Use 'try_add' to tolerate overflow and return "
            "NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass "
            "this error.");
}

TEST(DescribeError, leaves_the_errors_of_the_batch_alone) {
  TestTable table;
  table.column("a", "INT", {"0", "0"});
  EXPECT_NE(table.message("1 / a"), "");
  EXPECT_EQ(table.batch().errors.errors().size(), 2U);
}

}  // namespace
}  // namespace millrace::expr
