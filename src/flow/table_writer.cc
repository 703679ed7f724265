#include "flow/table_writer.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "base/fault.h"
#include "base/json_text.h"
#include "base/log_line.h"
#include "config/option_table.h"
#include "flow/record_chunk.h"
#include "flow/row_encoder.h"
#include "flow/sqlite_values.h"

namespace millrace::flow {

namespace {

constexpr std::size_t kReadBytes = 1U << 20U;
// After so long without a record the pages in memory are better given back. Before the log does the
// same, which then returns free memory to the system.
constexpr std::int64_t kIdleNs = 10'000'000'000;
// Mutation check: rows and positions in two transactions.
constexpr std::string_view kPositionsApart = "tables.positions_apart";

std::string key_text(const plan::Relation& relation) {
  if (plan::has_row_numbers(relation)) {
    return "\"row number\"";
  }
  std::string text = "[";
  for (const std::size_t column : relation.key) {
    text += text.size() == 1 ? "" : ",";
    append_json_string(text, relation.schema.fields[column].name);
  }
  return text += "]";
}

std::string create_sql(const plan::Relation& relation) {
  std::string sql = "CREATE TABLE " + sqlite::quote_identifier(relation.name) + " (";
  for (const data::Field& field : relation.schema.fields) {
    sql += sql.back() == '(' ? "" : ", ";
    sql += sqlite::quote_identifier(field.name) + " " + std::string(sqlite_type(field.type));
  }
  if (!relation.key.empty()) {
    sql += ", PRIMARY KEY (";
    for (const std::size_t column : relation.key) {
      sql += sql.back() == '(' ? "" : ", ";
      sql += sqlite::quote_identifier(relation.schema.fields[column].name);
    }
    sql += ")";
  }
  return sql += ")";
}

bool is_key(const plan::Relation& relation, std::size_t column) {
  return std::ranges::find(relation.key, column) != relation.key.end();
}

/// A name of SQLite's rowid that no column of the table has.
Result<std::string> rowid_of(const plan::Relation& relation) {
  for (const char* name : {"rowid", "_rowid_", "oid"}) {
    if (!relation.schema.find(name)) {
      return std::string(name);
    }
  }
  return Error(ErrorCode::kUnsupported,
               "its columns take all names of SQLite's row number: rowid, _rowid_ and oid; rename "
               "one of them, or give the view a millrace.key");
}

/// For a view with row numbers: the number comes after the columns.
std::string upsert_numbered_sql(const plan::Relation& relation, const std::string& rowid) {
  std::string names;
  std::string values;
  const auto& fields = relation.schema.fields;
  for (std::size_t column = 0; column < fields.size(); ++column) {
    names += sqlite::quote_identifier(fields[column].name) + ", ";
    values += "?" + std::to_string(column + 1) + ", ";
  }
  return "INSERT OR REPLACE INTO " + sqlite::quote_identifier(relation.name) + " (" + names +
         rowid + ") VALUES (" + values + "?" + std::to_string(fields.size() + 1) + ")";
}

std::string upsert_sql(const plan::Relation& relation) {
  const auto& fields = relation.schema.fields;
  std::string sql = "INSERT INTO " + sqlite::quote_identifier(relation.name) + " VALUES (";
  for (std::size_t column = 0; column < fields.size(); ++column) {
    sql += (column == 0 ? "?" : ", ?") + std::to_string(column + 1);
  }
  sql += ")";
  if (relation.key.empty()) {
    return sql;
  }
  sql += " ON CONFLICT DO ";
  std::string sets;
  for (std::size_t column = 0; column < fields.size(); ++column) {
    if (!is_key(relation, column)) {
      const std::string name = sqlite::quote_identifier(fields[column].name);
      sets += sets.empty() ? "" : ", ";
      sets.append(name).append(" = excluded.").append(name);
    }
  }
  return sql += sets.empty() ? "NOTHING" : "UPDATE SET " + sets;
}

std::string erase_sql(const plan::Relation& relation) {
  std::string sql = "DELETE FROM " + sqlite::quote_identifier(relation.name) + " WHERE ";
  for (std::size_t index = 0; index < relation.key.size(); ++index) {
    sql += index == 0 ? "" : " AND ";
    sql += sqlite::quote_identifier(relation.schema.fields[relation.key[index]].name) + " = ?" +
           std::to_string(index + 1);
  }
  return sql;
}

/// Of the key of a record of a view with row numbers; nothing for a record that is none of ours.
std::optional<std::int64_t> row_number(std::optional<std::string_view> key) {
  return key ? config::parse_int(*key) : std::nullopt;
}

/// How many columns a text of schema_to_text has.
Result<std::size_t> columns_of(const std::string& schema) {
  simdjson::dom::parser parser;
  simdjson::dom::array columns;
  if (parser.parse(schema).get(columns) != simdjson::SUCCESS) {
    return Error(ErrorCode::kCorruption, "_millrace_tables holds no schema: " + schema);
  }
  return columns.size();
}

/// All columns of a table, as a scan.
plan::Scan scan_of(const std::shared_ptr<const plan::Relation>& relation) {
  plan::Scan scan{.relation = relation};
  for (std::size_t column = 0; column < relation->schema.fields.size(); ++column) {
    scan.columns.push_back(column);
  }
  return scan;
}

}  // namespace

std::string schema_to_text(const data::Schema& schema) {
  std::string text = "[";
  for (const data::Field& field : schema.fields) {
    text += text.size() == 1 ? "[" : ",[";
    append_json_string(text, field.name);
    text += ',';
    append_json_string(text, field.type.to_string());
    text += ']';
  }
  return text += "]";
}

TableWriter::TableWriter(sqlite::Database database,
                         log::Log& log,
                         const Clock& clock,
                         Wakeup& wakeup,
                         std::vector<Table> tables)
    : database_(std::move(database)),
      log_(log),
      clock_(clock),
      wakeup_(wakeup),
      random_(0xA0761D6478BD642FULL) {
  for (Table& table : tables) {
    targets_.push_back({.table = std::move(table)});
  }
}

TableWriter::~TableWriter() {
  for (const Target& target : targets_) {
    for (const Partition& partition : target.partitions) {
      log_.release_hold("tables.db", {target.table.relation->topic, partition.number});
    }
  }
}

Result<void> TableWriter::open() {
  TRY_DOING(make_catalog(), "open tables.db");
  for (Target& target : targets_) {
    TRY_DOING(open_table(target), "open table " + target.table.relation->name);
  }
  save_position_ =
      TRY(database_.prepare("INSERT INTO _millrace_positions VALUES (?1, ?2, ?3) "
                            "ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset"));
  return {};
}

Result<void> TableWriter::make_catalog() {
  return database_.exec(
      "CREATE TABLE IF NOT EXISTS _millrace_tables ("
      "name TEXT PRIMARY KEY, topic TEXT NOT NULL, topic_id TEXT NOT NULL, schema TEXT NOT NULL, "
      "key TEXT NOT NULL);"
      "CREATE TABLE IF NOT EXISTS _millrace_positions ("
      "table_name TEXT, partition INTEGER, next_offset INTEGER NOT NULL, "
      "PRIMARY KEY (table_name, partition))");
}

Result<void> TableWriter::open_table(Target& target) {
  const plan::Relation& relation = *target.table.relation;
  const auto topic = log_.topic(relation.topic);
  if (!topic) {
    return Error(ErrorCode::kNotFound, "there is no topic " + relation.topic);
  }
  const std::string topic_id = topic->id.to_string();
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(database_));
  if (!TRY(keep_table(target, topic_id))) {
    TRY(create_table(relation, topic_id));
  }
  TRY(transaction.commit());
  target.decoder = TRY(ScanDecoder::make(scan_of(target.table.relation), 0));
  TRY(open_positions(target, topic->partitions));
  return prepare(target);
}

