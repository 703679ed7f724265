#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exec/detail/test_query.h"

namespace millrace::exec {
namespace {

using testing::StartsWith;

// What a group of rows (k, v) gives, by plain loops.
struct Group {
  std::int64_t rows = 0;
  std::int64_t values = 0;
  Maybe sum = {};
  Maybe large = {};  // Sum of the values above 10.
  std::set<std::int64_t> distinct = {};

  void add(const Maybe& value) {
    ++rows;
    if (value) {
      ++values;
      sum = sum.value_or(0) + *value;
      distinct.insert(*value);
      if (*value > 10) {
        large = large.value_or(0) + *value;
      }
    }
  }

  [[nodiscard]] Maybe distinct_sum() const {
    Maybe total;
    for (const std::int64_t value : distinct) {
      total = total.value_or(0) + value;
    }
    return total;
  }

  [[nodiscard]] std::string text() const {
    return std::to_string(rows) + "|" + std::to_string(values) + "|" + shown(sum) + "|" +
           shown(large) + "|" + std::to_string(distinct.size()) + "|" + shown(distinct_sum()) +
           "|" + shown(distinct.empty() ? Maybe() : Maybe(*distinct.begin())) + "|" +
           shown(distinct.empty() ? Maybe() : Maybe(*distinct.rbegin()));
  }
};

constexpr std::string_view kCalls =
    "count(*), count(v), sum(v), sum(v) FILTER (WHERE v > 10), count(DISTINCT v), "
    "sum(DISTINCT v), min(v), max(v)";

TEST(Aggregate, is_that_of_plain_loops) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Random random(seed);
    const auto rows = random_rows(random, 9000, 2, 30);
    TestDatabase database;
    database.batch_rows = 500;
    database.table("t", "k BIGINT, v BIGINT", boxed(rows));
    std::map<Maybe, Group> groups;
    Group whole;
    for (const auto& row : rows) {
      groups[row[0]].add(row[1]);
      whole.add(row[1]);
    }
    std::vector<std::string> expected;
    expected.reserve(groups.size());
    for (const auto& [key, group] : groups) {
      expected.push_back(shown(key) + "|" + group.text());
    }
    std::ranges::sort(expected);
    EXPECT_EQ(database.sorted("SELECT k, " + std::string(kCalls) + " FROM t GROUP BY k"), expected);
    EXPECT_EQ(database.line("SELECT " + std::string(kCalls) + " FROM t"), whole.text());
  }
}

TEST(Aggregate, over_no_rows_gives_one_row_only_without_groups) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT count(*), sum(id), min(id) FROM range(0)"), "0|NULL|NULL");
  EXPECT_EQ(database.line("SELECT id, count(*) FROM range(0) GROUP BY id"), "");
  EXPECT_EQ(database.line("SELECT count(*) FROM range(9000) WHERE id < 0"), "0");
}

TEST(Aggregate, keeps_more_groups_than_fit_into_a_batch) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT count(*), sum(n), sum(k) FROM (SELECT id % 10000 AS k, count(*) "
                          "AS n FROM range(25000) GROUP BY 1)"),
            "10000|25000|49995000");
  database.batches.clear();
  EXPECT_EQ(database.rows("SELECT id FROM range(5000) GROUP BY id").size(), 5000U);
  EXPECT_LE(*std::ranges::max_element(database.batches), data::kBatchRows);
}

TEST(Aggregate, groups_nulls_together_and_strings_apart) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT k, sum(v) FROM VALUES ('a', 1), (NULL, 2), ('', 3), (NULL, 4) "
                          "AS t(k, v) GROUP BY k ORDER BY k"),
            "NULL|6; |3; a|1");
  EXPECT_EQ(database.line("SELECT count(*) FROM VALUES ('ab', 'c'), ('a', 'bc') AS t(a, b) "
                          "GROUP BY a, b"),
            "1; 1");
}

TEST(Aggregate, counts_distinct_rows_of_several_arguments_without_nulls) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT count(DISTINCT a, b) FROM VALUES (1, 2), (1, 2), (1, NULL), "
                          "(2, 2) AS t(a, b)"),
            "2");
  EXPECT_EQ(database.line("SELECT count(DISTINCT *) FROM VALUES (1, 2), (1, 2), (2, 2) AS t(a, b)"),
            "2");
}

TEST(Aggregate, asks_the_filter_before_it_looks_at_an_argument) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT sum(6 DIV id) FILTER (WHERE id > 0) FROM range(4)"), "11");
  EXPECT_EQ(database.line("SELECT sum(6 DIV id) FROM range(4)"), "!DIVIDE_BY_ZERO 1:12");
}

TEST(Aggregate, names_the_place_of_a_sum_that_overflows) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT sum(x) FROM VALUES (9223372036854775807L), (1L) AS t(x)"),
            "!ARITHMETIC_OVERFLOW 1:12");
  EXPECT_EQ(database.line("SELECT try_sum(x) FROM VALUES (9223372036854775807L), (1L) AS t(x)"),
            "NULL");
}

TEST(Aggregate, names_the_place_of_a_group_that_fails) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT count(*) FROM range(2) GROUP BY 1 DIV id"),
            "!DIVIDE_BY_ZERO 1:40");
}

TEST(Aggregate, stops_at_the_limit_of_memory) {
  TestDatabase database;
  database.options.memory_bytes_max = 100'000;
  const std::string start = "!the query needs more memory than it may have while grouping";
  EXPECT_THAT(database.line("SELECT id, count(*) FROM range(90000) GROUP BY id"),
              StartsWith(start));
  EXPECT_THAT(database.line("SELECT count(DISTINCT id) FROM range(90000)"), StartsWith(start));
  EXPECT_THAT(database.line("SELECT collect_list(id) FROM range(90000)"), StartsWith(start));
}

}  // namespace
}  // namespace millrace::exec
