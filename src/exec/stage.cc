#include "exec/stage.h"

#include <utility>
#include <vector>

#include "data/column_builder.h"
#include "exec/generator.h"

namespace millrace::exec {

std::vector<data::ColumnPtr> project_columns(const plan::Project& project,
                                             data::Batch& batch,
                                             const expr::EvalContext& context) {
  expr::Evaluation evaluation(context, batch);
  std::vector<data::ColumnPtr> columns;
  columns.reserve(project.columns.size());
  for (const expr::ExpressionPtr& expression : project.columns) {
    columns.push_back(evaluation.evaluate(*expression, batch.selection));
  }
  return columns;
}

data::Selection filter_batch(const plan::Filter& filter,
                             data::Batch& batch,
                             const expr::EvalContext& context) {
  expr::Evaluation evaluation(context, batch);
  return expr::filter_rows(*filter.condition, batch.selection, evaluation);
}

void drop_failed(data::Batch& batch) {
  if (!batch.errors.any()) {
    return;
  }
  std::vector<data::RowIndex> kept;
  kept.reserve(batch.selection.size());
  batch.selection.for_each([&](std::size_t row) {
    if (!batch.errors.failed(row)) {
      kept.push_back(static_cast<data::RowIndex>(row));
    }
  });
  batch.selection = data::Selection(std::move(kept));
  batch.errors.clear();
}

data::Batch compact(const data::Batch& batch) {
  if (batch.selection.is_all() && batch.selection.size() == batch.rows) {
    data::Batch copy;
    copy.columns = batch.columns;
    copy.rows = batch.rows;
    copy.selection = batch.selection;
    copy.origins = batch.origins;
    return copy;
  }
  data::Batch dense;
  dense.rows = batch.selection.size();
  dense.selection = data::Selection::all(dense.rows);
  for (const data::ColumnPtr& column : batch.columns) {
    data::ColumnBuilder builder(column->type(), dense.rows);
    batch.selection.for_each([&](std::size_t row) { builder.append_from(*column, row); });
    dense.columns.push_back(builder.finish());
  }
  return dense;
}

namespace {

/// Collects generated rows and hands them on when a batch is full. Owned by one thread.
class GeneratedRows final : public RowSink {
 public:
  GeneratedRows(const data::Batch& input, const data::Schema& output, const BatchConsumer& consumer)
      : input_(input), consumer_(consumer) {
    for (const data::ColumnPtr& column : input.columns) {
      builders_.emplace_back(column->type(), data::kBatchRows);
    }
    for (std::size_t column = input.columns.size(); column < output.fields.size(); ++column) {
      builders_.emplace_back(output.fields[column].type, data::kBatchRows);
    }
  }

  /// The builders of the generated columns of the next row, which begin_row() was called for.
  data::ColumnBuilder& column(std::size_t index) override {
    return builders_[input_.columns.size() + index];
  }

  void begin_row(std::size_t row) override {
    for (std::size_t column = 0; column < input_.columns.size(); ++column) {
      builders_[column].append_from(*input_.columns[column], row);
    }
    if (input_.origins) {
      const bool same = row == last_row_;
      ordinal_ = same ? ordinal_ + 1 : 0;
      last_row_ = row;
      offsets_.push_back(input_.origins->offsets[row]);
      const auto& before = input_.origins->ordinals;
      // Rows of rows: the ordinal of the outer row leads.
      ordinals_.push_back((before.empty() ? 0 : before[row] << 12U) + ordinal_);
    }
    ++rows_;
  }

  void end_row() override {
    if (rows_ == data::kBatchRows) {
      flush();
    }
  }

  void flush() {
    if (rows_ == 0) {
      return;
    }
    data::Batch batch;
    for (data::ColumnBuilder& builder : builders_) {
      batch.columns.push_back(builder.finish());
    }
    batch.rows = std::exchange(rows_, 0);
    batch.selection = data::Selection::all(batch.rows);
    if (input_.origins) {
      auto origins = std::make_shared<data::Origins>();
      origins->source = input_.origins->source;
      origins->partition = input_.origins->partition;
      origins->offsets = std::exchange(offsets_, {});
      origins->ordinals = std::exchange(ordinals_, {});
      batch.origins = std::move(origins);
    }
    consumer_(std::move(batch));
  }

 private:
  const data::Batch& input_;
  const BatchConsumer& consumer_;
  std::vector<data::ColumnBuilder> builders_;
  std::vector<std::int64_t> offsets_;
  std::vector<std::uint32_t> ordinals_;
  std::size_t rows_ = 0;
  std::size_t last_row_ = ~std::size_t{0};
  std::uint32_t ordinal_ = 0;
};

}  // namespace

void generate_rows(const plan::Generate& generate,
                   const data::Schema& output,
                   data::Batch& batch,
                   const expr::EvalContext& context,
                   const BatchConsumer& failed,
                   const BatchConsumer& rows) {
  std::vector<data::ColumnPtr> args;
  {
    expr::Evaluation evaluation(context, batch);
    for (const expr::ExpressionPtr& arg : generate.args) {
      args.push_back(evaluation.evaluate(*arg, batch.selection));
    }
  }
  if (batch.errors.any()) {
    failed(batch);
    drop_failed(batch);
  }
  GeneratedRows sink(batch, output, rows);
  run_generator(generate, args, batch.selection, sink);
  sink.flush();
}

}  // namespace millrace::exec
