// RecordBatch v2: the unit in which records travel, are stored and are read, byte for byte the same
// on the wire, in the WAL and in segments.
//
// A batch is a header of 61 bytes and its records, compressed as one block or not. Its CRC covers
// everything from the attributes on; base offset, length, leader epoch and magic stand before it,
// so that a log can place a batch without touching the checksum. docs/format/record-batch.md has
// the layout.
//
//     BatchBuilder builder({.compression = Compression::kZstd});
//     builder.add({.timestamp_ms = now, .key = "k", .value = "v"});
//     std::string bytes = TRY(builder.finish());
//
//     RecordReader reader = TRY(RecordReader::open(bytes));
//     RecordView record;
//     while (TRY(reader.next(record))) { … }
//
// Tested by batch_test.cc (golden bytes), batch_fuzz.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "record/compression.h"

namespace millrace::record {

inline constexpr std::size_t kHeaderBytes = 61;
/// Base offset and length: what one must have to know how long a batch is.
inline constexpr std::size_t kPrefixBytes = 12;
inline constexpr std::int8_t kMagic = 2;
/// The largest batch that is read from anywhere; topics have lower limits (max.message.bytes).
inline constexpr std::size_t kBatchBytesMax = 512U << 20;

/// The header of a batch. Immutable.
struct BatchHeader {
  Offset base_offset{0};
  std::int32_t batch_length = 0;  ///< Bytes after this field.
  std::int32_t leader_epoch = 0;
  std::uint32_t crc = 0;
  std::int16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp_ms = -1;  ///< Or the delete horizon: has_delete_horizon().
  std::int64_t max_timestamp_ms = -1;
  ProducerId producer_id{-1};
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  std::int32_t record_count = 0;

  friend bool operator==(const BatchHeader&, const BatchHeader&) = default;

  /// The whole batch, header included.
  [[nodiscard]] std::size_t total_bytes() const {
    return kPrefixBytes + static_cast<std::size_t>(batch_length);
  }

  [[nodiscard]] Offset last_offset() const { return base_offset + last_offset_delta; }

  [[nodiscard]] Offset next_offset() const { return base_offset + last_offset_delta + 1; }

  /// May be none of the enumerators: bits 0-2 as they are.
  [[nodiscard]] Compression compression() const { return static_cast<Compression>(attributes & 7); }

  [[nodiscard]] bool log_append_time() const { return (attributes & 0x08) != 0; }

  [[nodiscard]] bool transactional() const { return (attributes & 0x10) != 0; }

  [[nodiscard]] bool control() const { return (attributes & 0x20) != 0; }

  [[nodiscard]] bool has_delete_horizon() const { return (attributes & 0x40) != 0; }

  [[nodiscard]] bool has_producer() const { return producer_id.value() >= 0; }

  /// Of the last record; sequences wrap from 2^31-1 to 0.
  [[nodiscard]] std::int32_t last_sequence() const;
};

/// Sequence `base` moved by `delta`, wrapping from 2^31-1 to 0.
std::int32_t add_sequence(std::int32_t base, std::int32_t delta);

/// Reads the header of the batch at the front of `bytes`, which may go on after it. Checks magic,
/// length (61 … kBatchBytesMax), counts and offset delta; neither the CRC nor that the batch is all
/// there. kCorruption says what is wrong. Thread-safe.
Result<BatchHeader> parse_header(std::string_view bytes);

/// The bytes of the batch at the front of `bytes`: 0 when fewer than 12 bytes are there or the
/// length makes no sense.
std::size_t batch_size(std::string_view bytes);

/// The CRC over a whole batch. REQUIRES: batch.size() > 21
std::uint32_t batch_crc(std::string_view batch);

/// Header, completeness and CRC of exactly one batch. kCorruption. Thread-safe.
Result<BatchHeader> check_batch(std::string_view batch);

/// check_batch, then every record: lengths, offset deltas 0, 1, 2, …, varints, headers, nothing
/// left over. kCorruption: CRC or compressed bytes; kInvalidArgument: a record breaks the format;
/// kUnsupported: codec; kExhausted: too large. Thread-safe.
Result<BatchHeader> check_batch_and_records(std::string_view batch,
                                            std::size_t bytes_max = kDecompressedBytesMax);

// What the log changes in a batch. `batch` is the whole of it. Not covered by the CRC:
void patch_base_offset(char* batch, Offset base_offset);
void patch_leader_epoch(char* batch, std::int32_t leader_epoch);
// Covered; these compute it anew:
void patch_log_append_time(std::span<char> batch, std::int64_t timestamp_ms);
void patch_producer(std::span<char> batch,
                    ProducerId id,
                    std::int16_t epoch,
                    std::int32_t base_sequence);

/// One header of a record. The value may be null.
struct HeaderView {
  std::string_view key;
  std::optional<std::string_view> value;
};

/// One record: views into the batch, or into what it was decompressed to. Immutable.
struct RecordView {
  Offset offset{0};
  std::int64_t timestamp_ms = 0;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::int32_t header_count = 0;
  std::string_view header_bytes;  ///< Encoded; checked when the record was read.
  std::size_t encoded_bytes = 0;  ///< The record with its length.

