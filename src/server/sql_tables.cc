// Rows of tables (from tables.db) and of topics (from the log) for interactive queries.
#include <utility>

#include "base/log_line.h"
#include "data/column_builder.h"
#include "flow/sqlite_values.h"
#include "flow/topic_rows.h"
#include "server/detail/sql_catalog.h"
#include "sqlite/database.h"

namespace millrace::server::detail {

using plan::Relation;
using plan::RelationKind;

namespace {

/// Owned by one thread.
class NoRows final : public exec::BatchSource {
 public:
  Result<bool> next(data::Batch& /*batch*/) override { return false; }
};

/// Rows of one table. Owned by one thread.
class TableRows final : public exec::BatchSource {
 public:
  TableRows(sqlite::Database database, sqlite::Statement rows, const plan::Scan& scan)
      : database_(std::move(database)), rows_(std::move(rows)) {
    for (const std::size_t column : scan.columns) {
      builders_.emplace_back(scan.relation->schema.fields[column].type, data::kBatchRows);
    }
  }

  Result<bool> next(data::Batch& batch) override {
    batch = {};
    while (!done_ && batch.rows < data::kBatchRows) {
      if (!TRY(rows_.step())) {
        done_ = true;
        break;
      }
      for (std::size_t column = 0; column < builders_.size(); ++column) {
        TRY(flow::read_value(rows_, static_cast<int>(column), builders_[column]));
      }
      ++batch.rows;
    }
    if (batch.rows == 0) {
      return false;
    }
    for (data::ColumnBuilder& builder : builders_) {
      batch.columns.push_back(builder.finish());
    }
    batch.selection = data::Selection::all(batch.rows);
    return true;
  }

 private:
  sqlite::Database database_;
  sqlite::Statement rows_;
  std::vector<data::ColumnBuilder> builders_;
  bool done_ = false;
};

Result<std::unique_ptr<exec::BatchSource>> open_table(const std::string& path,
                                                      const plan::Scan& scan) {
  std::unique_ptr<exec::BatchSource> none = std::make_unique<NoRows>();
  auto database = sqlite::Database::open(
      path, {.access = sqlite::Access::kReadOnly, .statement_ms = sqlite::kReaderMs});
  if (!database) {
    if (path.empty() || database.error().code() == ErrorCode::kNotFound) {
      return none;  // Nothing has run yet.
    }
    return std::move(database).error();
  }
  sqlite::Statement known = TRY(
      database->prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?1"));
  known.bind_text(1, scan.relation->name);
  if (!TRY(known.step()) || known.column_int(0) == 0) {
    return none;
  }
  std::string columns;
  for (const std::size_t column : scan.columns) {
    columns += columns.empty() ? "" : ", ";
    columns += sqlite::quote_identifier(scan.relation->schema.fields[column].name);
  }
  sqlite::Statement rows =
      TRY(database->prepare("SELECT " + (columns.empty() ? std::string("1") : columns) + " FROM " +
                            sqlite::quote_identifier(scan.relation->name)));
  return std::unique_ptr<exec::BatchSource>(
      std::make_unique<TableRows>(*std::move(database), std::move(rows), scan));
}

void warn_of_left_out(const Relation& relation, const std::vector<flow::Undecodable>& records) {
  MR_LOG(warning,
         "records left out of a query: the declared columns cannot decode them",
         {"topic", relation.topic},
         {"count", records.size()});
}

}  // namespace

Result<std::unique_ptr<exec::BatchSource>> SessionTables::open(const plan::Scan& scan) {
  const Relation& relation = *scan.relation;
  switch (relation.kind) {
    case RelationKind::kStreamingTable:
    case RelationKind::kMaterializedView:
      return open_table(world_.tables_path, scan);
    case RelationKind::kSource:
    case RelationKind::kTopic: {
      if (world_.log == nullptr) {
        return std::unique_ptr<exec::BatchSource>(std::make_unique<NoRows>());
      }
      // Up to where the topic ends as the query begins.
      flow::TopicTables topics(*world_.log,
                               {{relation.topic, flow::topic_ends(*world_.log, relation.topic)}},
                               {.left_out = warn_of_left_out});
      return topics.open(scan);
    }
    case RelationKind::kFile:
      return open_files(world_, scan);
    case RelationKind::kView:
    case RelationKind::kTemporaryView:
      break;
  }
  return Error(ErrorCode::kInternal, "a view is no table: " + relation.name);
}

}  // namespace millrace::server::detail
