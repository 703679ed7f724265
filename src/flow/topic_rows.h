// The rows of topics as batch queries read them: up to fixed ends, so that what is read does not
// depend on when it is read; of an upserted table only the last record of each key.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "exec/query.h"
#include "flow/record_chunk.h"
#include "flow/scan_decoder.h"
#include "log/log.h"

namespace millrace::flow {

/// Partition → offset.
using PartitionOffsets = std::map<std::int32_t, std::int64_t>;
/// Topic → partition → offset.
using TopicOffsets = std::map<std::string, PartitionOffsets, std::less<>>;

/// Where the partitions of a topic end now, as committed readers see it; empty when there is no
/// such topic.
PartitionOffsets topic_ends(const log::Log& log, const std::string& topic);

/// Called now and then while much is read: an error ends the reading (kCancelled).
using KeepReading = std::function<Result<void>()>;

/// Walks the records of a topic up to fixed ends, partition by partition. What retention removed
/// is passed over. Owned by one thread.
class TopicChunks {
 public:
  /// `from`: where to begin; a partition that it lacks begins at its first record.
  TopicChunks(log::Log& log,
              std::string topic,
              const PartitionOffsets& ends,
              const PartitionOffsets& from = {},
              KeepReading keep_reading = {});
  TopicChunks(const TopicChunks&) = delete;
  TopicChunks& operator=(const TopicChunks&) = delete;
  ~TopicChunks() = default;

  /// False at the end. kUnavailable: the topic was removed meanwhile.
  Result<bool> next(RecordChunk& chunk);

 private:
  struct Part {
    PartitionId number{0};
    std::int64_t at = 0;
    std::int64_t end = 0;
  };

  Result<void> read(Part& part);

  log::Log& log_;
  const std::string topic_;
  const KeepReading keep_reading_;
  std::vector<Part> parts_;
  std::size_t part_ = 0;
  log::ReadResult read_;
  std::unique_ptr<ChunkReader> chunks_;
};

/// Told of records that are no rows and were left out.
using LeftOut = std::function<void(const plan::Relation&, const std::vector<Undecodable>&)>;

struct TopicRowsOptions {
  /// What the offsets of an upserted table's rows may take; kExhausted beyond it.
  std::uint64_t memory_bytes_max = 256ULL << 20U;
  KeepReading keep_reading = {};
  LeftOut left_out = {};
};

/// The relations of a query whose rows are in topics, as they are at `ends`. Owned by one thread.
class TopicTables final : public exec::TableProvider {
 public:
  /// Offsets of the records that are rows of an upserted table, ascending.
  using Live = std::map<std::int32_t, std::vector<std::int64_t>>;

  TopicTables(log::Log& log, TopicOffsets ends, TopicRowsOptions options)
      : log_(log), ends_(std::move(ends)), options_(std::move(options)) {}

  Result<std::unique_ptr<exec::BatchSource>> open(const plan::Scan& scan) override;

 private:
  Result<std::shared_ptr<const Live>> find_live(const plan::Relation& relation,
                                                const PartitionOffsets& ends);

  log::Log& log_;
  const TopicOffsets ends_;
  const TopicRowsOptions options_;
  // Shared with the sources of the query, which may be open together.
  std::map<std::string, std::shared_ptr<const Live>> live_;
};

}  // namespace millrace::flow
