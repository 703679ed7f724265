// The tree of Spark SQL: expressions, queries, statements. Made by parser.h, written by printer.h.
#pragma once

#include "sql/expression_ast.h"  // IWYU pragma: export
#include "sql/query_ast.h"       // IWYU pragma: export
#include "sql/statement_ast.h"   // IWYU pragma: export
