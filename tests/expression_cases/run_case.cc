#include "expression_cases/run_case.h"

#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/diagnostic.h"
#include "base/result.h"
#include "exec/query.h"
#include "expr/aggregate.h"
#include "expr/bind.h"
#include "expr/bind_ast.h"
#include "expr/evaluate.h"
#include "expr/value_text.h"
#include "format/json_writer.h"
#include "plan/binder.h"
#include "plan/catalog.h"
#include "sql/parser.h"

namespace millrace::tests {
namespace {

// No columns; aggregates run over the one row that SELECT without FROM has.
class OneRow : public expr::NameResolver {
 public:
  OneRow(const expr::BindContext& context, Diagnostics& diagnostics)
      : context_(context), diagnostics_(diagnostics) {}

  expr::Resolved column(const sql::Name&, std::size_t&, expr::ExpressionPtr&) override {
    return expr::Resolved::kNotMine;
  }

  expr::Resolved call(const sql::FunctionCall& call,
                      const SourceSpan& where,
                      expr::ExpressionPtr& result) override {
    const std::string& name = call.name.parts.back().name;
    if (expr::find_aggregate(name) == nullptr || call.over) {
      return expr::Resolved::kNotMine;
    }
    std::vector<expr::ExpressionPtr> args;
    for (const sql::Argument& argument : call.arguments) {
      if (argument.value->as<sql::Star>() == nullptr) {
        args.push_back(
            expr::bind_expression(*argument.value, *this, {context_, "case"}, diagnostics_));
      }
    }
    const auto signature = expr::bind_aggregate(name, args, where, context_, diagnostics_);
    if (!signature) {
      return expr::Resolved::kFailed;
    }
    result = run(name, args, signature->type, where);
    return expr::Resolved::kDone;
  }

  expr::Resolved subquery(const sql::Query&,
                          sql::SubqueryKind,
                          const SourceSpan&,
                          expr::ExpressionPtr&) override {
    return expr::Resolved::kNotMine;
  }

  expr::Resolved in_subquery(const sql::InSubquery&,
                             const SourceSpan&,
                             expr::ExpressionPtr&) override {
    return expr::Resolved::kNotMine;
  }

  [[nodiscard]] std::vector<std::string> column_names() const override { return {}; }

 private:
  static expr::ExpressionPtr run(const std::string& name,
                                 const std::vector<expr::ExpressionPtr>& args,
                                 const data::Type& type,
                                 const SourceSpan& where) {
    const auto aggregator = expr::make_aggregator(name, args, type);
    aggregator->resize(1);
    std::vector<data::ColumnPtr> columns;
    columns.reserve(args.size());
    for (const expr::ExpressionPtr& arg : args) {
      columns.push_back(data::Column::constant(arg->type, arg->value, 1));
    }
    const std::vector<std::uint32_t> groups = {0};
    const data::Selection rows = data::Selection::all(1);
    aggregator->update({.args = columns, .groups = groups, .rows = rows});
    std::vector<expr::AggregateError> errors;
    return expr::make_literal(type, aggregator->finish(groups, errors)->value(0), where);
  }

  const expr::BindContext& context_;
  Diagnostics& diagnostics_;
};

Outcome error_of(const Diagnostic& diagnostic, std::string type = "") {
  return {.result = "",
          .type = std::move(type),
          .error_class = diagnostic.error_class,
          .sqlstate = diagnostic.sqlstate,
          .message = diagnostic.message};
}

Outcome first_error(const Diagnostics& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (diagnostic.severity == Severity::kError) {
      return error_of(diagnostic);
    }
  }
  return {.result = "", .type = "", .error_class = "NO_DIAGNOSTIC", .sqlstate = "", .message = ""};
}

std::optional<std::string> print(const data::ColumnPtr& column) {
  const data::Type& type = column->type();
  if (column->is_null(0)) {
    return std::nullopt;
  }
  if (type.is_nested()) {
    const auto writer =
        format::JsonWriter::for_to_json(type, {{"ignoreNullFields", "false"}}, data::Zone());
    std::string text;
    writer->append_value(text, *column, 0);
    return text;
  }
  if (type.kind() == data::TypeKind::kBinary) {
    std::string text = "0x";
    for (const char byte : column->string(0)) {
      text += fmt::format("{:02X}", static_cast<unsigned char>(byte));
    }
    return text;
  }
  return expr::value_to_text(type, column->value(0), data::Zone());
}

// Interactive SQL without a project: VALUES and table functions only.
class NoTables final : public plan::RelationResolver, public exec::TableProvider {
 public:
  std::shared_ptr<const plan::Relation> resolve(const std::vector<std::string>&,
                                                const SourceSpan&,
                                                Diagnostics&) override {
    return nullptr;
  }

