// What a cluster of one node answers to questions about many: DescribeCluster, DescribeLogDirs,
// DescribeTopicPartitions, ElectLeaders, reassignments.
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "broker/admin_handlers.h"
#include "broker/detail/test_broker.h"
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

}  // namespace
}  // namespace millrace::broker
