// Records of a topic for people: the last ones, or those from an offset on; and dead letters put
// back where they came from.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "console/json_out.h"
#include "log/log.h"
#include "server/commands.h"

namespace millrace::server::detail {

/// A record with its own bytes. Owned by one thread.
struct StoredRecord {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;
  std::optional<std::string> key = {};
  std::optional<std::string> value = {};
  std::vector<std::pair<std::string, std::optional<std::string>>> headers = {};

  /// The first value of that name; null when there is none.
  [[nodiscard]] const std::string* header(std::string_view name) const;
};

struct RecordPage {
  std::vector<StoredRecord> records = {};
  std::map<std::int32_t, std::int64_t> next = {};  ///< Partition → where to read on.
};

/// kNotFound, with a suggestion.
Result<log::TopicInfo> find_topic(log::Log& log, const std::string& name);

/// kNotFound: topic, partition. kInvalidArgument: an offset beyond the end, a limit out of range.
Result<RecordPage> read_records(log::Log& log, const RecordsQuery& query);

/// Fields of one record, into an object that is open.
void write_record_fields(const StoredRecord& record, console::JsonOut& out);

/// At most kRecordTextMax bytes of it.
std::string_view shorten(std::string_view text);

struct ReplayCount {
  std::int64_t replayed = 0;
  std::int64_t skipped = 0;  ///< Without a topic of origin, or cut.
  std::int64_t replayed_in_all = 0;
};

/// Appends dead letters to their topics of origin: one, or all that were not replayed yet.
Result<ReplayCount> replay(log::Log& log,
                           const Clock& clock,
                           const std::string& topic,
                           std::optional<std::int64_t> offset);

}  // namespace millrace::server::detail
