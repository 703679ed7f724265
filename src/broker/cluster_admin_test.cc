// What a cluster of one node answers to questions about many: DescribeCluster, DescribeLogDirs,
// DescribeTopicPartitions, DescribeQuorum, DescribeProducers, ElectLeaders, reassignments; and to
// those about what it lacks.
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "broker/admin_handlers.h"
#include "broker/authorized_operations.h"
#include "broker/detail/test_broker.h"
#include "broker/group_handlers.h"
#include "broker/handlers.h"

namespace millrace::broker {
namespace {

using enum wire::KafkaError;
using wire::KafkaError;

TEST(DescribeCluster, names_the_one_broker_in_every_version) {
  TestBroker broker;
  for (std::int16_t version = 0; version <= 2; ++version) {
    const auto response = broker.ask(
        handle_describe_cluster, version, {.include_cluster_authorized_operations = true});
    EXPECT_EQ(response.error_code, kNone);
    EXPECT_EQ(response.cluster_id, "test-cluster");
    EXPECT_EQ(response.controller_id, 1);
    ASSERT_EQ(response.brokers.size(), 1U);
    EXPECT_EQ(response.brokers[0].broker_id, 1);
    EXPECT_EQ(response.brokers[0].host, "127.0.0.1");
    EXPECT_EQ(response.brokers[0].port, 9092);
    EXPECT_FALSE(response.brokers[0].is_fenced);
    EXPECT_NE(response.cluster_authorized_operations, std::numeric_limits<std::int32_t>::min());
  }
}

TEST(DescribeLogDirs, tells_sizes_in_every_version) {
  TestBroker broker;
  broker.identity.log_dir = "/data";
  broker.identity.usable_bytes = [] {
    return 77;
  };
  broker.make_topic("a", 2);
  broker.make_topic("b");
  broker.append("a", {"x"}, 1);
  for (std::int16_t version = 1; version <= 5; ++version) {
    wire::DescribeLogDirsRequest all;
    all.topics.reset();
    const auto response = broker.ask(handle_describe_log_dirs, version, std::move(all));
    ASSERT_EQ(response.results.size(), 1U);
    const auto& dir = response.results[0];
    EXPECT_EQ(dir.error_code, kNone);
    EXPECT_EQ(dir.log_dir, "/data");
    ASSERT_EQ(dir.topics.size(), 3U);  // And the one of topics.
    EXPECT_EQ(dir.topics[1].name, "a");
    ASSERT_EQ(dir.topics[1].partitions.size(), 2U);
    EXPECT_EQ(dir.topics[1].partitions[0].partition_size, 0);
    EXPECT_GT(dir.topics[1].partitions[1].partition_size, 60);
    if (version >= 4) {
      EXPECT_EQ(dir.usable_bytes, 77);
    }
  }
}

TEST(DescribeLogDirs, tells_only_what_is_asked_for) {
  TestBroker broker;
  broker.make_topic("a", 3);
  broker.make_topic("b");
  wire::DescribeLogDirsRequest request;
  request.topics = {{.topic = "a", .partitions = {2, 7, -1}},
                    {.topic = "b"},
                    {.topic = "unknown", .partitions = {0}},
                    {.topic = "a", .partitions = {0}}};
  const auto response = broker.ask(handle_describe_log_dirs, 5, std::move(request));
  ASSERT_EQ(response.results.at(0).topics.size(), 1U);
  std::vector<std::int32_t> partitions;
  for (const auto& partition : response.results[0].topics[0].partitions) {
    partitions.push_back(partition.partition_index);
  }
  EXPECT_EQ(partitions, (std::vector<std::int32_t>{0, 2}));
}

TEST(DescribeTopicPartitions, gives_pages_that_join_without_gap) {
  TestBroker broker({{"max.request.partition.size.limit", "4"}, {"num.partitions", "1"}});
  broker.make_topic("a", 3);
  broker.make_topic("b", 6);
  broker.make_topic("c", 1);
  std::vector<std::string> seen;
  wire::DescribeTopicPartitionsRequest request;
  request.topics = {
      {.name = "c"}, {.name = "a"}, {.name = "unknown"}, {.name = "b"}, {.name = "a"}};
  for (int page = 0; page < 10; ++page) {
    auto copy = request;
    const auto response = broker.ask(handle_describe_topic_partitions, 0, std::move(copy));
    std::size_t count = 0;
    for (const auto& topic : response.topics) {
      if (topic.error_code != kNone) {
        EXPECT_EQ(topic.error_code, kUnknownTopicOrPartition);
        seen.push_back(topic.name.value_or(""));
      }
      for (const auto& partition : topic.partitions) {
        ++count;
        seen.push_back(topic.name.value_or("") + std::to_string(partition.partition_index));
        EXPECT_EQ(partition.leader_id, 1);
        EXPECT_EQ(partition.isr_nodes, std::vector<std::int32_t>{1});
      }
    }
    EXPECT_LE(count, 4U);
    if (!response.next_cursor) {
      break;
    }
    request.cursor.emplace();
    request.cursor->topic_name = response.next_cursor->topic_name;
    request.cursor->partition_index = response.next_cursor->partition_index;
  }
  EXPECT_EQ(seen,
            (std::vector<std::string>{
                "a0", "a1", "a2", "b0", "b1", "b2", "b3", "b4", "b5", "c0", "unknown"}));
}

TEST(DescribeTopicPartitions, refuses_names_and_limits_that_make_no_sense) {
  TestBroker broker;
  broker.make_topic("a", 2);
  wire::DescribeTopicPartitionsRequest request;
  request.topics = {{.name = "a/b"}, {.name = "a"}};
  request.response_partition_limit = -5;
  const auto response = broker.ask(handle_describe_topic_partitions, 0, std::move(request));
  ASSERT_EQ(response.topics.size(), 1U);  // One partition a page at least.
  EXPECT_EQ(response.topics[0].partitions.size(), 1U);
  ASSERT_TRUE(response.next_cursor);
  wire::DescribeTopicPartitionsRequest rest;
  rest.topics = {{.name = "a/b"}};
  EXPECT_EQ(
      broker.ask(handle_describe_topic_partitions, 0, std::move(rest)).topics.at(0).error_code,
      kInvalidTopicException);
  // A cursor from somewhere else.
  wire::DescribeTopicPartitionsRequest strange;
  strange.cursor.emplace();
  strange.cursor->topic_name = "a";
  strange.cursor->partition_index = std::numeric_limits<std::int32_t>::max();
  const auto none = broker.ask(handle_describe_topic_partitions, 0, std::move(strange));
  EXPECT_TRUE(none.topics.at(0).partitions.empty());
}

TEST(ElectLeaders, finds_no_election_needed_in_every_version) {
  TestBroker broker;
  broker.make_topic("a");
  for (std::int16_t version = 0; version <= 2; ++version) {
    wire::ElectLeadersRequest request;
    request.topic_partitions = {{.topic = "a", .partitions = {0, 1, -1}},
                                {.topic = "unknown", .partitions = {0}}};
    const auto response = broker.ask(handle_elect_leaders, version, std::move(request));
    EXPECT_EQ(response.error_code, kNone);
    std::vector<KafkaError> codes;
    for (const auto& topic : response.replica_election_results) {
      for (const auto& partition : topic.partition_result) {
        codes.push_back(partition.error_code);
        EXPECT_FALSE(partition.error_message.value_or("").empty());
      }
    }
    EXPECT_EQ(codes,
              (std::vector<KafkaError>{kElectionNotNeeded,
                                       kUnknownTopicOrPartition,
                                       kUnknownTopicOrPartition,
                                       kUnknownTopicOrPartition}));
    wire::ElectLeadersRequest all;
    all.topic_partitions.reset();
    EXPECT_TRUE(
        broker.ask(handle_elect_leaders, version, std::move(all)).replica_election_results.empty());
  }
}

TEST(PartitionReassignments, can_only_be_to_this_broker) {
  TestBroker broker;
  broker.make_topic("a");
  for (std::int16_t version = 0; version <= 1; ++version) {
    wire::AlterPartitionReassignmentsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "a";
    const auto add = [&](std::int32_t index, std::optional<std::vector<std::int32_t>> replicas) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = index;
      partition.replicas = std::move(replicas);
    };
    add(0, std::vector<std::int32_t>{1});
    add(0, std::vector<std::int32_t>{2});
    add(0, std::vector<std::int32_t>{});
    add(0, std::nullopt);
    add(9, std::vector<std::int32_t>{1});
    const auto response =
        broker.ask(handle_alter_partition_reassignments, version, std::move(request));
    EXPECT_EQ(response.error_code, kNone);
    std::vector<KafkaError> codes;
    for (const auto& partition : response.responses.at(0).partitions) {
      codes.push_back(partition.error_code);
    }
    EXPECT_EQ(codes,
              (std::vector<KafkaError>{kNone,
                                       kInvalidReplicaAssignment,
                                       kInvalidReplicaAssignment,
                                       kNoReassignmentInProgress,
                                       kUnknownTopicOrPartition}));
  }
  const auto listed = broker.ask(handle_list_partition_reassignments, 0, {});
  EXPECT_EQ(listed.error_code, kNone);
  EXPECT_TRUE(listed.topics.empty());
}

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

TEST(DescribeTopicPartitions, tells_what_may_be_done_also_with_what_is_not_there) {
  TestBroker broker;
  wire::DescribeTopicPartitionsRequest request;
  request.topics = {{.name = "unknown"}};
  const auto response = broker.ask(handle_describe_topic_partitions, 0, std::move(request));
  EXPECT_EQ(response.topics.at(0).topic_authorized_operations, kTopicOperations);
  wire::MetadataRequest metadata{.allow_auto_topic_creation = false,
                                 .include_topic_authorized_operations = true};
  metadata.topics = {{.name = "unknown"}, {.name = "a/b"}};
  for (const auto& topic : broker.ask(handle_metadata, 12, metadata).topics) {
    EXPECT_EQ(topic.topic_authorized_operations, kTopicOperations);
  }
}

TEST(DescribeGroups, says_nothing_of_what_may_be_done_with_a_group_that_is_not_there) {
  TestBroker broker;
  const auto response = broker.ask(
      handle_describe_groups,
      6,
      wire::DescribeGroupsRequest{.groups = {"nobody"}, .include_authorized_operations = true});
  EXPECT_EQ(response.groups.at(0).error_code, kGroupIdNotFound);
  EXPECT_EQ(response.groups.at(0).authorized_operations, kOperationsUnknown);
}

TEST(OffsetFetch, gives_all_of_a_group_in_every_version_that_can_ask) {
  TestBroker broker;
  broker.make_topic("t", 2);
  wire::OffsetCommitRequest commit{.group_id = "g"};
  commit.topics.push_back(
      {.name = "t",
       .partitions = {{.partition_index = 0, .committed_offset = 4, .committed_metadata = "four"},
                      {.partition_index = 1, .committed_offset = 5}}});
  broker.ask(handle_offset_commit, 9, commit);
  for (std::int16_t version = 2; version <= 9; ++version) {
    wire::OffsetFetchRequest request;
    if (version < 8) {
      request.group_id = "g";
      request.topics.reset();
    } else {
      request.groups.emplace_back().group_id = "g";
      request.groups.back().topics.reset();
    }
    const auto response = broker.ask(handle_offset_fetch, version, request);
    std::int64_t sum = 0;
    if (version < 8) {
      for (const auto& partition : response.topics.at(0).partitions) {
        sum += partition.committed_offset;
      }
    } else {
      for (const auto& partition : response.groups.at(0).topics.at(0).partitions) {
        sum += partition.committed_offset;
      }
    }
    EXPECT_EQ(sum, 9) << version;
  }
}

}  // namespace
}  // namespace millrace::broker
