#include <utility>

#include "sql/detail/grammar.h"

namespace millrace::sql::detail {
namespace {

PipeSelect read_pipe_select(Cursor& cursor) {
  PipeSelect select;
  select.distinct = cursor.accept(Keyword::kDistinct);
  if (!select.distinct) {
    cursor.accept(Keyword::kAll);
  }
  select.items = read_list(cursor, read_select_item);
  select.windows = read_windows(cursor);
  return select;
}

PipeAssignment read_assignment(Cursor& cursor) {
  PipeAssignment assignment;
  assignment.column = cursor.expect_name();
  cursor.expect(Symbol::kEqual);
  assignment.value = read_expression(cursor);
  return assignment;
}

PipeAggregate read_aggregate(Cursor& cursor) {
  PipeAggregate aggregate;
  if (!cursor.is(Keyword::kGroup)) {
    aggregate.items = read_list(cursor, read_select_item);
  }
  if (cursor.accept(Keyword::kGroup)) {
    cursor.expect(Keyword::kBy);
    aggregate.keys = read_list(cursor, read_select_item);
  }
  return aggregate;
}

PipeSetOperation read_pipe_set_operation(Cursor& cursor) {
  const SetSign sign = read_set_sign(cursor);
  return {.op = sign.op, .all = sign.all, .right = read_query_primary(cursor)};
}

bool at_organization(const Cursor& cursor) {
  return cursor.is_any({Keyword::kOrder,
                        Keyword::kSort,
                        Keyword::kCluster,
                        Keyword::kDistribute,
                        Keyword::kLimit,
                        Keyword::kOffset,
                        Keyword::kWindow});
}

PipeNode read_pipe_clause(Cursor& cursor) {
  if (cursor.accept(Keyword::kSelect)) {
    return read_pipe_select(cursor);
  }
  if (cursor.accept(Keyword::kExtend)) {
    return PipeExtend{.items = read_list(cursor, read_select_item)};
  }
  if (cursor.accept(Keyword::kSet)) {
    return PipeSet{.assignments = read_list(cursor, read_assignment)};
  }
  if (cursor.accept(Keyword::kDrop)) {
    return PipeDrop{.columns = read_list(cursor, read_identifier)};
  }
  if (cursor.accept(Keyword::kAs)) {
    return PipeAs{.name = cursor.expect_identifier()};
  }
  if (cursor.accept(Keyword::kWhere)) {
    return PipeWhere{.condition = read_expression(cursor)};
  }
  if (cursor.accept(Keyword::kAggregate)) {
    return read_aggregate(cursor);
  }
  if (at_set_sign(cursor)) {
    return read_pipe_set_operation(cursor);
  }
  if (cursor.is(Keyword::kPivot)) {
    return read_pivot(cursor);
  }
  if (cursor.is(Keyword::kUnpivot)) {
    return read_unpivot(cursor);
  }
  if (cursor.is(Keyword::kTablesample)) {
    return read_sample(cursor);
  }
  if (cursor.is(Keyword::kLateral, Keyword::kView)) {
    return read_lateral_view(cursor);
  }
  if (at_join(cursor)) {
    return read_join(cursor);
  }
  if (at_organization(cursor)) {
    return read_organization(cursor);
  }
  cursor.fail_expected(
      "a pipe operator: SELECT, EXTEND, SET, DROP, AS, WHERE, AGGREGATE, JOIN, UNION, PIVOT, "
      "ORDER BY, LIMIT, …");
  return PipeAs{};
}

}  // namespace

PipeOperator read_pipe_operator(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  cursor.expect(Symbol::kPipeArrow);
  PipeOperator pipe{.node = read_pipe_clause(cursor), .position = {}};
  pipe.position = cursor.since(start);
  return pipe;
}

}  // namespace millrace::sql::detail
