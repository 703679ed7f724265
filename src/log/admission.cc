#include "log/detail/admission.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "log/detail/frame.h"
#include "record/batch.h"

namespace millrace::log {
namespace {

constexpr std::size_t kPositionNameMax = 1024;
constexpr std::size_t kPositionValueMax = 1U << 20;

struct Refusal {
  KafkaError error = KafkaError::kNone;
  std::string message{};
};

Refusal refuse(KafkaError error, std::string message) {
  return {.error = error, .message = std::move(message)};
}

Refusal from_error(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kCorruption:
      return refuse(KafkaError::kCorruptMessage, error.message());
    case ErrorCode::kUnsupported:
      return refuse(KafkaError::kUnsupportedCompressionType, error.message());
    case ErrorCode::kExhausted:
      return refuse(KafkaError::kMessageTooLarge, error.message());
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kIo:
    case ErrorCode::kTimeout:
    case ErrorCode::kCancelled:
    case ErrorCode::kUnavailable:
    case ErrorCode::kConflict:
    case ErrorCode::kInternal:
      break;
  }
  return refuse(KafkaError::kInvalidRecord, error.message());
}

std::optional<record::Compression> wanted_codec(TopicCompression compression) {
  switch (compression) {
    case TopicCompression::kProducer:
      return {};
    case TopicCompression::kUncompressed:
      return record::Compression::kNone;
    case TopicCompression::kGzip:
      return record::Compression::kGzip;
    case TopicCompression::kSnappy:
      return record::Compression::kSnappy;
    case TopicCompression::kLz4:
      return record::Compression::kLz4;
    case TopicCompression::kZstd:
      return record::Compression::kZstd;
  }
  return {};
}

int wanted_level(record::Compression codec, const TopicConfig& config) {
  switch (codec) {
    case record::Compression::kGzip:
      return static_cast<int>(config.compression_gzip_level);
    case record::Compression::kLz4:
      return static_cast<int>(config.compression_lz4_level);
    case record::Compression::kZstd:
      return static_cast<int>(config.compression_zstd_level);
    case record::Compression::kNone:
    case record::Compression::kSnappy:
      break;
  }
  return record::kDefaultLevel;
}

// Every record of a client's batch: the format, the timestamps, the keys. Thread-safe.
Refusal check_records(std::string_view batch, const TopicConfig& config, std::int64_t now_ms) {
  Result<record::RecordReader> opened = record::RecordReader::open(batch);
  if (!opened) {
    return from_error(opened.error());
  }
  record::RecordReader reader = std::move(opened).release();
  record::RecordView record;
  while (true) {
    const Result<bool> more = reader.next(record);
    if (!more) {
      return from_error(more.error());
    }
    if (!*more) {
      return {};
    }
    const std::int64_t time = record.timestamp_ms;
    const bool early = time < now_ms && time >= 0 && now_ms - time > config.timestamp_before_max_ms;
    const bool late = time > now_ms && time - now_ms > config.timestamp_after_max_ms;
    if (!config.log_append_time && (early || late)) {
      return refuse(KafkaError::kInvalidTimestamp,
                    "timestamp " + std::to_string(time) + " is too far from the log's " +
                        std::to_string(now_ms));
    }
    if (config.cleanup_compact && !record.key.has_value()) {
      return refuse(KafkaError::kInvalidRecord,
                    "record " + std::to_string(record.offset - reader.header().base_offset) +
                        " has no key, which a compacted topic needs");
    }
  }
}

// What must hold for any batch; `pending.marker` becomes that of a marker.
Refusal check_header(const PartitionAppend& append, PendingBatch& pending) {
  const bool client = append.origin == BatchOrigin::kClient;
  const Result<record::BatchHeader> parsed =
      client ? record::check_batch(append.bytes()) : record::parse_header(append.bytes());
  if (!parsed) {
    const bool magic = append.bytes().size() > record::kHeaderBytes && append.bytes()[16] != 2;
    return magic ? refuse(KafkaError::kInvalidRecord, parsed.error().message())
                 : from_error(parsed.error());
  }
  const record::BatchHeader& header = *parsed;
  if (header.total_bytes() != append.bytes().size()) {
    return refuse(KafkaError::kInvalidRecord, "not exactly one record batch");
  }
  if (header.record_count != header.last_offset_delta + 1) {
    return refuse(KafkaError::kInvalidRecord, "record count and last offset do not fit");
  }
  const bool marker = append.origin == BatchOrigin::kCoordinator;
  if (header.control() != marker) {
    return refuse(KafkaError::kInvalidRecord,
                  marker ? "a transaction marker is a control batch"
                         : "only the coordinator writes control batches");
  }
  if (header.has_producer() && !marker && (header.producer_epoch < 0 || header.base_sequence < 0)) {
    return refuse(KafkaError::kInvalidRecord, "a producer id needs an epoch and a sequence");
  }
  if (header.transactional() && !header.has_producer()) {
    return refuse(KafkaError::kInvalidRecord, "a transaction needs a producer id");
  }
  if (marker) {
    const Result<std::optional<record::ControlMarker>> read = record::read_marker(append.bytes());
    if (!read || !read->has_value()) {
      return refuse(KafkaError::kInvalidRecord, "not a transaction marker");
    }
    pending.marker = **read;
  }
  return {};
}

// Writes the batch anew in the codec of the topic, where it came in another.
Refusal recompress(PartitionAppend& append, const TopicConfig& config) {
  const std::string_view batch = append.bytes();
  const std::optional<record::Compression> codec = wanted_codec(config.compression);
  const record::BatchHeader header = MUST(record::parse_header(batch));
  if (!codec.has_value() || header.compression() == *codec || header.control()) {
    return {};
  }
  Result<record::RecordReader> opened = record::RecordReader::open(batch);
  if (!opened) {
    return from_error(opened.error());
  }
  record::RecordReader reader = std::move(opened).release();
  record::BatchBuilder builder({.compression = *codec,
                                .compression_level = wanted_level(*codec, config),
                                .producer_id = header.producer_id,
                                .producer_epoch = header.producer_epoch,
                                .base_sequence = header.base_sequence,
                                .transactional = header.transactional()});
  record::RecordView record;
  while (true) {
    const Result<bool> more = reader.next(record);
    if (!more) {
      return from_error(more.error());
    }
    if (!*more) {
      break;
    }
    const std::vector<record::HeaderView> headers = record.headers();
    builder.add({.timestamp_ms = record.timestamp_ms,
                 .key = record.key,
                 .value = record.value,
                 .headers = headers});
  }
  Result<std::string> built = builder.finish();
  if (!built) {
    return from_error(built.error());
  }
  append.batch = std::move(built).release();
  append.borrowed = {};
  return {};
}

Refusal check(PartitionAppend& append, PendingBatch& pending, const Shared& shared) {
  pending.origin = append.origin;
  pending.partition = shared.catalog.partition(append.to);
  if (pending.partition == nullptr) {
    return refuse(KafkaError::kUnknownTopicOrPartition,
                  "no partition " + std::to_string(append.to.partition.value()) + " of a topic " +
                      append.to.topic);
  }
  if (!shared.writable.load()) {
    return refuse(KafkaError::kKafkaStorageError, "the disk is full (min.free), or failed");
  }
  const std::shared_ptr<const TopicConfig> config = pending.partition->config();
  Refusal refusal = check_header(append, pending);
  if (refusal.error == KafkaError::kNone && append.origin == BatchOrigin::kClient) {
    refusal = check_records(append.bytes(), *config, shared.clock.wall_ms());
  }
  if (refusal.error == KafkaError::kNone) {
    refusal = recompress(append, *config);
  }
  if (refusal.error != KafkaError::kNone) {
    return refusal;
  }
  const auto size = static_cast<std::int64_t>(append.bytes().size());
  if (size > config->max_message_bytes && append.origin == BatchOrigin::kClient) {
    return refuse(KafkaError::kMessageTooLarge,
                  "batch of " + std::to_string(size) + " bytes, max.message.bytes is " +
                      std::to_string(config->max_message_bytes));
  }
  if (size > config->segment_bytes && append.origin == BatchOrigin::kClient) {
    return refuse(KafkaError::kRecordListTooLarge,
                  "batch of " + std::to_string(size) + " bytes, segment.bytes is " +
                      std::to_string(config->segment_bytes));
  }
  pending.size = append.bytes().size();
  return {};
}

Result<void> check_positions(const Frame& frame) {
  for (const Position& position : frame.positions) {
    if (position.name.empty() || position.name.size() > kPositionNameMax ||
        position.value.size() > kPositionValueMax) {
      return Error(ErrorCode::kInvalidArgument,
                   "a position has a name of 1 to 1024 bytes and a value of at most 1 MiB: " +
                       position.name.substr(0, kPositionNameMax));
    }
  }
  return {};
}

std::size_t encoded_bytes(const PendingFrame& pending) {
  std::size_t size = kFrameHeaderBytes;
  for (const PendingBatch& batch : pending.batches) {
    size += batch.skipped ? 0 : FrameWriter::batch_bytes(batch.size);
  }
  for (const Position& position : pending.positions) {
    size += FrameWriter::position_bytes(position.name.size(), position.value.size());
  }
  return size;
}

void encode_small(const Frame& frame, PendingFrame& pending, std::size_t size) {
  std::string bytes = std::move(pending.bytes);  // A spare frame's memory.
  bytes.clear();
  bytes.reserve(size);
  FrameWriter writer(bytes);
  for (std::size_t i = 0; i < frame.batches.size(); ++i) {
    PendingBatch& batch = pending.batches[i];
    if (!batch.skipped) {
      batch.at = writer.add_batch(
          batch.partition->topic_id, batch.partition->name.partition, frame.batches[i].bytes());
    }
  }
  for (const Position& position : pending.positions) {
    writer.add_position(position.name, position.value);
  }
  pending.set_frame(std::move(bytes));
}

// Straight into the block that readers will share.
void encode_large(const Frame& frame, PendingFrame& pending, std::size_t size) {
  std::string positions;
  FrameWriter writer(positions);
  for (const Position& position : pending.positions) {
    writer.add_position(position.name, position.value);
  }
  pending.block = data::Block::make(size, [&](char* into) {
    std::size_t at = kFrameHeaderBytes;
    for (std::size_t i = 0; i < frame.batches.size(); ++i) {
      PendingBatch& batch = pending.batches[i];
      if (!batch.skipped) {
        put_batch(into + at,
                  batch.partition->topic_id,
                  batch.partition->name.partition,
                  frame.batches[i].bytes());
        at += FrameWriter::batch_bytes(batch.size);
        batch.at = at - batch.size;
      }
    }
    positions.copy(into + at, std::string::npos, kFrameHeaderBytes);
  });
}

}  // namespace

