#include "exec/stage.h"

#include <gtest/gtest.h>

#include "exec/detail/test_query.h"

namespace millrace::exec {
namespace {

// Rows 0 … count-1 in one BIGINT column, each of record 100 + row.
data::Batch numbers(std::size_t count) {
  data::Batch batch;
  data::ColumnBuilder builder(data::Type(data::TypeKind::kBigInt), count);
  auto origins = std::make_shared<data::Origins>();
  for (std::size_t row = 0; row < count; ++row) {
    builder.append(static_cast<std::int64_t>(row));
    origins->offsets.push_back(100 + static_cast<std::int64_t>(row));
  }
  batch.columns.push_back(builder.finish());
  batch.rows = count;
  batch.selection = data::Selection::all(count);
  batch.origins = std::move(origins);
  return batch;
}

// The topmost node of a query over t(id BIGINT).
plan::NodePtr bound(std::string_view sql) {
  TestDatabase database;
  database.table("t", "id BIGINT", {});
  return database.bind(sql);
}

std::vector<std::size_t> rows_of(const data::Selection& selection) {
  std::vector<std::size_t> rows;
  selection.for_each([&](std::size_t row) { rows.push_back(row); });
  return rows;
}

TEST(Stage, a_projection_marks_rows_that_fail_and_leaves_the_input) {
  const plan::NodePtr query = bound("SELECT 6 DIV id FROM t");
  data::Batch batch = numbers(4);
  const auto columns = project_columns(std::get<plan::Project>(query->op), batch, {});
  EXPECT_TRUE(batch.errors.failed(0));
  EXPECT_EQ(batch.errors.errors().size(), 1U);
  EXPECT_EQ(batch.columns[0]->get<std::int64_t>(3), 3);
  EXPECT_EQ(columns[0]->get<std::int64_t>(3), 2);
  drop_failed(batch);
  EXPECT_EQ(rows_of(batch.selection), (std::vector<std::size_t>{1, 2, 3}));
  EXPECT_FALSE(batch.errors.any());
}

TEST(Stage, a_filter_looks_at_selected_rows_only) {
  const plan::NodePtr query = bound("SELECT id FROM t WHERE 6 DIV id > 1");
  const plan::Node* node = query.get();
  while (!std::holds_alternative<plan::Filter>(node->op)) {
    node = node->inputs[0].get();
  }
  data::Batch batch = numbers(6);
  batch.selection = data::Selection(std::vector<data::RowIndex>{1, 2, 3, 5});
  const data::Selection kept = filter_batch(std::get<plan::Filter>(node->op), batch, {});
  EXPECT_EQ(rows_of(kept), (std::vector<std::size_t>{1, 2, 3}));
  EXPECT_FALSE(batch.errors.any());
}

TEST(Stage, compacting_copies_the_selected_rows) {
  data::Batch batch = numbers(6);
  batch.selection = data::Selection(std::vector<data::RowIndex>{1, 5});
  const data::Batch dense = compact(batch);
  EXPECT_EQ(dense.rows, 2U);
  EXPECT_TRUE(dense.selection.is_all());
  EXPECT_EQ(dense.columns[0]->get<std::int64_t>(1), 5);
  const data::Batch whole = compact(numbers(3));
  EXPECT_EQ(whole.rows, 3U);
}

TEST(Stage, generated_rows_know_their_record_and_their_number_in_it) {
  const plan::NodePtr query = bound(
      "SELECT id, x FROM t LATERAL VIEW explode(sequence(1, id)) e "
      "AS x");
  const plan::Node* node = query.get();
  while (!std::holds_alternative<plan::Generate>(node->op)) {
    node = node->inputs[0].get();
  }
  data::Batch batch = numbers(4);
  batch.selection = data::Selection(std::vector<data::RowIndex>{1, 3});
  std::vector<data::Batch> out;
  generate_rows(
      std::get<plan::Generate>(node->op),
      node->schema,
      batch,
      {},
      [](const data::Batch& /*failed*/) { FAIL(); },
      [&](data::Batch rows) { out.push_back(std::move(rows)); });
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].origins->offsets, (std::vector<std::int64_t>{101, 103, 103, 103}));
  EXPECT_EQ(out[0].origins->ordinals, (std::vector<std::uint32_t>{0, 0, 1, 2}));
}

}  // namespace
}  // namespace millrace::exec
