// The tree of an expression, as it was written: nothing is resolved, no name is looked up and no
// number is converted. Forms that Spark's own parser rewrites are rewritten here alike, so that one
// meaning has one node: `a::INT` is a Cast, `a IS DISTINCT FROM b` is NOT (a <=> b), `!>` is <=,
// EXTRACT(YEAR FROM t) is the call extract('YEAR', t) (see FunctionCall). CURRENT_DATE without
// brackets is a ColumnReference, as in Spark: it is a function only where no column has that name.
// So are GROUP BY ALL and ORDER BY ALL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/position.h"

namespace millrace::sql {

struct Expression;
struct Query;
using ExpressionPtr = Box<Expression>;
using QueryPtr = Box<Query>;

/// One part of a name, without its backquotes.
struct Identifier {
  std::string name;
  bool quoted = false;
  NodePosition position;

  friend bool operator==(const Identifier&, const Identifier&) = default;
};

/// `a.b.c`: at least one part.
struct Name {
  std::vector<Identifier> parts;
  NodePosition position;

  friend bool operator==(const Name&, const Name&) = default;
};

enum class IntervalUnit : std::uint8_t {
  kYear,
  kMonth,
  kWeek,
  kDay,
  kHour,
  kMinute,
  kSecond,
  kMillisecond,
  kMicrosecond,
  kNanosecond,
};

struct TypeField;

/// A type as written. `name` is in capitals ("INT", "INTEGER", "STRUCT"); aliases are kept.
/// ARRAY has one child, MAP two; STRUCT has fields. `parameters` are those of DECIMAL(p, s),
/// CHAR(n), TIME(p). "INTERVAL" has `from` and, for DAY TO SECOND, `to`; without both it is the
/// legacy calendar interval.
struct TypeName {
  std::string name;
  std::vector<int> parameters;
  std::vector<TypeName> children;
  std::vector<TypeField> fields;
  std::string collation;  ///< STRING COLLATE x; empty without
  std::optional<IntervalUnit> from;
  std::optional<IntervalUnit> to;
  NodePosition position;

  friend bool operator==(const TypeName&, const TypeName&);
};

/// A field of a STRUCT, or of a DDL schema string.
struct TypeField {
  Identifier name;
  TypeName type;
  bool not_null = false;
  std::optional<std::string> comment;

  friend bool operator==(const TypeField&, const TypeField&) = default;
};

enum class LiteralKind : std::uint8_t {
  kNull,
  kBoolean,       ///< text is "true" or "false"
  kInteger,       ///< no suffix: INT, BIGINT or DECIMAL, the narrowest that fits
  kTinyint,       ///< 1Y
  kSmallint,      ///< 1S
  kBigint,        ///< 1L
  kDecimal,       ///< 1.5, .5, 1., 1BD, 1e3BD
  kFloat,         ///< 1F
  kDouble,        ///< 1D, 1e3
  kString,        ///< text is decoded; adjacent strings are joined
  kBinary,        ///< X'1F': text holds the bytes
  kDate,          ///< DATE'…': text is what is between the quotes, unchecked; so for those below
  kTime,          ///< TIME'…'
  kTimestamp,     ///< TIMESTAMP'…': LTZ or NTZ by spark.sql.timestampType
  kTimestampLtz,  ///< TIMESTAMP_LTZ'…'
  kTimestampNtz,  ///< TIMESTAMP_NTZ'…'
};

/// A constant. Numbers keep their exact digits without suffix, with a leading '-' where the minus
/// stands before the number (so that -9223372036854775808 is a BIGINT).
struct Literal {
  LiteralKind kind = LiteralKind::kNull;
  std::string text;

  friend bool operator==(const Literal&, const Literal&) = default;
};

/// One `value unit` of an interval. The value is a number with optional sign, or the text of a
/// string.
struct IntervalField {
  std::string value;
  bool quoted = false;
  IntervalUnit unit = IntervalUnit::kDay;
  NodePosition position;

