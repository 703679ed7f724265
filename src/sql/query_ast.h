// The tree of a query, as it was written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/expression_ast.h"

namespace millrace::sql {

struct Relation;
struct QueryTerm;
using RelationPtr = Box<Relation>;
using QueryTermPtr = Box<QueryTerm>;

/// An entry of OPTIONS (…), TBLPROPERTIES (…) or STREAM t WITH (…). `value` is the text of a
/// constant (a string decoded, a number or boolean as written); where something else than a
/// constant was written it is in `expression`.
struct Property {
  std::string key;  ///< `a.b.c` or the text of a string
  std::string value;
  bool has_value = false;
  bool quoted = false;  ///< the value was a string
  ExpressionPtr expression;
  NodePosition position;
  NodePosition value_position;

  friend bool operator==(const Property&, const Property&) = default;
};

/// `/*+ name(arguments), … */`.
struct Hint {
  Identifier name;
  std::vector<ExpressionPtr> arguments;

  friend bool operator==(const Hint&, const Hint&) = default;
};

/// An item of a SELECT list: `e`, `e AS a`, `e AS (a, b)`.
struct SelectItem {
  ExpressionPtr value;
  std::vector<Identifier> names;
  bool bracketed = false;  ///< AS (a, b), also with one name

  friend bool operator==(const SelectItem&, const SelectItem&) = default;
};

/// `AS t (a, b)`; columns may be empty.
struct TableAlias {
  Identifier name;
  std::vector<Identifier> columns;

  friend bool operator==(const TableAlias&, const TableAlias&) = default;
};

/// `LATERAL VIEW [OUTER] f(args) table [AS a, b]`.
struct LateralView {
  bool outer = false;
  Name function;
  std::vector<Argument> arguments;
  std::optional<Identifier> table;
  std::vector<Identifier> columns;
  NodePosition position;

  friend bool operator==(const LateralView&, const LateralView&) = default;
};

/// `PIVOT (aggregates FOR columns IN (values))`.
struct Pivot {
  std::vector<SelectItem> aggregates;
  std::vector<Identifier> columns;
  std::vector<SelectItem> values;
  NodePosition position;

  friend bool operator==(const Pivot&, const Pivot&) = default;
};

/// A column, or a bracketed set of columns, of UNPIVOT's IN list.
struct UnpivotColumns {
  std::vector<Name> columns;
  std::optional<Identifier> alias;

  friend bool operator==(const UnpivotColumns&, const UnpivotColumns&) = default;
};

/// `UNPIVOT [INCLUDE|EXCLUDE NULLS] (values FOR name IN (columns))`.
struct Unpivot {
  bool include_nulls = false;
  std::vector<Identifier> values;  ///< more than one: written in brackets
  Identifier name;
  std::vector<UnpivotColumns> columns;
  NodePosition position;

  friend bool operator==(const Unpivot&, const Unpivot&) = default;
};

/// FROM …. A PIVOT after a relation without LATERAL VIEW belongs to the relation.
struct FromClause {
  std::vector<RelationPtr> relations;
  std::vector<LateralView> lateral_views;
  Box<Pivot> pivot;
  Box<Unpivot> unpivot;

  friend bool operator==(const FromClause&, const FromClause&) = default;
};

enum class GroupingKind : std::uint8_t {
  kExpression,
  kRollup,
  kCube,
  kGroupingSets
};

/// One element of GROUP BY or of GROUPING SETS. kExpression: one expression in one set. The others:
/// sets of expressions (`ROLLUP (a, (b, c))` has two sets), or nested elements in GROUPING SETS.
struct GroupingElement {
  GroupingKind kind = GroupingKind::kExpression;
  std::vector<std::vector<ExpressionPtr>> sets;
  std::vector<GroupingElement> elements;  ///< GROUPING SETS with ROLLUP, CUBE or sets inside
  NodePosition position;

  friend bool operator==(const GroupingElement& a, const GroupingElement& b) {
    return a.kind == b.kind && a.sets == b.sets && a.elements == b.elements;
  }
};

enum class GroupingSuffix : std::uint8_t {
  kNone,
  kRollup,
  kCube
};

struct GroupBy {
  std::vector<GroupingElement> elements;
  GroupingSuffix with = GroupingSuffix::kNone;  ///< GROUP BY a, b WITH ROLLUP

  friend bool operator==(const GroupBy&, const GroupBy&) = default;
};

/// `WINDOW name AS (…)`.
struct NamedWindow {
  Identifier name;
  WindowSpecification window;

