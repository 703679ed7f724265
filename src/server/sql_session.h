// SQL for people: `millrace sql`, the box on the page, POST /sql. Each statement of a script gives
// columns and rows, or the error that Spark would give with its place in the text.
//
//   SELECT … FROM created_users          a table of the project: its rows in tables.db
//   SELECT … FROM users_api              a source: its topic
//   SELECT … FROM `created_users.dead_letter`   any topic: Kafka's seven columns
//   SELECT … FROM json.`data/*.json`     files (csv, text too)
//   SHOW TABLES; DESCRIBE t; EXPLAIN SELECT …
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/diagnostic.h"
#include "data/batch.h"
#include "data/type.h"
#include "io/files.h"
#include "log/log.h"
#include "plan/pipeline.h"

namespace millrace::server {

/// What a session reads. Everything may be null: then there are files, VALUES and range only.
/// Borrowed.
struct SqlWorld {
  io::Files* files = nullptr;
  const Clock* clock = nullptr;
  log::Log* log = nullptr;
  // Shared with the instance, which may take another pipeline meanwhile.
  std::shared_ptr<const plan::Pipeline> pipeline = {};
  std::string tables_path = {};  ///< tables.db; empty: none.
  std::string folder = {};       ///< Relative paths of files start here.
};

struct SqlOptions {
  std::string file = "query";  ///< As messages name the text.
  /// Rows kept of a statement; more are cut, and `truncated` says so.
  std::size_t rows_max = 1'000'000;
  std::uint64_t memory_bytes_max = 256ULL << 20U;
  std::string time_zone = "UTC";
  std::stop_token stop = {};
};

/// The answer to one statement. Owned by one thread.
struct SqlAnswer {
  std::string statement = {};  ///< As written.
  data::Schema schema = {};
  std::vector<data::Batch> batches = {};  ///< Selected rows are the result.
  bool truncated = false;
  /// Errors (then there are no rows) and warnings.
  std::vector<Diagnostic> diagnostics = {};

  [[nodiscard]] bool ok() const;
  [[nodiscard]] std::size_t row_count() const;
};

/// Takes the result while it is made. Owned by one thread.
class SqlSink {
 public:
  SqlSink() = default;
  SqlSink(const SqlSink&) = delete;
  SqlSink& operator=(const SqlSink&) = delete;
  virtual ~SqlSink() = default;

  /// A statement begins to give rows.
  virtual void begin(std::string_view statement, const data::Schema& schema) = 0;
  /// Selected rows; false = no more are wanted.
  virtual bool rows(const data::Batch& batch) = 0;
  /// The statement is over; with an error the rows so far are void.
  virtual void end(const std::vector<Diagnostic>& diagnostics) = 0;
};

/// Runs the statements one after the other, and goes on after one that failed. False when one
/// failed.
bool run_sql(const SqlWorld& world,
             std::string_view text,
             const SqlOptions& options,
             SqlSink& sink);

/// The same, kept in memory.
std::vector<SqlAnswer> run_sql(const SqlWorld& world,
                               std::string_view text,
                               const SqlOptions& options);

/// One JSON object a statement: {"columns":[{"name","type"}…],"rows":[[…]…],"truncated"?} or
/// {"error":{"class","sqlstate","message","line","column","help"}}. Values as `millrace sql
/// --output json` shows them: numbers, texts, true/false, null, nested as JSON; decimals and
/// timestamps as text.
std::string answer_to_json(const SqlAnswer& answer);

/// The row as texts, as CAST(… AS STRING) gives them; nothing = NULL. For tables and CSV.
std::vector<std::optional<std::string>> row_to_text(const data::Batch& batch,
                                                    std::size_t row,
                                                    std::string_view time_zone);

}  // namespace millrace::server
