// Queries: WITH, set operations, pipes, ORDER BY and what follows it.
#include <algorithm>
#include <utility>

#include "sql/detail/grammar.h"

namespace millrace::sql::detail {
namespace {

CommonTableExpression read_cte(Cursor& cursor) {
  CommonTableExpression cte;
  cte.name = cursor.expect_identifier();
  if (cursor.is(Symbol::kLeftParen) && !at_bracketed_query(cursor)) {
    cte.columns = read_identifiers(cursor);
  }
  cursor.accept(Keyword::kAs);
  cte.query = read_bracketed_query(cursor);
  return cte;
}

// What may follow a bracketed query that is itself the beginning of a query.
bool continues_query(const Token& token) {
  return token.symbol == Symbol::kRightParen || token.symbol == Symbol::kPipeArrow ||
         token.keyword == Keyword::kUnion || token.keyword == Keyword::kExcept ||
         token.keyword == Keyword::kMinus || token.keyword == Keyword::kIntersect ||
         token.keyword == Keyword::kOrder || token.keyword == Keyword::kSort ||
         token.keyword == Keyword::kCluster || token.keyword == Keyword::kDistribute ||
         token.keyword == Keyword::kLimit || token.keyword == Keyword::kOffset;
}

bool at_set_sign_of(const Cursor& cursor, bool intersect) {
  return at_set_sign(cursor) && cursor.is(Keyword::kIntersect) == intersect;
}

// A chain of INTERSECT, or of the others, whose operands are read by `operand`.
template <class Operand>
QueryTermPtr read_set_chain(Cursor& cursor, bool intersect, Operand operand) {
  const Cursor::Branch branch(cursor);
  const std::size_t start = cursor.mark();
  QueryTermPtr left = operand(cursor);
  while (at_set_sign_of(cursor, intersect)) {
    const std::size_t sign_at = cursor.mark();
    const SetSign sign = read_set_sign(cursor);
    SetOperation operation{.op = sign.op,
                           .all = sign.all,
                           .left = std::move(left),
                           .right = {},
                           .operator_position = cursor.since(sign_at)};
    operation.right = operand(cursor);
    cursor.grow();
    left = make_box(QueryTerm{.node = std::move(operation), .position = cursor.since(start)});
  }
  return left;
}

QueryTermPtr read_intersect(Cursor& cursor) {
  return read_set_chain(cursor, /*intersect=*/true, read_query_primary);
}

}  // namespace

bool at_query(const Cursor& cursor, std::size_t ahead) {
  const std::size_t next = ahead + 1;
  if (cursor.is(Keyword::kSelect, ahead)) {
    return true;
  }
  if (cursor.is(Keyword::kWith, ahead)) {
    return cursor.is_name(next);
  }
  if (cursor.is(Keyword::kFrom, ahead)) {
    return cursor.is_name(next) || cursor.is(Symbol::kLeftParen, next);
  }
  if (cursor.is(Keyword::kTable, ahead)) {
    return cursor.is_name(next);
  }
  return cursor.is(Keyword::kValues, ahead) &&
         (cursor.is(Symbol::kLeftParen, next) || cursor.is(Symbol::kMinus, next) ||
          !cursor.is(TokenKind::kSymbol, next)) &&
         !cursor.is(TokenKind::kEnd, next);
}

bool at_bracketed_query(const Cursor& cursor, std::size_t ahead) {
  if (!cursor.is(Symbol::kLeftParen, ahead)) {
    return false;
  }
  std::size_t inner = ahead + 1;
  for (; cursor.is(Symbol::kLeftParen, inner); ++inner) {
    const std::size_t match = cursor.peek(inner).match;
    if (inner > ahead + kNestingMax || match == 0 || !continues_query(cursor.token(match + 1))) {
      return false;
    }
  }
  // `(SELECT)` is a column.
  return at_query(cursor, inner) && !cursor.is(Symbol::kRightParen, inner + 1);
}

QueryPtr read_bracketed_query(Cursor& cursor) {
  cursor.expect(Symbol::kLeftParen);
  QueryPtr query = read_query(cursor);
  cursor.expect(Symbol::kRightParen);
  return query;
}

bool at_set_sign(const Cursor& cursor) {
  return cursor.is_any({Keyword::kUnion, Keyword::kExcept, Keyword::kMinus, Keyword::kIntersect});
}

SetSign read_set_sign(Cursor& cursor) {
  SetSign sign;
  const Keyword keyword = cursor.take().keyword;
  if (keyword == Keyword::kIntersect) {
    sign.op = SetOperator::kIntersect;
  } else if (keyword != Keyword::kUnion) {
    sign.op = SetOperator::kExcept;
  }
  sign.all = cursor.accept(Keyword::kAll);
  if (!sign.all) {
    cursor.accept(Keyword::kDistinct);
  }
  return sign;
}

QueryTermPtr read_query_primary(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  QueryTerm term;
  if (cursor.is(Keyword::kSelect)) {
    term.node = read_select(cursor);
  } else if (cursor.is(Keyword::kFrom)) {
    term.node = read_from_first(cursor);
  } else if (cursor.accept(Keyword::kTable)) {
    term.node = TableTerm{.name = cursor.expect_name()};
  } else if (cursor.accept(Keyword::kValues)) {
    Values values{.rows = read_list(cursor, read_expression), .alias = {}};
    values.alias = read_table_alias(cursor);
    term.node = std::move(values);
  } else if (cursor.is(Symbol::kLeftParen)) {
    term.node = BracketedQuery{.query = read_bracketed_query(cursor)};
  } else {
    cursor.note_expected(Keyword::kSelect);
    cursor.fail_expected("a query: SELECT, FROM, VALUES, TABLE, WITH or '('");
  }
  term.position = cursor.since(start);
  return make_box(std::move(term));
}

QueryTermPtr read_query_term(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  QueryTermPtr term = read_set_chain(cursor, /*intersect=*/false, read_intersect);
  while (cursor.is(Symbol::kPipeArrow)) {
    PipedQuery piped{.input = std::move(term), .operators = {}};
    while (cursor.is(Symbol::kPipeArrow)) {
      piped.operators.push_back(read_pipe_operator(cursor));
    }
    term = make_box(QueryTerm{.node = std::move(piped), .position = cursor.since(start)});
  }
  return term;
}

std::vector<NamedWindow> read_windows(Cursor& cursor) {
  if (!cursor.is(Keyword::kWindow) || !cursor.is_name(1) || !cursor.is(Keyword::kAs, 2)) {
    return {};
  }
  cursor.take();
  return read_list(cursor, [](Cursor& each) {
    NamedWindow named;
    named.name = each.expect_identifier();
    each.expect(Keyword::kAs);
    named.window = read_window(each);
    return named;
  });
}

QueryOrganization read_organization(Cursor& cursor) {
  QueryOrganization organization;
  if (cursor.accept(Keyword::kOrder, Keyword::kBy)) {
    organization.order_by = read_list(cursor, read_sort_item);
  }
  if (cursor.accept(Keyword::kCluster, Keyword::kBy)) {
    organization.cluster_by = read_list(cursor, read_expression);
  }
  if (cursor.accept(Keyword::kDistribute, Keyword::kBy)) {
    organization.distribute_by = read_list(cursor, read_expression);
  }
  if (cursor.accept(Keyword::kSort, Keyword::kBy)) {
    organization.sort_by = read_list(cursor, read_sort_item);
  }
  organization.windows = read_windows(cursor);
  if (cursor.accept(Keyword::kLimit)) {
    const bool all = cursor.is(Keyword::kAll) && !cursor.is(Symbol::kDot, 1);
    if (all) {
      cursor.take();
      organization.limit_all = true;
    } else {
      organization.limit = read_expression(cursor);
    }
  }
  if (cursor.accept(Keyword::kOffset)) {
    organization.offset = read_expression(cursor);
  }
  return organization;
}

QueryPtr read_query(Cursor& cursor) {
  const Cursor::Nest nest(cursor);
  const std::size_t start = cursor.mark();
  Query query;
  if (cursor.accept(Keyword::kWith)) {
    query.recursive = cursor.is(Keyword::kRecursive) && cursor.is_name(1) &&
                      !cursor.is(Keyword::kAs, 1) && cursor.accept(Keyword::kRecursive);
    query.with = read_list(cursor, read_cte);
  }
  query.term = read_query_term(cursor);
  query.organization = read_organization(cursor);
  query.position = cursor.since(start);
  return make_box(std::move(query));
}

}  // namespace millrace::sql::detail
