#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

std::int64_t distinct(std::int64_t count, const std::string& error) {
  TestTable table;
  table.column("x", "BIGINT", {"0"});
  std::vector<ExpressionPtr> args = {table.bind("x"), table.bind(error)};
  Diagnostics diagnostics;
  const auto signature =
      bind_aggregate("approx_count_distinct", args, {}, table.bind_context(), diagnostics);
  const auto sketch = make_aggregator("approx_count_distinct", args, signature->type);
  sketch->resize(1);
  for (std::int64_t begin = 0; begin < count; begin += 1000) {
    data::ColumnBuilder builder{data::Type(data::TypeKind::kBigInt)};
    for (std::int64_t value = begin; value < std::min(count, begin + 1000); ++value) {
      builder.append(value);
    }
    const std::vector<data::ColumnPtr> columns = {builder.finish()};
    const std::vector<std::uint32_t> groups(columns[0]->size(), 0);
    const data::Selection rows = data::Selection::all(columns[0]->size());
    sketch->update({.args = columns, .groups = groups, .rows = rows});
  }
  std::vector<AggregateError> errors;
  return sketch->finish(std::vector<std::uint32_t>{0}, errors)->get<std::int64_t>(0);
}

TEST(AggregateSketch, counts_as_spark_while_registers_are_empty) {
  EXPECT_EQ(distinct(3, "0.05"), 3);
  EXPECT_EQ(distinct(5000, "0.01"), 4957);
  // Beyond the threshold of HLL++ (400), below 2.5 times the registers: contracts aggregate-011.
  EXPECT_EQ(distinct(1000, "0.05"), 1026);
}

TEST(AggregateSketch, stays_within_three_times_the_error_asked_for) {
  for (const std::int64_t count : {500, 1000, 2000, 5000, 20000}) {
    EXPECT_NEAR(static_cast<double>(distinct(count, "0.05")),
                static_cast<double>(count),
                0.15 * static_cast<double>(count));
  }
}

}  // namespace
}  // namespace millrace::expr
