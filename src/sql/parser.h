// Spark SQL 4.3: text to tree. A hand-written lexer and recursive-descent parser; what it accepts
// is Spark's grammar for queries and pipelines (ansi mode on, no reserved words).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "sql/ast.h"

namespace millrace::sql {

/// The largest text.
inline constexpr std::size_t kTextBytesMax = 16U << 20U;
/// The most tokens of one text.
inline constexpr std::size_t kTokensMax = 2'000'000;
/// How deep brackets, calls, subqueries and types may stand in each other.
inline constexpr int kNestingMax = 500;
/// How many levels a tree may have: also `a + b + c + …` makes one level each.
inline constexpr int kTreeHeightMax = 1000;

/// Maps places of a text whose variables were substituted to places of the text that a user wrote.
/// Called with a byte offset of the parsed text; `end` of the answer is ignored.
using PositionMap = std::function<Position(std::size_t offset)>;

struct ParsedScript {
  std::vector<Statement> statements;
};

/// Parses statements that end with `;`. Adds every Diagnostic, at most one for each statement, and
/// goes on at the next `;`; returns the statements without an error.
ParsedScript parse_script(std::string_view text,
                          std::string_view file,
                          Diagnostics& diagnostics,
                          const PositionMap& positions = {});

/// Parses one query, or one expression; null after an error.
QueryPtr parse_query(std::string_view text, std::string_view file, Diagnostics& diagnostics);
ExpressionPtr parse_expression(std::string_view text,
                               std::string_view file,
                               Diagnostics& diagnostics);

/// Parses a type: `STRUCT<a: INT>`, `DECIMAL(10, 2)`.
std::optional<TypeName> parse_data_type(std::string_view text,
                                        std::string_view file,
                                        Diagnostics& diagnostics);

/// Parses a schema: `a INT, b STRUCT<c: STRING>` (a STRUCT is returned), or what parse_data_type
/// takes: what from_json accepts.
std::optional<TypeName> parse_schema(std::string_view text,
                                     std::string_view file,
                                     Diagnostics& diagnostics);

}  // namespace millrace::sql
