#include "cli/kafka_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/kafka_topics.h"

namespace millrace::cli {
namespace {

using client::TopicPartition;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(ResetText, a_topic_may_name_its_partitions) {
  EXPECT_TRUE(MUST(parse_topic_choice("users")).partitions.empty());
  const TopicChoice choice = MUST(parse_topic_choice("users:0, 2"));
  EXPECT_EQ(choice.topic, "users");
  EXPECT_THAT(choice.partitions, ElementsAre(PartitionId(0), PartitionId(2)));
  for (const std::string_view text : {"", ":1", "users:", "users:x", "users:-1", "users:1,"}) {
    EXPECT_FALSE(parse_topic_choice(text)) << text;
  }
}

TEST(ResetText, offsets_are_read_as_kafkas_tools_export_them) {
  const TopicPartition first{.topic = "t", .partition = PartitionId(0)};
  const TopicPartition second{.topic = "t,u", .partition = PartitionId(1)};
  EXPECT_THAT(MUST(parse_offsets_csv("t,0,5\n\n\"t,u\", 1 ,7\r\n", "g")),
              ElementsAre(Pair(first, Offset(5)), Pair(second, Offset(7))));
  EXPECT_THAT(MUST(parse_offsets_csv("topic,partition,offset\nt,0,5", "g")),
              ElementsAre(Pair(first, Offset(5))));
  EXPECT_THAT(MUST(parse_offsets_csv("\"g\",\"t\",0,5\n\"h\",\"t\",0,6\n", "g")),
              ElementsAre(Pair(first, Offset(5))));
}

TEST(ResetText, a_line_that_is_wrong_is_named) {
  for (const std::string_view text : {"t,0,5\nt,0", "t,0,5\nt,x,1", "t,0,5\nt,0,-1", "t,0,5\n,,"}) {
    const auto offsets = parse_offsets_csv(text, "g");
    ASSERT_FALSE(offsets) << text;
    EXPECT_THAT(offsets.error().message(), HasSubstr("line 2: expected topic,partition,offset"));
  }
}

TEST(ResetText, a_time_is_utc_unless_it_says_otherwise) {
  EXPECT_EQ(MUST(parse_reset_time("1970-01-01T00:00:01")), 1'000);
  EXPECT_EQ(MUST(parse_reset_time("1970-01-01T01:00:01.5+01:00")), 1'500);
  EXPECT_EQ(MUST(parse_reset_time("1970-01-02")), 86'400'000);
  EXPECT_FALSE(parse_reset_time("yesterday at noon"));
}

TEST(ResetText, a_duration_is_javas_or_ours) {
  EXPECT_EQ(MUST(parse_reset_duration("PT1H30M")), 5'400'000);
  EXPECT_EQ(MUST(parse_reset_duration("P1DT1S")), 86'401'000);
  EXPECT_EQ(MUST(parse_reset_duration("90 min")), 5'400'000);
  for (const std::string_view text : {"P", "PT", "P1", "PT1D", "P1H", "PT1", "5", "-1h", "P1DT"}) {
    EXPECT_FALSE(parse_reset_duration(text)) << text;
  }
}

TEST(ConfigPairs, are_name_and_value) {
  const std::string good[] = {"a=1", "b=x=y", "c="};
  EXPECT_THAT(MUST(parse_config_pairs(good)),
              ElementsAre(Pair("a", "1"), Pair("b", "x=y"), Pair("c", "")));
  const std::string twice[] = {"a=1", "a=2"};
  EXPECT_FALSE(parse_config_pairs(twice));
  const std::string none[] = {"a"};
  EXPECT_FALSE(parse_config_pairs(none));
}

}  // namespace
}  // namespace millrace::cli
