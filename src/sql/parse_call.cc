#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "sql/detail/grammar.h"

namespace millrace::sql::detail {
namespace {

Name make_name(std::string_view text, const Token& written) {
  Name name;
  name.position = Cursor::position_of(written);
  name.parts.push_back({.name = std::string(text), .quoted = false, .position = name.position});
  return name;
}

ExpressionPtr make_text(std::string_view text, const Token& written) {
  return make_box(
      Expression{.node = Literal{.kind = LiteralKind::kString, .text = std::string(text)},
                 .position = Cursor::position_of(written)});
}

void add_argument(FunctionCall& call, ExpressionPtr value) {
  call.arguments.push_back({.name = {}, .value = std::move(value)});
}

ExpressionPtr read_case(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  cursor.take();
  ++cursor.open_cases;
  Case node;
  if (!cursor.is(Keyword::kWhen)) {
    node.operand = read_expression(cursor);
  }
  do {
    cursor.expect(Keyword::kWhen);
    CaseBranch branch;
    branch.condition = read_expression(cursor);
    cursor.expect(Keyword::kThen);
    branch.result = read_expression(cursor);
    node.branches.push_back(std::move(branch));
  } while (cursor.is(Keyword::kWhen));
  if (cursor.accept(Keyword::kElse)) {
    node.otherwise = read_expression(cursor);
  }
  cursor.expect(Keyword::kEnd);
  --cursor.open_cases;
  return make_expression(cursor, start, std::move(node));
}

ExpressionPtr read_cast(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  Cast cast;
  cast.attempt = cursor.take().keyword == Keyword::kTryCast;
  cursor.expect(Symbol::kLeftParen);
  cast.value = read_expression(cursor);
  cursor.expect(Keyword::kAs);
  cast.type = read_type(cursor);
  cursor.expect(Symbol::kRightParen);
  return make_expression(cursor, start, std::move(cast));
}

ExpressionPtr read_exists(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  cursor.take();
  Subquery subquery{.kind = SubqueryKind::kExists, .query = read_bracketed_query(cursor)};
  return make_expression(cursor, start, std::move(subquery));
}

ExpressionPtr read_extract(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  FunctionCall call;
  call.name = make_name("extract", cursor.take());
  cursor.expect(Symbol::kLeftParen);
  const Token field = cursor.peek();
  const std::string text =
      cursor.is(TokenKind::kString) ? cursor.expect_string() : cursor.expect_identifier().name;
  add_argument(call, make_text(text, field));
  cursor.expect(Keyword::kFrom);
  add_argument(call, read_value(cursor));
  cursor.expect(Symbol::kRightParen);
  return make_expression(cursor, start, std::move(call));
}

// TIMESTAMPADD(unit, …), TIMESTAMPDIFF(unit, …) and their other names.
constexpr std::array kDatetimeUnits = std::to_array<std::string_view>({"YEAR",
                                                                       "QUARTER",
                                                                       "MONTH",
                                                                       "WEEK",
                                                                       "DAY",
                                                                       "DAYOFYEAR",
                                                                       "HOUR",
                                                                       "MINUTE",
                                                                       "SECOND",
                                                                       "MILLISECOND",
                                                                       "MICROSECOND"});

bool at_datetime_unit_call(const Cursor& cursor) {
  const bool named = cursor.is_any({Keyword::kTimestampadd,
                                    Keyword::kDateadd,
                                    Keyword::kDateAdd,
                                    Keyword::kTimestampdiff,
                                    Keyword::kDatediff,
                                    Keyword::kDateDiff,
                                    Keyword::kTimediff});
  if (!named || !cursor.is(Symbol::kLeftParen, 1) || !cursor.is(Symbol::kComma, 3)) {
    return false;
  }
  if (cursor.is(TokenKind::kString, 2)) {
    return cursor.is_any({Keyword::kTimestampadd, Keyword::kTimestampdiff});
  }
  return cursor.is(TokenKind::kWord, 2) &&
         std::ranges::find(kDatetimeUnits, to_capitals(cursor.text(cursor.peek(2)))) !=
             kDatetimeUnits.end();
}

ExpressionPtr read_datetime_unit_call(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  const Token written = cursor.take();
  const bool add = written.keyword == Keyword::kTimestampadd ||
                   written.keyword == Keyword::kDateadd || written.keyword == Keyword::kDateAdd;
  FunctionCall call;
  call.name = make_name(add ? "timestampadd" : "timestampdiff", written);
  cursor.expect(Symbol::kLeftParen);
  const Token unit = cursor.take();
  if (unit.kind == TokenKind::kString) {
    cursor.fail(
        kDatetimeUnit,
        Cursor::position_of(unit),
        fmt::format("The value of parameter(s) `unit` in `{}` is invalid: expects one of the "
                    "units without quotes, but got the string literal {}",
                    cursor.text(written),
                    cursor.text(unit)),
        "write one of YEAR, QUARTER, MONTH, WEEK, DAY, DAYOFYEAR, HOUR, MINUTE, SECOND, "
        "MILLISECOND, MICROSECOND without quotes");
  }
  add_argument(call, make_text(to_capitals(cursor.text(unit)), unit));
  for (int i = 0; i < 2; ++i) {
    cursor.expect(Symbol::kComma);
    add_argument(call, read_value(cursor));
  }
  cursor.expect(Symbol::kRightParen);
  return make_expression(cursor, start, std::move(call));
}

// The rest of an ordinary call, whose first argument is read.
void read_more_arguments(Cursor& cursor, FunctionCall& call, ExpressionPtr first) {
  add_argument(call, std::move(first));
  while (cursor.accept(Symbol::kComma)) {
    add_argument(call, read_expression(cursor));
  }
}

// SUBSTRING(s FROM p FOR n), OVERLAY(s PLACING r FROM p FOR n): the words take the commas' place.
void read_worded_arguments(Cursor& cursor, FunctionCall& call, bool overlay) {
  if (overlay) {
    cursor.expect(Keyword::kPlacing);
    add_argument(call, read_value(cursor));
  }
  cursor.expect(Keyword::kFrom);
  add_argument(call, read_value(cursor));
  if (cursor.accept(Keyword::kFor)) {
    add_argument(call, read_value(cursor));
  }
}

void read_trim(Cursor& cursor, FunctionCall& call) {
  const Token word = cursor.peek();
  std::string_view function = "btrim";
  bool special = false;
  if (cursor.is_any({Keyword::kBoth, Keyword::kLeading, Keyword::kTrailing}) &&
      !cursor.is(Symbol::kComma, 1) && !cursor.is(Symbol::kRightParen, 1) &&
      !cursor.is(Symbol::kDot, 1)) {
    special = true;
    if (word.keyword != Keyword::kBoth) {
      function = word.keyword == Keyword::kLeading ? "ltrim" : "rtrim";
    }
    cursor.take();
  }
  ExpressionPtr characters;
  if (!cursor.is(Keyword::kFrom)) {
    characters = read_value(cursor);
  }
  if (!special && !cursor.is(Keyword::kFrom)) {
    read_more_arguments(cursor, call, std::move(characters));
    return;
  }
  cursor.expect(Keyword::kFrom);
  call.name.parts.front().name = function;
  ExpressionPtr source = read_value(cursor);
  if (characters && function != "btrim") {
    std::swap(characters, source);
  }
  add_argument(call, std::move(source));
  if (characters) {
    add_argument(call, std::move(characters));
  }
}

bool at_worded_call(const Cursor& cursor) {
  return cursor.is_any({Keyword::kPosition,
                        Keyword::kTrim,
                        Keyword::kOverlay,
                        Keyword::kSubstr,
                        Keyword::kSubstring}) &&
         cursor.is(Symbol::kLeftParen, 1) && !cursor.is(Symbol::kRightParen, 2) &&
         !cursor.is(Symbol::kFatArrow, 3);
}

ExpressionPtr read_worded_call(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  const Token written = cursor.take();
  FunctionCall call;
  call.name = make_name(cursor.text(written), written);
  cursor.expect(Symbol::kLeftParen);
  if (written.keyword == Keyword::kTrim) {
    read_trim(cursor, call);
  } else {
    ExpressionPtr first = read_value(cursor);
    const bool overlay = written.keyword == Keyword::kOverlay;
    if (written.keyword == Keyword::kPosition && cursor.accept(Keyword::kIn)) {
      add_argument(call, std::move(first));
      add_argument(call, read_value(cursor));
    } else if (cursor.is(overlay ? Keyword::kPlacing : Keyword::kFrom)) {
      add_argument(call, std::move(first));
      read_worded_arguments(cursor, call, overlay);
    } else {
      read_more_arguments(cursor, call, std::move(first));
    }
  }
  cursor.expect(Symbol::kRightParen);
  return make_expression(cursor, start, std::move(call));
}

// TABLE(t), TABLE(query), TABLE t: an argument of a table-valued function.
bool at_table_argument(const Cursor& cursor) {
  return cursor.is(Keyword::kTable) &&
         (cursor.is_name(1) ||
          (cursor.is(Symbol::kLeftParen, 1) && (at_query(cursor, 2) || cursor.is_name(2))));
}

QueryPtr make_table_query(Cursor& cursor, std::size_t start) {
  Query query;
  TableTerm table{.name = cursor.expect_name()};
  query.position = cursor.since(start);
  query.term = make_box(QueryTerm{.node = std::move(table), .position = query.position});
  return make_box(std::move(query));
}

ExpressionPtr read_table_argument(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  Subquery subquery{.kind = SubqueryKind::kTable, .query = {}};
  cursor.take();
  if (at_bracketed_query(cursor)) {
    subquery.query = read_bracketed_query(cursor);
  } else {
    const bool bracket = cursor.accept(Symbol::kLeftParen);
    subquery.query = make_table_query(cursor, start);
    if (bracket) {
      cursor.expect(Symbol::kRightParen);
    }
  }
  return make_expression(cursor, start, std::move(subquery));
}

Argument read_argument(Cursor& cursor) {
  Argument argument;
  if (cursor.is_name() && cursor.is(Symbol::kFatArrow, 1)) {
    argument.name = cursor.take_identifier();
    cursor.take();
  }
  argument.value =
      at_table_argument(cursor) ? read_table_argument(cursor) : read_expression(cursor);
  return argument;
}

Argument read_struct_argument(Cursor& cursor) {
  return {.name = {}, .value = read_maybe_aliased(cursor)};
}

void accept_nulls(Cursor& cursor, FunctionCall& call) {
  if (cursor.accept(Keyword::kIgnore, Keyword::kNulls)) {
    call.nulls = NullTreatment::kIgnore;
  } else if (cursor.accept(Keyword::kRespect, Keyword::kNulls)) {
    call.nulls = NullTreatment::kRespect;
  }
}

void read_call_arguments(Cursor& cursor, FunctionCall& call) {
  cursor.expect(Symbol::kLeftParen);
  if (cursor.accept(Symbol::kRightParen)) {
    return;
  }
  const bool quantifier = (cursor.is(Keyword::kDistinct) || cursor.is(Keyword::kAll)) &&
                          !cursor.is(Symbol::kComma, 1) && !cursor.is(Symbol::kRightParen, 1) &&
                          !cursor.is(Symbol::kDot, 1);
  if (quantifier) {
    call.distinct = cursor.take().keyword == Keyword::kDistinct;
  }
  const bool is_struct = call.name.parts.size() == 1 && !call.name.parts.front().quoted &&
                         find_keyword(call.name.parts.front().name) == Keyword::kStruct;
  call.arguments = read_list(cursor, is_struct ? read_struct_argument : read_argument);
  accept_nulls(cursor, call);
  cursor.expect(Symbol::kRightParen);
}

FrameBound read_frame_bound(Cursor& cursor) {
  FrameBound bound;
  if (cursor.accept(Keyword::kCurrent, Keyword::kRow)) {
    return bound;
  }
  const bool unbounded = cursor.accept(Keyword::kUnbounded);
  if (!unbounded) {
    bound.value = read_expression(cursor);
  }
  if (cursor.accept(Keyword::kPreceding)) {
    bound.kind = unbounded ? FrameBoundKind::kUnboundedPreceding : FrameBoundKind::kPreceding;
  } else {
    cursor.expect(Keyword::kFollowing);
    bound.kind = unbounded ? FrameBoundKind::kUnboundedFollowing : FrameBoundKind::kFollowing;
  }
  return bound;
}

Box<WindowFrame> accept_frame(Cursor& cursor) {
  WindowFrame frame;
  if (cursor.accept(Keyword::kRows)) {
    frame.unit = FrameUnit::kRows;
  } else if (!cursor.accept(Keyword::kRange)) {
    return nullptr;
  }
  const bool between = cursor.accept(Keyword::kBetween);
  frame.start = read_frame_bound(cursor);
  if (between) {
    cursor.expect(Keyword::kAnd);
    frame.end = read_frame_bound(cursor);
  }
  return make_box(std::move(frame));
}

void read_window_parts(Cursor& cursor, WindowSpecification& window) {
  if (cursor.accept(Keyword::kCluster, Keyword::kBy) ||
      cursor.accept(Keyword::kPartition, Keyword::kBy) ||
      cursor.accept(Keyword::kDistribute, Keyword::kBy)) {
    window.partition_by = read_list(cursor, read_expression);
  }
  if (cursor.accept(Keyword::kOrder, Keyword::kBy) || cursor.accept(Keyword::kSort, Keyword::kBy)) {
    window.order_by = read_list(cursor, read_sort_item);
  }
  window.frame = accept_frame(cursor);
}

}  // namespace

bool at_special_form(const Cursor& cursor) {
  if (!cursor.is(TokenKind::kWord)) {
    return false;
  }
  const bool call = cursor.is(Symbol::kLeftParen, 1);
  if (cursor.is(Keyword::kCase)) {
    return cursor.is(Keyword::kWhen, 1) || !cursor.is(TokenKind::kSymbol, 1) || call ||
           cursor.is(Symbol::kMinus, 1);
  }
  if (cursor.is(Keyword::kExists)) {
    return at_bracketed_query(cursor, 1);
  }
  return (call && cursor.is_any({Keyword::kCast, Keyword::kTryCast})) ||
         (call && cursor.is(Keyword::kExtract) && !cursor.is(Symbol::kComma, 3)) ||
         at_datetime_unit_call(cursor) || at_worded_call(cursor);
}

ExpressionPtr read_special_form(Cursor& cursor) {
  if (cursor.is(Keyword::kCase)) {
    return read_case(cursor);
  }
  if (cursor.is(Keyword::kExists)) {
    return read_exists(cursor);
  }
  if (cursor.is_any({Keyword::kCast, Keyword::kTryCast})) {
    return read_cast(cursor);
  }
  if (cursor.is(Keyword::kExtract)) {
    return read_extract(cursor);
  }
  return at_datetime_unit_call(cursor) ? read_datetime_unit_call(cursor) : read_worded_call(cursor);
}

std::vector<Argument> read_arguments(Cursor& cursor) {
  cursor.expect(Symbol::kLeftParen);
  if (cursor.accept(Symbol::kRightParen)) {
    return {};
  }
  std::vector<Argument> arguments = read_list(cursor, read_argument);
  cursor.expect(Symbol::kRightParen);
  return arguments;
}

ExpressionPtr read_call(Cursor& cursor, Name name, std::size_t start) {
  FunctionCall call;
  call.name = std::move(name);
  read_call_arguments(cursor, call);
  if (cursor.accept(Keyword::kWithin, Keyword::kGroup)) {
    cursor.expect(Symbol::kLeftParen);
    cursor.expect(Keyword::kOrder);
    cursor.expect(Keyword::kBy);
    call.within_group = read_list(cursor, read_sort_item);
    cursor.expect(Symbol::kRightParen);
  }
  if (cursor.is(Keyword::kFilter) && cursor.is(Symbol::kLeftParen, 1)) {
    cursor.take();
    cursor.take();
    cursor.expect(Keyword::kWhere);
    call.filter = read_expression(cursor);
    cursor.expect(Symbol::kRightParen);
  }
  accept_nulls(cursor, call);
  if (cursor.is(Keyword::kOver) &&
      (cursor.is(Symbol::kLeftParen, 1) || (cursor.is_name(1) && !cursor.is(Keyword::kFrom, 1)))) {
    cursor.take();
    call.over = make_box(read_window(cursor));
  }
  return make_expression(cursor, start, std::move(call));
}

WindowSpecification read_window(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  WindowSpecification window;
  if (!cursor.is(Symbol::kLeftParen)) {
    window.name = cursor.expect_identifier();
  } else if (cursor.is_name(1) && cursor.is(Symbol::kRightParen, 2)) {
    cursor.take();
    window.name = cursor.take_identifier();
    cursor.take();
  } else {
    cursor.take();
    read_window_parts(cursor, window);
    cursor.expect(Symbol::kRightParen);
  }
  window.position = cursor.since(start);
  return window;
}

SortItem read_sort_item(Cursor& cursor) {
  SortItem item;
  item.value = read_expression(cursor);
  if (cursor.accept(Keyword::kAsc)) {
    item.direction = SortDirection::kAscending;
  } else if (cursor.accept(Keyword::kDesc)) {
    item.direction = SortDirection::kDescending;
  }
  if (cursor.accept(Keyword::kNulls)) {
    if (cursor.accept(Keyword::kFirst)) {
      item.nulls = NullsOrder::kFirst;
    } else {
      cursor.expect(Keyword::kLast);
      item.nulls = NullsOrder::kLast;
    }
  }
  return item;
}

}  // namespace millrace::sql::detail
