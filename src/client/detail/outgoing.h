// What a producer holds of records on their way: batches, partitions, requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "client/cluster.h"
#include "client/connection.h"
#include "client/producer.h"
#include "record/batch.h"
#include "wire/generated/produce.h"

namespace millrace::client {

/// What no broker takes: more than fits into the largest batch.
inline constexpr std::size_t kRecordBytesMax = 256U << 20U;

struct ProducerIdentity {
  ProducerId id{-1};
  std::int16_t epoch = -1;

  [[nodiscard]] bool is_valid() const { return id.value() >= 0; }
};

struct OutgoingTopic {
  std::int32_t partitions = 0;
  std::int64_t asked_ns = 0;
  std::int32_t sticky = 0;  ///< Where records without a key go at the moment.
};

struct OutgoingBatch {
  OutgoingBatch(TopicPartition partition, record::BatchOptions options, std::int64_t now_ns)
      : to(std::move(partition)), batch_options(options), builder(options), created_ns(now_ns) {}

  TopicPartition to;
  record::BatchOptions batch_options;
  record::BatchBuilder builder;
  std::vector<std::uint64_t> numbers = {};
  std::size_t bytes = 0;  ///< As counted against the buffer.
  std::int64_t created_ns = 0;
  std::int64_t not_before_ns = 0;
  std::int64_t first_sent_ns = 0;
  bool closed = false;
  bool in_doubt = false;  ///< It was sent, and nobody knows whether it was stored.
  int tries = 0;
  int resets = 0;
  std::string sealed = {};  ///< The batch as it goes out.
  std::int32_t records = 0;
  std::int32_t base_sequence = -1;
};

struct OutgoingPartition {
  std::deque<OutgoingBatch> queue = {};  ///< In the order of sending; the last may be open.
  bool under_way = false;
  ProducerIdentity identity = {};
  bool was_reset = false;  ///< The next batch needs an identity that was never used here.
  std::int32_t next_sequence = 0;
};

/// One request that waits for its answer.
struct Flight {
  std::unique_ptr<Connection> connection = {};
  std::vector<OutgoingBatch> batches = {};
};

struct BatchAnswer {
  Outcome outcome = {};
  Offset base_offset{-1};
  std::int64_t log_append_time_ms = -1;
};

/// About what the record takes in a batch.
std::size_t outgoing_bytes(const NewRecord& record);

/// A sealed batch as two, the second one first. REQUIRES: records > 1
std::vector<OutgoingBatch> halves_of(OutgoingBatch batch);

/// The broker's words about a batch and the records in it.
std::string explain(const std::optional<std::string>& message,
                    const std::vector<wire::ProduceResponse::BatchIndexAndErrorMessage>& records);

/// A producer id that nobody else has. kUnsupported: the broker is too old for idempotence.
Result<ProducerIdentity> ask_producer_identity(Cluster& cluster);

}  // namespace millrace::client
