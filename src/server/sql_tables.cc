// Rows of tables (from tables.db) and of topics (from the log) for interactive queries.
#include <algorithm>
#include <utility>

#include "base/log_line.h"
#include "data/column_builder.h"
#include "flow/record_chunk.h"
#include "flow/scan_decoder.h"
#include "flow/sqlite_values.h"
#include "server/detail/sql_catalog.h"
#include "sqlite/database.h"

namespace millrace::server::detail {

using plan::Relation;
using plan::RelationKind;

namespace {

constexpr std::size_t kReadBytes = 1U << 20U;

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

/// Records of a topic up to where it ended when the query began. Owned by one thread.
class TopicRows final : public exec::BatchSource {
 public:
  TopicRows(log::Log& log, std::unique_ptr<flow::ScanDecoder> decoder, std::string topic)
      : log_(log), decoder_(std::move(decoder)), topic_(std::move(topic)) {
    const auto info = log.topic(topic_);
    for (std::int32_t number = 0; info && number < info->partitions; ++number) {
      if (const auto partition = log.describe({topic_, PartitionId(number)})) {
        parts_.push_back({.partition = PartitionId(number),
                          .at = partition->log_start_offset.value(),
                          .end = partition->last_stable_offset.value()});
      }
    }
  }

  Result<bool> next(data::Batch& batch) override {
    while (part_ < parts_.size()) {
      if (chunks_ && TRY(chunks_->next(chunk_))) {
        std::vector<flow::Undecodable> undecodable;
        batch = decoder_->decode(chunk_, undecodable);
        if (!undecodable.empty()) {
          MR_LOG(warning,
                 "records left out of a query: the declared columns cannot decode them",
                 {"topic", topic_},
                 {"count", undecodable.size()});
        }
        return true;
      }
      chunks_.reset();
      Part& part = parts_[part_];
      if (part.at >= part.end) {
        ++part_;
        continue;
      }
      TRY(read(part));
    }
    return false;
  }

 private:
  struct Part {
    PartitionId partition{0};
    std::int64_t at = 0;
    std::int64_t end = 0;
  };

  Result<void> read(Part& part) {
    read_ = TRY(log_.read({topic_, part.partition}, Offset(part.at), {.max_bytes = kReadBytes}));
    if (read_.error == log::KafkaError::kOffsetOutOfRange &&
        read_.log_start_offset.value() > part.at) {
      part.at = read_.log_start_offset.value();  // Retention was faster.
      return {};
    }
    if (read_.error != log::KafkaError::kNone || read_.next_offset.value() <= part.at) {
      part.at = part.end;
      return {};
    }
    chunks_ = std::make_unique<flow::ChunkReader>(read_, part.partition, Offset(part.at));
    part.at = read_.next_offset.value();
    return {};
  }

  log::Log& log_;
  std::unique_ptr<flow::ScanDecoder> decoder_;
  const std::string topic_;
  std::vector<Part> parts_;
  std::size_t part_ = 0;
  log::ReadResult read_;
  flow::RecordChunk chunk_;
  std::unique_ptr<flow::ChunkReader> chunks_;
};

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
      auto decoder = TRY(flow::ScanDecoder::make(scan, 0));
      return std::unique_ptr<exec::BatchSource>(
          std::make_unique<TopicRows>(*world_.log, std::move(decoder), relation.topic));
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
