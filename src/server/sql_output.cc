// Answers as JSON, and plans as text.
#include <utility>

#include "console/json_out.h"
#include "expr/expression.h"
#include "format/json_writer.h"
#include "server/detail/sql_catalog.h"
#include "server/sql_session.h"

namespace millrace::server {

using console::JsonOut;

namespace {

void write_error(const Diagnostic& error, JsonOut& out) {
  out.key("error")
      .begin_object()
      .field("class", error.error_class)
      .field("sqlstate", error.sqlstate)
      .field("message", error.message)
      .field("line", error.where.line)
      .field("column", error.where.column)
      .field("end_column", error.where.end)
      .field("help", error.help)
      .field("code", error.code)
      .end_object();
}

void write_row(const format::JsonWriter& writer,
               const data::Batch& batch,
               std::size_t row,
               std::string& text) {
  text += '[';
  for (std::size_t column = 0; column < batch.columns.size(); ++column) {
    text += column == 0 ? "" : ",";
    if (batch.columns[column]->is_null(row)) {
      text += "null";
    } else {
      writer.append_value(text, *batch.columns[column], row);
    }
  }
  text += ']';
}

}  // namespace

std::string answer_to_json(const SqlAnswer& answer) {
  JsonOut out;
  out.begin_object();
  for (const Diagnostic& diagnostic : answer.diagnostics) {
    if (diagnostic.severity == Severity::kError) {
      write_error(diagnostic, out);
      return out.end_object().take();
    }
  }
  out.key("columns").begin_array();
  for (const data::Field& field : answer.schema.fields) {
    out.begin_object().field("name", field.name).field("type", field.type.to_string()).end_object();
  }
  out.end_array().key("rows").begin_array();
  const format::JsonWriter writer(answer.schema);
  std::string text;
  for (const data::Batch& batch : answer.batches) {
    batch.selection.for_each([&](std::size_t row) {
      text.clear();
      write_row(writer, batch, row, text);
      out.raw(text);
    });
  }
  out.end_array();
  if (answer.truncated) {
    out.field("truncated", true);
  }
  return out.end_object().take();
}

namespace detail {

namespace {

std::string list(const std::vector<expr::ExpressionPtr>& expressions) {
  std::string text = "[";
  for (const expr::ExpressionPtr& expression : expressions) {
    text += (text.size() == 1 ? "" : ", ") + expr::to_sql(*expression);
  }
  return text + "]";
}

std::string join_name(plan::JoinKind kind) {
  switch (kind) {
    case plan::JoinKind::kInner:
      return "Inner";
    case plan::JoinKind::kLeft:
      return "LeftOuter";
    case plan::JoinKind::kRight:
      return "RightOuter";
    case plan::JoinKind::kFull:
      return "FullOuter";
    case plan::JoinKind::kCross:
      return "Cross";
    case plan::JoinKind::kLeftSemi:
      return "LeftSemi";
    case plan::JoinKind::kLeftAnti:
      return "LeftAnti";
    case plan::JoinKind::kLeftSingle:
      return "LeftSingle";
    case plan::JoinKind::kExistence:
      return "ExistenceJoin";
  }
  return "Inner";
}

std::string set_name(plan::SetKind kind) {
  switch (kind) {
    case plan::SetKind::kUnion:
      return "Union";
    case plan::SetKind::kIntersect:
      return "Intersect";
    case plan::SetKind::kExcept:
      return "Except";
  }
  return "Union";
}

std::string order(const std::vector<plan::SortKey>& keys) {
  std::string text = " [";
  for (const plan::SortKey& key : keys) {
    text += (text.back() == '[' ? "" : ", ") + expr::to_sql(*key.expression) +
            (key.ascending ? " ASC" : " DESC") + (key.nulls_first ? " NULLS FIRST" : " NULLS LAST");
  }
  return text + "]";
}

/// One line for each kind of operator.
struct Describe {
  std::string operator()(const plan::Scan& scan) const {
    std::string text = "Scan " + scan.relation->name + " [";
    for (std::size_t at = 0; at < scan.columns.size(); ++at) {
      text += (at == 0 ? "" : ", ") + scan.relation->schema.fields[scan.columns[at]].name;
    }
    return text + "]";
  }

  std::string operator()(const plan::Values& values) const {
    return "Values " + std::to_string(values.rows.size()) + " rows";
  }

  std::string operator()(const plan::Range& range) const {
    return "Range (" + std::to_string(range.start) + ", " + std::to_string(range.end) +
           ", step=" + std::to_string(range.step) + ")";
  }

  std::string operator()(const plan::Project& project) const {
    return "Project " + list(project.columns);
  }

  std::string operator()(const plan::Filter& filter) const {
    return "Filter " + expr::to_sql(*filter.condition);
  }

  std::string operator()(const plan::Generate& generate) const {
    return "Generate " + generate.generator + list(generate.args);
  }

  std::string operator()(const plan::Join& join) const {
    return "Join " + join_name(join.kind) + " " + list(join.left_keys) + " = " +
           list(join.right_keys) +
           (join.residual ? " and " + expr::to_sql(*join.residual) : std::string());
  }

  std::string operator()(const plan::Aggregate& aggregate) const {
    std::string text = "Aggregate by " + list(aggregate.groups) + " of [";
    for (const plan::AggregateCall& call : aggregate.calls) {
      text += (text.back() == '[' ? "" : ", ") + call.function + list(call.args);
    }
    return text + "]";
  }

  std::string operator()(const plan::Expand& expand) const {
    std::string text = "Expand [";
    for (const auto& projection : expand.projections) {
      text += (text.back() == '[' ? "" : ", ") + list(projection);
    }
    return text + "]";
  }

  std::string operator()(const plan::NumberRows& /*rows*/) const { return "NumberRows"; }

  std::string operator()(const plan::MergeSessions& sessions) const {
    return "MergingSessions by " + list(sessions.keys);
  }

  std::string operator()(const plan::Window& window) const {
    std::string text = "Window [";
    for (const plan::WindowCall& call : window.calls) {
      text += (text.back() == '[' ? "" : ", ") + call.function + list(call.args);
    }
    return text + "] by " + list(window.partition) + order(window.order);
  }

  std::string operator()(const plan::Sort& sort) const { return "Sort" + order(sort.keys); }

  std::string operator()(const plan::Limit& limit) const {
    return "Limit " + (limit.limit ? std::to_string(*limit.limit) : std::string("all")) +
           (limit.offset == 0 ? std::string() : " offset " + std::to_string(limit.offset));
  }

  std::string operator()(const plan::SetOperation& set) const {
    return set_name(set.kind) + (set.all ? " All" : "");
  }

  std::string operator()(const plan::Distinct& /*distinct*/) const { return "Distinct"; }
};

void append_plan(const plan::Node& node, std::size_t depth, std::string& text) {
  text.append(depth * 2, ' ');
  text += depth == 0 ? "" : "+- ";
  text += std::visit(Describe(), node.op);
  text += '\n';
  for (const plan::NodePtr& input : node.inputs) {
    append_plan(*input, depth + 1, text);
  }
}

}  // namespace

std::string plan_to_text(const plan::Node& node) {
  std::string text = "== Plan ==\n";
  append_plan(node, 0, text);
  return text;
}

}  // namespace detail
}  // namespace millrace::server
