// Peers that answer oddly; the ordinary ways are tested against our broker in src/cli.
#include "client/admin.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/detail/fake_broker.h"
#include "wire/generated/consumer_group_describe.h"
#include "wire/generated/create_topics.h"
#include "wire/generated/delete_groups.h"
#include "wire/generated/describe_groups.h"
#include "wire/generated/list_groups.h"
#include "wire/generated/list_offsets.h"
#include "wire/generated/offset_fetch.h"

namespace millrace::client {
namespace {

using testing::HasSubstr;
using Question = FakeBroker::Question;
using Answer = FakeBroker::Answer;

// A handler of one API that makes an answer from the number of the question, from 0.
template <class Response, class Make>
FakeBroker::Handler each(wire::ApiKey key, Make make) {
  auto count = std::make_shared<int>(0);
  return [key, make, count](const Question& question) -> std::optional<Answer> {
    if (question.key != key) {
      return std::nullopt;
    }
    const Response response = make(question, (*count)++);
    return FakeBroker::answer(response, question.version);
  };
}

wire::ListOffsetsResponse offset_answer(KafkaError error, std::int64_t offset) {
  wire::ListOffsetsResponse response;
  response.topics.push_back({.name = "t"});
  response.topics[0].partitions.push_back(
      {.partition_index = 0, .error_code = error, .offset = offset});
  return response;
}

TEST(Admin, asks_again_when_the_leader_has_moved) {
  FakeBroker broker(each<wire::ListOffsetsResponse>(
                        wire::ApiKey::kListOffsets,
                        [](const Question&, int number) {
                          return offset_answer(
                              number < 2 ? KafkaError::kNotLeaderOrFollower : KafkaError::kNone,
                              42);
                        }),
                    {{"t", 1}});
  const auto cluster = connect_to(broker);
  const OffsetQuery queries[] = {{.partition = {.topic = "t"}}};
  const auto answers = MUST(Admin(*cluster).list_offsets(queries));
  EXPECT_EQ(answers.at(0).offset, Offset(42));
  EXPECT_EQ(broker.count(wire::ApiKey::kListOffsets), 3);
}

TEST(Admin, says_what_the_broker_said_when_time_is_over) {
  FakeBroker broker(
      each<wire::ListOffsetsResponse>(
          wire::ApiKey::kListOffsets,
          [](const Question&, int) { return offset_answer(KafkaError::kNotLeaderOrFollower, -1); }),
      {{"t", 1}});
  const auto cluster = connect_to(broker, 2'000);
  const OffsetQuery queries[] = {{.partition = {.topic = "t"}}};
  const auto answers = MUST(Admin(*cluster).list_offsets(queries));
  EXPECT_EQ(answers.at(0).outcome.error, KafkaError::kNotLeaderOrFollower);
}

// Time ends while the leader is asked again: what it said before is the answer.
TEST(Admin, says_what_the_broker_said_when_its_next_answer_does_not_come_in_time) {
  auto asked = std::make_shared<int>(0);
  FakeBroker broker(
      [asked](const Question& question) -> std::optional<Answer> {
        if (question.key != wire::ApiKey::kListOffsets) {
          return std::nullopt;
        }
        if ((*asked)++ > 0) {
          return Answer{.then = FakeBroker::Then::kSilence};
        }
        return FakeBroker::answer(offset_answer(KafkaError::kNotLeaderOrFollower, -1),
                                  question.version);
      },
      {{"t", 1}});
  const auto cluster = connect_to(broker, 1'000);
  const OffsetQuery queries[] = {{.partition = {.topic = "t"}}};
  const auto answers = MUST(Admin(*cluster).list_offsets(queries));
  EXPECT_EQ(answers.at(0).outcome.error, KafkaError::kNotLeaderOrFollower);
}

TEST(Admin, one_question_about_the_same_partition_twice_becomes_two) {
  FakeBroker broker(each<wire::ListOffsetsResponse>(
                        wire::ApiKey::kListOffsets,
                        [](const Question& question, int) {
                          const auto request = question.as<wire::ListOffsetsRequest>();
                          EXPECT_EQ(request.topics.at(0).partitions.size(), 1U);
                          return offset_answer(KafkaError::kNone,
                                               -request.topics[0].partitions[0].timestamp);
                        }),
                    {{"t", 1}});
  const auto cluster = connect_to(broker);
  const OffsetQuery queries[] = {{.partition = {.topic = "t"}, .timestamp_ms = kLatestOffset},
                                 {.partition = {.topic = "t"}, .timestamp_ms = kEarliestOffset}};
  const auto answers = MUST(Admin(*cluster).list_offsets(queries));
  EXPECT_EQ(answers.at(0).offset, Offset(1));
  EXPECT_EQ(answers.at(1).offset, Offset(2));
}

TEST(Admin, a_topic_that_the_broker_forgets_in_its_answer_has_failed) {
  FakeBroker broker(each<wire::CreateTopicsResponse>(
      wire::ApiKey::kCreateTopics,
      [](const Question&, int) { return wire::CreateTopicsResponse(); }));
  const auto cluster = connect_to(broker);
  const NewTopic topics[] = {{.name = "t"}};
  const auto outcomes = MUST(Admin(*cluster).create_topics(topics));
  EXPECT_FALSE(outcomes.at(0).outcome.ok());
  EXPECT_THAT(outcomes.at(0).outcome.message, HasSubstr("did not answer"));
}

TEST(Admin, looks_for_the_controller_again_when_it_has_moved) {
  FakeBroker broker(each<wire::CreateTopicsResponse>(
      wire::ApiKey::kCreateTopics, [](const Question&, int number) {
        wire::CreateTopicsResponse response;
        response.topics.push_back(
            {.name = "t",
             .error_code = number == 0 ? KafkaError::kNotController : KafkaError::kNone});
        return response;
      }));
  const auto cluster = connect_to(broker);
  const NewTopic topics[] = {{.name = "t"}};
  EXPECT_TRUE(MUST(Admin(*cluster).create_topics(topics)).at(0).outcome.ok());
}

TEST(Admin, a_group_that_an_old_broker_calls_dead_does_not_exist) {
  FakeBroker broker(
      each<wire::DescribeGroupsResponse>(wire::ApiKey::kDescribeGroups, [](const Question&, int) {
        wire::DescribeGroupsResponse response;
        response.groups.push_back({.group_id = "g", .group_state = "Dead"});
        return response;
      }));
  broker.serve_up_to(wire::ApiKey::kConsumerGroupDescribe, -1);
  broker.serve_up_to(wire::ApiKey::kDescribeGroups, 4);
  const auto cluster = connect_to(broker);
  const std::string ids[] = {"g"};
  const auto groups = MUST(Admin(*cluster).describe_groups(ids));
  EXPECT_EQ(groups.at(0).outcome.error, KafkaError::kGroupIdNotFound);
}

TEST(Admin, a_member_with_bytes_of_its_own_is_shown_without_partitions) {
  FakeBroker broker(
      each<wire::DescribeGroupsResponse>(wire::ApiKey::kDescribeGroups, [](const Question&, int) {
        wire::DescribeGroupsResponse response;
        response.groups.push_back(
            {.group_id = "g", .group_state = "Stable", .protocol_type = "consumer"});
        response.groups[0].members.push_back(
            {.member_id = "m", .member_assignment = data::BlockSlice::copy("{}")});
        return response;
      }));
  broker.serve_up_to(wire::ApiKey::kConsumerGroupDescribe, -1);
  const auto cluster = connect_to(broker);
  const std::string ids[] = {"g"};
  const auto groups = MUST(Admin(*cluster).describe_groups(ids));
  EXPECT_TRUE(groups.at(0).members.at(0).assignment.empty());
}

TEST(Admin, describes_a_group_of_the_new_protocol_with_what_each_member_has) {
  FakeBroker broker(each<wire::ConsumerGroupDescribeResponse>(
      wire::ApiKey::kConsumerGroupDescribe, [](const Question&, int) {
        wire::ConsumerGroupDescribeResponse response;
        response.groups.push_back(
            {.group_id = "g", .group_state = "Stable", .assignor_name = "uniform"});
        wire::ConsumerGroupDescribeResponse::Member member{.member_id = "m", .client_id = "c"};
        member.assignment.topic_partitions.push_back({.topic_name = "t", .partitions = {1, 0}});
        response.groups[0].members.push_back(std::move(member));
        return response;
      }));
  const auto cluster = connect_to(broker);
  const std::string ids[] = {"g"};
  const auto groups = MUST(Admin(*cluster).describe_groups(ids));
  EXPECT_EQ(groups.at(0).type, "consumer");
  EXPECT_EQ(groups.at(0).assignor, "uniform");
  ASSERT_EQ(groups.at(0).members.at(0).assignment.size(), 2U);
  EXPECT_EQ(groups.at(0).members[0].assignment[0].to_string(), "t-0");
  EXPECT_EQ(groups.at(0).coordinator, 1);
}

TEST(Admin, reads_offsets_of_old_and_of_new_brokers) {
  for (const std::int16_t newest : {std::int16_t{5}, std::int16_t{9}}) {
    FakeBroker broker(each<wire::OffsetFetchResponse>(
        wire::ApiKey::kOffsetFetch, [newest](const Question& question, int) {
          EXPECT_EQ(question.version, newest);
          wire::OffsetFetchResponse response;
          if (newest < 8) {
            response.topics.push_back({.name = "t"});
            response.topics[0].partitions.push_back(
                {.partition_index = 0, .committed_offset = 7, .metadata = "m"});
            response.topics[0].partitions.push_back({.partition_index = 1, .committed_offset = -1});
          } else {
            response.groups.push_back({.group_id = "g"});
            response.groups[0].topics.push_back({.name = "t"});
            response.groups[0].topics[0].partitions.push_back(
                {.partition_index = 0, .committed_offset = 7, .metadata = "m"});
          }
          return response;
        }));
    broker.serve_up_to(wire::ApiKey::kOffsetFetch, newest);
    const auto cluster = connect_to(broker);
    const auto offsets = MUST(Admin(*cluster).group_offsets("g"));
    ASSERT_EQ(offsets.size(), 1U);
    EXPECT_EQ(offsets.begin()->second.offset, Offset(7));
    EXPECT_EQ(offsets.begin()->second.metadata, "m");
  }
}

TEST(Admin, choosing_groups_by_state_needs_a_broker_that_can) {
  FakeBroker broker;
  broker.serve_up_to(wire::ApiKey::kListGroups, 3);
  const auto cluster = connect_to(broker);
  const std::string states[] = {"Stable"};
  const auto groups = Admin(*cluster).list_groups(states);
  ASSERT_FALSE(groups);
  EXPECT_EQ(groups.error().code(), ErrorCode::kUnsupported);
}

TEST(Admin, asks_the_new_coordinator_when_a_group_has_moved) {
  FakeBroker broker(each<wire::DeleteGroupsResponse>(
      wire::ApiKey::kDeleteGroups, [](const Question&, int number) {
        wire::DeleteGroupsResponse response;
        response.results.push_back(
            {.group_id = "g",
             .error_code = number == 0 ? KafkaError::kNotCoordinator : KafkaError::kNone});
        return response;
      }));
  const auto cluster = connect_to(broker);
  const std::string ids[] = {"g"};
  EXPECT_TRUE(MUST(Admin(*cluster).delete_groups(ids)).at(0).outcome.ok());
  EXPECT_EQ(broker.count(wire::ApiKey::kFindCoordinator), 2);
}

}  // namespace
}  // namespace millrace::client