// False when the table has to be made (anew). kConflict when its schema cannot become the new one.
Result<bool> TableWriter::keep_table(const Target& target, const std::string& topic_id) {
  const plan::Relation& relation = *target.table.relation;
  sqlite::Statement known =
      TRY(database_.prepare("SELECT topic_id, schema, key FROM _millrace_tables WHERE name = ?1"));
  known.bind_text(1, relation.name);
  if (!TRY(known.step())) {
    return false;
  }
  const std::string schema(known.column_text(1));
  const std::string key(known.column_text(2));
  const bool same_topic = known.column_text(0) == topic_id;
  known.reset();
  if (!same_topic) {
    MR_LOG(warning,
           "a table's topic was made anew; the table is built again",
           {"table", relation.name});
    return false;
  }
  const std::string wanted = schema_to_text(relation.schema);
  const bool same_key = key == key_text(relation);
  if (same_key && schema == wanted) {
    return true;
  }
  const std::string begin = schema.substr(0, schema.size() - 1) + ",";
  if (same_key && wanted.starts_with(begin)) {
    TRY(add_columns(relation, TRY(columns_of(schema))));
    return true;
  }
  return Error(ErrorCode::kConflict,
               "its columns or key changed in a way that is more than added columns: was " +
                   schema + " key " + key + ", is " + wanted + " key " + key_text(relation) +
                   "; to build it again: millrace run --full-refresh " + relation.name);
}

