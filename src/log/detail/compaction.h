// Compaction: of a topic that keeps the last value of each key, closed segments are written anew
// without the records that a later one replaces.
//
// What must stay. Offsets never change. A batch that loses all its records stays as an empty one
// where it is the last of its producer, because it carries the producer's sequence. A tombstone (a
// key without a value) and a transaction's marker stay for delete.retention.ms after the first
// compaction that saw them, so that readers who are behind still learn of them; that moment is kept
// in the batch itself (delete horizon, attribute bit 6). Records of aborted transactions go.
//
// The keys of the uncompacted part are put into a map of hashes (16 bytes and an offset each, in a
// fixed memory); what does not fit is left for the next round.
//
// The files. New ones are written beside the old ones under names of their own and synced. Then one
// small file, the marker, says which segments they replace: from that moment on the new ones hold.
// What follows (removing the old files, renaming the new ones) can be interrupted anywhere and is
// taken up again from the marker (finish_compaction), which is removed when a CHECKPOINT that knows
// the new sizes is durable.
//
// Tested by compaction_test.cc against a naive map.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/files.h"
#include "log/detail/background.h"
#include "log/detail/partition.h"
#include "log/detail/segment.h"
#include "log/log.h"

namespace millrace::log {

/// Where each key was seen last. Open addressing over hashes; fixed memory. Owned by one thread.
class KeyMap {
 public:
  explicit KeyMap(std::uint64_t memory_bytes);

  /// False when it is full (three quarters), and nothing was changed.
  bool put(std::string_view key, Offset offset);
  /// The last offset of the key, -1 when it is not there.
  [[nodiscard]] Offset find(std::string_view key) const;

  [[nodiscard]] std::size_t size() const { return used_; }

 private:
  struct Slot {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    Offset offset{-1};
  };

  [[nodiscard]] std::size_t slot_of(std::uint64_t high, std::uint64_t low) const;

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

/// What a marker says: these segments are replaced by one with the base of the first.
struct CompactionMarker {
  std::string path = {};
  std::vector<Offset> replaced = {};
  SegmentMeta made = {};
};

/// What a compaction is about.
struct CompactionPlan {
  PartitionPtr partition = {};
  std::vector<SegmentPtr> segments = {};  ///< Side by side, sealed, flushed, oldest first.
  std::size_t first_dirty = 0;            ///< Those from here on were not compacted before.
  std::int64_t now_ms = 0;
  std::uint64_t memory_bytes = 0;
  std::map<std::int64_t, Offset> last_of_producer = {};  ///< Last offset by producer id.
  std::vector<CompactionMarker> markers = {};            ///< Out: what was replaced.
  bool half_done = false;  ///< Out: it failed between its marker and its end.
  std::uint64_t bytes_before = 0;
  std::uint64_t bytes_after = 0;
};

// Shared by the job and by the function that takes its outcome.
using CompactionPlanPtr = std::shared_ptr<CompactionPlan>;

std::unique_ptr<Job> make_compaction_job(io::Files& files, CompactionPlanPtr plan);

std::string encode_marker(const CompactionMarker& marker);
/// kCorruption.
Result<CompactionMarker> decode_marker(std::string_view bytes);

/// Carries on what a crash interrupted in this folder; gives the markers that were there.
Result<std::vector<CompactionMarker>> finish_compactions(io::Files& files,
                                                         const std::string& directory);

/// The list of segments as the marker leaves it.
std::vector<SegmentMeta> apply_marker(const CompactionMarker& marker,
                                      const std::vector<SegmentMeta>& segments);

}  // namespace millrace::log
