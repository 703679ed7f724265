#include "exec/query.h"

#include <gtest/gtest.h>

#include "exec/detail/test_query.h"
#include "expr/bind_ast.h"
#include "plan/binder.h"
#include "sql/parser.h"

namespace millrace::exec {

void TestDatabase::table(const std::string& name, std::string_view columns, TestRows rows) {
  auto relation = std::make_shared<plan::Relation>();
  relation->name = name;
  relation->kind = plan::RelationKind::kSource;
  relation->decoded = true;
  Diagnostics diagnostics;
  const auto parsed = sql::parse_schema(columns, "test.sql", diagnostics);
  relation->schema.fields =
      expr::type_of(*parsed, "test.sql", diagnostics).value_or(data::Type()).fields();
  tables_[name] = {.relation = std::move(relation), .rows = std::move(rows)};
}

plan::NodePtr TestDatabase::bind(std::string_view sql) {
  diagnostics_ = {};
  const sql::QueryPtr tree = sql::parse_query(sql, "test.sql", diagnostics_);
  plan::BindOptions bind_options;
  bind_options.file = "test.sql";
  return tree ? plan::bind_query(*tree, *this, bind_options, diagnostics_) : nullptr;
}

namespace {

TEST(Query, stops_when_the_taker_has_enough) {
  TestDatabase database;
  const plan::NodePtr query = database.bind("SELECT id FROM range(1000000000000)");
  std::size_t taken = 0;
  QueryFailure failure;
  const Result<void> done = run_query(
      query,
      database,
      {},
      [&](const data::Batch& batch) {
        taken += batch.rows;
        return false;
      },
      failure);
  EXPECT_TRUE(done);
  EXPECT_EQ(taken, data::kBatchRows);
}

TEST(Query, ends_with_an_error_when_it_is_asked_to_stop) {
  TestDatabase database;
  std::stop_source stop;
  database.options.stop = stop.get_token();
  stop.request_stop();
  EXPECT_EQ(database.line("SELECT sum(id) FROM range(1000000000000)"), "!the query was stopped");
  EXPECT_EQ(database.line("SELECT count(*) FROM range(1000000) a, range(1000000) b"),
            "!the query was stopped");
  EXPECT_EQ(database.line("SELECT id FROM range(1000000000000) ORDER BY id"),
            "!the query was stopped");
}

TEST(Query, tells_class_state_message_and_place_of_a_row_that_fails) {
  TestDatabase database;
  database.table("t", "a STRING", {{data::Value(std::string("x"))}});
  const plan::NodePtr query = database.bind("SELECT\n  CAST(a AS INT)\nFROM t");
  QueryFailure failure;
  const Result<void> done =
      run_query(query, database, {}, [](const data::Batch& /*batch*/) { return true; }, failure);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(failure.diagnostic.error_class, "CAST_INVALID_INPUT");
  EXPECT_EQ(failure.diagnostic.sqlstate, "22018");
  EXPECT_EQ(failure.diagnostic.where.line, 2);
  EXPECT_EQ(failure.diagnostic.where.column, 3);
  EXPECT_NE(failure.diagnostic.message.find("'x'"), std::string::npos);
}

TEST(Query, reads_tables_batch_by_batch) {
  TestDatabase database;
  database.batch_rows = 2;
  TestRows rows;
  for (std::int64_t row = 0; row < 5; ++row) {
    rows.push_back({data::Value(row), data::Value("r" + std::to_string(row))});
  }
  database.table("t", "id BIGINT, name STRING", rows);
  EXPECT_EQ(database.line("SELECT name, id + 1 FROM t WHERE id % 2 = 0"), "r0|1; r2|3; r4|5");
  EXPECT_EQ(database.line("SELECT count(*) FROM t"), "5");
}

TEST(Query, gives_back_the_memory_error_with_what_to_do) {
  TestDatabase database;
  database.options.memory_bytes_max = 1 << 20U;
  EXPECT_EQ(database.line("SELECT id FROM range(1000000) ORDER BY id"),
            "!the query needs more memory than it may have while sorting: limit 1 MiB; raise "
            "memory.max or select fewer rows");
}

}  // namespace
}  // namespace millrace::exec