  friend bool operator==(const IntervalField&, const IntervalField&) = default;
};

/// `INTERVAL 1 DAY 2 HOURS` (fields), `INTERVAL '1-2' YEAR TO MONTH` (one field and `to`), or
/// `INTERVAL '1 day 2 hours'` (no field, `text`).
struct IntervalLiteral {
  std::vector<IntervalField> fields;
  std::optional<IntervalUnit> to;
  std::string text;

  friend bool operator==(const IntervalLiteral&, const IntervalLiteral&) = default;
};

/// `a`, `t.a`, `t.a.field`: which part is the column is not known yet.
struct ColumnReference {
  Name name;

  friend bool operator==(const ColumnReference&, const ColumnReference&) = default;
};

/// `*`, `t.*`, `* EXCEPT (a, b.c)`.
struct Star {
  std::vector<Identifier> qualifier;
  std::vector<Name> except;

  friend bool operator==(const Star&, const Star&) = default;
};

/// `?` (empty name; ordinal counts from 0) or `:name`.
struct Parameter {
  std::string name;
  int ordinal = 0;

  friend bool operator==(const Parameter&, const Parameter&) = default;
};

enum class UnaryOperator : std::uint8_t {
  kPlus,
  kMinus,
  kBitNot,
  kNot
};

struct Unary {
  UnaryOperator op = UnaryOperator::kPlus;
  ExpressionPtr operand;

  friend bool operator==(const Unary&, const Unary&) = default;
};

enum class BinaryOperator : std::uint8_t {
  kMultiply,
  kDivide,
  kModulo,
  kIntegralDivide,  ///< DIV
  kAdd,
  kSubtract,
  kConcat,
  kShiftLeft,
  kShiftRight,
  kShiftRightUnsigned,
  kBitAnd,
  kBitXor,
  kBitOr,
  kEqual,
  kNullSafeEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
};

struct Binary {
  BinaryOperator op = BinaryOperator::kAdd;
  ExpressionPtr left;
  ExpressionPtr right;
  NodePosition operator_position;

  friend bool operator==(const Binary&, const Binary&) = default;
};

enum class LogicalOperator : std::uint8_t {
  kAnd,
  kOr
};

/// `a AND b AND c`: at least two operands; what stands in brackets is an operand of its own.
struct Logical {
  LogicalOperator op = LogicalOperator::kAnd;
  std::vector<ExpressionPtr> operands;

  friend bool operator==(const Logical&, const Logical&) = default;
};

struct Between {
  ExpressionPtr value;
  ExpressionPtr low;
  ExpressionPtr high;
  bool negated = false;

  friend bool operator==(const Between&, const Between&) = default;
};

/// `x IN (1, 2)`.
struct InList {
  ExpressionPtr value;
  std::vector<ExpressionPtr> list;
  bool negated = false;

  friend bool operator==(const InList&, const InList&) = default;
};

/// `x IN (SELECT …)`; for `(x, y) IN (SELECT …)` the value is a RowConstructor.
struct InSubquery {
  ExpressionPtr value;
  QueryPtr query;
  bool negated = false;

  friend bool operator==(const InSubquery&, const InSubquery&) = default;
};

enum class LikeKind : std::uint8_t {
  kLike,
  kIlike,
  kRlike
};
enum class LikeQuantifier : std::uint8_t {
  kOne,
  kAny,
  kAll
};

/// `x LIKE p ESCAPE 'e'` (kOne: one pattern), `x LIKE ANY (p, q)` (SOME is ANY).
struct Like {
  LikeKind kind = LikeKind::kLike;
  LikeQuantifier quantifier = LikeQuantifier::kOne;
  ExpressionPtr value;
  std::vector<ExpressionPtr> patterns;
  std::optional<std::string> escape;  ///< exactly one character
  bool negated = false;

