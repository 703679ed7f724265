#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(CastText, reads_numbers_strictly) {
  TestTable table;
  table.column("s", "STRING", {"' 42 '", "'+7'", "'42.7'", "'1_0'", "'128'", "NULL"});
  EXPECT_EQ(table.run("CAST(s AS TINYINT)"),
            "42 | 7 | !CAST_INVALID_INPUT | !CAST_INVALID_INPUT | !CAST_INVALID_INPUT | NULL");
  EXPECT_EQ(table.run("CAST('1e3' AS DECIMAL(10,2))"),
            "1000.00 | 1000.00 | 1000.00 | 1000.00 | 1000.00 | 1000.00");
}

TEST(CastText, reads_booleans_dates_and_times) {
  TestTable table;
  EXPECT_EQ(table.run("CAST('Yes' AS BOOLEAN)"), "true");
  EXPECT_EQ(table.run("CAST('maybe' AS BOOLEAN)"), "!CAST_INVALID_INPUT");
  EXPECT_EQ(table.run("CAST('2024-3' AS DATE)"), "2024-03-01");
  EXPECT_EQ(table.run("CAST('2024-03-01T10:11:12.5+02:00' AS TIMESTAMP)"), "2024-03-01 08:11:12.5");
  EXPECT_EQ(table.run("CAST('1-2' AS INTERVAL YEAR TO MONTH)"), "INTERVAL '1-2' YEAR TO MONTH");
}

TEST(CastText, writes_as_java_does) {
  TestTable table;
  table.column("d", "DOUBLE", {"1", "1e8", "0.001", "DOUBLE('-Infinity')", "NULL"});
  EXPECT_EQ(table.run("CAST(d AS STRING)"), "1.0 | 1.0E8 | 0.001 | -Infinity | NULL");
  EXPECT_EQ(table.run("CAST(1.10 AS STRING)"), "1.10 | 1.10 | 1.10 | 1.10 | 1.10");
}

}  // namespace
}  // namespace millrace::expr
