// Rows a second of filters and arithmetic over batches of 4,096 rows that are in the cache.
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

// a, b BIGINT; c INT with nulls; d DECIMAL(10,2); s STRING.
void add_columns(TestTable& table) {
  const data::Type bigint(data::TypeKind::kBigInt);
  data::ColumnBuilder a(bigint);
  data::ColumnBuilder b(bigint);
  data::ColumnBuilder c(data::Type(data::TypeKind::kInt));
  data::ColumnBuilder d(data::Type::decimal(10, 2));
  data::ColumnBuilder s(data::Type(data::TypeKind::kString));
  for (std::size_t i = 0; i < data::kBatchRows; ++i) {
    const auto value = static_cast<std::int64_t>(i * 2654435761U % 100'000);
    a.append(value);
    b.append(value % 977 + 1);
    if (i % 10 == 0) {
      c.append_null();
    } else {
      c.append(static_cast<std::int32_t>(value));
    }
    d.append(static_cast<Int128>(value));
    s.append_string("user-" + std::to_string(value) + "@example.org");
  }
  table.add("a", a.finish()).add("b", b.finish()).add("c", c.finish());
  table.add("d", d.finish()).add("s", s.finish());
}

void run(benchmark::State& state, const char* sql) {
  TestTable table;
  add_columns(table);
  const ExpressionPtr expression = table.bind(sql);
  const data::Selection rows = data::Selection::all(data::kBatchRows);
  for (auto _ : state) {
    Evaluation evaluation(table.context(), table.batch());
    benchmark::DoNotOptimize(evaluation.evaluate(*expression, rows));
    table.batch().errors.clear();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(data::kBatchRows));
}

void filter(benchmark::State& state, const char* sql) {
  TestTable table;
  add_columns(table);
  const ExpressionPtr expression = table.bind(sql);
  const data::Selection rows = data::Selection::all(data::kBatchRows);
  for (auto _ : state) {
    Evaluation evaluation(table.context(), table.batch());
    benchmark::DoNotOptimize(filter_rows(*expression, rows, evaluation));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(data::kBatchRows));
}

BENCHMARK_CAPTURE(run, add_bigint, "a + b");
BENCHMARK_CAPTURE(run, add_constant, "a + 1L");
BENCHMARK_CAPTURE(run, multiply_add, "a * b + a");
BENCHMARK_CAPTURE(run, add_int_with_nulls, "c + c");
BENCHMARK_CAPTURE(run, divide, "a / b");
BENCHMARK_CAPTURE(run, decimal_price, "d * 0.908");
BENCHMARK_CAPTURE(run, case_when, "CASE WHEN a > 50000 THEN b ELSE a END");
BENCHMARK_CAPTURE(run, cast_to_string, "CAST(a AS STRING)");
BENCHMARK_CAPTURE(filter, compare_constant, "a > 50000");
BENCHMARK_CAPTURE(filter, conjunction, "a > 50000 AND b % 7 = 0");
BENCHMARK_CAPTURE(filter, in_list, "a IN (1, 5, 77, 1000, 5000)");
BENCHMARK_CAPTURE(filter, like_prefix, "s LIKE 'user-1%'");
BENCHMARK_CAPTURE(filter, like_infix, "s LIKE '%99@%'");

void sum_groups(benchmark::State& state) {
  TestTable table;
  add_columns(table);
  std::vector<ExpressionPtr> args = {table.bind("a")};
  Diagnostics diagnostics;
  const auto signature = bind_aggregate("sum", args, {}, table.bind_context(), diagnostics);
  const auto sums = make_aggregator("sum", args, signature->type);
  sums->resize(1000);
  std::vector<std::uint32_t> groups;
  for (std::uint32_t i = 0; i < data::kBatchRows; ++i) {
    groups.push_back(i * 2654435761U % 1000);
  }
  const std::vector<data::ColumnPtr> columns = {table.batch().columns[0]};
  const data::Selection rows = data::Selection::all(data::kBatchRows);
  for (auto _ : state) {
    sums->update({.args = columns, .groups = groups, .rows = rows});
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(data::kBatchRows));
}

BENCHMARK(sum_groups);

}  // namespace
}  // namespace millrace::expr