  friend bool operator==(const Like&, const Like&) = default;
};

enum class IsKind : std::uint8_t {
  kNull,
  kTrue,
  kFalse,
  kUnknown
};

/// `x IS [NOT] NULL|TRUE|FALSE|UNKNOWN`.
struct Is {
  IsKind kind = IsKind::kNull;
  ExpressionPtr value;
  bool negated = false;

  friend bool operator==(const Is&, const Is&) = default;
};

struct CaseBranch {
  ExpressionPtr condition;
  ExpressionPtr result;

  friend bool operator==(const CaseBranch&, const CaseBranch&) = default;
};

/// `CASE [operand] WHEN … THEN … [ELSE …] END`; operand and otherwise may be null.
struct Case {
  ExpressionPtr operand;
  std::vector<CaseBranch> branches;
  ExpressionPtr otherwise;

  friend bool operator==(const Case&, const Case&) = default;
};

/// CAST, TRY_CAST and `::`.
struct Cast {
  ExpressionPtr value;
  TypeName type;
  bool attempt = false;  ///< TRY_CAST: NULL instead of an error

  friend bool operator==(const Cast&, const Cast&) = default;
};

enum class SortDirection : std::uint8_t {
  kDefault,
  kAscending,
  kDescending
};
enum class NullsOrder : std::uint8_t {
  kDefault,
  kFirst,
  kLast
};

struct SortItem {
  ExpressionPtr value;
  SortDirection direction = SortDirection::kDefault;
  NullsOrder nulls = NullsOrder::kDefault;

  friend bool operator==(const SortItem&, const SortItem&) = default;
};

enum class FrameUnit : std::uint8_t {
  kRows,
  kRange
};
enum class FrameBoundKind : std::uint8_t {
  kUnboundedPreceding,
  kPreceding,
  kCurrentRow,
  kFollowing,
  kUnboundedFollowing,
};

/// `value` is there for kPreceding and kFollowing only.
struct FrameBound {
  FrameBoundKind kind = FrameBoundKind::kCurrentRow;
  ExpressionPtr value;

  friend bool operator==(const FrameBound&, const FrameBound&) = default;
};

/// Without BETWEEN, `end` is CURRENT ROW, as in Spark.
struct WindowFrame {
  FrameUnit unit = FrameUnit::kRange;
  FrameBound start;
  FrameBound end;

  friend bool operator==(const WindowFrame&, const WindowFrame&) = default;
};

/// What follows OVER, or `WINDOW w AS`: either the name of a window, or its parts.
struct WindowSpecification {
  std::optional<Identifier> name;
  std::vector<ExpressionPtr> partition_by;
  std::vector<SortItem> order_by;
  Box<WindowFrame> frame;
  NodePosition position;

  friend bool operator==(const WindowSpecification&, const WindowSpecification&) = default;
};

/// `e`, or `name => e`. In struct(e AS x) the value is an Alias. A table argument of a table-valued
/// function, TABLE(t), is a Subquery with `table` set.
struct Argument {
  std::optional<Identifier> name;
  ExpressionPtr value;

  friend bool operator==(const Argument&, const Argument&) = default;
};

enum class NullTreatment : std::uint8_t {
  kDefault,
  kRespect,
  kIgnore
};

/// Any call. The special forms are calls, too, with the argument order of Spark's functions:
///   EXTRACT(f FROM e)                  extract('f', e)
///   POSITION(a IN b)                   position(a, b)
///   SUBSTRING(s FROM p FOR n)          substring(s, p, n)
///   OVERLAY(s PLACING r FROM p FOR n)  overlay(s, r, p, n)
///   TRIM([BOTH] [x] FROM s)            btrim(s[, x]); LEADING: ltrim(x, s) or ltrim(s), TRAILING
///                                      likewise rtrim: the order of Spark's functions
///   TIMESTAMPADD(DAY, n, t)            timestampadd('DAY', n, t); so DATEADD and DATE_ADD with a
///   unit TIMESTAMPDIFF(DAY, a, b)           timestampdiff('DAY', a, b); so DATEDIFF, DATE_DIFF,
///   TIMEDIFF f(x IGNORE NULLS)                  f(x) IGNORE NULLS
/// count(*) has a Star as its argument.
struct FunctionCall {
  Name name;
  std::vector<Argument> arguments;
  bool distinct = false;
  std::vector<SortItem> within_group;
  ExpressionPtr filter;
  NullTreatment nulls = NullTreatment::kDefault;
  Box<WindowSpecification> over;

