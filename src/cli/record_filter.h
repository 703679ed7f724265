// `--where`: a condition in Spark SQL over the parts of a record.
//
//   key, value       STRING (the bytes as they are)      topic       STRING
//   partition        INT                                 offset      BIGINT
//   timestamp        TIMESTAMP                           headers     MAP<STRING, STRING>
//
//   --where "value LIKE '%x%' AND partition = 0"
//   --where "get_json_object(value, '$.age') > 30"
//   --where "headers['trace'] IS NOT NULL AND timestamp > '2026-11-21 17:00:00'"
//
// Tested by record_filter_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "cli/shown_record.h"
#include "data/type.h"
#include "expr/evaluate.h"
#include "expr/expression.h"

namespace millrace::cli {

/// Owned by one thread.
class RecordFilter {
 public:
  /// Without a condition: everything passes.
  RecordFilter() = default;

  /// Parses and binds; every fault is in `diagnostics` then, and the filter is of no use. `now_us`
  /// is what current_timestamp() gives.
  static RecordFilter parse(std::string_view condition,
                            std::int64_t now_us,
                            Diagnostics& diagnostics);

  /// Whether the condition is TRUE. A record whose evaluation fails does not pass and is counted.
  bool passes(const ShownRecord& record);

  /// Records that failed in evaluation.
  [[nodiscard]] std::uint64_t failed() const { return failed_; }

  /// What the first of them said; empty: there was none.
  [[nodiscard]] const std::string& first_failure() const { return first_failure_; }

 private:
  expr::ExpressionPtr condition_;
  std::vector<std::size_t> columns_;  // Those that the condition reads, in the order of the batch.
  expr::EvalContext context_;
  std::uint64_t failed_ = 0;
  std::string first_failure_;
};

}  // namespace millrace::cli
