// From a parsed query to a logical plan: names, types, coercion, Spark's analysis errors. Every
// error of the query is found in one pass.
#pragma once

#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "expr/function.h"
#include "plan/catalog.h"
#include "plan/logical.h"
#include "sql/query_ast.h"

namespace millrace::plan {

struct BindOptions {
  expr::BindContext context = {};
  std::string file = {};  ///< For positions.
};

/// Null after adding Diagnostics. What the grammar allows and this program does not do yet is an
/// UNSUPPORTED_FEATURE with its position.
NodePtr bind_query(const sql::Query& query,
                   RelationResolver& resolver,
                   const BindOptions& options,
                   Diagnostics& diagnostics);

}  // namespace millrace::plan
