#include <gtest/gtest.h>

#include "broker/detail/test_broker.h"
#include "broker/handlers.h"

namespace millrace::broker {
namespace {

using wire::KafkaError;
using wire::MetadataRequest;
using wire::MetadataResponse;

MetadataRequest about(const std::vector<std::string>& names) {
  MetadataRequest request;
  for (const std::string& name : names) {
    request.topics->push_back({.name = name});
  }
  return request;
}

TEST(Metadata, tells_brokers_and_topics_in_every_version) {
  TestBroker broker;
  const log::TopicInfo topic = broker.make_topic("t", 3);
  for (std::int16_t version = 0; version <= 13; ++version) {
    const MetadataResponse response = broker.ask(&handle_metadata, version, about({"t"}));
    ASSERT_EQ(response.brokers.size(), 1U);
    EXPECT_EQ(response.brokers[0].host, "127.0.0.1");
    EXPECT_EQ(response.brokers[0].port, 9092);
    ASSERT_EQ(response.topics.size(), 1U) << version;
    EXPECT_EQ(response.topics[0].partitions.size(), 3U);
    EXPECT_EQ(response.topics[0].partitions[2].leader_id, 1);
    EXPECT_EQ(response.topics[0].topic_id, version >= 10 ? topic.id : Uuid());
    EXPECT_EQ(response.cluster_id.value_or(""), version >= 2 ? "test-cluster" : "");
  }
}

TEST(Metadata, takes_null_for_all_topics_and_empty_for_none_but_in_version_0) {
  TestBroker broker;
  broker.make_topic("a");
  broker.make_topic("b");
  MetadataRequest all;
  all.topics.reset();
  const std::size_t count = broker.log->topics().size();
  EXPECT_EQ(count, 3U) << "with the log's own";
  EXPECT_EQ(broker.ask(&handle_metadata, 0, about({})).topics.size(), count);
  EXPECT_EQ(broker.ask(&handle_metadata, 1, about({})).topics.size(), 0U);
  EXPECT_EQ(broker.ask(&handle_metadata, 1, all).topics.size(), count);
}

TEST(Metadata, makes_topics_that_are_asked_for) {
  TestBroker broker(ConfigTexts{{"num.partitions", "4"}, {"log.retention.hours", "1"}});
  const MetadataResponse response = broker.ask(&handle_metadata, 9, about({"new", "other", "new"}));
  ASSERT_EQ(response.topics.size(), 2U);
  EXPECT_EQ(response.topics[0].error_code, KafkaError::kNone);
  EXPECT_EQ(response.topics[0].partitions.size(), 4U);
  EXPECT_EQ(broker.log->topic("new")->config.retention_ms, 3'600'000);
}

TEST(Metadata, makes_none_when_it_is_not_wanted) {
  TestBroker broker;
  MetadataRequest request = about({"new"});
  request.allow_auto_topic_creation = false;
  EXPECT_EQ(broker.ask(&handle_metadata, 9, request).topics.at(0).error_code,
            KafkaError::kUnknownTopicOrPartition);
  TestBroker strict(ConfigTexts{{"auto.create.topics.enable", "false"}});
  EXPECT_EQ(strict.ask(&handle_metadata, 9, about({"new"})).topics.at(0).error_code,
            KafkaError::kUnknownTopicOrPartition);
  EXPECT_FALSE(strict.log->topic("new").has_value());
}

TEST(Metadata, refuses_names_that_kafka_refuses) {
  TestBroker broker;
  broker.make_topic("a.b");
  for (const char* name : {"", ".", "..", "a b", "a/b", "a_b", "ü"}) {
    EXPECT_EQ(broker.ask(&handle_metadata, 9, about({name})).topics.at(0).error_code,
              KafkaError::kInvalidTopicException)
        << name;
  }
  const std::string long_name(250, 'x');
  EXPECT_EQ(broker.ask(&handle_metadata, 9, about({long_name})).topics.at(0).error_code,
            KafkaError::kInvalidTopicException);
}

TEST(Metadata, finds_topics_by_id) {
  TestBroker broker;
  const log::TopicInfo topic = broker.make_topic("t");
  MetadataRequest request;
  request.topics->push_back({.topic_id = topic.id, .name = std::nullopt});
  request.topics->push_back({.topic_id = Uuid::from_bits(3, 4), .name = std::nullopt});
  const MetadataResponse response = broker.ask(&handle_metadata, 12, request);
  ASSERT_EQ(response.topics.size(), 2U);
  EXPECT_EQ(response.topics[0].name.value_or(""), "t");
  EXPECT_EQ(response.topics[1].error_code, KafkaError::kUnknownTopicId);
  EXPECT_FALSE(response.topics[1].name.has_value());
  EXPECT_EQ(broker.ask(&handle_metadata, 11, request).topics.at(0).error_code,
            KafkaError::kInvalidRequest);
}

TEST(Metadata, knows_internal_topics) {
  TestBroker broker;
  broker.make_topic("__consumer_offsets");
  broker.make_topic("__mine");
  const MetadataResponse response =
      broker.ask(&handle_metadata, 9, about({"__consumer_offsets", "__mine"}));
  EXPECT_TRUE(response.topics[0].is_internal);
  EXPECT_FALSE(response.topics[1].is_internal);
}

TEST(Metadata, advertises_the_listener_that_was_used) {
  TestBroker broker;
  broker.identity.listeners = {{.name = "INSIDE",
                                .address = {.host = "0.0.0.0", .port = 9092},
                                .advertised = {.host = "broker", .port = 29'092}},
                               {.name = "OUTSIDE", .address = {.host = "0.0.0.0", .port = 9093}}};
  RequestInfo info = broker.info(wire::ApiKey::kMetadata, 9);
  EXPECT_EQ(config::to_string(broker.identity.address_for(info)), "broker:29092");
  info.listener = 1;
  info.server_host = "192.168.1.5";
  EXPECT_EQ(config::to_string(broker.identity.address_for(info)), "192.168.1.5:9093");
}

TEST(DescribeCluster, is_about_brokers_only) {
  TestBroker broker;
  const auto response = broker.ask(&handle_describe_cluster, 2, wire::DescribeClusterRequest());
  EXPECT_EQ(response.cluster_id, "test-cluster");
  EXPECT_EQ(response.controller_id, 1);
  ASSERT_EQ(response.brokers.size(), 1U);
  wire::DescribeClusterRequest controllers;
  controllers.endpoint_type = 2;
  EXPECT_EQ(broker.ask(&handle_describe_cluster, 1, controllers).error_code,
            KafkaError::kMismatchedEndpointType);
}

TEST(ApiVersions, offers_what_is_served_in_every_version) {
  TestBroker broker;
  for (std::int16_t version = 0; version <= 4; ++version) {
    const auto response =
        broker.ask(&handle_api_versions,
                   version,
                   {.client_software_name = "kcat", .client_software_version = "1.7.1"});
    EXPECT_EQ(response.error_code, KafkaError::kNone);
    EXPECT_EQ(response.api_keys.size(), api_rows().size());
    EXPECT_EQ(response.api_keys.at(0).api_key, 0);
    EXPECT_EQ(response.api_keys.at(0).min_version, 0) << "librdkafka needs it (KAFKA-18659)";
    for (const auto& feature : response.supported_features) {
      EXPECT_TRUE(feature.min_version > 0 || version >= 4) << feature.name;
    }
  }
}

TEST(ApiVersions, refuses_strange_software_names) {
  TestBroker broker;
  for (const char* name : {"", "-a", "a-", "a b", "a;b"}) {
    EXPECT_EQ(broker
                  .ask(&handle_api_versions,
                       3,
                       {.client_software_name = name, .client_software_version = "1"})
                  .error_code,
              KafkaError::kInvalidRequest)
        << name;
  }
}

TEST(InitProducerId, never_gives_an_id_twice) {
  TestBroker broker;
  std::set<std::int64_t> ids;
  for (int i = 0; i < 1'500; ++i) {
    wire::InitProducerIdRequest request;
    request.transactional_id.reset();
    const auto response = broker.ask(&handle_init_producer_id, 4, request);
    EXPECT_EQ(response.producer_epoch, 0);
    EXPECT_TRUE(ids.insert(response.producer_id).second) << response.producer_id;
  }
}

}  // namespace
}  // namespace millrace::broker
