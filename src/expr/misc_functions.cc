// typeof, version, and functions that fail on purpose.
#include "expr/expression.h"
#include "expr/families.h"
#include "expr/kernels.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::Value;
using enum data::TypeKind;

// The Spark whose SQL this is, and the revision of Spark's release that the contract was made with.
constexpr std::string_view kSparkVersion = "4.3.0 millrace";

std::optional<Resolution> replaced_by(CallSite& call, std::string_view text) {
  Resolution resolution;
  resolution.replacement = make_literal(Type(kString), Value(std::string(text)), call.where());
  return resolution;
}

std::optional<Resolution> resolve_version(CallSite& call) {
  return replaced_by(call, kSparkVersion);
}

std::optional<Resolution> resolve_typeof(CallSite& call) {
  return replaced_by(call, call.type(0).to_string());
}

std::optional<Resolution> resolve_current_catalog(CallSite& call) {
  return replaced_by(call, "spark_catalog");
}

std::optional<Resolution> resolve_current_database(CallSite& call) {
  return replaced_by(call, "default");
}

// Null when the condition holds, else an error; null counts as false.
data::ColumnPtr assert_true_kernel(const KernelInput& in) {
  ResultWriter<Value> result(in);
  Row row(in);
  in.rows.for_each([&](std::size_t index) {
    row.begin(index);
    if (in.args[0]->is_null(index) || in.args[0]->get<std::uint8_t>(index) == 0) {
      row.fail(EvalError::kUserRaised);
    }
    result.set_null(index);
  });
  return result.finish();
}

std::optional<Resolution> resolve_assert_true(CallSite& call) {
  return signature(call,
                   Type(),
                   {Type(kBoolean), Type(kString)},
                   assert_true_kernel,
                   /*always_nullable=*/true);
}

data::ColumnPtr raise_error_kernel(const KernelInput& in) {
  ResultWriter<Value> result(in);
  Row row(in);
  in.rows.for_each([&](std::size_t index) {
    row.begin(index);
    row.fail(EvalError::kUserRaised);
    result.set_null(index);
  });
  return result.finish();
}

std::optional<Resolution> resolve_raise_error(CallSite& call) {
  return signature(call, Type(), {Type(kString)}, raise_error_kernel, /*always_nullable=*/true);
}

constexpr Function kMiscFunctions[] = {
    {"typeof", 1, 1, resolve_typeof, true, "typeof(expr) - the name of its type"},
    {"version", 0, 0, resolve_version, true, "version() - the Spark whose SQL this is"},
    {"current_catalog", 0, 0, resolve_current_catalog, true, "current_catalog()"},
    {"current_database", 0, 0, resolve_current_database, true, "current_database()"},
    {"current_schema", 0, 0, resolve_current_database, true, "current_schema()"},
    {"assert_true",
     1,
     2,
     resolve_assert_true,
     true,
     "assert_true(condition[, message]) - null, or an error when it is not true"},
    {"raise_error", 1, 1, resolve_raise_error, true, "raise_error(message) - always an error"},
};

}  // namespace

std::span<const Function> misc_functions() {
  return kMiscFunctions;
}

}  // namespace millrace::expr
