// For tests: what a text becomes when it is parsed and printed, which must parse to an equal tree.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "sql/parser.h"
#include "sql/printer.h"

namespace millrace::sql::detail {

inline std::string messages(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    out += diagnostic.message + "; ";
  }
  return out;
}

/// The canonical form of the only statement of `text`, or its errors.
inline std::string canonical(std::string_view text) {
  Diagnostics diagnostics;
  const ParsedScript script = parse_script(text, "t.sql", diagnostics);
  if (diagnostics.has_errors() || script.statements.size() != 1) {
    return "ERROR: " + messages(diagnostics);
  }
  const std::string printed = to_sql(script.statements.front());
  const ParsedScript again = parse_script(printed, "t.sql", diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << printed << "\n" << messages(diagnostics);
  EXPECT_TRUE(again.statements.size() == 1 && again.statements.front() == script.statements.front())
      << "not the same tree: " << printed;
  return printed;
}

/// The canonical form of an expression, or its errors.
inline std::string canonical_expression(std::string_view text) {
  Diagnostics diagnostics;
  const ExpressionPtr expression = parse_expression(text, "t.sql", diagnostics);
  if (!expression) {
    return "ERROR: " + messages(diagnostics);
  }
  const std::string printed = to_sql(*expression);
  const ExpressionPtr again = parse_expression(printed, "t.sql", diagnostics);
  EXPECT_TRUE(again != nullptr) << printed << "\n" << messages(diagnostics);
  EXPECT_TRUE(again == expression) << "not the same tree: " << printed;
  return printed;
}

/// A text and its canonical form; without one, the text is canonical.
struct Case {
  std::string_view text;
  std::string_view printed = {};

  [[nodiscard]] std::string expected() const {
    return std::string(printed.empty() ? text : printed);
  }
};

}  // namespace millrace::sql::detail
