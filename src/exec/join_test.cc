#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exec/detail/test_query.h"

namespace millrace::exec {
namespace {

using testing::StartsWith;

// Two tables l(k, v) and r(k, w) of random integers, and joins of them by nested loops.
// Owned by one thread.
class TwoTables {
 public:
  explicit TwoTables(std::uint64_t seed) : random_(seed) {
    left_ = random_rows(random_, 60, 2, 12);
    right_ = random_rows(random_, 50, 2, 12);
    database_.table("l", "k BIGINT, v BIGINT", boxed(left_));
    database_.table("r", "k BIGINT, w BIGINT", boxed(right_));
    database_.batch_rows = 7;
  }

  TestDatabase& database() { return database_; }

  template <class Condition>
  std::vector<std::string> nested_loops(plan::JoinKind kind, const Condition& condition) const {
    using plan::JoinKind;
    std::vector<std::string> out;
    std::vector<bool> matched(right_.size());
    for (const auto& left : left_) {
      bool any = false;
      for (std::size_t row = 0; row < right_.size(); ++row) {
        if (condition(left, right_[row])) {
          any = true;
          matched[row] = true;
          if (kind != JoinKind::kLeftSemi && kind != JoinKind::kLeftAnti) {
            out.push_back(shown(left) + "|" + shown(right_[row]));
          }
        }
      }
      if (kind == JoinKind::kLeftSemi || kind == JoinKind::kLeftAnti) {
        if (any == (kind == JoinKind::kLeftSemi)) {
          out.push_back(shown(left));
        }
      } else if (!any && (kind == JoinKind::kLeft || kind == JoinKind::kFull)) {
        out.push_back(shown(left) + "|NULL|NULL");
      }
    }
    for (std::size_t row = 0; row < right_.size(); ++row) {
      if (!matched[row] && (kind == JoinKind::kRight || kind == JoinKind::kFull)) {
        out.push_back("NULL|NULL|" + shown(right_[row]));
      }
    }
    std::ranges::sort(out);
    return out;
  }

 private:
  Random random_;
  std::vector<std::vector<Maybe>> left_;
  std::vector<std::vector<Maybe>> right_;
  TestDatabase database_;
};

using Row = std::vector<Maybe>;

const std::vector<std::pair<std::string, plan::JoinKind>>& kinds() {
  using plan::JoinKind;
  static const std::vector<std::pair<std::string, JoinKind>> kAll = {
      {"INNER JOIN", JoinKind::kInner},
      {"LEFT JOIN", JoinKind::kLeft},
      {"RIGHT JOIN", JoinKind::kRight},
      {"FULL JOIN", JoinKind::kFull},
      {"LEFT SEMI JOIN", JoinKind::kLeftSemi},
      {"LEFT ANTI JOIN", JoinKind::kLeftAnti},
  };
  return kAll;
}

TEST(Join, of_equal_keys_is_that_of_nested_loops) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    TwoTables tables(seed);
    for (const auto& [words, kind] : kinds()) {
      EXPECT_EQ(tables.database().sorted("SELECT * FROM l " + words + " r ON l.k = r.k"),
                tables.nested_loops(
                    kind, [](const Row& l, const Row& r) { return l[0] && l[0] == r[0]; }))
          << words << ", seed " << seed;
    }
  }
}

TEST(Join, with_a_residual_condition_is_that_of_nested_loops) {
  for (std::uint64_t seed = 11; seed <= 20; ++seed) {
    TwoTables tables(seed);
    for (const auto& [words, kind] : kinds()) {
      EXPECT_EQ(
          tables.database().sorted("SELECT * FROM l " + words + " r ON l.k = r.k AND l.v < r.w"),
          tables.nested_loops(kind,
                              [](const Row& l, const Row& r) {
                                return l[0] && l[0] == r[0] && l[1] && r[1] && *l[1] < *r[1];
                              }))
          << words << ", seed " << seed;
    }
  }
}

TEST(Join, without_equal_keys_is_that_of_nested_loops) {
  for (std::uint64_t seed = 21; seed <= 25; ++seed) {
    TwoTables tables(seed);
    for (const auto& [words, kind] : kinds()) {
      EXPECT_EQ(tables.database().sorted("SELECT * FROM l " + words + " r ON l.v > r.w"),
                tables.nested_loops(
                    kind, [](const Row& l, const Row& r) { return l[1] && r[1] && *l[1] > *r[1]; }))
          << words << ", seed " << seed;
    }
    EXPECT_EQ(tables.database().sorted("SELECT * FROM l CROSS JOIN r"),
              tables.nested_loops(plan::JoinKind::kCross,
                                  [](const Row& /*l*/, const Row& /*r*/) { return true; }));
  }
}

