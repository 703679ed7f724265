#include "broker/group_coordinator.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "broker/detail/test_groups.h"

namespace millrace::broker {
namespace {

constexpr const char* kGroup = "g";

/// Joins the first member and gives the group `assignment`.
JoinAnswer form_group(TestGroups& world,
                      JoinRequest request,
                      const std::string& assignment = "all") {
  const std::string group = request.group;
  const auto joined = world.join(std::move(request));
  world.pass(0);
  EXPECT_TRUE(joined->has_value());
  const JoinAnswer answer = joined->value_or(JoinAnswer{});
  EXPECT_EQ(answer.error, Code::kNone);
  const auto synced = world.sync({.group = group,
                                  .member = answer.member,
                                  .instance = {},
                                  .generation = answer.generation,
                                  .assignments = {{answer.member, assignment}}});
  EXPECT_TRUE(synced->has_value() && (*synced)->error == Code::kNone);
  return answer;
}

TEST(GroupCoordinator, first_member_leads_and_sees_all_members) {
  TestGroups world;
  const auto joined = world.join(consumer(kGroup));
  world.pass(0);
  ASSERT_TRUE(joined->has_value());
  EXPECT_EQ((*joined)->error, Code::kNone);
  EXPECT_EQ((*joined)->generation, 1);
  EXPECT_EQ((*joined)->leader, (*joined)->member);
  EXPECT_EQ((*joined)->protocol, "range");
  ASSERT_EQ((*joined)->members.size(), 1U);
  EXPECT_EQ((*joined)->members[0].metadata, "meta");
  EXPECT_EQ(world.describe(kGroup).state, "CompletingRebalance");
}

TEST(GroupCoordinator, member_id_is_required_from_version_4_on) {
  TestGroups world;
  JoinRequest request = consumer(kGroup);
  request.requires_known_member = true;
  const auto first = world.join(request);
  ASSERT_TRUE(first->has_value());
  EXPECT_EQ((*first)->error, Code::kMemberIdRequired);
  EXPECT_TRUE((*first)->member.starts_with("app-"));
  request.member = (*first)->member;
  const auto second = world.join(request);
  world.pass(0);
  ASSERT_TRUE(second->has_value());
  EXPECT_EQ((*second)->error, Code::kNone);
  EXPECT_EQ((*second)->member, (*first)->member);
}

TEST(GroupCoordinator, id_that_was_handed_out_and_not_used_expires) {
  TestGroups world;
  JoinRequest request = consumer(kGroup);
  request.requires_known_member = true;
  request.member = world.join(request)->value().member;
  world.pass(request.session_ms + 1);
  EXPECT_EQ(world.join(request)->value().error, Code::kUnknownMemberId);
}

TEST(GroupCoordinator, initial_rebalance_waits_and_each_join_prolongs_it) {
  GroupConfig config = TestGroups::quick();
  config.initial_rebalance_delay_ms = 3'000;
  TestGroups world(1, config);
  const auto first = world.join(consumer(kGroup));
  world.pass(2'000);
  EXPECT_FALSE(first->has_value());
  const auto second = world.join(consumer(kGroup));
  world.pass(1'500);  // 3.5 s after the first: prolonged by the second.
  EXPECT_FALSE(first->has_value());
  world.pass(3'000);
  ASSERT_TRUE(first->has_value() && second->has_value());
  EXPECT_EQ((*first)->generation, 1);
  EXPECT_EQ((*second)->generation, 1);
  EXPECT_EQ((*first)->members.size() + (*second)->members.size(), 2U);
}

TEST(GroupCoordinator, followers_wait_for_the_assignment_of_the_leader) {
  TestGroups world;
  const auto first = world.join(consumer(kGroup));
  const auto second = world.join(consumer(kGroup));
  world.pass(0);
  ASSERT_TRUE(first->has_value() && second->has_value());
  const bool first_leads = (*first)->leader == (*first)->member;
  const JoinAnswer& leader = first_leads ? **first : **second;
  const JoinAnswer& follower = first_leads ? **second : **first;
  const auto waiting =
      world.sync({.group = kGroup, .member = follower.member, .generation = follower.generation});
  EXPECT_FALSE(waiting->has_value());
  const auto synced = world.sync({.group = kGroup,
                                  .member = leader.member,
                                  .generation = leader.generation,
                                  .assignments = {{follower.member, "F"}, {leader.member, "L"}}});
  ASSERT_TRUE(synced->has_value() && waiting->has_value());
  EXPECT_EQ((*synced)->error, Code::kNone);
  EXPECT_EQ((*synced)->assignment, "L");
  EXPECT_EQ((*waiting)->assignment, "F");
  EXPECT_EQ(world.describe(kGroup).state, "Stable");
}

TEST(GroupCoordinator, joining_member_starts_a_rebalance_of_which_heartbeats_tell) {
  TestGroups world;
  const JoinAnswer first = form_group(world, consumer(kGroup));
  EXPECT_EQ(world.heartbeat(kGroup, first), Code::kNone);
  const auto second = world.join(consumer(kGroup));
  EXPECT_FALSE(second->has_value());
  EXPECT_EQ(world.heartbeat(kGroup, first), Code::kRebalanceInProgress);
  const auto again = world.join(consumer(kGroup, first.member));
  ASSERT_TRUE(again->has_value() && second->has_value());
  EXPECT_EQ((*again)->generation, 2);
  EXPECT_EQ((*again)->leader, first.member);
  EXPECT_EQ((*again)->members.size(), 2U);
  EXPECT_TRUE((*second)->members.empty());
  EXPECT_EQ(world.heartbeat(kGroup, first), Code::kIllegalGeneration);
}

TEST(GroupCoordinator, member_that_does_not_rejoin_is_dropped_after_the_rebalance_timeout) {
  TestGroups world;
  JoinRequest slow = consumer(kGroup);
  slow.session_ms = 1'000'000;
  slow.rebalance_ms = 20'000;
  const JoinAnswer first = form_group(world, slow);
  const auto second = world.join(slow);
  world.pass(19'000);
  EXPECT_FALSE(second->has_value());
  world.pass(2'000);
  ASSERT_TRUE(second->has_value());
  EXPECT_EQ((*second)->members.size(), 1U);
  EXPECT_EQ(world.heartbeat(kGroup, first), Code::kUnknownMemberId);
}

TEST(GroupCoordinator, silent_member_loses_its_session_and_the_group_rebalances_once) {
  TestGroups world;
  const JoinAnswer first = form_group(world, consumer(kGroup));
  const auto joining = world.join(consumer(kGroup));
  const auto rejoined = world.join(consumer(kGroup, first.member));
  world.sync({.group = kGroup, .member = (*joining)->member, .generation = 2});
  world.sync({.group = kGroup, .member = first.member, .generation = 2});
  ASSERT_EQ(world.describe(kGroup).state, "Stable");
  for (int i = 0; i < 3; ++i) {
    world.pass(4'000);
    EXPECT_NE(world.heartbeat(kGroup, **rejoined), Code::kUnknownMemberId);
  }
  EXPECT_EQ(world.describe(kGroup).members.size(), 1U);
  EXPECT_EQ(world.heartbeat(kGroup, **rejoined), Code::kRebalanceInProgress);
  const auto third = world.join(consumer(kGroup, first.member));
  ASSERT_TRUE(third->has_value());
  EXPECT_EQ((*third)->generation, 3);
}

TEST(GroupCoordinator, leaving_members_are_answered_one_by_one) {
  TestGroups world;
  const JoinAnswer first = form_group(world, consumer(kGroup));
  LeaveAnswer answer;
  world.groups().leave(
      {.group = kGroup, .members = {{.member = "nobody"}, {.member = first.member}}},
      [&](LeaveAnswer left) { answer = std::move(left); });
  world.settle();
  ASSERT_EQ(answer.members.size(), 2U);
  EXPECT_EQ(answer.members[0].second, Code::kUnknownMemberId);
  EXPECT_EQ(answer.members[1].second, Code::kNone);
  world.pass(0);
  EXPECT_EQ(world.describe(kGroup).state, "Empty");
}

TEST(GroupCoordinator, restarted_static_member_keeps_its_assignment_without_a_rebalance) {
  TestGroups world;
  JoinRequest request = consumer(kGroup);
  request.instance = "i1";
  const auto joined = world.join(request);
  world.pass(0);
  world.sync({.group = kGroup,
              .member = (*joined)->member,
              .instance = "i1",
              .generation = 1,
              .assignments = {{(*joined)->member, "mine"}}});
  request.supports_skip_assignment = true;
  const auto again = world.join(request);
  ASSERT_TRUE(again->has_value());
  EXPECT_EQ((*again)->error, Code::kNone);
  EXPECT_EQ((*again)->generation, 1);
  EXPECT_TRUE((*again)->skip_assignment);
  EXPECT_NE((*again)->member, (*joined)->member);
  const auto synced =
      world.sync({.group = kGroup, .member = (*again)->member, .instance = "i1", .generation = 1});
  EXPECT_EQ((*synced)->assignment, "mine");
  // The former holder of the instance is fenced.
  Code code = Code::kNone;
  world.groups().heartbeat(
      {.group = kGroup, .member = (*joined)->member, .instance = "i1", .generation = 1},
      [&](Code answer) { code = answer; });
  EXPECT_EQ(code, Code::kFencedInstanceId);
}

TEST(GroupCoordinator, protocol_of_most_votes_wins_and_a_foreign_one_is_refused) {
  TestGroups world;
  JoinRequest a = consumer(kGroup);
  a.protocols = {{"sticky", "a"}, {"range", "a"}};
  JoinRequest b = consumer(kGroup);
  b.protocols = {{"range", "b"}, {"sticky", "b"}};
  const auto first = world.join(a);
  const auto second = world.join(b);
  const auto third = world.join(b);
  JoinRequest foreign = consumer(kGroup);
  foreign.protocols = {{"other", ""}};
  EXPECT_EQ(world.join(foreign)->value().error, Code::kInconsistentGroupProtocol);
  foreign = consumer(kGroup);
  foreign.protocol_type = "connect";
  EXPECT_EQ(world.join(foreign)->value().error, Code::kInconsistentGroupProtocol);
  world.pass(0);
  ASSERT_TRUE(third->has_value());
  EXPECT_EQ((*third)->protocol, "range");
}

TEST(GroupCoordinator, bad_requests_get_kafkas_codes) {
  TestGroups world;
  EXPECT_EQ(world.join(consumer(""))->value().error, Code::kInvalidGroupId);
  JoinRequest request = consumer(kGroup);
  request.session_ms = 5'999;
  EXPECT_EQ(world.join(request)->value().error, Code::kInvalidSessionTimeout);
  request.session_ms = 1'800'001;
  EXPECT_EQ(world.join(request)->value().error, Code::kInvalidSessionTimeout);
  EXPECT_EQ(world.join(consumer(kGroup, "made up"))->value().error, Code::kUnknownMemberId);
  EXPECT_EQ(world.sync({.group = "none", .member = "m", .generation = 1})->value().error,
            Code::kUnknownMemberId);
  CommitRequest commit = commit_of("none", 1);
  commit.generation = 3;
  EXPECT_EQ(world.commit(commit).error, Code::kIllegalGeneration);
  EXPECT_EQ(world.delete_groups({"none", ""}),
            (std::vector<Code>{Code::kGroupIdNotFound, Code::kInvalidGroupId}));
}

TEST(GroupCoordinator, group_is_full_at_its_maximum) {
  GroupConfig config = TestGroups::quick();
  config.max_size = 1;
  TestGroups world(1, config);
  form_group(world, consumer(kGroup));
  EXPECT_EQ(world.join(consumer(kGroup))->value().error, Code::kGroupMaxSizeReached);
}

TEST(GroupCoordinator, commits_are_checked_against_the_generation) {
  TestGroups world;
  const auto joined = world.join(consumer(kGroup));
  world.pass(0);
  CommitRequest commit = commit_of(kGroup, 5, "m");
  commit.member = (*joined)->member;
  commit.generation = 1;
  EXPECT_EQ(world.commit(commit).error, Code::kRebalanceInProgress);
  world.sync({.group = kGroup, .member = (*joined)->member, .generation = 1});
  EXPECT_EQ(world.commit(commit).error, Code::kNone);
  commit.generation = 2;
  EXPECT_EQ(world.commit(commit).error, Code::kIllegalGeneration);
  EXPECT_EQ(world.commit(commit_of(kGroup, 6)).error, Code::kUnknownMemberId);
  const auto offsets = world.offsets(kGroup);
  ASSERT_EQ(offsets.size(), 1U);
  EXPECT_EQ(offsets.at({"t", 0}).offset, Offset(5));
  EXPECT_EQ(offsets.at({"t", 0}).metadata, "m");
}

TEST(GroupCoordinator, too_long_metadata_refuses_only_its_partition) {
  TestGroups world;
  CommitRequest commit = commit_of(kGroup, 1, std::string(4'097, 'x'));
  commit.offsets.push_back({.topic = "t", .partition = 1, .committed = {.offset = Offset(2)}});
  const CommitAnswer answer = world.commit(commit);
  EXPECT_EQ(answer.partitions, (std::vector<Code>{Code::kOffsetMetadataTooLarge, Code::kNone}));
  EXPECT_EQ(world.offsets(kGroup).size(), 1U);
}

TEST(GroupCoordinator, crash_keeps_members_assignments_and_offsets) {
  TestGroups world;
  const JoinAnswer member = form_group(world, consumer(kGroup), "assigned");
  CommitRequest commit = commit_of(kGroup, 42, "note");
  commit.member = member.member;
  commit.generation = 1;
  commit.offsets[0].committed.leader_epoch = 7;
  ASSERT_EQ(world.commit(commit).error, Code::kNone);
  world.crash();
  const GroupDescription group = world.describe(kGroup);
  EXPECT_EQ(group.state, "Stable");
  ASSERT_EQ(group.members.size(), 1U);
  EXPECT_EQ(group.members[0].assignment, "assigned");
  EXPECT_EQ(group.members[0].metadata, "meta");
  EXPECT_EQ(group.members[0].client_host, "/127.0.0.1");
  EXPECT_EQ(world.heartbeat(kGroup, member), Code::kNone);
  EXPECT_EQ(world.offsets(kGroup).at({"t", 0}).offset, Offset(42));
  EXPECT_EQ(world.offsets(kGroup).at({"t", 0}).leader_epoch, 7);
  world.pass(10'001);  // Nobody came back.
  EXPECT_TRUE(world.describe(kGroup).members.empty());
}

TEST(GroupCoordinator, deleted_group_is_gone_after_a_crash_too) {
  TestGroups world;
  world.commit(commit_of(kGroup, 1));
  form_group(world, consumer("busy"));
  EXPECT_EQ(world.delete_groups({kGroup, "busy"}),
            (std::vector<Code>{Code::kNone, Code::kNonEmptyGroup}));
  EXPECT_EQ(world.describe(kGroup).error, Code::kGroupIdNotFound);
  world.crash();
  EXPECT_EQ(world.describe(kGroup).error, Code::kGroupIdNotFound);
  EXPECT_TRUE(world.offsets(kGroup).empty());
}

TEST(GroupCoordinator, offsets_of_an_empty_group_expire_and_the_group_with_them) {
  TestGroups world;
  CommitRequest commit = commit_of(kGroup, 1);
  commit.offsets[0].committed.commit_ms = world.clock().wall_ms();
  world.commit(commit);
  const std::int64_t day_ms = 86'400'000;
  world.pass(6 * day_ms);
  EXPECT_EQ(world.offsets(kGroup).size(), 1U);
  world.pass(2 * day_ms);
  EXPECT_TRUE(world.offsets(kGroup).empty());
  EXPECT_EQ(world.describe(kGroup).error, Code::kGroupIdNotFound);
  world.crash();
  EXPECT_TRUE(world.offsets(kGroup).empty());
}

TEST(GroupCoordinator, deleting_a_topic_removes_its_offsets) {
  TestGroups world;
  CommitRequest commit = commit_of(kGroup, 1);
  commit.offsets.push_back({.topic = "other", .partition = 0, .committed = {.offset = Offset(2)}});
  world.commit(commit);
  world.groups().topic_deleted("t");
  world.settle();
  EXPECT_EQ(world.offsets(kGroup).size(), 1U);
  world.crash();
  EXPECT_EQ(world.offsets(kGroup).count({"other", 0}), 1U);
  EXPECT_EQ(world.offsets(kGroup).size(), 1U);
}

TEST(GroupCoordinator, subscribed_offsets_cannot_be_deleted) {
  TestGroups world;
  JoinRequest request = consumer(kGroup);
  const std::string subscription("\0\1\0\0\0\1\0\1t\xff\xff\xff\xff", 13);
  request.protocols = {{"range", subscription}};
  const JoinAnswer member = form_group(world, request);
  CommitRequest commit = commit_of(kGroup, 1);
  commit.offsets.push_back({.topic = "other", .partition = 0, .committed = {.offset = Offset(2)}});
  commit.member = member.member;
  commit.generation = 1;
  world.commit(commit);
  CommitAnswer answer;
  world.groups().delete_offsets(
      kGroup, {{"t", 0}, {"other", 0}}, [&](CommitAnswer got) { answer = std::move(got); });
  world.settle();
  EXPECT_EQ(answer.partitions, (std::vector<Code>{Code::kGroupSubscribedToTopic, Code::kNone}));
  EXPECT_EQ(world.offsets(kGroup).size(), 1U);
}

TEST(GroupCoordinator, partition_of_a_group_is_javas_hash) {
  // "".hashCode() = 0, "a" = 97, "group" = 98629247, "ü€😀" as Java computes it.
  EXPECT_EQ(group_partition("", 50), 0);
  EXPECT_EQ(group_partition("a", 50), 97 % 50);
  EXPECT_EQ(group_partition("group", 50), 98629247 % 50);
  EXPECT_EQ(group_partition("polygenelubricants", 50), 0);  // Its hash is -2^31.
}

}  // namespace
}  // namespace millrace::broker
