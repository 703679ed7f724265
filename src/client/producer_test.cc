// Peers that answer oddly; the ordinary ways are tested against our broker in src/cli.
#include "client/producer.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/detail/fake_broker.h"
#include "client/detail/record_walk.h"
#include "wire/generated/init_producer_id.h"
#include "wire/generated/produce.h"

namespace millrace::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Question = FakeBroker::Question;
using Answer = FakeBroker::Answer;

/// A broker whose n-th answer to Produce is the n-th of the script, and then success.
class Script {
 public:
  struct Step {
    KafkaError error = KafkaError::kNone;
    FakeBroker::Then then = FakeBroker::Then::kAnswer;
  };

  explicit Script(std::vector<Step> steps)
      : steps_(std::move(steps)),
        broker_([this](const Question& question) { return answer(question); }, {{"t", 1}}) {
    cluster_ = connect_to(broker_);
  }

  [[nodiscard]] Cluster& cluster() const { return *cluster_; }

  /// "producer/sequence:values" of each Produce.
  std::vector<std::string> seen;

 private:
  std::optional<Answer> answer(const Question& question) {
    if (question.key == wire::ApiKey::kInitProducerId) {
      return FakeBroker::answer(
          wire::InitProducerIdResponse{.producer_id = ++producers_, .producer_epoch = 0},
          question.version);
    }
    if (question.key != wire::ApiKey::kProduce) {
      return std::nullopt;
    }
    const auto request = question.as<wire::ProduceRequest>();
    const auto& data = request.topic_data.at(0).partition_data.at(0);
    const data::BlockSlice bytes = data.records->joined();
    const auto header = MUST(record::check_batch(bytes.view()));
    std::string line = fmt::format("{}/{}:", header.producer_id, header.base_sequence);
    MUST(walk_records(
        bytes.view(), {.topic = "t"}, Offset(0), {}, {}, [&line](const FetchedRecord& record) {
          line += record.record.value.value_or("~");
          return Take::kMore;
        }));
    const Step step = seen.size() < steps_.size() ? steps_[seen.size()] : Step{};
    seen.push_back(line);
    wire::ProduceResponse response;
    response.responses.push_back({.name = "t"});
    response.responses[0].partition_responses.push_back(
        {.index = 0, .error_code = step.error, .base_offset = 100});
    Answer answer = FakeBroker::answer(response, question.version);
    answer.then = step.then;
    return answer;
  }

  std::vector<Step> steps_;
  std::int64_t producers_ = 0;
  FakeBroker broker_;
  std::unique_ptr<Cluster> cluster_;
};

void send(Producer& producer, const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    MUST(producer.add({.topic = "t", .value = value}));
  }
  MUST(producer.flush());
}

TEST(Producer, a_lost_answer_is_asked_for_again_with_the_same_sequence) {
  Script script({{.then = FakeBroker::Then::kCut}});
  Producer producer = MUST(Producer::open(script.cluster(), {.linger_ms = 1'000}));
  send(producer, {"a", "b"});
  send(producer, {"c"});
  EXPECT_THAT(script.seen, ElementsAre("1/0:ab", "1/0:ab", "1/2:c"));
  EXPECT_EQ(producer.delivered(), 3U);
}

TEST(Producer, a_duplicate_is_a_success_whose_offset_nobody_knows) {
  Script script({{.error = KafkaError::kDuplicateSequenceNumber}});
  std::vector<std::int64_t> offsets;
  Producer producer =
      MUST(Producer::open(script.cluster(), {.on_delivery = [&offsets](const Delivery& delivery) {
                            offsets.push_back(delivery.base_offset.value());
                          }}));
  send(producer, {"a"});
  send(producer, {"b"});
  EXPECT_THAT(offsets, ElementsAre(-1, 100));
}

TEST(Producer, what_may_pass_is_tried_again_in_order) {
  Script script(
      {{.error = KafkaError::kNotLeaderOrFollower}, {.error = KafkaError::kNotEnoughReplicas}});
  Producer producer = MUST(Producer::open(script.cluster(), {.batch_bytes = 30, .linger_ms = 0}));
  send(producer, {"a", "b"});
  EXPECT_THAT(script.seen, ElementsAre("1/0:a", "1/0:a", "1/0:a", "1/1:b"));
  EXPECT_EQ(producer.delivered(), 2U);
}

TEST(Producer, a_refusal_is_told_with_the_records_that_it_is_about) {
  Script script({{.error = KafkaError::kInvalidRecord}});
  std::vector<std::uint64_t> refused;
  Producer producer = MUST(Producer::open(
      script.cluster(), {.linger_ms = 1'000, .on_delivery = [&refused](const Delivery& delivery) {
                           if (!delivery.outcome.ok()) {
                             refused.assign(delivery.numbers.begin(), delivery.numbers.end());
                           }
                         }}));
  send(producer, {"a", "b"});
  send(producer, {"c"});
  EXPECT_THAT(refused, ElementsAre(0U, 1U));
  EXPECT_EQ(producer.failed(), 2U);
  EXPECT_EQ(producer.delivered(), 1U);
  EXPECT_THAT(producer.first_failure(), HasSubstr("t-0: INVALID_RECORD"));
  // What follows a hole in the sequences begins anew.
  EXPECT_THAT(script.seen, ElementsAre("1/0:ab", "2/0:c"));
}

TEST(Producer, an_identity_that_the_broker_forgot_is_replaced_once) {
  Script script({{}, {.error = KafkaError::kUnknownProducerId}});
  Producer producer = MUST(Producer::open(script.cluster(), {}));
  send(producer, {"a"});
  send(producer, {"b"});
  EXPECT_THAT(script.seen, ElementsAre("1/0:a", "1/1:b", "2/0:b"));
}

TEST(Producer, gives_up_when_the_time_of_delivery_is_over) {
  Script script(std::vector<Script::Step>(10'000, {.error = KafkaError::kNotEnoughReplicas}));
  Producer producer = MUST(Producer::open(script.cluster(), {.delivery_timeout_ms = 30}));
  send(producer, {"a"});
  EXPECT_EQ(producer.failed(), 1U);
  EXPECT_THAT(producer.first_failure(), HasSubstr("NOT_ENOUGH_REPLICAS"));
}

TEST(Producer, refuses_options_that_exclude_each_other) {
  Script script({});
  EXPECT_FALSE(Producer::open(script.cluster(), {.acks = 1}));
  EXPECT_FALSE(Producer::open(script.cluster(), {.acks = 2, .idempotent = false}));
}

TEST(Producer, names_a_partition_and_a_topic_that_do_not_exist) {
  Script script({});
  Producer producer = MUST(Producer::open(script.cluster(), {.create_topics = AutoCreate::kNo}));
  const auto partition = producer.add({.topic = "t", .partition = PartitionId(1)});
  ASSERT_FALSE(partition);
  EXPECT_THAT(partition.error().message(), HasSubstr("has no partition 1, it has 1: 0 to 0"));
  const auto topic = producer.add({.topic = "tt"});
  ASSERT_FALSE(topic);
  EXPECT_EQ(topic.error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace millrace::client
