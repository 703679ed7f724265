#include "record/batch.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/crc32c.h"

namespace millrace::record {
namespace {

// Where the fields of the header stand.
constexpr std::size_t kBaseOffsetAt = 0;
constexpr std::size_t kLengthAt = 8;
constexpr std::size_t kLeaderEpochAt = 12;
constexpr std::size_t kMagicAt = 16;
constexpr std::size_t kCrcAt = 17;
constexpr std::size_t kAttributesAt = 21;
constexpr std::size_t kLastOffsetDeltaAt = 23;
constexpr std::size_t kBaseTimestampAt = 27;
constexpr std::size_t kMaxTimestampAt = 35;
constexpr std::size_t kProducerIdAt = 43;
constexpr std::size_t kProducerEpochAt = 51;
constexpr std::size_t kBaseSequenceAt = 53;
constexpr std::size_t kRecordCountAt = 57;
// Length, attributes, two deltas, two lengths, header count: one byte each.
constexpr std::int32_t kRecordBytesMin = 7;

Error corrupt(std::string what) {
  return {ErrorCode::kCorruption, std::move(what)};
}

Error invalid(std::string what) {
  return {ErrorCode::kInvalidArgument, std::move(what)};
}

// The varints of records: short ones first, and none longer than its type allows.
template <int kBytesMax>
bool read_varint(const char*& at, const char* end, std::int64_t& value) {
  std::uint64_t raw = 0;
  for (int i = 0; i < kBytesMax && at < end; ++i) {
    const auto byte = static_cast<unsigned char>(*at++);
    raw |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
    if (byte < 0x80) {
      value = static_cast<std::int64_t>(raw >> 1) ^ -static_cast<std::int64_t>(raw & 1);
      if constexpr (kBytesMax == 5) {
        return raw <= std::numeric_limits<std::uint32_t>::max();
      } else {
        return i < 9 || byte <= 1;
      }
    }
  }
  return false;
}

bool read_int(const char*& at, const char* end, std::int64_t& value) {
  return read_varint<5>(at, end, value);
}

// A length and so many bytes; -1 is null.
bool read_bytes(const char*& at, const char* end, std::optional<std::string_view>& bytes) {
  std::int64_t size = 0;
  if (!read_int(at, end, size) || size < -1 || size > end - at) {
    return false;
  }
  if (size < 0) {
    bytes.reset();
    return true;
  }
  bytes.emplace(at, static_cast<std::size_t>(size));
  at += size;
  return true;
}

bool read_header(const char*& at, const char* end, HeaderView& header) {
  std::optional<std::string_view> key;
  if (!read_bytes(at, end, key) || !key.has_value()) {
    return false;
  }
  header.key = *key;
  return read_bytes(at, end, header.value);
}

void write_bytes(ByteWriter& writer, const std::optional<std::string_view>& bytes) {
  if (!bytes.has_value()) {
    writer.varint(-1);
    return;
  }
  writer.varint(static_cast<std::int64_t>(bytes->size()));
  writer.bytes(*bytes);
}

std::size_t varint_size(std::int64_t value) {
  auto raw = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  std::size_t size = 1;
  while (raw >= 0x80) {
    raw >>= 7;
    ++size;
  }
  return size;
}

std::size_t sized_bytes(const std::optional<std::string_view>& bytes) {
  if (!bytes.has_value()) {
    return 1;
  }
  return varint_size(static_cast<std::int64_t>(bytes->size())) + bytes->size();
}

void update_crc(std::span<char> batch) {
  const std::string_view bytes(batch.data(), batch.size());
  store_be(batch.data() + kCrcAt, batch_crc(bytes));
}

// REQUIRES: bytes.size() >= kHeaderBytes
BatchHeader load_header(std::string_view bytes) {
  const char* at = bytes.data();
  return {.base_offset = Offset(load_be<std::int64_t>(at + kBaseOffsetAt)),
          .batch_length = load_be<std::int32_t>(at + kLengthAt),
          .leader_epoch = load_be<std::int32_t>(at + kLeaderEpochAt),
          .crc = load_be<std::uint32_t>(at + kCrcAt),
          .attributes = load_be<std::int16_t>(at + kAttributesAt),
          .last_offset_delta = load_be<std::int32_t>(at + kLastOffsetDeltaAt),
          .base_timestamp_ms = load_be<std::int64_t>(at + kBaseTimestampAt),
          .max_timestamp_ms = load_be<std::int64_t>(at + kMaxTimestampAt),
          .producer_id = ProducerId(load_be<std::int64_t>(at + kProducerIdAt)),
          .producer_epoch = load_be<std::int16_t>(at + kProducerEpochAt),
          .base_sequence = load_be<std::int32_t>(at + kBaseSequenceAt),
          .record_count = load_be<std::int32_t>(at + kRecordCountAt)};
}

}  // namespace

std::int32_t add_sequence(std::int32_t base, std::int32_t delta) {
  const std::int64_t sum = static_cast<std::int64_t>(base) + delta;
  return static_cast<std::int32_t>(sum & std::numeric_limits<std::int32_t>::max());
}

std::int32_t BatchHeader::last_sequence() const {
  return base_sequence < 0 ? base_sequence : add_sequence(base_sequence, last_offset_delta);
}

Result<BatchHeader> parse_header(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) {
    return corrupt("record batch: fewer bytes than a header has");
  }
  const std::int8_t magic = load_be<std::int8_t>(bytes.data() + kMagicAt);
  if (magic != kMagic) {
    return corrupt("record batch: magic is not 2 but " + std::to_string(magic));
  }
  const BatchHeader header = load_header(bytes);
  constexpr auto kLengthMin = static_cast<std::int32_t>(kHeaderBytes - kPrefixBytes);
  if (header.batch_length < kLengthMin || header.total_bytes() > kBatchBytesMax) {
    return corrupt("record batch: length out of range: " + std::to_string(header.batch_length));
  }
  if (header.last_offset_delta < 0 || header.base_offset.value() < 0 ||
      header.base_offset.value() >
          std::numeric_limits<std::int64_t>::max() - header.last_offset_delta - 1) {
    return corrupt("record batch: offsets out of range");
  }
  if (header.record_count < 0 || header.record_count > header.last_offset_delta + std::int64_t{1}) {
    return corrupt("record batch: record count does not fit its offsets: " +
                   std::to_string(header.record_count));
  }
  const std::int32_t records_bytes = header.batch_length - kLengthMin;
  const bool plain = header.compression() == Compression::kNone;
  if (plain && header.record_count > records_bytes / kRecordBytesMin) {
    return corrupt("record batch: more records than bytes can hold: " +
                   std::to_string(header.record_count));
  }
  return header;
}

