// The connectors of the program, as data: `USING name OPTIONS (…)` looks one up here; help,
// documentation, `validate` and `explain` read the same rows.
//
// Nothing registers itself: each connect/<system> shows its row (`const ConnectorInfo&
// http_connector();`) and the wiring layer names them all in one list, so that the reader of that
// list knows what is in the program.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "config/option_table.h"
#include "connector/feed.h"

namespace millrace::io {
class Files;
}  // namespace millrace::io

namespace millrace::connector {

/// How the value of a record is decoded when the source declares columns.
enum class ValueFormat : std::uint8_t {
  kJson,  ///< As from_json would.
  kCsv,   ///< One line; the connector's CSV options apply.
  kText,  ///< The value is the one column, a string.
};

/// What a feed is given of the world. The references outlive the feed.
struct FeedContext {
  const Clock& clock;
  io::Files& files;
  /// The source's name, for messages and as salt of what is made up.
  std::string source;
  /// The project's folder: relative paths of options start here.
  std::string folder;
  /// For jitter and for generators whose options name no seed; kept with the project, so that it
  /// is the same after a restart.
  std::uint64_t seed = 0;
};

/// The columns of a source that declares none, as SQL: those of a Kafka topic.
inline constexpr std::string_view kTopicColumns =
    "key BINARY, value BINARY, topic STRING, partition INT, offset BIGINT, "
    "timestamp TIMESTAMP, timestampType INT";

/// One row. All pointers and views are static. Immutable.
struct ConnectorInfo {
  /// As after USING.
  std::string_view name = {};
  /// Other names for it (Spark's).
  std::vector<std::string_view> also = {};
  /// One sentence.
  std::string_view description = {};
  const config::OptionTable* options = nullptr;
  ValueFormat format = ValueFormat::kJson;
  /// True when it ends or makes rounds by itself, so that `--until-caught-up` can finish; false for
  /// a generator without an end.
  bool (*finite)(const config::OptionValues& values) = nullptr;
  /// Adds what the option table alone cannot find: an unknown faker expression, options that
  /// exclude each other. Touches neither network nor files. Null: nothing to add.
  void (*check)(const config::OptionValues& values, Diagnostics& diagnostics) = nullptr;
  /// Without making it: for `validate` and `explain`.
  FeedGuarantee (*guarantee)(const config::OptionValues& values) = nullptr;
  /// Makes the feed; touches neither network nor files before the first poll. REQUIRES: the values
  /// passed `check`.
  Result<std::unique_ptr<Feed>> (*make_feed)(const config::OptionValues& values,
                                             const FeedContext& context) = nullptr;
};

/// Immutable.
class ConnectorRegistry {
 public:
  explicit ConnectorRegistry(std::vector<const ConnectorInfo*> connectors);

  /// Without regard to case; null when there is none.
  [[nodiscard]] const ConnectorInfo* find(std::string_view name) const;

  [[nodiscard]] std::span<const ConnectorInfo* const> all() const { return connectors_; }

  /// For "did you mean".
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::vector<const ConnectorInfo*> connectors_;
};

}  // namespace millrace::connector
