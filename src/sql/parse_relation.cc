#include <algorithm>
#include <utility>

#include "sql/detail/grammar.h"

namespace millrace::sql::detail {
namespace {

// STREAM before a name or a bracket; otherwise it is the name of a table.
bool at_stream(const Cursor& cursor) {
  return cursor.is(Keyword::kStream) &&
         (cursor.is(Symbol::kLeftParen, 1) || (cursor.is_name(1) && !at_clause(cursor, 1)));
}

// Keeps the words of a clause that no relation of ours understands.
UnsupportedClause read_unsupported_clause(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  const bool changes = cursor.accept(Keyword::kChanges);
  cursor.accept(Keyword::kFor);
  cursor.take();
  if (!changes) {
    cursor.expect(Keyword::kAs);
    cursor.expect(Keyword::kOf);
  }
  read_value(cursor);
  UnsupportedClause clause;
  clause.position = cursor.since(start);
  if (!cursor.failed()) {
    const Token& first = cursor.token(start);
    const Token& last = cursor.token(cursor.mark() - 1);
    clause.text = cursor.source().substr(first.offset, last.offset + last.size - first.offset);
  }
  return clause;
}

bool at_unsupported_clause(const Cursor& cursor) {
  const std::size_t ahead = cursor.is(Keyword::kFor) ? 1 : 0;
  const bool as_of =
      cursor.is_any(
          {Keyword::kVersion, Keyword::kTimestamp, Keyword::kSystemVersion, Keyword::kSystemTime},
          ahead) &&
      cursor.is(Keyword::kAs, Keyword::kOf, ahead + 1);
  return as_of || (cursor.is(Keyword::kChanges) && cursor.is(Keyword::kFrom, 1));
}

Box<Watermark> read_watermark(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  cursor.take();
  Watermark watermark;
  SelectItem item = read_select_item(cursor);
  watermark.value = std::move(item.value);
  watermark.names = std::move(item.names);
  if (!cursor.accept(Keyword::kDelay, Keyword::kOf)) {
    cursor.fail_expected("DELAY OF");
  }
  watermark.delay = read_interval(cursor);
  watermark.position = cursor.since(start);
  return make_box(std::move(watermark));
}

// WITH (…), IDENTIFIED BY, TABLESAMPLE, WATERMARK and the alias.
void read_after_relation(Cursor& cursor, Relation& relation) {
  const bool named =
      relation.as<TableRelation>() != nullptr || relation.as<FunctionRelation>() != nullptr;
  if (named && at_unsupported_clause(cursor)) {
    relation.unsupported = read_unsupported_clause(cursor);
  }
  if (named && cursor.is(Keyword::kWith) && cursor.is(Symbol::kLeftParen, 1)) {
    cursor.take();
    relation.options = read_properties(cursor);
  }
  if (named && cursor.accept(Keyword::kIdentified, Keyword::kBy)) {
    relation.identified_by = cursor.expect_name();
  }
  if (cursor.is(Keyword::kTablesample) && cursor.is(Symbol::kLeftParen, 1)) {
    relation.sample = make_box(read_sample(cursor));
  }
  if (cursor.is(Keyword::kWatermark) && at_clause(cursor)) {
    relation.watermark = read_watermark(cursor);
  }
  relation.alias = read_table_alias(cursor);
}

void read_named_relation(Cursor& cursor, Relation& relation) {
  Name name = cursor.expect_name();
  const bool json_table = name.parts.size() == 1 && !name.parts.front().quoted &&
                          find_keyword(name.parts.front().name) == Keyword::kJsonTable;
  if (!cursor.is(Symbol::kLeftParen)) {
    relation.node = TableRelation{.name = std::move(name)};
    return;
  }
  if (json_table) {
    cursor.fail(kUnsupportedFeature,
                name.position,
                "JSON_TABLE is not supported",
                "use from_json and explode");
  }
  relation.node = FunctionRelation{.name = std::move(name), .arguments = read_arguments(cursor)};
}

void read_stream(Cursor& cursor, Relation& relation) {
  cursor.take();
  relation.stream = true;
  const bool bracket = cursor.accept(Symbol::kLeftParen);
  read_named_relation(cursor, relation);
  if (bracket) {
    cursor.expect(Symbol::kRightParen);
  }
}

// One of the join words, not as the name of a function or table.
bool is_join_type(const Cursor& cursor) {
  return cursor.is_any({Keyword::kInner,
                        Keyword::kCross,
                        Keyword::kLeft,
                        Keyword::kRight,
                        Keyword::kFull,
                        Keyword::kSemi,
                        Keyword::kAnti,
                        Keyword::kNatural});
}

JoinType read_join_type(Cursor& cursor) {
  if (cursor.accept(Keyword::kCross)) {
    return JoinType::kCross;
  }
  if (cursor.accept(Keyword::kRight)) {
    cursor.accept(Keyword::kOuter);
    return JoinType::kRightOuter;
  }
  if (cursor.accept(Keyword::kFull)) {
    cursor.accept(Keyword::kOuter);
    return JoinType::kFullOuter;
  }
  const bool left = cursor.accept(Keyword::kLeft);
  if (cursor.accept(Keyword::kSemi)) {
    return JoinType::kLeftSemi;
  }
  if (cursor.accept(Keyword::kAnti)) {
    return JoinType::kLeftAnti;
  }
  if (left) {
    cursor.accept(Keyword::kOuter);
    return JoinType::kLeftOuter;
  }
  cursor.accept(Keyword::kInner);
  return JoinType::kInner;
}

SelectItem read_pivot_value(Cursor& cursor) {
  return read_select_item(cursor);
}

UnpivotColumns read_unpivot_columns(Cursor& cursor) {
  UnpivotColumns set;
  if (cursor.is(Symbol::kLeftParen)) {
    set.columns = read_bracketed_list(cursor, read_name);
  } else {
    set.columns.push_back(cursor.expect_name());
  }
  if (cursor.accept(Keyword::kAs) || cursor.is_name()) {
    set.alias = cursor.expect_identifier();
  }
  return set;
}

RelationPtr extend_relation(Cursor& cursor, std::size_t start, RelationPtr left) {
  Relation relation;
  if (cursor.is(Keyword::kPivot)) {
    relation.node = PivotRelation{.input = std::move(left), .pivot = read_pivot(cursor)};
    relation.alias = read_table_alias(cursor);
  } else if (cursor.is(Keyword::kUnpivot)) {
    relation.node = UnpivotRelation{.input = std::move(left), .unpivot = read_unpivot(cursor)};
    relation.alias = read_table_alias(cursor);
  } else {
    relation.node = JoinRelation{.left = std::move(left), .join = read_join(cursor)};
  }
  relation.position = cursor.since(start);
  cursor.grow();
  return make_box(std::move(relation));
}

bool at_extension(const Cursor& cursor) {
  return at_join(cursor) || (cursor.is(Keyword::kPivot) && cursor.is(Symbol::kLeftParen, 1)) ||
         cursor.is(Keyword::kUnpivot);
}

}  // namespace

std::optional<TableAlias> read_table_alias(Cursor& cursor) {
  TableAlias alias;
  if (cursor.accept(Keyword::kAs)) {
    alias.name = cursor.expect_identifier();
  } else if (cursor.is_name() && !at_clause(cursor)) {
    alias.name = cursor.take_identifier();
    cursor.note_implicit_alias();
  } else {
    return std::nullopt;
  }
  if (cursor.is(Symbol::kLeftParen)) {
    alias.columns = read_identifiers(cursor);
  }
  return alias;
}

LateralView read_lateral_view(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  cursor.expect(Keyword::kLateral);
  cursor.expect(Keyword::kView);
  LateralView view;
  view.outer = cursor.accept(Keyword::kOuter);
  view.function = cursor.expect_name();
  view.arguments = read_arguments(cursor);
  if (cursor.is_name() && !at_clause(cursor)) {
    view.table = cursor.take_identifier();
    cursor.note_implicit_alias();
  }
  if (cursor.accept(Keyword::kAs) || (view.table && cursor.is_name() && !at_clause(cursor))) {
    view.columns = read_list(cursor, read_identifier);
  }
  view.position = cursor.since(start);
  return view;
}

Sample read_sample(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  Sample sample;
  cursor.expect(Keyword::kTablesample);
  cursor.expect(Symbol::kLeftParen);
  if (cursor.accept(Keyword::kBucket)) {
    sample.kind = SampleKind::kBucket;
    sample.amount = cursor.expect_integer();
    cursor.expect(Keyword::kOut);
    cursor.expect(Keyword::kOf);
    sample.out_of = cursor.expect_integer();
  } else if ((cursor.is(TokenKind::kInteger) || cursor.is(TokenKind::kDecimal)) &&
             cursor.is(Keyword::kPercent, 1)) {
    sample.amount = cursor.text(cursor.take());
    cursor.take();
  } else {
    sample.kind = SampleKind::kRows;
    sample.rows = read_expression(cursor);
    cursor.expect(Keyword::kRows);
  }
  cursor.expect(Symbol::kRightParen);
  if (cursor.accept(Keyword::kRepeatable)) {
    cursor.expect(Symbol::kLeftParen);
    sample.seed = cursor.expect_integer();
    cursor.expect(Symbol::kRightParen);
  }
  sample.position = cursor.since(start);
  return sample;
}

Pivot read_pivot(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  Pivot pivot;
  cursor.expect(Keyword::kPivot);
  cursor.expect(Symbol::kLeftParen);
  pivot.aggregates = read_list(cursor, read_select_item);
  cursor.expect(Keyword::kFor);
  if (cursor.is(Symbol::kLeftParen)) {
    pivot.columns = read_identifiers(cursor);
  } else {
    pivot.columns.push_back(cursor.expect_identifier());
  }
  cursor.expect(Keyword::kIn);
  pivot.values = read_bracketed_list(cursor, read_pivot_value);
  cursor.expect(Symbol::kRightParen);
  pivot.position = cursor.since(start);
  return pivot;
}

Unpivot read_unpivot(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  Unpivot unpivot;
  cursor.expect(Keyword::kUnpivot);
  if (cursor.accept(Keyword::kInclude, Keyword::kNulls)) {
    unpivot.include_nulls = true;
  } else {
    cursor.accept(Keyword::kExclude, Keyword::kNulls);
  }
  cursor.expect(Symbol::kLeftParen);
  if (cursor.is(Symbol::kLeftParen)) {
    unpivot.values = read_identifiers(cursor);
  } else {
    unpivot.values.push_back(cursor.expect_identifier());
  }
  cursor.expect(Keyword::kFor);
  unpivot.name = cursor.expect_identifier();
  cursor.expect(Keyword::kIn);
  unpivot.columns = read_bracketed_list(cursor, read_unpivot_columns);
  cursor.expect(Symbol::kRightParen);
  unpivot.position = cursor.since(start);
  return unpivot;
}

bool at_join(const Cursor& cursor) {
  return cursor.is(Keyword::kJoin) || is_join_type(cursor);
}

JoinPart read_join(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  JoinPart join;
  join.natural = cursor.accept(Keyword::kNatural);
  join.type = read_join_type(cursor);
  cursor.expect(Keyword::kJoin);
  join.position = cursor.since(start);
  const bool lateral = cursor.accept(Keyword::kLateral);
  join.right = read_relation_primary(cursor);
  join.right->lateral = lateral;
  if (!join.natural && cursor.accept(Keyword::kOn)) {
    join.on = read_expression(cursor);
  } else if (!join.natural && cursor.accept(Keyword::kUsing)) {
    join.columns = read_identifiers(cursor);
  }
  return join;
}

RelationPtr read_relation_primary(Cursor& cursor) {
  const Cursor::Nest nest(cursor);
  const std::size_t start = cursor.mark();
  Relation relation;
  if (at_stream(cursor)) {
    read_stream(cursor, relation);
  } else if (cursor.is(Keyword::kValues) && at_query(cursor)) {
    cursor.take();
    relation.node = ValuesRelation{.rows = read_list(cursor, read_expression)};
    relation.alias = read_table_alias(cursor);
    relation.position = cursor.since(start);
    return make_box(std::move(relation));
  } else if (at_bracketed_query(cursor)) {
    relation.node = SubqueryRelation{.query = read_bracketed_query(cursor)};
  } else if (cursor.accept(Symbol::kLeftParen)) {
    relation.node = BracketedRelation{.relation = read_relation(cursor)};
    cursor.expect(Symbol::kRightParen);
  } else if (cursor.is_name() && (cursor.is(TokenKind::kQuoted) || !at_clause(cursor))) {
    read_named_relation(cursor, relation);
  } else {
    cursor.fail_expected("a table, a function, VALUES or '('");
  }
  read_after_relation(cursor, relation);
  relation.position = cursor.since(start);
  return make_box(std::move(relation));
}

RelationPtr read_relation(Cursor& cursor) {
  const Cursor::Branch branch(cursor);
  const std::size_t start = cursor.mark();
  const bool lateral = cursor.accept(Keyword::kLateral);
  RelationPtr relation = read_relation_primary(cursor);
  relation->lateral = lateral;
  while (at_extension(cursor)) {
    relation = extend_relation(cursor, start, std::move(relation));
  }
  return relation;
}

}  // namespace millrace::sql::detail
