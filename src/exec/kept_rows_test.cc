#include "exec/kept_rows.h"

#include <gtest/gtest.h>

#include "exec/detail/test_query.h"

namespace millrace::exec {
namespace {

// More rows than one batch gives, from batches of another size.
TEST(KeptRows, are_given_whole_and_in_batches) {
  TestDatabase database;
  constexpr std::size_t kRows = 2 * data::kBatchRows + 1;
  database.batch_rows = 100;
  TestRows rows;
  for (std::size_t row = 0; row < kRows; ++row) {
    rows.push_back(
        {data::Value(static_cast<std::int64_t>(kRows - row)), data::Value(std::string("x"))});
  }
  database.table("t", "n INT, s STRING", std::move(rows));
  for (const char* query :
       {"SELECT n, s FROM t ORDER BY n", "SELECT n, s, row_number() OVER (ORDER BY n) FROM t"}) {
    database.batches.clear();
    const std::vector<std::string> sorted = database.rows(query);
    ASSERT_EQ(sorted.size(), kRows) << query;
    for (std::size_t row = 0; row < kRows; ++row) {
      ASSERT_TRUE(sorted[row].starts_with(std::to_string(row + 1) + "|x")) << sorted[row];
    }
    EXPECT_EQ(database.batches, (std::vector<std::size_t>{data::kBatchRows, data::kBatchRows, 1U}));
  }
}

}  // namespace
}  // namespace millrace::exec
