#include "plan/pipeline.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/suggest.h"
#include "expr/bind.h"
#include "plan/binder.h"
#include "plan/definitions.h"
#include "plan/flow_query.h"
#include "plan/guarantee.h"
#include "plan/materialized_view.h"
#include "plan/source_relation.h"
#include "plan/type_name.h"

namespace millrace::plan {

namespace {

/// "(a,b),c" → a, b, c; backquotes and blanks dropped.
std::vector<std::string> split_key(std::string_view text) {
  std::vector<std::string> names(1);
  for (const char letter : text) {
    if (letter == ',') {
      names.emplace_back();
    } else if (letter != '(' && letter != ')' && letter != '`' && letter != ' ') {
      names.back() += letter;
    }
  }
  std::erase(names, "");
  return names;
}

/// Binds definitions in the order in which queries need them. Owned by one thread.
class PipelineBinder final : public RelationResolver {
 public:
  PipelineBinder(const project::Project& project,
                 const connector::ConnectorRegistry& connectors,
                 Diagnostics& diagnostics)
      : project_(project),
        connectors_(connectors),
        diagnostics_(diagnostics),
        definitions_(collect_definitions(project, diagnostics)) {}

  Pipeline run() {
    pipeline_.name = project_.name;
    for (const auto& [key, value] : project_.configuration) {
      pipeline_.configuration[key] = value.value;
    }
    for (const std::string& key : definitions_.order) {
      bind(key);
    }
    for (const FlowDefinition& flow : definitions_.flows) {
      if (!definitions_.by_name.contains(to_lower(flow.target))) {
        add({.code = "MR1202",
             .error_class = "TABLE_OR_VIEW_NOT_FOUND",
             .sqlstate = "42P01",
             .where = flow.target_where,
             .message =
                 "the flow " + flow.name + " writes to " + flow.target + ", which is not defined",
             .help = "add CREATE STREAMING TABLE " + flow.target});
      }
    }
    check_topics();
    for (Flow& flow : pipeline_.flows) {
      const FlowGuarantee guarantee = guarantee_of(flow, pipeline_, connectors_);
      flow.guarantee = guarantee.guarantee;
      flow.guarantee_reason = guarantee.reason;
    }
    if (pipeline_.tables.empty() && !definitions_.by_name.empty() && !diagnostics_.has_errors()) {
      add({.code = "MR1203",
           .severity = Severity::kWarning,
           .error_class = "RUN_EMPTY_PIPELINE",
           .sqlstate = "42617",
           .where = {.file = project_.root},
           .message = "the project has sources but no table: records are kept as topics only"});
    }
    return std::move(pipeline_);
  }

  std::shared_ptr<const Relation> resolve(const std::vector<std::string>& parts,
                                          const SourceSpan& where,
                                          Diagnostics& /*diagnostics*/) override {
    const std::string key = to_lower(parts.back());
    if (!definitions_.by_name.contains(key)) {
      return nullptr;
    }
    if (binding_.contains(key)) {
      add({.code = "MR1204",
           .error_class = "PIPELINE_GRAPH_NOT_TOPOLOGICALLY_SORTED",
           .sqlstate = "42K0T",
           .where = where,
           .message = "Circular dependencies are not supported: " + parts.back() +
                      " reads itself, directly or through others"});
      return nullptr;
    }
    return bind(key);
  }

  [[nodiscard]] bool failed(const std::vector<std::string>& parts) const override {
    const auto found = relations_.find(to_lower(parts.back()));
    return found != relations_.end() && found->second == nullptr;
  }

  [[nodiscard]] std::vector<std::string> names() const override {
    std::vector<std::string> names;
    names.reserve(definitions_.by_name.size());
    for (const auto& [key, definition] : definitions_.by_name) {
      names.push_back(definition.name);
    }
    return names;
  }

 private:
  void add(Diagnostic diagnostic) { diagnostics_.add(std::move(diagnostic)); }

  std::shared_ptr<const Relation> bind(const std::string& key) {
    if (const auto found = relations_.find(key); found != relations_.end()) {
      return found->second;
    }
    binding_.insert(key);
    const Definition& definition = definitions_.by_name.at(key);
    std::shared_ptr<const Relation> relation;
    switch (definition.kind) {
      case DefinitionKind::kSource:
        relation = bind_source(definition, connectors_, diagnostics_);
        if (relation) {
          pipeline_.sources.push_back(relation);
        }
        break;
      case DefinitionKind::kView:
        relation = bind_view(definition);
        break;
      case DefinitionKind::kStreamingTable:
      case DefinitionKind::kMaterializedView:
        relation = bind_table(definition);
        break;
    }
    binding_.erase(key);
    relations_[key] = relation;
    return relation;
  }

