// What a partition knows of its producers: enough to tell a retry from a new batch, and which
// transactions are open.
//
// Of each producer the last five batches are kept. A batch equal in epoch, first and last sequence
// to one of them is a retry: it gets the offset of the first time. Any other must go on where the
// last one ended (sequences wrap from 2^31-1 to 0). A producer that is not known, or begins a new
// epoch with sequence 0, may begin.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "log/kafka_error.h"
#include "log/log.h"
#include "record/batch.h"

namespace millrace::log {

inline constexpr std::size_t kProducerBatchesKept = 5;

struct ProducerBatch {
  std::int32_t first_sequence = -1;
  std::int32_t last_sequence = -1;
  Offset base_offset{-1};
  Offset last_offset{-1};
  std::int64_t timestamp_ms = -1;

  friend bool operator==(const ProducerBatch&, const ProducerBatch&) = default;
};

struct ProducerEntry {
  std::int16_t epoch = -1;
  std::int32_t coordinator_epoch = -1;
  std::int64_t last_timestamp_ms = -1;
  Offset last_offset{-1};
  std::optional<Offset> transaction_first = {};  ///< Of the open transaction.
  std::int64_t transaction_since_ms = -1;
  std::uint8_t batch_count = 0;
  std::array<ProducerBatch, kProducerBatchesKept> batches{};  ///< Oldest first.

  friend bool operator==(const ProducerEntry&, const ProducerEntry&) = default;

  [[nodiscard]] const ProducerBatch* last() const {
    return batch_count == 0 ? nullptr : &batches[batch_count - 1U];
  }
};

/// An aborted transaction, as .txnindex has it.
struct AbortedRange {
  ProducerId producer{-1};
  Offset first_offset{-1};
  Offset last_offset{-1};         ///< Of the marker.
  Offset last_stable_offset{-1};  ///< After the marker.

  friend bool operator==(const AbortedRange&, const AbortedRange&) = default;
};

/// What check() found.
struct ProducerVerdict {
  KafkaError error = KafkaError::kNone;
  std::string message{};
  std::optional<ProducerBatch> duplicate_of{};
};

/// The producers of one partition. Owned by one thread.
class ProducerStates {
 public:
  /// Whether a batch of a client may be appended. Does not change anything.
  [[nodiscard]] ProducerVerdict check(const record::BatchHeader& header) const;

  /// Whether a marker may be appended.
  [[nodiscard]] ProducerVerdict check_marker(const record::BatchHeader& header,
                                             const record::ControlMarker& marker) const;

  /// Takes in a batch that is appended at its base offset (data, not a marker).
  void apply(const record::BatchHeader& header, std::int64_t now_ms);

  /// Takes in a marker; gives the range of the transaction when it is an abort of an open one.
  std::optional<AbortedRange> apply_marker(const record::BatchHeader& header,
                                           const record::ControlMarker& marker);

  /// The entry of a producer, for undoing: put it back with restore().
  [[nodiscard]] std::optional<ProducerEntry> entry(ProducerId id) const;
  void restore(ProducerId id, const std::optional<ProducerEntry>& entry);

  /// The first offset of the oldest open transaction, with its producer.
  [[nodiscard]] std::optional<std::pair<Offset, ProducerId>> oldest_open() const;

  /// Forgets producers that were last seen before `before_ms` and have nothing open.
  void expire(std::int64_t before_ms);
  void clear();

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  /// Ids, ascending.
  [[nodiscard]] std::vector<ProducerId> ids() const;

  /// What others may know of each, by id.
  [[nodiscard]] std::vector<ProducerInfo> describe() const;

  /// All of it, for the checkpoint (docs/format/wal.md).
  void encode(std::string& out) const;
  /// kCorruption when it is not what encode wrote.
  static Result<ProducerStates> decode(ByteReader& reader);

  /// Kafka's .snapshot file (ProducerSnapshot, version 1).
  [[nodiscard]] std::string to_kafka_snapshot() const;

 private:
  void put(ProducerId id, const ProducerEntry& entry);
  void remove_open(const ProducerEntry& entry);

  std::unordered_map<std::int64_t, ProducerEntry> entries_;
  std::map<Offset, ProducerId> open_;  // First offset of an open transaction → its producer.
};

}  // namespace millrace::log
