#include "client/cluster.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/detail/fake_broker.h"

namespace millrace::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Partition 0 of "t" has no leader for so many answers.
FakeBroker::Handler without_leader(int answers) {
  auto left = std::make_shared<int>(answers);
  return [left](const FakeBroker::Question& question) -> std::optional<FakeBroker::Answer> {
    if (question.key != wire::ApiKey::kMetadata || *left == 0) {
      return std::nullopt;
    }
    const auto request = question.as<wire::MetadataRequest>();
    if (!request.topics || request.topics->empty()) {
      return std::nullopt;
    }
    --*left;
    wire::MetadataResponse response;
    response.brokers.push_back({.node_id = 1, .host = "127.0.0.1", .port = 1});
    wire::MetadataResponse::MetadataResponseTopic topic{.name = "t"};
    topic.partitions.push_back({.error_code = wire::KafkaError::kLeaderNotAvailable,
                                .partition_index = 0,
                                .leader_id = -1});
    response.topics.push_back(std::move(topic));
    return FakeBroker::answer(response, question.version);
  };
}

TEST(ParseBootstrap, reads_several_addresses_and_adds_the_port) {
  const auto addresses = MUST(parse_bootstrap("a:1, b,[::1]:9093"));
  ASSERT_EQ(addresses.size(), 3U);
  EXPECT_EQ(config::to_string(addresses[0]), "a:1");
  EXPECT_EQ(config::to_string(addresses[1]), "b:9092");
  EXPECT_EQ(config::to_string(addresses[2]), "[::1]:9093");
}

