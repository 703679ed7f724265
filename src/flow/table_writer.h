// tables.db: the tables of the project as a SQLite file, applied from the tables' topics. It is a
// projection: (topic, partition, next offset) is written in the transaction that holds the rows, so
// that a crash loses and doubles nothing; when the file is deleted it is made anew from the topics.
//
// One thread applies all tables; a transaction takes what is there, up to a limit, so that a slow
// trickle is visible at once and a flood shares its fsyncs.
//
// In the file: a table of its name for each streaming table and materialized view;
// `_millrace_tables` (name, topic and its id, Spark schema, key) and `_millrace_positions` (table,
// partition, next offset). docs/format/tables-db.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/thread.h"
#include "flow/feed_driver.h"
#include "flow/scan_decoder.h"
#include "flow/status.h"
#include "log/log.h"
#include "plan/catalog.h"
#include "sqlite/database.h"

namespace millrace::flow {

/// A step machine. Owned by one thread.
class TableWriter {
 public:
  /// Records of one table in one transaction, about; a refresh of a view is never cut.
  static constexpr std::uint64_t kBytesPerTransaction = 8U << 20U;

  struct Table {
    std::shared_ptr<const plan::Relation> relation;
    TableStatus* status = nullptr;
  };

  TableWriter(sqlite::Database database,
              log::Log& log,
              const Clock& clock,
              Wakeup& wakeup,
              std::vector<Table> tables);
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;
  ~TableWriter();

  /// Makes tables that are missing, adds columns that were added, refuses other changes (kConflict
  /// with the --full-refresh command).
  Result<void> open();

  /// Applies what the topics have, at most one transaction.
  StepResult step();

  /// All that the topics have is in the file.
  [[nodiscard]] bool caught_up();

 private:
  struct Partition {
    PartitionId number{0};
    Offset next{0};
    log::Registration subscription = {};
  };

  struct Target {
    Table table;
    std::unique_ptr<ScanDecoder> decoder = {};
    std::vector<Partition> partitions = {};
    std::optional<sqlite::Statement> upsert = {};
    std::optional<sqlite::Statement> erase = {};
  };

  Result<void> make_catalog();
  Result<void> open_table(Target& target);
  Result<bool> keep_table(const Target& target, const std::string& topic_id);
  Result<void> create_table(const plan::Relation& relation, const std::string& topic_id);
  Result<void> add_columns(const plan::Relation& relation, std::size_t known);
  Result<void> open_positions(Target& target, std::int32_t partitions);
  Result<void> prepare(Target& target);
  Result<std::uint64_t> apply(Target& target, Partition& partition, Offset end);
  Result<void> save_position(const Target& target, const Partition& partition);
  Result<void> save_positions();
  Result<std::uint64_t> apply_chunk(Target& target, const RecordChunk& chunk);
  Result<void> erase(Target& target, const record::RecordView& record);
  Result<bool> apply_all();
  /// What is new in all partitions, and how many records of each target. False: nothing is new.
  Result<bool> apply_each(std::span<std::uint64_t> records);
  /// What is new in a partition; the first of all begins the transaction. How many records.
  Result<std::uint64_t> apply_new(Target& target,
                                  Partition& partition,
                                  std::optional<sqlite::Transaction>& transaction);
  void update_lag();

  sqlite::Database database_;
  log::Log& log_;
  const Clock& clock_;
  Wakeup& wakeup_;
  std::vector<Target> targets_;
  std::optional<sqlite::Statement> save_position_;
  Backoff backoff_{BackoffOptions{.first_ms = 50, .max_ms = 5'000}};
  Random random_;
  std::int64_t not_before_ns_ = 0;
  std::int64_t last_applied_ns_ = 0;
  bool holds_memory_ = true;  // Pages of SQLite, since the last transaction.
};

/// The table's schema as `_millrace_tables` keeps it: a JSON array of [name, type].
std::string schema_to_text(const data::Schema& schema);

}  // namespace millrace::flow
