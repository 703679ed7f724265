// What `explain` prints.
#include <fmt/format.h>

#include "base/json_text.h"
#include "config/option_table.h"
#include "expr/expression.h"
#include "plan/pipeline.h"

namespace millrace::plan {

namespace {

std::string_view kind_text(JoinKind kind) {
  switch (kind) {
    case JoinKind::kInner:
      return "inner";
    case JoinKind::kLeft:
      return "left outer";
    case JoinKind::kRight:
      return "right outer";
    case JoinKind::kFull:
      return "full outer";
    case JoinKind::kCross:
      return "cross";
    case JoinKind::kLeftSemi:
      return "left semi";
    case JoinKind::kLeftAnti:
      return "left anti";
    case JoinKind::kLeftSingle:
      return "left single";
    case JoinKind::kExistence:
      return "existence";
  }
  return "";
}

std::string_view name_of(SetKind kind) {
  switch (kind) {
    case SetKind::kUnion:
      return "Union";
    case SetKind::kIntersect:
      return "Intersect";
    case SetKind::kExcept:
      return "Except";
  }
  return "";
}

std::string columns_text(const data::Schema& schema) {
  std::string text;
  for (const data::Field& field : schema.fields) {
    text += (text.empty() ? "" : ", ") + field.name + " " + field.type.to_sql();
  }
  return text;
}

/// The line of each operator.
struct OperatorText {
  const Node& node;

  std::string operator()(const Scan& scan) const {
    return fmt::format("{} {}", node.streaming ? "Stream" : "Scan", scan.relation->name);
  }

  std::string operator()(const Values& values) const {
    return fmt::format("Values {} rows", values.rows.size());
  }

  std::string operator()(const Range& range) const {
    return fmt::format("Range {} to {} by {}", range.start, range.end, range.step);
  }

  std::string operator()(const Project& /*op*/) const {
    return "Project " + columns_text(node.schema);
  }

  std::string operator()(const Filter& filter) const {
    return "Filter " + expr::to_sql(*filter.condition);
  }

  std::string operator()(const Generate& generate) const {
    return "Generate " + generate.generator + (generate.outer ? " outer" : "");
  }

  std::string operator()(const Join& join) const {
    return fmt::format("Join {}, {} equal keys{}",
                       kind_text(join.kind),
                       join.left_keys.size(),
                       join.residual ? ", condition" : "");
  }

  std::string operator()(const Aggregate& aggregate) const {
    std::string calls;
    for (const AggregateCall& call : aggregate.calls) {
      calls += (calls.empty() ? "" : ", ") + call.function;
    }
    return fmt::format("Aggregate by {} expressions: {}", aggregate.groups.size(), calls);
  }

  std::string operator()(const Expand& expand) const {
    return fmt::format("Expand {} projections", expand.projections.size());
  }

  std::string operator()(const NumberRows& /*op*/) const { return "Number rows"; }

  std::string operator()(const MergeSessions& sessions) const {
    return fmt::format("Merge sessions by {} expressions", sessions.keys.size());
  }

  std::string operator()(const Window& window) const {
    std::string calls;
    for (const WindowCall& call : window.calls) {
      calls += (calls.empty() ? "" : ", ") + call.function;
    }
    return fmt::format("Window by {} expressions, {} keys: {}",
                       window.partition.size(),
                       window.order.size(),
                       calls);
  }

  std::string operator()(const Sort& sort) const {
    return fmt::format("Sort by {} keys", sort.keys.size());
  }

  std::string operator()(const Limit& limit) const {
    return fmt::format(
        "Limit {} offset {}", limit.limit ? std::to_string(*limit.limit) : "all", limit.offset);
  }

  std::string operator()(const SetOperation& set) const {
    return std::string(name_of(set.kind)) + (set.all ? " all" : "");
  }

  std::string operator()(const Distinct& /*op*/) const { return "Distinct"; }
};

std::string operator_text(const Node& node) {
  return std::visit(OperatorText{node}, node.op);
}

void append_plan(std::string& text, const Node& node, std::size_t depth) {
  text += std::string(2 * depth, ' ') + operator_text(node) + "\n";
  for (const NodePtr& input : node.inputs) {
    append_plan(text, *input, depth + 1);
  }
}

std::string key_text(const Relation& table) {
  std::string text;
  for (const std::size_t column : table.key) {
    text += (text.empty() ? "" : ", ") + table.schema.fields[column].name;
  }
  return text;
}

void append_member(std::string& json, std::string_view name, std::string_view value) {
  json += json.back() == '{' ? "" : ",";
  append_json_string(json, name);
  json += ':';
  append_json_string(json, value);
}

void append_relation(std::string& json, const Relation& relation) {
  json += json.back() == '[' ? "{" : ",{";
  append_member(json, "name", relation.name);
  append_member(json, "topic", relation.topic);
  if (!relation.format.empty()) {
    append_member(json, "using", relation.format);
  }
  append_member(json, "schema", relation.schema.to_string());
  append_member(json, "key", key_text(relation));
  json += '}';
}

}  // namespace

std::string plan_text(const Node& query) {
  std::string text;
  append_plan(text, query, 0);
  return text;
}

std::string explain_text(const Pipeline& pipeline) {
  std::string text = "pipeline " + pipeline.name + "\n";
  for (const auto& source : pipeline.sources) {
    text += fmt::format("\nsource {} USING {} → topic {}\n  columns: {}\n",
                        source->name,
                        source->format,
                        source->topic,
                        columns_text(source->schema));
  }
  for (const Flow& flow : pipeline.flows) {
    text += fmt::format("\nflow {} → {} {} (topic {}{})\n",
                        flow.name,
                        flow.recomputed ? "materialized view" : "table",
                        flow.target->name,
                        flow.target->topic,
                        flow.target->key.empty() ? "" : ", key " + key_text(*flow.target));
    text += fmt::format(
        "  guarantee: {}: {}\n", connector::to_string(flow.guarantee), flow.guarantee_reason);
    if (flow.recomputed) {
      text += fmt::format("  recomputed: when its inputs change, at most every {}\n",
                          config::format_duration_ms(flow.refresh_interval_ms));
    }
    std::string tree;
    append_plan(tree, *flow.query, 2);
    text += "  plan:\n" + tree;
  }
  return text;
}

std::string explain_json(const Pipeline& pipeline) {
  std::string json = "{";
  append_member(json, "pipeline", pipeline.name);
  json += ",\"sources\":[";
  for (const auto& source : pipeline.sources) {
    append_relation(json, *source);
  }
  json += "],\"tables\":[";
  for (const auto& table : pipeline.tables) {
    append_relation(json, *table);
  }
  json += "],\"flows\":[";
  for (const Flow& flow : pipeline.flows) {
    json += json.back() == '[' ? "{" : ",{";
    append_member(json, "name", flow.name);
    append_member(json, "target", flow.target->name);
    append_member(json, "guarantee", connector::to_string(flow.guarantee));
    append_member(json, "why", flow.guarantee_reason);
    append_member(json, "plan", plan_text(*flow.query));
    json += ",\"inputs\":[";
    for (const auto& input : flow.inputs) {
      json += json.back() == '[' ? "" : ",";
      append_json_string(json, input->name);
    }
    json += "]}";
  }
  return json += "]}";
}

}  // namespace millrace::plan
