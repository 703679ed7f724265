// Runs one expression as `SELECT e` without FROM and prints its value as the contract does.
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

/// Whether it is what the contract says. Spark's unnamed errors (`_LEGACY_ERROR_TEMP_*`, Java
/// classes) match any error.
bool matches(const Case& expected, const Outcome& outcome);

}  // namespace millrace::tests
