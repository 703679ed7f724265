// From the bytes of a fetch answer to records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "client/fetcher.h"

namespace millrace::client {

/// A transaction that was aborted: records of this producer from this offset on do not count, up to
/// its abort marker.
struct AbortedTransaction {
  ProducerId producer{-1};
  Offset first{0};
};

struct WalkOptions {
  Isolation isolation = Isolation::kReadUncommitted;
  std::size_t decompressed_bytes_max = record::kDecompressedBytesMax;
};

/// What became of a walk.
struct Walked {
  Offset position{0};  ///< Of the record after the last that was looked at.
  std::size_t taken = 0;
  Take last = Take::kMore;
};

/// Hands out the records from `position` on. A batch that is cut off at the end is left for the
/// next answer. `aborted` may be in any order. kCorruption, kExhausted, kUnsupported (a codec, or a
/// format of before 2017); what was taken before that was taken.
Result<Walked> walk_records(std::string_view bytes,
                            const TopicPartition& from,
                            Offset position,
                            std::span<const AbortedTransaction> aborted,
                            const WalkOptions& options,
                            const TakeRecord& take);

}  // namespace millrace::client
