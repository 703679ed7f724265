#include "cli/kafka_tool_texts.h"

#include <gtest/gtest.h>

#include "cli/java_errors.h"

namespace millrace::cli {
namespace {

using client::TopicPartition;

TopicPartition at(const std::string& topic, std::int32_t partition) {
  return {.topic = topic, .partition = PartitionId(partition)};
}

TEST(KafkaToolTexts, of_a_topic_are_tab_separated_with_what_was_set) {
  client::TopicInfo topic{.name = "kept",
                          .id = Uuid::from_bits(0x0123456789abcdef, 0x0123456789abcdef)};
  topic.partitions.push_back({.replicas = {1, 2}});
  const std::vector<client::ConfigEntry> configs = {
      {.name = "cleanup.policy", .value = "compact,delete", .source = client::ConfigSource::kTopic},
      {.name = "flush.ms", .value = "1", .source = client::ConfigSource::kDefault},
      {.name = "min.insync.replicas",
       .value = "1",
       .source = client::ConfigSource::kDynamicDefaultBroker}};
  EXPECT_EQ(topic_line(topic, configs),
            "Topic: kept\tTopicId: " + topic.id.to_base64() +
                "\tPartitionCount: 1\tReplicationFactor: 2\tConfigs: "
                "cleanup.policy=compact,delete,min.insync.replicas=1\n");
}

TEST(KafkaToolTexts, of_a_partition_name_leader_replicas_and_eligible_ones) {
  const client::PartitionInfo partition{
      .id = PartitionId(2), .leader = 1, .replicas = {1, 3}, .in_sync = {1}};
  EXPECT_EQ(partition_line("orders", partition, EligibleReplicas{}),
            "\tTopic: orders\tPartition: 2\tLeader: 1\tReplicas: 1,3\tIsr: 1\tElr: "
            "\tLastKnownElr: \n");
  EXPECT_EQ(partition_line("orders", {}, std::nullopt),
            "\tTopic: orders\tPartition: 0\tLeader: none\tReplicas: \tIsr: \tElr: N/A"
            "\tLastKnownElr: N/A\n");
}

TEST(KafkaToolTexts, of_offsets_have_kafkas_columns) {
  std::vector<GroupOffsetRow> rows(2);
  rows[0] = {.partition = at("packed", 0), .committed = 4, .log_end = 9};
  rows[1] = {.partition = at("a.topic.with.a.long.name", 12),
             .leader_epoch = 3,
             .consumer_id = "c-1",
             .host = "/127.0.0.1",
             .client_id = "me"};
  EXPECT_EQ(group_offsets_table("readers", rows, /*verbose=*/false),
            "\nGROUP           TOPIC                    PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  "
            "LAG             CONSUMER-ID     HOST            CLIENT-ID"
            "\nreaders         packed                   0          4               9               "
            "5               -               -               -"
            "\nreaders         a.topic.with.a.long.name 12         -               -               "
            "-               c-1             /127.0.0.1      me\n");
  const std::string verbose = group_offsets_table("readers", std::span(rows).first(1), true);
  EXPECT_EQ(verbose.find("\nGROUP           TOPIC           PARTITION  LEADER-EPOCH    "
                         "CURRENT-OFFSET  "),
            0U);
}

TEST(KafkaToolTexts, of_members_show_instances_and_assignments_when_there_are_any) {
  client::GroupDescription group{.id = "readers"};
  EXPECT_EQ(group_members_table(group, /*verbose=*/false),
            "\nGROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     \n");
  group.members.push_back({.id = "m",
                           .instance_id = "i",
                           .client_id = "me",
                           .host = "/::1",
                           .assignment = {at("b", 1), at("a", 10), at("a", 2)}});
  EXPECT_EQ(group_members_table(group, /*verbose=*/true),
            "\nGROUP           CONSUMER-ID     GROUP-INSTANCE-ID HOST            CLIENT-ID       "
            "#PARTITIONS     CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    "
            "TARGET-ASSIGNMENT   \n"
            "readers         m               i                 /::1            me              "
            "3               -               a:2,10;b:1           -               -             "
            "      \n");
}

TEST(KafkaToolTexts, of_a_state_name_the_coordinator) {
  const client::GroupDescription group{.id = "readers",
                                       .state = "Empty",
                                       .coordinator = 1,
                                       .coordinator_address = {.host = "localhost", .port = 9092}};
  EXPECT_EQ(group_state_table(group, /*verbose=*/false),
            "\nGROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                "
            "#MEMBERS"
            "\nreaders         localhost:9092  (1)       -                    Empty                "
            "0\n");
  EXPECT_EQ(group_state_note("g", "Empty"), "\nConsumer group 'g' has no active members.");
  EXPECT_EQ(group_state_note("g", "PreparingRebalance"),
            "\nWarning: Consumer group 'g' is rebalancing.");
  EXPECT_EQ(group_state_note("g", "Stable"), "");
}

TEST(KafkaToolTexts, of_a_list_are_as_wide_as_the_longest_group_and_ten) {
  const std::vector<client::GroupListing> groups = {
      {.id = "readers", .protocol_type = "consumer", .state = "Empty", .type = "classic"},
      {.id = "a-group-with-a-long-name"}};
  EXPECT_EQ(group_list_table(groups, /*with_type=*/true, /*with_state=*/true),
            "GROUP                              TYPE                 STATE               \n"
            "readers                            Classic              Empty               \n"
            "a-group-with-a-long-name           Unknown              Unknown             \n");
}

TEST(KafkaToolTexts, of_new_and_deleted_offsets) {
  const ResetOffsets offsets = {{"readers", {{at("packed", 0), Offset(4)}}}};
  EXPECT_EQ(reset_offsets_table(offsets),
            "\nGROUP           TOPIC           PARTITION  NEW-OFFSET"
            "\nreaders         packed          0          4\n");
  EXPECT_EQ(reset_offsets_csv(offsets, /*with_group=*/false), "packed,0,4\n\n");
  EXPECT_EQ(reset_offsets_csv(offsets, /*with_group=*/true), "readers,packed,0,4\n\n");
  EXPECT_EQ(deleted_offsets_table({{at("packed", 0), "Successful"}, {at("x", -1), "Error: y"}}),
            "\nTOPIC           PARTITION  STATUS         "
            "\npacked          0          Successful     "
            "\nx               -          Error: y       \n");
}

TEST(KafkaToolTexts, of_errors_are_javas) {
  using enum client::KafkaError;
  EXPECT_EQ(java_exception({.error = kGroupIdNotFound}),
            "org.apache.kafka.common.errors.GroupIdNotFoundException: The group id does not "
            "exist.");
  EXPECT_EQ(java_exception({.error = kGroupIdNotFound, .message = "Group nobody not found."}),
            "org.apache.kafka.common.errors.GroupIdNotFoundException: Group nobody not found.");
  EXPECT_EQ(java_exception({.error = kInvalidTxnState})
                .find("org.apache.kafka.common.errors.InvalidTxnStateException: "),
            0U);
}

}  // namespace
}  // namespace millrace::cli
