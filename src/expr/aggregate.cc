#include "expr/aggregate.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "base/assert.h"
#include "expr/aggregate_families.h"

namespace millrace::expr {
namespace {

using AggregateTable = std::unordered_map<std::string_view, const AggregateFunction*>;

const AggregateTable& aggregates() {
  static const AggregateTable kTable = [] {
    AggregateTable all;
    for (const auto& family : {sum_aggregates(),
                               extreme_aggregates(),
                               collect_aggregates(),
                               percentile_aggregates(),
                               moment_aggregates(),
                               sketch_aggregates(),
                               summary_aggregates()}) {
      for (const AggregateFunction& function : family) {
        all.emplace(function.name, &function);
      }
    }
    return all;
  }();
  return kTable;
}

}  // namespace

const AggregateFunction* find_aggregate(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  const auto found = aggregates().find(lower);
  return found == aggregates().end() ? nullptr : found->second;
}

std::vector<const AggregateFunction*> all_aggregates() {
  std::vector<const AggregateFunction*> all;
  for (const auto& [name, function] : aggregates()) {
    all.push_back(function);
  }
  std::sort(all.begin(), all.end(), [](const auto* left, const auto* right) {
    return left->name < right->name;
  });
  return all;
}

std::optional<AggregateSignature> bind_aggregate(std::string_view name,
                                                 std::vector<ExpressionPtr>& args,
                                                 const SourceSpan& where,
                                                 const BindContext& context,
                                                 Diagnostics& diagnostics) {
  for (const ExpressionPtr& arg : args) {
    if (arg == nullptr) {
      return std::nullopt;
    }
  }
  const AggregateFunction* function = find_aggregate(name);
  MR_ASSERT(function != nullptr, "no aggregate {}", name);
  CallSite site(function->name, args, where, context, diagnostics);
  const int given = static_cast<int>(args.size());
  if (given < function->min_args || (function->max_args >= 0 && given > function->max_args)) {
    (void)site.fail("WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
                    "42605",
                    fmt::format("The `{}` requires other parameters than the {} given. Usage: {}",
                                function->name,
                                given,
                                function->usage));
    return std::nullopt;
  }
  return function->resolve(site);
}

std::unique_ptr<Aggregator> make_aggregator(std::string_view name,
                                            std::span<const ExpressionPtr> args,
                                            const data::Type& result) {
  const AggregateFunction* function = find_aggregate(name);
  MR_ASSERT(function != nullptr, "no aggregate {}", name);
  AggregateSpec spec{.args = {}, .constants = {}, .result = result};
  for (const ExpressionPtr& arg : args) {
    spec.args.push_back(arg->type);
    spec.constants.push_back(arg->is_literal() ? std::optional(arg->value) : std::nullopt);
  }
  return function->make(spec);
}

}  // namespace millrace::expr
