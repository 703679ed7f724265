// Reads partitions from given positions on.
//
//     Fetcher fetcher(*cluster, {.isolation = Isolation::kReadCommitted});
//     fetcher.assign({"users", PartitionId(0)}, Offset(42));
//     TRY(fetcher.poll(500, [&](const FetchedRecord& record) { …; return Take::kMore; }));
//
// Positions are given as offsets; admin.h's list_offsets() says where the earliest, the latest or a
// time is. Records of aborted transactions and control records are left out, gaps are passed over.
//
// Tested by fetcher_test.cc (odd peers), src/cli/kafka_commands_test.cc (our broker).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "client/cluster.h"
#include "record/batch.h"
#include "record/compression.h"

namespace millrace::client {

enum class Isolation : std::int8_t {
  kReadUncommitted = 0,
  kReadCommitted = 1
};

/// What to do when a position is not in the log (it was deleted, or never was).
enum class OutOfRange : std::uint8_t {
  kFail,
  kEarliest,
  kLatest
};

struct FetchOptions {
  Isolation isolation = Isolation::kReadUncommitted;
  std::int32_t min_bytes = 1;
  std::int32_t max_bytes = 50 << 20;
  std::int32_t partition_max_bytes = 1 << 20;
  OutOfRange out_of_range = OutOfRange::kFail;
  /// What one batch may become.
  std::size_t decompressed_bytes_max = record::kDecompressedBytesMax;
};

/// Views live during the call that gives it.
struct FetchedRecord {
  const TopicPartition& from;
  const record::RecordView& record;
  bool log_append_time = false;  ///< Else the timestamp is the producer's.
  std::int32_t leader_epoch = -1;
};

enum class Take : std::uint8_t {
  kMore,
  kStop,           ///< This record was taken; the next poll begins after it.
  kStopPartition,  ///< The same, and poll leaves this partition out from here on (unassign()).
};

using TakeRecord = std::function<Take(const FetchedRecord&)>;

/// How far a partition is known to be.
struct FetchProgress {
  Offset position{0};         ///< Of the next record.
  Offset log_start{-1};       ///< -1: not known yet.
  Offset high_watermark{-1};  ///< -1: not known yet.
  Offset last_stable{-1};     ///< What kReadCommitted reads up to.

  /// Everything that was there at the last answer has been taken.
  [[nodiscard]] bool at_end(Isolation isolation) const {
    const Offset end = isolation == Isolation::kReadCommitted ? last_stable : high_watermark;
    return end.value() >= 0 && position >= end;
  }
};

/// Owned by one thread.
class Fetcher {
 public:
  /// The cluster outlives it.
  Fetcher(Cluster& cluster, FetchOptions options);
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;
  Fetcher(Fetcher&&) noexcept;
  Fetcher& operator=(Fetcher&&) noexcept;
  ~Fetcher();

  void assign(const TopicPartition& partition, Offset position);
  void unassign(const TopicPartition& partition);
  /// Keeps positions, but poll() leaves it out.
  void pause(const TopicPartition& partition, bool paused);

  [[nodiscard]] const std::map<TopicPartition, FetchProgress>& progress() const;

  /// Whether every assigned partition is at its end.
  [[nodiscard]] bool at_end() const;

  /// One round: asks each leader once, waits at most `wait_ms` for records, and hands them out in
  /// the order of offsets within each partition. Gives how many were handed out; 0 is no failure.
  /// What may pass is tried again in the next round; that a broker cannot be reached is an Error
  /// only after operation_timeout_ms. kNotFound: the topic is gone; kInvalidArgument: a position is
  /// out of range (OutOfRange::kFail); kCorruption: a batch is broken; kExhausted: it is a bomb.
  Result<std::size_t> poll(std::int64_t wait_ms, const TakeRecord& take);

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace millrace::client
