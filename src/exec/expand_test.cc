#include <map>
#include <set>

#include <gtest/gtest.h>

#include "exec/detail/test_query.h"

namespace millrace::exec {
namespace {

TEST(Expand, gives_cube_what_four_group_bys_give) {
  Random random(5);
  const auto rows = random_rows(random, 5000, 3, 6);
  TestDatabase database;
  database.batch_rows = 700;
  database.table("t", "a BIGINT, b BIGINT, v BIGINT", boxed(rows));
  const std::vector<std::string> cube =
      database.sorted("SELECT a, b, count(*), sum(v), grouping_id() FROM t GROUP BY CUBE (a, b)");
  std::vector<std::string> apart;
  for (const std::string sql : {"SELECT a, b, count(*), sum(v), 0 FROM t GROUP BY a, b",
                                "SELECT a, NULL, count(*), sum(v), 1 FROM t GROUP BY a",
                                "SELECT NULL, b, count(*), sum(v), 2 FROM t GROUP BY b",
                                "SELECT NULL, NULL, count(*), sum(v), 3 FROM t"}) {
    for (std::string& row : database.rows(sql)) {
      apart.push_back(std::move(row));
    }
  }
  std::ranges::sort(apart);
  EXPECT_EQ(cube, apart);
}

// Each row is in as many windows as the naive loop finds.
TEST(Expand, gives_a_row_for_each_sliding_window_that_holds_its_time) {
  TestDatabase database;
  TestRows rows;
  std::map<std::int64_t, int> expected;
  Random random(9);
  for (int row = 0; row < 400; ++row) {
    const auto at = static_cast<std::int64_t>(random.below(600)) - 300;
    rows.push_back({data::Value(at * 1'000'000)});
    for (std::int64_t begin = -400; begin <= 400; ++begin) {
      // start 2 s, slide 7 s, duration 25 s
      const bool window = ((begin - 2) % 7 + 7) % 7 == 0;
      expected[begin] += window && begin <= at && at < begin + 25 ? 1 : 0;
    }
  }
  std::erase_if(expected, [](const auto& entry) { return entry.second == 0; });
  database.table("t", "ts TIMESTAMP", rows);
  std::vector<std::string> lines;
  lines.reserve(expected.size());
  for (const auto& [begin, count] : expected) {
    lines.push_back(std::to_string(begin) + "|" + std::to_string(count));
  }
  EXPECT_EQ(database.rows("SELECT unix_seconds(window.start), count(*) FROM t GROUP BY window(ts, "
                          "'25 seconds', '7 seconds', '2 seconds') ORDER BY 1"),
            lines);
}

TEST(MergeSessions, joins_rows_of_one_key_that_are_closer_than_the_gap) {
  Random random(3);
  TestDatabase database;
  database.batch_rows = 50;
  TestRows rows;
  std::map<std::int64_t, std::multiset<std::int64_t>> times;
  for (int row = 0; row < 300; ++row) {
    const auto key = static_cast<std::int64_t>(random.below(4));
    const auto at = static_cast<std::int64_t>(random.below(2000));
    rows.push_back({data::Value(key), data::Value(at * 1'000'000)});
    times[key].insert(at);
  }
  std::vector<std::string> expected;
  for (const auto& [key, all] : times) {
    for (auto begin = all.begin(); begin != all.end();) {
      std::int64_t end = *begin + 10;
      auto next = begin;
      int count = 0;
      for (; next != all.end() && *next <= end; ++next, ++count) {
        end = std::max(end, *next + 10);
      }
      expected.push_back(std::to_string(key) + "|" + std::to_string(*begin) + "|" +
                         std::to_string(end) + "|" + std::to_string(count));
      begin = next;
    }
  }
  database.table("t", "k BIGINT, ts TIMESTAMP", rows);
  EXPECT_EQ(database.rows("SELECT k, unix_seconds(session_window.start), "
                          "unix_seconds(session_window.end), count(*) FROM t "
                          "GROUP BY k, session_window(ts, '10 seconds') ORDER BY 1, 2"),
            expected);
}

TEST(NumberRows, counts_on_over_batches) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT count(DISTINCT n), min(n), max(n) FROM (SELECT "
                          "monotonically_increasing_id() AS n FROM range(10000) WHERE id % 2 = 0)"),
            "5000|0|4999");
}

}  // namespace
}  // namespace millrace::exec
