// Writes records: gathers them into batches per partition, sends them, and says where each went.
//
//     Producer producer = TRY(Producer::open(*cluster, {.compression = Compression::kLz4}));
//     TRY(producer.add({.topic = "users", .key = "k", .value = "v"}));
//     TRY(producer.flush());
//
// A batch goes out when it is full, when its oldest record has waited `linger_ms` (looked at in
// add() and poll(): nothing runs by itself), or in flush(). At most one request per broker is under
// way, so that a retry never changes the order within a partition; while it is, add() goes on
// filling the next batches. With `idempotent` a retry after a lost answer stores no record twice.
//
// Partition of a record: the given one; else murmur2 of its key, as Kafka's clients do; else, with
// no key, one partition until its batch goes out, then another (KIP-480).
//
// Tested by producer_test.cc (odd peers), src/cli/kafka_commands_test.cc (our broker).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "client/cluster.h"
#include "record/batch.h"
#include "record/compression.h"

namespace millrace::client {

/// A batch that was answered, or given up. All its records have the same outcome.
struct Delivery {
  TopicPartition to = {};
  /// Of the first record; the others follow. -1: not stored, or nobody said (acks = 0).
  Offset base_offset{-1};
  std::int64_t log_append_time_ms = -1;  ///< -1: the records have the producer's time.
  /// The numbers that add() gave, ascending: record i has offset base_offset + i.
  std::span<const std::uint64_t> numbers = {};
  Outcome outcome = {};
};

struct ProducerOptions {
  std::int16_t acks = -1;  ///< 0, 1, or -1 for all.
  record::Compression compression = record::Compression::kNone;
  int compression_level = record::kDefaultLevel;
  std::size_t batch_bytes = 256U << 10U;  ///< Before compression.
  std::int64_t linger_ms = 5;
  /// Needs acks = -1, else it is refused.
  bool idempotent = true;
  AutoCreate create_topics = AutoCreate::kYes;
  std::int64_t request_timeout_ms = 30'000;    ///< For the broker to reach `acks`.
  std::int64_t delivery_timeout_ms = 120'000;  ///< From the sending on, with retries.
  std::size_t buffer_bytes = 32U << 20U;  ///< Of records that are not answered; then add() waits.
  /// Called from add(), poll() and flush(). May be empty.
  std::function<void(const Delivery&)> on_delivery = {};
};

/// The record's views are copied.
struct NewRecord {
  std::string_view topic = {};
  std::optional<PartitionId> partition = {};
  std::optional<std::int64_t> timestamp_ms = {};  ///< Nothing: now.
  std::optional<std::string_view> key = {};
  std::optional<std::string_view> value = {};
  std::span<const record::HeaderView> headers = {};
};

/// Kafka's default partitioner for a key. REQUIRES: partitions > 0
PartitionId partition_of_key(std::string_view key, std::int32_t partitions);

/// Owned by one thread. What was not flushed is dropped with it.
class Producer {
 public:
  /// The cluster outlives it. kInvalidArgument: options that exclude each other.
  static Result<Producer> open(Cluster& cluster, ProducerOptions options);
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  Producer(Producer&&) noexcept;
  Producer& operator=(Producer&&) noexcept;
  ~Producer();

  /// Takes a record, and gives its number: 0, 1, 2, … Sends what is due; waits when the buffer is
  /// full. kNotFound: no such topic or partition; kExhausted: the record is larger than the broker
  /// can ever take; others: the cluster cannot be reached.
  Result<std::uint64_t> add(const NewRecord& record);

  /// Sends what is due and takes the answers that are there, without waiting.
  Result<void> poll();

  /// Sends everything and waits for all answers. An Error only when the cluster cannot be spoken to
  /// at all; what a broker refused is told by on_delivery and counted in failed().
  Result<void> flush();

  /// Records that were stored (acks = 0: sent).
  [[nodiscard]] std::uint64_t delivered() const;
  /// Records that were refused or given up.
  [[nodiscard]] std::uint64_t failed() const;
  /// What the first refusal said, with topic and partition; empty: there was none.
  [[nodiscard]] std::string first_failure() const;

 private:
  struct Rep;
  explicit Producer(std::unique_ptr<Rep> rep);

  std::unique_ptr<Rep> rep_;
};

}  // namespace millrace::client
