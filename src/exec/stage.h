// What a stateless operator does with one batch. Flows and batch queries run the same stages:
// projection, filter, generator.
#pragma once

#include <functional>

#include "data/batch.h"
#include "expr/evaluate.h"
#include "plan/logical.h"

namespace millrace::exec {

/// Evaluates the projection over the selected rows. Rows that failed are in batch.errors, whose
/// columns are still the input's: the caller deals with them and then swaps the result in.
std::vector<data::ColumnPtr> project_columns(const plan::Project& project,
                                             data::Batch& batch,
                                             const expr::EvalContext& context);

/// The selected rows for which the condition is TRUE; failed rows are in batch.errors.
data::Selection filter_batch(const plan::Filter& filter,
                             data::Batch& batch,
                             const expr::EvalContext& context);

/// Takes the failed rows out of the selection and clears the errors.
void drop_failed(data::Batch& batch);

/// A batch of only the selected rows, copied: for operators that keep rows.
data::Batch compact(const data::Batch& batch);

using BatchConsumer = std::function<void(data::Batch)>;

/// Gives the generated rows in batches of at most kBatchRows: the input's columns followed by those
/// of `output`. Rows whose arguments fail are in batch.errors and generate nothing; `failed` is
/// called with the batch then, before any output.
void generate_rows(const plan::Generate& generate,
                   const data::Schema& output,
                   data::Batch& batch,
                   const expr::EvalContext& context,
                   const BatchConsumer& failed,
                   const BatchConsumer& rows);

}  // namespace millrace::exec
