// The APIs of groups as clients of each version see them. What groups do is in
// group_coordinator_test.cc.
#include "broker/group_handlers.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "broker/detail/test_broker.h"

namespace millrace::broker {
namespace {

using wire::KafkaError;

constexpr std::int64_t kRebalanceMs = 3'100;

data::BlockSlice slice(const std::string& text) {
  return data::BlockSlice::copy(text);
}

std::int16_t at_most(std::int16_t version, std::int16_t limit) {
  return std::min(version, limit);
}

wire::JoinGroupRequest join_request(const std::string& member, const std::string& type) {
  wire::JoinGroupRequest request;
  request.group_id = "g";
  request.session_timeout_ms = 10'000;
  request.rebalance_timeout_ms = 20'000;
  request.member_id = member;
  request.protocol_type = type;
  request.protocols.push_back({.name = "range", .metadata = slice("subscription")});
  return request;
}

/// Joins, with the id that is handed out if one is required.
wire::JoinGroupResponse join(TestBroker& broker,
                             std::int16_t version,
                             const std::string& type = "consumer",
                             const std::optional<std::string>& instance = {}) {
  wire::JoinGroupRequest request = join_request("", type);
  request.group_instance_id = instance;
  auto later = broker.begin(&handle_join_group, version, std::move(request));
  broker.settle();
  if (*later && (*later)->error_code == KafkaError::kMemberIdRequired) {
    EXPECT_GE(version, 4);
    const std::string given = TestBroker::sent(later, version).member_id;
    later = broker.begin(&handle_join_group, version, join_request(given, type));
  }
  broker.pass(kRebalanceMs);
  return TestBroker::sent(later, version);
}

wire::SyncGroupResponse sync(TestBroker& broker,
                             std::int16_t version,
                             const wire::JoinGroupResponse& joined,
                             const std::string& type = "consumer") {
  wire::SyncGroupRequest request;
  request.group_id = "g";
  request.generation_id = joined.generation_id;
  request.member_id = joined.member_id;
  if (version >= 5) {
    request.protocol_type = type;
    request.protocol_name = "range";
  }
  request.assignments.push_back({.member_id = joined.member_id, .assignment = slice("mine")});
  return broker.ask(&handle_sync_group, version, std::move(request));
}

KafkaError heartbeat(TestBroker& broker,
                     std::int16_t version,
                     const wire::JoinGroupResponse& joined,
                     std::int32_t generation) {
  wire::HeartbeatRequest request;
  request.group_id = "g";
  request.generation_id = generation;
  request.member_id = joined.member_id;
  return broker.ask(&handle_heartbeat, version, std::move(request)).error_code;
}

KafkaError leave(TestBroker& broker, std::int16_t version, const std::string& member) {
  wire::LeaveGroupRequest request;
  request.group_id = "g";
  if (version < 3) {
    request.member_id = member;
    return broker.ask(&handle_leave_group, version, std::move(request)).error_code;
  }
  request.members.push_back({.member_id = member});
  const auto response = broker.ask(&handle_leave_group, version, std::move(request));
  EXPECT_EQ(response.error_code, KafkaError::kNone);
  return response.members.at(0).error_code;
}

TEST(GroupHandlers, a_member_lives_through_a_generation_in_every_version) {
  for (std::int16_t version = 0; version <= 9; ++version) {
    TestBroker broker;
    const auto joined = join(broker, version);
    ASSERT_EQ(joined.error_code, KafkaError::kNone) << version;
    EXPECT_EQ(joined.generation_id, 1);
    EXPECT_EQ(joined.protocol_name, "range");
    EXPECT_EQ(joined.leader, joined.member_id);
    ASSERT_EQ(joined.members.size(), 1U);
    EXPECT_EQ(joined.members[0].metadata.view(), "subscription");
    EXPECT_EQ(joined.protocol_type.has_value(), version >= 7);
    const auto synced = sync(broker, at_most(version, 5), joined);
    EXPECT_EQ(synced.error_code, KafkaError::kNone) << version;
    EXPECT_EQ(synced.assignment.view(), "mine");
    const std::int16_t beats = at_most(version, 4);
    EXPECT_EQ(heartbeat(broker, beats, joined, 1), KafkaError::kNone);
    EXPECT_EQ(heartbeat(broker, beats, joined, 2), KafkaError::kIllegalGeneration);
    const std::int16_t leaves = at_most(version, 5);
    EXPECT_EQ(leave(broker, leaves, "nobody"), KafkaError::kUnknownMemberId);
    EXPECT_EQ(leave(broker, leaves, joined.member_id), KafkaError::kNone);
    EXPECT_EQ(heartbeat(broker, beats, joined, 1), KafkaError::kUnknownMemberId);
  }
}

TEST(GroupHandlers, any_protocol_type_is_a_group) {
  for (const std::string type : {"connect", "sr", "anything else"}) {
    TestBroker broker;
    const auto joined = join(broker, 7, type);
    EXPECT_EQ(joined.error_code, KafkaError::kNone);
    EXPECT_EQ(joined.protocol_type, type);
    EXPECT_EQ(sync(broker, 5, joined, type).protocol_type, type);
    EXPECT_EQ(sync(broker, 5, joined, "consumer").error_code,
              KafkaError::kInconsistentGroupProtocol);
    EXPECT_EQ(join(broker, 5, "consumer").error_code, KafkaError::kInconsistentGroupProtocol);
  }
}

TEST(GroupHandlers, a_static_member_that_comes_back_fences_the_one_before) {
  TestBroker broker;
  const auto first = join(broker, 5, "consumer", "i-1");
  EXPECT_EQ(first.error_code, KafkaError::kNone);
  EXPECT_EQ(sync(broker, 3, first).error_code, KafkaError::kNone);
  const auto second = join(broker, 9, "consumer", "i-1");
  EXPECT_EQ(second.error_code, KafkaError::kNone);
  EXPECT_NE(second.member_id, first.member_id);
  EXPECT_EQ(second.generation_id, first.generation_id);
  EXPECT_TRUE(second.skip_assignment);
  wire::HeartbeatRequest old;
  old.group_id = "g";
  old.generation_id = first.generation_id;
  old.member_id = first.member_id;
  old.group_instance_id = "i-1";
  EXPECT_EQ(broker.ask(&handle_heartbeat, 3, std::move(old)).error_code,
            KafkaError::kFencedInstanceId);
}

TEST(FindCoordinator, is_this_broker_in_every_version) {
  TestBroker broker;
  for (std::int16_t version = 0; version <= 6; ++version) {
    wire::FindCoordinatorRequest request;
    if (version < 4) {
      request.key = "g";
    } else {
      request.coordinator_keys = {"g", "h"};
    }
    const auto response = broker.ask(&handle_find_coordinator, version, std::move(request));
    if (version < 4) {
      EXPECT_EQ(response.error_code, KafkaError::kNone);
      EXPECT_EQ(response.node_id, 1);
      EXPECT_EQ(response.host, "127.0.0.1");
      EXPECT_EQ(response.port, 9092);
    } else {
      ASSERT_EQ(response.coordinators.size(), 2U);
      EXPECT_EQ(response.coordinators[1].key, "h");
      EXPECT_EQ(response.coordinators[1].node_id, 1);
    }
    if (version >= 1) {
      for (const std::int8_t type : {std::int8_t{1}, std::int8_t{2}, std::int8_t{99}}) {
        wire::FindCoordinatorRequest other;
        other.key_type = type;
        other.key = version < 4 ? "x" : "";
        other.coordinator_keys =
            version < 4 ? std::vector<std::string>() : std::vector<std::string>{"x"};
        const auto refused = broker.ask(&handle_find_coordinator, version, std::move(other));
        EXPECT_EQ(version < 4 ? refused.error_code : refused.coordinators.at(0).error_code,
                  KafkaError::kInvalidRequest);
      }
    }
  }
}

wire::OffsetCommitRequest commit_request(const TestBroker& broker,
                                         std::int16_t version,
                                         std::int64_t offset,
                                         std::int32_t partition = 0) {
  wire::OffsetCommitRequest request;
  request.group_id = "g";
  auto& topic = request.topics.emplace_back();
  if (version >= 10) {
    topic.topic_id = broker.log->topic("t")->id;
  } else {
    topic.name = "t";
  }
  auto& to = topic.partitions.emplace_back();
  to.partition_index = partition;
  to.committed_offset = offset;
  to.committed_leader_epoch = version >= 6 ? 3 : -1;
  to.committed_metadata = "note";
  return request;
}

struct Fetched {
  std::int64_t offset = 0;
  std::int32_t epoch = 0;
  std::string metadata = {};
  KafkaError error = KafkaError::kNone;

