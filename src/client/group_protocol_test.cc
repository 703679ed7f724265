#include "client/detail/group_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(GroupProtocol, an_assignment_is_read_as_it_was_written) {
  const std::vector<TopicPartition> partitions = {{.topic = "b", .partition = PartitionId(1)},
                                                  {.topic = "a", .partition = PartitionId(2)},
                                                  {.topic = "a", .partition = PartitionId(0)}};
  const auto read = MUST(decode_assignment(MUST(encode_assignment(partitions))));
  EXPECT_THAT(read, ElementsAre(partitions[2], partitions[1], partitions[0]));
}

TEST(GroupProtocol, a_subscription_is_read_as_it_was_written) {
  EXPECT_THAT(MUST(decode_subscription(MUST(encode_subscription({"b", "a"})))),
              ElementsAre("a", "b"));
}

TEST(GroupProtocol, no_bytes_are_nothing) {
  EXPECT_THAT(MUST(decode_assignment("")), IsEmpty());
  EXPECT_THAT(MUST(decode_subscription("")), IsEmpty());
}

TEST(GroupProtocol, refuses_bytes_that_are_something_else) {
  EXPECT_FALSE(decode_assignment("{\"connect\":true}"));
  EXPECT_FALSE(decode_subscription("x"));
}

}  // namespace
}  // namespace millrace::client
