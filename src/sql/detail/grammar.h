// The grammar: each function reads one construct at the cursor. After an error (Cursor::failed) the
// answer means nothing, but is never a null pointer where the construct is required.
#pragma once

#include <vector>

#include "sql/ast.h"
#include "sql/detail/cursor.h"

namespace millrace::sql::detail {

// --- types (parse_type.cc) ---
TypeName read_type(Cursor& cursor);
/// `name [:] TYPE [NOT NULL] [COMMENT 's']`.
TypeField read_type_field(Cursor& cursor);

// --- expressions (parse_expression.cc) ---
ExpressionPtr read_expression(Cursor& cursor);
/// An expression without AND, OR, NOT and predicates: Spark's valueExpression.
ExpressionPtr read_value(Cursor& cursor);

// --- what operators stand between (parse_primary.cc) ---
/// A constant, name, call, …, with the postfix operators after it.
ExpressionPtr read_primary(Cursor& cursor);
/// `value AS name`, as in struct(…).
ExpressionPtr read_maybe_aliased(Cursor& cursor);

// --- constants (parse_literal.cc) ---
/// True where a number, string, NULL, DATE'…', INTERVAL … begins.
bool at_literal(const Cursor& cursor);
/// REQUIRES: at_literal(cursor)
ExpressionPtr read_literal(Cursor& cursor);
/// An interval, with the word INTERVAL.
ExpressionPtr read_interval(Cursor& cursor);

// --- calls (parse_call.cc) ---
/// True where one of the special forms (CAST, TRIM, …) begins.
bool at_special_form(const Cursor& cursor);
ExpressionPtr read_special_form(Cursor& cursor);
/// The call of `name`, which was read since `start`; at its '('.
ExpressionPtr read_call(Cursor& cursor, Name name, std::size_t start);
/// `( argument, … )`.
std::vector<Argument> read_arguments(Cursor& cursor);
WindowSpecification read_window(Cursor& cursor);
SortItem read_sort_item(Cursor& cursor);

// --- queries (parse_query.cc) ---
QueryPtr read_query(Cursor& cursor);
/// True where a query begins, `ahead` tokens on.
bool at_query(const Cursor& cursor, std::size_t ahead = 0);
/// True at a '(' that opens a query, not an expression or a relation.
bool at_bracketed_query(const Cursor& cursor, std::size_t ahead = 0);
/// `( query )`.
QueryPtr read_bracketed_query(Cursor& cursor);
/// A query without ORDER BY and what follows it.
QueryTermPtr read_query_term(Cursor& cursor);
QueryOrganization read_organization(Cursor& cursor);
std::vector<NamedWindow> read_windows(Cursor& cursor);

// --- pipes (parse_pipe.cc) ---
PipeOperator read_pipe_operator(Cursor& cursor);

/// A set operation's sign: UNION, EXCEPT, MINUS, INTERSECT.
struct SetSign {
  SetOperator op = SetOperator::kUnion;
  bool all = false;
};

bool at_set_sign(const Cursor& cursor);
SetSign read_set_sign(Cursor& cursor);
/// SELECT, VALUES, TABLE, FROM or brackets.
QueryTermPtr read_query_primary(Cursor& cursor);

// --- parts of a SELECT (parse_select.cc) ---
Select read_select(Cursor& cursor);
/// FROM … SELECT …, or FROM … alone.
Select read_from_first(Cursor& cursor);
SelectItem read_select_item(Cursor& cursor);
GroupBy read_group_by(Cursor& cursor);
/// `( a, b )`.
std::vector<Identifier> read_identifiers(Cursor& cursor);
/// True where the next word begins a clause, so that it is no alias without AS.
bool at_clause(const Cursor& cursor, std::size_t ahead = 0);

// --- relations (parse_relation.cc) ---
RelationPtr read_relation(Cursor& cursor);
/// A relation without the joins after it.
RelationPtr read_relation_primary(Cursor& cursor);
/// True where a join begins.
bool at_join(const Cursor& cursor);
JoinPart read_join(Cursor& cursor);
std::optional<TableAlias> read_table_alias(Cursor& cursor);
LateralView read_lateral_view(Cursor& cursor);
Sample read_sample(Cursor& cursor);
Pivot read_pivot(Cursor& cursor);
Unpivot read_unpivot(Cursor& cursor);

// --- properties (parse_property.cc) ---
/// `( key [=] value, … )`.
std::vector<Property> read_properties(Cursor& cursor);

// --- statements (parse_statement.cc, parse_create.cc) ---
StatementNode read_statement(Cursor& cursor);
StatementNode read_create(Cursor& cursor);
AutoCdc read_auto_cdc(Cursor& cursor);
/// The rest of the statement that began at `start`, as text.
Unsupported read_unsupported(Cursor& cursor, std::size_t start, std::string_view plan);

}  // namespace millrace::sql::detail
