#include "client/connection.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/detail/fake_broker.h"
#include "wire/generated/list_groups.h"

namespace millrace::client {
namespace {

using testing::HasSubstr;
using Then = FakeBroker::Then;

Deadline soon(std::int64_t ms = 10'000) {
  return Deadline::after_ms(test_clock(), ms);
}

FakeBroker::Handler on(wire::ApiKey key, const FakeBroker::Answer& answer) {
  return [key, answer](const FakeBroker::Question& question) {
    return question.key == key ? std::optional(answer) : std::nullopt;
  };
}

// What becomes of a question to a broker that does this.
Error failure(const FakeBroker::Answer& answer, std::int64_t ms = 10'000) {
  FakeBroker broker(on(wire::ApiKey::kListGroups, answer));
  const auto connection = MUST(Connection::open(broker.address(), {}, soon()));
  auto reply = connection->call<wire::ListGroupsResponse>(wire::ListGroupsRequest(), soon(ms));
  EXPECT_FALSE(connection->usable());
  MR_ASSERT(!reply);
  return std::move(reply).error();
}

TEST(Connection, takes_the_highest_version_that_both_sides_have) {
  FakeBroker broker;
  broker.serve_up_to(wire::ApiKey::kListGroups, 3);
  const auto connection = MUST(Connection::open(broker.address(), {}, soon()));
  EXPECT_EQ(MUST(connection->version_of(wire::ApiKey::kListGroups)), 3);
  EXPECT_EQ(MUST(connection->version_of(wire::ApiKey::kListGroups, 1)), 1);
  EXPECT_EQ(MUST(connection->version_of(wire::ApiKey::kMetadata)), 13);
}

TEST(Connection, says_which_versions_do_not_meet) {
  FakeBroker broker;
  broker.serve_up_to(wire::ApiKey::kProduce, 2);
  const auto connection = MUST(Connection::open(broker.address(), {}, soon()));
  const auto version = connection->version_of(wire::ApiKey::kProduce);
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().code(), ErrorCode::kUnsupported);
  EXPECT_THAT(version.error().message(), HasSubstr("serves Produce in versions 0 to 2"));
}

TEST(Connection, asks_an_older_broker_for_its_versions_again_in_the_form_that_it_knows) {
  FakeBroker broker([](const FakeBroker::Question& question) -> std::optional<FakeBroker::Answer> {
    if (question.key != wire::ApiKey::kApiVersions) {
      return std::nullopt;
    }
    wire::ApiVersionsResponse response;
    response.api_keys.push_back({.api_key = 18, .min_version = 0, .max_version = 2});
    response.api_keys.push_back({.api_key = 3, .min_version = 0, .max_version = 4});
    if (question.version > 2) {
      response.error_code = wire::KafkaError::kUnsupportedVersion;
      return FakeBroker::answer(response, 0);
    }
    return FakeBroker::answer(response, question.version);
  });
  const auto connection = MUST(Connection::open(broker.address(), {}, soon()));
  EXPECT_EQ(MUST(connection->version_of(wire::ApiKey::kMetadata)), 4);
  EXPECT_FALSE(connection->serves(wire::ApiKey::kProduce));
  EXPECT_EQ(broker.count(wire::ApiKey::kApiVersions), 2);
}

TEST(Connection, names_address_and_reason_when_nobody_listens) {
  config::HostPort address;
  {
    const FakeBroker broker;
    address = broker.address();
  }
  const auto connection = Connection::open(address, {}, soon());
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(connection.error().to_string(),
              HasSubstr("connect to " + config::to_string(address) + ": Connection refused"));
}

TEST(Connection, names_a_host_that_has_no_address) {
  const auto connection =
      Connection::open({.host = "no-such-host.invalid", .port = 9092}, {}, soon());
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code(), ErrorCode::kNotFound);
}

