// What the operators of one batch query share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "exec/query.h"

namespace millrace::exec {

/// Owned by one thread.
class QueryRun {
 public:
  QueryRun(TableProvider& tables, const QueryOptions& options, QueryFailure& failure)
      : tables_(tables), options_(options), failure_(failure) {}

  [[nodiscard]] const QueryOptions& options() const { return options_; }

  [[nodiscard]] const expr::EvalContext& context() const { return options_.context; }

  TableProvider& tables() { return tables_; }

  /// An error of a row fails a batch query: the first one is described.
  Result<void> check(data::Batch& batch);

  /// Fails the query with an error that belongs to no single row: an aggregate that overflowed.
  Result<void> fail(expr::EvalError error, const std::string& function, const SourceSpan& where);

  /// The same with a message and a remedy of its own.
  Result<void> fail(expr::EvalError error,
                    std::string message,
                    const SourceSpan& where,
                    std::string help);

  /// Counts memory that an operator keeps; kExhausted, with its name, beyond the limit.
  Result<void> keep(std::size_t bytes, std::string_view doing);

  /// kCancelled after a stop request.
  Result<void> check_stop() const;

 private:
  TableProvider& tables_;
  const QueryOptions& options_;
  QueryFailure& failure_;
  std::uint64_t kept_bytes_ = 0;
};

/// A row of batches that an operator keeps.
struct RowAt {
  std::uint32_t batch = 0;
  std::uint32_t row = 0;
};

using SourcePtr = std::unique_ptr<BatchSource>;

/// The operator of a node, over its inputs.
Result<SourcePtr> open_node(const plan::Node& node, QueryRun& run);

// The operators, one file each.
SourcePtr make_project(const plan::Project& project, SourcePtr input, QueryRun& run);
SourcePtr make_filter(const plan::Filter& filter, SourcePtr input, QueryRun& run);
SourcePtr make_generate(const plan::Node& node, SourcePtr input, QueryRun& run);
SourcePtr make_limit(const plan::Limit& limit, SourcePtr input);
SourcePtr make_values(const plan::Node& node, QueryRun& run);
SourcePtr make_range(const plan::Range& range);
SourcePtr make_sort(const plan::Sort& sort, SourcePtr input, QueryRun& run);
SourcePtr make_join(const plan::Node& node, SourcePtr left, SourcePtr right, QueryRun& run);
SourcePtr make_aggregate(const plan::Node& node, SourcePtr input, QueryRun& run);
SourcePtr make_expand(const plan::Node& node, SourcePtr input, QueryRun& run);
SourcePtr make_row_numbers(SourcePtr input);
SourcePtr make_sessions(const plan::Node& node, SourcePtr input, QueryRun& run);
SourcePtr make_window(const plan::Node& node, SourcePtr input, QueryRun& run);
SourcePtr make_distinct(SourcePtr input, QueryRun& run);
SourcePtr make_union(SourcePtr left, SourcePtr right);
/// INTERSECT and EXCEPT.
SourcePtr make_set_difference(const plan::SetOperation& set,
                              SourcePtr left,
                              SourcePtr right,
                              QueryRun& run);

/// All batches of an input, compacted and counted as kept.
Result<std::vector<data::Batch>> collect(BatchSource& input, QueryRun& run, std::string_view doing);

}  // namespace millrace::exec
