#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(CastDatetime, counts_seconds) {
  TestTable table;
  table.column("t", "TIMESTAMP", {"TIMESTAMP'1969-12-31 23:59:59.5'", "NULL"});
  EXPECT_EQ(table.run("CAST(t AS BIGINT)"), "-1 | NULL");
  EXPECT_EQ(table.run("CAST(t AS DOUBLE)"), "-0.5 | NULL");
  EXPECT_EQ(table.run("CAST(1709251200.1234567 AS TIMESTAMP)"),
            "2024-03-01 00:00:00.123456 | 2024-03-01 00:00:00.123456");
  EXPECT_EQ(table.run("CAST(DOUBLE('NaN') AS TIMESTAMP)"),
            "!CAST_INVALID_INPUT | !CAST_INVALID_INPUT");
}

TEST(CastDatetime, uses_the_zone_of_the_session) {
  TestTable table;
  table.column("t", "TIMESTAMP", {"TIMESTAMP'2024-03-01 23:30:00'"});
  table.context().time_zone = "Asia/Tokyo";
  EXPECT_EQ(table.run("CAST(t AS DATE)"), "2024-03-02");
  EXPECT_EQ(table.run("CAST(t AS TIMESTAMP_NTZ)"), "2024-03-02 08:30:00");
}

TEST(CastDatetime, converts_intervals_and_numbers) {
  TestTable table;
  EXPECT_EQ(table.run("CAST(INTERVAL '90' MINUTE AS INT)"), "90");
  EXPECT_EQ(table.run("CAST(3 AS INTERVAL DAY)"), "INTERVAL '3' DAY");
  EXPECT_EQ(table.run("CAST(INTERVAL '1 02:03:04' DAY TO SECOND AS INTERVAL DAY TO HOUR)"),
            "INTERVAL '1 02' DAY TO HOUR");
}

}  // namespace
}  // namespace millrace::expr
