#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fault.h"
#include "base/log_line.h"
#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

using testing::IsEmpty;

using Values = std::vector<std::string>;

std::string transactional(std::int64_t producer, std::int32_t sequence, const std::string& value) {
  return batch_of({value},
                  1'700'000'000'000,
                  {.producer_id = ProducerId(producer),
                   .producer_epoch = 0,
                   .base_sequence = sequence,
                   .transactional = true});
}

std::string transaction_marker(std::int64_t producer, record::ControlType type) {
  return record::build_marker({.type = type}, ProducerId(producer), 0, 1'700'000'000'000);
}

TEST(Recovery, everything_is_there_after_a_clean_stop) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "users", .partitions = 3}));
  Frame frame = frame_of(tp("users", 1), batch_of({"a"}));
  frame.batches.push_back({.to = tp("users", 2), .batch = batch_of({"b", "c"})});
  frame.positions = {{.name = "flow.x", .value = "17"}, {.name = "feed.y", .value = "etag"}};
  MUST(test.log->append_and_wait(std::move(frame)));
  MUST(test.close());
  MUST(test.crash_and_open());
  EXPECT_TRUE(test.log->recovery().clean);
  EXPECT_EQ(test.log->recovery().frames_replayed, 0U);
  EXPECT_EQ(MUST(read_values(*test.log, tp("users", 1))), (Values{"0:a"}));
  EXPECT_EQ(MUST(read_values(*test.log, tp("users", 2))), (Values{"0:b", "1:c"}));
  EXPECT_EQ(test.log->position("flow.x"), "17");
  EXPECT_EQ(test.log->positions("feed.").size(), 1U);
  EXPECT_EQ(test.log->topic("users")->partitions, 3);
}

TEST(Recovery, everything_acknowledged_is_there_after_a_crash) {
  TestLog test;
  MUST(test.open());
  const Uuid id = MUST(test.log->create_topic({.name = "users"})).id;
  MUST(append_one(*test.log, tp("users"), batch_of({"a"})));
  MUST(test.log->flush());
  MUST(append_one(*test.log, tp("users"), batch_of({"b"})));
  Frame frame;
  frame.positions = {{.name = "p", .value = "1"}};
  MUST(test.log->append_and_wait(std::move(frame)));
  MUST(test.crash_and_open());
  EXPECT_FALSE(test.log->recovery().clean);
  EXPECT_EQ(test.log->topic("users")->id, id);
  EXPECT_EQ(MUST(read_values(*test.log, tp("users"))), (Values{"0:a", "1:b"}));
  EXPECT_EQ(test.log->position("p"), "1");
  EXPECT_EQ(MUST(append_one(*test.log, tp("users"), batch_of({"c"}))).base_offset, Offset(2));
}

TEST(Recovery, retry_of_a_producer_gets_the_first_offset_also_after_a_crash) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  const auto batch = [](std::int32_t sequence) {
    return batch_of({"v" + std::to_string(sequence)},
                    1'700'000'000'000,
                    {.producer_id = ProducerId(9), .producer_epoch = 0, .base_sequence = sequence});
  };
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(MUST(append_one(*test.log, tp("a"), batch(i), BatchOrigin::kClient)).base_offset,
              Offset(i));
  }
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5; ++i) {
      const BatchResult again =
          MUST(append_one(*test.log, tp("a"), batch(i), BatchOrigin::kClient));
      EXPECT_TRUE(again.duplicate);
      EXPECT_EQ(again.base_offset, Offset(i));
    }
    EXPECT_FALSE(append_one(*test.log, tp("a"), batch(7), BatchOrigin::kClient).has_value());
    if (round == 1) {
      MUST(test.log->flush());
    }
    MUST(test.crash_and_open());
  }
  EXPECT_EQ(MUST(append_one(*test.log, tp("a"), batch(5), BatchOrigin::kClient)).base_offset,
            Offset(5));
}

TEST(Recovery, last_stable_offset_waits_for_the_oldest_transaction) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  for (int round = 0; round < 2; ++round) {
    const Offset start = test.log->describe(tp("a"))->high_watermark;
    MUST(append_one(*test.log, tp("a"), transactional(1, round, "one")));
    MUST(append_one(*test.log, tp("a"), transactional(2, round, "two")));
    MUST(append_one(*test.log, tp("a"), batch_of({"plain"})));
    EXPECT_EQ(test.log->describe(tp("a"))->last_stable_offset, start);
    EXPECT_EQ(test.log->describe(tp("a"))->oldest_open_transaction->producer, ProducerId(1));
    MUST(append_one(*test.log,
                    tp("a"),
                    transaction_marker(2, record::ControlType::kAbort),
                    BatchOrigin::kCoordinator));
    EXPECT_EQ(test.log->describe(tp("a"))->last_stable_offset, start);
    if (round == 0) {
      MUST(test.log->flush());
    }
    MUST(test.crash_and_open());
    EXPECT_EQ(test.log->describe(tp("a"))->last_stable_offset, start);
    MUST(append_one(*test.log,
                    tp("a"),
                    transaction_marker(1, record::ControlType::kCommit),
                    BatchOrigin::kCoordinator));
    EXPECT_EQ(test.log->describe(tp("a"))->last_stable_offset, start + 5);
    for (int again = 0; again < 2; ++again) {
      const ReadResult read = MUST(test.log->read(tp("a"), start));
      ASSERT_EQ(read.aborted.size(), 1U);
      EXPECT_EQ(read.aborted[0].producer, ProducerId(2));
      EXPECT_EQ(read.aborted[0].first_offset, start + 1);
      const ReadResult behind = MUST(test.log->read(tp("a"), start + 4));
      EXPECT_THAT(behind.aborted, IsEmpty());
      MUST(test.log->flush());
      MUST(test.crash_and_open());
    }
  }
}

// A checkpoint that fails after its segments were synced leaves one sealed that CHECKPOINT knows as
// open; its records and then its files go, and the power fails.
TEST(Recovery, segment_that_was_open_and_went_with_its_records_is_forgotten) {
  capture_log([](LogLevel, std::string_view) {});
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.segment_bytes = 3'000;
  config.index_interval_bytes = 300;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  for (int i = 0; i < 4; ++i) {
    MUST(append_one(*test.log, tp("a"), batch_of({std::string(600, 'x')})));
  }
  MUST(test.log->flush());
  MUST(append_one(*test.log, tp("a"), batch_of({std::string(1'000, 'y')})));
  arm_fault("checkpoint.rename", 1, FaultAction::kError);
  EXPECT_FALSE(test.log->flush().has_value());
  EXPECT_EQ(MUST(test.log->delete_records(tp("a"), Offset(4))), Offset(4));
  while (test.log->step()) {
  }
  MUST(test.crash_and_open());
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"), Offset(4))),
            (Values{"4:" + std::string(1'000, 'y')}));
  MUST(append_one(*test.log, tp("a"), batch_of({"z"})));
  MUST(test.log->flush());
  EXPECT_EQ(test.log->describe(tp("a"))->flushed_offset, Offset(6));
  MUST(test.crash_and_open());
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"), Offset(5))), (Values{"5:z"}));
  capture_log({});
}

}  // namespace
}  // namespace millrace::log
