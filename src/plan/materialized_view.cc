#include "plan/materialized_view.h"

#include <vector>

#include <fmt/format.h>

#include "config/option_table.h"
#include "expr/expression.h"
#include "plan/pipeline.h"
#include "sql/position.h"

namespace millrace::plan {

namespace {

constexpr std::string_view kInterval = "millrace.refresh.interval";
constexpr std::int64_t kIntervalMsMax = 86'400'000;

using Expressions = std::vector<expr::ExpressionPtr>;

/// The expressions of one operator, without those of its inputs.
struct ExpressionsOf {
  Expressions operator()(const Scan& /*scan*/) const { return {}; }

  Expressions operator()(const Range& /*range*/) const { return {}; }

  Expressions operator()(const Limit& /*limit*/) const { return {}; }

  Expressions operator()(const SetOperation& /*set*/) const { return {}; }

  Expressions operator()(const Distinct& /*distinct*/) const { return {}; }

  Expressions operator()(const Values& values) const {
    Expressions all;
    for (const auto& row : values.rows) {
      all.insert(all.end(), row.begin(), row.end());
    }
    return all;
  }

  Expressions operator()(const Project& project) const { return project.columns; }

  Expressions operator()(const Filter& filter) const { return {filter.condition}; }

  Expressions operator()(const Generate& generate) const { return generate.args; }

  Expressions operator()(const Join& join) const {
    Expressions all = join.left_keys;
    all.insert(all.end(), join.right_keys.begin(), join.right_keys.end());
    all.push_back(join.residual);
    return all;
  }

  Expressions operator()(const Aggregate& aggregate) const {
    Expressions all = aggregate.groups;
    for (const AggregateCall& call : aggregate.calls) {
      all.insert(all.end(), call.args.begin(), call.args.end());
      all.push_back(call.filter);
    }
    return all;
  }

  Expressions operator()(const Expand& expand) const {
    Expressions all;
    for (const auto& projection : expand.projections) {
      all.insert(all.end(), projection.begin(), projection.end());
    }
    return all;
  }

  Expressions operator()(const NumberRows& /*numbers*/) const { return {}; }

  Expressions operator()(const MergeSessions& sessions) const { return sessions.keys; }

  Expressions operator()(const Window& window) const {
    Expressions all = window.partition;
    for (const SortKey& key : window.order) {
      all.push_back(key.expression);
    }
    for (const WindowCall& call : window.calls) {
      all.insert(all.end(), call.args.begin(), call.args.end());
      all.insert(all.end(), {call.filter, call.start.value, call.end.value});
    }
    return all;
  }

  Expressions operator()(const Sort& sort) const {
    Expressions all;
    for (const SortKey& key : sort.keys) {
      all.push_back(key.expression);
    }
    return all;
  }
};

// The call itself: an expression is not deterministic because of one inside it.
const expr::Expression* innermost(const expr::Expression* expression) {
  for (const expr::ExpressionPtr& arg : expression->args) {
    if (!arg->deterministic) {
      return innermost(arg.get());
    }
  }
  return expression;
}

}  // namespace

bool check_recomputable(const Node& query, const std::string& view, Diagnostics& diagnostics) {
  bool ok = true;
  for (const NodePtr& input : query.inputs) {
    ok = check_recomputable(*input, view, diagnostics) && ok;
  }
  for (const expr::ExpressionPtr& expression : std::visit(ExpressionsOf{}, query.op)) {
    if (!expression || expression->deterministic) {
      continue;
    }
    const expr::Expression& call = *innermost(expression.get());
    const std::string name =
        call.function == nullptr ? call.name : std::string(call.function->name);
    diagnostics.add(
        {.code = "MR1230",
         .error_class = "UNSUPPORTED_FEATURE.NONDETERMINISTIC_MATERIALIZED_VIEW",
         .sqlstate = "0A000",
         .where = call.where,
         .message = fmt::format("the materialized view {} is recomputed, and {}() would give its "
                                "rows other values each time",
                                view,
                                name),
         .help = fmt::format(
             "call {}() in a streaming table, which does it once a record, and read that", name)});
    return false;
  }
  return ok;
}

std::optional<std::int64_t> bind_refresh_interval(const sql::CreateDataset& dataset,
                                                  const std::string& file,
                                                  Diagnostics& diagnostics) {
  std::optional<std::int64_t> interval_ms = kRefreshIntervalMs;
  for (const sql::Property& property : dataset.clauses.properties) {
    if (property.key != kInterval) {
      continue;
    }
    interval_ms = config::parse_duration_ms(property.value, "");
    if (!interval_ms || *interval_ms > kIntervalMsMax) {
      diagnostics.add(
          {.code = "MR1231",
           .error_class = "INVALID_PROPERTY_VALUE",
           .sqlstate = "42602",
           .where = sql::to_span(property.value_position, file),
           .message = std::string(kInterval) + " is no duration of at most 1 d: " + property.value,
           .help = "write for example '1 s' or '500 ms'"});
      return std::nullopt;
    }
  }
  return interval_ms;
}

}  // namespace millrace::plan
