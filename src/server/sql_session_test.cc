#include "server/sql_session.h"

#include <gtest/gtest.h>

#include "server/commands.h"
#include "server/detail/test_world.h"

namespace millrace::server {
namespace {

/// All answers, one a line, without any data directory.
std::string ask(std::string_view text, const SqlWorld& world = {}, const SqlOptions& options = {}) {
  std::string json;
  for (const SqlAnswer& answer : run_sql(world, text, options)) {
    json += (json.empty() ? "" : "\n") + answer_to_json(answer);
  }
  return json;
}

/// The rows of the first answer.
std::string rows(std::string_view text, const SqlWorld& world) {
  const std::string json = ask(text, world);
  const std::size_t at = json.find("\"rows\":");
  return at == std::string::npos ? json : json.substr(at + 7, json.size() - at - 8);
}

bool has_text(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(SqlSession, answers_without_a_data_directory) {
  EXPECT_EQ(ask("SELECT 1 AS a, 'x' AS b, NULL AS c, array(1, 2) AS d, true AS e"),
            R"({"columns":[{"name":"a","type":"int"},{"name":"b","type":"string"},)"
            R"({"name":"c","type":"void"},{"name":"d","type":"array<int>"},)"
            R"({"name":"e","type":"boolean"}],"rows":[[1,"x",null,[1,2],true]]})");
  EXPECT_TRUE(has_text(ask("SELECT sum(id) AS s FROM range(10001)"), "\"rows\":[[50005000]]"));
}

TEST(SqlSession, answers_each_statement_and_goes_on_after_one_that_fails) {
  const std::string json = ask("SELECT 1 AS a; SELECT nothing; SELECT (; SELECT 2 AS b");
  std::vector<std::string> lines;
  for (std::size_t at = 0; at <= json.size();) {
    const std::size_t end = std::min(json.find('\n', at), json.size());
    lines.push_back(json.substr(at, end - at));
    at = end + 1;
  }
  ASSERT_EQ(lines.size(), 4U) << json;
  EXPECT_TRUE(has_text(lines[0], "\"rows\":[[1]]"));
  EXPECT_TRUE(has_text(lines[1], "UNRESOLVED_COLUMN")) << lines[1];
  EXPECT_TRUE(has_text(lines[1], "\"line\":1,\"column\":23")) << lines[1];
  EXPECT_TRUE(has_text(lines[2], "PARSE_SYNTAX_ERROR")) << lines[2];
  EXPECT_TRUE(has_text(lines[3], "\"rows\":[[2]]"));
}

TEST(SqlSession, fails_a_query_whose_row_fails_with_its_class) {
  const std::string json = ask("SELECT 10 / id AS x FROM range(3)");
  EXPECT_TRUE(has_text(json, "\"class\":\"DIVIDE_BY_ZERO\"")) << json;
  EXPECT_TRUE(has_text(json, "\"sqlstate\":\"22012\"")) << json;
}

TEST(SqlSession, cuts_answers_at_the_limit_of_rows) {
  const auto answers = run_sql({}, "SELECT id FROM range(10000)", {.rows_max = 5000});
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].row_count(), 5000U);
  EXPECT_TRUE(answers[0].truncated);
}

TEST(SqlSession, refuses_a_stream_and_what_changes_something) {
  TestWorld world;
  const auto instance = world.open();
  instance->set_pipeline(world.pipeline());
  const SqlWorld sql = sql_world(*instance);
  EXPECT_TRUE(has_text(ask("SELECT * FROM STREAM people", sql), "leave STREAM out"));
  EXPECT_TRUE(has_text(ask("CREATE STREAMING TABLE t AS SELECT 1", sql), "UNSUPPORTED_FEATURE"));
  EXPECT_TRUE(has_text(ask("SELECT * FROM peeple", sql), "did you mean \\\"people\\\""));
}

TEST(SqlSession, keeps_a_temporary_view_for_the_statements_that_follow) {
  const std::string json =
      ask("CREATE TEMPORARY VIEW v AS SELECT 7 AS x; SELECT x + 1 AS y FROM v");
  EXPECT_TRUE(has_text(json, "\"rows\":[[8]]")) << json;
}

TEST(SqlSession, reads_tables_sources_and_topics_of_a_project) {
  TestWorld world;
  const auto instance = world.open();
  world.run(*instance);
  const SqlWorld sql = sql_world(*instance);
  EXPECT_EQ(rows("SELECT id, name, tags FROM named ORDER BY id", sql),
            R"([[1,"ANN",["a"]],[2,"BO",null]])");
  EXPECT_EQ(rows("SELECT count(*) FROM NAMED", sql), "[[2]]");
  EXPECT_EQ(rows("SELECT name FROM people ORDER BY name", sql), R"([["Ann"],["Bo"]])");
  EXPECT_EQ(rows("SELECT count(*), max(offset) FROM topic.people", sql), "[[3,2]]");
  EXPECT_EQ(rows("SELECT CAST(value AS STRING) FROM `named.dead_letter`", sql),
            R"([["{\"id\":\"none\",\"name\":\"Bad\"}"]])");
  EXPECT_EQ(rows("SELECT n.name FROM named n JOIN people p ON n.id = p.id WHERE p.id = 2", sql),
            R"([["BO"]])");
  MUST(instance->stop());
}

