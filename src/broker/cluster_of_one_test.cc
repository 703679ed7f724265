// What a cluster of one node answers to questions about many, and to those about what it lacks.
#include <gtest/gtest.h>

#include "broker/admin_handlers.h"
#include "broker/detail/test_broker.h"
#include "broker/group_handlers.h"
#include "broker/handlers.h"

namespace millrace::broker {
namespace {

using wire::KafkaError;

TEST(DescribeQuorum, has_one_voter_who_leads) {
  TestBroker broker;
  broker.make_topic("t");
  for (std::int16_t version = 0; version <= 2; ++version) {
    wire::DescribeQuorumRequest request;
    request.topics.push_back({.topic_name = "__cluster_metadata",
                              .partitions = {{.partition_index = 0}, {.partition_index = 1}}});
    request.topics.push_back({.topic_name = "t", .partitions = {{.partition_index = 0}}});
    const auto response = broker.ask(&handle_describe_quorum, version, request);
    EXPECT_EQ(response.error_code, KafkaError::kNone);
    ASSERT_EQ(response.topics.size(), 2U);
    const auto& partition = response.topics.at(0).partitions.at(0);
    EXPECT_EQ(partition.error_code, KafkaError::kNone);
    EXPECT_EQ(partition.leader_id, 1);
    EXPECT_GT(partition.high_watermark, 0);
    ASSERT_EQ(partition.current_voters.size(), 1U);
    EXPECT_EQ(partition.current_voters.at(0).replica_id, 1);
    EXPECT_EQ(partition.current_voters.at(0).log_end_offset, partition.high_watermark);
    EXPECT_TRUE(partition.observers.empty());
    EXPECT_EQ(response.topics.at(0).partitions.at(1).error_code,
              KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(response.topics.at(1).partitions.at(0).error_code,
              KafkaError::kUnknownTopicOrPartition);
    EXPECT_EQ(response.nodes.size(), version >= 2 ? 1U : 0U);
    if (version >= 2) {
      EXPECT_EQ(response.nodes.at(0).listeners.at(0).port, 9092);
    }
  }
}

TEST(DescribeProducers, names_those_who_wrote_and_what_they_have_open) {
  TestBroker broker;
  broker.make_topic("t", 2);
  const auto write = [&](std::int64_t producer, bool transactional) {
    log::Frame frame;
    frame.batches.push_back({.to = {.topic = "t"},
                             .batch = batch_of({"a", "b"},
                                               {.producer_id = ProducerId(producer),
                                                .producer_epoch = 3,
                                                .base_sequence = 0,
                                                .transactional = transactional})});
    MUST(broker.log->append_and_wait(std::move(frame)));
  };
  write(9, false);
  write(4, true);
  broker.append("t", {"of nobody"});
  wire::DescribeProducersRequest request;
  request.topics.push_back({.name = "t", .partition_indexes = {0, 1, 2}});
  request.topics.push_back({.name = "none", .partition_indexes = {0}});
  const auto response = broker.ask(&handle_describe_producers, 0, request);
  const auto& partitions = response.topics.at(0).partitions;
  ASSERT_EQ(partitions.at(0).active_producers.size(), 2U);
  const auto& open = partitions.at(0).active_producers.at(0);
  EXPECT_EQ(open.producer_id, 4);
  EXPECT_EQ(open.producer_epoch, 3);
  EXPECT_EQ(open.last_sequence, 1);
  EXPECT_EQ(open.last_timestamp, 1'700'000'000'000);
  EXPECT_EQ(open.coordinator_epoch, -1);
  EXPECT_EQ(open.current_txn_start_offset, 2);
  EXPECT_EQ(partitions.at(0).active_producers.at(1).producer_id, 9);
  EXPECT_EQ(partitions.at(0).active_producers.at(1).current_txn_start_offset, -1);
  EXPECT_TRUE(partitions.at(1).active_producers.empty());
  EXPECT_EQ(partitions.at(1).error_code, KafkaError::kNone);
  EXPECT_EQ(partitions.at(2).error_code, KafkaError::kUnknownTopicOrPartition);
  EXPECT_EQ(response.topics.at(1).partitions.at(0).error_code,
            KafkaError::kUnknownTopicOrPartition);
}

TEST(SaslHandshake, says_that_nobody_authenticates_here) {
  TestBroker broker;
  for (std::int16_t version = 0; version <= 1; ++version) {
    const auto response = broker.ask(
        &handle_sasl_handshake, version, wire::SaslHandshakeRequest{.mechanism = "PLAIN"});
    EXPECT_EQ(response.error_code, KafkaError::kIllegalSaslState);
    EXPECT_TRUE(response.mechanisms.empty());
  }
}

TEST(FindCoordinator, has_none_for_transactions_and_nobody_may_begin_one) {
  TestBroker broker;
  for (std::int16_t version = 1; version <= 6; ++version) {
    wire::FindCoordinatorRequest request{.key_type = 1};
    if (version >= 4) {
      request.coordinator_keys = {"payments"};
    } else {
      request.key = "payments";
    }
    const auto response = broker.ask(&handle_find_coordinator, version, request);
    const KafkaError error =
        version >= 4 ? response.coordinators.at(0).error_code : response.error_code;
    EXPECT_EQ(error, KafkaError::kInvalidRequest) << version;
  }
  const auto begun = broker.ask(
      &handle_init_producer_id, 5, wire::InitProducerIdRequest{.transactional_id = "payments"});
  EXPECT_EQ(begun.error_code, KafkaError::kUnsupportedVersion);
}

}  // namespace
}  // namespace millrace::broker
