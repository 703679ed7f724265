// Configurations are described and changed: DescribeConfigs, AlterConfigs, IncrementalAlterConfigs,
// ListConfigResources; where values come from, and what changes of them do.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "broker/admin_handlers.h"
#include "broker/config_resources.h"
#include "broker/detail/test_broker.h"
#include "broker/dynamic_configs.h"
#include "broker/topic_settings.h"

namespace millrace::broker {
namespace {

using enum wire::KafkaError;
using wire::KafkaError;
using Row = wire::DescribeConfigsResponse::DescribeConfigsResourceResult;

constexpr std::int8_t kTopicType = static_cast<std::int8_t>(ConfigResource::kTopic);
constexpr std::int8_t kBrokerType = static_cast<std::int8_t>(ConfigResource::kBroker);

std::map<std::string, Row> describe(TestBroker& broker,
                                    std::int8_t type,
                                    const std::string& name,
                                    std::int16_t version = 4) {
  wire::DescribeConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = type;
  resource.resource_name = name;
  resource.configuration_keys.reset();
  request.include_synonyms = true;
  request.include_documentation = version >= 3;
  const auto response = broker.ask(handle_describe_configs, version, std::move(request));
  EXPECT_EQ(response.results.at(0).error_code, kNone);
  std::map<std::string, Row> rows;
  for (const Row& row : response.results.at(0).configs) {
    rows[row.name] = row;
  }
  return rows;
}

/// "value source name=value@source,…"
std::string text_of(const Row& row) {
  std::string text = row.value.value_or("null") + " " + std::to_string(row.config_source);
  for (const auto& synonym : row.synonyms) {
    text += " " + synonym.name + "=" + synonym.value.value_or("null") + "@" +
            std::to_string(synonym.source);
  }
  return text;
}

struct Edit {
  std::string name = {};
  std::int8_t operation = 0;
  std::optional<std::string> value = {};
};

constexpr std::int8_t kSet = 0;
constexpr std::int8_t kDelete = 1;
constexpr std::int8_t kAppend = 2;
constexpr std::int8_t kSubtract = 3;

KafkaError edit(TestBroker& broker,
                std::int8_t type,
                const std::string& name,
                const std::vector<Edit>& edits,
                bool only_checked = false,
                std::int16_t version = 1) {
  wire::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = type;
  resource.resource_name = name;
  for (const Edit& one : edits) {
    resource.configs.push_back(
        {.name = one.name, .config_operation = one.operation, .value = one.value});
  }
  request.validate_only = only_checked;
  const auto response = broker.ask(handle_incremental_alter_configs, version, std::move(request));
  EXPECT_EQ(response.responses.at(0).resource_type, type);
  EXPECT_EQ(response.responses.at(0).resource_name, name);
  return response.responses.at(0).error_code;
}

KafkaError replace(TestBroker& broker,
                   const std::string& topic,
                   const std::map<std::string, std::string>& settings,
                   std::int16_t version) {
  wire::AlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = kTopicType;
  resource.resource_name = topic;
  for (const auto& [name, value] : settings) {
    resource.configs.push_back({.name = name, .value = value});
  }
  return broker.ask(handle_alter_configs, version, std::move(request)).responses.at(0).error_code;
}

TEST(DescribeConfigs, tells_everything_of_a_topic_in_every_version) {
  TestBroker broker;
  broker.make_topic("a");
  for (std::int16_t version = 1; version <= 4; ++version) {
    const auto rows = describe(broker, kTopicType, "a", version);
    EXPECT_EQ(rows.size(), log::topic_options().options.size());
    EXPECT_EQ(text_of(rows.at("cleanup.policy")), "delete 5 log.cleanup.policy=delete@5");
    EXPECT_EQ(text_of(rows.at("retention.ms")), "604800000 5");
    if (version >= 3) {
      EXPECT_EQ(rows.at("cleanup.policy").config_type, static_cast<int>(ConfigType::kList));
      EXPECT_FALSE(rows.at("cleanup.policy").documentation.value_or("").empty());
    }
  }
}

TEST(DescribeConfigs, gives_only_the_keys_that_are_wanted) {
  TestBroker broker;
  broker.make_topic("a");
  wire::DescribeConfigsRequest request;
  request.resources = {{.resource_type = kTopicType,
                        .resource_name = "a",
                        .configuration_keys = std::vector<std::string>{"flush.ms", "no.such"}}};
  const auto response = broker.ask(handle_describe_configs, 4, std::move(request));
  ASSERT_EQ(response.results.at(0).configs.size(), 1U);
  EXPECT_EQ(response.results[0].configs[0].name, "flush.ms");
  EXPECT_TRUE(response.results[0].configs[0].synonyms.empty());
}

TEST(DescribeConfigs, refuses_each_resource_for_itself) {
  TestBroker broker;
  wire::DescribeConfigsRequest request;
  for (const auto& [type, name] : std::vector<std::pair<std::int8_t, std::string>>{
           {2, "unknown"}, {2, "a/b"}, {4, "1"}, {4, "2"}, {4, "one"}, {3, "x"}, {99, "x"}}) {
    request.resources.push_back({.resource_type = type, .resource_name = name});
  }
  const auto response = broker.ask(handle_describe_configs, 4, std::move(request));
  std::vector<KafkaError> codes;
  codes.reserve(response.results.size());
  for (const auto& result : response.results) {
    codes.push_back(result.error_code);
  }
  EXPECT_EQ(codes,
            (std::vector<KafkaError>{kUnknownTopicOrPartition,
                                     kInvalidTopicException,
                                     kNone,
                                     kInvalidRequest,
                                     kInvalidRequest,
                                     kInvalidRequest,
                                     kInvalidRequest}));
}

TEST(DescribeConfigs, tells_no_secret) {
  TestBroker broker(ConfigTexts{{"ssl.key.password", "tell nobody"}});
  const auto rows = describe(broker, kBrokerType, "1");
  const auto told = std::ranges::count_if(broker_config_rows(),
                                          [](const BrokerConfigRow& row) { return !row.older; });
  EXPECT_EQ(rows.size(), static_cast<std::size_t>(told));
  EXPECT_EQ(text_of(rows.at("ssl.key.password")), "null 4 ssl.key.password=null@4");
  EXPECT_TRUE(rows.at("ssl.key.password").is_sensitive);
}

TEST(TopicDefaults, follow_the_broker_where_nothing_was_set) {
  TestBroker broker(
      {{"log.retention.ms", "1000"}, {"log.segment.bytes", "2000"}, {"log.preallocate", "true"}});
  broker.make_topic("a");
  EXPECT_EQ(edit(broker, kTopicType, "a", {{"segment.bytes", kSet, "3000"}}), kNone);
  auto rows = describe(broker, kTopicType, "a");
  EXPECT_EQ(text_of(rows.at("retention.ms")), "1000 4 log.retention.ms=1000@4");
  EXPECT_EQ(text_of(rows.at("preallocate")),
            "true 4 log.preallocate=true@4 log.preallocate=false@5");
  EXPECT_EQ(text_of(rows.at("segment.bytes")),
            "3000 1 segment.bytes=3000@1 log.segment.bytes=2000@4 "
            "log.segment.bytes=1073741824@5");
  EXPECT_EQ(broker.log->topic("a")->config.retention_ms, 1000);

  // The next start has other ones.
  broker.restart({{"log.retention.hours", "2"}});
  rows = describe(broker, kTopicType, "a");
  EXPECT_EQ(text_of(rows.at("retention.ms")), "7200000 5");
  EXPECT_EQ(text_of(rows.at("preallocate")), "false 5 log.preallocate=false@5");
  EXPECT_EQ(text_of(rows.at("segment.bytes")),
            "3000 1 segment.bytes=3000@1 log.segment.bytes=1073741824@5");
  EXPECT_EQ(broker.log->topic("a")->config.retention_ms, 7'200'000);
  EXPECT_EQ(broker.log->topic("a")->config.segment_bytes, 3000);
}

TEST(TopicDefaults, changed_while_the_broker_runs_take_effect_on_topics_that_are_there) {
  TestBroker broker;
  broker.make_topic("a");
  broker.make_topic("kept", 1, log::TopicConfig::keep_for_ever());
  EXPECT_EQ(edit(broker,
                 kBrokerType,
                 "1",
                 {{"message.max.bytes", kSet, "5000"}, {"log.retention.ms", kSet, "70"}}),
            kNone);
  EXPECT_EQ(broker.log->topic("a")->config.max_message_bytes, 5000);
  EXPECT_EQ(broker.log->topic("kept")->config.retention_ms, -1);
  EXPECT_EQ(text_of(describe(broker, kTopicType, "a").at("max.message.bytes")),
            "5000 2 message.max.bytes=5000@2 message.max.bytes=1048588@5");
  broker.restart();
  EXPECT_EQ(broker.log->topic("a")->config.max_message_bytes, 5000);
  EXPECT_EQ(edit(broker, kBrokerType, "1", {{"message.max.bytes", kDelete, {}}}), kNone);
  EXPECT_EQ(broker.log->topic("a")->config.max_message_bytes, 1'048'588);
  EXPECT_EQ(broker.log->topic("a")->config.retention_ms, 70);
  EXPECT_EQ(broker.log->topic("kept")->config.max_message_bytes, 1'048'588);
}

TEST(TopicDefaults, of_the_cluster_stand_behind_those_of_the_broker) {
  TestBroker broker;
  broker.make_topic("a");
  EXPECT_EQ(edit(broker, kBrokerType, "", {{"log.segment.bytes", kSet, "5000"}}), kNone);
  EXPECT_EQ(edit(broker, kBrokerType, "1", {{"log.segment.bytes", kSet, "6000"}}), kNone);
  for (int life = 0; life < 2; ++life) {
    EXPECT_EQ(text_of(describe(broker, kTopicType, "a").at("segment.bytes")),
              "6000 2 log.segment.bytes=6000@2 log.segment.bytes=5000@3 "
              "log.segment.bytes=1073741824@5");
    const auto cluster = describe(broker, kBrokerType, "");
    ASSERT_EQ(cluster.size(), 2U);  // And min.insync.replicas.
    EXPECT_EQ(text_of(cluster.at("log.segment.bytes")), "5000 3 log.segment.bytes=5000@3");
    broker.restart();
  }
  EXPECT_EQ(edit(broker, kBrokerType, "1", {{"log.segment.bytes", kDelete, {}}}), kNone);
  EXPECT_EQ(broker.log->topic("a")->config.segment_bytes, 5000);
  EXPECT_EQ(edit(broker, kBrokerType, "", {{"listeners", kSet, "A://b:1"}}), kInvalidRequest);
}

TEST(AlterConfigs, replaces_everything_in_every_version) {
  TestBroker broker;
  broker.make_topic("a");
  for (std::int16_t version = 0; version <= 2; ++version) {
    EXPECT_EQ(replace(broker, "a", {{"retention.ms", "5"}, {"flush.ms", "6"}}, version), kNone);
    EXPECT_EQ(replace(broker, "a", {{"segment.bytes", "7000"}}, version), kNone);
    EXPECT_EQ(broker.log->topic("a")->settings, (log::ConfigMap{{"segment.bytes", "7000"}}));
    EXPECT_EQ(broker.log->topic("a")->config.retention_ms, 604'800'000);
  }
  EXPECT_EQ(replace(broker, "a", {{"segment.bytes", "7000"}, {"no.such", "1"}}, 2), kInvalidConfig);
  EXPECT_EQ(replace(broker, "a", {{"segment.bytes", "many"}}, 2), kInvalidConfig);
  EXPECT_EQ(replace(broker, "unknown", {}, 2), kUnknownTopicOrPartition);
  broker.restart();
  EXPECT_EQ(broker.log->topic("a")->settings, (log::ConfigMap{{"segment.bytes", "7000"}}));
}

TEST(IncrementalAlterConfigs, changes_a_part_and_survives) {
  TestBroker broker;
  broker.make_topic("a");
  EXPECT_EQ(edit(broker, kTopicType, "a", {{"retention.ms", kSet, "5"}}, false, 0), kNone);
  EXPECT_EQ(edit(broker, kTopicType, "a", {{"cleanup.policy", kAppend, "compact"}}), kNone);
  EXPECT_EQ(edit(broker, kTopicType, "a", {{"cleanup.policy", kAppend, "compact"}}), kNone);
  EXPECT_EQ(broker.log->topic("a")->settings,
            (log::ConfigMap{{"cleanup.policy", "delete,compact"}, {"retention.ms", "5"}}));
  EXPECT_EQ(edit(broker,
                 kTopicType,
                 "a",
                 {{"cleanup.policy", kSubtract, "delete"}, {"retention.ms", kDelete, {}}}),
            kNone);
  broker.restart();
  EXPECT_EQ(broker.log->topic("a")->settings, (log::ConfigMap{{"cleanup.policy", "compact"}}));
  EXPECT_TRUE(broker.log->topic("a")->config.cleanup_compact);
  EXPECT_FALSE(broker.log->topic("a")->config.cleanup_delete);
}

TEST(IncrementalAlterConfigs, refuses_what_kafka_refuses) {
  TestBroker broker;
  broker.make_topic("a");
  const std::uint64_t frames = broker.frames();

  struct Case {
    std::int8_t type = kTopicType;
    std::string name = "a";
    std::vector<Edit> edits = {};
    KafkaError expected = kNone;
  };

  for (const Case& one : std::vector<Case>{
           {.edits = {{"retention.ms", kSet, {}}}, .expected = kInvalidConfig},
           {.edits = {{"retention.ms", kSet, "soon"}}, .expected = kInvalidConfig},
           {.edits = {{"retention.ms", kAppend, "1"}}, .expected = kInvalidConfig},
           {.edits = {{"retention.ms", 9, "1"}}, .expected = kInvalidConfig},
           {.edits = {{"no.such", kSet, "1"}}, .expected = kInvalidConfig},
           {.edits = {{"cleanup.policy", kAppend, "keep"}}, .expected = kInvalidConfig},
           {.edits = {{"cleanup.policy", kSubtract, "delete"}}, .expected = kInvalidConfig},
           {.edits = {{"flush.ms", kSet, "1"}, {"flush.ms", kSet, "2"}},
            .expected = kInvalidRequest},
           {.name = "unknown", .expected = kUnknownTopicOrPartition},
           {.name = "__millrace_metadata",
            .edits = {{"flush.ms", kSet, "1"}},
            .expected = kInvalidConfig},
           {.type = kBrokerType,
            .name = "1",
            .edits = {{"num.partitions", kSet, "4"}},
            .expected = kInvalidRequest},
           {.type = kBrokerType,
            .name = "1",
            .edits = {{"no.such", kSet, "4"}},
            .expected = kInvalidRequest},
           {.type = kBrokerType,
            .name = "1",
            .edits = {{"message.max.bytes", kSet, "many"}},
            .expected = kInvalidRequest},
           {.type = kBrokerType,
            .name = "1",
            .edits = {{"min.insync.replicas", kSet, "2"}},
            .expected = kInvalidConfig},
           {.type = kBrokerType,
            .name = "2",
            .edits = {{"message.max.bytes", kSet, "5000"}},
            .expected = kInvalidRequest},
           {.type = 8, .name = "1", .expected = kInvalidRequest},
           {.type = 99, .name = "x", .expected = kInvalidRequest},
       }) {
    EXPECT_EQ(edit(broker, one.type, one.name, one.edits), one.expected)
        << one.name << " " << (one.edits.empty() ? "" : one.edits.front().name);
  }
  EXPECT_TRUE(broker.log->topic("a")->settings.empty());
  EXPECT_TRUE(broker.settings->dynamic().broker.empty());
  EXPECT_EQ(broker.frames(), frames);
}

TEST(IncrementalAlterConfigs, keeps_one_min_insync_replicas_for_the_cluster) {
  TestBroker broker;
  MUST(broker.settings->set_dynamic(MUST(load_dynamic_configs(*broker.log, *broker.settings))));
  EXPECT_EQ(text_of(describe(broker, kBrokerType, "").at("min.insync.replicas")),
            "1 3 min.insync.replicas=1@3");
  EXPECT_EQ(edit(broker, kBrokerType, "", {{"min.insync.replicas", kDelete, {}}}), kInvalidConfig);
  EXPECT_EQ(edit(broker, kBrokerType, "", {{"min.insync.replicas", kSet, "2"}}), kNone);
  EXPECT_EQ(MUST(load_dynamic_configs(*broker.log, *broker.settings)).cluster,
            (ConfigTexts{{"min.insync.replicas", "2"}}));
}

TEST(IncrementalAlterConfigs, deletes_what_is_not_there) {
  TestBroker broker;
  EXPECT_EQ(edit(broker, kBrokerType, "1", {{"leader.replication.throttled.rate", kDelete, {}}}),
            kNone);
  EXPECT_EQ(edit(broker, kBrokerType, "1", {{"leader.replication.throttled.rate", kSet, "5"}}),
            kInvalidRequest);
}

TEST(DescribeConfigs, says_of_every_setting_what_it_does_here) {
  TestBroker broker;
  for (const auto& [name, row] : describe(broker, kBrokerType, "1")) {
    EXPECT_FALSE(row.documentation.value_or("").empty()) << name;
  }
}

TEST(IncrementalAlterConfigs, changes_nothing_when_it_is_only_to_be_checked) {
  TestBroker broker;
  broker.make_topic("a");
  const std::uint64_t frames = broker.frames();
  EXPECT_EQ(edit(broker, kTopicType, "a", {{"retention.ms", kSet, "5"}}, true), kNone);
  EXPECT_EQ(edit(broker, kTopicType, "a", {{"retention.ms", kSet, "x"}}, true), kInvalidConfig);
  EXPECT_EQ(edit(broker, kBrokerType, "1", {{"message.max.bytes", kSet, "5"}}, true), kNone);
  EXPECT_EQ(edit(broker, kBrokerType, "1", {{"message.max.bytes", kSet, "x"}}, true),
            kInvalidRequest);
  EXPECT_TRUE(broker.log->topic("a")->settings.empty());
  EXPECT_TRUE(broker.settings->dynamic().broker.empty());
  EXPECT_EQ(broker.frames(), frames);
}

TEST(IncrementalAlterConfigs, changes_many_topics_with_one_frame_and_none_that_is_named_twice) {
  TestBroker broker;
  wire::IncrementalAlterConfigsRequest request;
  const auto add = [&](const std::string& topic) {
    auto& resource = request.resources.emplace_back();
    resource.resource_type = kTopicType;
    resource.resource_name = topic;
    resource.configs = {{.name = "retention.ms", .config_operation = kSet, .value = "5"}};
  };
  for (int i = 0; i < 100; ++i) {
    broker.make_topic("t" + std::to_string(i));
    add("t" + std::to_string(i));
  }
  add("t7");
  const std::uint64_t frames = broker.frames();
  const auto response = broker.ask(handle_incremental_alter_configs, 1, std::move(request));
  EXPECT_EQ(broker.frames(), frames + 1);
  for (std::size_t i = 0; i < response.responses.size(); ++i) {
    const bool twice = i == 7 || i == 100;
    EXPECT_EQ(response.responses[i].error_code, twice ? kInvalidRequest : kNone) << i;
    const std::string& name = response.responses[i].resource_name;
    EXPECT_EQ(broker.log->topic(name)->settings.empty(), twice) << name;
  }
}

TEST(ListConfigResources, names_what_has_configurations) {
  TestBroker broker;
  broker.make_topic("a");
  EXPECT_TRUE(broker.ask(handle_list_config_resources, 0, {}).config_resources.empty());
  const auto all = broker.ask(handle_list_config_resources, 1, {});
  std::vector<std::pair<int, std::string>> names;
  names.reserve(all.config_resources.size());
  for (const auto& resource : all.config_resources) {
    names.emplace_back(resource.resource_type, resource.resource_name);
  }
  EXPECT_EQ(names,
            (std::vector<std::pair<int, std::string>>{
                {8, "1"}, {4, "1"}, {2, "__millrace_metadata"}, {2, "a"}}));
  wire::ListConfigResourcesRequest topics;
  topics.resource_types = {kTopicType};
  EXPECT_EQ(broker.ask(handle_list_config_resources, 1, std::move(topics)).config_resources.size(),
            2U);
  wire::ListConfigResourcesRequest strange;
  strange.resource_types = {77};
  const auto refused = broker.ask(handle_list_config_resources, 1, std::move(strange));
  EXPECT_EQ(refused.error_code, kUnsupportedVersion);
  EXPECT_TRUE(refused.config_resources.empty());
}

}  // namespace
}  // namespace millrace::broker
