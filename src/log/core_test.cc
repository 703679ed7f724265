#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

using testing::HasSubstr;

using Values = std::vector<std::string>;

TEST(Core, queue_that_is_full_refuses_at_once) {
  LogOptions options = small_options();
  options.queue_frames_max = 3;
  TestLog test(1, options);
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  int done = 0;
  int refused = 0;
  for (int i = 0; i < 5; ++i) {
    test.log->append(frame_of(tp("a"), batch_of({"x"})), [&](const Result<AppendResult>& result) {
      if (result.has_value()) {
        ++done;
      } else {
        EXPECT_EQ(result.error().code(), ErrorCode::kExhausted);
        ++refused;
      }
    });
  }
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(done, 0);
  while (test.log->step()) {
  }
  EXPECT_EQ(done, 3);
}

TEST(Core, subscribers_are_woken_once_a_group) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a", .partitions = 2}));
  int woken = 0;
  {
    const Registration registration = test.log->subscribe(tp("a", 1), [&] { ++woken; });
    for (int i = 0; i < 5; ++i) {
      test.log->append(frame_of(tp("a", 1), batch_of({"x"})),
                       [](const Result<AppendResult>& result) { EXPECT_TRUE(result.has_value()); });
    }
    while (test.log->step()) {
    }
    EXPECT_EQ(woken, 1);
    MUST(append_one(*test.log, tp("a", 0), batch_of({"x"})));
    EXPECT_EQ(woken, 1);
  }
  MUST(append_one(*test.log, tp("a", 1), batch_of({"x"})));
  EXPECT_EQ(woken, 1);
}

TEST(Core, interval_durability_answers_before_the_sync_and_shows_after_it) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.durability = Durability::kInterval;
  config.flush_ms = 50;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  MUST(append_one(*test.log, tp("a"), batch_of({"x"})));
  EXPECT_EQ(test.log->describe(tp("a"))->high_watermark, Offset(0));
  test.clock.advance_us(51'000);
  test.log->step();
  EXPECT_EQ(test.log->describe(tp("a"))->high_watermark, Offset(1));
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), (Values{"0:x"}));
}

TEST(Core, first_frame_that_is_larger_than_what_is_left_of_the_first_file_is_taken) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  const std::string large(small_options().wal_first_file_bytes - 200, 'x');
  bool answered = false;
  Frame frame;
  frame.batches.push_back({.to = tp("a"), .batch = batch_of({large})});
  test.log->append(std::move(frame), [&](const Result<AppendResult>& result) {
    answered = true;
    EXPECT_TRUE(result.has_value() && result->ok());
  });
  for (int step = 0; step < 1000 && !answered; ++step) {
    test.clock.advance_us(1000);
    test.log->step();
  }
  EXPECT_TRUE(answered);
  EXPECT_EQ(test.log->describe(tp("a"))->high_watermark, Offset(1));
}

TEST(Core, too_little_free_space_refuses_appends_and_heals_without_a_restart) {
  LogOptions options = small_options();
  options.min_free_bytes = 1 << 20;
  TestLog test(1, options);
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  MUST(append_one(*test.log, tp("a"), batch_of({"x"})));
  test.files.set_capacity(1 << 20);
  test.clock.advance_us(2'000'000);
  test.log->step();
  EXPECT_FALSE(test.log->writable());
  const Result<BatchResult> refused = append_one(*test.log, tp("a"), batch_of({"y"}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().to_string(), HasSubstr("KAFKA_STORAGE_ERROR"));
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), (Values{"0:x"}));
  MUST(test.log->delete_records(tp("a"), Offset(1)));
  test.files.set_capacity(100 << 20);
  test.clock.advance_us(2'000'000);
  test.log->step();
  EXPECT_TRUE(test.log->writable());
  MUST(append_one(*test.log, tp("a"), batch_of({"y"})));
}

}  // namespace
}  // namespace millrace::log
