#include "expr/function.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "expr/bind.h"
#include "expr/expression.h"
#include "expr/kernels.h"

namespace millrace::expr {
namespace {

std::string ordinal(std::size_t index) {
  static constexpr std::array<std::string_view, 10> kWords = {"first",
                                                              "second",
                                                              "third",
                                                              "fourth",
                                                              "fifth",
                                                              "sixth",
                                                              "seventh",
                                                              "eighth",
                                                              "ninth",
                                                              "tenth"};
  return index < kWords.size() ? std::string(kWords[index]) : fmt::format("{}th", index + 1);
}

// Replaces the body of a lambda.
ExpressionPtr with_body(const Expression& lambda, ExpressionPtr body) {
  return body == nullptr ? nullptr : make_lambda(std::move(body), lambda.parameters, lambda.where);
}

}  // namespace

const data::Type& CallSite::type(std::size_t index) const {
  return args_[index]->type;
}

std::string CallSite::sql() const {
  static const Function kUnknown;
  Expression call;
  call.kind = ExpressionKind::kCall;
  call.name = name_;
  call.args = args_;
  const Function* function = find_function(name_);
  call.function = function == nullptr ? &kUnknown : function;
  return to_sql(call);
}

bool CallSite::cast(std::size_t index, const data::Type& to) {
  ExpressionPtr& arg = args_[index];
  const bool lambda = arg->kind == ExpressionKind::kLambda;
  const ExpressionPtr value = lambda ? arg->args.front() : arg;
  if (value->type == to) {
    return true;
  }
  if (!can_coerce(value->type, to)) {
    fail("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
         "42K09",
         fmt::format("Cannot resolve \"{}\" due to data type mismatch: The {} parameter requires "
                     "the \"{}\" type, however \"{}\" has the type \"{}\".",
                     sql(),
                     ordinal(index),
                     to.to_sql(),
                     to_sql(*value),
                     value->type.to_sql()));
    return false;
  }
  ExpressionPtr cast =
      bind_cast(value, to, CastMode::kImplicit, value->where, context_, diagnostics_);
  if (cast == nullptr) {
    return false;
  }
  arg = lambda ? with_body(*arg, std::move(cast)) : std::move(cast);
  return true;
}

bool CallSite::cast_to_common(std::size_t first) {
  if (first >= args_.size()) {
    return true;
  }
  std::optional<data::Type> common = args_[first]->type;
  for (std::size_t i = first + 1; i < args_.size() && common; ++i) {
    common = common_type(*common, args_[i]->type);
  }
  if (!common) {
    std::string types;
    for (std::size_t i = first; i < args_.size(); ++i) {
      types += fmt::format("{}\"{}\"", i == first ? "" : " or ", args_[i]->type.to_sql());
    }
    fail("DATATYPE_MISMATCH.DATA_DIFF_TYPES",
         "42K09",
         fmt::format("Cannot resolve \"{}\" due to data type mismatch: Input to `{}` should all be "
                     "the same type, but it's [{}].",
                     sql(),
                     name_,
                     types));
    return false;
  }
  for (std::size_t i = first; i < args_.size(); ++i) {
    if (args_[i]->type == *common) {
      continue;
    }
    ExpressionPtr cast =
        bind_cast(args_[i], *common, CastMode::kImplicit, args_[i]->where, context_, diagnostics_);
    if (cast == nullptr) {
      return false;
    }
    args_[i] = std::move(cast);
  }
  return true;
}

std::optional<data::Value> CallSite::constant(std::size_t index) const {
  if (index >= args_.size() || !args_[index]->is_literal()) {
    return std::nullopt;
  }
  return args_[index]->value;
}

ExpressionPtr CallSite::call(std::string_view name, std::vector<ExpressionPtr> args) {
  return bind_call(name, std::move(args), where_, context_, diagnostics_);
}

bool CallSite::any_nullable() const {
  for (const ExpressionPtr& arg : args_) {
    if (arg->nullable) {
      return true;
    }
  }
  return false;
}

std::nullopt_t CallSite::fail(std::string_view error_class,
                              std::string_view sqlstate,
                              std::string message) {
  diagnostics_.add({.code = "MR3002",
                    .error_class = std::string(error_class),
                    .sqlstate = std::string(sqlstate),
                    .where = where_,
                    .message = std::move(message)});
  return std::nullopt;
}

std::optional<Resolution> replace_call(ExpressionPtr expression) {
  if (expression == nullptr) {
    return std::nullopt;
  }
  return Resolution{.type = expression->type, .replacement = std::move(expression)};
}

std::optional<Resolution> signature(CallSite& call,
                                    data::Type result,
                                    std::initializer_list<data::Type> types,
                                    Kernel kernel,
                                    bool always_nullable) {
  for (std::size_t i = 0; i < call.count() && types.size() > 0; ++i) {
    if (!call.cast(i, types.begin()[i < types.size() ? i : types.size() - 1])) {
      return std::nullopt;
    }
  }
  return Resolution{.type = std::move(result),
                    .nullable = always_nullable || call.any_nullable(),
                    .kernel = kernel};
}

}  // namespace millrace::expr
