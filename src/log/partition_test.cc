#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

TEST(Partition, offsets_are_found_by_timestamp) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.segment_bytes = 2'000;
  config.index_interval_bytes = 200;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  for (int i = 0; i < 100; ++i) {
    MUST(append_one(*test.log, tp("a"), batch_of({"x", "y"}, 1'000'000 + i * 10)));
    if (i == 60) {
      MUST(test.log->flush());
    }
  }
  for (int round = 0; round < 2; ++round) {
    for (const int i : {0, 1, 30, 59, 60, 61, 99}) {
      EXPECT_EQ(MUST(test.log->offset_for_timestamp(tp("a"), 1'000'000 + i * 10))->offset,
                Offset(2 * i));
      EXPECT_EQ(MUST(test.log->offset_for_timestamp(tp("a"), 1'000'000 + i * 10 - 5))->offset,
                Offset(2 * i));
    }
    EXPECT_FALSE(MUST(test.log->offset_for_timestamp(tp("a"), 1'000'991)).has_value());
    EXPECT_EQ(MUST(test.log->offset_of_max_timestamp(tp("a")))->timestamp_ms, 1'000'990);
    MUST(test.log->flush());
  }
}

TEST(Partition, reading_outside_the_range_says_so) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  MUST(append_one(*test.log, tp("a"), batch_of({"x", "y"})));
  EXPECT_EQ(MUST(test.log->read(tp("a"), Offset(3))).error, KafkaError::kOffsetOutOfRange);
  EXPECT_EQ(MUST(test.log->read(tp("a"), Offset(-1))).error, KafkaError::kOffsetOutOfRange);
  EXPECT_EQ(MUST(test.log->read(tp("b"), Offset(0))).error, KafkaError::kUnknownTopicOrPartition);
  const ReadResult at_end = MUST(test.log->read(tp("a"), Offset(2)));
  EXPECT_EQ(at_end.error, KafkaError::kNone);
  EXPECT_TRUE(at_end.batches.empty());
  // In the middle of a batch the whole of it is returned.
  const ReadResult middle = MUST(test.log->read(tp("a"), Offset(1)));
  ASSERT_EQ(middle.batches.size(), 1U);
  EXPECT_EQ(middle.batches[0].base_offset, Offset(0));
}

TEST(Partition, recent_batches_are_read_without_a_copy) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  MUST(append_one(*test.log, tp("a"), batch_of({"x"})));
  const ReadResult first = MUST(test.log->read(tp("a"), Offset(0)));
  const ReadResult second = MUST(test.log->read(tp("a"), Offset(0)));
  EXPECT_EQ(first.batches.at(0).bytes.data(), second.batches.at(0).bytes.data());
}

}  // namespace
}  // namespace millrace::log
