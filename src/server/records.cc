#include "server/detail/records.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "data/datetime.h"
#include "data/zone.h"
#include "flow/record_chunk.h"

namespace millrace::server::detail {

namespace {

constexpr std::size_t kReadBytes = 1U << 20U;
// What one answer may hold in memory.
constexpr std::size_t kPageBytesMax = 64U << 20U;

std::optional<std::string> copy(const std::optional<std::string_view>& bytes) {
  return bytes ? std::optional<std::string>(*bytes) : std::nullopt;
}

StoredRecord copy_record(const record::RecordView& view, std::int32_t partition) {
  StoredRecord record{.partition = partition,
                      .offset = view.offset.value(),
                      .timestamp_ms = view.timestamp_ms,
                      .key = copy(view.key),
                      .value = copy(view.value)};
  for (const record::HeaderView& header : view.headers()) {
    record.headers.emplace_back(std::string(header.key), copy(header.value));
  }
  return record;
}

struct Range {
  std::int32_t partition = 0;
  std::int64_t from = 0;
  std::int64_t end = 0;
};

/// Adds records of one partition until there are `limit`, or the end is reached; where it stopped.
Result<std::int64_t> read_range(log::Log& log,
                                const std::string& topic,
                                const Range& range,
                                std::int64_t limit,
                                std::vector<StoredRecord>& records) {
  std::int64_t at = range.from;
  std::int64_t count = 0;
  std::size_t bytes = 0;
  const log::TopicPartition where{topic, PartitionId(range.partition)};
  while (at < range.end && count < limit && bytes < kPageBytesMax) {
    const log::ReadResult read = TRY(log.read(where, Offset(at), {.max_bytes = kReadBytes}));
    if (read.error == log::KafkaError::kOffsetOutOfRange && read.log_start_offset.value() > at) {
      at = read.log_start_offset.value();  // Retention was faster.
      continue;
    }
    if (read.error != log::KafkaError::kNone || read.next_offset.value() <= at) {
      break;
    }
    flow::ChunkReader chunks(read, where.partition, Offset(at));
    flow::RecordChunk chunk;
    std::int64_t next = read.next_offset.value();
    while (count < limit && TRY(chunks.next(chunk))) {
      for (const record::RecordView& view : chunk.records) {
        if (count == limit) {
          next = view.offset.value();
          break;
        }
        records.push_back(copy_record(view, range.partition));
        bytes += view.encoded_bytes;
        ++count;
        next = count == limit ? view.offset.value() + 1 : read.next_offset.value();
      }
    }
    at = next;
  }
  return at;
}

void write_text(std::string_view name,
                const std::optional<std::string>& bytes,
                console::JsonOut& out) {
  out.key(name);
  if (!bytes) {
    out.null();
    return;
  }
  const std::string_view text = shorten(*bytes);
  if (is_valid_utf8(text)) {
    out.value(text);
  } else {
    out.begin_object().field("base64", to_base64(text)).end_object();
  }
}

}  // namespace

const std::string* StoredRecord::header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [&](const auto& header) { return header.first == name; });
  return found == headers.end() || !found->second ? nullptr : &*found->second;
}

// Cut before a code point that would be cut in two.
std::string_view shorten(std::string_view text) {
  if (text.size() <= kRecordTextMax) {
    return text;
  }
  std::size_t end = kRecordTextMax;
  while (end > kRecordTextMax - 4 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end);
}

Result<log::TopicInfo> find_topic(log::Log& log, const std::string& name) {
  auto info = log.topic(name);
  if (info) {
    return *std::move(info);
  }
  std::vector<std::string> names;
  for (const log::TopicInfo& topic : log.topics()) {
    names.push_back(topic.name);
  }
  return Error(ErrorCode::kNotFound, "there is no topic " + name + did_you_mean(name, names));
}

Result<RecordPage> read_records(log::Log& log, const RecordsQuery& query) {
  const log::TopicInfo topic = TRY(find_topic(log, query.topic));
  if (query.limit < 0 || query.limit > kRecordsMax) {
    return Error(
        ErrorCode::kInvalidArgument,
        "limit is 0 to " + std::to_string(kRecordsMax) + ", not " + std::to_string(query.limit));
  }
  if (query.partition && (*query.partition < 0 || *query.partition >= topic.partitions)) {
    return Error(ErrorCode::kNotFound,
                 "the topic " + topic.name + " has the partitions 0 to " +
                     std::to_string(topic.partitions - 1) + ", not " +
                     std::to_string(*query.partition));
  }
  RecordPage page;
  for (std::int32_t number = 0; number < topic.partitions; ++number) {
    if (query.partition && *query.partition != number) {
      continue;
    }
    const auto info = log.describe({topic.name, PartitionId(number)});
    if (!info) {
      continue;
    }
    Range range{.partition = number,
                .from = info->log_start_offset.value(),
                .end = info->last_stable_offset.value()};
    if (query.offset) {
      range.from = std::max(range.from, *query.offset);
    } else {
      range.from = std::max(range.from, range.end - query.limit);
    }
    page.next[number] = TRY(read_range(log, topic.name, range, query.limit, page.records));
  }
  // The last ones of all partitions are those with the latest times.
  if (page.next.size() > 1) {
    std::ranges::stable_sort(page.records, {}, &StoredRecord::timestamp_ms);
  }
  const auto limit = static_cast<std::size_t>(query.limit);
  if (page.records.size() > limit) {
    page.records.erase(page.records.begin(),
                       page.records.end() - static_cast<std::ptrdiff_t>(limit));
  }
  return page;
}

void write_record_fields(const StoredRecord& record, console::JsonOut& out) {
  out.field("partition", record.partition)
      .field("offset", record.offset)
      .field("timestamp_ms", record.timestamp_ms);
  std::string time;
  data::append_timestamp_ntz(time, record.timestamp_ms * 1000);
  std::ranges::replace(time, ' ', 'T');
  out.field("timestamp", time + "Z");
  write_text("key", record.key, out);
  write_text("value", record.value, out);
  if ((record.value && record.value->size() > kRecordTextMax) ||
      (record.key && record.key->size() > kRecordTextMax)) {
    out.field("truncated", true);
  }
  out.key("headers").begin_array();
  for (const auto& [name, value] : record.headers) {
    out.begin_object().field("key", name);
    write_text("value", value, out);
    out.end_object();
  }
  out.end_array();
}

}  // namespace millrace::server::detail
