#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

TEST(Housekeeping, retention_removes_old_segments_but_not_what_is_held) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.segment_bytes = 1'024;
  config.retention_ms = 10'000;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  for (int i = 0; i < 50; ++i) {
    MUST(append_one(*test.log, tp("a"), batch_of({std::string(200, 'x')}, test.clock.wall_ms())));
    test.clock.advance_us(1'000'000);
  }
  MUST(test.log->flush());
  test.log->hold("flow", tp("a"), Offset(10));
  MUST(test.log->housekeep());
  const PartitionInfo held = test.log->describe(tp("a")).value();
  EXPECT_GT(held.log_start_offset, Offset(0));
  EXPECT_LE(held.log_start_offset, Offset(10));
  EXPECT_EQ(held.held_at, Offset(10));
  test.log->release_hold("flow", tp("a"));
  MUST(test.log->housekeep());
  EXPECT_GT(test.log->describe(tp("a"))->log_start_offset, Offset(30));
  EXPECT_LT(test.log->describe(tp("a"))->log_start_offset, Offset(41));
  config.retention_ms = -1;
  config.retention_bytes = 600;
  MUST(test.log->alter_config("a", config));
  MUST(test.log->housekeep());
  EXPECT_LE(test.log->describe(tp("a"))->segments, 2U);
  MUST(test.crash_and_open());
  EXPECT_EQ(test.log->describe(tp("a"))->high_watermark, Offset(50));
}

TEST(Housekeeping, hold_is_exceeded_while_twice_the_retention_is_unread) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.segment_bytes = 1'024;
  config.retention_bytes = 1'000;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  test.log->hold("flow.x", tp("a"), Offset(0));
  EXPECT_FALSE(test.log->describe(tp("a"))->hold_exceeded);
  for (int i = 0; i < 20; ++i) {
    MUST(append_one(*test.log, tp("a"), batch_of({std::string(200, 'x')})));
    if (i == 5) {
      EXPECT_FALSE(test.log->describe(tp("a"))->hold_exceeded);
      MUST(test.log->flush());
    }
  }
  PartitionInfo info = test.log->describe(tp("a")).value();
  EXPECT_TRUE(info.hold_exceeded);
  EXPECT_EQ(info.held_by, "flow.x");
  EXPECT_EQ(info.held_bytes, info.bytes);
  test.log->hold("flow.x", tp("a"), Offset(10));
  MUST(test.log->flush());
  info = test.log->describe(tp("a")).value();
  EXPECT_TRUE(info.hold_exceeded);
  EXPECT_NEAR(static_cast<double>(info.held_bytes), static_cast<double>(info.bytes) / 2, 100.0);
  test.log->hold("flow.x", tp("a"), Offset(15));
  EXPECT_FALSE(test.log->describe(tp("a"))->hold_exceeded);
  test.log->hold("flow.x", tp("a"), Offset(0));
  config.retention_hold = false;
  MUST(test.log->alter_config("a", config));
  EXPECT_FALSE(test.log->describe(tp("a"))->hold_exceeded);
}

}  // namespace
}  // namespace millrace::log