TEST(SqlSession, knows_the_tables_of_a_directory_without_its_project) {
  TestWorld world;
  {
    const auto instance = world.open();
    world.run(*instance);
    MUST(instance->stop());
  }
  const auto instance = world.open();
  const SqlWorld sql = sql_world(*instance);
  EXPECT_EQ(rows("SELECT name, tags FROM named WHERE id = 1", sql), R"([["ANN",["a"]]])");
  EXPECT_EQ(rows("SHOW TABLES", sql), R"([["default","named","false"]])");
}

TEST(SqlSession, gives_no_rows_of_a_table_that_was_never_filled) {
  TestWorld world;
  const auto instance = world.open();
  instance->set_pipeline(world.pipeline());
  EXPECT_EQ(rows("SELECT * FROM named", sql_world(*instance)), "[]");
}

TEST(SqlSession, describes_shows_and_explains) {
  TestWorld world;
  const auto instance = world.open();
  instance->set_pipeline(world.pipeline());
  const SqlWorld sql = sql_world(*instance);
  EXPECT_EQ(rows("DESCRIBE named", sql),
            R"([["id","int",""],["name","string",""],["tags","array<string>",""]])");
  EXPECT_TRUE(has_text(ask("DESCRIBE nmed", sql), "TABLE_OR_VIEW_NOT_FOUND"));
  EXPECT_EQ(rows("SHOW TABLES LIKE 'n*'", sql), R"([["default","named","false"]])");
  const std::string plan = rows("EXPLAIN SELECT id FROM named WHERE id > 1", sql);
  EXPECT_TRUE(has_text(plan, "Filter (id > 1)")) << plan;
  EXPECT_TRUE(has_text(plan, "Scan named")) << plan;
}

TEST(SqlSession, reads_files_and_infers_their_columns) {
  TestWorld world;
  world.write("more/a.json", "{\"b\":1}\n\n{\"b\":2.5,\"a\":\"x\"}\n");
  world.write("more/b.json", "{\"b\":null}\r\nno json\n");
  world.write("more/c.csv", "1,x\n2,\"y,z\"\n");
  world.write("more/d.txt", "one\ntwo");
  SqlWorld sql;
  sql.files = &world.files();
  sql.folder = world.folder() + "/more";
  EXPECT_EQ(
      ask("SELECT * FROM json.`*.json`", sql),
      R"({"columns":[{"name":"_corrupt_record","type":"string"},{"name":"a","type":"string"},)"
      R"({"name":"b","type":"double"}],"rows":[[null,null,1.0],[null,"x",2.5],)"
      R"([null,null,null],["no json",null,null]]})");
  EXPECT_EQ(rows("SELECT * FROM csv.`c.csv`", sql), R"([["1","x"],["2","y,z"]])");
  EXPECT_EQ(rows("SELECT count(*), max(value) FROM text.`d.txt`", sql), R"([[2,"two"]])");
  EXPECT_TRUE(has_text(ask("SELECT * FROM json.`none.json`", sql), "PATH_NOT_FOUND"));
  EXPECT_TRUE(has_text(ask("SELECT * FROM json.`a.json`"), "millrace sql"));
}

TEST(SqlSession, reads_files_that_are_larger_than_a_block) {
  TestWorld world;
  std::string text;
  for (int row = 0; row < 200'000; ++row) {
    text += "{\"n\":" + std::to_string(row) + ",\"t\":\"some text to fill the line\"}\n";
  }
  world.write("big.json", text);
  SqlWorld sql;
  sql.files = &world.files();
  sql.folder = world.folder();
  EXPECT_EQ(rows("SELECT count(*), sum(n) FROM json.`big.json`", sql), "[[200000,19999900000]]");
}

TEST(SqlSession, stops_when_it_is_told_to) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(has_text(ask("SELECT count(*) FROM range(100000000)", {}, {.stop = stop.get_token()}),
                       "QUERY_CANCELLED"));
}

}  // namespace
}  // namespace millrace::server
