#include "flow/dead_letter.h"

#include <algorithm>
#include <utility>

namespace millrace::flow {

std::string dead_letter_topic(std::string_view name) {
  return std::string(name) + std::string(kDeadLetterSuffix);
}

log::TopicConfig dead_letter_config() {
  log::TopicConfig config;
  config.max_message_bytes = static_cast<std::int64_t>(kRecordBytesMax + (1U << 20U));
  return config;
}

Result<void> BatchCutter::add(const record::Record& record) {
  const std::size_t bytes =
      (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
  if (!builder_.empty() && builder_.size() + bytes > kBatchBytesTarget) {
    TRY(finish());
  }
  builder_.add(record);
  ++count_;
  return {};
}

Result<void> BatchCutter::finish() {
  if (builder_.empty()) {
    return {};
  }
  std::string batch = TRY(builder_.finish());
  frame_.batches.push_back(
      {.to = to_, .batch = std::move(batch), .origin = log::BatchOrigin::kInternal});
  return {};
}

std::vector<std::pair<std::string, std::string>> origin_headers(const log::TopicPartition& from,
                                                                Offset offset,
                                                                Epoch epoch) {
  return {{"millrace.topic", from.topic},
          {"millrace.partition", std::to_string(from.partition.value())},
          {"millrace.offset", std::to_string(offset.value())},
          {"millrace.epoch", std::to_string(epoch.value())}};
}

Result<void> add_dead_letter(BatchCutter& batch, const DeadLetter& letter) {
  std::vector<record::HeaderView> headers;
  headers.push_back({.key = "millrace.reason", .value = letter.reason});
  headers.push_back({.key = "millrace.class", .value = letter.error_class});
  for (const auto& [name, value] : letter.headers) {
    headers.push_back({.key = name, .value = value});
  }
  std::optional<std::string_view> value = letter.value;
  std::string cut;
  if (value && value->size() > kRecordBytesMax) {
    cut = std::to_string(value->size());
    headers.push_back({.key = "millrace.cut_from_bytes", .value = cut});
    value = value->substr(0, kRecordBytesMax);
  }
  return batch.add(
      {.timestamp_ms = letter.timestamp_ms, .key = letter.key, .value = value, .headers = headers});
}

}  // namespace millrace::flow