  // The settings that hold for a statement: the project's configuration, then the SETs before it.
  BindOptions options_for(const std::string& file, std::size_t ordinal, const std::string& owner) {
    std::map<std::string, std::string> values = pipeline_.configuration;
    if (const auto settings = definitions_.settings.find(file);
        settings != definitions_.settings.end()) {
      for (const auto& setting : settings->second) {
        if (setting.ordinal < ordinal) {
          values[setting.key] = setting.value;
        }
      }
    }
    BindOptions options;
    options.file = file;
    options.context.owner = owner;
    if (const auto zone = values.find("spark.sql.session.timeZone"); zone != values.end()) {
      options.context.time_zone = zone->second;
    }
    if (const auto ansi = values.find("spark.sql.ansi.enabled"); ansi != values.end()) {
      options.context.ansi = to_lower(ansi->second) != "false";
    }
    return options;
  }

  std::shared_ptr<const Relation> bind_view(const Definition& definition) {
    const sql::CreateView& view = *definition.view;
    NodePtr query =
        bind_query(*view.query,
                   *this,
                   options_for(definition.file, statement_ordinal(definition), definition.name),
                   diagnostics_);
    if (!query) {
      return nullptr;
    }
    if (!definition.temporary && query->streaming) {
      add({.code = "MR1205",
           .error_class = "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_PERSISTED_VIEW",
           .sqlstate = "42000",
           .where = definition.where,
           .message = "the view " + definition.name + " is persisted and reads a stream",
           .help = "use CREATE TEMPORARY VIEW"});
      return nullptr;
    }
    auto relation = std::make_shared<Relation>();
    relation->name = definition.name;
    relation->kind = definition.temporary ? RelationKind::kTemporaryView : RelationKind::kView;
    relation->where = definition.where;
    relation->schema = query->schema;
    relation->query = std::move(query);
    if (!view.columns.empty()) {
      if (view.columns.size() != relation->schema.fields.size()) {
        add({.code = "MR1206",
             .error_class = "CREATE_VIEW_COLUMN_ARITY_MISMATCH",
             .sqlstate = "21S01",
             .where = definition.where,
             .message = "the view names " + std::to_string(view.columns.size()) +
                        " columns, its query has " +
                        std::to_string(relation->schema.fields.size())});
        return nullptr;
      }
      for (std::size_t column = 0; column < view.columns.size(); ++column) {
        relation->schema.fields[column].name = view.columns[column].name.name;
      }
    }
    pipeline_.views.push_back(relation);
    return relation;
  }

  [[nodiscard]] std::size_t statement_ordinal(const Definition& definition) const {
    const auto& statements = definition.sql_file->script.statements;
    const auto found = std::ranges::find_if(statements, [&](const sql::Statement& statement) {
      return statement.position.line == definition.where.line ||
             statement.as<sql::CreateView>() == definition.view;
    });
    return static_cast<std::size_t>(found - statements.begin());
  }

  // A table, its flows' queries, and the projection of each to the table's columns.
  std::shared_ptr<const Relation> bind_table(const Definition& definition) {
    const sql::CreateDataset& dataset = *definition.dataset;
    const bool streaming = definition.kind == DefinitionKind::kStreamingTable;
    auto relation = std::make_shared<Relation>();
    relation->name = definition.name;
    relation->kind = streaming ? RelationKind::kStreamingTable : RelationKind::kMaterializedView;
    relation->where = definition.where;
    relation->topic = definition.name;
    relation->comment = dataset.clauses.comment.value_or("");
    for (const sql::Property& property : dataset.clauses.properties) {
      relation->properties[property.key] = property.value;
    }
    if (const auto topic = relation->properties.find("topic");
        topic != relation->properties.end()) {
      relation->topic = topic->second;
    }
    std::vector<std::pair<const FlowDefinition*, NodePtr>> queries;
    if (!bind_flows(definition, queries) || !table_schema(definition, queries, *relation) ||
        !bind_key(definition, *relation)) {
      return nullptr;
    }
    const auto interval_ms = bind_refresh_interval(dataset, definition.file, diagnostics_);
    if (!interval_ms) {
      return nullptr;
    }
    for (auto& [flow, query] : queries) {
      const BindOptions options = options_for(flow->file, flow->ordinal, flow->name);
      NodePtr fitted =
          fit_to_table(query, *relation, !dataset.columns.empty(), options, diagnostics_);
      if (!fitted) {
        return nullptr;
      }
      pipeline_.flows.push_back({.name = flow->name,
                                 .target = relation,
                                 .query = fitted,
                                 .inputs = inputs_of(*fitted),
                                 .recomputed = !streaming,
                                 .refresh_interval_ms = *interval_ms,
                                 .fail_on_reject = fails_on_reject(*relation),
                                 .where = flow->where});
    }
    pipeline_.tables.push_back(relation);
    return relation;
  }

