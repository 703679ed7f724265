#include "log/detail/metadata.h"

#include <algorithm>

#include "base/bytes.h"
#include "record/batch.h"

namespace millrace::log {
namespace {

constexpr std::string_view kTopicKey = "topic:";
constexpr std::uint8_t kVersion = 1;

}  // namespace

Uuid metadata_topic_id() {
  Uuid id;
  id.bytes.back() = 1;
  return id;
}

TopicInfo metadata_topic() {
  return {.name = std::string(kMetadataTopic),
          .id = metadata_topic_id(),
          .partitions = 1,
          .internal = true,
          .config = TopicConfig::compacted()};
}

std::string topic_key(std::string_view name) {
  return std::string(kTopicKey) + std::string(name);
}

std::string topic_value(const TopicInfo& topic) {
  std::string value;
  ByteWriter writer(value);
  writer.le(kVersion);
  value.append(topic.id.bytes.begin(), topic.id.bytes.end());
  writer.uvarint(static_cast<std::uint64_t>(topic.partitions));
  writer.uvarint(topic.settings.size());
  for (const auto& [name, setting] : topic.settings) {
    writer.sized(name);
    writer.sized(setting);
  }
  return value;
}

std::optional<std::string_view> topic_of_key(std::string_view key) {
  if (!key.starts_with(kTopicKey)) {
    return {};
  }
  return key.substr(kTopicKey.size());
}

Result<TopicInfo> read_topic_value(std::string_view name, std::string_view value) {
  TopicInfo topic{.name = std::string(name), .internal = name.starts_with("__")};
  ByteReader reader(value);
  const auto version = reader.le<std::uint8_t>();
  if (reader.ok() && version != kVersion) {
    return Error(ErrorCode::kUnsupported,
                 "topic metadata of version " + std::to_string(version) + "; use a newer program");
  }
  const std::string_view id = reader.bytes(topic.id.bytes.size());
  std::copy(id.begin(), id.end(), topic.id.bytes.begin());
  const std::uint64_t partitions = reader.uvarint();
  const std::uint64_t settings = reader.uvarint();
  for (std::uint64_t i = 0; i < settings && reader.ok(); ++i) {
    const std::string setting(reader.sized());
    topic.settings[setting] = reader.sized();
  }
  constexpr std::uint64_t kPartitionsMax = 1'000'000;
  if (!reader.ok() || !reader.done() || partitions == 0 || partitions > kPartitionsMax) {
    return Error(ErrorCode::kCorruption, "topic metadata of " + std::string(name));
  }
  topic.partitions = static_cast<std::int32_t>(partitions);
  topic.config = TRY(parse_topic_config(topic.settings));
  return topic;
}

std::string metadata_batch(const std::vector<TopicRecord>& records, std::int64_t now_ms) {
  record::BatchBuilder builder;
  for (const TopicRecord& record : records) {
    const std::string key = topic_key(record.name);
    std::optional<std::string> value;
    if (record.topic.has_value()) {
      value = topic_value(*record.topic);
    }
    builder.add({.timestamp_ms = now_ms, .key = key, .value = value});
  }
  return MUST(builder.finish());
}

}  // namespace millrace::log
