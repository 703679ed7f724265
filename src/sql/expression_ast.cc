#include "sql/expression_ast.h"

#include "sql/query_ast.h"  // IWYU pragma: keep: a subquery is compared as part of an expression

namespace millrace::sql {

bool operator==(const TypeName& a, const TypeName& b) {
  return a.name == b.name && a.parameters == b.parameters && a.children == b.children &&
         a.fields == b.fields && a.collation == b.collation && a.from == b.from && a.to == b.to;
}

}  // namespace millrace::sql
