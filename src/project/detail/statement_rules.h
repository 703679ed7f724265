// Which statements a file may have, by the folder it lies in.
#pragma once

#include "base/diagnostic.h"
#include "project/project.h"

namespace millrace::project::detail {

/// Adds a Diagnostic for each statement that does not belong there and drops it from the script.
/// For transformations the classes and texts are Spark's.
void check_statements(SqlFile& file, Diagnostics& diagnostics);

/// Whether anything there is more than a temporary view: else RUN_EMPTY_PIPELINE.
bool has_dataset(const SqlFile& file);

}  // namespace millrace::project::detail
