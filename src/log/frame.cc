#include "log/detail/frame.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/crc32c.h"

namespace millrace::log {
namespace {

constexpr std::size_t kCrcAt = 12;
constexpr std::size_t kAfterCrc = 16;

std::uint32_t frame_crc(std::string_view frame) {
  return crc32c(frame.substr(kAfterCrc), crc32c(frame.substr(0, kCrcAt)));
}

Error corrupt(std::string_view what) {
  return {ErrorCode::kCorruption, "frame: " + std::string(what)};
}

bool read_partition(ByteReader& reader, Entry& entry) {
  const std::string_view id = reader.bytes(entry.topic.bytes.size());
  if (id.size() == entry.topic.bytes.size()) {
    std::copy(id.begin(), id.end(), entry.topic.bytes.begin());
  }
  entry.partition = PartitionId(reader.le<std::int32_t>());
  reader.le<std::int32_t>();
  return reader.ok();
}

bool read_position(ByteReader& reader, Entry& entry) {
  const auto size = reader.le<std::uint32_t>();
  entry.name = reader.bytes(size);
  entry.value = reader.rest();
  return reader.ok();
}

}  // namespace

void FrameWriter::head(EntryKind kind, std::size_t size) {
  ByteWriter writer(out_);
  writer.le(static_cast<std::uint32_t>(kind));
  writer.le(static_cast<std::uint32_t>(size));
}

void FrameWriter::partition_head(const Uuid& topic, PartitionId partition) {
  ByteWriter writer(out_);
  out_.append(topic.bytes.begin(), topic.bytes.end());
  writer.le(partition.value());
  writer.le(std::int32_t{0});
}

std::size_t FrameWriter::add_batch(const Uuid& topic,
                                   PartitionId partition,
                                   std::string_view batch) {
  head(EntryKind::kBatch, kPartitionHeadBytes + batch.size());
  partition_head(topic, partition);
  out_.append(batch);
  return out_.size() - batch.size();
}

void FrameWriter::add_position(std::string_view name, std::string_view value) {
  head(EntryKind::kPosition, sizeof(std::uint32_t) + name.size() + value.size());
  ByteWriter writer(out_);
  writer.le(static_cast<std::uint32_t>(name.size()));
  writer.bytes(name);
  writer.bytes(value);
}

void FrameWriter::add_offset(EntryKind kind,
                             const Uuid& topic,
                             PartitionId partition,
                             Offset offset) {
  head(kind, kPartitionHeadBytes + sizeof(std::int64_t));
  partition_head(topic, partition);
  ByteWriter(out_).le(offset.value());
}

void FrameWriter::add_log_start(const Uuid& topic, PartitionId partition, Offset offset) {
  add_offset(EntryKind::kLogStart, topic, partition, offset);
}

void FrameWriter::add_truncate(const Uuid& topic, PartitionId partition, Offset offset) {
  add_offset(EntryKind::kTruncate, topic, partition, offset);
}

void FrameWriter::add_producer_ids(std::int64_t next) {
  head(EntryKind::kProducerIds, sizeof next);
  ByteWriter(out_).le(next);
}

void put_batch(char* at, const Uuid& topic, PartitionId partition, std::string_view batch) {
  store_le(at, static_cast<std::uint32_t>(EntryKind::kBatch));
  store_le(at + 4, static_cast<std::uint32_t>(kPartitionHeadBytes + batch.size()));
  at += kEntryHeadBytes;
  std::ranges::copy(topic.bytes, at);
  store_le(at + topic.bytes.size(), partition.value());
  store_le(at + topic.bytes.size() + 4, std::int32_t{0});
  batch.copy(at + kPartitionHeadBytes, batch.size());
}

void seal_frame(char* frame, std::size_t size, std::uint64_t sequence, std::uint64_t salt) {
  store_le(frame, kFrameMagic);
  store_le(frame + 4, kFrameVersion);
  store_le(frame + 6, std::uint16_t{0});
  store_le(frame + 8, static_cast<std::uint32_t>(size - kFrameHeaderBytes));
  store_le(frame + 16, sequence);
  store_le(frame + 24, salt);
  store_le(frame + kCrcAt, frame_crc({frame, size}));
}

FrameStatus read_frame(std::string_view bytes,
                       std::uint64_t sequence,
                       std::uint64_t salt,
                       std::size_t& size) {
  if (bytes.size() < kFrameHeaderBytes || load_le<std::uint32_t>(bytes.data()) != kFrameMagic ||
      load_le<std::uint16_t>(bytes.data() + 4) != kFrameVersion ||
      load_le<std::uint64_t>(bytes.data() + 16) != sequence ||
      load_le<std::uint64_t>(bytes.data() + 24) != salt) {
    return FrameStatus::kNone;
  }
  size = kFrameHeaderBytes + load_le<std::uint32_t>(bytes.data() + 8);
  if (size > bytes.size()) {
    return FrameStatus::kTorn;
  }
  const bool right =
      load_le<std::uint32_t>(bytes.data() + kCrcAt) == frame_crc(bytes.substr(0, size));
  return right ? FrameStatus::kFrame : FrameStatus::kTorn;
}

Result<bool> EntryReader::next(Entry& entry) {
  if (at_ == payload_.size()) {
    return false;
  }
  ByteReader head(payload_.substr(at_));
  const auto kind = head.le<std::uint32_t>();
  const auto size = head.le<std::uint32_t>();
  const std::string_view body = head.bytes(size);
  if (!head.ok()) {
    return corrupt("an entry goes beyond its end");
  }
  entry = Entry{.kind = static_cast<EntryKind>(kind)};
  ByteReader reader(body);
  bool read = false;
  switch (entry.kind) {
    case EntryKind::kBatch:
      read = read_partition(reader, entry);
      entry.bytes = reader.rest();
      entry.bytes_at = at_ + kEntryHeadBytes + kPartitionHeadBytes;
      break;
    case EntryKind::kPosition:
      read = read_position(reader, entry);
      break;
    case EntryKind::kLogStart:
    case EntryKind::kTruncate:
      read = read_partition(reader, entry);
      entry.number = reader.le<std::int64_t>();
      read = read && reader.ok() && reader.done();
      break;
    case EntryKind::kProducerIds:
      entry.number = reader.le<std::int64_t>();
      read = reader.ok() && reader.done();
      break;
  }
  if (!read) {
    return corrupt("an entry of an unknown kind or size");
  }
  at_ += kEntryHeadBytes + size;
  return true;
}

}  // namespace millrace::log
