#include <vector>

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(Evaluate, keeps_the_first_error_of_a_row_and_goes_on_with_others) {
  TestTable table;
  table.column("a", "INT", {"0", "2147483647", "1"});
  EXPECT_EQ(table.run("(1 / a) + (a + 1)"), "!DIVIDE_BY_ZERO | !ARITHMETIC_OVERFLOW | 3.0");
}

TEST(Evaluate, looks_at_selected_rows_only) {
  TestTable table;
  table.column("a", "INT", {"0", "2", "0", "4"});
  const ExpressionPtr expression = table.bind("1 / a");
  EXPECT_EQ(table.run(*expression, data::Selection(std::vector<data::RowIndex>{1, 3})),
            "0.5 | 0.25");
  EXPECT_FALSE(table.batch().errors.any());
}

TEST(Evaluate, filters_rows_that_are_true) {
  TestTable table;
  table.column("a", "INT", {"0", "2", "NULL", "4"});
  const ExpressionPtr condition = table.bind("8 / a > 2");
  Evaluation evaluation(table.context(), table.batch());
  const data::Selection rows =
      filter_rows(*condition, data::Selection::all(table.batch().rows), evaluation);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0], 1U);
  EXPECT_TRUE(table.batch().errors.failed(0));
}

TEST(Evaluate, runs_lambdas_over_more_elements_than_a_batch_holds) {
  TestTable table;
  table.column("a", "BIGINT", {"100", "0"});
  const data::Type bigint(data::TypeKind::kBigInt);
  std::vector<ExpressionPtr> args = {table.bind("a"),
                                     make_lambda_variable(0, 0, {.name = "x", .type = bigint})};
  Diagnostics diagnostics;
  const ExpressionPtr lambda =
      make_lambda(bind_call("div", {args[1], args[0]}, {}, table.bind_context(), diagnostics), 1);
  data::ColumnBuilder builder(bigint);
  std::vector<data::RowIndex> parents;
  for (std::int64_t i = 0; i < 10'000; ++i) {
    builder.append(i);
    parents.push_back(i == 9'999 ? 1 : 0);
  }
  const data::ColumnPtr elements = builder.finish();
  Evaluation evaluation(table.context(), table.batch());
  const data::ColumnPtr result =
      evaluation.evaluate_lambda(*lambda, std::span(&elements, 1), parents);
  ASSERT_EQ(result->size(), 10'000U);
  EXPECT_EQ(result->get<std::int64_t>(9'998), 99);
  EXPECT_FALSE(table.batch().errors.failed(0));
  EXPECT_TRUE(table.batch().errors.failed(1));
}

}  // namespace
}  // namespace millrace::expr
