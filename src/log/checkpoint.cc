#include "log/detail/checkpoint.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/fault.h"

namespace millrace::log {
namespace {

constexpr std::uint32_t kMagic = 0x4B43524D;  // "MRCK"
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeadBytes = 24;
constexpr std::uint64_t kFileBytesMax = 4ULL << 30;

}  // namespace

void encode_segment_meta(const SegmentMeta& meta, std::string& out) {
  ByteWriter writer(out);
  writer.le(meta.base.value());
  writer.le(meta.next.value());
  writer.le(meta.log_bytes);
  writer.le(meta.index_bytes);
  writer.le(meta.time_bytes);
  writer.le(meta.txn_bytes);
  writer.le(meta.first_timestamp_ms);
  writer.le(meta.max_timestamp_ms);
  writer.le(meta.max_timestamp_offset.value());
  writer.le(static_cast<std::uint8_t>((meta.sealed ? 1 : 0) | (meta.cleaned ? 2 : 0)));
}

SegmentMeta decode_segment_meta(ByteReader& reader) {
  SegmentMeta meta;
  meta.base = Offset(reader.le<std::int64_t>());
  meta.next = Offset(reader.le<std::int64_t>());
  meta.log_bytes = reader.le<std::uint64_t>();
  meta.index_bytes = reader.le<std::uint64_t>();
  meta.time_bytes = reader.le<std::uint64_t>();
  meta.txn_bytes = reader.le<std::uint64_t>();
  meta.first_timestamp_ms = reader.le<std::int64_t>();
  meta.max_timestamp_ms = reader.le<std::int64_t>();
  meta.max_timestamp_offset = Offset(reader.le<std::int64_t>());
  const auto flags = reader.le<std::uint8_t>();
  meta.sealed = (flags & 1) != 0;
  meta.cleaned = (flags & 2) != 0;
  return meta;
}

namespace {

void encode_partition(ByteWriter& writer, std::string& out, const CheckpointPartition& partition) {
  writer.le(partition.log_start.value());
  writer.le(partition.next.value());
  writer.sized(partition.producers);
  writer.uvarint(partition.segments.size());
  for (const SegmentMeta& segment : partition.segments) {
    encode_segment_meta(segment, out);
  }
}

CheckpointPartition decode_partition(ByteReader& reader) {
  CheckpointPartition partition;
  partition.log_start = Offset(reader.le<std::int64_t>());
  partition.next = Offset(reader.le<std::int64_t>());
  partition.producers = reader.sized();
  const std::uint64_t count = reader.uvarint();
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    partition.segments.push_back(decode_segment_meta(reader));
  }
  return partition;
}

void encode_topic(ByteWriter& writer, std::string& out, const CheckpointTopic& topic) {
  writer.sized(topic.info.name);
  out.append(topic.info.id.bytes.begin(), topic.info.id.bytes.end());
  writer.le(static_cast<std::uint8_t>(topic.info.internal ? 1 : 0));
  writer.uvarint(topic.info.settings.size());
  for (const auto& [name, value] : topic.info.settings) {
    writer.sized(name);
    writer.sized(value);
  }
  writer.uvarint(topic.partitions.size());
  for (const CheckpointPartition& partition : topic.partitions) {
    encode_partition(writer, out, partition);
  }
}

Result<CheckpointTopic> decode_topic(ByteReader& reader) {
  CheckpointTopic topic;
  topic.info.name = reader.sized();
  const std::string_view id = reader.bytes(topic.info.id.bytes.size());
  std::copy(id.begin(), id.end(), topic.info.id.bytes.begin());
  topic.info.internal = reader.le<std::uint8_t>() != 0;
  const std::uint64_t settings = reader.uvarint();
  for (std::uint64_t i = 0; i < settings && reader.ok(); ++i) {
    const std::string name(reader.sized());
    topic.info.settings[name] = reader.sized();
  }
  topic.info.config =
      TRY_DOING(parse_topic_config(topic.info.settings), "topic " + topic.info.name);
  const std::uint64_t partitions = reader.uvarint();
  for (std::uint64_t i = 0; i < partitions && reader.ok(); ++i) {
    topic.partitions.push_back(decode_partition(reader));
  }
  topic.info.partitions = static_cast<std::int32_t>(topic.partitions.size());
  return topic;
}

Error corrupt(std::string_view what) {
  return {ErrorCode::kCorruption, std::string(kCheckpointName) + ": " + std::string(what)};
}

}  // namespace