  static bool fails_on_reject(const Relation& relation) {
    const auto option = relation.properties.find("millrace.on_reject");
    return option != relation.properties.end() && to_lower(option->second) == "fail";
  }

  bool bind_flows(const Definition& definition,
                  std::vector<std::pair<const FlowDefinition*, NodePtr>>& queries) {
    const bool streaming = definition.kind == DefinitionKind::kStreamingTable;
    bool ok = true;
    bool any = false;
    for (const FlowDefinition& flow : definitions_.flows) {
      if (to_lower(flow.target) != to_lower(definition.name)) {
        continue;
      }
      if (any && !streaming) {
        add({.code = "MR1232",
             .error_class = "MATERIALIZED_VIEW_WITH_MULTIPLE_QUERIES",
             .sqlstate = "42000",
             .where = flow.where,
             .message = "the materialized view " + definition.name +
                        " has a query, and this would be another",
             .help = "join them with UNION ALL in the view itself, or make it a streaming table"});
        return false;
      }
      any = true;
      NodePtr query = bind_query(
          *flow.query, *this, options_for(flow.file, flow.ordinal, flow.name), diagnostics_);
      if (query && query->streaming != streaming) {
        add({.code = "MR1205",
             .error_class =
                 streaming ? "INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE"
                           : "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_MATERIALIZED_VIEW",
             .sqlstate = "42000",
             .where = flow.where,
             .message = streaming ? "the streaming table " + definition.name +
                                        " needs a query that reads a stream"
                                  : "the materialized view " + definition.name +
                                        " needs a batch query, this one reads a stream",
             .help = streaming ? "write FROM STREAM t" : "write FROM t, without STREAM"});
        query = nullptr;
      }
      if (query && !(streaming ? check_stream(*query, diagnostics_)
                               : check_recomputable(*query, definition.name, diagnostics_))) {
        query = nullptr;
      }
      ok = ok && query;
      queries.emplace_back(&flow, std::move(query));
    }
    if (!any) {
      add({.code = "MR1207",
           .error_class = "PIPELINE_DATASET_WITHOUT_FLOW",
           .sqlstate = "0A000",
           .where = definition.where,
           .message = "nothing writes to the table " + definition.name,
           .help = "add AS SELECT …, or CREATE FLOW f AS INSERT INTO " + definition.name +
                   " BY NAME SELECT …"});
    }
    return ok && any;
  }

  // The declared columns, else those of the flows, merged by name.
  bool table_schema(const Definition& definition,
                    const std::vector<std::pair<const FlowDefinition*, NodePtr>>& queries,
                    Relation& relation) {
    if (!definition.dataset->columns.empty()) {
      relation.schema = schema_of(definition.dataset->columns, definition.file, diagnostics_);
      return true;
    }
    for (const auto& [flow, query] : queries) {
      for (const data::Field& field : query->schema.fields) {
        const auto known = relation.schema.find(field.name);
        if (!known) {
          relation.schema.fields.push_back(field);
          continue;
        }
        data::Field& existing = relation.schema.fields[*known];
        const auto type = expr::common_type(existing.type, field.type);
        if (!type) {
          add({.code = "MR1208",
               .error_class = "UNABLE_TO_INFER_PIPELINE_TABLE_SCHEMA",
               .sqlstate = "42KD9",
               .where = flow->where,
               .message = "the column " + field.name + " of " + definition.name + " is " +
                          existing.type.to_sql() + " in one flow and " + field.type.to_sql() +
                          " in another"});
          return false;
        }
        existing.type = *type;
      }
    }
    for (data::Field& field : relation.schema.fields) {
      field.nullable = true;
    }
    return check_names(definition, queries);
  }

