// Files in the format of sqllogictest: records apart by blank lines, `#` begins a comment line.
//
//   statement ok                      CREATE TEMPORARY VIEW …; it is there for what follows
//   CREATE TEMPORARY VIEW t AS …
//
//   statement error DIVIDE_BY_ZERO    the class of the error, as Spark names it
//   SELECT 1 / 0
//
//   query IT rowsort                  a letter a column: I whole number, R other number,
//   SELECT a, b FROM t                B boolean, D date or time, T text, ? anything else;
//   ----                              nosort (default), rowsort, valuesort
//   1|x
//
//   file in/a.json                    a file of the project, up to a line `end`;
//   {"a": 1}                          `gzip` instead of `file` packs it
//   end
//
//   run                               runs the project's pipeline until it has caught up
//
// A row of the result is a line, its columns are apart by `|`: as CAST(… AS STRING) gives them,
// NULL for null and (empty) for a text without letters. A line break in a value is written \n.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::tests {

enum class RecordKind {
  kStatementOk,
  kStatementError,
  kQuery,
  kFile,
  kGzip,
  kRun
};

enum class SortMode {
  kNone,
  kRows,
  kValues
};

/// One record. Immutable by use.
struct TestRecord {
  RecordKind kind = RecordKind::kQuery;
  std::size_t line = 0;       ///< Of its first line, from 1.
  std::string argument = {};  ///< Error class, types of the columns, path of the file.
  SortMode sort = SortMode::kNone;
  std::string text = {};  ///< SQL, or what the file holds.
  std::vector<std::string> rows = {};
};

/// The records; `error` says what a line is not, and is empty when all is well.
std::vector<TestRecord> read_records(std::string_view text, std::string& error);

}  // namespace millrace::tests
