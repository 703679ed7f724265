#include <gtest/gtest.h>

#include "broker/detail/test_broker.h"
#include "broker/handlers.h"

namespace millrace::broker {
namespace {

using wire::FetchRequest;
using wire::FetchResponse;
using wire::KafkaError;

FetchRequest fetch_of(const std::string& topic, std::int64_t offset, std::int32_t partition = 0) {
  FetchRequest request{.max_wait_ms = 0, .min_bytes = 1, .max_bytes = 1 << 20};
  FetchRequest::FetchTopic& wanted = request.topics.emplace_back();
  wanted.topic = topic;
  wanted.partitions.push_back(
      {.partition = partition, .fetch_offset = offset, .partition_max_bytes = 1 << 20});
  return request;
}

void also(FetchRequest& request, std::int32_t partition, std::int64_t offset) {
  request.topics[0].partitions.push_back(
      {.partition = partition, .fetch_offset = offset, .partition_max_bytes = 1 << 20});
}

const FetchResponse::PartitionData& only_fetched(const FetchResponse& response) {
  EXPECT_EQ(response.responses.size(), 1U);
  EXPECT_EQ(response.responses.at(0).partitions.size(), 1U);
  return response.responses.at(0).partitions.at(0);
}

std::size_t partitions_in(const FetchResponse& response) {
  std::size_t count = 0;
  for (const auto& topic : response.responses) {
    count += topic.partitions.size();
  }
  return count;
}

TEST(Fetch, gives_whole_batches_in_every_version) {
  TestBroker broker;
  const log::TopicInfo topic = broker.make_topic("t");
  broker.append("t", {"a", "b", "c"});
  broker.append("t", {"d"});
  for (std::int16_t version = 4; version <= 18; ++version) {
    FetchRequest request = fetch_of("t", 1);  // In the middle of a batch.
    if (version >= 13) {
      request.topics[0].topic.clear();
      request.topics[0].topic_id = topic.id;
    }
    const FetchResponse response = broker.ask(&handle_fetch, version, std::move(request));
    const auto& data = only_fetched(response);
    EXPECT_EQ(data.error_code, KafkaError::kNone);
    EXPECT_EQ(data.high_watermark, 4);
    EXPECT_EQ(data.last_stable_offset, 4);
    EXPECT_EQ(values_of(*data.records), (std::vector<std::string>{"a", "b", "c", "d"})) << version;
    EXPECT_FALSE(data.aborted_transactions.has_value());
  }
}

TEST(Fetch, says_what_is_wrong_for_each_partition) {
  TestBroker broker;
  broker.make_topic("t");
  broker.append("t", {"a"});
  FetchRequest request = fetch_of("t", 0);
  also(request, 0, 2);
  also(request, 3, 0);
  request.topics[0].partitions.push_back(
      {.partition = 0, .current_leader_epoch = 5, .fetch_offset = 0, .partition_max_bytes = 100});
  request.topics.push_back(fetch_of("missing", 0).topics[0]);
  const FetchResponse response = broker.ask(&handle_fetch, 12, std::move(request));
  ASSERT_EQ(response.responses.size(), 2U);
  const auto& data = response.responses[0].partitions;
  EXPECT_EQ(data.at(0).error_code, KafkaError::kNone);
  EXPECT_EQ(data.at(1).error_code, KafkaError::kOffsetOutOfRange);
  EXPECT_EQ(data.at(1).high_watermark, -1);
  EXPECT_EQ(data.at(2).error_code, KafkaError::kUnknownTopicOrPartition);
  EXPECT_EQ(data.at(3).error_code, KafkaError::kUnknownLeaderEpoch);
  EXPECT_EQ(response.responses[1].partitions.at(0).error_code,
            KafkaError::kUnknownTopicOrPartition);

  FetchRequest by_id = fetch_of("", 0);
  by_id.topics[0].topic_id = Uuid::from_bits(1, 2);
  EXPECT_EQ(only_fetched(broker.ask(&handle_fetch, 13, by_id)).error_code,
            KafkaError::kUnknownTopicId);
}

TEST(Fetch, keeps_to_its_bytes_but_gives_one_batch) {
  TestBroker broker;
  broker.make_topic("t", 2);
  for (int i = 0; i < 3; ++i) {
    broker.append("t", {std::string(1'000, 'x')}, 0);
    broker.append("t", {std::string(1'000, 'y')}, 1);
  }
  FetchRequest request = fetch_of("t", 0, 0);
  also(request, 1, 0);
  request.max_bytes = 10;
  const FetchResponse tiny = broker.ask(&handle_fetch, 11, request);
  EXPECT_EQ(values_of(*tiny.responses[0].partitions[0].records).size(), 1U);
  EXPECT_TRUE(tiny.responses[0].partitions[1].records->empty());
  EXPECT_EQ(tiny.responses[0].partitions[1].high_watermark, 3);

  request.max_bytes = 1 << 20;
  request.topics[0].partitions[0].partition_max_bytes = 2'500;
  const FetchResponse some = broker.ask(&handle_fetch, 11, request);
  EXPECT_EQ(values_of(*some.responses[0].partitions[0].records).size(), 2U);
  EXPECT_EQ(values_of(*some.responses[0].partitions[1].records).size(), 3U);
}

TEST(Fetch, waits_for_bytes_and_is_woken_by_the_log) {
  TestBroker broker;
  broker.make_topic("t", 2);
  FetchRequest request = fetch_of("t", 0, 0);
  also(request, 1, 0);
  request.max_wait_ms = 500;
  request.min_bytes = 200;
  const auto later = broker.begin(&handle_fetch, 11, request);
  broker.settle();
  EXPECT_FALSE(later->has_value());
  broker.append("t", {"small"}, 1);
  broker.settle();
  EXPECT_FALSE(later->has_value()) << "not enough bytes";
  broker.append("t", {std::string(200, 'x')}, 0);
  broker.settle();
  ASSERT_TRUE(later->has_value());
  EXPECT_EQ(values_of(*(*later)->responses[0].partitions[0].records).size(), 1U);
  EXPECT_EQ(values_of(*(*later)->responses[0].partitions[1].records).size(), 1U);
}

TEST(Fetch, answers_at_the_end_of_its_time) {
  TestBroker broker;
  broker.make_topic("t");
  FetchRequest request = fetch_of("t", 0);
  request.max_wait_ms = 1;
  const auto later = broker.begin(&handle_fetch, 11, request);
  broker.settle();
  EXPECT_FALSE(later->has_value());
  const SystemClock real;
  const std::int64_t begun = real.monotonic_ns();
  while (!later->has_value() && real.monotonic_ns() - begun < 2'000'000'000) {
    broker.pass(1);
  }
  ASSERT_TRUE(later->has_value());
  EXPECT_TRUE(only_fetched(**later).records->empty());
}

TEST(Fetch, ends_its_wait_when_the_topic_is_deleted) {
  TestBroker broker;
  const log::TopicInfo topic = broker.make_topic("t");
  FetchRequest request = fetch_of("", 0);
  request.topics[0].topic_id = topic.id;
  request.max_wait_ms = 1'000'000;
  const auto later = broker.begin(&handle_fetch, 13, request);
  broker.settle();
  EXPECT_FALSE(later->has_value());
  MUST(broker.log->delete_topic("t"));
  broker.settle();
  ASSERT_TRUE(later->has_value());
  EXPECT_EQ(only_fetched(**later).error_code, KafkaError::kUnknownTopicId);
}

TEST(Fetch, names_aborted_transactions_to_those_who_read_committed) {
  TestBroker broker;
  broker.make_topic("t");
  const auto put = [&](std::string batch, log::BatchOrigin origin) {
    log::Frame frame;
    frame.batches.push_back({.to = {.topic = "t"}, .batch = std::move(batch), .origin = origin});
    MUST(broker.log->append_and_wait(std::move(frame)));
  };
  const record::BatchOptions transaction{
      .producer_id = ProducerId(9), .producer_epoch = 0, .base_sequence = 0, .transactional = true};
  put(batch_of({"aborted"}, transaction), log::BatchOrigin::kInternal);
  FetchRequest request = fetch_of("t", 0);
  request.isolation_level = 1;
  const FetchResponse open = broker.ask(&handle_fetch, 11, request);
  EXPECT_TRUE(only_fetched(open).records->empty());
  EXPECT_EQ(only_fetched(open).last_stable_offset, 0);
  EXPECT_EQ(only_fetched(open).high_watermark, 1);
  put(record::build_marker({.type = record::ControlType::kAbort}, ProducerId(9), 0, 1),
      log::BatchOrigin::kCoordinator);
  const FetchResponse response = broker.ask(&handle_fetch, 11, request);
  ASSERT_TRUE(only_fetched(response).aborted_transactions.has_value());
  ASSERT_EQ(only_fetched(response).aborted_transactions->size(), 1U);
  EXPECT_EQ(only_fetched(response).aborted_transactions->front().producer_id, 9);
  EXPECT_EQ(only_fetched(response).aborted_transactions->front().first_offset, 0);
}

TEST(Fetch, refuses_topics_with_zstd_to_clients_that_cannot_read_it) {
  TestBroker broker;
  log::TopicConfig config;
  config.compression = log::TopicCompression::kZstd;
  broker.make_topic("t", 1, config);
  broker.append("t", {"a"});
  broker.make_topic("u");
  log::Frame frame;
  frame.batches.push_back(
      {.to = {.topic = "u"},
       .batch = batch_of({std::string(100, 'x')}, {.compression = record::Compression::kZstd})});
  MUST(broker.log->append_and_wait(std::move(frame)));
  EXPECT_EQ(only_fetched(broker.ask(&handle_fetch, 9, fetch_of("t", 0))).error_code,
            KafkaError::kUnsupportedCompressionType);
  EXPECT_EQ(only_fetched(broker.ask(&handle_fetch, 10, fetch_of("t", 0))).error_code,
            KafkaError::kNone);
  EXPECT_EQ(only_fetched(broker.ask(&handle_fetch, 9, fetch_of("u", 0))).error_code,
            KafkaError::kNone)
      << "the producer chose it: as Kafka";
}

TEST(Fetch, tells_a_session_only_what_is_new) {
  TestBroker broker;
  broker.make_topic("t", 3);
  broker.append("t", {"a"}, 0);
  FetchRequest first = fetch_of("t", 0, 0);
  also(first, 1, 0);
  also(first, 2, 0);
  first.session_epoch = 0;
  const FetchResponse opened = broker.ask(&handle_fetch, 12, first);
  ASSERT_NE(opened.session_id, 0);
  EXPECT_EQ(partitions_in(opened), 3U);

  FetchRequest next{.max_wait_ms = 0, .min_bytes = 1, .max_bytes = 1 << 20};
  next.session_id = opened.session_id;
  next.session_epoch = 1;
  next.topics.push_back(fetch_of("t", 1, 0).topics[0]);
  EXPECT_EQ(partitions_in(broker.ask(&handle_fetch, 12, next)), 0U);

  broker.append("t", {"b"}, 2);
  next.topics.clear();
  next.session_epoch = 2;
  const FetchResponse news = broker.ask(&handle_fetch, 12, next);
  ASSERT_EQ(partitions_in(news), 1U);
  EXPECT_EQ(only_fetched(news).partition_index, 2);
  EXPECT_EQ(news.session_id, opened.session_id);

  next.session_epoch = 3;
  next.forgotten_topics_data.push_back({.topic = "t", .partitions = {2}});
  EXPECT_EQ(partitions_in(broker.ask(&handle_fetch, 12, next)), 0U);

  next.session_epoch = 3;
  EXPECT_EQ(broker.ask(&handle_fetch, 12, next).error_code, KafkaError::kInvalidFetchSessionEpoch);
  next.session_id += 1;
  EXPECT_EQ(broker.ask(&handle_fetch, 12, next).error_code, KafkaError::kFetchSessionIdNotFound);
  next.session_id -= 1;
  next.forgotten_topics_data.clear();
  EXPECT_EQ(broker.ask(&handle_fetch, 13, next).error_code, KafkaError::kFetchSessionTopicIdError);

  FetchRequest last = fetch_of("t", 0, 0);
  last.session_id = opened.session_id;
  last.session_epoch = -1;
  EXPECT_EQ(broker.ask(&handle_fetch, 12, last).session_id, 0);
  EXPECT_EQ(broker.sessions->count(), 0U);
}

TEST(Fetch, goes_on_without_a_session_when_all_slots_are_taken) {
  TestBroker broker(ConfigTexts{{"max.incremental.fetch.session.cache.slots", "1"}});
  broker.make_topic("t");
  FetchRequest request = fetch_of("t", 0);
  request.session_epoch = 0;
  EXPECT_NE(broker.ask(&handle_fetch, 12, request).session_id, 0);
  EXPECT_EQ(broker.ask(&handle_fetch, 12, request).session_id, 0);
  broker.clock.advance_us(121'000'000);
  EXPECT_NE(broker.ask(&handle_fetch, 12, request).session_id, 0);
}

TEST(Fetch, copies_no_records) {
  TestBroker broker;
  broker.make_topic("t");
  broker.append("t", {std::string(5'000, 'x')});
  const auto later = broker.begin(&handle_fetch, 11, fetch_of("t", 0));
  broker.settle();
  ASSERT_TRUE(later->has_value());
  const log::ReadResult read = MUST(broker.log->read({.topic = "t"}, Offset(0)));
  const wire::Records& records = *only_fetched(**later).records;
  ASSERT_EQ(records.slices().size(), 1U);
  EXPECT_EQ(records.slices()[0].view().data(), read.batches[0].bytes.data());
}

}  // namespace
}  // namespace millrace::broker
