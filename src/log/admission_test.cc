#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/detail/test_log.h"

namespace millrace::log {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

using Values = std::vector<std::string>;

std::string marker(std::int64_t producer, record::ControlType type) {
  return record::build_marker({.type = type}, ProducerId(producer), 0, 1'700'000'000'000);
}

TEST(Admission, client_batches_are_checked) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.max_message_bytes = 1000;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  MUST(test.log->create_topic({.name = "c", .config = TopicConfig::compacted()}));
  const auto error_of = [&](const std::string& topic, std::string batch) {
    KafkaError error = KafkaError::kNone;
    Frame frame = frame_of(tp(topic), std::move(batch), BatchOrigin::kClient);
    test.log->append(std::move(frame), [&](Result<AppendResult> result) {
      error = MUST(std::move(result)).batches.at(0).error;
    });
    while (test.log->step()) {
    }
    return error;
  };
  std::string broken = batch_of({"x"});
  broken.back() = 'y';
  EXPECT_EQ(error_of("a", broken), KafkaError::kCorruptMessage);
  EXPECT_EQ(error_of("a", batch_of({std::string(2000, 'x')})), KafkaError::kMessageTooLarge);
  EXPECT_EQ(error_of("a", batch_of({"x"}, 1'900'000'000'000)), KafkaError::kInvalidTimestamp);
  EXPECT_EQ(error_of("a", marker(1, record::ControlType::kAbort)), KafkaError::kInvalidRecord);
  EXPECT_EQ(error_of("a", batch_of({"x"}) + batch_of({"y"})), KafkaError::kCorruptMessage);
  EXPECT_EQ(error_of("c", batch_of({"x"})), KafkaError::kInvalidRecord);
  EXPECT_EQ(error_of("c", keyed_batch({{"k", "v"}})), KafkaError::kNone);
  EXPECT_EQ(error_of("a", batch_of({"x"})), KafkaError::kNone);
}

TEST(Admission, small_and_large_frames_survive_a_crash_with_their_positions) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a", .partitions = 2}));
  std::vector<std::string> expected;
  for (const std::size_t size : {10U, 20'000U, 300U, 100'000U}) {
    std::string batch = batch_of({std::string(size, 'x')});
    Frame frame{.positions = {{.name = "p." + std::to_string(size), .value = "v"}},
                .atomicity = Atomicity::kEach};
    frame.batches.push_back({.to = tp("a"), .origin = BatchOrigin::kClient, .borrowed = batch});
    frame.batches.push_back({.to = tp("none"), .batch = batch});
    frame.batches.push_back({.to = tp("a", 1), .batch = batch});
    test.log->append(std::move(frame), [](const Result<AppendResult>& result) {
      ASSERT_TRUE(result.has_value());
      const std::vector<BatchResult>& batches = result->batches;
      EXPECT_EQ(batches.at(0).error, KafkaError::kNone);
      EXPECT_EQ(batches.at(1).error, KafkaError::kUnknownTopicOrPartition);
      EXPECT_EQ(batches.at(2).error, KafkaError::kNone);
    });
    batch.assign(batch.size(), '?');  // It was borrowed for the call only.
    expected.push_back(std::to_string(expected.size()) + ":" + std::string(size, 'x'));
  }
  while (test.log->step()) {
  }
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), expected);
  MUST(test.crash_and_open());
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), expected);
  EXPECT_EQ(MUST(read_values(*test.log, tp("a", 1))), expected);
  EXPECT_EQ(test.log->positions("p.").size(), 4);
}

TEST(Admission, topic_can_choose_codec_and_time) {
  TestLog test;
  MUST(test.open());
  TopicConfig config;
  config.compression = TopicCompression::kZstd;
  config.log_append_time = true;
  MUST(test.log->create_topic({.name = "a", .config = config}));
  const BatchResult result = MUST(append_one(*test.log, tp("a"), batch_of({"x", "y"})));
  EXPECT_EQ(result.log_append_time_ms, test.clock.wall_ms());
  const ReadResult read = MUST(test.log->read(tp("a"), Offset(0)));
  const record::BatchHeader header =
      MUST(record::check_batch_and_records(read.batches.at(0).bytes));
  EXPECT_EQ(header.compression(), record::Compression::kZstd);
  EXPECT_TRUE(header.log_append_time());
  EXPECT_EQ(header.max_timestamp_ms, test.clock.wall_ms());
}

TEST(Admission, frame_with_one_refused_batch_is_refused_whole) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  Frame frame = frame_of(tp("a"), batch_of({"x"}));
  frame.batches.push_back({.to = tp("missing"), .batch = batch_of({"y"})});
  frame.positions = {{.name = "p", .value = "1"}};
  const Result<AppendResult> result = test.log->append_and_wait(std::move(frame));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(result.error().to_string(), HasSubstr("missing-0"));
  EXPECT_THAT(MUST(read_values(*test.log, tp("a"))), IsEmpty());
  EXPECT_FALSE(test.log->position("p").has_value());
}

TEST(Admission, request_for_each_leaves_out_what_is_refused) {
  TestLog test;
  MUST(test.open());
  MUST(test.log->create_topic({.name = "a"}));
  Frame frame = frame_of(tp("missing"), batch_of({"x"}));
  frame.batches.push_back({.to = tp("a"), .batch = batch_of({"y"})});
  frame.atomicity = Atomicity::kEach;
  AppendResult got;
  test.log->append(std::move(frame),
                   [&](Result<AppendResult> result) { got = MUST(std::move(result)); });
  while (test.log->step()) {
  }
  ASSERT_EQ(got.batches.size(), 2U);
  EXPECT_EQ(got.batches[0].error, KafkaError::kUnknownTopicOrPartition);
  EXPECT_EQ(got.batches[1].error, KafkaError::kNone);
  EXPECT_EQ(MUST(read_values(*test.log, tp("a"))), (Values{"0:y"}));
}

}  // namespace
}  // namespace millrace::log