std::string encode_checkpoint(const Checkpoint& checkpoint) {
  std::string body;
  ByteWriter writer(body);
  writer.le(checkpoint.mark.sequence);
  writer.le(checkpoint.mark.file_id);
  writer.le(checkpoint.mark.at);
  writer.le(static_cast<std::uint8_t>(checkpoint.clean ? 1 : 0));
  writer.le(checkpoint.next_producer_id);
  writer.uvarint(checkpoint.positions.size());
  for (const auto& [name, value] : checkpoint.positions) {
    writer.sized(name);
    writer.sized(value);
  }
  writer.uvarint(checkpoint.topics.size());
  for (const CheckpointTopic& topic : checkpoint.topics) {
    encode_topic(writer, body, topic);
  }
  std::string out;
  ByteWriter head(out);
  head.le(kMagic);
  head.le(kVersion);
  head.le(static_cast<std::uint64_t>(body.size()));
  head.le(crc32c(body));
  head.le(std::uint32_t{0});
  out += body;
  return out;
}

Result<Checkpoint> decode_checkpoint(std::string_view bytes) {
  ByteReader head(bytes.substr(0, kHeadBytes));
  const auto magic = head.le<std::uint32_t>();
  const auto version = head.le<std::uint32_t>();
  const auto size = head.le<std::uint64_t>();
  const auto crc = head.le<std::uint32_t>();
  head.le<std::uint32_t>();
  if (!head.ok() || magic != kMagic) {
    return corrupt("it is none");
  }
  if (version != kVersion) {
    return Error(ErrorCode::kUnsupported,
                 "CHECKPOINT: its format is of version " + std::to_string(version) +
                     ", this program knows 1; use a newer program");
  }
  const std::string_view body = bytes.substr(kHeadBytes);
  if (body.size() != size || crc32c(body) != crc) {
    return corrupt("its checksum does not match");
  }
  ByteReader reader(body);
  Checkpoint checkpoint;
  checkpoint.mark.sequence = reader.le<std::uint64_t>();
  checkpoint.mark.file_id = reader.le<std::uint64_t>();
  checkpoint.mark.at = reader.le<std::uint64_t>();
  checkpoint.clean = reader.le<std::uint8_t>() != 0;
  checkpoint.next_producer_id = reader.le<std::int64_t>();
  const std::uint64_t positions = reader.uvarint();
  for (std::uint64_t i = 0; i < positions && reader.ok(); ++i) {
    const std::string name(reader.sized());
    checkpoint.positions[name] = reader.sized();
  }
  const std::uint64_t topics = reader.uvarint();
  for (std::uint64_t i = 0; i < topics && reader.ok(); ++i) {
    checkpoint.topics.push_back(TRY(decode_topic(reader)));
  }
  if (!reader.ok() || !reader.done()) {
    return corrupt("its content is cut off, or goes on");
  }
  return checkpoint;
}

Result<std::optional<Checkpoint>> load_checkpoint(io::Files& files, const std::string& directory) {
  const std::string path = directory + "/" + std::string(kCheckpointName);
  if (!TRY(io::exists(files, path))) {
    return std::optional<Checkpoint>();
  }
  const std::string bytes = TRY(io::read_all(files, path, kFileBytesMax));
  Checkpoint checkpoint = TRY_DOING(decode_checkpoint(bytes), "read " + path);
  return std::optional<Checkpoint>(std::move(checkpoint));
}

Result<void> store_checkpoint(io::Files& files,
                              const std::string& directory,
                              const Checkpoint& checkpoint) {
  TRY(fault_error("checkpoint.write"));
  return io::write_atomically(
      files, directory + "/" + std::string(kCheckpointName), encode_checkpoint(checkpoint));
}

}  // namespace millrace::log
