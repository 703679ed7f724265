// The CHECKPOINT file: what is in the segments, and everything else that the WAL would otherwise
// have to keep (docs/format/wal.md). It is written whole and renamed into place, so there is the
// old one or the new one, never a mixture.
//
// It also says what the segment files are: a file that is longer than it says has leftovers of a
// crash at its end, one that is shorter or missing means that the disk has lost something.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/files.h"
#include "log/detail/producer_state.h"
#include "log/detail/segment.h"
#include "log/detail/wal.h"
#include "log/log.h"

namespace millrace::log {

struct CheckpointPartition {
  Offset log_start{0};
  Offset next{0};              ///< Behind the last batch that is in segments.
  std::string producers = {};  ///< ProducerStates::encode.
  std::vector<SegmentMeta> segments = {};

  friend bool operator==(const CheckpointPartition&, const CheckpointPartition&) = default;
};

struct CheckpointTopic {
  TopicInfo info = {};
  std::vector<CheckpointPartition> partitions = {};
};

struct Checkpoint {
  WalMark mark = {};
  bool clean = false;  ///< Written by close(): nothing came after it.
  std::int64_t next_producer_id = 0;
  std::map<std::string, std::string, std::less<>> positions = {};
  std::vector<CheckpointTopic> topics = {};
};

inline constexpr std::string_view kCheckpointName = "CHECKPOINT";

void encode_segment_meta(const SegmentMeta& meta, std::string& out);
SegmentMeta decode_segment_meta(ByteReader& reader);

std::string encode_checkpoint(const Checkpoint& checkpoint);
/// kCorruption; kUnsupported when a newer program wrote it.
Result<Checkpoint> decode_checkpoint(std::string_view bytes);

/// Nothing when there is none yet.
Result<std::optional<Checkpoint>> load_checkpoint(io::Files& files, const std::string& directory);
Result<void> store_checkpoint(io::Files& files,
                              const std::string& directory,
                              const Checkpoint& checkpoint);

}  // namespace millrace::log
