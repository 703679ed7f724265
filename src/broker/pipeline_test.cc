#include "broker/detail/pipeline.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "broker/detail/test_broker.h"
#include "broker/detail/test_client.h"
#include "broker/handlers.h"

namespace millrace::broker {
namespace {

/// A pipeline without a socket.
struct TestPipeline {
  explicit TestPipeline(TestBroker& broker, const PipelineLimits& limits = {})
      : pipeline(std::make_shared<Pipeline>(
            *broker.services, broker.inbox, broker.budget, Peer{}, limits)) {}

  TestPipeline(const TestPipeline&) = delete;
  TestPipeline& operator=(const TestPipeline&) = delete;

  ~TestPipeline() { pipeline->close(); }

  void push(const std::string& request) {
    pipeline->push({.bytes = std::make_shared<data::Block>(std::string_view(request).substr(4))});
  }

  /// The correlation ids of the answers so far.
  std::vector<std::int32_t> answers() {
    std::string bytes;
    for (const data::BlockSlice& slice : pipeline->output()) {
      bytes.append(slice.view());
    }
    std::vector<std::int32_t> ids;
    for (std::string_view rest = bytes; !rest.empty();) {
      const auto size = static_cast<std::size_t>(load_be<std::int32_t>(rest.data()));
      ids.push_back(load_be<std::int32_t>(rest.data() + 4));
      rest.remove_prefix(size + 4);
    }
    return ids;
  }

  std::shared_ptr<Pipeline> pipeline;
};

std::string produce_frame(const std::string& topic,
                          std::int32_t correlation,
                          std::int16_t acks = -1) {
  wire::ProduceRequest request{.acks = acks};
  request.topic_data.push_back(
      {.name = topic,
       .partition_data = {
           {.index = 0, .records = wire::Records(data::BlockSlice::copy(batch_of({"a"})))}}});
  return TestClient::request(request, 9, correlation);
}

std::string poll(std::int32_t correlation) {
  wire::FetchRequest request{.max_wait_ms = 100'000, .min_bytes = 1};
  request.topics.push_back(
      {.topic = "t", .partitions = {{.partition = 0, .partition_max_bytes = 1'000}}});
  return TestClient::request(request, 12, correlation);
}

std::string hello(std::int32_t correlation) {
  return TestClient::request(wire::ApiVersionsRequest(), 0, correlation);
}

using Ids = std::vector<std::int32_t>;

TEST(Pipeline, lets_produce_requests_follow_each_other_and_nothing_else) {
  TestBroker broker;
  broker.make_topic("t");
  TestPipeline client(broker);
  client.push(produce_frame("t", 1));
  client.push(produce_frame("t", 2));
  client.push(hello(3));
  client.push(produce_frame("t", 4));
  EXPECT_TRUE(client.answers().empty());
  const std::uint64_t before = broker.log->describe({.topic = "t"})->bytes;
  broker.settle();
  EXPECT_EQ(client.answers(), (Ids{1, 2, 3, 4}));
  EXPECT_GT(broker.log->describe({.topic = "t"})->bytes, before);
}

TEST(Pipeline, keeps_what_follows_a_long_poll_waiting) {
  TestBroker broker;
  broker.make_topic("t");
  TestPipeline client(broker);
  client.push(poll(1));
  client.push(hello(2));
  broker.settle();
  EXPECT_TRUE(client.answers().empty());
  EXPECT_FALSE(client.pipeline->quiet());
  EXPECT_FALSE(client.pipeline->busy()) << "whose client is gone, gets no answer to either";
  broker.append("t", {"x"});
  broker.settle();
  EXPECT_EQ(client.answers(), (Ids{1, 2}));
}

TEST(Pipeline, ends_long_polls_with_the_connection) {
  TestBroker broker;
  broker.make_topic("t");
  TestPipeline client(broker);
  client.push(poll(1));
  broker.settle();
  EXPECT_FALSE(client.pipeline->busy()) << "a poll may be dropped";
  client.pipeline->close();
  broker.append("t", {"x"});
  broker.settle();
  EXPECT_TRUE(client.answers().empty());
}

TEST(Pipeline, handles_nothing_while_answers_are_not_taken) {
  TestBroker broker;
  TestPipeline client(broker, {.unsent_bytes_max = 100});
  for (std::int32_t i = 0; i < 5; ++i) {
    client.push(hello(i));
  }
  for (std::int32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(client.answers(), Ids{i}) << "each answer has more than 100 bytes";
    EXPECT_FALSE(client.pipeline->wants_frames());
    client.pipeline->sent(client.pipeline->unsent_bytes());
  }
  EXPECT_TRUE(client.pipeline->wants_frames());
}

TEST(Pipeline, counts_partly_sent_answers) {
  TestBroker broker;
  TestPipeline client(broker);
  client.push(hello(1));
  const std::size_t all = client.pipeline->unsent_bytes();
  for (std::size_t i = 0; i < all; ++i) {
    EXPECT_EQ(broker.budget.used(), all - i);
    client.pipeline->sent(1);
  }
  EXPECT_TRUE(client.pipeline->quiet());
  EXPECT_EQ(broker.budget.used(), 0U);
}

TEST(Pipeline, wants_no_frames_above_its_limits) {
  TestBroker broker;
  broker.make_topic("t");
  TestPipeline client(broker, {.in_flight_max = 2, .waiting_max = 3});
  client.push(poll(0));
  for (std::int32_t i = 1; i <= 3; ++i) {
    EXPECT_TRUE(client.pipeline->wants_frames());
    client.push(hello(i));
  }
  EXPECT_FALSE(client.pipeline->wants_frames());
}

TEST(Pipeline, breaks_when_a_producer_without_acks_fails) {
  TestBroker broker;
  broker.make_topic("t");
  TestPipeline client(broker);
  client.push(produce_frame("t", 1));
  client.push(produce_frame("missing", 2, 0));
  client.push(produce_frame("t", 3));
  broker.settle();
  EXPECT_EQ(client.answers(), (Ids{1}));
  EXPECT_TRUE(client.pipeline->broken());
}

}  // namespace
}  // namespace millrace::broker
