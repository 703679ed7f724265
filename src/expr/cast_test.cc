#include <gtest/gtest.h>

#include "expr/testing.h"

namespace millrace::expr {
namespace {

TEST(Cast, refuses_pairs_that_need_a_function) {
  TestTable table;
  EXPECT_EQ(table.run("CAST(1 AS DATE)"), "?DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION");
  EXPECT_EQ(table.run("CAST(DATE'2024-01-01' AS INT)"),
            "?DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION");
  EXPECT_EQ(table.run("CAST(true AS TIMESTAMP)"), "?DATATYPE_MISMATCH.CAST_WITH_CONF_SUGGESTION");
  EXPECT_EQ(table.run("CAST(true AS DATE)"), "?DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION");
}

TEST(Cast, turns_only_its_own_errors_into_null_when_it_tries) {
  TestTable table;
  table.column("s", "STRING", {"'1'", "'x'", "NULL"});
  EXPECT_EQ(table.run("TRY_CAST(s AS INT)"), "1 | NULL | NULL");
  EXPECT_EQ(table.run("TRY_CAST(CAST(s AS INT) AS STRING)"), "1 | !CAST_INVALID_INPUT | NULL");
}

TEST(Cast, refuses_text_for_numbers_when_storing) {
  TestTable table;
  table.column("s", "STRING", {"'1'"});
  Diagnostics diagnostics;
  const auto store = [&](std::string_view to) {
    return bind_cast(table.bind("s"),
                     TestTable::type_named(to),
                     CastMode::kStore,
                     {},
                     table.bind_context(),
                     diagnostics);
  };
  EXPECT_EQ(store("INT"), nullptr);
  EXPECT_EQ(diagnostics.all()[0].error_class, "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST");
  EXPECT_NE(store("STRING"), nullptr);
}

TEST(Cast, knows_words_for_dates_in_constants) {
  TestTable table;
  table.context().epoch_time_us = 1'709'251'200'000'000;
  EXPECT_EQ(table.run("CAST('epoch' AS DATE)"), "1970-01-01");
  EXPECT_EQ(table.run("CAST('tomorrow' AS DATE)"), "2024-03-02");
}

}  // namespace
}  // namespace millrace::expr
