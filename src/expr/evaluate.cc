// Walks the tree: arguments first, then the kernel, for the rows that have not failed so far.
#include "expr/evaluate.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/assert.h"
#include "data/column_builder.h"
#include "expr/merge.h"

namespace millrace::expr {
namespace {

// The column with null in the rows that failed.
data::ColumnPtr without_errors(const data::ColumnPtr& column,
                               const data::Selection& rows,
                               const data::ErrorMask& errors) {
  if (!errors.any()) {
    return column;
  }
  std::vector<data::RowIndex> good;
  rows.for_each([&](std::size_t row) {
    if (!errors.failed(row)) {
      good.push_back(static_cast<data::RowIndex>(row));
    }
  });
  const MergePart part{column, data::Selection(std::move(good))};
  return merge_rows(column->type(), column->size(), std::span(&part, 1));
}

void collect_columns(const Expression& expression, std::vector<std::size_t>& columns) {
  if (expression.kind == ExpressionKind::kColumn) {
    columns.push_back(expression.index);
  }
  for (const ExpressionPtr& arg : expression.args) {
    collect_columns(*arg, columns);
  }
}

}  // namespace

Evaluation::Evaluation(const EvalContext& context, data::Batch& batch)
    : context_(context), batch_(batch) {}

data::ColumnPtr Evaluation::evaluate(const Expression& expression, const data::Selection& rows) {
  switch (expression.kind) {
    case ExpressionKind::kLiteral:
      return data::Column::constant(expression.type, expression.value, batch_.rows);
    case ExpressionKind::kColumn:
      return batch_.columns[expression.index];
    case ExpressionKind::kLambdaVariable:
      MR_ASSERT(expression.depth < frames_.size(),
                "lambda depth {} of {}",
                expression.depth,
                frames_.size());
      return frames_[frames_.size() - 1 - expression.depth][expression.index];
    case ExpressionKind::kCall:
      return evaluate_call(expression, rows);
    case ExpressionKind::kLambda:
      break;
  }
  MR_ASSERT(false, "a lambda {} is no value", expression.name);
  return nullptr;
}

data::ColumnPtr Evaluation::evaluate_call(const Expression& call, const data::Selection& rows) {
  if (call.resolution.lazy) {
    const data::Selection good = without_failed(rows);
    return call.resolution.kernel(
        {.call = call, .args = {}, .rows = good, .batch_rows = batch_.rows, .evaluation = *this});
  }
  std::vector<data::ColumnPtr> args;
  args.reserve(call.args.size());
  data::Selection narrowed;
  const data::Selection* left = &rows;
  std::size_t errors = 0;  // Of the mask when `left` was made.
  const auto narrow = [&] {
    if (batch_.errors.errors().size() != errors) {
      errors = batch_.errors.errors().size();
      narrowed = without_failed(*left);
      left = &narrowed;
    }
  };
  narrow();
  for (const ExpressionPtr& arg : call.args) {
    args.push_back(arg->kind == ExpressionKind::kLambda ? nullptr : evaluate(*arg, *left));
    narrow();
  }
  return call.resolution.kernel(
      {.call = call, .args = args, .rows = *left, .batch_rows = batch_.rows, .evaluation = *this});
}

void Evaluation::fail(std::size_t row, EvalError error, const Expression& site) {
  batch_.errors.set(row, static_cast<std::uint16_t>(error), &site);
}

data::ColumnPtr Evaluation::evaluate_try(const Expression& expression,
                                         const data::Selection& rows) {
  return suppress(rows, [&] { return evaluate(expression, rows); });
}

data::ColumnPtr Evaluation::suppress(const data::Selection& rows,
                                     const std::function<data::ColumnPtr()>& compute) {
  data::ErrorMask before = std::exchange(batch_.errors, {});
  const data::ColumnPtr column = compute();
  const data::ErrorMask errors = std::exchange(batch_.errors, std::move(before));
  return without_errors(column, rows, errors);
}

data::ColumnPtr Evaluation::evaluate_lambda(const Expression& lambda,
                                            std::span<const data::ColumnPtr> variables,
                                            std::span<const data::RowIndex> parents) {
  MR_ASSERT(lambda.kind == ExpressionKind::kLambda, "{} is no lambda", lambda.name);
  const Expression& body = *lambda.args.front();
  std::vector<std::size_t> columns;
  collect_columns(body, columns);
  data::ColumnBuilder result(body.type, parents.size());
  for (std::size_t begin = 0; begin < parents.size(); begin += data::kBatchRows) {
    const auto part = parents.subspan(begin, std::min(data::kBatchRows, parents.size() - begin));
    data::Batch inner;
    inner.rows = part.size();
    inner.columns.resize(batch_.columns.size());
    for (const std::size_t column : columns) {
      inner.columns[column] = gather_rows(batch_.columns[column], part);
    }
    Evaluation evaluation(context_, inner);
    for (const auto& frame : frames_) {
      auto& gathered = evaluation.frames_.emplace_back();
      for (const data::ColumnPtr& column : frame) {
        gathered.push_back(gather_rows(column, part));
      }
    }
    auto& frame = evaluation.frames_.emplace_back();
    for (const data::ColumnPtr& variable : variables) {
      frame.push_back(
          parents.size() <= data::kBatchRows ? variable : slice_rows(variable, begin, part.size()));
    }
    const data::ColumnPtr column = evaluation.evaluate(body, data::Selection::all(part.size()));
    for (const data::RowError& error : inner.errors.errors()) {
      batch_.errors.set(part[error.row], error.code, error.site);
    }
    if (parents.size() <= data::kBatchRows) {
      return without_errors(column, data::Selection::all(part.size()), inner.errors);
    }
    for (std::size_t row = 0; row < part.size(); ++row) {
      if (inner.errors.failed(row) || column->is_null(row)) {
        result.append_null();
      } else {
        result.append_from(*column, row);
      }
    }
  }
  return result.finish();
}

data::Selection Evaluation::without_failed(const data::Selection& rows) const {
  if (!batch_.errors.any()) {
    return rows;
  }
  std::vector<data::RowIndex> good;
  good.reserve(rows.size());
  rows.for_each([&](std::size_t row) {
    if (!batch_.errors.failed(row)) {
      good.push_back(static_cast<data::RowIndex>(row));
    }
  });
  return data::Selection(std::move(good));
}

data::Selection true_rows(const data::Column& column, const data::Selection& rows) {
  std::vector<data::RowIndex> found(rows.size());
  std::size_t count = 0;
  const bool nulls = column.may_have_nulls();
  rows.for_each([&](std::size_t row) {
    found[count] = static_cast<data::RowIndex>(row);
    count += static_cast<std::size_t>(column.get<std::uint8_t>(row) != 0 &&
                                      !(nulls && column.is_null(row)));
  });
  if (count == rows.size()) {
    return rows;
  }
  found.resize(count);
  return data::Selection(std::move(found));
}

data::Selection filter_rows(const Expression& condition,
                            const data::Selection& rows,
                            Evaluation& evaluation) {
  const data::ColumnPtr column = evaluation.evaluate(condition, rows);
  return true_rows(*column, evaluation.without_failed(rows));
}

}  // namespace millrace::expr
