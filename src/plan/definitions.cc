#include "plan/definitions.h"

#include <algorithm>
#include <utility>

namespace millrace::plan {

namespace {

constexpr std::string_view kRegistrationError = "PIPELINE_SQL_GRAPH_ELEMENT_REGISTRATION_ERROR";

/// Walks the statements of all files. Owned by one thread.
class Collector {
 public:
  Collector(Definitions& into, Diagnostics& diagnostics) : into_(into), diagnostics_(diagnostics) {}

  void file(const project::SqlFile& file) {
    file_ = &file;
    ordinal_ = 0;
    for (const sql::Statement& statement : file.script.statements) {
      statement_ = &statement;
      switch (file.kind) {
        case project::SqlFileKind::kSource:
          source();
          break;
        case project::SqlFileKind::kTransformation:
          std::visit([&](const auto& node) { transformation(node); }, statement.node);
          break;
        case project::SqlFileKind::kSink:
          sink();
          break;
      }
      ++ordinal_;
    }
  }

 private:
  SourceSpan span(const sql::Position& position) const {
    return sql::to_span(position, statement_->file);
  }

  void fail(std::string_view error_class,
            const SourceSpan& where,
            std::string message,
            std::string help = {}) {
    diagnostics_.add({.code = "MR1201",
                      .error_class = std::string(error_class),
                      .sqlstate = "42000",
                      .where = where,
                      .message = std::move(message),
                      .help = std::move(help)});
  }

  void refuse(std::string_view plan) {
    fail(kRegistrationError,
         span(statement_->position),
         "Unsupported plan " + std::string(plan) + " parsed from SQL query",
         "a transformations file holds CREATE STREAMING TABLE, CREATE MATERIALIZED VIEW, CREATE "
         "VIEW, CREATE FLOW, SET and USE; sources are in sources/, sinks in sinks/");
  }

  // The one part of a name; names of pipelines have no catalog or schema here.
  std::string name_of(const sql::Name& name) const { return name.parts.back().name; }

  void define(Definition definition) {
    definition.sql_file = file_;
    definition.file = statement_->file;
    const std::string key = to_lower(definition.name);
    const auto [existing, fresh] = into_.by_name.try_emplace(key, definition);
    if (fresh) {
      into_.order.push_back(key);
      return;
    }
    const SourceSpan& first = existing->second.where;
    fail("PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT",
         definition.where,
         "the name " + definition.name + " is defined twice",
         "the first definition is at " + first.file + ":" + std::to_string(first.line) + ":" +
             std::to_string(first.column) +
             "; sources, views, tables and flows share one name space");
  }

  void flow(std::string name,
            std::string target,
            const sql::Query& query,
            const SourceSpan& where,
            const SourceSpan& target_where) {
    for (const FlowDefinition& other : into_.flows) {
      if (to_lower(other.name) == to_lower(name)) {
        fail("PIPELINE_DUPLICATE_IDENTIFIERS.FLOW",
             where,
             "the flow " + name + " is defined twice",
             "the first definition is at " + other.where.file + ":" +
                 std::to_string(other.where.line));
        return;
      }
    }
    into_.flows.push_back({.name = std::move(name),
                           .target = std::move(target),
                           .query = &query,
                           .file = statement_->file,
                           .ordinal = ordinal_,
                           .where = where,
                           .target_where = target_where});
  }

  void source() {
    const auto* table = statement_->as<sql::CreateTable>();
    if (table == nullptr || table->query) {
      fail(
          "UNSUPPORTED_STATEMENT",
          span(statement_->position),
          "a file of sources/ holds CREATE TABLE name [(columns)] USING connector OPTIONS (…) only",
          table != nullptr ? "a table with AS SELECT is a sink: move it to sinks/" : "");
      return;
    }
    if (!table->clauses.provider) {
      fail("UNSUPPORTED_STATEMENT",
           span(table->name.position),
           "the source " + name_of(table->name) + " does not say where its records come from",
           "add USING http, randomuser, faker, json, csv, text or kafka");
      return;
    }
    define({.kind = DefinitionKind::kSource,
            .name = name_of(table->name),
            .source = table,
            .where = span(table->name.position)});
  }

  void sink() {
    const auto* table = statement_->as<sql::CreateTable>();
    if (table == nullptr || !table->query || !table->clauses.provider) {
      fail("UNSUPPORTED_STATEMENT",
           span(statement_->position),
           "a file of sinks/ holds CREATE TABLE name USING connector OPTIONS (…) AS SELECT … only");
      return;
    }
    fail("UNSUPPORTED_FEATURE.SINK",
         span(table->clauses.provider_position),
         "the sink " + name_of(table->name) + " uses " + name_of(*table->clauses.provider) +
             ", which this version cannot write to",
         "store it here: CREATE STREAMING TABLE " + name_of(table->name) +
             " AS SELECT … in transformations/ gives a topic and a table of tables.db");
  }

