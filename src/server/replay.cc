// Dead letters go back to the topic of origin with key and value as they were, and a header that
// names the dead letter, so that a reader can count replays. How far a replay has come, and how
// many there were, is a position that is durable in the same frame: nothing is replayed twice by
// accident.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <simdjson.h>

#include "flow/dead_letter.h"
#include "record/batch.h"
#include "server/detail/records.h"

namespace millrace::server::detail {

namespace {

constexpr std::int64_t kRecordsPerFrame = 1000;
constexpr std::string_view kReplayHeader = "millrace.replay";

struct Progress {
  std::int64_t next = 0;
  std::int64_t replayed = 0;
};

std::string position_name(const std::string& topic) {
  return "replay." + topic;
}

Result<Progress> read_progress(const log::Log& log, const std::string& topic) {
  const auto text = log.position(position_name(topic));
  if (!text) {
    return Progress{};
  }
  Progress progress;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(*text).get(root) != simdjson::SUCCESS ||
      root["next"].get(progress.next) != simdjson::SUCCESS ||
      root["replayed"].get(progress.replayed) != simdjson::SUCCESS) {
    return Error(ErrorCode::kCorruption, "the position of replays cannot be read: " + *text);
  }
  return progress;
}

std::optional<std::int32_t> origin_partition(const StoredRecord& record) {
  const std::string* text = record.header("millrace.partition");
  std::int32_t number = 0;
  if (text == nullptr) {
    return std::nullopt;
  }
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), number);
  return parsed.ec == std::errc{} ? std::optional(number) : std::nullopt;
}

/// False when the dead letter has no record to put back.
Result<bool> put_back(log::Log& log,
                      const Clock& clock,
                      const std::string& dead_letters,
                      const StoredRecord& record,
                      log::Frame& frame) {
  const std::string* topic = record.header("millrace.topic");
  const auto partition = origin_partition(record);
  if (topic == nullptr || !partition || record.header("millrace.cut_from_bytes") != nullptr) {
    return false;
  }
  const auto info = log.topic(*topic);
  if (!info || *partition < 0 || *partition >= info->partitions) {
    return false;
  }
  const std::string name = fmt::format("{}/{}/{}", dead_letters, record.partition, record.offset);
  std::vector<record::HeaderView> headers;
  for (const auto& [key, value] : record.headers) {
    if (!key.starts_with("millrace.")) {
      headers.push_back(
          {.key = key, .value = value ? std::optional<std::string_view>(*value) : std::nullopt});
    }
  }
  headers.push_back({.key = kReplayHeader, .value = name});
  flow::BatchCutter cutter(frame, *topic, PartitionId(*partition));
  record::Record again{.timestamp_ms = clock.wall_ms(), .headers = headers};
  if (record.key) {
    again.key = *record.key;
  }
  if (record.value) {
    again.value = *record.value;
  }
  TRY(cutter.add(again));
  TRY(cutter.finish());
  return true;
}

Result<void> replay_page(log::Log& log,
                         const Clock& clock,
                         const std::string& topic,
                         const std::vector<StoredRecord>& records,
                         ReplayCount& count,
                         Progress& progress) {
  log::Frame frame;
  for (const StoredRecord& record : records) {
    if (TRY(put_back(log, clock, topic, record, frame))) {
      ++count.replayed;
      ++progress.replayed;
    } else {
      ++count.skipped;
    }
  }
  frame.positions.push_back(
      {.name = position_name(topic),
       .value = fmt::format(R"({{"next":{},"replayed":{}}})", progress.next, progress.replayed)});
  TRY_DOING(log.append_and_wait(std::move(frame)), "replay " + topic);
  return {};
}

}  // namespace

// Dead letters of a flow are on one partition.
Result<ReplayCount> replay(log::Log& log,
                           const Clock& clock,
                           const std::string& topic,
                           std::optional<std::int64_t> offset) {
  Progress progress = TRY(read_progress(log, topic));
  ReplayCount count;
  RecordsQuery query{.topic = topic, .partition = 0, .limit = offset ? 1 : kRecordsPerFrame};
  if (offset) {
    query.offset = offset;
    const RecordPage page = TRY(read_records(log, query));
    if (page.records.empty() || page.records[0].offset != *offset) {
      return Error(ErrorCode::kNotFound,
                   fmt::format("{} has no record at offset {}", topic, *offset));
    }
    TRY(replay_page(log, clock, topic, page.records, count, progress));
    count.replayed_in_all = progress.replayed;
    return count;
  }
  const auto info = log.describe({topic, PartitionId(0)});
  const std::int64_t end = info ? info->last_stable_offset.value() : 0;
  while (progress.next < end) {
    query.offset = progress.next;
    RecordPage page = TRY(read_records(log, query));
    // What a replay makes fail again is for the next one.
    std::erase_if(page.records, [&](const StoredRecord& record) { return record.offset >= end; });
    const std::int64_t before = progress.next;
    progress.next = std::min(page.next[0], end);
    if (progress.next <= before) {
      break;
    }
    TRY(replay_page(log, clock, topic, page.records, count, progress));
  }
  count.replayed_in_all = progress.replayed;
  return count;
}

}  // namespace millrace::server::detail
