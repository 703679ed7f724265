#include <algorithm>
#include <initializer_list>
#include <utility>

#include "sql/detail/grammar.h"

namespace millrace::sql::detail {
namespace {

Hint read_hint_statement(Cursor& cursor) {
  Hint hint;
  hint.name = cursor.expect_identifier();
  if (cursor.is(Symbol::kLeftParen)) {
    hint.arguments = read_bracketed_list(cursor, read_primary);
  }
  return hint;
}

void read_hints(Cursor& cursor, std::vector<Hint>& hints) {
  while (cursor.is(TokenKind::kHintStart)) {
    cursor.take();
    do {
      hints.push_back(read_hint_statement(cursor));
      cursor.accept(Symbol::kComma);
    } while (cursor.is_name());
    if (!cursor.is(TokenKind::kHintEnd)) {
      cursor.fail_expected("'*/'");
      return;
    }
    cursor.take();
  }
}

bool is_clause_start(const Cursor& cursor, std::size_t ahead) {
  return cursor.is_any({Keyword::kFrom,  Keyword::kWhere,   Keyword::kHaving, Keyword::kQualify,
                        Keyword::kLimit, Keyword::kUnion,   Keyword::kExcept, Keyword::kIntersect,
                        Keyword::kMinus, Keyword::kOffset,  Keyword::kJoin,   Keyword::kOn,
                        Keyword::kUsing, Keyword::kLateral, Keyword::kLeft,   Keyword::kRight,
                        Keyword::kFull,  Keyword::kInner,   Keyword::kCross,  Keyword::kNatural,
                        Keyword::kAnti,  Keyword::kSemi,    Keyword::kFor,    Keyword::kSelect,
                        Keyword::kAs,    Keyword::kAnd,     Keyword::kOr,     Keyword::kIs,
                        Keyword::kIn,    Keyword::kNot,     Keyword::kLike,   Keyword::kBetween,
                        Keyword::kThen,  Keyword::kElse,    Keyword::kDiv},
                       ahead);
}

// Words that begin a clause only together with the next one.
bool is_pair_start(const Cursor& cursor, std::size_t ahead) {
  const std::size_t next = ahead + 1;
  if (cursor.is_any({Keyword::kGroup,
                     Keyword::kOrder,
                     Keyword::kSort,
                     Keyword::kCluster,
                     Keyword::kDistribute,
                     Keyword::kIdentified,
                     Keyword::kSequence},
                    ahead)) {
    return cursor.is(Keyword::kBy, next);
  }
  if (cursor.is(Keyword::kWindow, ahead)) {
    return cursor.is_name(next) && cursor.is(Keyword::kAs, next + 1);
  }
  if (cursor.is_any({Keyword::kPivot, Keyword::kTablesample}, ahead)) {
    return cursor.is(Symbol::kLeftParen, next);
  }
  if (cursor.is(Keyword::kUnpivot, ahead)) {
    return cursor.is(Symbol::kLeftParen, next) ||
           cursor.is_any({Keyword::kInclude, Keyword::kExclude}, next);
  }
  if (cursor.is(Keyword::kDelay, ahead)) {
    return cursor.is(Keyword::kOf, next);
  }
  if (cursor.is(Keyword::kWith, ahead)) {
    return cursor.is(Symbol::kLeftParen, next) ||
           cursor.is_any({Keyword::kRollup, Keyword::kCube}, next);
  }
  if (cursor.is_any(
          {Keyword::kVersion, Keyword::kTimestamp, Keyword::kSystemVersion, Keyword::kSystemTime},
          ahead)) {
    return cursor.is(Keyword::kAs, next) && cursor.is(Keyword::kOf, next + 1);
  }
  return cursor.is(Keyword::kGrouping, ahead) && cursor.is(Keyword::kSets, next);
}

bool is_watermark(const Cursor& cursor, std::size_t ahead) {
  const std::size_t next = ahead + 1;
  return cursor.is(Keyword::kWatermark, ahead) &&
         (cursor.is(Symbol::kLeftParen, next) ||
          (cursor.is_name(next) && !is_clause_start(cursor, next) && !is_pair_start(cursor, next)));
}

// In brackets, or one expression.
std::vector<ExpressionPtr> read_grouping_set(Cursor& cursor) {
  std::vector<ExpressionPtr> set;
  const std::size_t match = cursor.peek().match;
  const bool bracketed = cursor.is(Symbol::kLeftParen) && match != 0 &&
                         (cursor.token(match + 1).symbol == Symbol::kComma ||
                          cursor.token(match + 1).symbol == Symbol::kRightParen);
  if (!bracketed) {
    set.push_back(read_expression(cursor));
    return set;
  }
  cursor.take();
  if (!cursor.is(Symbol::kRightParen)) {
    set = read_list(cursor, read_expression);
  }
  cursor.expect(Symbol::kRightParen);
  return set;
}

GroupingElement read_grouping_element(Cursor& cursor);

void read_grouping_sets(Cursor& cursor, GroupingElement& element) {
  const bool nested = cursor.is_any({Keyword::kRollup, Keyword::kCube}) ||
                      cursor.is(Keyword::kGrouping, Keyword::kSets);
  GroupingElement inner;
  if (nested) {
    inner = read_grouping_element(cursor);
  } else {
    inner.kind = GroupingKind::kGroupingSets;
    inner.sets.push_back(read_grouping_set(cursor));
  }
  element.elements.push_back(std::move(inner));
}

// A GROUPING SETS without nested elements keeps plain sets.
void flatten_grouping_sets(GroupingElement& element) {
  const bool plain = std::ranges::all_of(element.elements, [](const GroupingElement& inner) {
    return inner.kind == GroupingKind::kGroupingSets && inner.elements.empty() &&
           inner.sets.size() == 1;
  });
  if (plain) {
    for (GroupingElement& inner : element.elements) {
      element.sets.push_back(std::move(inner.sets.front()));
    }
    element.elements.clear();
  }
}

GroupingElement read_grouping_element(Cursor& cursor) {
  const Cursor::Nest nest(cursor);
  const std::size_t start = cursor.mark();
  GroupingElement element;
  const bool call = cursor.is(Symbol::kLeftParen, 1);
  if (cursor.accept(Keyword::kGrouping, Keyword::kSets)) {
    element.kind = GroupingKind::kGroupingSets;
    cursor.expect(Symbol::kLeftParen);
    do {
      read_grouping_sets(cursor, element);
    } while (cursor.accept(Symbol::kComma));
    cursor.expect(Symbol::kRightParen);
    flatten_grouping_sets(element);
  } else if (call && cursor.is_any({Keyword::kRollup, Keyword::kCube})) {
    element.kind = cursor.is(Keyword::kRollup) ? GroupingKind::kRollup : GroupingKind::kCube;
    cursor.take();
    element.sets = read_bracketed_list(cursor, read_grouping_set);
  } else {
    element.sets.emplace_back();
    element.sets.back().push_back(read_expression(cursor));
  }
  element.position = cursor.since(start);
  return element;
}

// `AS` at the end of an item is its name.
bool ends_item(const Cursor& cursor) {
  return cursor.at_end() || cursor.is(Symbol::kComma) || cursor.is(Symbol::kRightParen);
}

// `SELECT a AS FROM t`: a name is missing.
bool is_missing_alias(const Cursor& cursor) {
  return cursor.is(Keyword::kFrom) && (cursor.is_name(1) || cursor.is(Symbol::kLeftParen, 1));
}

void read_item_names(Cursor& cursor, SelectItem& item) {
  if (cursor.is(Keyword::kAs)) {
    const Token as = cursor.take();
    if (ends_item(cursor) && !cursor.failed()) {
      item.names.push_back({.name = std::string(cursor.text(as)),
                            .quoted = false,
                            .position = Cursor::position_of(as)});
      return;
    }
    if (is_missing_alias(cursor)) {
      cursor.fail_expected("a name after AS");
    }
    if (cursor.is(Symbol::kLeftParen)) {
      item.names = read_identifiers(cursor);
      item.bracketed = true;
    } else {
      item.names.push_back(cursor.expect_identifier());
    }
  } else if (cursor.is(Symbol::kLeftParen)) {
    item.names = read_identifiers(cursor);
    item.bracketed = true;
  } else if (cursor.is_name() && !at_clause(cursor)) {
    item.names.push_back(cursor.take_identifier());
    cursor.note_implicit_alias();
  }
}

Box<FromClause> read_from(Cursor& cursor) {
  FromClause from;
  if (cursor.accept(Keyword::kFrom)) {
    from.relations = read_list(cursor, read_relation);
  }
  while (cursor.is(Keyword::kLateral, Keyword::kView)) {
    from.lateral_views.push_back(read_lateral_view(cursor));
  }
  if (cursor.is(Keyword::kPivot) && cursor.is(Symbol::kLeftParen, 1)) {
    from.pivot = make_box(read_pivot(cursor));
  }
  if (cursor.is(Keyword::kUnpivot)) {
    from.unpivot = make_box(read_unpivot(cursor));
  }
  const bool empty = from.relations.empty() && from.lateral_views.empty();
  return empty ? nullptr : make_box(std::move(from));
}

void read_select_list(Cursor& cursor, Select& select) {
  cursor.expect(Keyword::kSelect);
  read_hints(cursor, select.hints);
  select.distinct = cursor.accept(Keyword::kDistinct);
  if (!select.distinct && cursor.is(Keyword::kAll) && !cursor.is(Keyword::kFrom, 1) &&
      (!cursor.is(TokenKind::kSymbol, 1) || cursor.is(Symbol::kStar, 1) ||
       cursor.is(Symbol::kLeftParen, 1))) {
    cursor.take();
  }
  select.items = read_list(cursor, read_select_item);
}

void read_after_from(Cursor& cursor, Select& select) {
  if (cursor.accept(Keyword::kWhere)) {
    select.where = read_expression(cursor);
  }
  if (cursor.accept(Keyword::kGroup, Keyword::kBy)) {
    select.group_by = make_box(read_group_by(cursor));
  }
  if (cursor.accept(Keyword::kHaving)) {
    select.having = read_expression(cursor);
  }
  if (cursor.accept(Keyword::kQualify)) {
    select.qualify = read_expression(cursor);
  }
  select.windows = read_windows(cursor);
  if (!select.qualify && cursor.accept(Keyword::kQualify)) {
    select.qualify = read_expression(cursor);
  }
}

}  // namespace

std::vector<Identifier> read_identifiers(Cursor& cursor) {
  return read_bracketed_list(cursor, read_identifier);
}

bool at_clause(const Cursor& cursor, std::size_t ahead) {
  return is_clause_start(cursor, ahead) || is_pair_start(cursor, ahead) ||
         is_watermark(cursor, ahead) ||
         (cursor.keys_is_clause && cursor.is(Keyword::kKeys, ahead) &&
          cursor.is(Symbol::kLeftParen, ahead + 1));
}

SelectItem read_select_item(Cursor& cursor) {
  SelectItem item;
  item.value = read_expression(cursor);
  read_item_names(cursor, item);
  return item;
}

GroupBy read_group_by(Cursor& cursor) {
  GroupBy group_by;
  group_by.elements = read_list(cursor, read_grouping_element);
  if (cursor.accept(Keyword::kWith)) {
    if (cursor.accept(Keyword::kRollup)) {
      group_by.with = GroupingSuffix::kRollup;
    } else {
      cursor.expect(Keyword::kCube);
      group_by.with = GroupingSuffix::kCube;
    }
  } else if (cursor.is(Keyword::kGrouping, Keyword::kSets)) {
    // GROUP BY a, b GROUPING SETS (…): the sets say all.
    group_by.elements.clear();
    group_by.elements.push_back(read_grouping_element(cursor));
  }
  return group_by;
}

Select read_select(Cursor& cursor) {
  Select select;
  read_select_list(cursor, select);
  select.from = read_from(cursor);
  read_after_from(cursor, select);
  return select;
}

Select read_from_first(Cursor& cursor) {
  Select select;
  select.from_first = true;
  select.from = read_from(cursor);
  if (cursor.is(Keyword::kSelect)) {
    read_select_list(cursor, select);
    while (cursor.is(Keyword::kLateral, Keyword::kView)) {
      select.from->lateral_views.push_back(read_lateral_view(cursor));
    }
    read_after_from(cursor, select);
    if (cursor.is(Keyword::kSelect)) {
      cursor.fail(kUnsupportedFeature,
                  Cursor::position_of(cursor.peek()),
                  "Several SELECT after one FROM are not supported",
                  "write one query for each, with UNION ALL between them");
    }
  }
  return select;
}

}  // namespace millrace::sql::detail
