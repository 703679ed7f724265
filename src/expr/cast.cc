#include "expr/cast.h"

#include <fmt/format.h>

#include "data/datetime.h"
#include "data/decimal.h"
#include "expr/kernels.h"
#include "expr/physical.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

data::ColumnPtr null_cast_kernel(const KernelInput& in) {
  return data::Column::nulls(in.call.type, in.batch_rows);
}

// The same physical value under another type.
data::ColumnPtr same_bits_kernel(const KernelInput& in) {
  data::Column::Parts parts = in.args[0]->parts();
  parts.type = in.call.type;
  return std::make_shared<data::Column>(std::move(parts));
}

// TRY_CAST: an error of the conversion is null; errors of the argument stay.
data::ColumnPtr try_cast_kernel(const KernelInput& in) {
  const auto& data = static_cast<const CastData&>(*in.call.resolution.data);
  return in.evaluation.suppress(in.rows, [&] { return data.kernel(in); });
}

const Function kCast = {"cast", 1, 1, nullptr, true, "CAST(value AS type)"};

Kernel find_kernel(const Type& from, const Type& to) {
  if (from.is_void()) {
    return null_cast_kernel;
  }
  if (from == to) {
    return same_bits_kernel;
  }
  for (const auto& family : {text_cast, numeric_cast, datetime_cast, nested_cast}) {
    if (const Kernel kernel = family(from, to)) {
      return kernel;
    }
  }
  return nullptr;
}

bool is_moment(TypeKind kind) {
  return kind == TypeKind::kDate || kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampNtz;
}

// Store assignment: numeric ↔ numeric, atomic → STRING, datetime ↔ datetime, else the same type.
bool can_store(const Type& from, const Type& to) {
  if (from == to || from.is_void()) {
    return true;
  }
  if (from.is_nested() || to.is_nested()) {
    if (from.kind() != to.kind() || from.fields().size() != to.fields().size()) {
      return false;
    }
    for (std::size_t i = 0; i < from.fields().size(); ++i) {
      if (!can_store(from.fields()[i].type, to.fields()[i].type)) {
        return false;
      }
    }
    return true;
  }
  if (to.kind() == TypeKind::kString) {
    return true;
  }
  return (from.is_numeric() && to.is_numeric()) ||
         (is_moment(from.kind()) && is_moment(to.kind())) ||
         (from.kind() == to.kind() && can_cast(from, to));
}

struct CastError {
  std::string_view error_class;
  std::string advice;
};

CastError explain(const Type& from, const Type& to) {
  const auto kinds = [&](auto left, auto right) {
    return left(from) && right(to);
  };
  const auto is = [](TypeKind kind) {
    return [kind](const Type& type) {
      return type.kind() == kind;
    };
  };
  const auto numeric = [](const Type& type) {
    return type.is_numeric();
  };
  const auto by_function = [&](std::string_view function) {
    return CastError{
        "DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION",
        fmt::format(" To convert values from \"{}\" to \"{}\", you can use the functions `{}` "
                    "instead.",
                    from.to_sql(),
                    to.to_sql(),
                    function)};
  };
  if (kinds(numeric, is(TypeKind::kDate))) {
    return by_function("DATE_FROM_UNIX_DATE");
  }
  if (kinds(is(TypeKind::kDate), numeric)) {
    return by_function("UNIX_DATE");
  }
  if (kinds(is(TypeKind::kBoolean), is(TypeKind::kTimestamp)) ||
      kinds(is(TypeKind::kTimestamp), is(TypeKind::kBoolean)) ||
      kinds([](const Type& type) { return type.is_integral(); }, is(TypeKind::kBinary))) {
    return {"DATATYPE_MISMATCH.CAST_WITH_CONF_SUGGESTION", " with ANSI mode on."};
  }
  return {"DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION", "."};
}

void add_error(const Expression& value,
               const Type& to,
               CastMode mode,
               const SourceSpan& where,
               Diagnostics& diagnostics) {
  if (mode == CastMode::kStore) {
    diagnostics.add({.code = "MR3003",
                     .error_class = "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST",
                     .sqlstate = "KD000",
                     .where = where,
                     .message = fmt::format("Cannot safely cast `{}` \"{}\" to \"{}\".",
                                            to_sql(value),
                                            value.type.to_sql(),
                                            to.to_sql())});
    return;
  }
  const CastError error = explain(value.type, to);
  diagnostics.add({.code = "MR3003",
                   .error_class = std::string(error.error_class),
                   .sqlstate = "42K09",
                   .where = where,
                   .message = fmt::format(
                       "Cannot resolve \"{}({} AS {})\" due to data type mismatch: cannot "
                       "cast \"{}\" to \"{}\"{}",
                       mode == CastMode::kTry ? "TRY_CAST" : "CAST",
                       to_sql(value),
                       to.to_sql(),
                       value.type.to_sql(),
                       to.to_sql(),
                       error.advice.starts_with(" To") ? "." + error.advice : error.advice)});
}