  void transformation(const sql::CreateDataset& dataset) {
    const std::string name = name_of(dataset.name);
    const SourceSpan where = span(dataset.name.position);
    if (dataset.clauses.location) {
      fail(
          "NOT_SUPPORTED", span(dataset.clauses.location_position), "LOCATION is not allowed here");
    }
    if (!dataset.clauses.options.empty()) {
      fail("NOT_SUPPORTED",
           span(dataset.clauses.options_position),
           "OPTIONS are not allowed here",
           "use TBLPROPERTIES");
    }
    define({.kind = dataset.kind == sql::DatasetKind::kStreamingTable
                        ? DefinitionKind::kStreamingTable
                        : DefinitionKind::kMaterializedView,
            .name = name,
            .dataset = &dataset,
            .where = where});
    if (dataset.auto_cdc) {
      fail("UNSUPPORTED_FEATURE.AUTO_CDC",
           span(dataset.auto_cdc->position),
           "AUTO CDC is not supported by this version");
    }
    if (dataset.query) {
      flow(name, name, *dataset.query, where, where);
    }
  }

  void transformation(const sql::CreateView& view) {
    if (view.temporary && view.name.parts.size() > 1) {
      fail("TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS",
           span(view.name.position),
           "a temporary view has a name of one part");
    }
    define({.kind = DefinitionKind::kView,
            .name = name_of(view.name),
            .temporary = view.temporary,
            .view = &view,
            .where = span(view.name.position)});
  }

  void transformation(const sql::CreateFlow& create) {
    const SourceSpan where = span(create.name.position);
    if (create.name.parts.size() > 1) {
      fail("MULTIPART_FLOW_NAME_NOT_SUPPORTED",
           where,
           "Flow with multipart name is not supported",
           "give the flow a name of one part");
      return;
    }
    const auto* insert = std::get_if<sql::InsertFlow>(&create.body);
    if (insert == nullptr) {
      fail("UNSUPPORTED_FEATURE.AUTO_CDC", where, "AUTO CDC is not supported by this version");
      return;
    }
    const char* refused = nullptr;
    if (insert->has_partition) {
      refused = "Partition spec may not be specified for flow target.";
    } else if (insert->has_columns) {
      refused = "Column schema may not be specified for flow target.";
    } else if (insert->overwrite) {
      refused = "INSERT OVERWRITE flows not supported.";
    } else if (insert->if_not_exists) {
      refused = "IF NOT EXISTS not supported for flows.";
    } else if (!insert->by_name) {
      refused = "Only INSERT INTO by name flows supported.";
    }
    if (refused != nullptr) {
      fail(kRegistrationError, span(insert->target.position), refused);
      return;
    }
    flow(create.name.parts.front().name,
         name_of(insert->target),
         *insert->query,
         where,
         span(insert->target.position));
  }

  void transformation(const sql::SetConfiguration& set) {
    into_.settings[statement_->file].push_back(
        {.ordinal = ordinal_, .key = set.key, .value = set.value});
  }

  void transformation(const sql::Use& use) {
    if (use.kind == sql::UseKind::kPlain) {
      refuse("SetCatalogAndNamespace");
    }
  }

  void transformation(const sql::CreateTable& table) {
    refuse(table.query ? "CreateTableAsSelect" : "CreateTable");
  }

  void transformation(const sql::ShowTables& /*node*/) { refuse("ShowTables"); }

  void transformation(const sql::Describe& /*node*/) { refuse("DescribeRelation"); }

  void transformation(const sql::Explain& /*node*/) { refuse("ExplainCommand"); }

  void transformation(const sql::QueryStatement& /*node*/) { refuse("Project"); }

  void transformation(const sql::Unsupported& node) { refuse(node.plan); }

  Definitions& into_;
  Diagnostics& diagnostics_;
  const project::SqlFile* file_ = nullptr;
  const sql::Statement* statement_ = nullptr;
  std::size_t ordinal_ = 0;
};

}  // namespace

std::string to_lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
  });
  return lower;
}

Definitions collect_definitions(const project::Project& project, Diagnostics& diagnostics) {
  Definitions definitions;
  Collector collector(definitions, diagnostics);
  for (const project::SqlFile& file : project.files) {
    collector.file(file);
  }
  for (const FlowDefinition& flow : definitions.flows) {
    const auto other = definitions.by_name.find(to_lower(flow.name));
    if (other != definitions.by_name.end() && to_lower(flow.target) != to_lower(flow.name)) {
      diagnostics.add({.code = "MR1201",
                       .error_class = "PIPELINE_DUPLICATE_IDENTIFIERS.FLOW",
                       .sqlstate = "42710",
                       .where = flow.where,
                       .message = "the flow " + flow.name + " has the name of another object",
                       .help = "sources, views, tables and flows share one name space"});
    }
  }
  return definitions;
}

}  // namespace millrace::plan
