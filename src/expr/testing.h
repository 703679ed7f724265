// For tests: expressions as SQL text, run over small tables whose cells are SQL text, too.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "data/batch.h"
#include "data/column_builder.h"
#include "expr/aggregate.h"
#include "expr/bind.h"
#include "expr/bind_ast.h"
#include "expr/evaluate.h"
#include "expr/value_text.h"
#include "sql/parser.h"

namespace millrace::expr {

/// Columns to run expressions over; without a column, one row. Owned by one thread.
class TestTable : public NameResolver {
 public:
  TestTable() { batch_.rows = 1; }

  /// Adds a column: t.column("a", "INT", {"1", "NULL", "2 + 3"}).
  TestTable& column(std::string name,
                    std::string_view type,
                    const std::vector<std::string>& cells) {
    const data::Type bound = type_named(type);
    data::ColumnBuilder builder(bound, cells.size());
    for (const std::string& cell : cells) {
      builder.append_value(value_of(cell, bound));
    }
    batch_.columns.push_back(builder.finish());
    batch_.rows = cells.size();
    names_.push_back(std::move(name));
    return *this;
  }

  /// Adds a column that was built by hand.
  TestTable& add(std::string name, data::ColumnPtr column) {
    batch_.rows = column->size();
    batch_.columns.push_back(std::move(column));
    names_.push_back(std::move(name));
    return *this;
  }

  /// The values of all rows: "1 | NULL | !DIVIDE_BY_ZERO", or "?CLASS" when it does not bind.
  std::string run(std::string_view sql) {
    const ExpressionPtr expression = bind(sql);
    if (expression == nullptr) {
      return "?" + error_class();
    }
    return run(*expression, data::Selection::all(batch_.rows));
  }

  std::string run(const Expression& expression, const data::Selection& rows) {
    batch_.errors.clear();
    Evaluation evaluation(context_, batch_);
    const data::ColumnPtr column = evaluation.evaluate(expression, rows);
    std::string text;
    rows.for_each(
        [&](std::size_t row) { text += (text.empty() ? "" : " | ") + cell(*column, row); });
    return text;
  }

  /// The message of the first row that fails.
  std::string message(std::string_view sql) {
    const ExpressionPtr expression = bind(sql);
    if (expression == nullptr) {
      return diagnostics_.all()[0].message;
    }
    (void)run(*expression, data::Selection::all(batch_.rows));
    return batch_.errors.any() ? describe_error(batch_.errors.errors()[0], context_, batch_).message
                               : "";
  }

  /// "bigint", or "?CLASS".
  std::string type(std::string_view sql) {
    const ExpressionPtr expression = bind(sql);
    return expression == nullptr ? "?" + error_class() : expression->type.to_string();
  }

  /// Null after an error, which error_class() names.
  ExpressionPtr bind(std::string_view sql) {
    diagnostics_ = {};
    const sql::ExpressionPtr tree = sql::parse_expression(sql, "test.sql", diagnostics_);
    return tree ? bind_expression(*tree, *this, {bind_context_, "test.sql"}, diagnostics_)
                : nullptr;
  }

  /// The result of an aggregate over all rows; with `cut`, made of two states that were merged.
  std::string aggregate(std::string_view name,
                        const std::vector<std::string>& args,
                        std::size_t cut = 0) {
    std::vector<ExpressionPtr> bound;
    bound.reserve(args.size());
    for (const std::string& arg : args) {
      bound.push_back(bind(arg));
    }
    const auto signature = bind_aggregate(name, bound, {}, bind_context_, diagnostics_);
    if (!signature) {
      return "?" + error_class();
    }
    std::vector<data::ColumnPtr> columns;
    Evaluation evaluation(context_, batch_);
    columns.reserve(bound.size());
    for (const ExpressionPtr& arg : bound) {
      columns.push_back(evaluation.evaluate(*arg, data::Selection::all(batch_.rows)));
    }
    const auto first = make_aggregator(name, bound, signature->type);
    const auto second = make_aggregator(name, bound, signature->type);
    update(*first, columns, 0, cut == 0 ? batch_.rows : cut);
    update(*second, columns, cut == 0 ? batch_.rows : cut, batch_.rows);
    const std::vector<std::uint32_t> group = {0};
    first->merge(*second, group);
    std::vector<AggregateError> errors;
    const data::ColumnPtr result = first->finish(group, errors);
    if (!errors.empty()) {
      return "!" + std::string(info(errors[0].error).error_class);
    }
    return result->is_null(0) ? "NULL"
                              : value_to_text(result->type(), result->value(0), data::Zone());
  }

