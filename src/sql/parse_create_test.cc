#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

TEST(ParseCreate, takes_datasets_and_tables) {
  const std::vector<Case> cases = {
      {"CREATE STREAMING TABLE t AS SELECT * FROM STREAM s"},
      {"CREATE STREAMING TABLE IF NOT EXISTS a.t (x INT NOT NULL COMMENT 'c', y STRUCT<z: STRING>) "
       "USING json PARTITIONED BY (x, years(y)) COMMENT 'it''s' TBLPROPERTIES ('millrace.key' = "
       "'id') AS SELECT 1"},
      {"CREATE STREAMING TABLE t CLUSTER BY (a, b) DEFAULT COLLATION UTF8_BINARY"},
      {"CREATE MATERIALIZED VIEW v AS SELECT a, count(*) FROM t GROUP BY a"},
      {"CREATE TABLE raw (a INT DEFAULT 1 + 1, b INT GENERATED ALWAYS AS (a * 2)) USING kafka "
       "OPTIONS ('subscribe' = 'x')"},
      {"CREATE TABLE s USING org.apache.spark.sql.cassandra OPTIONS ('table' = 'c') AS SELECT a "
       "FROM "
       "STREAM t"},
      {"CREATE TABLE s USING noop SELECT 1", "CREATE TABLE s USING noop AS SELECT 1"},
      {"CREATE TABLE t LOCATION '/x' OPTIONS (a = 1) USING csv",
       "CREATE TABLE t USING csv OPTIONS ('a' = 1) LOCATION '/x'"},
      {"CREATE TABLE t (CONSTRAINT c CHECK (a))",
       "ERROR: Constraints of a table are not supported; "},
      {"CREATE MATERIALIZED VIEW v", "ERROR: Syntax error at or near end of input; "},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical(each.text), each.expected());
  }
}

TEST(ParseCreate, takes_views) {
  const std::vector<Case> cases = {
      {"CREATE VIEW v AS SELECT 1"},
      {"CREATE TEMPORARY VIEW v (a COMMENT 'x', b) COMMENT 'y' TBLPROPERTIES ('k' = 'v') AS FROM "
       "t"},
      {"CREATE OR REPLACE TEMP VIEW v AS SELECT 1",
       "CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 1"},
      {"CREATE GLOBAL TEMPORARY VIEW IF NOT EXISTS v AS (SELECT 1)"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical(each.text), each.expected());
  }
}

TEST(ParseCreate, takes_flows) {
  const std::vector<Case> cases = {
      {"CREATE FLOW f COMMENT 'c' AS INSERT INTO t BY NAME SELECT * FROM STREAM(s)",
       "CREATE FLOW f COMMENT 'c' AS INSERT INTO t BY NAME SELECT * FROM STREAM s"},
      {"CREATE FLOW f AS INSERT INTO TABLE t SELECT 1", "CREATE FLOW f AS INSERT INTO t SELECT 1"},
      {"CREATE FLOW f AS INSERT OVERWRITE t PARTITION (a = 1) IF NOT EXISTS SELECT 1",
       "CREATE FLOW f AS INSERT OVERWRITE t PARTITION () IF NOT EXISTS SELECT 1"},
      {"CREATE FLOW f AS INSERT INTO t (a, b) SELECT 1",
       "CREATE FLOW f AS INSERT INTO t () SELECT 1"},
      {"CREATE FLOW f AS INSERT INTO t (SELECT 1)"},
      {"CREATE FLOW f AS AUTO CDC INTO t FROM STREAM s KEYS (a, b.c) APPLY AS DELETE WHEN op = 'd' "
       "SEQUENCE BY ts COLUMNS * EXCEPT (op) STORED AS SCD TYPE 2 TRACK HISTORY ON (x)"},
      {"CREATE FLOW f AS AUTO CDC INTO t FROM STREAM(s) x KEYS (a) STORED AS SCD TYPE 1 COLUMNS "
       "(a, "
       "b) SEQUENCE BY struct(ts, n)",
       "CREATE FLOW f AS AUTO CDC INTO t FROM STREAM s AS x KEYS (a) SEQUENCE BY struct(ts, n) "
       "COLUMNS (a, b) STORED AS SCD TYPE 1"},
      {"CREATE STREAMING TABLE t (a INT) FLOW AUTO CDC FROM STREAM s KEYS (a) SEQUENCE BY b"},
      {"CREATE FLOW f AS AUTO CDC INTO t FROM STREAM s KEYS (a) SEQUENCE BY b SEQUENCE BY c",
       "ERROR: Found duplicate clauses: SEQUENCE BY; "},
      {"CREATE FLOW f AS AUTO CDC INTO t FROM STREAM s KEYS (a) STORED AS SCD TYPE 3",
       "ERROR: Syntax error at or near '3'; "},
      {"CREATE FLOW f AS SELECT 1", "ERROR: Syntax error at or near 'SELECT'; "},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical(each.text), each.expected());
  }
}

TEST(ParseCreate, leaves_a_missing_sequence_to_the_reader_of_the_project) {
  Diagnostics diagnostics;
  const ParsedScript script =
      parse_script("CREATE FLOW f AS AUTO CDC INTO t FROM STREAM s KEYS (a)", "t.sql", diagnostics);
  ASSERT_EQ(script.statements.size(), 1U);
  const auto& flow = std::get<CreateFlow>(script.statements[0].node);
  const auto& cdc = std::get<AutoCdcFlow>(flow.body);
  EXPECT_FALSE(cdc.auto_cdc.sequence_by);
  EXPECT_TRUE(cdc.auto_cdc.source->stream);
}

}  // namespace
}  // namespace millrace::sql::detail
