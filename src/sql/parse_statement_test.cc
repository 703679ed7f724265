#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

TEST(ParseStatement, takes_settings_and_commands) {
  const std::vector<Case> cases = {
      {"SET spark.sql.x = true"},
      {"SET spark.x=a b-c:'d' "
       ";",
       "SET spark.x = `a b-c:'d'`"},
      {"SET `a b` = `c;d`", "SET `a b` = `c;d`"},
      {"SET a =", "SET a = "},
      {"USE NAMESPACE db"},
      {"USE DATABASE db", "USE NAMESPACE db"},
      {"USE SCHEMA a.b", "USE NAMESPACE a.b"},
      {"USE CATALOG c"},
      {"USE db"},
      {"USE schema"},
      {"SHOW TABLES"},
      {"SHOW TABLES FROM a 'x*'", "SHOW TABLES IN a LIKE 'x*'"},
      {"DESC t", "DESCRIBE TABLE t"},
      {"DESCRIBE EXTENDED a.t", "DESCRIBE TABLE EXTENDED a.t"},
      {"DESCRIBE TABLE t"},
      {"EXPLAIN SELECT 1"},
      {"EXPLAIN FORMATTED FROM t"},
      {"SELECT 1"},
      {"(SELECT 1)"},
      {"WITH a AS (SELECT 1) SELECT 2"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(canonical(each.text), each.expected());
  }
}

TEST(ParseStatement, names_the_plan_of_what_spark_refuses) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"INSERT INTO t VALUES (1)", "InsertIntoStatement"},
      {"DELETE FROM t", "DeleteFromTable"},
      {"MERGE INTO t USING s ON a WHEN MATCHED THEN DELETE", "MergeIntoTable"},
      {"DROP TABLE t", "DropTable"},
      {"CREATE SCHEMA s", "CreateNamespace"},
      {"CREATE OR REPLACE FUNCTION f(a INT) RETURN a", "CreateUserDefinedFunction"},
      {"CREATE TEMPORARY VIEW v USING kafka OPTIONS (a 'b')", "CreateTempViewUsing"},
      {"CREATE TEMPORARY VIEW v (a INT) USING kafka", "CreateTempViewUsing"},
      {"CREATE TABLE t LIKE s", "CreateTableLike"},
      {"DECLARE VARIABLE x = 1", "CreateVariable"},
      {"SET TIME ZONE LOCAL", "SetCommand"},
      {"SET VARIABLE x = 1", "SetVariable"},
      {"SHOW DATABASES", "ShowCommand"},
      {"BEGIN IF a THEN SELECT CASE WHEN b THEN c END; END IF; SELECT 2; END", "CompoundBody"},
  };
  for (const auto& [text, plan] : cases) {
    Diagnostics diagnostics;
    const ParsedScript script = parse_script(text + ";\n", "t.sql", diagnostics);
    ASSERT_EQ(script.statements.size(), 1U) << text << messages(diagnostics);
    const auto& unsupported = std::get<Unsupported>(script.statements[0].node);
    EXPECT_EQ(unsupported.plan, plan);
    EXPECT_EQ(unsupported.text, text);
  }
}

}  // namespace
}  // namespace millrace::sql::detail
