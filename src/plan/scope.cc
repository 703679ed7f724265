#include "plan/detail/scope.h"

#include <algorithm>

namespace millrace::plan::detail {

namespace {

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

}  // namespace

bool same_name(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lower, lower);
}

std::vector<ScopeColumn> scope_of(const data::Schema& schema, const std::string& qualifier) {
  std::vector<ScopeColumn> columns;
  columns.reserve(schema.fields.size());
  for (std::size_t index = 0; index < schema.fields.size(); ++index) {
    columns.push_back({.qualifier = qualifier, .name = schema.fields[index].name, .index = index});
  }
  return columns;
}

Lookup find_column(const Bound& bound, const std::vector<sql::Identifier>& parts) {
  Lookup lookup;
  if (parts.size() > 1) {
    for (const ScopeColumn& column : bound.columns) {
      if (same_name(column.qualifier, parts[0].name) && same_name(column.name, parts[1].name)) {
        lookup.ambiguous = lookup.column != nullptr;
        lookup.column = &column;
        lookup.used = 2;
      }
    }
    if (lookup.column != nullptr) {
      return lookup;
    }
  }
  for (const ScopeColumn& column : bound.columns) {
    if (!column.hidden && same_name(column.name, parts[0].name)) {
      lookup.ambiguous = lookup.column != nullptr;
      lookup.column = &column;
      lookup.used = 1;
    }
  }
  return lookup;
}

expr::ExpressionPtr column_of(const Bound& bound, const ScopeColumn& column, SourceSpan where) {
  const data::Field& field = bound.field(column);
  return expr::make_column(column.index, field.name, field.type, field.nullable, std::move(where));
}

}  // namespace millrace::plan::detail
