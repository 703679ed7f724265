#include <gtest/gtest.h>

#include "broker/detail/test_broker.h"
#include "broker/handlers.h"

namespace millrace::broker {
namespace {

using wire::KafkaError;
using wire::ListOffsetsRequest;
using wire::ListOffsetsResponse;

ListOffsetsResponse::ListOffsetsPartitionResponse ask(TestBroker& broker,
                                                      std::int64_t timestamp,
                                                      std::int16_t version = 11,
                                                      std::int8_t isolation = 0,
                                                      std::int32_t epoch = -1) {
  ListOffsetsRequest request{.replica_id = -1, .isolation_level = isolation};
  request.topics.push_back(
      {.name = "t",
       .partitions = {
           {.partition_index = 0, .current_leader_epoch = epoch, .timestamp = timestamp}}});
  return broker.ask(&handle_list_offsets, version, request).topics.at(0).partitions.at(0);
}

TEST(ListOffsets, knows_every_special_timestamp) {
  TestBroker broker;
  broker.make_topic("t");
  broker.append("t", {"a", "b"}, 0, 1'000);
  broker.append("t", {"c"}, 0, 3'000);
  broker.append("t", {"d"}, 0, 2'000);
  EXPECT_EQ(ask(broker, -1).offset, 4);
  EXPECT_EQ(ask(broker, -2).offset, 0);
  EXPECT_EQ(ask(broker, -3).offset, 2);
  EXPECT_EQ(ask(broker, -3).timestamp, 3'000);
  EXPECT_EQ(ask(broker, -4).offset, 0);
  EXPECT_EQ(ask(broker, -5).offset, -1);
  EXPECT_EQ(ask(broker, -6).offset, -1);
  EXPECT_EQ(ask(broker, 0).offset, 0);
  EXPECT_EQ(ask(broker, 1'001).offset, 2);
  EXPECT_EQ(ask(broker, 1'001).timestamp, 3'000);
  EXPECT_EQ(ask(broker, 3'001).offset, -1);
  EXPECT_EQ(ask(broker, 3'001).timestamp, -1);
  for (std::int16_t version = 1; version <= 11; ++version) {
    EXPECT_EQ(ask(broker, -1, version).error_code, KafkaError::kNone) << version;
    EXPECT_EQ(ask(broker, -3, version).error_code,
              version >= 7 ? KafkaError::kNone : KafkaError::kUnsupportedVersion)
        << version;
  }
  EXPECT_EQ(ask(broker, -7).error_code, KafkaError::kUnsupportedVersion);
}

TEST(ListOffsets, ends_for_readers_of_committed_records_at_the_last_stable_offset) {
  TestBroker broker;
  broker.make_topic("t");
  broker.append("t", {"a"});
  log::Frame frame;
  frame.batches.push_back({.to = {.topic = "t"},
                           .batch = batch_of({"open"},
                                             {.producer_id = ProducerId(9),
                                              .producer_epoch = 0,
                                              .base_sequence = 0,
                                              .transactional = true})});
  MUST(broker.log->append_and_wait(std::move(frame)));
  EXPECT_EQ(ask(broker, -1, 11, 0).offset, 2);
  EXPECT_EQ(ask(broker, -1, 11, 1).offset, 1);
}

TEST(ListOffsets, refuses_unknown_partitions_epochs_and_repetition) {
  TestBroker broker;
  broker.make_topic("t");
  EXPECT_EQ(ask(broker, -1, 11, 0, 1).error_code, KafkaError::kUnknownLeaderEpoch);
  EXPECT_EQ(ask(broker, -1, 11, 0, 0).error_code, KafkaError::kNone);
  ListOffsetsRequest request;
  request.topics.push_back({.name = "t",
                            .partitions = {{.partition_index = 0, .timestamp = -1},
                                           {.partition_index = 0, .timestamp = -1},
                                           {.partition_index = 9, .timestamp = -1}}});
  const auto answers = broker.ask(&handle_list_offsets, 9, request).topics.at(0).partitions;
  EXPECT_EQ(answers.at(0).error_code, KafkaError::kNone);
  EXPECT_EQ(answers.at(1).error_code, KafkaError::kInvalidRequest);
  EXPECT_EQ(answers.at(2).error_code, KafkaError::kUnknownTopicOrPartition);
}

TEST(OffsetForLeaderEpoch, has_one_epoch_which_ends_with_the_log) {
  TestBroker broker;
  broker.make_topic("t");
  broker.append("t", {"a", "b"});
  wire::OffsetForLeaderEpochRequest request;
  request.topics.push_back({.topic = "t",
                            .partitions = {{.partition = 0, .leader_epoch = 0},
                                           {.partition = 0, .leader_epoch = 3},
                                           {.partition = 0, .current_leader_epoch = 1},
                                           {.partition = 5}}});
  const auto answers =
      broker.ask(&handle_offset_for_leader_epoch, 4, request).topics.at(0).partitions;
  EXPECT_EQ(answers.at(0).leader_epoch, 0);
  EXPECT_EQ(answers.at(0).end_offset, 2);
  EXPECT_EQ(answers.at(1).leader_epoch, -1);
  EXPECT_EQ(answers.at(1).end_offset, -1);
  EXPECT_EQ(answers.at(2).error_code, KafkaError::kUnknownLeaderEpoch);
  EXPECT_EQ(answers.at(3).error_code, KafkaError::kUnknownTopicOrPartition);
}

}  // namespace
}  // namespace millrace::broker
