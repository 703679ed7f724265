#include "cli/java_map_order.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

std::vector<std::string> ordered(const std::vector<std::string>& names, std::size_t capacity) {
  std::vector<std::string> out;
  for (const std::size_t index : java_map_order(names, capacity)) {
    out.push_back(names[index]);
  }
  return out;
}

TEST(JavaMapOrder, hashes_as_java_does) {
  EXPECT_EQ(java_hash(""), 0);
  EXPECT_EQ(java_hash("a"), 97);
  EXPECT_EQ(java_hash("hello"), 99162322);
  EXPECT_EQ(java_hash("polygenelubricants"), INT32_MIN);
}

TEST(JavaMapOrder, is_that_of_the_transcript_of_kafka_topics) {
  EXPECT_EQ(ordered({"kept", "orders", "placed", "users_created", "warm"}, 5),
            (std::vector<std::string>{"orders", "warm", "placed", "users_created", "kept"}));
}

TEST(JavaMapOrder, takes_twice_the_buckets_when_three_quarters_are_full) {
  const std::vector<std::string> names = {"b", "a", "r", "q"};
  // 97, 98, 113, 114: two buckets of sixteen, each its own of 128.
  EXPECT_EQ(ordered(names, 16), (std::vector<std::string>{"a", "q", "b", "r"}));
  EXPECT_EQ(ordered(names, 128), (std::vector<std::string>{"a", "b", "q", "r"}));
}

}  // namespace
}  // namespace millrace::cli
