// The logical plan: what a bound query computes, as a tree of relational operators over bound
// expressions. Made by binder.h (from SQL) or builder code; run by exec.
//
// An expression in a node refers to columns of the node's input by position; in a join to the
// columns of the left input followed by those of the right.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/diagnostic.h"
#include "data/type.h"
#include "expr/expression.h"

namespace millrace::plan {

struct Node;
// Shared by the plans that use one view; never changed once built.
using NodePtr = std::shared_ptr<const Node>;

struct Relation;

/// Reads a relation of the catalog: all columns, or only `columns` (positions, ascending).
struct Scan {
  // Shared with the catalog.
  std::shared_ptr<const Relation> relation = {};
  std::vector<std::size_t> columns = {};
  std::vector<std::pair<std::string, std::string>> options = {};  ///< STREAM t WITH (…)
};

/// Literal rows. One row without columns is what SELECT without FROM reads.
struct Values {
  std::vector<std::vector<expr::ExpressionPtr>> rows = {};
};

/// range(start, end, step)
struct Range {
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::int64_t step = 1;
};

struct Project {
  std::vector<expr::ExpressionPtr> columns = {};
};

struct Filter {
  expr::ExpressionPtr condition = {};
};

/// LATERAL VIEW, or a generator in the SELECT list: the input's columns followed by the generated.
struct Generate {
  std::string generator = {};  ///< explode, posexplode, inline, stack, json_tuple
  std::vector<expr::ExpressionPtr> args = {};
  bool outer = false;
};

enum class JoinKind : std::uint8_t {
  kInner,
  kLeft,
  kRight,
  kFull,
  kCross,
  kLeftSemi,
  kLeftAnti,
  kLeftSingle,  ///< kLeft that fails where a row of the left has two: a scalar subquery
  kExistence    ///< The left columns and whether there is a match: EXISTS, IN as a value
};

/// Semi and anti joins give the left columns only.
struct Join {
  JoinKind kind = JoinKind::kInner;
  std::vector<expr::ExpressionPtr> left_keys = {};   ///< over the left input; compared with =
  std::vector<expr::ExpressionPtr> right_keys = {};  ///< over the right input
  expr::ExpressionPtr residual = {};                 ///< over left ++ right, or null
  bool null_aware = false;                           ///< IN: a null may equal any value
};

struct AggregateCall {
  std::string function = {};  ///< lower case; expr/aggregate.h
  std::vector<expr::ExpressionPtr> args = {};
  bool distinct = false;
  expr::ExpressionPtr filter = {};  ///< or null
  data::Type type = {};
};

/// The group expressions followed by the aggregates. No group expression: one row always.
struct Aggregate {
  std::vector<expr::ExpressionPtr> groups = {};
  std::vector<AggregateCall> calls = {};
};

/// Each row once a projection: GROUPING SETS, sliding windows.
struct Expand {
  std::vector<std::vector<expr::ExpressionPtr>> projections = {};
};

/// The input's columns and the number of the row, from 0: monotonically_increasing_id().
struct NumberRows {};

/// The input's rows, ordered by keys and time; where sessions of one key touch, `column` is the
/// session that holds them all.
struct MergeSessions {
  std::vector<expr::ExpressionPtr> keys = {};
  std::size_t column = 0;  ///< STRUCT<start, end>
};

struct SortKey {
  expr::ExpressionPtr expression = {};
  bool ascending = true;
  bool nulls_first = true;
};

enum class FrameEdge : std::uint8_t {
  kUnboundedPreceding,
  kRows,   ///< `rows` before (negative) or behind the row
  kValue,  ///< RANGE: where the order key reaches `value`
  kPeers,  ///< RANGE CURRENT ROW: the first or last row that is equal in the order
  kUnboundedFollowing
};

struct FrameBound {
  FrameEdge edge = FrameEdge::kUnboundedPreceding;
  std::int64_t rows = 0;
  expr::ExpressionPtr value = {};
};

struct WindowCall {
  std::string function = {};  ///< lower case: row_number, lag, …, or an aggregate
  std::vector<expr::ExpressionPtr> args = {};
  expr::ExpressionPtr filter = {};  ///< or null
  bool ignore_nulls = false;        ///< lag, lead, first_value, last_value, nth_value
  FrameBound start = {};
  FrameBound end = {};
  data::Type type = {};
};

struct Sort {
  std::vector<SortKey> keys = {};
};

/// f(…) OVER (PARTITION BY … ORDER BY …): the input's columns followed by the calls; rows in the
/// order of partitions and keys.
struct Window {
  std::vector<expr::ExpressionPtr> partition = {};
  std::vector<SortKey> order = {};
  std::vector<WindowCall> calls = {};
};

struct Limit {
  std::optional<std::int64_t> limit;
  std::int64_t offset = 0;
};

enum class SetKind : std::uint8_t {
  kUnion,
  kIntersect,
  kExcept
};

/// Both inputs have the same types. UNION DISTINCT is a Distinct above UNION ALL.
struct SetOperation {
  SetKind kind = SetKind::kUnion;
  bool all = false;
};

struct Distinct {};

/// Immutable once built.
struct Node {
  std::variant<Scan,
               Values,
               Range,
               Project,
               Filter,
               Generate,
               Join,
               Aggregate,
               Expand,
               NumberRows,
               MergeSessions,
               Window,
               Sort,
               Limit,
               SetOperation,
               Distinct>
      op;
  data::Schema schema = {};
  std::vector<NodePtr> inputs = {};
  bool streaming = false;  ///< Reads a stream: never ends.
  SourceSpan where = {};
};

}  // namespace millrace::plan
