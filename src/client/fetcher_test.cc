// Peers that answer oddly; the ordinary ways are tested against our broker in src/cli.
#include "client/fetcher.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/detail/fake_broker.h"
#include "wire/generated/fetch.h"

namespace millrace::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Question = FakeBroker::Question;
using Answer = FakeBroker::Answer;

std::string batch_with(std::int64_t base, const std::string& value) {
  record::BatchBuilder builder;
  builder.add({.timestamp_ms = 1, .value = value});
  return MUST(builder.finish(Offset(base)));
}

// Answers each Fetch with what `make(number, partition)` puts in, from 0.
using Make = std::function<void(int number, wire::FetchResponse::PartitionData& data)>;

FakeBroker::Handler fetches(Make make) {
  auto count = std::make_shared<int>(0);
  return [make = std::move(make), count](const Question& question) -> std::optional<Answer> {
    if (question.key != wire::ApiKey::kFetch) {
      return std::nullopt;
    }
    wire::FetchResponse response;
    response.responses.push_back({.topic = "t"});
    wire::FetchResponse::PartitionData data{.high_watermark = 1, .last_stable_offset = 1};
    make((*count)++, data);
    response.responses[0].partitions.push_back(std::move(data));
    return FakeBroker::answer(response, question.version);
  };
}

Result<std::size_t> poll_once(Fetcher& fetcher, std::vector<std::string>* values = nullptr) {
  return fetcher.poll(10, [values](const FetchedRecord& record) {
    if (values != nullptr) {
      values->emplace_back(record.record.value.value_or("~"));
    }
    return Take::kMore;
  });
}

TEST(Fetcher, goes_on_after_the_leader_has_moved) {
  FakeBroker broker(fetches([](int number, wire::FetchResponse::PartitionData& data) {
                      if (number < 2) {
                        data.error_code = KafkaError::kNotLeaderOrFollower;
                      } else {
                        data.records = wire::Records(data::BlockSlice::copy(batch_with(0, "a")));
                      }
                    }),
                    {{"t", 1}});
  const auto cluster = connect_to(broker);
  Fetcher fetcher(*cluster, {});
  fetcher.assign({.topic = "t"}, Offset(0));
  std::vector<std::string> values;
  EXPECT_EQ(MUST(poll_once(fetcher, &values)), 0U);
  EXPECT_EQ(MUST(poll_once(fetcher, &values)), 0U);
  EXPECT_EQ(MUST(poll_once(fetcher, &values)), 1U);
  EXPECT_THAT(values, ElementsAre("a"));
  EXPECT_TRUE(fetcher.at_end());
}

TEST(Fetcher, fails_when_nothing_has_worked_for_too_long) {
  FakeBroker broker(fetches([](int, wire::FetchResponse::PartitionData& data) {
                      data.error_code = KafkaError::kLeaderNotAvailable;
                    }),
                    {{"t", 1}});
  const auto cluster = connect_to(broker, 2'000);
  Fetcher fetcher(*cluster, {});
  fetcher.assign({.topic = "t"}, Offset(0));
  Result<std::size_t> polled = std::size_t{0};
  while (polled) {
    polled = poll_once(fetcher);
  }
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(polled.error().message(), HasSubstr("t-0: LEADER_NOT_AVAILABLE"));
}

TEST(Fetcher, what_stays_is_told_at_once) {
  FakeBroker broker(fetches([](int, wire::FetchResponse::PartitionData& data) {
                      data.error_code = KafkaError::kTopicAuthorizationFailed;
                    }),
                    {{"t", 1}});
  const auto cluster = connect_to(broker);
  Fetcher fetcher(*cluster, {});
  fetcher.assign({.topic = "t"}, Offset(0));
  const auto polled = poll_once(fetcher);
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().code(), ErrorCode::kPermissionDenied);
}

TEST(Fetcher, does_not_turn_for_ever_around_bytes_without_a_whole_batch) {
  FakeBroker broker(
      fetches([](int, wire::FetchResponse::PartitionData& data) {
        const std::string whole = batch_with(0, "a long value");
        data.records = wire::Records(data::BlockSlice::copy(std::string_view(whole).substr(0, 70)));
      }),
      {{"t", 1}});
  const auto cluster = connect_to(broker);
  Fetcher fetcher(*cluster, {});
  fetcher.assign({.topic = "t"}, Offset(0));
  const auto polled = poll_once(fetcher);
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().code(), ErrorCode::kCorruption);
}

TEST(Fetcher, a_partition_that_was_not_asked_for_is_left_alone) {
  FakeBroker broker(fetches([](int, wire::FetchResponse::PartitionData& data) {
                      data.partition_index = 9;
                      data.records = wire::Records(data::BlockSlice::copy(batch_with(0, "a")));
                    }),
                    {{"t", 1}});
  const auto cluster = connect_to(broker);
  Fetcher fetcher(*cluster, {});
  fetcher.assign({.topic = "t"}, Offset(0));
  EXPECT_EQ(MUST(poll_once(fetcher)), 0U);
}

TEST(Fetcher, a_paused_partition_is_not_asked_for) {
  FakeBroker broker(fetches([](int, wire::FetchResponse::PartitionData&) {}), {{"t", 1}});
  const auto cluster = connect_to(broker);
  Fetcher fetcher(*cluster, {});
  fetcher.assign({.topic = "t"}, Offset(0));
  fetcher.pause({.topic = "t"}, true);
  EXPECT_EQ(MUST(poll_once(fetcher)), 0U);
  EXPECT_EQ(broker.count(wire::ApiKey::kFetch), 0);
}

}  // namespace
}  // namespace millrace::client
