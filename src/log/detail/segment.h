// One segment of a partition: files in Kafka's format (docs/format/segments.md).
//
//   %020d.log        batches, back to back, as on the wire
//   %020d.index      i32 offset - base, i32 position          big-endian, one each 4 KiB of log
//   %020d.timeindex  i64 timestamp, i32 offset - base         the largest timestamp so far
//   %020d.txnindex   i16 version, i64 producer, i64 first, i64 last, i64 last stable offset
//
// Bytes are only ever added at the end, and counted in SegmentMeta after they are written; whoever
// reads looks no further than the meta says, so that reader and writer need no lock between them.
// Bytes behind the meta's sizes are leftovers of a crash and mean nothing. The indexes hold nothing
// that the batches do not: rebuild_indexes() makes the same bytes again.
//
// Tested by segment_test.cc, segment_fuzz.cc.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/mutex.h"
#include "base/result.h"
#include "io/files.h"
#include "log/detail/producer_state.h"
#include "log/log.h"

namespace millrace::log {

/// What is known of a segment without opening it. Immutable.
struct SegmentMeta {
  Offset base{0};
  Offset next{0};  ///< Behind the last batch.
  std::uint64_t log_bytes = 0;
  std::uint64_t index_bytes = 0;
  std::uint64_t time_bytes = 0;
  std::uint64_t txn_bytes = 0;
  std::int64_t first_timestamp_ms = -1;
  std::int64_t max_timestamp_ms = -1;
  Offset max_timestamp_offset{-1};
  bool sealed = false;   ///< Nothing is added any more.
  bool cleaned = false;  ///< Compaction has been here.

  friend bool operator==(const SegmentMeta&, const SegmentMeta&) = default;
};

enum class SegmentFile : std::uint8_t {
  kLog,
  kIndex,
  kTimeIndex,
  kTxnIndex
};
inline constexpr std::size_t kSegmentFiles = 4;
inline constexpr std::array<SegmentFile, kSegmentFiles> kAllSegmentFiles{
    SegmentFile::kLog, SegmentFile::kIndex, SegmentFile::kTimeIndex, SegmentFile::kTxnIndex};

inline constexpr std::uint64_t kIndexEntryBytes = 8;
inline constexpr std::uint64_t kTimeEntryBytes = 12;
inline constexpr std::uint64_t kTxnEntryBytes = 34;

/// "%020d.log" and so on.
std::string segment_file_name(Offset base, SegmentFile file);
/// The size that a meta gives to one of its files.
std::uint64_t segment_file_bytes(const SegmentMeta& meta, SegmentFile file);

/// Thread-safe.
class Segment {
 public:
  /// `suffix` is added to the names of files that are not in use yet.
  Segment(io::Files& files,
          std::string directory,
          const SegmentMeta& meta,
          std::string suffix = {});

  [[nodiscard]] SegmentMeta meta() const;

  [[nodiscard]] Offset base() const { return base_; }

  [[nodiscard]] const std::string& directory() const { return directory_; }

  [[nodiscard]] std::string path(SegmentFile file) const;

  /// Makes more of the files visible to readers. For the writer.
  void set_meta(const SegmentMeta& meta);

  /// Whole batches whose last offset is at least `from` and below `limit`, checked against their
  /// CRC, appended to `out`. At least one when there is one and `at_least_one`; else up to
  /// `bytes_max`. False when it stopped because of bytes_max.
  Result<bool> read(Offset from,
                    Offset limit,
                    std::size_t bytes_max,
                    bool at_least_one,
                    std::vector<StoredBatch>& out);

  /// The first record with at least this timestamp.
  Result<std::optional<TimestampOffset>> find_timestamp(std::int64_t timestamp_ms);

  /// Aborted transactions that touch [from, until), by their order in the index.
  Result<void> find_aborted(Offset from, Offset until, std::vector<AbortedRange>& out);

  /// The file, opened when it is not; made when it is missing and `create`.
  Result<std::shared_ptr<io::File>> file(SegmentFile which, bool create = false);

  /// Opens all files, so that readers that still hold the segment can read on after the files are
  /// renamed or removed.
  Result<void> pin();
  /// Makes all its files and their names durable.
  Result<void> sync();
  /// Closes files that nobody reads, unless pinned.
  void close_files();

