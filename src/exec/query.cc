#include "exec/query.h"

#include <utility>

#include "exec/query_run.h"
#include "exec/stage.h"

namespace millrace::exec {

Result<void> QueryRun::check(data::Batch& batch) {
  if (!batch.errors.any()) {
    return {};
  }
  failure_.diagnostic = expr::describe_error(batch.errors.errors().front(), context(), batch);
  return Error(ErrorCode::kInvalidArgument, failure_.diagnostic.message);
}

Result<void> QueryRun::fail(expr::EvalError error,
                            const std::string& function,
                            const SourceSpan& where) {
  return fail(error,
              "the result of " + function + " cannot be represented",
              where,
              "use try_" + function + " to get NULL instead");
}

Result<void> QueryRun::fail(expr::EvalError error,
                            std::string message,
                            const SourceSpan& where,
                            std::string help) {
  const expr::EvalErrorInfo what = expr::info(error);
  failure_.diagnostic = {.error_class = std::string(what.error_class),
                         .sqlstate = std::string(what.sqlstate),
                         .where = where,
                         .message = std::move(message),
                         .help = std::move(help)};
  return Error(ErrorCode::kInvalidArgument, failure_.diagnostic.message);
}

Result<void> QueryRun::keep(std::size_t bytes, std::string_view doing) {
  kept_bytes_ += bytes;
  if (kept_bytes_ > options_.memory_bytes_max) {
    return Error(ErrorCode::kExhausted,
                 "the query needs more memory than it may have while " + std::string(doing) +
                     ": limit " + std::to_string(options_.memory_bytes_max >> 20U) +
                     " MiB; raise memory.max or select fewer rows");
  }
  return {};
}

Result<void> QueryRun::check_stop() const {
  if (options_.stop.stop_requested()) {
    return Error(ErrorCode::kCancelled, "the query was stopped");
  }
  return {};
}

Result<std::vector<data::Batch>> collect(BatchSource& input,
                                         QueryRun& run,
                                         std::string_view doing) {
  std::vector<data::Batch> batches;
  data::Batch batch;
  while (TRY(input.next(batch))) {
    TRY(run.check_stop());
    if (batch.selection.size() == 0) {
      continue;
    }
    batches.push_back(compact(batch));
    std::size_t bytes = 0;
    for (const data::ColumnPtr& column : batches.back().columns) {
      bytes += column->memory_bytes();
      for (const data::BlockPtr& block : column->parts().blocks) {
        bytes += block->size() / static_cast<std::size_t>(block.use_count());
      }
    }
    TRY(run.keep(bytes, doing));
  }
  return batches;
}

namespace {

Result<SourcePtr> open_one(const plan::Node& node, SourcePtr input, QueryRun& run) {
  if (const auto* project = std::get_if<plan::Project>(&node.op)) {
    return make_project(*project, std::move(input), run);
  }
  if (const auto* filter = std::get_if<plan::Filter>(&node.op)) {
    return make_filter(*filter, std::move(input), run);
  }
  if (std::holds_alternative<plan::Generate>(node.op)) {
    return make_generate(node, std::move(input), run);
  }
  if (std::holds_alternative<plan::Aggregate>(node.op)) {
    return make_aggregate(node, std::move(input), run);
  }
  if (std::holds_alternative<plan::Expand>(node.op)) {
    return make_expand(node, std::move(input), run);
  }
  if (std::holds_alternative<plan::NumberRows>(node.op)) {
    return make_row_numbers(std::move(input));
  }
  if (std::holds_alternative<plan::MergeSessions>(node.op)) {
    return make_sessions(node, std::move(input), run);
  }
  if (std::holds_alternative<plan::Window>(node.op)) {
    return make_window(node, std::move(input), run);
  }
  if (const auto* sort = std::get_if<plan::Sort>(&node.op)) {
    return make_sort(*sort, std::move(input), run);
  }
  if (const auto* limit = std::get_if<plan::Limit>(&node.op)) {
    return make_limit(*limit, std::move(input));
  }
  return make_distinct(std::move(input), run);
}

}  // namespace

Result<SourcePtr> open_node(const plan::Node& node, QueryRun& run) {
  if (const auto* scan = std::get_if<plan::Scan>(&node.op)) {
    return run.tables().open(*scan);
  }
  if (std::holds_alternative<plan::Values>(node.op)) {
    return make_values(node, run);
  }
  if (const auto* range = std::get_if<plan::Range>(&node.op)) {
    return make_range(*range);
  }
  SourcePtr left = TRY(open_node(*node.inputs[0], run));
  if (node.inputs.size() == 1) {
    return open_one(node, std::move(left), run);
  }
  SourcePtr right = TRY(open_node(*node.inputs[1], run));
  if (std::holds_alternative<plan::Join>(node.op)) {
    return make_join(node, std::move(left), std::move(right), run);
  }
  const auto& set = std::get<plan::SetOperation>(node.op);
  if (set.kind == plan::SetKind::kUnion) {
    return make_union(std::move(left), std::move(right));
  }
  return make_set_difference(set, std::move(left), std::move(right), run);
}

Result<void> run_query(const plan::NodePtr& query,
                       TableProvider& tables,
                       const QueryOptions& options,
                       const std::function<bool(const data::Batch&)>& rows,
                       QueryFailure& failure) {
  QueryRun run(tables, options, failure);
  SourcePtr root = TRY(open_node(*query, run));
  data::Batch batch;
  while (TRY(root->next(batch))) {
    TRY(run.check_stop());
    if (batch.selection.size() != 0 && !rows(batch)) {
      break;
    }
  }
  return {};
}

}  // namespace millrace::exec
