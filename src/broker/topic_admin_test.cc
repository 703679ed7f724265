// Topics are made, grown, emptied and deleted: CreateTopics, CreatePartitions, DeleteRecords,
// DeleteTopics.
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "broker/admin_handlers.h"
#include "broker/detail/test_broker.h"

namespace millrace::broker {
namespace {

using enum wire::KafkaError;
using wire::KafkaError;
using Codes = std::vector<KafkaError>;

wire::CreateTopicsRequest::CreatableTopic new_topic(const std::string& name,
                                                    std::int32_t partitions = 1) {
  wire::CreateTopicsRequest::CreatableTopic topic;
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = 1;
  return topic;
}

wire::CreateTopicsResponse create(TestBroker& broker,
                                  std::vector<wire::CreateTopicsRequest::CreatableTopic> topics,
                                  std::int16_t version = 7,
                                  bool only_checked = false) {
  wire::CreateTopicsRequest request;
  request.topics = std::move(topics);
  request.validate_only = only_checked;
  return broker.ask(handle_create_topics, version, std::move(request));
}

template <class Results>
Codes codes_of(const Results& results) {
  Codes codes;
  for (const auto& result : results) {
    codes.push_back(result.error_code);
  }
  return codes;
}

TEST(CreateTopics, makes_topics_in_every_version) {
  TestBroker broker(ConfigTexts{{"num.partitions", "3"}});
  for (std::int16_t version = 2; version <= 7; ++version) {
    const std::string name = "t" + std::to_string(version);
    auto topic = new_topic(name, version >= 4 ? -1 : 3);
    topic.replication_factor = version >= 4 ? -1 : 1;
    topic.configs = {{.name = "retention.ms", .value = "77"}};
    const auto response = create(broker, {topic}, version);
    ASSERT_EQ(codes_of(response.topics), Codes{kNone}) << version;
    const auto made = broker.log->topic(name);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->partitions, 3);
    EXPECT_EQ(made->settings, (log::ConfigMap{{"retention.ms", "77"}}));
    const auto& answer = response.topics.front();
    EXPECT_FALSE(answer.error_message.has_value() && !answer.error_message->empty());
    if (version >= 5) {
      EXPECT_EQ(answer.num_partitions, 3);
      EXPECT_EQ(answer.replication_factor, 1);
      ASSERT_TRUE(answer.configs);
      EXPECT_EQ(answer.configs->size(), log::topic_options().options.size());
      const auto row = std::ranges::find(
          *answer.configs, "retention.ms", [](const auto& config) { return config.name; });
      ASSERT_NE(row, answer.configs->end());
      EXPECT_EQ(row->value, "77");
      EXPECT_EQ(row->config_source, 1);
    }
    if (version >= 7) {
      EXPECT_EQ(answer.topic_id, made->id);
    }
  }
}

TEST(CreateTopics, refuses_each_topic_for_itself) {
  TestBroker broker;
  broker.make_topic("there.is");
  const auto by_hand =
      [](const std::vector<std::pair<std::int32_t, std::vector<std::int32_t>>>& replicas) {
        auto topic = new_topic("by-hand", -1);
        topic.replication_factor = -1;
        for (const auto& [partition, brokers] : replicas) {
          topic.assignments.push_back({.partition_index = partition, .broker_ids = brokers});
        }
        return topic;
      };
  auto with = [](const std::string& name, const std::string& value) {
    auto topic = new_topic("with");
    topic.configs = {{.name = name, .value = value}};
    return topic;
  };
  auto replicated = new_topic("replicated");
  replicated.replication_factor = 2;
  auto nowhere = new_topic("nowhere");
  nowhere.replication_factor = 0;
  auto both = by_hand({{0, {1}}});
  both.num_partitions = 1;
  const std::vector<std::pair<wire::CreateTopicsRequest::CreatableTopic, KafkaError>> cases = {
      {new_topic("there.is"), kTopicAlreadyExists},
      {new_topic("there_is"), kInvalidTopicException},
      {new_topic(""), kInvalidTopicException},
      {new_topic("."), kInvalidTopicException},
      {new_topic(".."), kInvalidTopicException},
      {new_topic("a/b"), kInvalidTopicException},
      {new_topic(std::string(250, 'x')), kInvalidTopicException},
      {new_topic("none", 0), kInvalidPartitions},
      {new_topic("fewer", -2), kInvalidPartitions},
      {new_topic("many", 2'000'000'000), kInvalidPartitions},
      {new_topic("too-many", 100'000), kPolicyViolation},
      {replicated, kInvalidReplicationFactor},
      {nowhere, kInvalidReplicationFactor},
      {both, kInvalidRequest},
      {by_hand({{0, {2}}}), kInvalidReplicaAssignment},
      {by_hand({{0, {1, 1}}}), kInvalidReplicaAssignment},
      {by_hand({{0, {}}}), kInvalidReplicaAssignment},
      {by_hand({{1, {1}}, {2, {1}}}), kInvalidReplicaAssignment},
      {by_hand({{0, {1}}, {0, {1}}}), kInvalidReplicaAssignment},
      {with("retention.mss", "1"), kInvalidConfig},
      {with("retention.ms", "soon"), kInvalidConfig},
      {with("retention.ms", "-2"), kInvalidConfig},
      {with("segment.bytes", "99999999999"), kInvalidConfig},
      {with("cleanup.policy", "keep"), kInvalidConfig},
      {with("preallocate", "perhaps"), kInvalidConfig},
      {with("min.cleanable.dirty.ratio", "2"), kInvalidConfig},
      {with("compression.type", "rar"), kInvalidConfig},
  };
  for (const auto& [topic, expected] : cases) {
    for (const std::int16_t version : {std::int16_t{4}, std::int16_t{7}}) {
      const auto response = create(broker, {topic, new_topic("good")}, version, version == 4);
      ASSERT_EQ(response.topics.size(), 2U);
      const auto& refusal = response.topics.front();
      // Only the log knows how many partitions there may be in all.
      if (expected != kPolicyViolation || version == 7) {
        EXPECT_EQ(refusal.error_code, expected) << topic.name << " " << version;
        EXPECT_FALSE(refusal.error_message.value_or("").empty()) << topic.name;
      }
      EXPECT_EQ(response.topics.back().error_code, kNone) << topic.name;
    }
    EXPECT_TRUE(topic.name == "there.is" || !broker.log->topic(topic.name)) << topic.name;
    MUST(broker.log->delete_topic("good"));
  }
}

TEST(CreateTopics, takes_replicas_by_hand_when_they_are_here) {
  TestBroker broker;
  auto topic = new_topic("by-hand", -1);
  topic.replication_factor = -1;
  topic.assignments = {{.partition_index = 1, .broker_ids = {1}},
                       {.partition_index = 0, .broker_ids = {1}}};
  EXPECT_EQ(codes_of(create(broker, {topic}).topics), Codes{kNone});
  EXPECT_EQ(broker.log->topic("by-hand")->partitions, 2);
}

TEST(CreateTopics, makes_nothing_when_it_is_only_to_be_checked) {
  TestBroker broker;
  const std::uint64_t frames = broker.frames();
  const auto response = create(broker, {new_topic("a", 5)}, 7, /*only_checked=*/true);
  EXPECT_EQ(codes_of(response.topics), Codes{kNone});
  EXPECT_EQ(response.topics.front().num_partitions, 5);
  EXPECT_FALSE(response.topics.front().topic_id.is_none());
  EXPECT_FALSE(broker.log->topic("a"));
  EXPECT_EQ(broker.frames(), frames);
}

TEST(CreateTopics, refuses_a_name_that_comes_twice) {
  TestBroker broker;
  const auto response = create(broker, {new_topic("a"), new_topic("b"), new_topic("a")});
  EXPECT_EQ(codes_of(response.topics), (Codes{kInvalidRequest, kNone, kInvalidRequest}));
  EXPECT_FALSE(broker.log->topic("a"));
}

TEST(CreateTopics, makes_a_thousand_with_one_frame_that_survives) {
  TestBroker broker;
  std::vector<wire::CreateTopicsRequest::CreatableTopic> topics;
  topics.reserve(1'000);
  for (int i = 0; i < 1'000; ++i) {
    topics.push_back(new_topic("topic." + std::to_string(i)));
  }
  const std::uint64_t frames = broker.frames();
  const auto response = create(broker, topics);
  EXPECT_EQ(codes_of(response.topics), Codes(1'000, kNone));
  EXPECT_EQ(broker.frames(), frames + 1);
  broker.restart();
  EXPECT_EQ(broker.log->topics().size(), 1'001U);

  wire::DeleteTopicsRequest request;
  for (int i = 0; i < 1'000; ++i) {
    request.topics.push_back({.name = "topic." + std::to_string(i)});
  }
  const std::uint64_t before = broker.frames();
  const auto deleted = broker.ask(handle_delete_topics, 6, std::move(request));
  EXPECT_EQ(codes_of(deleted.responses), Codes(1'000, kNone));
  EXPECT_EQ(broker.frames(), before + 1);
  broker.restart();
  EXPECT_EQ(broker.log->topics().size(), 1U);
}

TEST(CreatePartitions, grows_topics_in_every_version_for_good) {
  TestBroker broker;
  broker.make_topic("a");
  std::int32_t count = 1;
  for (std::int16_t version = 0; version <= 3; ++version) {
    wire::CreatePartitionsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "a";
    topic.count = ++count;
    topic.assignments.reset();
    if (version == 3) {
      topic.assignments.emplace().push_back({.broker_ids = {1}});
    }
    const auto response = broker.ask(handle_create_partitions, version, std::move(request));
    EXPECT_EQ(codes_of(response.results), Codes{kNone}) << version;
    EXPECT_EQ(broker.log->topic("a")->partitions, count);
  }
  broker.restart();
  EXPECT_EQ(broker.log->topic("a")->partitions, count);
}

TEST(CreatePartitions, refuses_each_topic_for_itself) {
  TestBroker broker;
  broker.make_topic("a", 2);
  broker.make_topic("b", 2);
  broker.make_topic("__consumer_offsets", 2);
  wire::CreatePartitionsRequest request;
  const auto add = [&](const std::string& name, std::int32_t count) -> auto& {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.count = count;
    topic.assignments.reset();
    return topic;
  };
  add("unknown", 3);
  add("a", 2);
  add("b", 1);
  const auto first = broker.ask(handle_create_partitions, 3, std::exchange(request, {}));
  EXPECT_EQ(codes_of(first.results),
            (Codes{kUnknownTopicOrPartition, kInvalidPartitions, kInvalidPartitions}));
  add("a", -1);
  add("b", 2'000'000'000);
  const auto second = broker.ask(handle_create_partitions, 3, std::exchange(request, {}));
  EXPECT_EQ(codes_of(second.results), (Codes{kInvalidPartitions, kInvalidPartitions}));
  add("a", 4).assignments.emplace().push_back({.broker_ids = {1}});
  add("b", 3).assignments.emplace().push_back({.broker_ids = {7}});
  const auto third = broker.ask(handle_create_partitions, 3, std::exchange(request, {}));
  EXPECT_EQ(codes_of(third.results), (Codes{kInvalidReplicaAssignment, kInvalidReplicaAssignment}));
  add("a", 3);
  add("__consumer_offsets", 3);
  add("a", 4);
  const auto fourth = broker.ask(handle_create_partitions, 3, std::exchange(request, {}));
  EXPECT_EQ(codes_of(fourth.results), (Codes{kInvalidRequest, kPolicyViolation, kInvalidRequest}));
  request.validate_only = true;
  add("a", 3);
  const auto fifth = broker.ask(handle_create_partitions, 3, std::exchange(request, {}));
  EXPECT_EQ(codes_of(fifth.results), Codes{kNone});
  EXPECT_EQ(broker.log->topic("a")->partitions, 2);
  EXPECT_EQ(broker.log->topic("b")->partitions, 2);
}

TEST(DeleteRecords, moves_the_start_in_every_version_with_one_frame_for_good) {
  TestBroker broker;
  broker.make_topic("a", 2);
  for (const std::int32_t partition : {0, 1}) {
    for (int i = 0; i < 10; ++i) {
      broker.append("a", {"x"}, partition);
    }
  }
  std::int64_t start = 0;
  for (std::int16_t version = 0; version <= 2; ++version) {
    wire::DeleteRecordsRequest request;
    start += 2;
    request.topics = {{.name = "a",
                       .partitions = {{.partition_index = 0, .offset = start},
                                      {.partition_index = 1, .offset = start + 1}}}};
    const std::uint64_t frames = broker.frames();
    const auto response = broker.ask(handle_delete_records, version, std::move(request));
    EXPECT_EQ(broker.frames(), frames + 1);
    ASSERT_EQ(codes_of(response.topics.at(0).partitions), (Codes{kNone, kNone}));
    EXPECT_EQ(response.topics[0].partitions[0].low_watermark, start);
    EXPECT_EQ(response.topics[0].partitions[1].low_watermark, start + 1);
  }
  wire::DeleteRecordsRequest all;
  all.topics = {{.name = "a", .partitions = {{.partition_index = 1, .offset = -1}}}};
  EXPECT_EQ(broker.ask(handle_delete_records, 2, std::move(all))
                .topics.at(0)
                .partitions.at(0)
                .low_watermark,
            10);
  broker.restart();
  EXPECT_EQ(broker.log->describe({"a", PartitionId(0)})->log_start_offset, Offset(6));
  EXPECT_EQ(broker.log->describe({"a", PartitionId(1)})->log_start_offset, Offset(10));
}

TEST(DeleteRecords, refuses_each_partition_for_itself) {
  TestBroker broker;
  broker.make_topic("a");
  broker.make_topic("compacted", 1, log::TopicConfig::compacted());
  broker.append("a", {"x", "y"});
  wire::DeleteRecordsRequest request;
  request.topics = {{.name = "a",
                     .partitions = {{.partition_index = 0, .offset = 3},
                                    {.partition_index = 0, .offset = -2},
                                    {.partition_index = 1, .offset = 0},
                                    {.partition_index = -1, .offset = 0}}},
                    {.name = "unknown", .partitions = {{.partition_index = 0, .offset = 0}}},
                    {.name = "compacted", .partitions = {{.partition_index = 0, .offset = 0}}}};
  const auto response = broker.ask(handle_delete_records, 2, std::move(request));
  EXPECT_EQ(codes_of(response.topics.at(0).partitions),
            (Codes{kOffsetOutOfRange,
                   kOffsetOutOfRange,
                   kUnknownTopicOrPartition,
                   kUnknownTopicOrPartition}));
  EXPECT_EQ(codes_of(response.topics.at(1).partitions), Codes{kUnknownTopicOrPartition});
  EXPECT_EQ(codes_of(response.topics.at(2).partitions), Codes{kPolicyViolation});
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      EXPECT_EQ(partition.low_watermark, -1);
    }
  }
}

TEST(DeleteTopics, by_name_in_every_version_and_by_id) {
  TestBroker broker;
  for (std::int16_t version = 1; version <= 6; ++version) {
    const Uuid id = broker.make_topic("a").id;
    wire::DeleteTopicsRequest request;
    if (version < 6) {
      request.topic_names = {"a", "unknown"};
    } else {
      request.topics = {{.name = "a"}, {.name = "unknown"}};
    }
    const auto response = broker.ask(handle_delete_topics, version, std::move(request));
    EXPECT_EQ(codes_of(response.responses), (Codes{kNone, kUnknownTopicOrPartition})) << version;
    EXPECT_EQ(response.responses[0].name, "a");
    if (version == 6) {
      EXPECT_EQ(response.responses[0].topic_id, id);
    }
    EXPECT_FALSE(broker.log->topic("a"));
  }
  const Uuid id = broker.make_topic("b").id;
  Uuid other;
  other.bytes[3] = 7;
  wire::DeleteTopicsRequest request;
  request.topics = {{.topic_id = id}, {.topic_id = other}};
  const auto response = broker.ask(handle_delete_topics, 6, std::move(request));
  EXPECT_EQ(codes_of(response.responses), (Codes{kNone, kUnknownTopicId}));
  EXPECT_EQ(response.responses[0].name, "b");
  EXPECT_FALSE(response.responses[1].name.has_value());
  broker.restart();
  EXPECT_EQ(broker.log->topics().size(), 1U);
}

TEST(DeleteTopics, refuses_what_is_named_twice_or_not_at_all) {
  TestBroker broker;
  broker.make_topic("a");
  broker.make_topic("c");
  const Uuid b = broker.make_topic("b").id;
  const Uuid c = broker.log->topic("c")->id;
  wire::DeleteTopicsRequest request;
  request.topics = {{.name = "a"},
                    {.name = "a"},
                    {.topic_id = b},
                    {.topic_id = b},
                    {.name = "b", .topic_id = b},
                    {},
                    {.topic_id = c},
                    {.name = "__millrace_metadata"}};
  const auto response = broker.ask(handle_delete_topics, 6, std::move(request));
  EXPECT_EQ(codes_of(response.responses),
            (Codes{kInvalidRequest,
                   kInvalidRequest,
                   kInvalidRequest,
                   kInvalidRequest,
                   kInvalidRequest,
                   kInvalidRequest,
                   kNone,
                   kInvalidRequest}));
  EXPECT_TRUE(broker.log->topic("a"));
  EXPECT_TRUE(broker.log->topic("b"));
  EXPECT_TRUE(broker.log->topic("__millrace_metadata"));
}

TEST(DeleteTopics, deletes_nothing_when_that_is_disabled) {
  TestBroker broker(ConfigTexts{{"delete.topic.enable", "false"}});
  broker.make_topic("a");
  wire::DeleteTopicsRequest request;
  request.topic_names = {"a", "unknown"};
  const auto response = broker.ask(handle_delete_topics, 5, std::move(request));
  EXPECT_EQ(codes_of(response.responses),
            (Codes{kTopicDeletionDisabled, kUnknownTopicOrPartition}));
  EXPECT_TRUE(broker.log->topic("a"));
}

TEST(TopicAdmin, is_refused_with_an_error_when_the_disk_is_gone) {
  TestBroker broker;
  broker.make_topic("a", 2);
  broker.append("a", {"x", "y"});
  MUST(broker.log->close());
  EXPECT_EQ(codes_of(create(broker, {new_topic("b")}).topics), Codes{kKafkaStorageError});
  wire::DeleteTopicsRequest deletion;
  deletion.topics = {{.name = "a"}};
  EXPECT_EQ(codes_of(broker.ask(handle_delete_topics, 6, std::move(deletion)).responses),
            Codes{kKafkaStorageError});
  wire::CreatePartitionsRequest growth;
  auto& topic = growth.topics.emplace_back();
  topic.name = "a";
  topic.count = 3;
  topic.assignments.reset();
  EXPECT_EQ(codes_of(broker.ask(handle_create_partitions, 3, std::move(growth)).results),
            Codes{kKafkaStorageError});
  wire::DeleteRecordsRequest records;
  records.topics = {{.name = "a", .partitions = {{.partition_index = 0, .offset = 1}}}};
  EXPECT_EQ(
      codes_of(broker.ask(handle_delete_records, 2, std::move(records)).topics.at(0).partitions),
      Codes{kKafkaStorageError});
}

}  // namespace
}  // namespace millrace::broker