Result<PendingFramePtr> admit(Frame frame, Shared& shared) {
  TRY(check_positions(frame));
  PendingFramePtr pending = shared.spare_frames.take();
  pending->atomicity = frame.atomicity;
  pending->batches.resize(frame.batches.size());
  pending->result.batches.resize(frame.batches.size());
  std::uint64_t bytes = kFrameHeaderBytes;
  std::size_t refused = 0;
  bool interval = !frame.batches.empty() && frame.positions.empty();
  for (std::size_t i = 0; i < frame.batches.size(); ++i) {
    PendingBatch& batch = pending->batches[i];
    Refusal refusal = check(frame.batches[i], batch, shared);
    bytes += FrameWriter::batch_bytes(batch.size);
    if (refusal.error != KafkaError::kNone) {
      ++refused;
      batch.skipped = true;
      pending->result.batches[i].error = refusal.error;
      pending->result.batches[i].message = std::move(refusal.message);
    } else {
      interval = interval && batch.partition->config()->durability == Durability::kInterval;
    }
  }
  for (const Position& position : frame.positions) {
    bytes += FrameWriter::position_bytes(position.name.size(), position.value.size());
  }
  if (bytes > shared.options.frame_bytes_max) {
    return Error(ErrorCode::kInvalidArgument,
                 "a frame of " + std::to_string(bytes) + " bytes, the limit is " +
                     std::to_string(shared.options.frame_bytes_max));
  }
  if (frame.batches.empty() && !shared.writable.load()) {
    return Error(ErrorCode::kIo, "the disk is full (min.free), or failed");
  }
  pending->sync = !interval;
  const bool nothing =
      refused > 0 && (frame.atomicity == Atomicity::kAll ||
                      (refused == frame.batches.size() && frame.positions.empty()));
  if (nothing) {
    for (BatchResult& result : pending->result.batches) {
      if (result.error == KafkaError::kNone) {
        result.error = KafkaError::kOperationNotAttempted;
        result.message = "another batch of the frame was refused";
      }
    }
    return pending;
  }
  pending->positions = std::move(frame.positions);
  frame.positions.clear();
  const std::size_t size = encoded_bytes(*pending);
  if (size <= PendingFrame::kSmallBytes) {
    encode_small(frame, *pending, size);
  } else {
    encode_large(frame, *pending, size);
  }
  return pending;
}

}  // namespace millrace::log
