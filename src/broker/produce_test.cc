#include <gtest/gtest.h>

#include "base/bytes.h"
#include "broker/detail/test_broker.h"
#include "broker/handlers.h"

namespace millrace::broker {
namespace {

using wire::KafkaError;
using wire::ProduceRequest;
using wire::ProduceResponse;

ProduceRequest produce_to(const std::string& topic,
                          const std::string& batch,
                          std::int32_t partition = 0,
                          std::int16_t acks = -1) {
  ProduceRequest request{.acks = acks, .timeout_ms = 1'000};
  ProduceRequest::TopicProduceData& data = request.topic_data.emplace_back();
  data.name = topic;
  data.partition_data.push_back(
      {.index = partition, .records = wire::Records(data::BlockSlice::copy(batch))});
  return request;
}

ProduceResponse::PartitionProduceResponse only_produced(const ProduceResponse& response) {
  EXPECT_EQ(response.responses.size(), 1U);
  EXPECT_EQ(response.responses.at(0).partition_responses.size(), 1U);
  return response.responses.at(0).partition_responses.at(0);
}

TEST(Produce, answers_with_offsets_in_every_version) {
  TestBroker broker;
  const log::TopicInfo topic = broker.make_topic("t", 2);
  std::int64_t next = 0;
  for (std::int16_t version = 3; version <= 13; ++version) {
    ProduceRequest request = produce_to("t", batch_of({"a", "b"}), 1);
    if (version >= 13) {
      request.topic_data[0].name.clear();
      request.topic_data[0].topic_id = topic.id;
    }
    const ProduceResponse response = broker.ask(&handle_produce, version, std::move(request));
    const auto answer = only_produced(response);
    EXPECT_EQ(answer.error_code, KafkaError::kNone) << version;
    EXPECT_EQ(answer.index, 1);
    EXPECT_EQ(answer.base_offset, next);
    EXPECT_EQ(answer.log_append_time_ms, -1);
    EXPECT_EQ(answer.log_start_offset, version >= 5 ? 0 : -1);
    next += 2;
  }
}

TEST(Produce, refuses_each_partition_for_itself) {
  TestBroker broker;
  broker.make_topic("t", 1);
  ProduceRequest request = produce_to("t", batch_of({"a"}));
  request.topic_data[0].partition_data.push_back(
      {.index = 7, .records = wire::Records(data::BlockSlice::copy(batch_of({"b"})))});
  request.topic_data.push_back(produce_to("missing", batch_of({"c"})).topic_data[0]);
  std::string broken = batch_of({"d"});
  broken.back() = static_cast<char>(broken.back() ^ 1);
  request.topic_data[0].partition_data.push_back(
      {.index = 0, .records = wire::Records(data::BlockSlice::copy(broken))});
  const ProduceResponse response = broker.ask(&handle_produce, 9, std::move(request));
  ASSERT_EQ(response.responses.size(), 2U);
  const auto& first = response.responses[0].partition_responses;
  EXPECT_EQ(first.at(0).error_code, KafkaError::kNone);
  EXPECT_EQ(first.at(1).error_code, KafkaError::kUnknownTopicOrPartition);
  EXPECT_EQ(first.at(1).base_offset, -1);
  EXPECT_EQ(first.at(2).error_code, KafkaError::kCorruptMessage);
  EXPECT_EQ(response.responses[1].partition_responses.at(0).error_code,
            KafkaError::kUnknownTopicOrPartition);
}

struct Refusal {
  const char* what;
  KafkaError error;
  std::int16_t version;
  ProduceRequest request;
};

TEST(Produce, says_in_kafkas_words_what_is_wrong) {
  TestBroker broker;
  broker.make_topic("t");
  broker.make_topic("__consumer_offsets");
  log::TopicConfig small;
  small.max_message_bytes = 100;
  broker.make_topic("small", 1, small);
  log::TopicConfig strict;
  strict.timestamp_after_max_ms = 1'000;
  strict.timestamp_before_max_ms = 1'000;
  broker.make_topic("strict", 1, strict);
  broker.clock.advance_us(10'000'000);
  std::string old_magic = batch_of({"a"});
  old_magic[16] = 1;
  ProduceRequest null_records = produce_to("t", "");
  null_records.topic_data[0].partition_data[0].records.reset();
  const record::BatchOptions transactional{
      .producer_id = ProducerId(1), .producer_epoch = 0, .base_sequence = 0, .transactional = true};
  ProduceRequest by_unknown_id = produce_to("", batch_of({"a"}));
  by_unknown_id.topic_data[0].topic_id = Uuid::from_bits(1, 2);
  const std::vector<Refusal> refusals = {
      {"acks", KafkaError::kInvalidRequiredAcks, 9, produce_to("t", batch_of({"a"}), 0, 2)},
      {"two batches",
       KafkaError::kInvalidRecord,
       9,
       produce_to("t", batch_of({"a"}) + batch_of({"b"}))},
      {"magic 1", KafkaError::kInvalidRecord, 9, produce_to("t", old_magic)},
      {"no batch", KafkaError::kInvalidRecord, 9, produce_to("t", "")},
      {"null", KafkaError::kInvalidRecord, 9, null_records},
      {"cut", KafkaError::kCorruptMessage, 9, produce_to("t", batch_of({"a"}).substr(0, 40))},
      {"control",
       KafkaError::kInvalidRecord,
       9,
       produce_to("t", batch_of({"a"}, {.control = true}))},
      {"internal",
       KafkaError::kInvalidTopicException,
       9,
       produce_to("__consumer_offsets", batch_of({"a"}))},
      {"too large",
       KafkaError::kMessageTooLarge,
       9,
       produce_to("small", batch_of({std::string(200, 'x')}))},
      {"too old", KafkaError::kInvalidTimestamp, 9, produce_to("strict", batch_of({"a"}))},
      {"zstd in v6",
       KafkaError::kUnsupportedCompressionType,
       6,
       produce_to("t", batch_of({"a"}, {.compression = record::Compression::kZstd}))},
      {"no transaction",
       KafkaError::kInvalidTxnState,
       9,
       produce_to("t", batch_of({"a"}, transactional))},
      {"unknown id", KafkaError::kUnknownTopicId, 13, by_unknown_id},
  };
  for (const Refusal& refusal : refusals) {
    const auto answer =
        only_produced(broker.ask(&handle_produce, refusal.version, refusal.request));
    EXPECT_EQ(answer.error_code, refusal.error)
        << refusal.what << ": " << answer.error_message.value_or("");
    EXPECT_EQ(answer.base_offset, -1) << refusal.what;
  }
  EXPECT_EQ(broker.log->describe({.topic = "t"})->high_watermark, Offset(0));
}

TEST(Produce, names_the_records_without_key_of_a_compacted_topic) {
  TestBroker broker;
  broker.make_topic("c", 1, log::TopicConfig::compacted());
  const auto answer = only_produced(
      broker.ask(&handle_produce, 8, produce_to("c", batch_of({"a", "b"}, {}, /*keys=*/false))));
  EXPECT_EQ(answer.error_code, KafkaError::kInvalidRecord);
  ASSERT_EQ(answer.record_errors.size(), 2U);
  EXPECT_EQ(answer.record_errors[1].batch_index, 1);
}

TEST(Produce, gives_the_time_of_topics_with_log_append_time) {
  TestBroker broker;
  log::TopicConfig config;
  config.log_append_time = true;
  broker.make_topic("t", 1, config);
  const auto answer =
      only_produced(broker.ask(&handle_produce, 9, produce_to("t", batch_of({"a"}))));
  EXPECT_EQ(answer.log_append_time_ms, broker.clock.wall_ms());
}

TEST(Produce, answers_a_repeated_idempotent_batch_with_its_first_offset) {
  TestBroker broker;
  broker.make_topic("t");
  const std::string batch =
      batch_of({"a", "b"}, {.producer_id = ProducerId(5), .producer_epoch = 0, .base_sequence = 0});
  EXPECT_EQ(only_produced(broker.ask(&handle_produce, 9, produce_to("t", batch))).base_offset, 0);
  broker.append("t", {"between"});
  const auto again = only_produced(broker.ask(&handle_produce, 9, produce_to("t", batch)));
  EXPECT_EQ(again.error_code, KafkaError::kNone);
  EXPECT_EQ(again.base_offset, 0);
  const std::string gap =
      batch_of({"z"}, {.producer_id = ProducerId(5), .producer_epoch = 0, .base_sequence = 9});
  EXPECT_EQ(only_produced(broker.ask(&handle_produce, 9, produce_to("t", gap))).error_code,
            KafkaError::kOutOfOrderSequenceNumber);
}

TEST(Produce, knows_the_last_five_batches_of_a_producer_after_a_crash) {
  TestBroker broker;
  broker.make_topic("t");
  std::vector<std::string> batches;
  for (std::int32_t i = 0; i < 6; ++i) {
    batches.push_back(batch_of(
        {"a", "b"}, {.producer_id = ProducerId(5), .producer_epoch = 0, .base_sequence = 2 * i}));
    EXPECT_EQ(
        only_produced(broker.ask(&handle_produce, 9, produce_to("t", batches.back()))).base_offset,
        2 * i);
  }
  for (int life = 0; life < 3; ++life) {
    for (std::size_t i = 1; i < 6; ++i) {
      const auto again = only_produced(broker.ask(&handle_produce, 9, produce_to("t", batches[i])));
      EXPECT_EQ(again.error_code, KafkaError::kNone);
      EXPECT_EQ(again.base_offset, 2 * static_cast<std::int64_t>(i)) << "life " << life;
    }
    EXPECT_EQ(only_produced(broker.ask(&handle_produce, 9, produce_to("t", batches[0]))).error_code,
              KafkaError::kOutOfOrderSequenceNumber);
    if (life == 1) {
      MUST(broker.log->flush());  // From a snapshot, too.
    }
    broker.restart();
  }
  EXPECT_EQ(broker.log->describe({.topic = "t"})->high_watermark, Offset(12));
}

TEST(Produce, is_answered_after_the_sync_and_then_survives) {
  TestBroker broker;
  broker.make_topic("t");
  for (const std::int16_t acks : {std::int16_t{1}, std::int16_t{-1}}) {
    const auto later = broker.begin(&handle_produce, 9, produce_to("t", batch_of({"a"}), 0, acks));
    EXPECT_FALSE(later->has_value()) << "before the log has done anything";
    broker.settle();
    ASSERT_TRUE(later->has_value());
  }
  broker.restart();
  EXPECT_EQ(broker.log->describe({.topic = "t"})->high_watermark, Offset(2));
}

TEST(Produce, keeps_the_clients_bytes_unless_the_topic_has_a_codec) {
  TestBroker broker;
  const auto stored = [&](const std::string& topic) {
    return std::string(MUST(broker.log->read({.topic = topic}, Offset(0))).batches.at(0).bytes);
  };
  const std::string text(1'000, 'x');
  for (const record::Compression sent : {record::Compression::kNone,
                                         record::Compression::kGzip,
                                         record::Compression::kSnappy,
                                         record::Compression::kLz4,
                                         record::Compression::kZstd}) {
    const std::string batch = batch_of({text, text}, {.compression = sent});
    for (const log::TopicCompression wanted : {log::TopicCompression::kProducer,
                                               log::TopicCompression::kUncompressed,
                                               log::TopicCompression::kGzip,
                                               log::TopicCompression::kSnappy,
                                               log::TopicCompression::kLz4,
                                               log::TopicCompression::kZstd}) {
      const std::string topic =
          std::to_string(static_cast<int>(sent)) + "-" + std::to_string(static_cast<int>(wanted));
      log::TopicConfig config;
      config.compression = wanted;
      broker.make_topic(topic, 1, config);
      EXPECT_EQ(only_produced(broker.ask(&handle_produce, 9, produce_to(topic, batch))).error_code,
                KafkaError::kNone);
      const record::Compression expected =
          wanted == log::TopicCompression::kProducer
              ? sent
              : static_cast<record::Compression>(static_cast<int>(wanted) - 1);
      const std::string found = stored(topic);
      EXPECT_EQ(MUST(record::parse_header(found)).compression(), expected) << topic;
      if (expected == sent) {
        // But for what the log fills in: the offset and the leader's epoch.
        EXPECT_EQ(found.substr(16), batch.substr(16)) << topic;
      }
    }
  }
}

/// Tells how a reply ended.
struct Ending final : Reply<ProduceResponse>::Sink {
  explicit Ending(std::string& text) : told(text) {}

  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;

  ~Ending() override {
    if (told.empty()) {
      told = "dropped";
    }
  }

  void answer(ProduceResponse /*response*/) override { told = "answered"; }

  void skip() override { told = "skipped"; }

  std::string& told;
};

TEST(Produce, without_acks_is_not_answered_and_an_error_ends_the_connection) {
  TestBroker broker;
  broker.make_topic("t");
  for (const auto& [topic, ending] : {std::pair{"t", "skipped"}, std::pair{"missing", "dropped"}}) {
    std::string told;
    handle_produce(*broker.services,
                   broker.info(wire::ApiKey::kProduce, 9),
                   produce_to(topic, batch_of({"a"}), 0, 0),
                   Reply<ProduceResponse>(std::make_shared<Ending>(told)));
    broker.settle();
    EXPECT_EQ(told, ending) << topic;
  }
}

}  // namespace
}  // namespace millrace::broker
