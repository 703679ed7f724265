// Runs one expression as `SELECT e` without FROM, or a whole query, and prints the result as the
// contract does.
#pragma once

#include <optional>
#include <string>

#include "expression_cases/case_file.h"

namespace millrace::tests {

/// What came out. Immutable by use.
struct Outcome {
  std::optional<std::string> result;
  std::string type;
  std::string error_class;
  std::string sqlstate;
  std::string message;  ///< Of the error.
};

Outcome run_expression(const std::string& expression);
/// The result is a JSON array with one object a row.
Outcome run_query(const std::string& text);

/// Whether it is what the contract says. Spark's unnamed errors (`_LEGACY_ERROR_TEMP_*`, Java
/// classes) match any error.
bool matches(const Case& expected, const Outcome& outcome);

}  // namespace millrace::tests
