#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

using Values = std::vector<std::string>;

TEST(Checkpoints, much_more_than_cache_and_wal_is_read_back_from_segments) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.segment_bytes = 20'000;
  config.index_interval_bytes = 500;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  Values expected;
  for (int i = 0; i < 500; ++i) {
    const std::string value = std::to_string(i) + std::string(700, 'x');
    MUST(append_one(*test.log, tp("a"), batch_of({value})));
    expected.push_back(std::to_string(i) + ":" + value);
  }
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), expected);
  MUST(test.log->flush());
  EXPECT_GT(test.log->describe(tp("a"))->segments, 15U);
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), expected);
  MUST(test.crash_and_open());
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), expected);
  for (const int at : {0, 1, 99, 250, 499}) {
    const ReadResult read = MUST(test.log->read(tp("a"), Offset(at), {.max_bytes = 1}));
    ASSERT_EQ(read.batches.size(), 1U);
    EXPECT_EQ(read.batches[0].base_offset, Offset(at));
  }
}

TEST(Checkpoints, batch_larger_than_a_wal_file_gets_a_file_of_its_own) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  const std::string large(60'000, 'L');
  MUST(append_one(*test.log, tp("a"), batch_of({"small"})));
  MUST(append_one(*test.log, tp("a"), batch_of({large})));
  MUST(append_one(*test.log, tp("a"), batch_of({"after"})));
  MUST(test.crash_and_open());
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), (Values{"0:small", "1:" + large, "2:after"}));
}

}  // namespace
}  // namespace millrace::log