  /// Calls `visit(position, batch bytes)` for the batches from `position` to the end, in order.
  /// kCorruption when something is no batch or its CRC is wrong.
  template <class Visit>
  Result<void> scan(std::uint64_t position, const Visit& visit) {
    const std::uint64_t end = meta().log_bytes;
    while (position < end) {
      const data::BlockPtr block = TRY(read_block(position, end));
      std::string_view rest = block->view();
      while (!rest.empty()) {
        const std::size_t size = TRY(whole_batch(rest, position));
        if (size == 0) {
          break;  // The rest of it is in the next block.
        }
        TRY(visit(position, rest.substr(0, size)));
        rest.remove_prefix(size);
        position += size;
      }
    }
    return {};
  }

  /// Where a batch with an offset ≥ `offset` may be found: at or before it.
  Result<std::uint64_t> position_of(Offset offset);

 private:
  Result<data::BlockPtr> read_block(std::uint64_t position, std::uint64_t end);
  Result<std::size_t> whole_batch(std::string_view rest, std::uint64_t position) const;
  Error corrupt(std::uint64_t position, std::string_view what) const;

  io::Files& files_;
  const std::string directory_;
  const std::string suffix_;
  const Offset base_;
  mutable Mutex mutex_;
  SegmentMeta meta_ MR_GUARDED_BY(mutex_);
  // Shared with those who read while the files are closed.
  std::shared_ptr<io::File> open_[kSegmentFiles] MR_GUARDED_BY(mutex_);
  bool pinned_ MR_GUARDED_BY(mutex_) = false;
};

// Shared by the partition and by readers that outlive its deletion.
using SegmentPtr = std::shared_ptr<Segment>;

/// Adds batches to the end of a segment. Owned by one thread; one at a time per segment.
class SegmentWriter {
 public:
  /// Goes on where the meta says that the segment ends.
  static Result<SegmentWriter> open(SegmentPtr segment, std::int64_t index_interval_bytes);

  /// REQUIRES: the batch fits: fits(header)
  Result<void> append(std::string_view batch, const record::BatchHeader& header);
  void append_aborted(const AbortedRange& range);

  /// False when offsets would be too far from the base for the index, or positions too large.
  [[nodiscard]] bool fits(const record::BatchHeader& header) const;

  /// Writes what is buffered and shows it to readers. Not synced.
  Result<void> finish();
  /// finish(), after which nothing is added.
  Result<void> seal();
  /// The same for a segment that goes up to `next`, though its last batches are gone.
  Result<void> seal_cleaned(Offset next);

  /// Of the log, what is buffered included.
  [[nodiscard]] std::uint64_t bytes() const { return meta_.log_bytes + log_.size(); }

  [[nodiscard]] const SegmentMeta& meta() const { return meta_; }

  [[nodiscard]] const SegmentPtr& segment() const { return segment_; }

 private:
  SegmentWriter() = default;

  Result<void> write_log();
  Result<void> write_at_end(SegmentFile which, std::string& bytes, std::uint64_t& size);
  void add_time_entry();

  SegmentPtr segment_;
  SegmentMeta meta_;
  std::int64_t index_interval_bytes_ = 4096;
  std::uint64_t indexed_position_ = 0;  // Of the last index entry.
  std::int64_t time_indexed_ms_ = -1;   // Of the last time index entry.
  std::string log_;
  std::string index_;
  std::string time_;
  std::string txn_;
};

/// Makes .index and .timeindex anew from the batches, the same bytes as the writer had made;
/// .txnindex with the given entries. Durable when it returns; gives the new meta, which is set.
Result<SegmentMeta> rebuild_indexes(const SegmentPtr& segment,
                                    std::int64_t index_interval_bytes,
                                    const std::vector<AbortedRange>& aborted);

/// The aborted transactions whose markers lie in the segment, as far as they began in it; of one
/// that began before it the first offset is the segment's base, which is never too late.
Result<std::vector<AbortedRange>> find_aborted_by_scan(Segment& segment);

/// Walks a .log file whose meta is not known, from its front: the meta of the valid batches. What
/// follows the last of them is not counted. For repair and tests.
Result<SegmentMeta> scan_segment_file(io::Files& files, const std::string& directory, Offset base);

}  // namespace millrace::log
