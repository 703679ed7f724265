#include "cli/record_filter.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

ShownRecord filtered_record() {
  return {.topic = "users",
          .partition = 2,
          .offset = 41,
          .timestamp_ms = 1'700'000'000'000,
          .key = "k1",
          .value = R"({"id": 7, "name": "Ann"})",
          .headers = {{.key = "h", .value = "a"},
                      {.key = "h", .value = "b"},
                      {.key = "n", .value = std::nullopt}}};
}

bool passes(std::string_view condition, const ShownRecord& shown = filtered_record()) {
  Diagnostics diagnostics;
  RecordFilter filter = RecordFilter::parse(condition, 0, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors())
      << condition << ": " << format_diagnostics(diagnostics, {});
  return !diagnostics.has_errors() && filter.passes(shown);
}

std::string problem(std::string_view condition) {
  Diagnostics diagnostics;
  RecordFilter::parse(condition, 0, diagnostics);
  return diagnostics.empty() ? "" : std::string(diagnostics.all().front().message);
}

TEST(RecordFilter, without_a_condition_passes_everything) {
  RecordFilter filter;
  EXPECT_TRUE(filter.passes(filtered_record()));
}

TEST(RecordFilter, sees_every_part_of_a_record) {
  EXPECT_TRUE(passes("value LIKE '%Ann%' AND KEY = 'k1'"));
  EXPECT_FALSE(passes("value LIKE '%Bob%'"));
  EXPECT_TRUE(passes("topic = 'users' AND partition = 2 AND offset BETWEEN 40 AND 50"));
  EXPECT_TRUE(passes("get_json_object(value, '$.id') = 7"));
  EXPECT_TRUE(passes("timestamp > '2023-01-01' AND timestamp < TIMESTAMP '2023-12-31 00:00:00Z'"));
  EXPECT_TRUE(passes("headers['h'] = 'b' AND headers['n'] IS NULL AND size(headers) = 2"));
}

TEST(RecordFilter, treats_null_as_sql_does) {
  ShownRecord tombstone = filtered_record();
  tombstone.value = std::nullopt;
  tombstone.timestamp_ms = -1;
  EXPECT_FALSE(passes("value = 'x'", tombstone));
  EXPECT_FALSE(passes("value <> 'x'", tombstone));
  EXPECT_TRUE(passes("value IS NULL AND timestamp IS NULL", tombstone));
}

TEST(RecordFilter, counts_records_whose_evaluation_fails) {
  Diagnostics diagnostics;
  RecordFilter filter = RecordFilter::parse("CAST(key AS INT) > 1", 0, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors());
  EXPECT_FALSE(filter.passes(filtered_record()));
  EXPECT_FALSE(filter.passes(filtered_record()));
  ShownRecord number = filtered_record();
  number.key = "5";
  EXPECT_TRUE(filter.passes(number));
  EXPECT_EQ(filter.failed(), 2U);
  EXPECT_EQ(filter.first_failure().find("users-2@41: "), 0U);
  EXPECT_NE(filter.first_failure().find("'k1'"), std::string::npos);
}

TEST(RecordFilter, refuses_what_is_no_condition) {
  EXPECT_NE(problem("vaule = 'x'").find("vaule"), std::string::npos);
  EXPECT_EQ(problem("value"), "a condition is true or false, found STRING");
  EXPECT_EQ(problem("EXISTS (SELECT 1)"), "a condition of records has no subqueries");
  EXPECT_NE(problem("value = "), "");
  EXPECT_NE(problem("count(*) > 1"), "");
}

}  // namespace
}  // namespace millrace::cli
