#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(Aggregate, knows_functions_in_any_case) {
  EXPECT_NE(find_aggregate("SUM"), nullptr);
  EXPECT_EQ(find_aggregate("upper"), nullptr);
  EXPECT_GT(all_aggregates().size(), 50U);
}

TEST(Aggregate, refuses_a_wrong_number_of_arguments) {
  TestTable table;
  EXPECT_EQ(table.aggregate("sum", {"1", "2"}), "?WRONG_NUM_ARGS.WITHOUT_SUGGESTION");
}

TEST(Aggregate, keeps_groups_apart_and_forgets_one) {
  TestTable table;
  table.column("a", "INT", {"1", "2", "3", "4"});
  std::vector<ExpressionPtr> args = {table.bind("a")};
  Diagnostics diagnostics;
  const auto signature = bind_aggregate("sum", args, {}, table.bind_context(), diagnostics);
  const auto sums = make_aggregator("sum", args, signature->type);
  sums->resize(3);
  const std::vector<std::uint32_t> groups = {0, 2, 0, 2};
  const data::Selection rows = data::Selection::all(4);
  sums->update({.args = table.batch().columns, .groups = groups, .rows = rows});
  sums->reset(0);
  std::vector<AggregateError> errors;
  const std::vector<std::uint32_t> wanted = {2, 0, 1};
  const data::ColumnPtr result = sums->finish(wanted, errors);
  EXPECT_EQ(result->get<std::int64_t>(0), 6);
  EXPECT_TRUE(result->is_null(1));
  EXPECT_TRUE(result->is_null(2));
  EXPECT_GT(sums->memory_bytes(), 0U);
}

}  // namespace
}  // namespace millrace::expr