TEST(Join, takes_nulls_for_equal_with_the_null_safe_operator) {
  TwoTables tables(31);
  EXPECT_EQ(tables.database().sorted("SELECT * FROM l JOIN r ON l.k <=> r.k"),
            tables.nested_loops(plan::JoinKind::kInner,
                                [](const Row& l, const Row& r) { return l[0] == r[0]; }));
}

TEST(Join, using_gives_a_shared_column_once) {
  TestDatabase database;
  const std::string tables = "(VALUES (1, 'l'), (2, 'm')) AS l(k, v) ";
  const std::string right = "JOIN (VALUES (2, 'r'), (3, 's')) AS r(k, w) USING (k) ORDER BY k";
  const auto run = [&](const std::string& kind) {
    return database.line("SELECT * FROM " + tables + kind + right);
  };
  EXPECT_EQ(run(""), "2|m|r");
  EXPECT_EQ(run("LEFT "), "1|l|NULL; 2|m|r");
  EXPECT_EQ(run("RIGHT "), "2|m|r; 3|NULL|s");
  EXPECT_EQ(run("FULL "), "1|l|NULL; 2|m|r; 3|NULL|s");
}

TEST(Join, of_not_in_gives_nothing_when_the_list_has_a_null) {
  TestDatabase database;
  const std::string from = "SELECT x FROM VALUES (1), (2), (NULL) AS t(x) WHERE x ";
  EXPECT_EQ(database.line(from + "IN (SELECT * FROM VALUES (1), (NULL))"), "1");
  EXPECT_EQ(database.line(from + "NOT IN (SELECT * FROM VALUES (1), (NULL))"), "");
  EXPECT_EQ(database.line(from + "NOT IN (SELECT * FROM VALUES (1))"), "2");
  EXPECT_EQ(database.line(from + "NOT IN (SELECT id FROM range(0))"), "1; 2; NULL");
}

TEST(Join, of_not_in_compares_rows_column_by_column) {
  TestDatabase database;
  const std::string from = "SELECT x, y FROM VALUES (1, 2), (1, NULL), (3, 4) AS t(x, y) WHERE ";
  EXPECT_EQ(database.line(from + "(x, y) NOT IN (SELECT * FROM VALUES (3, 5))"),
            "1|2; 1|NULL; 3|4");
  EXPECT_EQ(database.line(from + "(x, y) NOT IN (SELECT * FROM VALUES (1, 5))"), "1|2; 3|4");
  EXPECT_EQ(database.line(from + "(x, y) NOT IN (SELECT * FROM VALUES (1, CAST(NULL AS INT)))"),
            "3|4");
  EXPECT_EQ(database.line(from + "(x, y) IN (SELECT * FROM VALUES (1, 2), (1, NULL))"), "1|2");
}

TEST(Join, of_exists_asks_only_whether_there_are_rows) {
  TestDatabase database;
  const std::string from = "SELECT x FROM VALUES (1), (NULL) AS t(x) WHERE ";
  EXPECT_EQ(database.line(from + "EXISTS (SELECT id FROM range(3))"), "1; NULL");
  EXPECT_EQ(database.line(from + "EXISTS (SELECT id FROM range(0))"), "");
  EXPECT_EQ(database.line(from + "NOT EXISTS (SELECT id FROM range(0))"), "1; NULL");
}

TEST(Join, gives_more_rows_than_fit_into_a_batch) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT count(*), sum(a.id + b.id) FROM range(300) a, range(100) b"),
            "30000|5970000");
  database.batches.clear();
  EXPECT_EQ(
      database.rows("SELECT a.id FROM range(5000) a JOIN range(5000) b ON a.id = b.id").size(),
      5000U);
  EXPECT_LE(*std::ranges::max_element(database.batches), data::kBatchRows);
}

TEST(Join, keeps_few_pairs_of_a_large_product_at_a_time) {
  TestDatabase database;
  EXPECT_EQ(database.rows("SELECT a.id FROM range(100000) a, range(100000) b LIMIT 3").size(), 3U);
}

TEST(Join, names_the_place_of_a_condition_that_fails) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT a.id FROM range(2) a JOIN range(2) b ON 1 / b.id > a.id"),
            "!DIVIDE_BY_ZERO 1:48");
}

TEST(Join, stops_at_the_limit_of_memory) {
  TestDatabase database;
  database.options.memory_bytes_max = 100'000;
  EXPECT_THAT(database.line("SELECT count(*) FROM range(9) a JOIN range(90000) b ON a.id = b.id"),
              StartsWith("!the query needs more memory than it may have while joining"));
}

}  // namespace
}  // namespace millrace::exec
