// From a type as written in SQL to a type.
#pragma once

#include <optional>
#include <string>

#include "base/diagnostic.h"
#include "data/type.h"
#include "sql/expression_ast.h"
#include "sql/statement_ast.h"

namespace millrace::plan {

/// The columns of CREATE TABLE t (…). Duplicate names add COLUMN_ALREADY_EXISTS.
data::Schema schema_of(const std::vector<sql::ColumnDefinition>& columns,
                       const std::string& file,
                       Diagnostics& diagnostics);

}  // namespace millrace::plan
