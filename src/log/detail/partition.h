// One partition: its recent batches (the tail) in memory or in the WAL, its older ones in segments,
// and what the log thread knows of its producers.
//
// Three kinds of state, by who may touch it:
//   * the log thread's own (`LogThreadState`): the next offset to give, the producers;
//   * shared (under the mutex, which is held to copy pointers and never for I/O): offsets that
//     readers see, the tail, the list of segments;
//   * fixed: names.
//
// The tail goes from the oldest batch still in memory to the newest. A batch leaves memory when the
// cache is over its budget: one that is in a segment leaves the tail, one that is not stays as a
// reference into the WAL, whose file is not used again before. So a read finds a batch in the tail,
// or else in a segment, and never in neither.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/mutex.h"
#include "base/uuid.h"
#include "data/block.h"
#include "log/detail/checkpoint.h"
#include "log/detail/producer_state.h"
#include "log/detail/segment.h"
#include "log/detail/wal.h"
#include "log/log.h"

namespace millrace::log {

/// A published batch that is not yet, or not only, in a segment.
struct TailBatch {
  Offset base{0};
  Offset last{0};
  std::int64_t max_timestamp_ms = -1;
  std::uint32_t bytes = 0;
  std::uint64_t at = 0;       ///< In the block.
  data::BlockPtr block = {};  ///< The frame; null: only in the WAL.
  WalFilePtr wal = {};        ///< Null when it is in a segment.
  std::uint64_t wal_at = 0;   ///< Of the batch, in the file.
};

/// What a batch costs beside its bytes.
inline constexpr std::uint64_t kTailBatchCost = sizeof(TailBatch) + 32;

/// Thread-safe, but for what belongs to the log thread.
class Partition {
 public:
  Partition(io::Files& files,
            std::string directory,
            TopicPartition name,
            const Uuid& topic_id,
            std::shared_ptr<const TopicConfig> config);

  const TopicPartition name;
  const Uuid topic_id;
  const std::string directory;

  /// Belongs to the log thread.
  struct LogThreadState {
    Offset next{0};     ///< To be given to the next batch.
    Offset flushed{0};  ///< Below it all is in segments and durable there.
    ProducerStates producers;
    bool roll = false;  ///< The next checkpoint closes the open segment.
    bool compacting = false;
    std::vector<SegmentMeta> durable_segments;  ///< As the CHECKPOINT on disk has them.
  };

  LogThreadState own;

  std::atomic<bool> deleted{false};
  std::atomic<int> subscribers{0};

  // --- for the log thread

  /// Shows a batch that is durable in the WAL.
  void publish(TailBatch batch);
  /// Moves high watermark and last stable offset; true when one of them moved.
  bool set_offsets(Offset high_watermark, Offset last_stable, std::vector<AbortedRange> aborted);
  void set_log_start(Offset log_start);
  void set_config(std::shared_ptr<const TopicConfig> config);
  /// What lies below is in segments: the WAL is no longer needed for it.
  void set_flushed(Offset flushed);
  /// Takes the oldest batch of the tail out of memory if it begins at `base`; gives the bytes
  /// freed.
  std::uint64_t evict(Offset base);
  /// Forgets what is at or above `end` (a batch boundary), in tail and segments. Gives the segments
  /// that are gone whole. REQUIRES: no background work on this partition
  Result<std::vector<SegmentPtr>> truncate(Offset end, std::int64_t index_interval_bytes);
  /// Takes segments out of the list whose records all lie below `offset`, among those in front that
  /// are sealed and durable.
  std::vector<SegmentPtr> take_segments_below(Offset offset, Offset flushed);
  /// The same of all in front, sealed or not. For recovery: there is no writer yet.
  std::vector<SegmentPtr> forget_segments_below(Offset offset);
  /// The list of segments, made anew.
  void set_segments(const std::vector<SegmentMeta>& metas);
  /// Puts the segments back as the CHECKPOINT has them, after one could not be written.
  void restore_segments(const std::vector<SegmentMeta>& metas);

  // --- for the background

  /// The next batches of the tail from `from` up to `until`, with their bytes (from the WAL where
  /// they are no longer in memory), up to about `bytes_max`.
  Result<std::vector<StoredBatch>> copy_tail(Offset from,
                                             Offset until,
                                             std::size_t bytes_max) const;
  /// Aborted transactions whose markers lie in [from, until).
  [[nodiscard]] std::vector<AbortedRange> aborted_between(Offset from, Offset until) const;
  void add_segment(SegmentPtr segment);
  /// Puts `made` in the place of `replaced`, which are in the list, side by side.
  void replace_segments(const std::vector<SegmentPtr>& replaced,
                        const std::vector<SegmentPtr>& made);

  // --- for all

  [[nodiscard]] std::vector<SegmentPtr> segments() const;
  [[nodiscard]] std::shared_ptr<const TopicConfig> config() const;
  [[nodiscard]] Offset high_watermark() const;
  [[nodiscard]] Offset last_stable() const;
  [[nodiscard]] Offset log_start() const;

  Result<ReadResult> read(Offset offset, const ReadOptions& options) const;
  Result<std::optional<TimestampOffset>> find_timestamp(std::int64_t timestamp_ms) const;
  Result<std::optional<TimestampOffset>> find_max_timestamp() const;
  /// Bytes, segments, offsets; holds and transactions are added by others.
  [[nodiscard]] PartitionInfo describe() const;
  /// About the stored bytes from this offset on; inside a segment by its share of the offsets.
  [[nodiscard]] std::uint64_t bytes_from(Offset offset) const;
  void set_oldest_open(const std::optional<AbortedTransaction>& open, std::int64_t since_ms);

 private:
  struct Plan;  // What a read found under the mutex.

  Plan plan_read(Offset offset, const ReadOptions& options) const;
  std::size_t tail_index(Offset offset) const MR_REQUIRES(mutex_);
  static Result<StoredBatch> load(const TailBatch& batch);
  Result<void> read_segments(Plan& plan, Offset offset, std::size_t bytes_max) const;
  Result<void> add_aborted(Plan& plan, Offset offset) const;

  io::Files& files_;
  mutable Mutex mutex_;
  std::shared_ptr<const TopicConfig> config_ MR_GUARDED_BY(mutex_);  // Shared with the catalog.
  Offset log_start_ MR_GUARDED_BY(mutex_){0};
  Offset high_watermark_ MR_GUARDED_BY(mutex_){0};
  Offset last_stable_ MR_GUARDED_BY(mutex_){0};
  Offset flushed_ MR_GUARDED_BY(mutex_){0};
  std::deque<TailBatch> tail_ MR_GUARDED_BY(mutex_);
  std::uint64_t unflushed_bytes_ MR_GUARDED_BY(mutex_) = 0;
  std::vector<SegmentPtr> segments_ MR_GUARDED_BY(mutex_);
  std::vector<AbortedRange> aborted_ MR_GUARDED_BY(mutex_);  // Not yet durable in a .txnindex.
  std::int64_t max_timestamp_ms_ MR_GUARDED_BY(mutex_) = -1;
  std::optional<AbortedTransaction> oldest_open_ MR_GUARDED_BY(mutex_);
  std::int64_t oldest_open_since_ms_ MR_GUARDED_BY(mutex_) = -1;
};

// Shared by the catalog, appends on their way, background jobs and readers.
using PartitionPtr = std::shared_ptr<Partition>;

}  // namespace millrace::log
