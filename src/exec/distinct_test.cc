#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exec/detail/test_query.h"

namespace millrace::exec {
namespace {

using testing::StartsWith;

using Bag = std::map<std::string, int>;

Bag bag_of(const std::vector<std::vector<Maybe>>& rows) {
  Bag bag;
  for (const auto& row : rows) {
    ++bag[shown(row)];
  }
  return bag;
}

// The rows of a bag operation, by counting.
template <class Count>
std::vector<std::string> counted(const Bag& left, const Bag& right, const Count& count) {
  std::vector<std::string> out;
  for (const auto& [row, times] : left) {
    const auto other = right.find(row);
    const int given = count(times, other == right.end() ? 0 : other->second);
    for (int i = 0; i < given; ++i) {
      out.push_back(row);
    }
  }
  std::ranges::sort(out);
  return out;
}

TEST(Distinct, and_the_set_operations_are_those_of_counted_rows) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Random random(seed);
    const auto left = random_rows(random, 80, 2, 5);
    const auto right = random_rows(random, 40, 2, 5);
    TestDatabase database;
    database.batch_rows = 9;
    database.table("l", "a BIGINT, b BIGINT", boxed(left));
    database.table("r", "a BIGINT, b BIGINT", boxed(right));
    const Bag l = bag_of(left);
    const Bag r = bag_of(right);
    const auto run = [&](const std::string& words) {
      return database.sorted("SELECT * FROM l " + words + " SELECT * FROM r");
    };
    EXPECT_EQ(database.sorted("SELECT DISTINCT * FROM l"),
              counted(l, r, [](int /*a*/, int /*b*/) { return 1; }));
    EXPECT_EQ(run("INTERSECT"), counted(l, r, [](int /*a*/, int b) { return b > 0 ? 1 : 0; }));
    EXPECT_EQ(run("INTERSECT ALL"), counted(l, r, [](int a, int b) { return std::min(a, b); }));
    EXPECT_EQ(run("EXCEPT"), counted(l, r, [](int /*a*/, int b) { return b > 0 ? 0 : 1; }));
    EXPECT_EQ(run("EXCEPT ALL"), counted(l, r, [](int a, int b) { return std::max(a - b, 0); }));
    Bag both = l;
    for (const auto& [row, times] : r) {
      both[row] += times;
    }
    EXPECT_EQ(run("UNION ALL"), counted(both, r, [](int a, int /*b*/) { return a; }));
    EXPECT_EQ(run("UNION"), counted(both, r, [](int /*a*/, int /*b*/) { return 1; }));
  }
}

TEST(Distinct, takes_nulls_nans_and_both_zeros_for_equal) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT DISTINCT x FROM VALUES (NULL), (NULL) AS t(x)"), "NULL");
  EXPECT_EQ(database.line("SELECT DISTINCT x FROM VALUES (DOUBLE('NaN')), (DOUBLE('NaN')) AS t(x)"),
            "NaN");
  EXPECT_EQ(database.rows("SELECT DISTINCT x FROM VALUES (0.0D), (-0.0D) AS t(x)").size(), 1U);
}

TEST(Distinct, does_not_run_neighbouring_strings_together) {
  TestDatabase database;
  EXPECT_EQ(database.rows("SELECT DISTINCT * FROM VALUES ('ab', 'c'), ('a', 'bc')").size(), 2U);
}

TEST(Distinct, works_over_many_batches) {
  TestDatabase database;
  EXPECT_EQ(database.rows("SELECT DISTINCT id % 5000 FROM range(20000)").size(), 5000U);
}

TEST(Distinct, stops_at_the_limit_of_memory) {
  TestDatabase database;
  database.options.memory_bytes_max = 100'000;
  EXPECT_THAT(database.rows("SELECT DISTINCT id FROM range(90000)").back(),
              StartsWith("!the query needs more memory than it may have while finding distinct"));
  EXPECT_THAT(database.rows("SELECT 1L EXCEPT SELECT id FROM range(90000)").back(),
              StartsWith("!the query needs more memory than it may have while comparing rows"));
  EXPECT_THAT(database.rows("SELECT id FROM range(90000) EXCEPT SELECT -1L").back(),
              StartsWith("!the query needs more memory than it may have while comparing rows"));
}

}  // namespace
}  // namespace millrace::exec