std::size_t batch_size(std::string_view bytes) {
  if (bytes.size() < kPrefixBytes) {
    return 0;
  }
  const auto length = load_be<std::int32_t>(bytes.data() + kLengthAt);
  if (length < static_cast<std::int32_t>(kHeaderBytes - kPrefixBytes)) {
    return 0;
  }
  return kPrefixBytes + static_cast<std::size_t>(length);
}

std::uint32_t batch_crc(std::string_view batch) {
  return crc32c(batch.substr(kAttributesAt));
}

Result<BatchHeader> check_batch(std::string_view batch) {
  const BatchHeader header = TRY(parse_header(batch));
  if (header.total_bytes() != batch.size()) {
    return corrupt("record batch: its length is " + std::to_string(header.total_bytes()) +
                   " bytes, there are " + std::to_string(batch.size()));
  }
  if (batch_crc(batch) != header.crc) {
    return corrupt("record batch: the checksum does not match");
  }
  return header;
}

Result<BatchHeader> check_batch_and_records(std::string_view batch, std::size_t bytes_max) {
  const BatchHeader header = TRY(check_batch(batch));
  RecordReader reader = TRY(RecordReader::open(batch, bytes_max));
  RecordView record;
  while (TRY(reader.next(record))) {
  }
  return header;
}

void patch_base_offset(char* batch, Offset base_offset) {
  store_be(batch + kBaseOffsetAt, base_offset.value());
}

void patch_leader_epoch(char* batch, std::int32_t leader_epoch) {
  store_be(batch + kLeaderEpochAt, leader_epoch);
}

void patch_log_append_time(std::span<char> batch, std::int64_t timestamp_ms) {
  const auto attributes = load_be<std::int16_t>(batch.data() + kAttributesAt);
  store_be(batch.data() + kAttributesAt, static_cast<std::int16_t>(attributes | 0x08));
  store_be(batch.data() + kMaxTimestampAt, timestamp_ms);
  update_crc(batch);
}

void patch_producer(std::span<char> batch,
                    ProducerId id,
                    std::int16_t epoch,
                    std::int32_t base_sequence) {
  store_be(batch.data() + kProducerIdAt, id.value());
  store_be(batch.data() + kProducerEpochAt, epoch);
  store_be(batch.data() + kBaseSequenceAt, base_sequence);
  update_crc(batch);
}

std::vector<HeaderView> RecordView::headers() const {
  std::vector<HeaderView> headers;
  headers.reserve(static_cast<std::size_t>(header_count));
  const char* at = header_bytes.data();
  const char* end = at + header_bytes.size();
  for (std::int32_t i = 0; i < header_count; ++i) {
    HeaderView header;
    const bool read = read_header(at, end, header);
    MR_ASSERT(read, "headers were checked when the record was read");
    headers.push_back(header);
  }
  return headers;
}

