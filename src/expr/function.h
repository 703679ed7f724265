// What a function is: a name, how it resolves its argument types, and the kernel that computes a
// batch. One file a family (string_functions.cc, …) holds a table of Functions and exposes it as
// `std::span<const Function> string_functions()`; registry.cc lists the families.
//
// To add a function: write a row kernel with kernels.h, add one line to the family's table, add
// cases to the test. Spark's contract (tests/contracts/spark-4.3-expressions.tsv) is the oracle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/hash.h"
#include "data/batch.h"
#include "data/column.h"
#include "data/type.h"
#include "data/value.h"
#include "expr/eval_error.h"

namespace millrace::expr {

struct Expression;
// Shared by the plans and operators that hold it, and by folding; never changed.
using ExpressionPtr = std::shared_ptr<const Expression>;

class Evaluation;

/// What a call prepares once, when it is bound: a compiled pattern, a parsed schema, a format.
/// Immutable.
struct CallData {
  CallData() = default;
  CallData(const CallData&) = delete;
  CallData& operator=(const CallData&) = delete;
  virtual ~CallData() = default;
};

/// What a kernel is given for one batch. `rows`: only these rows may be looked at, written and
/// failed; other rows of the result are unspecified. Owned by one thread.
struct KernelInput {
  const Expression& call;                 ///< The call itself: type, data, site of errors.
  std::span<const data::ColumnPtr> args;  ///< Evaluated arguments; empty for lazy kernels.
  const data::Selection& rows;
  std::size_t batch_rows;  ///< Size that the result column must have.
  Evaluation& evaluation;  ///< Errors, epoch time, zone; evaluates lazy arguments.
};

/// Computes a call for a batch: a column of `batch_rows` rows of the call's type.
using Kernel = data::ColumnPtr (*)(const KernelInput& input);

/// What binding a call found out.
struct Resolution {
  data::Type type = {};
  bool nullable = true;
  Kernel kernel = nullptr;
  bool lazy = false;  ///< The kernel evaluates its arguments by itself.
  // Shared by copies of the expression; never changed.
  std::shared_ptr<const CallData> data = {};
  /// The call is just another way to write this expression (nvl is coalesce); the rest is unused.
  ExpressionPtr replacement = {};
};

/// Settings that change how SQL is bound. Immutable by use.
struct BindContext {
  bool ansi = true;
  bool case_sensitive = false;
  std::string time_zone = "UTC";  ///< spark.sql.session.timeZone
  /// The view or table whose query is bound; with the ordinal of the call the call site of uuid()
  /// and rand().
  std::string owner;
  mutable std::uint32_t next_ordinal = 0;
};

/// A call that is being bound: the function looks at the argument types, casts arguments in place,
/// and returns a Resolution, or nothing after adding a Diagnostic. Owned by one thread.
class CallSite {
 public:
  CallSite(std::string_view name,
           std::vector<ExpressionPtr>& args,
           const SourceSpan& where,
           const BindContext& context,
           Diagnostics& diagnostics)
      : name_(name), args_(args), where_(where), context_(context), diagnostics_(diagnostics) {}

  [[nodiscard]] std::string_view name() const { return name_; }

  [[nodiscard]] std::size_t count() const { return args_.size(); }

  [[nodiscard]] const Expression& arg(std::size_t index) const { return *args_[index]; }

  [[nodiscard]] const data::Type& type(std::size_t index) const;

  [[nodiscard]] const BindContext& context() const { return context_; }

  [[nodiscard]] Diagnostics& diagnostics() { return diagnostics_; }

  [[nodiscard]] const SourceSpan& where() const { return where_; }

  [[nodiscard]] std::vector<ExpressionPtr>& args() { return args_; }

  /// "name(a, b)", or the operator with its operands, as messages quote it.
  [[nodiscard]] std::string sql() const;

  /// Implicitly casts argument `index` under ANSI's rules (streaming-sql §4.5, function arguments);
  /// false after adding DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE.
  bool cast(std::size_t index, const data::Type& to);
  /// Casts all arguments from `first` to their common type; false after
  /// DATATYPE_MISMATCH.DATA_DIFF_TYPES.
  bool cast_to_common(std::size_t first = 0);
  /// The value of an argument that is constant (already folded); nothing when it is not.
  [[nodiscard]] std::optional<data::Value> constant(std::size_t index) const;
  /// Binds another call with arguments of this one, for Resolution::replacement.
  ExpressionPtr call(std::string_view name, std::vector<ExpressionPtr> args);
  /// True when any argument is nullable.
  [[nodiscard]] bool any_nullable() const;

  /// Adds an error at this call; always returns nothing, so that it can be returned.
  std::nullopt_t fail(std::string_view error_class, std::string_view sqlstate, std::string message);

 private:
  std::string_view name_;
  std::vector<ExpressionPtr>& args_;
  const SourceSpan& where_;
  const BindContext& context_;
  Diagnostics& diagnostics_;
};

/// One row of a family's table. Immutable.
struct Function {
  std::string_view name;  ///< Lower case; aliases are rows of their own.
  int min_args = 0;
  int max_args = 0;  ///< -1 = any number
  std::optional<Resolution> (*resolve)(CallSite& call) = nullptr;
  bool deterministic = true;
  /// One line for docs/sql.md: "substring(str, pos[, len]) - the part of str from pos (1-based)".
  std::string_view usage = {};
  /// False for what depends on the epoch (current_timestamp): constant arguments give no constant.
  bool foldable = true;
  /// For functions that take lambdas: the types of the `parameters` variables of the lambda that
  /// will be argument call.count(); the arguments before it are bound. Nothing after a Diagnostic.
  std::optional<std::vector<data::Field>> (*lambda_parameters)(CallSite& call,
                                                               std::size_t parameters) = nullptr;
};

/// The function of that name (any case), or null.
const Function* find_function(std::string_view name);
/// All functions, by name: for documentation and suggestions.
std::vector<const Function*> all_functions();

}  // namespace millrace::expr
