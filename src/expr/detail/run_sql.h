// For tests of functions: constant SQL expressions in tables, each beside its result.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "expr/testing.h"

namespace millrace::expr::detail {

/// CAST(value AS STRING), "NULL", 0x and hexadecimal for BINARY, or "! CLASS" of the error.
inline std::string sql(std::string_view text) {
  TestTable table;
  const ExpressionPtr bound = table.bind(text);
  if (bound == nullptr) {
    return "! " + table.error_class();
  }
  const data::Selection row = data::Selection::all(1);
  std::string result = table.run(*bound, row);
  if (table.batch().errors.any()) {
    return "! " + result.substr(1);
  }
  if (bound->type.kind() != data::TypeKind::kBinary || result == "NULL") {
    return result;
  }
  Evaluation evaluation(table.context(), table.batch());
  return "0x" + to_hex(evaluation.evaluate(*bound, row)->string(0));
}

/// One line of a table of cases.
struct SqlCase {
  std::string_view expression;
  std::string_view expected;  ///< As sql() gives it.
};

inline void expect_cases(std::span<const SqlCase> cases) {
  for (const SqlCase& one : cases) {
    EXPECT_EQ(sql(one.expression), one.expected) << one.expression;
  }
}

}  // namespace millrace::expr::detail