Result<RecordReader> RecordReader::open(std::string_view batch, std::size_t bytes_max) {
  RecordReader reader;
  reader.header_ = TRY(parse_header(batch));
  if (batch.size() < reader.header_.total_bytes()) {
    return corrupt("record batch: it is cut off");
  }
  std::string_view records =
      batch.substr(kHeaderBytes, reader.header_.total_bytes() - kHeaderBytes);
  const Compression compression = reader.header_.compression();
  if (compression > Compression::kZstd) {
    return Error(
        ErrorCode::kUnsupported,
        "record batch: unknown compression " + std::to_string(static_cast<int>(compression)));
  }
  const bool emptied = reader.header_.record_count == 0 && records.empty();
  if (compression != Compression::kNone && !emptied) {
    reader.decompressed_ =
        std::make_unique<std::string>(TRY(decompress(compression, records, bytes_max)));
    records = *reader.decompressed_;
  }
  reader.at_ = records.data();
  reader.end_ = records.data() + records.size();
  return reader;
}

Result<bool> RecordReader::finish() {
  if (at_ != end_) {
    return invalid("record batch: bytes are left after the last record");
  }
  return false;
}

Result<bool> RecordReader::next(RecordView& record) {
  if (seen_ == header_.record_count) {
    return finish();
  }
  const char* const start = at_;
  std::int64_t size = 0;
  if (!read_int(at_, end_, size) || size < kRecordBytesMin - 1 || size > end_ - at_) {
    return invalid("record " + std::to_string(seen_) + ": its length does not fit the batch");
  }
  const char* const end = at_ + size;
  ++at_;  // Attributes, which have no meaning yet.
  std::int64_t timestamp_delta = 0;
  std::int64_t offset_delta = 0;
  std::int64_t headers = 0;
  if (!read_varint<10>(at_, end, timestamp_delta) || !read_int(at_, end, offset_delta) ||
      !read_bytes(at_, end, record.key) || !read_bytes(at_, end, record.value) ||
      !read_int(at_, end, headers) || headers < 0 || headers > (end - at_) / 2) {
    return invalid("record " + std::to_string(seen_) + ": a field goes beyond its end");
  }
  if (offset_delta <= last_delta_ || offset_delta > header_.last_offset_delta) {
    return invalid("record " + std::to_string(seen_) + ": its offset is out of order");
  }
  last_delta_ = offset_delta;
  const char* const headers_at = at_;
  for (std::int64_t i = 0; i < headers; ++i) {
    HeaderView header;
    if (!read_header(at_, end, header)) {
      return invalid("record " + std::to_string(seen_) + ": a header goes beyond its end");
    }
  }
  if (at_ != end) {
    return invalid("record " + std::to_string(seen_) + ": bytes are left after its headers");
  }
  record.header_count = static_cast<std::int32_t>(headers);
  record.header_bytes = {headers_at, static_cast<std::size_t>(end - headers_at)};
  record.offset = header_.base_offset + offset_delta;
  record.timestamp_ms =
      header_.log_append_time()
          ? header_.max_timestamp_ms
          : static_cast<std::int64_t>(static_cast<std::uint64_t>(header_.base_timestamp_ms) +
                                      static_cast<std::uint64_t>(timestamp_delta));
  record.encoded_bytes = static_cast<std::size_t>(end - start);
  ++seen_;
  return true;
}

BatchBuilder::BatchBuilder(BatchOptions options) : options_(options), bytes_(kHeaderBytes, '\0') {}

void BatchBuilder::add(const Record& record) {
  add_at(last_delta_ + 1, record);
}

void BatchBuilder::add_at(std::int32_t offset_delta, const Record& record) {
  MR_ASSERT(offset_delta > last_delta_, "offset delta {} after {}", offset_delta, last_delta_);
  if (count_ == 0) {
    base_timestamp_ms_ = options_.delete_horizon_ms.value_or(record.timestamp_ms);
    max_timestamp_ms_ = record.timestamp_ms;
  }
  max_timestamp_ms_ = std::max(max_timestamp_ms_, record.timestamp_ms);
  const std::int64_t timestamp_delta =
      static_cast<std::int64_t>(static_cast<std::uint64_t>(record.timestamp_ms) -
                                static_cast<std::uint64_t>(base_timestamp_ms_));
  const auto headers = static_cast<std::int64_t>(record.headers.size());
  std::size_t size = 1 + varint_size(timestamp_delta) + varint_size(offset_delta) +
                     sized_bytes(record.key) + sized_bytes(record.value) + varint_size(headers);
  for (const HeaderView& header : record.headers) {
    size += sized_bytes(header.key) + sized_bytes(header.value);
  }
  ByteWriter writer(bytes_);
  writer.varint(static_cast<std::int64_t>(size));
  writer.be<std::int8_t>(0);
  writer.varint(timestamp_delta);
  writer.varint(offset_delta);
  write_bytes(writer, record.key);
  write_bytes(writer, record.value);
  writer.varint(headers);
  for (const HeaderView& header : record.headers) {
    write_bytes(writer, header.key);
    write_bytes(writer, header.value);
  }
  last_delta_ = offset_delta;
  ++count_;
}

