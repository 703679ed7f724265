#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

// The examples of Spark's function documentation, and their limits.
TEST(TimeFunctions, make_a_time_of_its_fields) {
  TestTable table;
  EXPECT_EQ(table.run("make_time(6, 30, 45.887)"), "06:30:45.887");
  EXPECT_EQ(table.run("make_time(NULL, 30, 0)"), "NULL");
  EXPECT_EQ(table.run("make_time(24, 0, 0)"), "!DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION");
  EXPECT_EQ(table.run("make_time(0, 0, 60)"), "!DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION");
}

TEST(TimeFunctions, read_a_time_of_a_text) {
  TestTable table;
  EXPECT_EQ(table.run("to_time('00:12:00')"), "00:12:00");
  EXPECT_EQ(table.run("to_time('12.10.05', 'HH.mm.ss')"), "12:10:05");
  EXPECT_EQ(table.run("to_time('noon')"), "!CANNOT_PARSE_TIME");
  EXPECT_EQ(table.run("try_to_time('noon')"), "NULL");
  EXPECT_EQ(table.run("try_to_time('12:48:31 abc')"), "NULL");
}

TEST(TimeFunctions, count_and_cut_units) {
  TestTable table;
  EXPECT_EQ(table.run("time_diff('HOUR', TIME'20:30:29', TIME'21:30:28')"), "0");
  EXPECT_EQ(table.run("time_diff('HOUR', TIME'20:30:29', TIME'21:30:29')"), "1");
  EXPECT_EQ(table.run("time_diff('HOUR', TIME'20:30:29', TIME'12:00:00')"), "-8");
  EXPECT_EQ(table.run("time_trunc('HOUR', TIME'09:32:05.359')"), "09:00:00");
  EXPECT_EQ(table.run("time_trunc('MILLISECOND', TIME'09:32:05.123456')"), "09:32:05.123");
  EXPECT_EQ(table.run("time_trunc('YEAR', TIME'09:32:05')"), "!INVALID_PARAMETER_VALUE");
}

TEST(TimeFunctions, have_fields) {
  TestTable table;
  EXPECT_EQ(table.run("hour(TIME'13:59:58.9')"), "13");
  EXPECT_EQ(table.run("minute(TIME'13:59:58.9')"), "59");
  EXPECT_EQ(table.run("second(TIME'13:59:58.9')"), "58");
}

}  // namespace
}  // namespace millrace::expr
