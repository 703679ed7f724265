#include "plan/flow_query.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "expr/bind.h"

namespace millrace::plan {

namespace {

std::optional<std::size_t> find_exactly(const data::Schema& schema, const std::string& name) {
  for (std::size_t column = 0; column < schema.fields.size(); ++column) {
    if (schema.fields[column].name == name) {
      return column;
    }
  }
  return schema.find(name);
}

// Query columns that no table column takes.
bool check_extra(const NodePtr& query, const Relation& table, Diagnostics& diagnostics) {
  std::string extra;
  for (const data::Field& field : query->schema.fields) {
    if (!table.schema.find(field.name)) {
      extra += (extra.empty() ? "" : ", ") + field.name;
    }
  }
  if (extra.empty()) {
    return true;
  }
  diagnostics.add(
      {.code = "MR1212",
       .error_class = "INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_COLUMNS",
       .sqlstate = "KD000",
       .where = query->where,
       .message = "the table " + table.name + " has no column " + extra,
       .help = "write SELECT * EXCEPT (" + extra + "), or add the columns to the table"});
  return false;
}

expr::ExpressionPtr null_of(const data::Type& type) {
  return expr::make_literal(type, data::Value());
}

}  // namespace

NodePtr fit_to_table(const NodePtr& query,
                     const Relation& table,
                     bool declared,
                     const BindOptions& options,
                     Diagnostics& diagnostics) {
  if (declared && !check_extra(query, table, diagnostics)) {
    return nullptr;
  }
  Project project;
  bool changed = query->schema.fields.size() != table.schema.fields.size();
  for (std::size_t index = 0; index < table.schema.fields.size(); ++index) {
    const data::Field& field = table.schema.fields[index];
    const auto from = find_exactly(query->schema, field.name);
    expr::ExpressionPtr column = null_of(field.type);
    if (from) {
      const data::Field& source = query->schema.fields[*from];
      column = expr::make_column(*from, source.name, source.type, source.nullable, query->where);
      changed = changed || *from != index;
      if (!(source.type == field.type)) {
        changed = true;
        column = expr::bind_cast(
            column, field.type, expr::CastMode::kStore, query->where, options.context, diagnostics);
      }
    }
    if (column && !field.nullable) {
      changed = true;
      column = expr::bind_call("assert_not_null",
                               {column,
                                expr::make_literal(data::Type(data::TypeKind::kString),
                                                   data::Value(table.name + "." + field.name))},
                               query->where,
                               options.context,
                               diagnostics);
    }
    if (!column) {
      return nullptr;
    }
    project.columns.push_back(std::move(column));
  }
  if (!changed) {
    return query;
  }
  return std::make_shared<Node>(Node{.op = std::move(project),
                                     .schema = table.schema,
                                     .inputs = {query},
                                     .streaming = query->streaming,
                                     .where = query->where});
}

bool check_stream(const Node& query, Diagnostics& diagnostics) {
  bool ok = true;
  for (const NodePtr& input : query.inputs) {
    ok = check_stream(*input, diagnostics) && ok;
  }
  if (!query.streaming) {
    return ok;
  }
  if (std::holds_alternative<Window>(query.op)) {
    diagnostics.add({.code = "MR1213",
                     .error_class = "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING",
                     .sqlstate = "42KDE",
                     .where = query.where,
                     .message = "a window function (OVER) is not supported on a stream",
                     .help = "ask the table with millrace sql"});
    return false;
  }
  const char* name = nullptr;
  if (std::holds_alternative<Join>(query.op)) {
    name = "a join on a stream";
  } else if (std::holds_alternative<Aggregate>(query.op)) {
    name = "an aggregation on a stream";
  } else if (std::holds_alternative<Expand>(query.op)) {
    name = "a sliding window or GROUPING SETS on a stream";
  } else if (std::holds_alternative<MergeSessions>(query.op)) {
    name = "a session window on a stream";
  } else if (std::holds_alternative<Sort>(query.op)) {
    name = "ORDER BY on a stream";
  } else if (std::holds_alternative<Limit>(query.op)) {
    name = "LIMIT on a stream";
  } else if (std::holds_alternative<Distinct>(query.op)) {
    name = "DISTINCT on a stream";
  } else if (const auto* set = std::get_if<SetOperation>(&query.op);
             set != nullptr && (set->kind != SetKind::kUnion || !query.inputs[0]->streaming ||
                                !query.inputs[1]->streaming)) {
    name = set->kind == SetKind::kUnion ? "UNION of a stream and a batch relation"
                                        : "INTERSECT or EXCEPT on a stream";
  }
  if (name != nullptr) {
    diagnostics.add({.code = "MR1213",
                     .error_class = "UNSUPPORTED_FEATURE.STREAMING_OPERATOR",
                     .sqlstate = "0A000",
                     .where = query.where,
                     .message = std::string(name) + " is not supported by this version",
                     .help =
                         "a flow can project, filter, explode and UNION ALL; let a materialized "
                         "view over its table do the rest"});
    return false;
  }
  return ok;
}

std::vector<std::shared_ptr<const Relation>> inputs_of(const Node& query) {
  std::vector<std::shared_ptr<const Relation>> inputs;
  const auto walk = [&](const auto& self, const Node& node) -> void {
    if (const auto* scan = std::get_if<Scan>(&node.op);
        scan != nullptr && std::ranges::find(inputs, scan->relation) == inputs.end()) {
      inputs.push_back(scan->relation);
    }
    for (const NodePtr& input : node.inputs) {
      self(self, *input);
    }
  };
  walk(walk, query);
  return inputs;
}

}  // namespace millrace::plan
