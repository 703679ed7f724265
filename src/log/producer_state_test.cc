#include "log/detail/producer_state.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace millrace::log {
namespace {

record::BatchHeader header_of(std::int32_t sequence,
                              std::int64_t offset,
                              std::int32_t count = 1,
                              std::int16_t epoch = 0) {
  return {.base_offset = Offset(offset),
          .last_offset_delta = count - 1,
          .max_timestamp_ms = 1000,
          .producer_id = ProducerId(7),
          .producer_epoch = epoch,
          .base_sequence = sequence,
          .record_count = count};
}

record::BatchHeader transactional(std::int64_t producer, std::int64_t offset) {
  record::BatchHeader header = header_of(0, offset);
  header.producer_id = ProducerId(producer);
  header.attributes = 0x10;
  return header;
}

TEST(ProducerStates, last_five_batches_are_known_again) {
  ProducerStates states;
  for (int i = 0; i < 8; ++i) {
    const record::BatchHeader header = header_of(i * 2, i * 2, 2);
    EXPECT_EQ(states.check(header).error, KafkaError::kNone);
    states.apply(header, 0);
  }
  for (int i = 3; i < 8; ++i) {
    const ProducerVerdict verdict = states.check(header_of(i * 2, 500, 2));
    ASSERT_TRUE(verdict.duplicate_of.has_value()) << i;
    EXPECT_EQ(verdict.duplicate_of->base_offset, Offset(i * 2));
  }
  EXPECT_EQ(states.check(header_of(4, 500, 2)).error, KafkaError::kOutOfOrderSequenceNumber);
  EXPECT_EQ(states.check(header_of(14, 500, 1)).error, KafkaError::kOutOfOrderSequenceNumber);
  EXPECT_EQ(states.check(header_of(16, 500, 1)).error, KafkaError::kNone);
}

TEST(ProducerStates, are_described_by_their_last_batch) {
  ProducerStates states;
  states.apply(header_of(0, 0, 3), 5000);
  states.apply(header_of(3, 3, 2), 6000);
  states.apply(transactional(3, 5), 7000);
  const std::vector<ProducerInfo> described = states.describe();
  ASSERT_EQ(described.size(), 2U);
  EXPECT_EQ(described[0],
            (ProducerInfo{.id = ProducerId(3),
                          .epoch = 0,
                          .last_sequence = 0,
                          .last_timestamp_ms = 1000,
                          .transaction_first = Offset(5)}));
  EXPECT_EQ(described[1],
            (ProducerInfo{
                .id = ProducerId(7), .epoch = 0, .last_sequence = 4, .last_timestamp_ms = 1000}));
}

TEST(ProducerStates, sequences_wrap_to_zero) {
  constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
  ProducerStates states;
  states.apply(header_of(kMax - 1, 0, 2), 0);
  EXPECT_EQ(states.check(header_of(0, 2)).error, KafkaError::kNone);
  EXPECT_EQ(states.check(header_of(1, 2)).error, KafkaError::kOutOfOrderSequenceNumber);
  states.apply(header_of(0, 2, 3), 0);
  EXPECT_EQ(states.check(header_of(3, 5)).error, KafkaError::kNone);
}

TEST(ProducerStates, epochs_fence_and_begin_anew) {
  ProducerStates states;
  states.apply(header_of(0, 0, 1, 5), 0);
  EXPECT_EQ(states.check(header_of(1, 1, 1, 4)).error, KafkaError::kInvalidProducerEpoch);
  EXPECT_EQ(states.check(header_of(1, 1, 1, 6)).error, KafkaError::kOutOfOrderSequenceNumber);
  EXPECT_EQ(states.check(header_of(0, 1, 1, 6)).error, KafkaError::kNone);
}

TEST(ProducerStates, unknown_producer_may_begin_anywhere) {
  const ProducerStates states;
  EXPECT_EQ(states.check(header_of(1000, 0)).error, KafkaError::kNone);
}

TEST(ProducerStates, open_transactions_end_with_their_marker) {
  ProducerStates states;
  states.apply(transactional(1, 10), 500);
  states.apply(transactional(2, 12), 600);
  EXPECT_EQ(states.oldest_open()->first, Offset(10));
  record::BatchHeader marker = transactional(1, 14);
  const auto aborted = states.apply_marker(marker, {.type = record::ControlType::kAbort});
  ASSERT_TRUE(aborted.has_value());
  EXPECT_EQ(*aborted,
            (AbortedRange{.producer = ProducerId(1),
                          .first_offset = Offset(10),
                          .last_offset = Offset(14),
                          .last_stable_offset = Offset(12)}));
  EXPECT_EQ(states.oldest_open()->first, Offset(12));
  marker = transactional(2, 15);
  EXPECT_FALSE(states.apply_marker(marker, {.type = record::ControlType::kCommit}).has_value());
  EXPECT_FALSE(states.oldest_open().has_value());
}

TEST(ProducerStates, marker_of_an_older_coordinator_is_fenced) {
  ProducerStates states;
  states.apply_marker(transactional(1, 0), {.coordinator_epoch = 5});
  EXPECT_EQ(states.check_marker(transactional(1, 1), {.coordinator_epoch = 4}).error,
            KafkaError::kTransactionCoordinatorFenced);
  EXPECT_EQ(states.check_marker(transactional(1, 1), {.coordinator_epoch = 5}).error,
            KafkaError::kNone);
}

TEST(ProducerStates, restore_puts_back_what_was_there) {
  ProducerStates states;
  states.apply(transactional(1, 10), 0);
  const auto before = states.entry(ProducerId(1));
  states.apply_marker(transactional(1, 11), {});
  states.restore(ProducerId(1), before);
  EXPECT_EQ(states.oldest_open()->first, Offset(10));
  EXPECT_EQ(states.entry(ProducerId(1)), before);
  states.restore(ProducerId(1), {});
  EXPECT_EQ(states.size(), 0U);
  EXPECT_FALSE(states.oldest_open().has_value());
}

TEST(ProducerStates, expire_keeps_open_transactions) {
  ProducerStates states;
  states.apply(header_of(0, 0), 100);
  states.apply(transactional(1, 1), 100);
  states.expire(101);
  EXPECT_EQ(states.size(), 1U);
  EXPECT_TRUE(states.oldest_open().has_value());
}

TEST(ProducerStates, encoding_reads_back) {
  ProducerStates states;
  for (int i = 0; i < 7; ++i) {
    states.apply(header_of(i, i), i);
  }
  states.apply(transactional(3, 9), 77);
  std::string bytes;
  states.encode(bytes);
  ByteReader reader(bytes);
  const ProducerStates read = MUST(ProducerStates::decode(reader));
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(read.ids(), states.ids());
  for (const ProducerId id : states.ids()) {
    EXPECT_EQ(read.entry(id), states.entry(id));
  }
  EXPECT_EQ(read.oldest_open(), states.oldest_open());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    ByteReader cut(std::string_view(bytes).substr(0, i));
    EXPECT_FALSE(ProducerStates::decode(cut).has_value()) << i;
  }
}

TEST(ProducerStates, kafka_snapshot_has_the_golden_bytes) {
  ProducerStates states;
  states.apply(header_of(5, 20, 3), 1000);
  // Version 1, CRC-32C, one entry: id 7, epoch 0, sequence 7, offset 22, delta 2, time, coordinator
  // -1, no transaction.
  EXPECT_EQ(to_hex(states.to_kafka_snapshot()).substr(12),
            "0000000100000000000000070000000000070000000000000016000000020000000000000"
            "3e8ffffffffffffffffffffffff");
}

}  // namespace
}  // namespace millrace::log
