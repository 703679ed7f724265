// The frame: the unit of the write-ahead log (docs/format/wal.md). All integers little-endian.
//
//    0 u32 magic "MRFR"     4 u16 version     6 u16 0     8 u32 length of the payload
//   12 u32 CRC-32C of header (without this field) and payload
//   16 u64 sequence         24 u64 salt of the file       32 payload: entries
//
// A frame of a recycled file's earlier life has another salt, so its bytes are never taken for a
// frame; and sequences have no gaps, so a frame behind a lost one is never taken either.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/uuid.h"

namespace millrace::log {

inline constexpr std::size_t kFrameHeaderBytes = 32;
inline constexpr std::uint32_t kFrameMagic = 0x5246524D;  // "MRFR"
inline constexpr std::uint16_t kFrameVersion = 1;

enum class EntryKind : std::uint8_t {
  kBatch = 1,        ///< A record batch at the end of a partition.
  kPosition = 2,     ///< A position gets a value, or goes.
  kLogStart = 3,     ///< Everything below an offset is gone.
  kTruncate = 4,     ///< Everything from an offset on is gone.
  kProducerIds = 5,  ///< Ids below are given out.
};

inline constexpr std::size_t kEntryHeadBytes = 8;       // kind u8, 3 × 0, u32 bytes after the head
inline constexpr std::size_t kPartitionHeadBytes = 24;  // topic id, i32 partition, i32 0

/// An entry as it is read: views into the frame.
struct Entry {
  EntryKind kind = EntryKind::kBatch;
  Uuid topic{};
  PartitionId partition{0};
  std::string_view bytes{};  ///< kBatch: the batch.
  std::size_t bytes_at = 0;  ///< kBatch: where it stands in the payload.
  std::string_view name{};   ///< kPosition.
  std::string_view value{};  ///< kPosition; empty: it goes.
  std::int64_t number = 0;   ///< kLogStart, kTruncate: the offset; kProducerIds: the next id.
};

/// Appends entries to `out`, which begins with room for a frame header. Owned by one thread.
class FrameWriter {
 public:
  explicit FrameWriter(std::string& out) : out_(out) { out_.resize(kFrameHeaderBytes); }

  /// Gives where the batch stands in `out`.
  std::size_t add_batch(const Uuid& topic, PartitionId partition, std::string_view batch);
  void add_position(std::string_view name, std::string_view value);
  void add_log_start(const Uuid& topic, PartitionId partition, Offset offset);
  void add_truncate(const Uuid& topic, PartitionId partition, Offset offset);
  void add_producer_ids(std::int64_t next);

  /// What a batch takes in a frame.
  static constexpr std::size_t batch_bytes(std::size_t batch) {
    return kEntryHeadBytes + kPartitionHeadBytes + batch;
  }

  static constexpr std::size_t position_bytes(std::size_t name, std::size_t value) {
    return kEntryHeadBytes + 4 + name + value;
  }

 private:
  void head(EntryKind kind, std::size_t size);
  void partition_head(const Uuid& topic, PartitionId partition);
  void add_offset(EntryKind kind, const Uuid& topic, PartitionId partition, Offset offset);

  std::string& out_;
};

/// Writes what FrameWriter::add_batch() appends: batch_bytes(batch.size()) bytes at `at`.
void put_batch(char* at, const Uuid& topic, PartitionId partition, std::string_view batch);

/// Writes header and checksum over a complete frame.
void seal_frame(char* frame, std::size_t size, std::uint64_t sequence, std::uint64_t salt);

/// Why there is no frame at a place.
enum class FrameStatus : std::uint8_t {
  kFrame,
  kNone,  ///< No header: zeros, or another life's bytes.
  kTorn,  ///< A header of this life, whose payload is not all there.
};

/// What stands at the front of `bytes`. `size` becomes the frame's size when the header fits.
FrameStatus read_frame(std::string_view bytes,
                       std::uint64_t sequence,
                       std::uint64_t salt,
                       std::size_t& size);

/// Walks the entries of a payload whose checksum was right. Owned by one thread.
class EntryReader {
 public:
  explicit EntryReader(std::string_view payload) : payload_(payload) {}

  /// False at the end. kCorruption when an entry is none (another version's, a bug).
  Result<bool> next(Entry& entry);

 private:
  std::string_view payload_;
  std::size_t at_ = 0;
};

}  // namespace millrace::log