Result<void> TableWriter::add_columns(const plan::Relation& relation, std::size_t known) {
  const auto& fields = relation.schema.fields;
  for (std::size_t column = known; column < fields.size(); ++column) {
    TRY(database_.exec("ALTER TABLE " + sqlite::quote_identifier(relation.name) + " ADD COLUMN " +
                       sqlite::quote_identifier(fields[column].name) + " " +
                       std::string(sqlite_type(fields[column].type))));
  }
  sqlite::Statement update =
      TRY(database_.prepare("UPDATE _millrace_tables SET schema = ?1 WHERE name = ?2"));
  update.bind_text(1, schema_to_text(relation.schema));
  update.bind_text(2, relation.name);
  return update.run();
}

Result<void> TableWriter::create_table(const plan::Relation& relation,
                                       const std::string& topic_id) {
  TRY(database_.exec("DROP TABLE IF EXISTS " + sqlite::quote_identifier(relation.name)));
  TRY(database_.exec(create_sql(relation)));
  sqlite::Statement forget =
      TRY(database_.prepare("DELETE FROM _millrace_positions WHERE table_name = ?1"));
  forget.bind_text(1, relation.name);
  TRY(forget.run());
  sqlite::Statement note =
      TRY(database_.prepare("INSERT OR REPLACE INTO _millrace_tables VALUES (?1, ?2, ?3, ?4, ?5)"));
  note.bind_text(1, relation.name);
  note.bind_text(2, relation.topic);
  note.bind_text(3, topic_id);
  note.bind_text(4, schema_to_text(relation.schema));
  note.bind_text(5, key_text(relation));
  return note.run();
}

Result<void> TableWriter::open_positions(Target& target, std::int32_t partitions) {
  const plan::Relation& relation = *target.table.relation;
  sqlite::Statement find = TRY(database_.prepare(
      "SELECT next_offset FROM _millrace_positions WHERE table_name = ?1 AND partition = ?2"));
  for (std::int32_t number = 0; number < partitions; ++number) {
    Partition partition{.number = PartitionId(number)};
    find.bind_text(1, relation.name);
    find.bind(2, number);
    const log::TopicPartition where{relation.topic, partition.number};
    const auto info = log_.describe(where);
    if (TRY(find.step())) {
      partition.next = Offset(find.column_int(0));
    } else if (info) {
      partition.next = info->log_start_offset;
    }
    find.reset();
    if (info && partition.next > info->high_watermark) {
      return Error(ErrorCode::kConflict,
                   fmt::format("it holds records up to offset {} of topic {} partition {}, whose "
                               "log ends at {}: the log and tables.db are of two lives; remove "
                               "tables.db to build it again from the log",
                               partition.next,
                               relation.topic,
                               number,
                               info->high_watermark));
    }
    partition.subscription = log_.subscribe(where, [&wakeup = wakeup_] { wakeup.notify(); });
    log_.hold("tables.db", where, partition.next);
    target.partitions.push_back(std::move(partition));
  }
  return {};
}

