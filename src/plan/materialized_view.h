// What a query must be so that a materialized view can be kept by recomputing it, and how often
// that is done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/diagnostic.h"
#include "plan/logical.h"
#include "sql/statement_ast.h"

namespace millrace::plan {

/// Adds an error at the first call of each operator that gives another result in each
/// recomputation (uuid, rand); true when there is none. current_timestamp() may stand: it is the
/// time of the recomputation.
bool check_recomputable(const Node& query, const std::string& view, Diagnostics& diagnostics);

/// TBLPROPERTIES ('millrace.refresh.interval' = '5 s') in milliseconds, or the default. Nothing
/// after a Diagnostic.
std::optional<std::int64_t> bind_refresh_interval(const sql::CreateDataset& dataset,
                                                  const std::string& file,
                                                  Diagnostics& diagnostics);

}  // namespace millrace::plan