  friend bool operator==(const NamedWindow&, const NamedWindow&) = default;
};

/// `SELECT …`. `FROM t` without SELECT has no items and `from_first` set: it means SELECT *.
struct Select {
  std::vector<Hint> hints;
  bool distinct = false;
  std::vector<SelectItem> items;
  bool from_first = false;
  Box<FromClause> from;
  ExpressionPtr where;
  Box<GroupBy> group_by;
  ExpressionPtr having;
  ExpressionPtr qualify;
  std::vector<NamedWindow> windows;

  friend bool operator==(const Select&, const Select&) = default;
};

enum class SetOperator : std::uint8_t {
  kUnion,
  kIntersect,
  kExcept
};

/// EXCEPT and MINUS are one. `all` false is DISTINCT.
struct SetOperation {
  SetOperator op = SetOperator::kUnion;
  bool all = false;
  QueryTermPtr left;
  QueryTermPtr right;
  NodePosition operator_position;

  friend bool operator==(const SetOperation&, const SetOperation&) = default;
};

/// `VALUES (1, 'a'), (2, 'b') AS t(x, y)`. Each row is an expression: a RowConstructor for several
/// columns.
struct Values {
  std::vector<ExpressionPtr> rows;
  std::optional<TableAlias> alias;

  friend bool operator==(const Values&, const Values&) = default;
};

/// `TABLE name`.
struct TableTerm {
  Name name;

  friend bool operator==(const TableTerm&, const TableTerm&) = default;
};

/// `( query )`.
struct BracketedQuery {
  QueryPtr query;

  friend bool operator==(const BracketedQuery&, const BracketedQuery&) = default;
};

enum class JoinType : std::uint8_t {
  kInner,
  kCross,
  kLeftOuter,
  kRightOuter,
  kFullOuter,
  kLeftSemi,
  kLeftAnti,
};

/// One join without its left side. At most one of `on` and `columns` is there.
struct JoinPart {
  JoinType type = JoinType::kInner;
  bool natural = false;
  RelationPtr right;
  ExpressionPtr on;
  std::vector<Identifier> columns;  ///< USING (…)
  NodePosition position;

  friend bool operator==(const JoinPart&, const JoinPart&) = default;
};

/// `TABLESAMPLE (…) [REPEATABLE (seed)]`.
enum class SampleKind : std::uint8_t {
  kPercent,
  kRows,
  kBucket
};

struct Sample {
  SampleKind kind = SampleKind::kPercent;
  std::string amount;  ///< the number as written; for kBucket the numerator
  std::string out_of;  ///< kBucket: the denominator
  ExpressionPtr rows;  ///< kRows
  std::string seed;    ///< REPEATABLE; empty without
  NodePosition position;

  friend bool operator==(const Sample&, const Sample&) = default;
};

/// ORDER BY and what follows it.
struct QueryOrganization {
  std::vector<SortItem> order_by;
  std::vector<ExpressionPtr> cluster_by;
  std::vector<ExpressionPtr> distribute_by;
  std::vector<SortItem> sort_by;
  std::vector<NamedWindow> windows;
  bool limit_all = false;
  ExpressionPtr limit;
  ExpressionPtr offset;

  friend bool operator==(const QueryOrganization&, const QueryOrganization&) = default;
};

struct PipeSelect {
  bool distinct = false;
  std::vector<SelectItem> items;
  std::vector<NamedWindow> windows;

  friend bool operator==(const PipeSelect&, const PipeSelect&) = default;
};

struct PipeExtend {
  std::vector<SelectItem> items;

  friend bool operator==(const PipeExtend&, const PipeExtend&) = default;
};

/// `|> SET a = e, b = f`.
struct PipeAssignment {
  Name column;
  ExpressionPtr value;

  friend bool operator==(const PipeAssignment&, const PipeAssignment&) = default;
};

struct PipeSet {
  std::vector<PipeAssignment> assignments;

  friend bool operator==(const PipeSet&, const PipeSet&) = default;
};

struct PipeDrop {
  std::vector<Identifier> columns;

  friend bool operator==(const PipeDrop&, const PipeDrop&) = default;
};

struct PipeAs {
  Identifier name;

  friend bool operator==(const PipeAs&, const PipeAs&) = default;
};

struct PipeWhere {
  ExpressionPtr condition;

  friend bool operator==(const PipeWhere&, const PipeWhere&) = default;
};

/// `|> AGGREGATE items GROUP BY keys`; a key may have an alias.
struct PipeAggregate {
  std::vector<SelectItem> items;
  std::vector<SelectItem> keys;

