#include "exec/flow_program.h"

#include <gtest/gtest.h>

#include "exec/detail/test_query.h"

namespace millrace::exec {
namespace {

using Ids = std::vector<std::int64_t>;

/// A flow over the streams a and b, both (id BIGINT). Owned by one thread.
class TestFlow final : public RejectSink {
 public:
  explicit TestFlow(std::string_view sql) {
    database_.table("a", "id BIGINT", {});
    database_.table("b", "id BIGINT", {});
    program_ = MUST(FlowProgram::build(database_.bind(sql)));
  }

  /// Pushes records with those ids at the offsets from `offset` on.
  void push(const Ids& ids, std::int64_t offset = 0, std::size_t scan = 0) {
    data::Batch batch;
    data::ColumnBuilder builder(data::Type(data::TypeKind::kBigInt), ids.size());
    auto origins = std::make_shared<data::Origins>();
    origins->source = static_cast<std::uint32_t>(scan);
    for (const std::int64_t id : ids) {
      builder.append(id);
      origins->offsets.push_back(offset++);
    }
    batch.columns.push_back(builder.finish());
    batch.rows = ids.size();
    batch.selection = data::Selection::all(ids.size());
    batch.origins = std::move(origins);
    const expr::EvalContext context;
    program_->push(
        scan, std::move(batch), {.context = context, .rejects = *this}, counts_, [&](auto out) {
          EXPECT_FALSE(out.errors.any());
          out.selection.for_each([&](std::size_t row) {
            rows_ += (rows_.empty() ? "" : "; ") + std::to_string(out.origins->offsets[row]) +
                     ": " + TestDatabase::text_of(out, row);
          });
        });
  }

  void reject(data::Batch& batch, const expr::EvalContext& context) override {
    for (const data::RowError& error : batch.errors.errors()) {
      rejected_ += (rejected_.empty() ? "" : "; ") +
                   std::to_string(batch.origins->offsets[error.row]) + ": " +
                   expr::describe_error(error, context, batch).error_class;
    }
  }

  /// "offset: columns; …"
  [[nodiscard]] const std::string& rows() const { return rows_; }

  /// "offset: CLASS; …"
  [[nodiscard]] const std::string& rejected() const { return rejected_; }

  /// "read = accepted + filtered + rejected, output"
  [[nodiscard]] std::string books() const {
    EXPECT_EQ(counts_.read, counts_.accepted + counts_.filtered + counts_.rejected);
    return std::to_string(counts_.read) + " = " + std::to_string(counts_.accepted) + " + " +
           std::to_string(counts_.filtered) + " + " + std::to_string(counts_.rejected) + ", " +
           std::to_string(counts_.output);
  }

  [[nodiscard]] const FlowCounts& counts() const { return counts_; }

  [[nodiscard]] const FlowProgram& program() const { return *program_; }

