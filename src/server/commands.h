// What commands, control.sock and the page ask of a data directory. Each function is one question;
// its answer is JSON text, the same whoever asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/instance.h"
#include "server/sql_session.h"

namespace millrace::server {

/// Limits of one answer.
inline constexpr std::int64_t kRecordsMax = 10'000;
inline constexpr std::size_t kRecordTextMax = 64U << 10U;  ///< Of a key or value; longer is cut.

struct RecordsQuery {
  std::string topic = {};
  std::optional<std::int32_t> partition = {};  ///< Nothing: all, in the order of time of each.
  std::optional<std::int64_t> offset = {};     ///< Nothing: the last `limit`.
  std::int64_t limit = 20;
};

/// What SQL reads of an instance.
SqlWorld sql_world(Instance& instance);

/// {"results":[answer_to_json…]}
std::string sql_json(Instance& instance, std::string_view text, const SqlOptions& options);
std::string sql_json(const SqlWorld& world, std::string_view text, const SqlOptions& options);

/// {"topics":[{"name","partitions","start","end","bytes","internal","role"}…]}
std::string topics_json(Instance& instance);
/// {"name","id","internal","config":{…},"partitions":[{"partition","start","end","bytes",…}…]}.
/// kNotFound suggests a name.
Result<std::string> topic_json(Instance& instance, const std::string& topic);
/// {"topic","records":[{"partition","offset","timestamp","key","value","headers":[{…}]}…],"next"}.
/// Bytes that are no UTF-8 are {"base64":"…"}.
Result<std::string> records_json(Instance& instance, const RecordsQuery& query);

/// {"name","state","protocol_type","members","partitions","lag","offsets":[{"topic","partition",
/// "committed","end","lag"}…]}: a consumer group; kNotFound also when no Kafka listener is open.
Result<std::string> group_json(Instance& instance, const std::string& group);

/// {"dead_letters":[{"name","topic","count","classes":{…}}…]}
Result<std::string> dead_letters_json(Instance& instance);
/// The last `limit` of one flow or source, with reason, class and origin apart.
Result<std::string> dead_letter_records_json(Instance& instance,
                                             const std::string& name,
                                             std::int64_t limit);

struct ReplayQuery {
  std::string name = {};  ///< Flow or source.
  /// Only these; nothing: all that were not replayed yet.
  std::optional<std::int64_t> offset = {};
};

/// Appends the original bytes again to the topic of origin, with a header that names the dead
/// letter, and remembers how far it has come in the same frame. {"replayed":n,"skipped":n,…}
Result<std::string> replay_json(Instance& instance, const ReplayQuery& query);

/// {"columns":[…],"rows":[…]}: the last rows of a table in tables.db.
Result<std::string> table_rows_json(Instance& instance,
                                    const std::string& table,
                                    std::int64_t limit);

/// {"live":true,"ready":true,"checks":[{"name","ok","text"}…],"pid","version"}
std::string health_json(Instance& instance);
/// {"sources":[…],"flows":[…]}: what the log holds, or the running pipeline says.
std::string books_json(Instance& instance);
/// Makes segments complete for Kafka's tools. {"flushed":true}
Result<std::string> flush_json(Instance& instance);

/// {"error":"…","code":"not_found"}
std::string error_json(const Error& error);

}  // namespace millrace::server
