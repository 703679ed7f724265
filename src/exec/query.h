// Runs a batch query to its end: `millrace sql`, the page, materialized views.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>

#include "base/diagnostic.h"
#include "base/result.h"
#include "data/batch.h"
#include "expr/evaluate.h"
#include "plan/logical.h"

namespace millrace::exec {

/// Rows of one relation, batch by batch. Owned by one thread.
class BatchSource {
 public:
  BatchSource() = default;
  BatchSource(const BatchSource&) = delete;
  BatchSource& operator=(const BatchSource&) = delete;
  virtual ~BatchSource() = default;

  /// False at the end; else `batch` holds rows.
  virtual Result<bool> next(data::Batch& batch) = 0;
};

/// Opens the relations that a query scans. Thread-safe.
class TableProvider {
 public:
  TableProvider() = default;
  TableProvider(const TableProvider&) = delete;
  TableProvider& operator=(const TableProvider&) = delete;
  virtual ~TableProvider() = default;

  /// Gives the scan's columns only, in their order.
  virtual Result<std::unique_ptr<BatchSource>> open(const plan::Scan& scan) = 0;
};

struct QueryOptions {
  expr::EvalContext context = {};
  std::uint64_t memory_bytes_max = 1ULL << 30U;  ///< Beyond it: kExhausted, naming the operator.
  std::stop_token stop = {};
};

/// A failed query: what Spark would say, with the place in the SQL. `error` is set for I/O.
struct QueryFailure {
  Diagnostic diagnostic = {};
};

/// Runs the query and gives its batches to `rows` until that returns false. An error of a row fails
/// the query (batch SQL has no dead letters): `failure` is filled and kInvalidArgument returned.
Result<void> run_query(const plan::NodePtr& query,
                       TableProvider& tables,
                       const QueryOptions& options,
                       const std::function<bool(const data::Batch&)>& rows,
                       QueryFailure& failure);

}  // namespace millrace::exec
