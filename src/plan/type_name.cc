#include "plan/type_name.h"

#include "expr/bind_ast.h"

namespace millrace::plan {

data::Schema schema_of(const std::vector<sql::ColumnDefinition>& columns,
                       const std::string& file,
                       Diagnostics& diagnostics) {
  data::Schema schema;
  for (const sql::ColumnDefinition& column : columns) {
    if (schema.find(column.name.name)) {
      diagnostics.add({.code = "MR1209",
                       .error_class = "COLUMN_ALREADY_EXISTS",
                       .sqlstate = "42711",
                       .where = sql::to_span(column.name.position, file),
                       .message = "The column `" + column.name.name + "` already exists"});
      continue;
    }
    const auto type = expr::type_of(column.type, file, diagnostics);
    schema.fields.push_back({.name = column.name.name,
                             .type = type.value_or(data::Type(data::TypeKind::kString)),
                             .nullable = !column.not_null,
                             .comment = column.comment.value_or("")});
  }
  return schema;
}

}  // namespace millrace::plan
