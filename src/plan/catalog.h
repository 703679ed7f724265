// The named things of a project: sources, streaming tables, views, sinks; and what an interactive
// query can read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "config/option_table.h"
#include "data/type.h"
#include "plan/logical.h"

namespace millrace::plan {

enum class RelationKind : std::uint8_t {
  kSource,            ///< CREATE TABLE … USING … in sources/: a topic filled by a feed, or Kafka
  kStreamingTable,    ///< a topic of its name and a table in tables.db
  kMaterializedView,  ///< the same, recomputed
  kView,              ///< persisted, batch only
  kTemporaryView,
  kTopic,  ///< a topic of this instance read by name in an interactive query
  kFile,   ///< json.`path`, csv.`path`, text.`path`
};

struct OptionValue {
  std::string value = {};
  SourceSpan key_where = {};
  SourceSpan where = {};
  bool secret = false;  ///< Came out of a file or variable that must not be shown.
};

/// Keys as written, compared without case.
using Options = std::map<std::string, OptionValue, std::less<>>;

/// Immutable once the project is bound.
struct Relation {
  std::string name = {};
  RelationKind kind = RelationKind::kSource;
  data::Schema schema = {};
  SourceSpan where = {};

  /// kSource: the connector's name; kFile: json, csv, text.
  std::string format = {};
  Options options = {};
  /// kSource: with a column list `value` is decoded as from_json would; without one the relation
  /// has Kafka's seven columns.
  bool decoded = false;

  /// Where the records are: the option `topic`, else the name. Sources and tables.
  std::string topic = {};
  /// TBLPROPERTIES ('millrace.key' = 'id'): positions of the key columns; empty = append.
  std::vector<std::size_t> key = {};
  std::map<std::string, std::string> properties = {};
  std::string comment = {};

  /// Views: the bound query.
  NodePtr query = {};
};

/// A materialized view without a key: the keys of its records are row numbers (view_content.h).
inline bool has_row_numbers(const Relation& relation) {
  return relation.kind == RelationKind::kMaterializedView && relation.key.empty();
}

/// The last record of a key in its topic is the row, a null value deletes it; else each record is
/// a row.
inline bool is_upserted(const Relation& relation) {
  return (relation.kind == RelationKind::kStreamingTable && !relation.key.empty()) ||
         relation.kind == RelationKind::kMaterializedView;
}

/// The options of a source as the option tables take them, in the order of writing.
std::vector<config::OptionEntry> option_entries(const Relation& source);

/// Kafka's seven columns: key value topic partition offset timestamp timestampType.
const data::Schema& kafka_schema();

/// Finds relations for the binder. An interactive query adds topics and files to a project's own.
class RelationResolver {
 public:
  RelationResolver() = default;
  RelationResolver(const RelationResolver&) = delete;
  RelationResolver& operator=(const RelationResolver&) = delete;
  virtual ~RelationResolver() = default;

  /// `parts`: the name as written, `` json.`/dir` `` has two. Null without a Diagnostic = not
  /// found; a found relation with a fault adds a Diagnostic.
  virtual std::shared_ptr<const Relation> resolve(const std::vector<std::string>& parts,
                                                  const SourceSpan& where,
                                                  Diagnostics& diagnostics) = 0;

  /// True when it exists but its own definition has errors, which were reported there.
  [[nodiscard]] virtual bool failed(const std::vector<std::string>& /*parts*/) const {
    return false;
  }

  /// For "did you mean".
  [[nodiscard]] virtual std::vector<std::string> names() const = 0;
};

}  // namespace millrace::plan
