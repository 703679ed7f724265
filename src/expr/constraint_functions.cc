// Constraints of a target as expressions: a row that violates one fails where the target is named,
// and becomes a dead letter like any other failed row. Put in by `plan`, not written by users.
#include "expr/families.h"
#include "expr/kernels.h"

namespace millrace::expr {
namespace {

// assert_not_null(value, 'table.column'): the value itself.
data::ColumnPtr assert_not_null_kernel(const KernelInput& in) {
  const data::ColumnPtr& value = in.args[0];
  if (value->may_have_nulls()) {
    in.rows.for_each([&](std::size_t row) {
      if (value->is_null(row)) {
        in.evaluation.fail(row, EvalError::kRejectedByTarget, in.call);
      }
    });
  }
  return value;
}

std::optional<Resolution> resolve_assert_not_null(CallSite& call) {
  return Resolution{.type = call.type(0),
                    .nullable = false,
                    .kernel = assert_not_null_kernel,
                    .lazy = false,
                    .data = nullptr};
}

constexpr Function kFunctions[] = {
    {.name = "assert_not_null",
     .min_args = 2,
     .max_args = 2,
     .resolve = resolve_assert_not_null,
     .deterministic = true,
     .usage = "assert_not_null(value, column) - the value; a null is refused by the target"},
};

}  // namespace

std::span<const Function> constraint_functions() {
  return kFunctions;
}

}  // namespace millrace::expr
