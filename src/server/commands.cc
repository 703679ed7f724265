#include "server/commands.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/suggest.h"
#include "broker/broker.h"
#include "console/json_out.h"
#include "flow/dead_letter.h"
#include "flow/position.h"
#include "log/topic_config.h"
#include "server/detail/records.h"
#include "sqlite/database.h"

namespace millrace::server {

using console::JsonOut;

namespace {

void write_partition(std::int32_t number, const log::PartitionInfo& info, JsonOut& out) {
  out.begin_object()
      .field("partition", number)
      .field("start", info.log_start_offset.value())
      .field("end", info.high_watermark.value())
      .field("last_stable", info.last_stable_offset.value())
      .field("bytes", info.bytes)
      .field("segments", info.segments)
      .field("flushed", info.flushed_offset.value())
      .field("max_timestamp_ms", info.max_timestamp_ms);
  if (info.held_at) {
    out.field("held_at", info.held_at->value());
  }
  out.field("hold_exceeded", info.hold_exceeded).end_object();
}

void write_value(const sqlite::Statement& row, int column, const data::Type* type, JsonOut& out) {
  using data::TypeKind;
  switch (row.column_type(column)) {
    case sqlite::ColumnType::kNull:
      out.null();
      return;
    case sqlite::ColumnType::kInteger:
      if (type != nullptr && type->kind() == TypeKind::kBoolean) {
        out.value(row.column_int(column) != 0);
      } else {
        out.value(row.column_int(column));
      }
      return;
    case sqlite::ColumnType::kReal:
      out.raw(std::isfinite(row.column_double(column))
                  ? fmt::format("{}", row.column_double(column))
                  : "null");
      return;
    case sqlite::ColumnType::kBlob:
      out.begin_object().field("base64", to_base64(row.column_blob(column))).end_object();
      return;
    case sqlite::ColumnType::kText:
      break;
  }
  if (type != nullptr && type->is_nested()) {
    out.raw(row.column_text(column));
  } else {
    out.value(detail::shorten(row.column_text(column)));
  }
}

/// "users_created.dead_letter" or "users_created" → the topic, if it is there.
Result<std::string> find_dead_letters(Instance& instance, const std::string& name) {
  std::string topic =
      name.ends_with(flow::kDeadLetterSuffix) ? name : flow::dead_letter_topic(name);
  if (instance.log().topic(topic)) {
    return topic;
  }
  std::vector<std::string> names;
  for (const log::TopicInfo& other : instance.log().topics()) {
    if (other.name.ends_with(flow::kDeadLetterSuffix)) {
      names.push_back(other.name.substr(0, other.name.size() - flow::kDeadLetterSuffix.size()));
    }
  }
  return Error(ErrorCode::kNotFound,
               "there are no dead letters of " + name + did_you_mean(name, names));
}

void write_letter(const detail::StoredRecord& record, JsonOut& out) {
  out.begin_object();
  detail::write_record_fields(record, out);
  for (const auto& [header, field] : {std::pair{"millrace.reason", "reason"},
                                      std::pair{"millrace.class", "class"},
                                      std::pair{"millrace.topic", "origin_topic"},
                                      std::pair{"millrace.partition", "origin_partition"},
                                      std::pair{"millrace.offset", "origin_offset"},
                                      std::pair{"millrace.epoch", "epoch"}}) {
    if (const std::string* text = record.header(header)) {
      out.field(field, detail::shorten(*text));
    }
  }
  out.end_object();
}

}  // namespace

std::string topics_json(Instance& instance) {
  const console::Overview view = instance.observe();
  JsonOut out;
  out.begin_object().key("topics").begin_array();
  for (const console::TopicView& topic : view.topics) {
    out.begin_object()
        .field("name", topic.name)
        .field("role", topic.role)
        .field("partitions", topic.partitions)
        .field("start", topic.start)
        .field("end", topic.end)
        .field("bytes", topic.bytes)
        .end_object();
  }
  return out.end_array().end_object().take();
}

Result<std::string> topic_json(Instance& instance, const std::string& topic) {
  const log::TopicInfo info = TRY(detail::find_topic(instance.log(), topic));
  JsonOut out;
  out.begin_object()
      .field("name", info.name)
      .field("id", info.id.to_string())
      .field("internal", info.internal);
  out.key("config").begin_object();
  for (const auto& [name, value] : log::topic_config_to_map(info.config, info.settings)) {
    out.field(name, value);
  }
  out.end_object().key("partitions").begin_array();
  for (std::int32_t number = 0; number < info.partitions; ++number) {
    if (const auto partition = instance.log().describe({info.name, PartitionId(number)})) {
      write_partition(number, *partition, out);
    }
  }
  return out.end_array().end_object().take();
}

Result<std::string> group_json(Instance& instance, const std::string& group) {
  const broker::Broker* const broker = instance.broker();
  const broker::BrokerSummary kafka =
      broker != nullptr ? broker->summary() : broker::BrokerSummary();
  const auto found = std::ranges::find(kafka.groups, group, &broker::GroupSummary::name);
  if (found == kafka.groups.end()) {
    return Error(ErrorCode::kNotFound, "there is no consumer group " + group);
  }
  JsonOut out;
  out.begin_object();
  console::write_group_fields(*found, out);
  out.key("offsets").begin_array();
  for (const broker::GroupOffset& offset : found->offsets) {
    out.begin_object()
        .field("topic", offset.topic)
        .field("partition", offset.partition)
        .field("committed", offset.committed)
        .field("end", offset.end)
        .field("lag", offset.lag())
        .end_object();
  }
  return out.end_array().end_object().take();
}

Result<std::string> records_json(Instance& instance, const RecordsQuery& query) {
  const detail::RecordPage page = TRY(detail::read_records(instance.log(), query));
  JsonOut out;
  out.begin_object().field("topic", query.topic).key("records").begin_array();
  for (const detail::StoredRecord& record : page.records) {
    out.begin_object();
    detail::write_record_fields(record, out);
    out.end_object();
  }
  out.end_array().key("next").begin_object();
  for (const auto& [partition, offset] : page.next) {
    out.field(std::to_string(partition), offset);
  }
  return out.end_object().end_object().take();
}

Result<std::string> dead_letters_json(Instance& instance) {
  JsonOut out;
  out.begin_object().key("dead_letters").begin_array();
  const console::Overview view = instance.observe();
  for (const auto& [name, count] : view.dead_letters) {
    const std::string topic = flow::dead_letter_topic(name);
    const detail::RecordPage page =
        TRY(detail::read_records(instance.log(), {.topic = topic, .limit = kRecordsMax}));
    std::map<std::string, std::int64_t> classes;
    for (const detail::StoredRecord& record : page.records) {
      const std::string* error_class = record.header("millrace.class");
      ++classes[error_class != nullptr ? *error_class : std::string()];
    }
    out.begin_object().field("name", name).field("topic", topic).field("count", count);
    out.key("classes").begin_object();
    for (const auto& [error_class, times] : classes) {
      out.field(error_class, times);
    }
    out.end_object().end_object();
  }
  return out.end_array().end_object().take();
}

Result<std::string> dead_letter_records_json(Instance& instance,
                                             const std::string& name,
                                             std::int64_t limit) {
  const std::string topic = TRY(find_dead_letters(instance, name));
  const detail::RecordPage page =
      TRY(detail::read_records(instance.log(), {.topic = topic, .limit = limit}));
  JsonOut out;
  out.begin_object().field("name", name).field("topic", topic).key("records").begin_array();
  for (const detail::StoredRecord& record : page.records) {
    write_letter(record, out);
  }
  return out.end_array().end_object().take();
}

Result<std::string> replay_json(Instance& instance, const ReplayQuery& query) {
  const std::string topic = TRY(find_dead_letters(instance, query.name));
  const detail::ReplayCount count =
      TRY(detail::replay(instance.log(), instance.clock(), topic, query.offset));
  JsonOut out;
  return out.begin_object()
      .field("name", query.name)
      .field("replayed", count.replayed)
      .field("skipped", count.skipped)
      .field("replayed_in_all", count.replayed_in_all)
      .end_object()
      .take();
}

Result<std::string> table_rows_json(Instance& instance,
                                    const std::string& table,
                                    std::int64_t limit) {
  const std::shared_ptr<const plan::Pipeline> pipeline = instance.pipeline();
  const std::shared_ptr<const plan::Relation> relation = pipeline ? pipeline->find(table) : nullptr;
  sqlite::Database database = TRY(sqlite::Database::open(
      instance.tables_path(),
      {.access = sqlite::Access::kReadOnly, .statement_ms = sqlite::kReaderMs}));
  sqlite::Statement known =
      TRY(database.prepare("SELECT name FROM _millrace_tables WHERE lower(name) = lower(?1)"));
  known.bind_text(1, table);
  if (!TRY(known.step())) {
    return Error(ErrorCode::kNotFound, "there is no table " + table + " in tables.db");
  }
  const std::string name(known.column_text(0));
  sqlite::Statement rows = TRY(database.prepare(
      "SELECT * FROM (SELECT rowid AS _millrace_row, * FROM " + sqlite::quote_identifier(name) +
      " ORDER BY rowid DESC LIMIT ?1) ORDER BY _millrace_row DESC"));
  rows.bind(1, std::clamp<std::int64_t>(limit, 1, kRecordsMax));
  std::vector<const data::Type*> types;
  JsonOut out;
  out.begin_object().field("table", name).key("columns").begin_array();
  for (int column = 1; column < rows.column_count(); ++column) {
    const std::string column_name = rows.column_name(column);
    const auto field = relation ? relation->schema.find(column_name) : std::nullopt;
    types.push_back(field ? &relation->schema.fields[*field].type : nullptr);
    out.begin_object()
        .field("name", column_name)
        .field("type", types.back() != nullptr ? types.back()->to_string() : std::string())
        .end_object();
  }
  out.end_array().key("rows").begin_array();
  while (TRY(rows.step())) {
    out.begin_array();
    for (std::size_t column = 0; column < types.size(); ++column) {
      write_value(rows, static_cast<int>(column) + 1, types[column], out);
    }
    out.end_array();
  }
  return out.end_array().end_object().take();
}

std::string health_json(Instance& instance) {
  const Health live = instance.live();
  const Health ready = instance.ready();
  const console::Overview view = instance.observe();
  JsonOut out;
  out.begin_object()
      .field("live", live.ok())
      .field("ready", ready.ok())
      .field("running", instance.runtime() != nullptr)
      .field("starting", !instance.starting().empty())
      .field("pid", view.pid)
      .field("version", view.version)
      .key("kafka")
      .begin_array();
  if (const broker::Broker* broker = instance.broker()) {
    for (const std::string& address : broker->addresses()) {
      out.value(address);
    }
  }
  out.end_array().key("checks").begin_array();
  for (const Health::Check& check : ready.checks) {
    out.begin_object()
        .field("name", check.name)
        .field("ok", check.ok)
        .field("text", check.text)
        .end_object();
  }
  return out.end_array().end_object().take();
}

// A running pipeline knows its books; else the log's positions hold those of the last commit.
std::string books_json(Instance& instance) {
  if (const flow::Runtime* runtime = instance.runtime()) {
    return flow::books_to_json(runtime->source_books(), runtime->flow_books());
  }
  std::vector<flow::SourceBooks> sources;
  const std::string feed_prefix = flow::FeedPosition::name_of("");
  for (const log::Position& position : instance.log().positions(feed_prefix)) {
    if (const auto feed = flow::FeedPosition::decode(position.value)) {
      sources.push_back({.name = position.name.substr(feed_prefix.size()),
                         .fetched = feed->fetched,
                         .published = feed->published,
                         .failed = feed->failed});
    }
  }
  std::vector<flow::FlowBooks> flows;
  const std::string flow_prefix = flow::FlowPosition::name_of("");
  for (const log::Position& position : instance.log().positions(flow_prefix)) {
    if (const auto done = flow::FlowPosition::decode(position.value)) {
      flows.push_back({.name = position.name.substr(flow_prefix.size()), .counts = done->counts});
    }
  }
  return flow::books_to_json(sources, flows);
}

Result<std::string> flush_json(Instance& instance) {
  TRY(instance.log().flush());
  return std::string(R"({"flushed":true})");
}

std::string error_json(const Error& error) {
  JsonOut out;
  return out.begin_object()
      .field("error", error.to_string())
      .field("code", std::string(to_string(error.code())))
      .end_object()
      .take();
}

}  // namespace millrace::server