Result<void> TableWriter::prepare(Target& target) {
  const plan::Relation& relation = *target.table.relation;
  if (plan::has_row_numbers(relation)) {
    const std::string rowid = TRY(rowid_of(relation));
    target.upsert = TRY(database_.prepare(upsert_numbered_sql(relation, rowid)));
    target.erase = TRY(database_.prepare("DELETE FROM " + sqlite::quote_identifier(relation.name) +
                                         " WHERE " + rowid + " = ?1"));
    return {};
  }
  target.upsert = TRY(database_.prepare(upsert_sql(relation)));
  if (!relation.key.empty()) {
    target.erase = TRY(database_.prepare(erase_sql(relation)));
  }
  return {};
}

StepResult TableWriter::step() {
  const std::int64_t now = clock_.monotonic_ns();
  if (now < not_before_ns_) {
    return {.due_ns = not_before_ns_};
  }
  auto applied = apply_all();
  if (!applied) {
    for (const Target& target : targets_) {
      target.table.status->problem.set("tables.db cannot be written, trying again: " +
                                       applied.error().to_string());
    }
    not_before_ns_ = now + backoff_.next_ms(random_) * 1'000'000;
    return {.due_ns = not_before_ns_};
  }
  if (!*applied && holds_memory_ && now >= last_applied_ns_ + kIdleNs) {
    database_.release_memory();
    holds_memory_ = false;
  }
  if (*applied) {
    backoff_.reset();
    last_applied_ns_ = now;
    holds_memory_ = true;
    for (const Target& target : targets_) {
      target.table.status->problem.set({});
    }
  }
  return {.progressed = *applied};
}

Result<std::uint64_t> TableWriter::apply_new(Target& target,
                                             Partition& partition,
                                             std::optional<sqlite::Transaction>& transaction) {
  const auto info = log_.describe({target.table.relation->topic, partition.number});
  if (!info || info->last_stable_offset <= partition.next) {
    return std::uint64_t{0};
  }
  if (!transaction) {
    transaction.emplace(TRY(sqlite::Transaction::begin(database_)));
  }
  return apply(target, partition, info->last_stable_offset);
}

Result<bool> TableWriter::apply_each(std::span<std::uint64_t> records) {
  std::optional<sqlite::Transaction> transaction;
  for (std::size_t index = 0; index < targets_.size(); ++index) {
    for (Partition& partition : targets_[index].partitions) {
      records[index] += TRY(apply_new(targets_[index], partition, transaction));
    }
  }
  if (transaction) {
    MR_FAULT("tables.commit");
    TRY(transaction->commit());
    if (is_mutated(kPositionsApart)) {
      MR_FAULT("tables.rows_committed");
      transaction.emplace(TRY(sqlite::Transaction::begin(database_)));
      TRY(save_positions());
      TRY(transaction->commit());
    }
    MR_FAULT("tables.committed");
  }
  return transaction.has_value();
}

// One transaction over all tables. The offsets in memory move only when it is committed.
Result<bool> TableWriter::apply_all() {
  std::vector<std::vector<Offset>> before;
  for (const Target& target : targets_) {
    auto& offsets = before.emplace_back();
    for (const Partition& partition : target.partitions) {
      offsets.push_back(partition.next);
    }
  }
  const auto restore = [&] {
    for (std::size_t target = 0; target < targets_.size(); ++target) {
      for (std::size_t index = 0; index < before[target].size(); ++index) {
        targets_[target].partitions[index].next = before[target][index];
      }
    }
  };
  std::vector<std::uint64_t> records(targets_.size(), 0);
  auto committed = apply_each(records);
  if (!committed) {
    restore();
    return std::move(committed).error();
  }
  for (std::size_t index = 0; index < targets_.size(); ++index) {
    targets_[index].table.status->applied += records[index];
    for (const Partition& partition : targets_[index].partitions) {
      log_.hold(
          "tables.db", {targets_[index].table.relation->topic, partition.number}, partition.next);
    }
  }
  update_lag();
  return *committed;
}

