// Runs bound expressions over batches.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/hash.h"
#include "data/batch.h"
#include "expr/expression.h"

namespace millrace::expr {

/// What is the same for all expressions of an epoch: clock and randomness of a flow are functions
/// of the logged epoch and the record (DESIGN §2). Immutable by use.
struct EvalContext {
  std::int64_t epoch_time_us = 0;  ///< current_timestamp()
  std::string_view time_zone = "UTC";
  Hash128 salt;  ///< of the instance
  std::uint64_t epoch = 0;
  std::string_view flow;       ///< origin of rows above a stateful operator
  std::string_view source_id;  ///< topic id of the source that the batch comes from
  std::string_view current_user = "millrace";
};

/// One pass over one batch. Owned by one thread.
class Evaluation {
 public:
  /// Errors go to batch.errors; rows that already failed are left out.
  Evaluation(const EvalContext& context, data::Batch& batch);

  /// A column of batch.rows rows; rows outside of `rows` are unspecified, failed rows too.
  data::ColumnPtr evaluate(const Expression& expression, const data::Selection& rows);

  /// Notes that a row failed in a call.
  void fail(std::size_t row, EvalError error, const Expression& site);

  [[nodiscard]] const EvalContext& context() const { return context_; }

  [[nodiscard]] data::Batch& batch() { return batch_; }

  /// Evaluates with errors turned into nulls, as try_* functions do.
  data::ColumnPtr evaluate_try(const Expression& expression, const data::Selection& rows);

  /// Runs `compute`, which returns a column of batch rows, with its errors turned into nulls.
  data::ColumnPtr suppress(const data::Selection& rows,
                           const std::function<data::ColumnPtr()>& compute);

  /// Runs the body of a lambda over elements. `variables` are its parameters: columns of one size,
  /// one row an element; `parents[i]` is the row of this batch that element i belongs to. Gives a
  /// column of parents.size() rows; an element that fails fails its parent.
  data::ColumnPtr evaluate_lambda(const Expression& lambda,
                                  std::span<const data::ColumnPtr> variables,
                                  std::span<const data::RowIndex> parents);

  /// The rows without those that failed.
  [[nodiscard]] data::Selection without_failed(const data::Selection& rows) const;

 private:
  data::ColumnPtr evaluate_call(const Expression& call, const data::Selection& rows);

  const EvalContext& context_;
  data::Batch& batch_;
  // Parameters of the lambdas around, innermost last.
  std::vector<std::vector<data::ColumnPtr>> frames_;
};

/// The rows of `rows` where a BOOLEAN column is TRUE.
data::Selection true_rows(const data::Column& column, const data::Selection& rows);

/// The rows of `rows` where the condition is TRUE (not null, not failed).
data::Selection filter_rows(const Expression& condition,
                            const data::Selection& rows,
                            Evaluation& evaluation);

/// Spark's class and SQLSTATE, the message with the values of the failed row, and where in the
/// SQL. Evaluates the arguments of the failed call again, for this row only.
Diagnostic describe_error(const data::RowError& error,
                          const EvalContext& context,
                          data::Batch& batch);

}  // namespace millrace::expr