  [[nodiscard]] std::vector<std::string> names() const override { return {}; }

  Result<std::unique_ptr<exec::BatchSource>> open(const plan::Scan& scan) override {
    return Error(ErrorCode::kNotFound, "no relation " + scan.relation->name);
  }
};

/// Prints rows as objects whose fields are named by position. Owned by one thread.
class RowPrinter {
 public:
  explicit RowPrinter(const data::Schema& schema) : type_(row_type(schema)) {}

  bool add(const data::Batch& batch) {
    data::Column::Parts parts;
    parts.type = type_;
    parts.size = batch.rows;
    parts.children = batch.columns;
    const data::Column rows(std::move(parts));
    batch.selection.for_each([&](std::size_t row) {
      text_ += text_.size() == 1 ? "" : ",";
      writer_.append_value(text_, rows, row);
    });
    return true;
  }

  [[nodiscard]] std::string finish() { return std::move(text_) + "]"; }

 private:
  static data::Type row_type(const data::Schema& schema) {
    std::vector<data::Field> fields = schema.fields;
    for (std::size_t column = 0; column < fields.size(); ++column) {
      fields[column].name = fmt::format("c{}", column);
    }
    return data::Type::structure(std::move(fields));
  }

  const data::Type type_;
  format::JsonWriter writer_ =
      MUST(format::JsonWriter::for_to_json(type_, {{"ignoreNullFields", "false"}}, data::Zone()));
  std::string text_ = "[";
};

}  // namespace

Outcome run_query(const std::string& text) {
  Diagnostics diagnostics;
  const sql::QueryPtr tree = sql::parse_query(text, "case", diagnostics);
  if (!tree || diagnostics.has_errors()) {
    return first_error(diagnostics);
  }
  NoTables tables;
  const plan::NodePtr query =
      plan::bind_query(*tree, tables, {.context = {.owner = "case"}, .file = "case"}, diagnostics);
  if (!query) {
    return first_error(diagnostics);
  }
  RowPrinter printer(query->schema);
  exec::QueryFailure failure;
  const Result<void> ran = exec::run_query(
      query, tables, {}, [&](const data::Batch& batch) { return printer.add(batch); }, failure);
  const std::string type = query->schema.to_string();
  if (!ran) {
    failure.diagnostic.message = ran.error().message();
    return error_of(failure.diagnostic, type);
  }
  return {
      .result = printer.finish(), .type = type, .error_class = "", .sqlstate = "", .message = ""};
}

Outcome run_expression(const std::string& expression) {
  Diagnostics diagnostics;
  const sql::ExpressionPtr tree = sql::parse_expression(expression, "case", diagnostics);
  if (!tree || diagnostics.has_errors()) {
    return first_error(diagnostics);
  }
  expr::BindContext context;
  context.owner = "case";
  OneRow names(context, diagnostics);
  const expr::ExpressionPtr bound =
      expr::bind_expression(*tree, names, {context, "case"}, diagnostics);
  if (bound == nullptr || diagnostics.has_errors()) {
    return first_error(diagnostics);
  }
  expr::EvalContext eval;
  data::Batch batch;
  batch.rows = 1;
  expr::Evaluation evaluation(eval, batch);
  const data::ColumnPtr column = evaluation.evaluate(*bound, data::Selection::all(1));
  const std::string type = bound->type.to_string();
  if (batch.errors.any()) {
    return error_of(expr::describe_error(batch.errors.errors()[0], eval, batch), type);
  }
  return {.result = print(column), .type = type, .error_class = "", .sqlstate = "", .message = ""};
}

bool matches(const Case& expected, const Outcome& outcome) {
  if (expected.error_class.empty()) {
    return outcome.error_class.empty() && outcome.result == expected.result &&
           outcome.type == expected.type;
  }
  if (outcome.error_class.empty()) {
    return false;
  }
  const bool unnamed = expected.error_class.starts_with("_LEGACY_ERROR_TEMP_") ||
                       expected.error_class.starts_with("java.");
  return unnamed || (outcome.error_class == expected.error_class &&
                     (expected.sqlstate.empty() || outcome.sqlstate == expected.sqlstate));
}

}  // namespace millrace::tests