TEST(ParseBootstrap, refuses_what_is_no_address) {
  for (const std::string_view text : {"", "a,", ":9092", "a:0", "a:x", "a:99999"}) {
    const auto addresses = parse_bootstrap(text);
    ASSERT_FALSE(addresses) << text;
    EXPECT_EQ(addresses.error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST(Cluster, knows_who_is_there) {
  const FakeBroker broker({}, {{"t", 2}});
  const auto cluster = connect_to(broker);
  EXPECT_EQ(cluster->cluster_id(), "fake");
  ASSERT_EQ(cluster->nodes().size(), 1U);
  EXPECT_EQ(cluster->nodes()[0].address, broker.address());
  const TopicInfo topic = MUST(cluster->topic("t", cluster->deadline()));
  EXPECT_EQ(topic.partitions.size(), 2U);
  EXPECT_NE(topic.partition(PartitionId(1)), nullptr);
  EXPECT_EQ(topic.partition(PartitionId(2)), nullptr);
}

TEST(Cluster, takes_the_next_bootstrap_address_when_one_is_down) {
  config::HostPort gone;
  {
    const FakeBroker broker;
    gone = broker.address();
  }
  const FakeBroker broker;
  const auto cluster =
      MUST(Cluster::connect({.bootstrap = {gone, broker.address()}}, test_clock()));
  EXPECT_EQ(cluster->nodes().size(), 1U);
}

TEST(Cluster, names_every_bootstrap_address_that_failed) {
  std::vector<config::HostPort> gone;
  for (int i = 0; i < 2; ++i) {
    const FakeBroker broker;
    gone.push_back(broker.address());
  }
  const auto cluster = Cluster::connect({.bootstrap = gone}, test_clock());
  ASSERT_FALSE(cluster);
  EXPECT_EQ(cluster.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(cluster.error().message(), HasSubstr(config::to_string(gone[0])));
  EXPECT_THAT(cluster.error().message(), HasSubstr(config::to_string(gone[1])));
}

TEST(Cluster, suggests_a_topic_for_a_name_that_does_not_exist) {
  const FakeBroker broker({}, {{"users", 1}});
  const auto cluster = connect_to(broker);
  const auto topic = cluster->topic("usres", cluster->deadline());
  ASSERT_FALSE(topic);
  EXPECT_EQ(topic.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(topic.error().message(), HasSubstr("did you mean \"users\"?"));
}

TEST(Cluster, waits_for_the_election_of_a_leader) {
  FakeBroker broker(without_leader(3), {{"t", 1}});
  const auto cluster = connect_to(broker);
  EXPECT_EQ(MUST(cluster->leader_id({.topic = "t"}, cluster->deadline())), 1);
}

TEST(Cluster, gives_up_on_a_leader_at_the_deadline) {
  FakeBroker broker(without_leader(1'000'000), {{"t", 1}});
  const auto cluster = connect_to(broker);
  const auto leader = cluster->leader_id({.topic = "t"}, cluster->deadline(300));
  ASSERT_FALSE(leader);
  EXPECT_EQ(leader.error().code(), ErrorCode::kTimeout);
}

TEST(Cluster, names_a_partition_that_does_not_exist) {
  const FakeBroker broker({}, {{"t", 3}});
  const auto cluster = connect_to(broker);
  const auto leader =
      cluster->leader_id({.topic = "t", .partition = PartitionId(3)}, cluster->deadline());
  ASSERT_FALSE(leader);
  EXPECT_EQ(leader.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(leader.error().message(), HasSubstr("has no partition 3, it has 3: 0 to 2"));
}

TEST(Cluster, opens_a_connection_anew_that_the_broker_closed) {
  auto closes = std::make_shared<int>(1);
  FakeBroker broker(
      [closes](const FakeBroker::Question& question) -> std::optional<FakeBroker::Answer> {
        const bool asks_topic = question.key == wire::ApiKey::kMetadata &&
                                !question.as<wire::MetadataRequest>().topics->empty();
        if (!asks_topic || (*closes)-- <= 0) {
          return std::nullopt;
        }
        return FakeBroker::Answer{.then = FakeBroker::Then::kClose};
      },
      {{"t", 1}});
  const auto cluster = connect_to(broker);
  EXPECT_TRUE(MUST(cluster->topic("t", cluster->deadline())).partition(PartitionId(0)));
}

TEST(Cluster, says_what_the_broker_advertises_when_that_cannot_be_reached) {
  FakeBroker broker([](const FakeBroker::Question& question) -> std::optional<FakeBroker::Answer> {
    if (question.key != wire::ApiKey::kMetadata) {
      return std::nullopt;
    }
    wire::MetadataResponse response{.controller_id = 5};
    response.brokers.push_back({.node_id = 5, .host = "broker.invalid", .port = 29092});
    return FakeBroker::answer(response, question.version);
  });
  const auto cluster = connect_to(broker);
  const auto node = cluster->node(5, cluster->deadline());
  ASSERT_FALSE(node);
  EXPECT_THAT(
      node.error().to_string(),
      HasSubstr("says that broker 5 is at broker.invalid:29092 (its advertised.listeners)"));
}

TEST(Cluster, waits_while_the_coordinator_loads) {
  auto loads = std::make_shared<int>(2);
  FakeBroker broker(
      [loads](const FakeBroker::Question& question) -> std::optional<FakeBroker::Answer> {
        if (question.key != wire::ApiKey::kFindCoordinator || (*loads)-- <= 0) {
          return std::nullopt;
        }
        wire::FindCoordinatorResponse response;
        response.coordinators.push_back(
            {.key = "g", .node_id = -1, .error_code = wire::KafkaError::kCoordinatorNotAvailable});
        return FakeBroker::answer(response, question.version);
      });
  const auto cluster = connect_to(broker);
  EXPECT_EQ(MUST(cluster->coordinator("g", cluster->deadline()))->address(), broker.address());
  EXPECT_EQ(broker.count(wire::ApiKey::kFindCoordinator), 3);
}

TEST(Cluster, finds_the_coordinator_with_an_old_broker_too) {
  FakeBroker broker([](const FakeBroker::Question& question) -> std::optional<FakeBroker::Answer> {
    if (question.key != wire::ApiKey::kFindCoordinator) {
      return std::nullopt;
    }
    EXPECT_EQ(question.as<wire::FindCoordinatorRequest>().key, "g");
    return FakeBroker::answer(
        wire::FindCoordinatorResponse{.node_id = 1, .host = "127.0.0.1", .port = 1},
        question.version);
  });
  broker.serve_up_to(wire::ApiKey::kFindCoordinator, 2);
  const auto cluster = connect_to(broker);
  EXPECT_EQ(MUST(cluster->coordinator("g", cluster->deadline()))->address(), broker.address());
}

TEST(Outcome, becomes_an_error_with_the_code_that_fits) {
  const auto code = [](KafkaError error) {
    const Error made = to_error({.error = error, .message = "why"}, "topic \"t\"");
    EXPECT_THAT(made.message(), HasSubstr("topic \"t\": "));
    EXPECT_THAT(made.message(), HasSubstr(": why"));
    return made.code();
  };
  EXPECT_EQ(code(KafkaError::kUnknownTopicOrPartition), ErrorCode::kNotFound);
  EXPECT_EQ(code(KafkaError::kTopicAlreadyExists), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code(KafkaError::kTopicAuthorizationFailed), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code(KafkaError::kInvalidConfig), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(KafkaError::kNotController), ErrorCode::kUnavailable);
  EXPECT_EQ(code(KafkaError::kNonEmptyGroup), ErrorCode::kConflict);
}

}  // namespace
}  // namespace millrace::client
