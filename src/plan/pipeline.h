// A project, bound: everything that `run` starts and `validate` and `explain` speak of.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "connector/registry.h"
#include "plan/catalog.h"
#include "plan/logical.h"
#include "project/project.h"

namespace millrace::plan {

using connector::Guarantee;

/// TBLPROPERTIES ('millrace.refresh.interval' = '1 s') when it is not given.
inline constexpr std::int64_t kRefreshIntervalMs = 1'000;

/// One query into one target. Immutable.
struct Flow {
  std::string name = {};
  std::shared_ptr<const Relation> target = {};  ///< A streaming table or materialized view.
  NodePtr query = {};                           ///< Columns are those of the target, in its order.
  std::vector<std::shared_ptr<const Relation>> inputs = {};
  bool recomputed = false;  ///< A materialized view: a batch query.
  /// Of a materialized view: between two recomputations, at least.
  std::int64_t refresh_interval_ms = kRefreshIntervalMs;
  bool fail_on_reject = false;  ///< Option `fail` instead of dead letters.
  Guarantee guarantee = Guarantee::kExactly;
  std::string guarantee_reason = {};  ///< "source users_api: HTTP without a stable id"
  SourceSpan where = {};
};

struct Pipeline {
  std::string name = {};
  std::vector<std::shared_ptr<const Relation>> sources = {};
  std::vector<std::shared_ptr<const Relation>> tables = {};
  std::vector<std::shared_ptr<const Relation>> views = {};
  std::vector<Flow> flows = {};
  std::map<std::string, std::string> configuration = {};

  [[nodiscard]] std::shared_ptr<const Relation> find(std::string_view wanted) const;
};

/// Binds a project that was read (project/project.h). Adds every fault of every file; the pipeline
/// holds what could be understood and must not be run when diagnostics.has_errors().
Pipeline bind_project(const project::Project& project,
                      const connector::ConnectorRegistry& connectors,
                      Diagnostics& diagnostics);

/// The operators of a query, one a line, inputs indented.
std::string plan_text(const Node& query);

/// What `explain` prints: the way of each record, keys, the plan of each flow, its guarantee.
std::string explain_text(const Pipeline& pipeline);
std::string explain_json(const Pipeline& pipeline);

}  // namespace millrace::plan
