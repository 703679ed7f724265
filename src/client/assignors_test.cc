#include "client/detail/assignors.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> names(const std::vector<TopicPartition>& partitions) {
  std::vector<std::string> out;
  out.reserve(partitions.size());
  for (const TopicPartition& partition : partitions) {
    out.push_back(partition.to_string());
  }
  return out;
}

// The example of Kafka's RangeAssignor: two topics of three partitions, two members.
TEST(Assignors, range_gives_the_first_members_one_more_of_each_topic) {
  const auto given =
      assign_range({{.id = "c1", .topics = {"t0", "t1"}}, {.id = "c0", .topics = {"t0", "t1"}}},
                   {{"t0", 3}, {"t1", 3}});
  EXPECT_THAT(names(given.at("c0")), ElementsAre("t0-0", "t0-1", "t1-0", "t1-1"));
  EXPECT_THAT(names(given.at("c1")), ElementsAre("t0-2", "t1-2"));
}

// The example of Kafka's RoundRobinAssignor: members that read different topics.
TEST(Assignors, round_robin_passes_over_members_that_do_not_read_a_topic) {
  const auto given = assign_round_robin({{.id = "c0", .topics = {"t0"}},
                                         {.id = "c1", .topics = {"t0", "t1"}},
                                         {.id = "c2", .topics = {"t0", "t1", "t2"}}},
                                        {{"t0", 1}, {"t1", 2}, {"t2", 3}});
  EXPECT_THAT(names(given.at("c0")), ElementsAre("t0-0"));
  EXPECT_THAT(names(given.at("c1")), ElementsAre("t1-0"));
  EXPECT_THAT(names(given.at("c2")), ElementsAre("t1-1", "t2-0", "t2-1", "t2-2"));
}

TEST(Assignors, a_member_without_partitions_is_told_so) {
  const auto given =
      assign_range({{.id = "a", .topics = {"t"}}, {.id = "b", .topics = {"t"}}}, {{"t", 1}});
  EXPECT_THAT(names(given.at("a")), ElementsAre("t-0"));
  EXPECT_THAT(given.at("b"), IsEmpty());
}

TEST(Assignors, static_members_come_first_by_their_instance) {
  const auto given = assign_range({{.id = "a", .topics = {"t"}},
                                   {.id = "z", .instance_id = "2", .topics = {"t"}},
                                   {.id = "y", .instance_id = "1", .topics = {"t"}}},
                                  {{"t", 2}});
  EXPECT_THAT(names(given.at("y")), ElementsAre("t-0"));
  EXPECT_THAT(names(given.at("z")), ElementsAre("t-1"));
  EXPECT_THAT(given.at("a"), IsEmpty());
}

TEST(Assignors, a_topic_that_nobody_reads_is_nobodys) {
  const auto given = assign_round_robin({{.id = "a", .topics = {"t"}}}, {{"other", 5}, {"t", 1}});
  EXPECT_THAT(names(given.at("a")), ElementsAre("t-0"));
}

}  // namespace
}  // namespace millrace::client
