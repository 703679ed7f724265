// Values of Spark's types in SQLite's: integers INTEGER, floating REAL, STRING TEXT, BINARY BLOB,
// BOOLEAN 0/1, DECIMAL TEXT, DATE and TIMESTAMP ISO TEXT (UTC, `Z`), nested types JSON TEXT.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "data/column.h"
#include "data/column_builder.h"
#include "data/type.h"
#include "sqlite/database.h"

namespace millrace::flow {

/// "INTEGER", "TEXT", …: the declared type of a column.
std::string_view sqlite_type(const data::Type& type);

/// Binds one value of a column. Text is borrowed: the column must outlive the statement's run.
/// `scratch` holds text that is made for it, as long.
void bind_value(sqlite::Statement& statement,
                int index,
                const data::Column& column,
                std::size_t row,
                std::string& scratch);

/// Reads a column of a statement's row into a builder of that type; kCorruption when the value is
/// none of the type (somebody else wrote into the table).
Result<void> read_value(const sqlite::Statement& statement, int index, data::ColumnBuilder& into);

}  // namespace millrace::flow
