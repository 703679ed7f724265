#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(ArithmeticDatetime, moves_dates) {
  TestTable table;
  EXPECT_EQ(table.run("DATE'2024-03-01' + 1"), "2024-03-02");
  EXPECT_EQ(table.run("1 + DATE'2024-03-01'"), "2024-03-02");
  EXPECT_EQ(table.run("DATE'2024-01-31' + INTERVAL 1 MONTH"), "2024-02-29");
  EXPECT_EQ(table.run("DATE'2024-03-01' - INTERVAL 1 DAY"), "2024-02-29");
  EXPECT_EQ(table.run("DATE'2024-03-01' + INTERVAL 1 HOUR"), "2024-03-01 01:00:00");
  EXPECT_EQ(table.type("DATE'2024-03-01' - DATE'2024-02-01'"), "interval day");
}

TEST(ArithmeticDatetime, moves_timestamps_by_local_months) {
  TestTable table;
  table.column("t", "TIMESTAMP", {"TIMESTAMP'2024-01-31 10:00:00'", "NULL"});
  EXPECT_EQ(table.run("t + INTERVAL 1 MONTH"), "2024-02-29 10:00:00 | NULL");
  EXPECT_EQ(table.run("t - INTERVAL 1 SECOND"), "2024-01-31 09:59:59 | NULL");
}

TEST(ArithmeticDatetime, scales_intervals) {
  TestTable table;
  EXPECT_EQ(table.run("INTERVAL '1' DAY * 2.5"), "INTERVAL '2 12:00:00' DAY TO SECOND");
  EXPECT_EQ(table.run("INTERVAL '1' YEAR / 2"), "INTERVAL '0-6' YEAR TO MONTH");
  EXPECT_EQ(table.run("INTERVAL 1 DAY / 0"), "!INTERVAL_DIVIDED_BY_ZERO");
}

TEST(ArithmeticDatetime, fails_beyond_the_range) {
  TestTable table;
  EXPECT_EQ(table.run("DATE'2024-01-01' + 2147483647"), "!DATETIME_OVERFLOW");
}

}  // namespace
}  // namespace millrace::expr