  friend bool operator==(const Fetched&, const Fetched&) = default;
};

/// What the group has for partitions 0 and 1 of t; all that it has when `all`.
std::vector<Fetched> fetch(TestBroker& broker, std::int16_t version, bool all = false) {
  wire::OffsetFetchRequest request;
  if (version < 8) {
    request.group_id = "g";
    if (all) {
      request.topics.reset();
    } else {
      request.topics->push_back({.name = "t", .partition_indexes = {0, 1}});
    }
  } else {
    auto& group = request.groups.emplace_back();
    group.group_id = "g";
    if (all) {
      group.topics.reset();
    } else {
      auto& topic = group.topics->emplace_back();
      topic.partition_indexes = {0, 1};
      if (version < 10) {
        topic.name = "t";
      } else {
        topic.topic_id = broker.log->topic("t")->id;
      }
    }
  }
  const auto response = broker.ask(&handle_offset_fetch, version, std::move(request));
  std::vector<Fetched> fetched;
  const auto add = [&](const auto& topics) {
    for (const auto& topic : topics) {
      for (const auto& partition : topic.partitions) {
        fetched.push_back({.offset = partition.committed_offset,
                           .epoch = partition.committed_leader_epoch,
                           .metadata = partition.metadata.value_or("null"),
                           .error = partition.error_code});
      }
    }
  };
  if (version < 8) {
    add(response.topics);
  } else {
    EXPECT_EQ(response.groups.at(0).group_id, "g");
    add(response.groups.at(0).topics);
  }
  return fetched;
}

TEST(Offsets, go_round_in_every_version_and_survive) {
  TestBroker broker;
  broker.make_topic("t", 2);
  for (std::int16_t version = 2; version <= 10; ++version) {
    const auto committed =
        broker.ask(&handle_offset_commit, version, commit_request(broker, version, 40 + version));
    EXPECT_EQ(committed.topics.at(0).partitions.at(0).error_code, KafkaError::kNone) << version;
    const Fetched expected = {
        .offset = 40 + version, .epoch = version >= 6 ? 3 : -1, .metadata = "note"};
    for (std::int16_t reader = 1; reader <= 10; ++reader) {
      Fetched seen = expected;
      seen.epoch = reader >= 5 ? expected.epoch : -1;
      const Fetched none = {.offset = -1, .epoch = -1};
      EXPECT_EQ(fetch(broker, reader), (std::vector<Fetched>{seen, none})) << reader;
      if (reader >= 2) {
        EXPECT_EQ(fetch(broker, reader, /*all=*/true), std::vector<Fetched>{seen}) << reader;
      }
    }
    if (version % 4 == 0) {
      broker.restart();
    }
  }
}

TEST(Offsets, refuse_each_partition_for_itself) {
  TestBroker broker;
  broker.make_topic("t");
  auto request = commit_request(broker, 9, 5);
  request.topics[0].partitions.push_back({.partition_index = 7, .committed_offset = 1});
  request.topics[0].partitions.push_back({.partition_index = -1, .committed_offset = 1});
  request.topics.push_back(
      {.name = "unknown", .partitions = {{.partition_index = 0, .committed_offset = 1}}});
  const auto answer = broker.ask(&handle_offset_commit, 9, std::move(request));
  std::vector<KafkaError> codes;
  for (const auto& topic : answer.topics) {
    for (const auto& partition : topic.partitions) {
      codes.push_back(partition.error_code);
    }
  }
  EXPECT_EQ(codes,
            (std::vector<KafkaError>{KafkaError::kNone,
                                     KafkaError::kUnknownTopicOrPartition,
                                     KafkaError::kUnknownTopicOrPartition,
                                     KafkaError::kUnknownTopicOrPartition}));
  auto by_id = commit_request(broker, 10, 5);
  by_id.topics[0].topic_id = Uuid::from_bits(1, 2);
  EXPECT_EQ(broker.ask(&handle_offset_commit, 10, std::move(by_id))
                .topics.at(0)
                .partitions.at(0)
                .error_code,
            KafkaError::kUnknownTopicId);
  wire::OffsetFetchRequest fetch;
  auto& group = fetch.groups.emplace_back();
  group.group_id = "g";
  group.topics.emplace().push_back({.topic_id = Uuid::from_bits(1, 2), .partition_indexes = {0}});
  fetch.groups.emplace_back();  // Without a name.
  const auto fetched = broker.ask(&handle_offset_fetch, 10, std::move(fetch));
  EXPECT_EQ(fetched.groups.at(0).topics.at(0).partitions.at(0).error_code,
            KafkaError::kUnknownTopicId);
  EXPECT_EQ(fetched.groups.at(1).error_code, KafkaError::kInvalidGroupId);
}

TEST(Offsets, with_a_retention_of_any_length_are_kept) {
  TestBroker broker;
  broker.make_topic("t");
  auto request = commit_request(broker, 4, 5);
  request.retention_time_ms = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(broker.ask(&handle_offset_commit, 4, std::move(request))
                .topics.at(0)
                .partitions.at(0)
                .error_code,
            KafkaError::kNone);
  broker.pass(700'000);
  EXPECT_EQ(fetch(broker, 5, true).at(0).offset, 5);
}

TEST(DescribeGroups, tells_members_in_every_version_and_what_is_not_there) {
  TestBroker broker;
  const auto joined = join(broker, 5, "consumer", "i-1");
  EXPECT_EQ(sync(broker, 3, joined).error_code, KafkaError::kNone);
  for (std::int16_t version = 0; version <= 6; ++version) {
    wire::DescribeGroupsRequest request;
    request.groups = {"g", "unknown"};
    request.include_authorized_operations = version >= 3;
    const auto response = broker.ask(&handle_describe_groups, version, std::move(request));
    ASSERT_EQ(response.groups.size(), 2U);
    const auto& group = response.groups[0];
    EXPECT_EQ(group.error_code, KafkaError::kNone);
    EXPECT_EQ(group.group_state, "Stable");
    EXPECT_EQ(group.protocol_type, "consumer");
    EXPECT_EQ(group.protocol_data, "range");
    ASSERT_EQ(group.members.size(), 1U);
    EXPECT_EQ(group.members[0].client_id, "test");
    EXPECT_EQ(group.members[0].client_host, "/127.0.0.1");
    EXPECT_EQ(group.members[0].member_metadata.view(), "subscription");
    EXPECT_EQ(group.members[0].member_assignment.view(), "mine");
    EXPECT_EQ(group.members[0].group_instance_id.has_value(), version >= 4);
    EXPECT_EQ(group.authorized_operations != std::numeric_limits<std::int32_t>::min(),
              version >= 3);
    EXPECT_EQ(response.groups[1].group_state, "Dead");
    EXPECT_EQ(response.groups[1].error_code,
              version >= 6 ? KafkaError::kGroupIdNotFound : KafkaError::kNone);
  }
}

TEST(ListGroups, is_filtered_by_state_and_type) {
  TestBroker broker;
  broker.make_topic("t");
  const auto joined = join(broker, 5);
  EXPECT_EQ(sync(broker, 3, joined).error_code, KafkaError::kNone);
  auto alone = commit_request(broker, 9, 1);
  alone.group_id = "alone";
  broker.ask(&handle_offset_commit, 9, std::move(alone));
  const auto names = [&](std::int16_t version,
                         std::vector<std::string> states = {},
                         std::vector<std::string> types = {}) {
    wire::ListGroupsRequest request;
    request.states_filter = std::move(states);
    request.types_filter = std::move(types);
    std::string all;
    for (const auto& group : broker.ask(&handle_list_groups, version, std::move(request)).groups) {
      all += group.group_id + ":" + group.protocol_type + ":" + group.group_state + ":" +
             group.group_type + " ";
    }
    return all;
  };
  EXPECT_EQ(names(0), "alone::: g:consumer:: ");
  EXPECT_EQ(names(3), "alone::: g:consumer:: ");
  EXPECT_EQ(names(4), "alone::Empty: g:consumer:Stable: ");
  EXPECT_EQ(names(4, {"stable"}), "g:consumer:Stable: ");
  EXPECT_EQ(names(5), "alone::Empty:classic g:consumer:Stable:classic ");
  EXPECT_EQ(names(5, {"Empty", "Dead"}, {"Classic"}), "alone::Empty:classic ");
  EXPECT_EQ(names(5, {}, {"consumer"}), "");
}

TEST(DeleteGroups, takes_empty_groups_in_every_version_for_good) {
  TestBroker broker;
  broker.make_topic("t");
  const auto joined = join(broker, 5);
  EXPECT_EQ(sync(broker, 3, joined).error_code, KafkaError::kNone);
  for (std::int16_t version = 0; version <= 2; ++version) {
    auto alone = commit_request(broker, 9, 1);
    alone.group_id = "alone";
    broker.ask(&handle_offset_commit, 9, std::move(alone));
    wire::DeleteGroupsRequest request;
    request.groups_names = {"g", "alone", "unknown", ""};
    const auto response = broker.ask(&handle_delete_groups, version, std::move(request));
    std::vector<KafkaError> codes;
    codes.reserve(response.results.size());
    for (const auto& result : response.results) {
      codes.push_back(result.error_code);
    }
    EXPECT_EQ(codes,
              (std::vector<KafkaError>{KafkaError::kNonEmptyGroup,
                                       KafkaError::kNone,
                                       KafkaError::kGroupIdNotFound,
                                       KafkaError::kInvalidGroupId}));
  }
  broker.restart();
  EXPECT_EQ(broker.ask(&handle_list_groups, 5, {}).groups.size(), 1U);
}

TEST(OffsetDelete, removes_what_nobody_reads) {
  TestBroker broker;
  broker.make_topic("t", 2);
  auto request = commit_request(broker, 9, 1);
  request.topics[0].partitions.push_back({.partition_index = 1, .committed_offset = 2});
  broker.ask(&handle_offset_commit, 9, std::move(request));
  wire::OffsetDeleteRequest deletion;
  deletion.group_id = "g";
  deletion.topics = {{.name = "t", .partitions = {{.partition_index = 1}, {.partition_index = 9}}},
                     {.name = "unknown", .partitions = {{.partition_index = 0}}}};
  const auto response = broker.ask(&handle_offset_delete, 0, std::move(deletion));
  EXPECT_EQ(response.error_code, KafkaError::kNone);
  EXPECT_EQ(response.topics.at(0).partitions.at(0).error_code, KafkaError::kNone);
  EXPECT_EQ(response.topics.at(0).partitions.at(1).error_code,
            KafkaError::kUnknownTopicOrPartition);
  EXPECT_EQ(response.topics.at(1).partitions.at(0).error_code,
            KafkaError::kUnknownTopicOrPartition);
  broker.restart();
  EXPECT_EQ(fetch(broker, 9, true).size(), 1U);
  wire::OffsetDeleteRequest unknown;
  unknown.group_id = "unknown";
  EXPECT_EQ(broker.ask(&handle_offset_delete, 0, std::move(unknown)).error_code,
            KafkaError::kGroupIdNotFound);
}

}  // namespace
}  // namespace millrace::broker