  friend bool operator==(const FunctionCall&, const FunctionCall&) = default;
};

/// `x -> e`, `(x, y) -> e`.
struct Lambda {
  std::vector<Identifier> parameters;
  ExpressionPtr body;

  friend bool operator==(const Lambda&, const Lambda&) = default;
};

/// `base.field` where the base is no plain name.
struct FieldAccess {
  ExpressionPtr value;
  Identifier field;

  friend bool operator==(const FieldAccess&, const FieldAccess&) = default;
};

/// `value[index]`.
struct Subscript {
  ExpressionPtr value;
  ExpressionPtr index;

  friend bool operator==(const Subscript&, const Subscript&) = default;
};

enum class JsonPathKind : std::uint8_t {
  kField,
  kIndex,
  kWildcard
};

/// `.name`, `['name']`, `[3]`, `[*]`. Names are case-insensitive unless quoted or in brackets.
struct JsonPathStep {
  JsonPathKind kind = JsonPathKind::kField;
  std::string name;
  std::int64_t index = 0;
  bool quoted = false;

  friend bool operator==(const JsonPathStep&, const JsonPathStep&) = default;
};

/// `value:path.to[0].field`; at least one step.
struct JsonExtract {
  ExpressionPtr value;
  std::vector<JsonPathStep> path;

  friend bool operator==(const JsonExtract&, const JsonExtract&) = default;
};

/// `value COLLATE name`.
struct Collate {
  ExpressionPtr value;
  Name collation;

  friend bool operator==(const Collate&, const Collate&) = default;
};

/// `(a, b)`: a struct of its values.
struct RowConstructor {
  std::vector<ExpressionPtr> values;

  friend bool operator==(const RowConstructor&, const RowConstructor&) = default;
};

enum class SubqueryKind : std::uint8_t {
  kScalar,
  kExists,
  kTable
};

/// `(SELECT …)`, `EXISTS (SELECT …)`, or TABLE(…) as an argument of a table-valued function.
struct Subquery {
  SubqueryKind kind = SubqueryKind::kScalar;
  QueryPtr query;

  friend bool operator==(const Subquery&, const Subquery&) = default;
};

/// `e AS name`, `e AS (a, b)`: an argument of struct(…), or a named expression.
struct Alias {
  ExpressionPtr value;
  std::vector<Identifier> names;
  bool bracketed = false;  ///< AS (a, b), also with one name

  friend bool operator==(const Alias&, const Alias&) = default;
};

using ExpressionNode = std::variant<Literal,
                                    IntervalLiteral,
                                    ColumnReference,
                                    Star,
                                    Parameter,
                                    Unary,
                                    Binary,
                                    Logical,
                                    Between,
                                    InList,
                                    InSubquery,
                                    Like,
                                    Is,
                                    Case,
                                    Cast,
                                    FunctionCall,
                                    Lambda,
                                    FieldAccess,
                                    Subscript,
                                    JsonExtract,
                                    Collate,
                                    RowConstructor,
                                    Subquery,
                                    Alias>;

/// One node and all below it. Trees are at most kTreeHeightMax (parser.h) levels high, so that
/// recursive functions are safe. Owned by one thread.
struct Expression {
  ExpressionNode node;
  NodePosition position;

  /// The node when it is of that kind, else null.
  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&node);
  }

  template <class T>
  [[nodiscard]] T* as() {
    return std::get_if<T>(&node);
  }

  friend bool operator==(const Expression&, const Expression&) = default;
};

}  // namespace millrace::sql
