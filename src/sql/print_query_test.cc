#include <gtest/gtest.h>

#include "sql/detail/round_trip.h"

namespace millrace::sql::detail {
namespace {

TEST(PrintQuery, gives_one_form_to_what_means_the_same) {
  EXPECT_EQ(canonical("select a b from t x inner join u using(k) where not(a=1)or b"),
            "SELECT a AS b FROM t AS x JOIN u USING (k) WHERE NOT a = 1 OR b");
  EXPECT_EQ(canonical("SELECT a\n-- comment\nFROM /* x */ t"), "SELECT a FROM t");
}

TEST(PrintQuery, prints_a_relation_alone) {
  Diagnostics diagnostics;
  const QueryPtr query = parse_query("FROM STREAM t WITH (a = 1) AS x", "t", diagnostics);
  ASSERT_TRUE(query);
  EXPECT_EQ(to_sql(*std::get<Select>(query->term->node).from->relations[0]),
            "STREAM t WITH ('a' = 1) AS x");
  EXPECT_EQ(to_sql(*query), "FROM STREAM t WITH ('a' = 1) AS x");
}

}  // namespace
}  // namespace millrace::sql::detail
