// From the records of one partition to the columns of a scan: Kafka's seven columns, a source's
// declared columns (JSON, CSV, text), or the typed rows of a streaming table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/ids.h"
#include "base/result.h"
#include "data/batch.h"
#include "data/block.h"
#include "plan/logical.h"
#include "record/batch.h"

namespace millrace::flow {

/// At most data::kBatchRows records of one partition, in order. Views point into `blocks`, which
/// have 64 readable bytes after their end. Owned by one thread.
struct RecordChunk {
  PartitionId partition{0};
  std::vector<record::RecordView> records;
  std::vector<data::BlockPtr> blocks;
  bool log_append_time = false;
};

/// A record that the source's declared columns cannot decode.
struct Undecodable {
  std::size_t row = 0;  ///< In the chunk.
  std::string error_class;
  std::string reason;
};

/// Owned by one thread.
class ScanDecoder {
 public:
  /// `source`: the number of the scan in its flow, for the origins.
  static Result<std::unique_ptr<ScanDecoder>> make(const plan::Scan& scan, std::uint32_t source);
  ScanDecoder() = default;
  ScanDecoder(const ScanDecoder&) = delete;
  ScanDecoder& operator=(const ScanDecoder&) = delete;
  virtual ~ScanDecoder() = default;

  /// A batch with the columns of the scan; undecodable records are not selected and named in
  /// `undecodable`. Tombstones of a table's topic are not selected.
  virtual data::Batch decode(const RecordChunk& chunk, std::vector<Undecodable>& undecodable) = 0;
};

}  // namespace millrace::flow