  /// The headers in their order, equal keys included.
  [[nodiscard]] std::vector<HeaderView> headers() const;
};

/// Walks the records of one batch. Does not look at the CRC. The batch must outlive the reader; the
/// views it gives live as long as the batch and the reader. Owned by one thread.
class RecordReader {
 public:
  /// Decompresses when needed. kCorruption, kUnsupported, kExhausted.
  static Result<RecordReader> open(std::string_view batch,
                                   std::size_t bytes_max = kDecompressedBytesMax);

  [[nodiscard]] const BatchHeader& header() const { return header_; }

  /// Reads the next record into `record`; false after the last. kInvalidArgument when a record
  /// breaks the format, counts differ, or bytes are left over.
  Result<bool> next(RecordView& record);

  /// The decompressed records; nothing when the batch is not compressed. To keep views alive longer
  /// than the reader, take it.
  std::unique_ptr<std::string> take_decompressed() { return std::move(decompressed_); }

 private:
  RecordReader() = default;

  Result<bool> finish();

  BatchHeader header_;
  std::unique_ptr<std::string> decompressed_;  // On the heap, so that views survive a move.
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  std::int32_t seen_ = 0;
  std::int64_t last_delta_ = -1;
};

/// A record to be written.
struct Record {
  std::int64_t timestamp_ms = 0;
  std::optional<std::string_view> key = {};
  std::optional<std::string_view> value = {};
  std::span<const HeaderView> headers = {};
};

struct BatchOptions {
  Compression compression = Compression::kNone;
  int compression_level = kDefaultLevel;
  ProducerId producer_id{-1};
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  bool transactional = false;
  bool control = false;
  bool log_append_time = false;
  /// Set by compaction: when tombstones and markers of the batch may go.
  std::optional<std::int64_t> delete_horizon_ms = {};
};

/// Makes one batch, base offset 0 unless told otherwise. Owned by one thread.
class BatchBuilder {
 public:
  explicit BatchBuilder(BatchOptions options = {});

  /// Appends a record at the next offset.
  void add(const Record& record);
  /// Appends a record at a given distance from the base offset, larger than the one before: what
  /// compaction leaves has gaps.
  void add_at(std::int32_t offset_delta, const Record& record);

  [[nodiscard]] std::int32_t count() const { return count_; }

  [[nodiscard]] bool empty() const { return count_ == 0; }

  /// Bytes so far, before compression.
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

  /// The batch; the builder is empty afterwards, with the same options. kInvalidArgument: a level
  /// that the codec does not have, or no record was added and `last_offset_delta` is not given.
  Result<std::string> finish(Offset base_offset = Offset(0),
                             std::optional<std::int32_t> last_offset_delta = {});

 private:
  BatchOptions options_;
  std::string bytes_;  // Room for the header, then the records.
  std::int32_t count_ = 0;
  std::int32_t last_delta_ = -1;
  std::int64_t base_timestamp_ms_ = 0;
  std::int64_t max_timestamp_ms_ = -1;
};

/// The type in a control record's key.
enum class ControlType : std::int16_t {
  kAbort = 0,
  kCommit = 1
};

struct ControlMarker {
  ControlType type = ControlType::kAbort;
  std::int32_t coordinator_epoch = 0;
};

/// A batch with one marker that ends the transaction of a producer.
std::string build_marker(const ControlMarker& marker,
                         ProducerId producer_id,
                         std::int16_t producer_epoch,
                         std::int64_t timestamp_ms);

/// The marker in a control batch; nothing when it is of a type that is not about transactions.
/// kCorruption when it is none at all.
Result<std::optional<ControlMarker>> read_marker(std::string_view batch);

}  // namespace millrace::record
