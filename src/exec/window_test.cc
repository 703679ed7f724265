#include <map>

#include <gtest/gtest.h>

#include "exec/detail/test_query.h"

namespace millrace::exec {
namespace {

// A table of (p, o, v), with nulls and with rows that are equal in the order.
std::vector<std::vector<Maybe>> table_of(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  return random_rows(random, count, 3, 12);
}

// The rows of one partition in Spark's order: nulls first, the order of the table where equal.
std::map<Maybe, std::vector<std::vector<Maybe>>> partitions(
    const std::vector<std::vector<Maybe>>& rows) {
  std::map<Maybe, std::vector<std::vector<Maybe>>> all;
  for (const auto& row : rows) {
    all[row[0]].push_back(row);
  }
  for (auto& [key, members] : all) {
    std::ranges::stable_sort(members, [](const auto& a, const auto& b) { return a[1] < b[1]; });
  }
  return all;
}

std::string sum_of(const std::vector<std::vector<Maybe>>& rows, std::size_t from, std::size_t to) {
  Maybe sum;
  for (std::size_t at = from; at < to; ++at) {
    if (rows[at][2]) {
      sum = sum.value_or(0) + *rows[at][2];
    }
  }
  return shown(sum);
}

TEST(Window, is_that_of_plain_loops) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto rows = table_of(seed, 700);
    TestDatabase database;
    database.batch_rows = 100;
    database.table("t", "p BIGINT, o BIGINT, v BIGINT", boxed(rows));
    std::vector<std::string> expected;
    for (const auto& [key, members] : partitions(rows)) {
      for (std::size_t at = 0; at < members.size(); ++at) {
        std::size_t peers_begin = at;
        while (peers_begin > 0 && members[peers_begin - 1][1] == members[at][1]) {
          --peers_begin;
        }
        std::size_t peers_end = at + 1;
        while (peers_end < members.size() && members[peers_end][1] == members[at][1]) {
          ++peers_end;
        }
        std::size_t low = at < 2 ? 0 : at - 2;
        const std::size_t high = std::min(members.size(), at + 2);
        expected.push_back(shown(members[at]) + "|" + std::to_string(at + 1) + "|" +
                           std::to_string(peers_begin + 1) + "|" + sum_of(members, 0, peers_end) +
                           "|" + sum_of(members, low, high) + "|" +
                           std::to_string(members.size() - at));
      }
    }
    EXPECT_EQ(database.rows("SELECT p, o, v, row_number() OVER w, rank() OVER w, sum(v) OVER w, "
                            "sum(v) OVER (PARTITION BY p ORDER BY o ROWS BETWEEN 2 PRECEDING AND "
                            "1 FOLLOWING), count(*) OVER (PARTITION BY p ORDER BY o ROWS BETWEEN "
                            "CURRENT ROW AND UNBOUNDED FOLLOWING) FROM t "
                            "WINDOW w AS (PARTITION BY p ORDER BY o)"),
              expected);
  }
}

// RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING: by the values of the order key.
TEST(Window, reaches_values_in_a_range_frame) {
  for (const bool descending : {false, true}) {
    const auto rows = table_of(7, 300);
    TestDatabase database;
    database.table("t", "p BIGINT, o BIGINT, v BIGINT", boxed(rows));
    std::vector<std::string> expected;
    for (const auto& row : rows) {
      Maybe sum;
      for (const auto& other : rows) {
        bool in = row[0] == other[0] && row[1].has_value() == other[1].has_value();
        if (in && row[1]) {
          const std::int64_t ahead = descending ? *row[1] - *other[1] : *other[1] - *row[1];
          in = ahead >= -2 && ahead <= 1;
        }
        if (in && other[2]) {
          sum = sum.value_or(0) + *other[2];
        }
      }
      expected.push_back(shown(row) + "|" + shown(sum));
    }
    std::ranges::sort(expected);
    EXPECT_EQ(database.sorted("SELECT p, o, v, sum(v) OVER (PARTITION BY p ORDER BY o" +
                              std::string(descending ? " DESC" : "") +
                              " RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING) FROM t"),
              expected);
  }
}

TEST(Window, keeps_more_rows_than_fit_into_a_batch) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT max(n), count(*), sum(n) FROM (SELECT row_number() OVER "
                          "(ORDER BY id) AS n FROM range(10000))"),
            "10000|10000|50005000");
}

TEST(Window, over_no_rows_gives_none) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT sum(id) OVER () FROM range(0)"), "");
}

TEST(Window, fails_where_a_value_or_its_sum_fails) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT sum(10 DIV id) OVER () FROM range(2)"), "!DIVIDE_BY_ZERO 1:12");
  EXPECT_EQ(database.line("SELECT sum(9223372036854775807) OVER (ORDER BY id) FROM range(2)"),
            "!ARITHMETIC_OVERFLOW 1:12");
}

TEST(Window, needs_memory_for_its_rows) {
  TestDatabase database;
  database.options.memory_bytes_max = 10'000;
  const std::string line = database.line("SELECT rank() OVER (ORDER BY id) FROM range(10000)");
  EXPECT_NE(line.find("sorting windows"), std::string::npos) << line;
}

}  // namespace
}  // namespace millrace::exec
