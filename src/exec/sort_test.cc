#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exec/detail/test_query.h"

namespace millrace::exec {
namespace {

using testing::StartsWith;

TEST(Sort, puts_nulls_where_it_is_told) {
  TestDatabase database;
  const std::string from = "SELECT x FROM VALUES (2), (NULL), (1) AS t(x) ORDER BY x ";
  EXPECT_EQ(database.line(from), "NULL; 1; 2");
  EXPECT_EQ(database.line(from + "DESC"), "2; 1; NULL");
  EXPECT_EQ(database.line(from + "NULLS LAST"), "1; 2; NULL");
  EXPECT_EQ(database.line(from + "DESC NULLS FIRST"), "NULL; 2; 1");
}

// Sorts with std::stable_sort by two keys with the words of the query.
TEST(Sort, is_that_of_a_plain_sort_with_every_choice) {
  struct Choice {
    std::string words;
    bool ascending;
    bool nulls_first;
  };

  const std::vector<Choice> choices = {{"ASC NULLS FIRST", true, true},
                                       {"ASC NULLS LAST", true, false},
                                       {"DESC NULLS FIRST", false, true},
                                       {"DESC NULLS LAST", false, false}};
  const auto before = [](const Maybe& a, const Maybe& b, const Choice& choice) {
    if (!a || !b) {
      return a.has_value() != b.has_value() && a.has_value() != choice.nulls_first;
    }
    return choice.ascending ? *a < *b : *b < *a;
  };
  Random random(5);
  const auto rows = random_rows(random, 9000, 3, 20);
  TestDatabase database;
  database.batch_rows = 1000;
  database.table("t", "a BIGINT, b BIGINT, c BIGINT", boxed(rows));
  for (const Choice& first : choices) {
    for (const Choice& second : choices) {
      auto expected = rows;
      std::ranges::stable_sort(expected, [&](const auto& l, const auto& r) {
        if (before(l[0], r[0], first) || before(r[0], l[0], first)) {
          return before(l[0], r[0], first);
        }
        return before(l[1], r[1], second);
      });
      std::vector<std::string> texts;
      texts.reserve(expected.size());
      for (const auto& row : expected) {
        texts.push_back(shown(row));
      }
      EXPECT_TRUE(database.rows("SELECT * FROM t ORDER BY a " + first.words + ", b " +
                                second.words) == texts)
          << first.words << ", " << second.words;
    }
  }
}

TEST(Sort, orders_each_type_as_spark_does) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT x FROM VALUES (DOUBLE('NaN')), (1D), (DOUBLE('-Infinity')), "
                          "(-0.0D) AS t(x) ORDER BY x"),
            "-Infinity; -0.0; 1.0; NaN");
  EXPECT_EQ(database.line("SELECT x FROM VALUES ('b'), ('A'), ('é'), ('') AS t(x) ORDER BY x"),
            "; A; b; é");
  EXPECT_EQ(database.line("SELECT x FROM VALUES (true), (false) AS t(x) ORDER BY x"),
            "false; true");
  EXPECT_EQ(database.line("SELECT x FROM VALUES (1.50), (1.05), (-2.00) AS t(x) ORDER BY x"),
            "-2.00; 1.05; 1.50");
  EXPECT_EQ(database.line(
                "SELECT x FROM VALUES (DATE'2024-02-01'), (DATE'1969-01-01') AS t(x) ORDER BY x"),
            "1969-01-01; 2024-02-01");
  EXPECT_EQ(database.line("SELECT x[1] FROM VALUES (array(1, 3)), (array(1, 2)), (array(0, 9)) "
                          "AS t(x) ORDER BY x"),
            "9; 2; 3");
}

TEST(Sort, gives_nothing_of_nothing_and_takes_selected_rows_only) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT id FROM range(0) ORDER BY id"), "");
  EXPECT_EQ(database.line("SELECT id FROM range(10000) WHERE id % 3000 = 1 ORDER BY id DESC"),
            "9001; 6001; 3001; 1");
}

TEST(Sort, names_the_place_of_a_key_that_fails) {
  TestDatabase database;
  EXPECT_EQ(database.line("SELECT id FROM range(2) ORDER BY 1 / id"), "!DIVIDE_BY_ZERO 1:34");
}

TEST(Sort, stops_at_the_limit_of_memory) {
  TestDatabase database;
  database.options.memory_bytes_max = 100'000;
  EXPECT_THAT(database.line("SELECT id FROM range(90000) ORDER BY id"),
              StartsWith("!the query needs more memory than it may have while sorting"));
}

}  // namespace
}  // namespace millrace::exec