  friend bool operator==(const PipeAggregate&, const PipeAggregate&) = default;
};

struct PipeSetOperation {
  SetOperator op = SetOperator::kUnion;
  bool all = false;
  QueryTermPtr right;

  friend bool operator==(const PipeSetOperation&, const PipeSetOperation&) = default;
};

using PipeNode = std::variant<PipeSelect,
                              PipeExtend,
                              PipeSet,
                              PipeDrop,
                              PipeAs,
                              PipeWhere,
                              PipeAggregate,
                              PipeSetOperation,
                              JoinPart,
                              Pivot,
                              Unpivot,
                              Sample,
                              LateralView,
                              QueryOrganization>;

struct PipeOperator {
  PipeNode node;
  NodePosition position;

  friend bool operator==(const PipeOperator&, const PipeOperator&) = default;
};

/// `input |> operator |> operator`.
struct PipedQuery {
  QueryTermPtr input;
  std::vector<PipeOperator> operators;

  friend bool operator==(const PipedQuery&, const PipedQuery&) = default;
};

struct QueryTerm {
  std::variant<Select, SetOperation, Values, TableTerm, BracketedQuery, PipedQuery> node;
  NodePosition position;

  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&node);
  }

  friend bool operator==(const QueryTerm&, const QueryTerm&) = default;
};

/// `name (columns) AS (query)`.
struct CommonTableExpression {
  Identifier name;
  std::vector<Identifier> columns;
  QueryPtr query;

  friend bool operator==(const CommonTableExpression&, const CommonTableExpression&) = default;
};

/// A whole query: WITH, the term, ORDER BY and what follows it.
struct Query {
  bool recursive = false;
  std::vector<CommonTableExpression> with;
  QueryTermPtr term;
  QueryOrganization organization;
  NodePosition position;

  friend bool operator==(const Query&, const Query&) = default;
};

/// `WATERMARK expression [AS name] DELAY OF INTERVAL …`. The delay is an IntervalLiteral.
struct Watermark {
  ExpressionPtr value;
  std::vector<Identifier> names;  ///< more than one is for the binder to refuse
  ExpressionPtr delay;
  NodePosition position;

  friend bool operator==(const Watermark&, const Watermark&) = default;
};

/// `name`.
struct TableRelation {
  Name name;

  friend bool operator==(const TableRelation&, const TableRelation&) = default;
};

/// `( query )`.
struct SubqueryRelation {
  QueryPtr query;

  friend bool operator==(const SubqueryRelation&, const SubqueryRelation&) = default;
};

/// `( relation )`.
struct BracketedRelation {
  RelationPtr relation;

  friend bool operator==(const BracketedRelation&, const BracketedRelation&) = default;
};

/// `f(args)`.
struct FunctionRelation {
  Name name;
  std::vector<Argument> arguments;

  friend bool operator==(const FunctionRelation&, const FunctionRelation&) = default;
};

/// `VALUES …`; its alias is the relation's.
struct ValuesRelation {
  std::vector<ExpressionPtr> rows;

  friend bool operator==(const ValuesRelation&, const ValuesRelation&) = default;
};

struct JoinRelation {
  RelationPtr left;
  JoinPart join;

  friend bool operator==(const JoinRelation&, const JoinRelation&) = default;
};

struct PivotRelation {
  RelationPtr input;
  Pivot pivot;

  friend bool operator==(const PivotRelation&, const PivotRelation&) = default;
};

struct UnpivotRelation {
  RelationPtr input;
  Unpivot unpivot;

  friend bool operator==(const UnpivotRelation&, const UnpivotRelation&) = default;
};

/// `FOR VERSION AS OF v`, `TIMESTAMP AS OF e`, `CHANGES FROM …`: understood by no relation of ours,
/// kept as text so that the binder can name it.
struct UnsupportedClause {
  std::string text;
  NodePosition position;

  friend bool operator==(const UnsupportedClause&, const UnsupportedClause&) = default;
};

/// One relation with everything that may follow it. `stream` is there for tables and functions.
struct Relation {
  std::variant<TableRelation,
               SubqueryRelation,
               BracketedRelation,
               FunctionRelation,
               ValuesRelation,
               JoinRelation,
               PivotRelation,
               UnpivotRelation>
      node;
  bool stream = false;
  bool lateral = false;
  std::vector<Property> options;  ///< WITH (…)
  std::optional<UnsupportedClause> unsupported;
  std::optional<Name> identified_by;
  Box<Sample> sample;
  Box<Watermark> watermark;
  std::optional<TableAlias> alias;
  NodePosition position;

  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&node);
  }

  friend bool operator==(const Relation&, const Relation&) = default;
};

}  // namespace millrace::sql