// Applies what lies before `end`, or about kBytesPerTransaction of it.
Result<std::uint64_t> TableWriter::apply(Target& target, Partition& partition, Offset end) {
  const std::string& topic = target.table.relation->topic;
  const bool whole = target.table.relation->kind == plan::RelationKind::kMaterializedView;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  // A refresh of a view is seen as a whole: the end that the log names is the end of a frame.
  while (partition.next < end && (whole || bytes < kBytesPerTransaction)) {
    bytes += kReadBytes;
    log::ReadResult read =
        TRY(log_.read({topic, partition.number}, partition.next, {.max_bytes = kReadBytes}));
    if (read.error != log::KafkaError::kNone) {
      return Error(
          ErrorCode::kCorruption,
          fmt::format("topic {} partition {} cannot be read at offset {}; remove tables.db "
                      "to build it again from what the topic has",
                      topic,
                      partition.number,
                      partition.next));
    }
    if (read.next_offset == partition.next) {
      break;
    }
    while (!read.batches.empty() && read.batches.back().base_offset >= end) {
      read.batches.pop_back();
    }
    ChunkReader chunks(read, partition.number, partition.next);
    RecordChunk chunk;
    while (TRY(chunks.next(chunk))) {
      records += TRY(apply_chunk(target, chunk));
    }
    partition.next = std::min(read.next_offset, end);
  }
  if (!is_mutated(kPositionsApart)) {
    TRY(save_position(target, partition));
  }
  return records;
}

Result<void> TableWriter::save_position(const Target& target, const Partition& partition) {
  save_position_->bind_text(1, target.table.relation->name);
  save_position_->bind(2, partition.number.value());
  save_position_->bind(3, partition.next.value());
  return save_position_->run();
}

Result<void> TableWriter::save_positions() {
  for (const Target& target : targets_) {
    for (const Partition& partition : target.partitions) {
      TRY(save_position(target, partition));
    }
  }
  return {};
}

Result<std::uint64_t> TableWriter::apply_chunk(Target& target, const RecordChunk& chunk) {
  std::vector<Undecodable> undecodable;
  const data::Batch batch = target.decoder->decode(chunk, undecodable);
  if (!undecodable.empty()) {
    MR_LOG(warning,
           "records of a table's topic are no rows of it and were left out",
           {"table", target.table.relation->name},
           {"records", undecodable.size()},
           {"first", undecodable.front().reason});
  }
  const bool numbered = plan::has_row_numbers(*target.table.relation);
  std::vector<std::string> scratch(batch.columns.size());
  std::size_t selected = 0;
  for (std::size_t row = 0; row < chunk.records.size(); ++row) {
    if (selected < batch.selection.size() && batch.selection[selected] == row) {
      ++selected;
      for (std::size_t column = 0; column < batch.columns.size(); ++column) {
        bind_value(*target.upsert,
                   static_cast<int>(column) + 1,
                   *batch.columns[column],
                   row,
                   scratch[column]);
      }
      if (numbered) {
        const auto number = row_number(chunk.records[row].key);
        if (!number) {
          continue;
        }
        target.upsert->bind(static_cast<int>(batch.columns.size()) + 1, *number);
      }
      TRY(target.upsert->run());
    } else if (!chunk.records[row].value && target.erase) {
      TRY(erase(target, chunk.records[row]));
    }
  }
  return chunk.records.size();
}

Result<void> TableWriter::erase(Target& target, const record::RecordView& record) {
  if (plan::has_row_numbers(*target.table.relation)) {
    const auto number = row_number(record.key);
    if (!number) {
      return {};
    }
    target.erase->bind(1, *number);
    return target.erase->run();
  }
  const auto columns = decode_key(*target.table.relation, record.key.value_or(""));
  if (!columns) {
    return {};
  }
  std::vector<std::string> scratch(columns->size());
  for (std::size_t index = 0; index < columns->size(); ++index) {
    bind_value(*target.erase, static_cast<int>(index) + 1, *(*columns)[index], 0, scratch[index]);
  }
  return target.erase->run();
}

void TableWriter::update_lag() {
  for (const Target& target : targets_) {
    std::int64_t lag = 0;
    std::int64_t next = 0;
    for (const Partition& partition : target.partitions) {
      next += partition.next.value();
      if (const auto info = log_.describe({target.table.relation->topic, partition.number})) {
        lag += std::max<std::int64_t>(0, info->last_stable_offset - partition.next);
      }
    }
    target.table.status->lag = lag;
    target.table.status->next = next;
  }
}

bool TableWriter::caught_up() {
  update_lag();
  return std::ranges::all_of(targets_,
                             [](const Target& target) { return target.table.status->lag == 0; });
}

}  // namespace millrace::flow
