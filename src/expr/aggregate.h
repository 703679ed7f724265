// Aggregate functions: many groups at once, over whole batches. An executor numbers its groups
// 0, 1, 2 …, gives each row the number of its group, and asks for results by group.
//
// DISTINCT and FILTER are the executor's: it selects the rows. The order that LISTAGG ... WITHIN
// GROUP (ORDER BY k) wants is given by further arguments, two for each key: the key, and a constant
// INT of kOrderDescending and kOrderNullsFirst.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "data/batch.h"
#include "data/column.h"
#include "data/type.h"
#include "expr/eval_error.h"
#include "expr/expression.h"
#include "expr/function.h"

namespace millrace::expr {

inline constexpr std::int64_t kOrderDescending = 1;
inline constexpr std::int64_t kOrderNullsFirst = 2;

/// Rows of one batch to add: `groups[i]` is the group of the i-th row of `rows`. Owned by one
/// thread.
struct AggregateInput {
  std::span<const data::ColumnPtr> args;
  std::span<const std::uint32_t> groups;
  const data::Selection& rows;
};

/// A result that could not be computed (sum of BIGINT beyond 64 bits): the row of the column that
/// finish() returned.
struct AggregateError {
  std::size_t row = 0;
  EvalError error = EvalError::kNone;
};

/// The states of one aggregate call for all groups. Results do not depend on how rows are cut into
/// batches. Owned by one thread.
class Aggregator {
 public:
  Aggregator() = default;
  Aggregator(const Aggregator&) = delete;
  Aggregator& operator=(const Aggregator&) = delete;
  virtual ~Aggregator() = default;

  /// Makes room for groups 0 … count - 1; new ones are empty. Fewer forgets those above.
  virtual void resize(std::size_t groups) = 0;
  /// Empties one group.
  virtual void reset(std::uint32_t group) = 0;
  /// REQUIRES: all groups < resize(…)
  virtual void update(const AggregateInput& input) = 0;
  /// Adds group i of `other` to group `groups[i]` of this; `other` is used up. Rows of `other` come
  /// after those of this. REQUIRES: both were made alike
  virtual void merge(Aggregator& other, std::span<const std::uint32_t> groups) = 0;
  /// The results of `groups`, in that order; a failed one is null and noted in `errors`.
  virtual data::ColumnPtr finish(std::span<const std::uint32_t> groups,
                                 std::vector<AggregateError>& errors) = 0;
  /// About how much memory all groups hold.
  [[nodiscard]] virtual std::size_t memory_bytes() const = 0;
};

/// What an Aggregator is made from: the types of its arguments, the values of those that are
/// constant, and the type of its result. Immutable by use.
struct AggregateSpec {
  std::vector<data::Type> args;
  std::vector<std::optional<data::Value>> constants;
  data::Type result;
};

struct AggregateSignature {
  data::Type type;
  bool nullable = true;
};

/// One row of a family's table. Immutable.
struct AggregateFunction {
  std::string_view name;  ///< Lower case; aliases are rows of their own.
  int min_args = 0;
  int max_args = 0;  ///< -1 = any number
  /// Casts the arguments in place; nothing after a Diagnostic.
  std::optional<AggregateSignature> (*resolve)(CallSite& call) = nullptr;
  std::unique_ptr<Aggregator> (*make)(const AggregateSpec& spec) = nullptr;
  std::string_view usage = {};
};

/// The aggregate of that name (any case), or null.
const AggregateFunction* find_aggregate(std::string_view name);
/// All of them, by name.
std::vector<const AggregateFunction*> all_aggregates();

/// Casts `args` to what the function wants and gives the type of the result; nothing after adding
/// Diagnostics. count(*) has no argument.
std::optional<AggregateSignature> bind_aggregate(std::string_view name,
                                                 std::vector<ExpressionPtr>& args,
                                                 const SourceSpan& where,
                                                 const BindContext& context,
                                                 Diagnostics& diagnostics);

/// REQUIRES: `args` and `result` come from bind_aggregate
std::unique_ptr<Aggregator> make_aggregator(std::string_view name,
                                            std::span<const ExpressionPtr> args,
                                            const data::Type& result);

}  // namespace millrace::expr
