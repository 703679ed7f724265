// AND, OR, NOT and the IS predicates.
#include <utility>

#include "expr/families.h"
#include "expr/kernels.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

// AND stops at FALSE, OR at TRUE: later operands are evaluated for the rows that are still open
// only, so that `x <> 0 AND 1 / x > 2` does not fail.
template <bool kStop>
data::ColumnPtr logical_kernel(const KernelInput& in) {
  ResultWriter<bool> result(in);
  data::Bitmap unknown(in.batch_rows, /*value=*/false);
  data::Selection open = in.rows;
  for (const ExpressionPtr& arg : in.call.args) {
    const data::ColumnPtr column = in.evaluation.evaluate(*arg, open);
    open = in.evaluation.without_failed(open);
    std::vector<data::RowIndex> still(open.size());
    std::size_t count = 0;
    const bool nulls = column->may_have_nulls();
    open.for_each([&](std::size_t row) {
      const bool null = nulls && column->is_null(row);
      if (null) {
        unknown.set(row);
      }
      const bool stops = !null && (column->get<std::uint8_t>(row) != 0) == kStop;
      result.set(row, kStop);
      still[count] = static_cast<data::RowIndex>(row);
      count += stops ? 0U : 1U;
    });
    if (count != open.size()) {
      still.resize(count);
      open = data::Selection(std::move(still));
    }
    if (open.size() == 0) {
      break;
    }
  }
  open.for_each([&](std::size_t row) {
    if (unknown.get(row)) {
      result.set_null(row);
    } else {
      result.set(row, !kStop);
    }
  });
  return result.finish();
}

template <bool kStop>
std::optional<Resolution> resolve_logical(CallSite& call) {
  auto resolution =
      signature(call, Type(TypeKind::kBoolean), {Type(TypeKind::kBoolean)}, logical_kernel<kStop>);
  if (resolution) {
    resolution->lazy = true;
  }
  return resolution;
}

bool logical_not(Row&, bool value) {
  return !value;
}

template <bool kNull>
data::ColumnPtr null_test_kernel(const KernelInput& in) {
  ResultWriter<bool> result(in);
  const data::Column& column = *in.args[0];
  in.rows.for_each([&](std::size_t row) { result.set(row, column.is_null(row) == kNull); });
  return result.finish();
}

// IS TRUE, IS FALSE; with kNegated IS NOT TRUE, IS NOT FALSE.
template <bool kValue, bool kNegated>
data::ColumnPtr truth_kernel(const KernelInput& in) {
  ResultWriter<bool> result(in);
  const data::Column& column = *in.args[0];
  in.rows.for_each([&](std::size_t row) {
    const bool is = !column.is_null(row) && (column.get<std::uint8_t>(row) != 0) == kValue;
    result.set(row, is != kNegated);
  });
  return result.finish();
}

template <Kernel kKernel>
std::optional<Resolution> resolve_null_test(CallSite&) {
  return Resolution{.type = Type(TypeKind::kBoolean), .nullable = false, .kernel = kKernel};
}

template <Kernel kKernel>
std::optional<Resolution> resolve_truth(CallSite& call) {
  auto resolution = signature(call, Type(TypeKind::kBoolean), {Type(TypeKind::kBoolean)}, kKernel);
  if (resolution) {
    resolution->nullable = false;
  }
  return resolution;
}

constexpr Function kBooleanFunctions[] = {
    {"and", 2, -1, resolve_logical<false>, true, "a AND b"},
    {"or", 2, -1, resolve_logical<true>, true, "a OR b"},
    {"not",
     1,
     1,
     resolve_fixed<kRowKernel<logical_not>, TypeKind::kBoolean, TypeKind::kBoolean>,
     true,
     "NOT a"},
    {"isnull",
     1,
     1,
     resolve_null_test<null_test_kernel<true>>,
     true,
     "isnull(a) - true when a is null"},
    {"isnotnull",
     1,
     1,
     resolve_null_test<null_test_kernel<false>>,
     true,
     "isnotnull(a) - true when a is not null"},
    {"istrue", 1, 1, resolve_truth<truth_kernel<true, false>>, true, "a IS TRUE"},
    {"isfalse", 1, 1, resolve_truth<truth_kernel<false, false>>, true, "a IS FALSE"},
    {"isnottrue", 1, 1, resolve_truth<truth_kernel<true, true>>, true, "a IS NOT TRUE"},
    {"isnotfalse", 1, 1, resolve_truth<truth_kernel<false, true>>, true, "a IS NOT FALSE"},
};

}  // namespace

std::span<const Function> boolean_functions() {
  return kBooleanFunctions;
}

}  // namespace millrace::expr