// The lambdas of a nested cast; false after a Diagnostic.
bool bind_children(const Expression& value,
                   const Type& to,
                   CastData& data,
                   const BindContext& context,
                   Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < to.fields().size(); ++i) {
    const data::Field& from = value.type.fields()[i];
    if (from.type == to.fields()[i].type) {
      data.children.push_back(nullptr);
      continue;
    }
    const ExpressionPtr variable = make_lambda_variable(0, 0, from, value.where);
    ExpressionPtr body =
        bind_cast(variable, to.fields()[i].type, data.mode, value.where, context, diagnostics);
    if (body == nullptr) {
      return false;
    }
    data.children.push_back(make_lambda(std::move(body), 1, value.where));
  }
  return true;
}

// CAST('epoch' AS DATE) and the like: words for constants only.
ExpressionPtr special_datetime(const Expression& value,
                               const Type& to,
                               const SourceSpan& where,
                               const BindContext& context,
                               Diagnostics& diagnostics) {
  if (!value.is_literal() || value.type.kind() != TypeKind::kString || value.value.is_null() ||
      !is_moment(to.kind())) {
    return nullptr;
  }
  const auto special = data::parse_special_datetime(value.value.string());
  if (!special) {
    return nullptr;
  }
  if (*special == data::SpecialDatetime::kEpoch) {
    return make_literal(to, data::Value(std::int64_t{0}), where);
  }
  if (*special == data::SpecialDatetime::kNow && to.kind() != TypeKind::kDate) {
    return bind_cast(bind_call("current_timestamp", {}, where, context, diagnostics),
                     to,
                     CastMode::kImplicit,
                     where,
                     context,
                     diagnostics);
  }
  ExpressionPtr day = bind_call("current_date", {}, where, context, diagnostics);
  const bool tomorrow = *special == data::SpecialDatetime::kTomorrow;
  if (tomorrow || *special == data::SpecialDatetime::kYesterday) {
    const std::int64_t shift = tomorrow ? 1 : -1;
    day = bind_call("+",
                    {std::move(day), make_literal(Type(TypeKind::kInt), data::Value(shift), where)},
                    where,
                    context,
                    diagnostics);
  }
  return bind_cast(std::move(day), to, CastMode::kImplicit, where, context, diagnostics);
}

bool is_lossless(const Type& from, const Type& to) {
  if (to.kind() == TypeKind::kString || from.is_void()) {
    return true;
  }
  if (from.is_integral() && to.is_numeric()) {
    return to.kind() == TypeKind::kDecimal
               ? to.precision() - to.scale() >= data::decimal_of_integral(from.kind()).precision()
               : from.kind() <= to.kind();
  }
  return false;
}

}  // namespace

std::optional<CastMode> cast_mode(const Expression& expression) {
  if (expression.kind != ExpressionKind::kCall || expression.function != &kCast) {
    return std::nullopt;
  }
  return static_cast<const CastData&>(*expression.resolution.data).mode;
}

bool can_cast(const data::Type& from, const data::Type& to) {
  if (from == to || from.is_void()) {
    return true;
  }
  if (to.kind() == TypeKind::kString) {
    return from.kind() != TypeKind::kVariant;
  }
  if (from.is_nested() || to.is_nested()) {
    if (from.kind() != to.kind() || from.fields().size() != to.fields().size()) {
      return false;
    }
    for (std::size_t i = 0; i < from.fields().size(); ++i) {
      if (!can_cast(from.fields()[i].type, to.fields()[i].type)) {
        return false;
      }
    }
    return true;
  }
  return find_kernel(from, to) != nullptr;
}

ExpressionPtr bind_cast(ExpressionPtr expression,
                        const data::Type& to,
                        CastMode mode,
                        const SourceSpan& where,
                        const BindContext& context,
                        Diagnostics& diagnostics) {
  if (expression == nullptr) {
    return nullptr;
  }
  const Type& from = expression->type;
  if (from == to && mode != CastMode::kAnsi && mode != CastMode::kTry) {
    return expression;
  }
  if (ExpressionPtr special = special_datetime(*expression, to, where, context, diagnostics)) {
    return special;
  }
  if (!can_cast(from, to) || (mode == CastMode::kStore && !can_store(from, to))) {
    add_error(*expression, to, mode, where, diagnostics);
    return nullptr;
  }
  auto data = std::make_shared<CastData>();
  data->mode = mode;
  data->kernel = find_kernel(from, to);
  if (to.is_nested() && !from.is_void() && from != to &&
      !bind_children(*expression, to, *data, context, diagnostics)) {
    return nullptr;
  }
  auto call = std::make_shared<Expression>();
  call->kind = ExpressionKind::kCall;
  call->name = kCast.name;
  call->function = &kCast;
  call->where = where;
  call->type = to;
  call->deterministic = expression->deterministic;
  call->nullable = expression->nullable || (mode == CastMode::kTry && !is_lossless(from, to));
  call->resolution.type = to;
  call->resolution.nullable = call->nullable;
  call->resolution.kernel = mode == CastMode::kTry ? try_cast_kernel : data->kernel;
  call->resolution.data = data;
  call->args.push_back(std::move(expression));
  return fold_constant(std::move(call), context);
}

}  // namespace millrace::expr
