#include "plan/starting_offsets.h"

#include <gtest/gtest.h>

namespace millrace::plan {
namespace {

TEST(StartingOffsets, are_two_words_or_offsets_by_topic_and_partition) {
  EXPECT_EQ(parse_starting_offsets("earliest")->of("t", 3), StartingOffsets::kEarliest);
  EXPECT_EQ(parse_starting_offsets("LATEST")->of("t", 3), StartingOffsets::kLatest);
  const auto offsets =
      parse_starting_offsets(R"({"t": {"0": 23, "1": -2, "2": -1}, "u": {"0": 0}})");
  ASSERT_TRUE(offsets);
  EXPECT_EQ(offsets->of("t", 0), 23);
  EXPECT_EQ(offsets->of("t", 1), StartingOffsets::kEarliest);
  EXPECT_EQ(offsets->of("t", 2), StartingOffsets::kLatest);
  EXPECT_EQ(offsets->of("u", 0), 0);
  EXPECT_EQ(offsets->of("t", 3), std::nullopt);
  EXPECT_EQ(offsets->of("v", 0), std::nullopt);
}

TEST(StartingOffsets, refuse_every_other_text) {
  for (const char* text : {"",
                           "first",
                           "23",
                           "{}",
                           "[]",
                           R"({"t": {}})",
                           R"({"t": 5})",
                           R"({"t": {"0": -3}})",
                           R"({"t": {"0": "5"}})",
                           R"({"t": {"0": 1.5}})",
                           R"({"t": {"x": 1}})",
                           R"({"t": {"-1": 1}})",
                           R"({"t": {"0": 1, "0": 2}})",
                           R"({"t": {"0": 1}, "t": {"1": 1}})",
                           R"({"t": {"0": 99999999999999999999}})",
                           R"({"t": {"0": 1})"}) {
    EXPECT_FALSE(parse_starting_offsets(text)) << text;
  }
}

TEST(StartingOffsets, of_a_source_are_the_earliest_unless_it_says_otherwise) {
  Relation source;
  EXPECT_EQ(starting_offsets(source).of("t", 0), StartingOffsets::kEarliest);
  EXPECT_TRUE(fails_on_data_loss(source));
  source.options["StartingOffsets"].value = "latest";
  source.options["failOnDataLoss"].value = "False";
  EXPECT_EQ(starting_offsets(source).of("t", 0), StartingOffsets::kLatest);
  EXPECT_FALSE(fails_on_data_loss(source));
}

}  // namespace
}  // namespace millrace::plan