TEST(Connection, refuses_the_answer_to_another_question) {
  const Error error = failure(
      {.body = MUST(wire::encode_string(wire::ListGroupsResponse(), 5)), .then = Then::kWrongId});
  EXPECT_EQ(error.code(), ErrorCode::kCorruption);
  EXPECT_THAT(error.to_string(), HasSubstr("for ListGroups: the answer is to question"));
}

TEST(Connection, tells_a_cut_answer_from_a_closed_connection) {
  const Error cut = failure({.body = std::string(100, 'x'), .then = Then::kCut});
  EXPECT_EQ(cut.code(), ErrorCode::kUnavailable);
  EXPECT_THAT(cut.message(), HasSubstr("closed the connection after"));
  const Error closed = failure({.then = Then::kClose});
  EXPECT_EQ(closed.code(), ErrorCode::kUnavailable);
  EXPECT_THAT(closed.message(), HasSubstr("closed the connection"));
}

TEST(Connection, ends_at_the_deadline_when_the_broker_is_silent) {
  const Error error = failure({.then = Then::kSilence}, 50);
  EXPECT_EQ(error.code(), ErrorCode::kTimeout);
}

TEST(Connection, ends_soon_when_it_is_stopped) {
  FakeBroker broker(on(wire::ApiKey::kListGroups, {.then = Then::kSilence}));
  std::stop_source stop;
  const auto connection = MUST(Connection::open(broker.address(), {}, soon()));
  const Thread stopper("stopper", [&stop](const std::stop_token&) {
    Wakeup never;
    never.wait(50'000'000);
    stop.request_stop();
  });
  const auto reply = connection->call<wire::ListGroupsResponse>(
      wire::ListGroupsRequest(), Deadline::after_ms(test_clock(), 60'000, stop.get_token()));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), ErrorCode::kCancelled);
}

TEST(Connection, refuses_a_peer_that_speaks_something_else) {
  const Error error = failure({.body = "HTTP/1.1 400 Bad Request\r\n\r\n", .then = Then::kRaw});
  EXPECT_EQ(error.code(), ErrorCode::kCorruption);
  EXPECT_THAT(error.message(), HasSubstr("is this a Kafka listener"));
}

TEST(Connection, refuses_an_answer_beyond_its_limit_before_reading_it) {
  FakeBroker broker(on(wire::ApiKey::kListGroups, {.body = std::string(10'000, '\0')}));
  const auto connection =
      MUST(Connection::open(broker.address(), {.reply_bytes_max = 8'000}, soon()));
  const auto reply = connection->call<wire::ListGroupsResponse>(wire::ListGroupsRequest(), soon());
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), ErrorCode::kCorruption);
}

TEST(Connection, refuses_bytes_that_follow_the_answer) {
  const Error error =
      failure({.body = MUST(wire::encode_string(wire::ListGroupsResponse(), 5)) + "more"});
  EXPECT_EQ(error.code(), ErrorCode::kCorruption);
  EXPECT_THAT(error.message(), HasSubstr("4 bytes follow the answer"));
}

TEST(Connection, takes_answers_in_the_order_of_asking) {
  FakeBroker broker([](const FakeBroker::Question& question) -> std::optional<FakeBroker::Answer> {
    if (question.key != wire::ApiKey::kListGroups) {
      return std::nullopt;
    }
    wire::ListGroupsResponse response;
    for (const std::string& state : question.as<wire::ListGroupsRequest>().states_filter) {
      response.groups.push_back({.group_id = state});
    }
    return FakeBroker::answer(response, question.version);
  });
  const auto connection = MUST(Connection::open(broker.address(), {}, soon()));
  for (const std::string state : {"a", "b", "c"}) {
    MUST(connection->send(wire::ListGroupsRequest{.states_filter = {state}}, soon()));
  }
  EXPECT_EQ(connection->waiting(), 3U);
  for (const std::string state : {"a", "b", "c"}) {
    const auto reply = MUST(connection->receive<wire::ListGroupsResponse>(soon()));
    EXPECT_EQ(reply.groups.at(0).group_id, state);
  }
}

}  // namespace
}  // namespace millrace::client
