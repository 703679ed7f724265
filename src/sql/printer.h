// Spark SQL: tree to text, in one canonical form. Parsing what is printed gives an equal tree.
//
// Keywords are in capitals, one space stands between words, every alias has its AS, brackets are
// there only where the tree needs them. What the parser rewrites stays rewritten: `a::INT` is
// printed as CAST(a AS INT). Spark reads the text with the same meaning.
#pragma once

#include <string>
#include <string_view>

#include "sql/ast.h"

namespace millrace::sql {

std::string to_sql(const Expression& expression);
std::string to_sql(const Query& query);
std::string to_sql(const Relation& relation);
/// Without the semicolon.
std::string to_sql(const Statement& statement);
std::string to_sql(const TypeName& type);
std::string to_sql(const Name& name);
std::string to_sql(const Identifier& identifier);
/// "+", "DIV", "||".
std::string_view to_sql(BinaryOperator op);
/// "YEAR" … "NANOSECOND".
std::string_view to_sql(IntervalUnit unit);
/// A string literal, with quotes and escapes.
std::string to_sql_string(const std::string& text);

}  // namespace millrace::sql
