// Cuts what one read of the log returned into chunks of at most data::kBatchRows records.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "flow/scan_decoder.h"
#include "log/log.h"

namespace millrace::flow {

/// Walks stored batches: skips control batches, aborted transactions and records below the start;
/// decompresses. Owned by one thread.
class ChunkReader {
 public:
  /// `read` outlives the reader and the chunks.
  ChunkReader(const log::ReadResult& read, PartitionId partition, Offset from)
      : read_(read), partition_(partition), from_(from) {}

  /// False at the end. kCorruption: a stored batch cannot be read.
  Result<bool> next(RecordChunk& chunk);

 private:
  static Result<data::BlockPtr> uncompressed(std::string_view batch, std::string_view records);
  Result<bool> open_batch(RecordChunk& chunk);
  [[nodiscard]] bool aborted(const record::BatchHeader& header) const;

  const log::ReadResult& read_;
  const PartitionId partition_;
  const Offset from_;
  std::size_t batch_ = 0;
  std::optional<record::RecordReader> reader_;
  data::BlockPtr block_;  // Of the batch that is open.
};

}  // namespace millrace::flow