Result<std::string> BatchBuilder::finish(Offset base_offset,
                                         std::optional<std::int32_t> last_offset_delta) {
  if (count_ == 0 && !last_offset_delta.has_value()) {
    return invalid("record batch: no record was added");
  }
  std::string batch = std::move(bytes_);
  if (options_.compression != Compression::kNone && count_ > 0) {
    const std::string packed = TRY(compress(options_.compression,
                                            std::string_view(batch).substr(kHeaderBytes),
                                            options_.compression_level));
    batch.resize(kHeaderBytes);
    batch += packed;
  }
  std::int16_t attributes = static_cast<std::int16_t>(options_.compression);
  attributes = static_cast<std::int16_t>(
      attributes | (options_.log_append_time ? 0x08 : 0) | (options_.transactional ? 0x10 : 0) |
      (options_.control ? 0x20 : 0) | (options_.delete_horizon_ms.has_value() ? 0x40 : 0));
  char* const at = batch.data();
  const std::int64_t base_timestamp =
      count_ == 0 ? options_.delete_horizon_ms.value_or(-1) : base_timestamp_ms_;
  store_be(at + kBaseOffsetAt, base_offset.value());
  store_be(at + kLengthAt, static_cast<std::int32_t>(batch.size() - kPrefixBytes));
  store_be(at + kLeaderEpochAt, std::int32_t{0});
  store_be(at + kMagicAt, kMagic);
  store_be(at + kAttributesAt, attributes);
  store_be(at + kLastOffsetDeltaAt, last_offset_delta.value_or(last_delta_));
  store_be(at + kBaseTimestampAt, base_timestamp);
  store_be(at + kMaxTimestampAt, max_timestamp_ms_);
  store_be(at + kProducerIdAt, options_.producer_id.value());
  store_be(at + kProducerEpochAt, options_.producer_epoch);
  store_be(at + kBaseSequenceAt, options_.base_sequence);
  store_be(at + kRecordCountAt, count_);
  update_crc(batch);
  bytes_.assign(kHeaderBytes, '\0');
  count_ = 0;
  last_delta_ = -1;
  max_timestamp_ms_ = -1;
  return batch;
}

std::string build_marker(const ControlMarker& marker,
                         ProducerId producer_id,
                         std::int16_t producer_epoch,
                         std::int64_t timestamp_ms) {
  std::string key;
  ByteWriter key_writer(key);
  key_writer.be<std::int16_t>(0);
  key_writer.be(static_cast<std::int16_t>(marker.type));
  std::string value;
  ByteWriter value_writer(value);
  value_writer.be<std::int16_t>(0);
  value_writer.be(marker.coordinator_epoch);
  BatchBuilder builder({.producer_id = producer_id,
                        .producer_epoch = producer_epoch,
                        .transactional = true,
                        .control = true});
  builder.add({.timestamp_ms = timestamp_ms, .key = key, .value = value});
  return MUST(builder.finish());
}

Result<std::optional<ControlMarker>> read_marker(std::string_view batch) {
  RecordReader reader = TRY(RecordReader::open(batch));
  RecordView record;
  if (!reader.header().control() || !TRY(reader.next(record)) || !record.key.has_value()) {
    return corrupt("control batch: it has no control record");
  }
  ByteReader key(*record.key);
  const auto version = key.be<std::int16_t>();
  const auto type = key.be<std::int16_t>();
  if (!key.ok() || version < 0) {
    return corrupt("control batch: its key is too short");
  }
  if (type != 0 && type != 1) {
    return std::optional<ControlMarker>();
  }
  ByteReader value(record.value.value_or(std::string_view()));
  const auto value_version = value.be<std::int16_t>();
  const auto coordinator_epoch = value.be<std::int32_t>();
  if (!value.ok() || value_version < 0) {
    return corrupt("control batch: its value is too short");
  }
  return std::optional<ControlMarker>(
      ControlMarker{static_cast<ControlType>(type), coordinator_epoch});
}

}  // namespace millrace::record