  bool check_names(const Definition& definition,
                   const std::vector<std::pair<const FlowDefinition*, NodePtr>>& queries) {
    for (const auto& [flow, query] : queries) {
      std::set<std::string> names;
      for (const data::Field& field : query->schema.fields) {
        if (!names.insert(to_lower(field.name)).second) {
          add({.code = "MR1209",
               .error_class = "COLUMN_ALREADY_EXISTS",
               .sqlstate = "42711",
               .where = flow->where,
               .message = "The column `" + field.name + "` already exists in " + definition.name,
               .help = "give one of them another name with AS"});
          return false;
        }
      }
    }
    return true;
  }

  bool bind_key(const Definition& definition, Relation& relation) {
    const sql::Property* property = nullptr;
    for (const sql::Property& candidate : definition.dataset->clauses.properties) {
      if (candidate.key == "millrace.key") {
        property = &candidate;
      }
    }
    if (property == nullptr) {
      return true;
    }
    const SourceSpan where = sql::to_span(property->value_position, definition.file);
    const std::vector<std::string> key = split_key(property->value);
    if (key.empty()) {
      add({.code = "MR1210",
           .error_class = "INVALID_KEY",
           .sqlstate = "42000",
           .where = where,
           .message = "the key of " + relation.name + " names no column",
           .help = "name one or more columns, or leave millrace.key out: the table appends then"});
      return false;
    }
    for (const std::string& name : key) {
      const auto column = relation.schema.find(name);
      if (!column) {
        std::vector<std::string> names;
        names.reserve(relation.schema.fields.size());
        for (const data::Field& field : relation.schema.fields) {
          names.push_back(field.name);
        }
        add({.code = "MR1210",
             .error_class = "UNRESOLVED_COLUMN.WITH_SUGGESTION",
             .sqlstate = "42703",
             .where = where,
             .message = "the key column " + name + " is no column of " + relation.name +
                        did_you_mean(name, names)});
        return false;
      }
      if (relation.schema.fields[*column].type.is_nested()) {
        add({.code = "MR1210",
             .error_class = "DATATYPE_MISMATCH",
             .sqlstate = "42K09",
             .where = where,
             .message = "the key column " + name + " is " +
                        relation.schema.fields[*column].type.to_sql() +
                        ": a key is no nested type"});
        return false;
      }
      relation.schema.fields[*column].nullable = false;
      relation.key.push_back(*column);
    }
    return true;
  }

  void check_topics() {
    std::map<std::string, const Relation*> topics;
    const auto check = [&](const Relation& relation) {
      const auto [other, fresh] = topics.try_emplace(relation.topic, &relation);
      if (!fresh) {
        add({.code = "MR1211",
             .error_class = "TOPIC_CLASH",
             .sqlstate = "42710",
             .where = relation.where,
             .message = relation.name + " and " + other->second->name + " have the same topic " +
                        relation.topic,
             .help = "the other one is at " + other->second->where.file + ":" +
                     std::to_string(other->second->where.line) + "; give one the option topic"});
      }
    };
    for (const auto& source : pipeline_.sources) {
      check(*source);
    }
    for (const auto& table : pipeline_.tables) {
      check(*table);
    }
  }

  const project::Project& project_;
  const connector::ConnectorRegistry& connectors_;
  Diagnostics& diagnostics_;
  const Definitions definitions_;
  std::map<std::string, std::shared_ptr<const Relation>> relations_;  ///< Null: has errors.
  std::set<std::string> binding_;
  Pipeline pipeline_;
};

}  // namespace

std::shared_ptr<const Relation> Pipeline::find(std::string_view wanted) const {
  const std::string key = to_lower(wanted);
  for (const auto* relations : {&sources, &tables, &views}) {
    for (const auto& relation : *relations) {
      if (to_lower(relation->name) == key) {
        return relation;
      }
    }
  }
  return nullptr;
}

Pipeline bind_project(const project::Project& project,
                      const connector::ConnectorRegistry& connectors,
                      Diagnostics& diagnostics) {
  return PipelineBinder(project, connectors, diagnostics).run();
}

}  // namespace millrace::plan
