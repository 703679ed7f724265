#include "server/detail/sql_catalog.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "expr/bind_ast.h"
#include "plan/definitions.h"
#include "sql/parser.h"
#include "sqlite/database.h"

namespace millrace::server::detail {

using plan::Relation;
using plan::RelationKind;

namespace {

// _millrace_tables keeps [["id","string"],…].
Result<data::Schema> read_schema(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::array columns;
  const auto broken = [&] {
    return Error(ErrorCode::kCorruption, "_millrace_tables holds no schema: " + text);
  };
  if (parser.parse(text).get(columns) != simdjson::SUCCESS) {
    return broken();
  }
  data::Schema schema;
  for (const simdjson::dom::element column : columns) {
    std::string_view name;
    std::string_view type_text;
    if (column.at(0).get(name) != simdjson::SUCCESS ||
        column.at(1).get(type_text) != simdjson::SUCCESS) {
      return broken();
    }
    Diagnostics diagnostics;
    const auto parsed = sql::parse_data_type(type_text, "tables.db", diagnostics);
    const auto type =
        parsed ? expr::type_of(*parsed, "tables.db", diagnostics) : std::optional<data::Type>();
    if (!type) {
      return broken();
    }
    schema.fields.push_back({.name = std::string(name), .type = *type});
  }
  return schema;
}

}  // namespace

Result<std::vector<std::shared_ptr<const Relation>>> stored_tables(const std::string& path) {
  std::vector<std::shared_ptr<const Relation>> tables;
  auto database = sqlite::Database::open(
      path, {.access = sqlite::Access::kReadOnly, .statement_ms = sqlite::kReaderMs});
  if (!database) {
    if (database.error().code() == ErrorCode::kNotFound) {
      return tables;
    }
    return std::move(database).error();
  }
  auto rows = database->prepare("SELECT name, topic, schema FROM _millrace_tables ORDER BY name");
  if (!rows) {
    rows.ignore_error("a file without our catalog holds none of our tables");
    return tables;
  }
  while (TRY(rows->step())) {
    auto relation = std::make_shared<Relation>();
    relation->name = rows->column_text(0);
    relation->kind = RelationKind::kStreamingTable;
    relation->topic = rows->column_text(1);
    relation->schema = TRY(read_schema(std::string(rows->column_text(2))));
    tables.push_back(std::move(relation));
  }
  return tables;
}

SessionCatalog::SessionCatalog(const SqlWorld& world) : world_(world) {
  if (world.tables_path.empty()) {
    return;
  }
  const auto tables = stored_tables(world.tables_path);
  if (!tables) {
    return;  // Whoever names one of them hears that it is not there.
  }
  for (const auto& table : *tables) {
    stored_[plan::to_lower(table->name)] = table;
  }
}

std::shared_ptr<const Relation> SessionCatalog::find_topic(const std::string& name) const {
  if (world_.log == nullptr || !world_.log->topic(name)) {
    return nullptr;
  }
  auto relation = std::make_shared<Relation>();
  relation->name = name;
  relation->kind = RelationKind::kTopic;
  relation->topic = name;
  relation->schema = plan::kafka_schema();
  return relation;
}

std::shared_ptr<const Relation> SessionCatalog::resolve(const std::vector<std::string>& parts,
                                                        const SourceSpan& where,
                                                        Diagnostics& diagnostics) {
  const std::string& name = parts.back();
  if (parts.size() == 2) {
    const std::string first = plan::to_lower(parts[0]);
    if (first == "json" || first == "csv" || first == "text") {
      return file_relation(world_, first, name, where, diagnostics);
    }
    if (first == "topic") {
      return find_topic(name);
    }
  }
  const std::string key = plan::to_lower(name);
  if (const auto view = views_.find(key); view != views_.end()) {
    return view->second;
  }
  if (world_.pipeline) {
    if (auto relation = world_.pipeline->find(name)) {
      return relation;
    }
  }
  if (const auto table = stored_.find(key); table != stored_.end()) {
    return table->second;
  }
  return find_topic(name);
}

std::vector<std::string> SessionCatalog::names() const {
  std::vector<std::string> names;
  for (const auto& table : tables()) {
    names.push_back(table->name);
  }
  if (world_.pipeline) {
    for (const auto& source : world_.pipeline->sources) {
      names.push_back(source->name);
    }
  }
  if (world_.log != nullptr) {
    for (const log::TopicInfo& topic : world_.log->topics()) {
      names.push_back(topic.name);
    }
  }
  std::ranges::sort(names);
  const auto twice = std::ranges::unique(names);
  names.erase(twice.begin(), twice.end());
  return names;
}

void SessionCatalog::add_view(std::shared_ptr<const Relation> view) {
  views_[plan::to_lower(view->name)] = std::move(view);
}

std::vector<std::shared_ptr<const Relation>> SessionCatalog::tables() const {
  std::map<std::string, std::shared_ptr<const Relation>> all = stored_;
  if (world_.pipeline) {
    for (const auto* list :
         {&world_.pipeline->sources, &world_.pipeline->tables, &world_.pipeline->views}) {
      for (const auto& relation : *list) {
        all[plan::to_lower(relation->name)] = relation;
      }
    }
  }
  for (const auto& [key, view] : views_) {
    all[key] = view;
  }
  std::vector<std::shared_ptr<const Relation>> tables;
  tables.reserve(all.size());
  for (const auto& [key, relation] : all) {
    tables.push_back(relation);
  }
  return tables;
}

}  // namespace millrace::server::detail