 private:
  TestDatabase database_;
  std::unique_ptr<FlowProgram> program_;
  FlowCounts counts_;
  std::string rows_;
  std::string rejected_;
};

TEST(FlowProgram, counts_each_record_as_accepted_filtered_or_rejected) {
  TestFlow flow("SELECT 12 DIV id AS x FROM STREAM a WHERE id < 5");
  flow.push({0, 1, 7, 4, 0, 9}, 10);
  EXPECT_EQ(flow.rows(), "11: 12; 13: 3");
  EXPECT_EQ(flow.rejected(), "10: DIVIDE_BY_ZERO; 14: DIVIDE_BY_ZERO");
  EXPECT_EQ(flow.books(), "6 = 2 + 2 + 2, 2");
  flow.push({2}, 16);
  EXPECT_EQ(flow.books(), "7 = 3 + 2 + 2, 3");
}

TEST(FlowProgram, rejects_records_whose_condition_fails) {
  TestFlow flow("SELECT id FROM STREAM a WHERE 12 DIV id > 3");
  flow.push({0, 1, 7});
  EXPECT_EQ(flow.rows(), "1: 1");
  EXPECT_EQ(flow.rejected(), "0: DIVIDE_BY_ZERO");
  EXPECT_EQ(flow.books(), "3 = 1 + 1 + 1, 1");
}

TEST(FlowProgram, counts_output_rows_apart_from_records) {
  TestFlow flow(
      "SELECT id, x FROM STREAM a LATERAL VIEW explode(sequence(1, id)) e AS x "
      "WHERE x <> 2");
  flow.push({3, 1, 2});
  EXPECT_EQ(flow.rows(), "0: 3|1; 0: 3|3; 1: 1|1; 2: 2|1");
  EXPECT_EQ(flow.books(), "3 = 3 + 0 + 0, 4");
}

TEST(FlowProgram, filters_a_record_that_generates_nothing) {
  TestFlow flow(
      "SELECT x FROM STREAM a LATERAL VIEW explode(slice(array(7L, 8L), 1, "
      "CAST(id AS INT))) e AS x");
  flow.push({0, 1, 2});
  EXPECT_EQ(flow.rows(), "1: 7; 2: 7; 2: 8");
  EXPECT_EQ(flow.books(), "3 = 2 + 1 + 0, 3");
}

TEST(FlowProgram, rejects_a_record_as_a_whole_when_one_of_its_rows_fails) {
  TestFlow flow(
      "SELECT id, 12 DIV (x - 3) AS y FROM STREAM a "
      "LATERAL VIEW explode(sequence(1, id)) e AS x");
  flow.push({2, 4, 1});
  EXPECT_EQ(flow.rows(), "0: 2|-6; 0: 2|-12; 2: 1|-6");
  EXPECT_EQ(flow.rejected(), "1: DIVIDE_BY_ZERO");
  EXPECT_EQ(flow.books(), "3 = 2 + 0 + 1, 3");
}

TEST(FlowProgram, rejects_a_record_whose_rows_fill_several_batches) {
  TestFlow flow(
      "SELECT 12 DIV (x - 9000) AS y FROM STREAM a "
      "LATERAL VIEW explode(sequence(1, id)) e AS x");
  flow.push({10000, 8000});
  EXPECT_EQ(flow.rejected(), "0: DIVIDE_BY_ZERO");
  EXPECT_EQ(flow.books(), "2 = 1 + 0 + 1, 8000");
}

TEST(FlowProgram, takes_the_records_of_both_streams_of_a_union) {
  TestFlow flow(
      "SELECT id, 'a' AS s FROM STREAM a WHERE id > 1 UNION ALL "
      "SELECT 6 DIV id, 'b' FROM STREAM b");
  ASSERT_EQ(flow.program().scans().size(), 2U);
  EXPECT_EQ(flow.program().scans()[0].relation->name, "a");
  EXPECT_EQ(flow.program().scans()[1].relation->name, "b");
  flow.push({1, 2}, 0, 0);
  flow.push({0, 3}, 50, 1);
  EXPECT_EQ(flow.rows(), "1: 2|a; 51: 2|b");
  EXPECT_EQ(flow.rejected(), "50: DIVIDE_BY_ZERO");
  EXPECT_EQ(flow.books(), "4 = 2 + 1 + 1, 2");
}

TEST(FlowProgram, pushes_one_stream_that_is_read_twice_along_both_paths) {
  TestFlow flow("SELECT id FROM STREAM a WHERE id > 1 UNION ALL SELECT -id FROM STREAM a");
  flow.push({1, 2}, 0, 0);
  flow.push({1, 2}, 0, 1);
  EXPECT_EQ(flow.rows(), "1: 2; 0: -1; 1: -2");
  EXPECT_EQ(flow.counts().output, 3U);
}

TEST(FlowProgram, refuses_operators_that_keep_state) {
  TestDatabase database;
  database.table("a", "id BIGINT", {});
  for (const std::string sql : {"SELECT count(*) FROM STREAM a",
                                "SELECT id FROM STREAM a ORDER BY id",
                                "SELECT DISTINCT id FROM STREAM a",
                                "SELECT id FROM STREAM a LIMIT 3",
                                "SELECT id FROM STREAM a EXCEPT SELECT id FROM a",
                                "SELECT a.id FROM STREAM a JOIN range(3) b ON a.id = b.id"}) {
    const plan::NodePtr query = database.bind(sql);
    ASSERT_TRUE(query) << sql;
    const auto program = FlowProgram::build(query);
    ASSERT_FALSE(program) << sql;
    EXPECT_EQ(program.error().code(), ErrorCode::kUnsupported);
  }
}

}  // namespace
}  // namespace millrace::exec
