#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

// The examples of Spark's function documentation, but where a comment says otherwise.
TEST(CsvFunctions, read_a_record) {
  TestTable table;
  EXPECT_EQ(table.run("from_csv('1, 0.8', 'a INT, b DOUBLE')"), "{1, 0.8}");
  EXPECT_EQ(table.run("from_csv('26/08/2015', 'time Timestamp', "
                      "map('timestampFormat', 'dd/MM/yyyy'))"),
            "{2015-08-26 00:00:00}");
  EXPECT_EQ(table.run("from_csv(CAST(NULL AS STRING), 'a INT')"), "NULL");
  EXPECT_EQ(table.run("from_csv('x;y', 'a STRING, b STRING', map('sep', ';')).b"), "y");
}

TEST(CsvFunctions, give_nulls_for_what_does_not_convert_or_fail) {
  TestTable table;
  EXPECT_EQ(table.run("from_csv('x,2', 'a INT, b INT')"), "{null, 2}");
  EXPECT_EQ(table.run("from_csv('x', 'a INT', map('mode', 'FAILFAST'))"),
            "!MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION");
  EXPECT_EQ(table.run("from_csv('x', 'a INT', map('mode', 'DROPMALFORMED'))"),
            "?PARSE_MODE_UNSUPPORTED");
  EXPECT_EQ(table.run("from_csv('x', 'a ARRAY<INT>')"), "?INVALID_PARAMETER_VALUE");
}

TEST(CsvFunctions, write_a_record) {
  TestTable table;
  EXPECT_EQ(table.run("to_csv(named_struct('a', 1, 'b', 2))"), "1,2");
  EXPECT_EQ(table.run("to_csv(named_struct('a', 'x,y', 'b', NULL, 'c', true))"), "\"x,y\",,true");
  EXPECT_EQ(table.run("to_csv(named_struct('time', to_timestamp('2015-08-26', 'yyyy-MM-dd')), "
                      "map('timestampFormat', 'dd/MM/yyyy'))"),
            "26/08/2015");
  EXPECT_EQ(table.run("to_csv(1)"), "?DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE");
}

TEST(CsvFunctions, say_the_type_of_a_record) {
  TestTable table;
  EXPECT_EQ(table.run("schema_of_csv('1,abc')"), "STRUCT<_c0: INT, _c1: STRING>");
}

}  // namespace
}  // namespace millrace::expr
