// The rows of a file like tests/contracts/spark-4.3-expressions.tsv (its README says what they
// mean).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace millrace::tests {

/// One row, unescaped. Immutable by use.
struct Case {
  std::string id;
  std::string expression;
  std::optional<std::string> result;  ///< Nothing is SQL NULL; empty when there is an error.
  std::string type;
  std::string error_class;
  std::string sqlstate;

  [[nodiscard]] bool is_query() const;
};

/// Nothing when the file cannot be read or is no such table.
std::optional<std::vector<Case>> read_cases(const std::string& path);

}  // namespace millrace::tests
