#include "cli/reset_offsets.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

TEST(ResetOffsets, reads_javas_durations) {
  EXPECT_EQ(parse_iso_duration_ms("P1D"), 86'400'000);
  EXPECT_EQ(parse_iso_duration_ms("PT2H30M"), 9'000'000);
  EXPECT_EQ(parse_iso_duration_ms("p1dt1.5s"), 86'401'500);
  EXPECT_EQ(parse_iso_duration_ms("-PT1M"), -60'000);
  EXPECT_EQ(parse_iso_duration_ms("PT-1M"), -60'000);
  for (const std::string_view text :
       {"", "P", "PT", "1D", "P1H", "PT1D", "PT1M1H", "P1DT", "PT1", "PTxS", "P1e30D"}) {
    EXPECT_FALSE(parse_iso_duration_ms(text)) << text;
  }
}

TEST(ResetOffsets, reads_plans_with_and_without_the_group) {
  const client::TopicPartition packed{.topic = "packed", .partition = PartitionId(0)};
  const client::TopicPartition orders{.topic = "orders", .partition = PartitionId(3)};
  const auto one = parse_reset_plan("packed,0,9\n\"orders\",3,7\r\n\n", "readers");
  ASSERT_TRUE(one);
  EXPECT_EQ(
      *one,
      (std::map<std::string, GroupPlan>{{"readers", {{packed, Offset(9)}, {orders, Offset(7)}}}}));
  const auto many = parse_reset_plan("a,packed,0,9\nb,orders,3,7", "");
  ASSERT_TRUE(many);
  EXPECT_EQ(many->size(), 2U);
  EXPECT_EQ(many->at("b").at(orders), Offset(7));
}

TEST(ResetOffsets, names_the_line_of_a_plan_that_is_wrong) {
  for (const auto& [text, group] : {std::pair{"packed,0", "g"},
                                    std::pair{"packed,0,9", ""},
                                    std::pair{"packed,x,9", "g"},
                                    std::pair{"packed,0,-1", "g"}}) {
    const auto plan = parse_reset_plan(std::string("a,b,0,1\n") + text, group);
    ASSERT_FALSE(plan) << text;
    EXPECT_EQ(plan.error().message().find("line 2: "), 0U) << plan.error().message();
  }
}

}  // namespace
}  // namespace millrace::cli
