// The records of __millrace_metadata: what topics there are, and how they are set
// (docs/format/wal.md). The topic is compacted: the last record of a key holds, a null value ends
// it.
//
//   key    "topic:<name>"
//   value  u8 version 1, 16 bytes id, uvarint partitions, uvarint settings, each name and value
//          with their lengths as uvarint
//
// Other keys belong to other parts of the program and are left alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "log/log.h"

namespace millrace::log {

inline constexpr std::string_view kMetadataTopic = "__millrace_metadata";

/// The id of the metadata topic itself, which nothing describes.
Uuid metadata_topic_id();
TopicInfo metadata_topic();

std::string topic_key(std::string_view name);
std::string topic_value(const TopicInfo& topic);

/// The name in a key; nothing when the key is of another kind.
std::optional<std::string_view> topic_of_key(std::string_view key);
/// kCorruption; kUnsupported for a newer version.
Result<TopicInfo> read_topic_value(std::string_view name, std::string_view value);

/// What becomes of a topic; nothing: it is gone.
struct TopicRecord {
  std::string name = {};
  std::optional<TopicInfo> topic = {};
};

/// A batch for the metadata topic. REQUIRES: at least one
std::string metadata_batch(const std::vector<TopicRecord>& records, std::int64_t now_ms);

}  // namespace millrace::log