  [[nodiscard]] std::string error_class() const {
    return diagnostics_.empty() ? "" : diagnostics_.all()[0].error_class;
  }

  [[nodiscard]] std::size_t errors() const { return diagnostics_.error_count(); }

  EvalContext& context() { return context_; }

  BindContext& bind_context() { return bind_context_; }

  data::Batch& batch() { return batch_; }

  Resolved column(const sql::Name& name, std::size_t& used, ExpressionPtr& result) override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name.parts.front().name) {
        used = 1;
        result = make_column(i, names_[i], batch_.columns[i]->type(), /*nullable=*/true);
        return Resolved::kDone;
      }
    }
    return Resolved::kNotMine;
  }

  Resolved call(const sql::FunctionCall&, const SourceSpan&, ExpressionPtr&) override {
    return Resolved::kNotMine;
  }

  Resolved subquery(const sql::Query&,
                    sql::SubqueryKind,
                    const SourceSpan&,
                    ExpressionPtr&) override {
    return Resolved::kNotMine;
  }

  Resolved in_subquery(const sql::InSubquery&, const SourceSpan&, ExpressionPtr&) override {
    return Resolved::kNotMine;
  }

  [[nodiscard]] std::vector<std::string> column_names() const override { return names_; }

  /// The type that SQL names.
  static data::Type type_named(std::string_view name) {
    Diagnostics diagnostics;
    const auto parsed = sql::parse_data_type(name, "test.sql", diagnostics);
    return type_of(*parsed, "test.sql", diagnostics).value_or(data::Type());
  }

 private:
  std::string cell(const data::Column& column, std::size_t row) const {
    if (batch_.errors.failed(row)) {
      for (const data::RowError& error : batch_.errors.errors()) {
        if (error.row == row) {
          return "!" + std::string(info(static_cast<EvalError>(error.code)).error_class);
        }
      }
    }
    return column.is_null(row)
               ? "NULL"
               : value_to_text(column.type(),
                               column.value(row),
                               data::Zone::find(context_.time_zone).value_or(data::Zone()));
  }

  data::Value value_of(const std::string& cell, const data::Type& type) {
    TestTable none;
    ExpressionPtr value = none.bind(cell);
    value = bind_cast(value, type, CastMode::kImplicit, {}, bind_context_, diagnostics_);
    Evaluation evaluation(none.context_, none.batch_);
    return evaluation.evaluate(*value, data::Selection::all(1))->value(0);
  }

  static void update(Aggregator& aggregator,
                     const std::vector<data::ColumnPtr>& columns,
                     std::size_t begin,
                     std::size_t end) {
    aggregator.resize(1);
    std::vector<data::RowIndex> rows;
    for (std::size_t row = begin; row < end; ++row) {
      rows.push_back(static_cast<data::RowIndex>(row));
    }
    const std::vector<std::uint32_t> groups(rows.size(), 0);
    const data::Selection selection(std::move(rows));
    aggregator.update({.args = columns, .groups = groups, .rows = selection});
  }

  EvalContext context_;
  BindContext bind_context_;
  data::Batch batch_;
  std::vector<std::string> names_;
  Diagnostics diagnostics_;
};

}  // namespace millrace::expr
