// Operators, tightest last: OR, AND, NOT, predicates, comparison, | ^ &, shifts, + - ||, * / % DIV,
// unary. The binary ones of Spark's valueExpression are read by precedence climbing.
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"
#include "sql/detail/grammar.h"

namespace millrace::sql::detail {
namespace {

struct OperatorToken {
  BinaryOperator op = BinaryOperator::kAdd;
  int level = 0;
  std::size_t tokens = 1;
};

constexpr int kComparisonLevel = 1;
constexpr int kShiftLevel = 5;
constexpr int kMultiplyLevel = 7;

// `>>` and `>>>` are that many `>` without a space.
std::size_t count_greater(const Cursor& cursor) {
  std::size_t count = 0;
  while (count < 3 && cursor.is(Symbol::kGreater, count) &&
         (count == 0 || cursor.peek(count).offset == cursor.peek(count - 1).offset + 1)) {
    ++count;
  }
  return count;
}

std::optional<OperatorToken> find_symbol_operator(const Cursor& cursor) {
  switch (cursor.peek().symbol) {
    case Symbol::kEqual:
      return OperatorToken{BinaryOperator::kEqual, kComparisonLevel};
    case Symbol::kNullSafeEqual:
      return OperatorToken{BinaryOperator::kNullSafeEqual, kComparisonLevel};
    case Symbol::kNotEqual:
      return OperatorToken{BinaryOperator::kNotEqual, kComparisonLevel};
    case Symbol::kLess:
      return OperatorToken{BinaryOperator::kLess, kComparisonLevel};
    case Symbol::kLessOrEqual:
      return OperatorToken{BinaryOperator::kLessOrEqual, kComparisonLevel};
    case Symbol::kGreater: {
      const std::size_t count = count_greater(cursor);
      if (count == 1) {
        return OperatorToken{BinaryOperator::kGreater, kComparisonLevel};
      }
      return OperatorToken{
          count == 2 ? BinaryOperator::kShiftRight : BinaryOperator::kShiftRightUnsigned,
          kShiftLevel,
          count};
    }
    case Symbol::kGreaterOrEqual:
      return OperatorToken{BinaryOperator::kGreaterOrEqual, kComparisonLevel};
    case Symbol::kPipe:
      return OperatorToken{BinaryOperator::kBitOr, 2};
    case Symbol::kCaret:
      return OperatorToken{BinaryOperator::kBitXor, 3};
    case Symbol::kAmpersand:
      return OperatorToken{BinaryOperator::kBitAnd, 4};
    case Symbol::kShiftLeft:
      return OperatorToken{BinaryOperator::kShiftLeft, kShiftLevel};
    case Symbol::kPlus:
      return OperatorToken{BinaryOperator::kAdd, 6};
    case Symbol::kMinus:
      return OperatorToken{BinaryOperator::kSubtract, 6};
    case Symbol::kConcat:
      return OperatorToken{BinaryOperator::kConcat, 6};
    case Symbol::kStar:
      return OperatorToken{BinaryOperator::kMultiply, kMultiplyLevel};
    case Symbol::kSlash:
      return OperatorToken{BinaryOperator::kDivide, kMultiplyLevel};
    case Symbol::kPercent:
      return OperatorToken{BinaryOperator::kModulo, kMultiplyLevel};
    case Symbol::kNone:
    case Symbol::kLeftParen:
    case Symbol::kRightParen:
    case Symbol::kLeftBracket:
    case Symbol::kRightBracket:
    case Symbol::kComma:
    case Symbol::kDot:
    case Symbol::kSemicolon:
    case Symbol::kColon:
    case Symbol::kDoubleColon:
    case Symbol::kQuestion:
    case Symbol::kTilde:
    case Symbol::kBang:
    case Symbol::kArrow:
    case Symbol::kFatArrow:
    case Symbol::kPipeArrow:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<OperatorToken> find_operator(const Cursor& cursor) {
  if (cursor.is(Keyword::kDiv)) {
    return OperatorToken{BinaryOperator::kIntegralDivide, kMultiplyLevel};
  }
  return find_symbol_operator(cursor);
}

ExpressionPtr read_unary(Cursor& cursor) {
  std::optional<UnaryOperator> op;
  if (cursor.is(Symbol::kMinus) && !at_literal(cursor)) {
    op = UnaryOperator::kMinus;
  } else if (cursor.is(Symbol::kPlus)) {
    op = UnaryOperator::kPlus;
  } else if (cursor.is(Symbol::kTilde)) {
    op = UnaryOperator::kBitNot;
  }
  if (!op) {
    return read_primary(cursor);
  }
  const Cursor::Nest nest(cursor);
  const std::size_t start = cursor.mark();
  cursor.take();
  ExpressionPtr operand = read_unary(cursor);
  return make_expression(cursor, start, Unary{.op = *op, .operand = std::move(operand)});
}

// Reads operators of `lowest` and tighter levels.
ExpressionPtr read_binary(Cursor& cursor, int lowest) {
  const Cursor::Branch branch(cursor);
  const std::size_t start = cursor.mark();
  ExpressionPtr left = read_unary(cursor);
  for (std::optional<OperatorToken> op = find_operator(cursor); op && op->level >= lowest;
       op = find_operator(cursor)) {
    const std::size_t sign = cursor.mark();
    cursor.skip_to(sign + op->tokens);
    Binary binary{.op = op->op,
                  .left = std::move(left),
                  .right = {},
                  .operator_position = cursor.since(sign)};
    binary.right = read_binary(cursor, op->level + 1);
    cursor.grow();
    left = make_expression(cursor, start, std::move(binary));
  }
  return left;
}

ExpressionPtr negate(Cursor& cursor, std::size_t start, ExpressionPtr operand) {
  return make_expression(
      cursor, start, Unary{.op = UnaryOperator::kNot, .operand = std::move(operand)});
}

std::string read_escape(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  std::string escape = cursor.expect_string();
  if (!cursor.failed() && utf8_length(escape) != 1) {
    cursor.fail(kInvalidEscape,
                cursor.since(start),
                fmt::format("Found an invalid escape string: '{}'", escape),
                "the escape string must contain only one character");
  }
  return escape;
}

ExpressionPtr read_like(Cursor& cursor, std::size_t start, ExpressionPtr value, bool negated) {
  Like like{.value = std::move(value), .patterns = {}, .escape = {}, .negated = negated};
  const Keyword keyword = cursor.take().keyword;
  if (keyword == Keyword::kIlike) {
    like.kind = LikeKind::kIlike;
  } else if (keyword != Keyword::kLike) {
    like.kind = LikeKind::kRlike;
  }
  const bool several = like.kind != LikeKind::kRlike && cursor.is(Symbol::kLeftParen, 1);
  if (several && cursor.is_any({Keyword::kAny, Keyword::kSome})) {
    like.quantifier = LikeQuantifier::kAny;
  } else if (several && cursor.is(Keyword::kAll)) {
    like.quantifier = LikeQuantifier::kAll;
  }
  if (like.quantifier != LikeQuantifier::kOne) {
    cursor.take();
    like.patterns = read_bracketed_list(cursor, read_expression);
  } else {
    like.patterns.push_back(read_value(cursor));
    if (like.kind != LikeKind::kRlike && cursor.accept(Keyword::kEscape)) {
      like.escape = read_escape(cursor);
    }
  }
  return make_expression(cursor, start, std::move(like));
}

ExpressionPtr read_in(Cursor& cursor, std::size_t start, ExpressionPtr value, bool negated) {
  cursor.take();
  if (at_bracketed_query(cursor)) {
    InSubquery in{.value = std::move(value), .query = {}, .negated = negated};
    in.query = read_bracketed_query(cursor);
    return make_expression(cursor, start, std::move(in));
  }
  InList in{.value = std::move(value), .list = {}, .negated = negated};
  in.list = read_bracketed_list(cursor, read_expression);
  return make_expression(cursor, start, std::move(in));
}

ExpressionPtr read_between(Cursor& cursor, std::size_t start, ExpressionPtr value, bool negated) {
  cursor.take();
  Between between{.value = std::move(value), .low = {}, .high = {}, .negated = negated};
  between.low = read_value(cursor);
  cursor.expect(Keyword::kAnd);
  between.high = read_value(cursor);
  return make_expression(cursor, start, std::move(between));
}

ExpressionPtr read_is(Cursor& cursor, std::size_t start, ExpressionPtr value) {
  cursor.take();
  const bool negated = cursor.accept(Keyword::kNot) || cursor.accept(Symbol::kBang);
  if (cursor.accept(Keyword::kDistinct)) {
    cursor.expect(Keyword::kFrom);
    Binary same{.op = BinaryOperator::kNullSafeEqual,
                .left = std::move(value),
                .right = read_value(cursor),
                .operator_position = {}};
    same.operator_position = cursor.since(start);
    ExpressionPtr equal = make_expression(cursor, start, std::move(same));
    return negated ? std::move(equal) : negate(cursor, start, std::move(equal));
  }
  Is is{.kind = IsKind::kNull, .value = std::move(value), .negated = negated};
  if (cursor.accept(Keyword::kTrue)) {
    is.kind = IsKind::kTrue;
  } else if (cursor.accept(Keyword::kFalse)) {
    is.kind = IsKind::kFalse;
  } else if (cursor.accept(Keyword::kUnknown)) {
    is.kind = IsKind::kUnknown;
  } else {
    cursor.expect(Keyword::kNull);
  }
  return make_expression(cursor, start, std::move(is));
}

// A value with at most one predicate.
ExpressionPtr read_predicate(Cursor& cursor) {
  const std::size_t start = cursor.mark();
  ExpressionPtr value = read_binary(cursor, kComparisonLevel);
  if (cursor.is(Keyword::kIs)) {
    return read_is(cursor, start, std::move(value));
  }
  const std::size_t ahead = cursor.is(Keyword::kNot) || cursor.is(Symbol::kBang) ? 1 : 0;
  const bool negated = ahead == 1;
  const bool like =
      cursor.is_any({Keyword::kLike, Keyword::kIlike, Keyword::kRlike, Keyword::kRegexp}, ahead);
  const bool between = cursor.is(Keyword::kBetween, ahead);
  const bool in = cursor.is(Keyword::kIn, ahead) && cursor.is(Symbol::kLeftParen, ahead + 1);
  if (!like && !between && !in) {
    return value;
  }
  if (negated) {
    cursor.take();
  }
  if (like) {
    return read_like(cursor, start, std::move(value), negated);
  }
  return between ? read_between(cursor, start, std::move(value), negated)
                 : read_in(cursor, start, std::move(value), negated);
}

ExpressionPtr read_not(Cursor& cursor) {
  const bool word = cursor.is(Keyword::kNot) && !cursor.is(Symbol::kDot, 1);
  if (!word && !cursor.is(Symbol::kBang)) {
    return read_predicate(cursor);
  }
  const Cursor::Nest nest(cursor);
  const std::size_t start = cursor.mark();
  cursor.take();
  ExpressionPtr operand = read_not(cursor);
  return negate(cursor, start, std::move(operand));
}

template <class Operand>
ExpressionPtr read_logical(Cursor& cursor, LogicalOperator op, Operand operand) {
  const Keyword keyword = op == LogicalOperator::kAnd ? Keyword::kAnd : Keyword::kOr;
  const std::size_t start = cursor.mark();
  ExpressionPtr first = operand(cursor);
  if (!cursor.is(keyword)) {
    return first;
  }
  Logical logical{.op = op, .operands = {}};
  logical.operands.push_back(std::move(first));
  while (cursor.accept(keyword)) {
    logical.operands.push_back(operand(cursor));
  }
  return make_expression(cursor, start, std::move(logical));
}

ExpressionPtr read_and(Cursor& cursor) {
  return read_logical(cursor, LogicalOperator::kAnd, read_not);
}

}  // namespace

ExpressionPtr read_value(Cursor& cursor) {
  const Cursor::Nest nest(cursor);
  return read_binary(cursor, kComparisonLevel);
}

ExpressionPtr read_expression(Cursor& cursor) {
  const Cursor::Nest nest(cursor);
  return read_logical(cursor, LogicalOperator::kOr, read_and);
}

}  // namespace millrace::sql::detail
