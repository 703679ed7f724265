// The columns that a query's expressions can name.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "data/type.h"
#include "expr/expression.h"
#include "plan/logical.h"
#include "sql/expression_ast.h"

namespace millrace::plan::detail {

struct ScopeColumn {
  std::string qualifier = {};  ///< Alias or name of its relation; empty: none.
  std::string name = {};
  std::size_t index = 0;  ///< In the node's schema.
  bool hidden = false;  ///< Reached with its qualifier only, not by *: the twin of a USING column.
  bool computed = false;  ///< Reached by its name, not by *: a time window.
};

/// A node of the plan and the names of its columns.
struct Bound {
  NodePtr node = {};
  std::vector<ScopeColumn> columns = {};

  explicit operator bool() const { return node != nullptr; }

  [[nodiscard]] const data::Field& field(const ScopeColumn& column) const {
    return node->schema.fields[column.index];
  }
};

/// Names for all columns of a node, with one qualifier.
std::vector<ScopeColumn> scope_of(const data::Schema& schema, const std::string& qualifier);

struct Lookup {
  const ScopeColumn* column = nullptr;
  std::size_t used = 0;  ///< Parts of the name that were taken.
  bool ambiguous = false;
};

/// Finds `t.a` or `a`, ignoring case; a qualified match is preferred.
Lookup find_column(const Bound& bound, const std::vector<sql::Identifier>& parts);

bool same_name(std::string_view left, std::string_view right);

expr::ExpressionPtr column_of(const Bound& bound, const ScopeColumn& column, SourceSpan where);

}  // namespace millrace::plan::detail
