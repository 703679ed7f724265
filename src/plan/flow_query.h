// What makes a query a flow: it fits its table, and its operators can run on a stream.
#pragma once

#include <memory>
#include <vector>

#include "base/diagnostic.h"
#include "plan/binder.h"
#include "plan/catalog.h"
#include "plan/logical.h"

namespace millrace::plan {

/// Projects a query to the columns of its table: by name (exactly, then without case), casts as a
/// store assignment, fills columns that the query lacks with null, and lets rows fail that have a
/// null in a key or NOT NULL column. A query column that the table lacks is an error with * EXCEPT
/// as remedy. `declared`: the table's columns were written, not inferred. Null after Diagnostics.
NodePtr fit_to_table(const NodePtr& query,
                     const Relation& table,
                     bool declared,
                     const BindOptions& options,
                     Diagnostics& diagnostics);

/// Adds an error for each operator that a flow cannot run, with its place; true when there is none.
bool check_stream(const Node& query, Diagnostics& diagnostics);

/// The relations that are scanned, each once, in the order of their appearance.
std::vector<std::shared_ptr<const Relation>> inputs_of(const Node& query);

}  // namespace millrace::plan
