// The texts of errors of rows, as Spark 4.3 words them (error-conditions.json), with the values of
// the row: the arguments of the call that failed are evaluated once more for it.
#include <fmt/format.h>

#include "expr/cast.h"
#include "expr/evaluate.h"
#include "expr/expression.h"
#include "expr/value_text.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

constexpr std::string_view kBypass =
    " If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error.";

// What a message may say about the call that failed.
struct Failure {
  const Expression& site;
  std::vector<data::Value> values;  ///< Of the arguments; empty when they cannot be computed.

  [[nodiscard]] bool has(std::size_t index) const {
    return index < values.size() && index < site.args.size();
  }

  [[nodiscard]] std::string literal(std::size_t index) const {
    return has(index) ? value_to_literal(site.args[index]->type, values[index])
                      : "of the expression";
  }

  [[nodiscard]] std::string text(std::size_t index) const {
    return has(index) ? value_to_text(site.args[index]->type, values[index], data::Zone())
                      : std::string("?");
  }

  [[nodiscard]] std::string type(std::size_t index) const {
    return index < site.args.size() ? site.args[index]->type.to_sql() : std::string("?");
  }
};

bool uses_variables(const Expression& expression) {
  if (expression.kind == ExpressionKind::kLambdaVariable) {
    return true;
  }
  for (const ExpressionPtr& arg : expression.args) {
    if (uses_variables(*arg)) {
      return true;
    }
  }
  return false;
}

std::vector<data::Value> argument_values(const Expression& site,
                                         std::size_t row,
                                         const EvalContext& context,
                                         data::Batch& batch) {
  std::vector<data::Value> values;
  if (uses_variables(site)) {
    return values;
  }
  data::ErrorMask errors = std::exchange(batch.errors, {});
  Evaluation evaluation(context, batch);
  const data::Selection rows(std::vector<data::RowIndex>{static_cast<data::RowIndex>(row)});
  for (const ExpressionPtr& arg : site.args) {
    values.push_back(evaluation.evaluate(*arg, rows)->value(row));
  }
  batch.errors = std::move(errors);
  return values;
}

std::string_view try_name(std::string_view name) {
  if (name == "+") {
    return " Use 'try_add' to tolerate overflow and return NULL instead.";
  }
  if (name == "-") {
    return " Use 'try_subtract' to tolerate overflow and return NULL instead.";
  }
  if (name == "*") {
    return " Use 'try_multiply' to tolerate overflow and return NULL instead.";
  }
  return "";
}

std::string overflow_text(const Failure& failure) {
  const TypeKind kind = failure.site.type.kind();
  std::string_view what = "overflow";
  if (kind == TypeKind::kBigInt || kind == TypeKind::kInt) {
    what = kind == TypeKind::kBigInt ? "long overflow" : "integer overflow";
  }
  return fmt::format("{}.{}{}", what, try_name(failure.site.name), kBypass);
}

std::string binary_overflow_text(const Failure& failure) {
  return fmt::format("{} {} {} caused overflow.{}",
                     failure.literal(0),
                     failure.site.name,
                     failure.literal(1),
                     try_name(failure.site.name));
}

std::string cast_text(const Failure& failure, bool overflow) {
  const std::string to = failure.site.type.to_sql();
  if (overflow) {
    return fmt::format(
        "The value {} of the type \"{}\" cannot be cast to \"{}\" due to an "
        "overflow. Use `try_cast` to tolerate overflow and return NULL instead.",
        failure.literal(0),
        failure.type(0),
        to);
  }
  return fmt::format(
      "The value {} of the type \"{}\" cannot be cast to \"{}\" because it is "
      "malformed. Correct the value as per the syntax, or change its target type. "
      "Use `try_cast` to tolerate malformed input and return NULL instead.",
      failure.literal(0),
      failure.type(0),
      to);
}

std::string range_text(const Failure& failure) {
  const Type& type = failure.site.type;
  const bool cast = cast_mode(failure.site).has_value();
  const std::string value = cast ? failure.text(0) : to_sql(failure.site);
  return fmt::format("The {} cannot be represented as Decimal({}, {}).{}",
                     value,
                     type.precision(),
                     type.scale(),
                     " If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this "
                     "error, and return NULL instead.");
}

std::string index_text(const Failure& failure, std::string_view tolerant) {
  const std::string size = failure.has(0) &&
                                   failure.site.args[0]->type.kind() == TypeKind::kArray &&
                                   !failure.values[0].is_null()
                               ? std::to_string(failure.values[0].list().size())
                               : "?";
  return fmt::format(
      "The index {} is out of bounds. The array has {} elements. Use {} to tolerate "
      "accessing element at invalid index and return NULL instead.",
      failure.text(1),
      size,
      tolerant);
}

// All arguments, for errors without a wording of their own.
std::string with_arguments(const Failure& failure, std::string_view text) {
  std::string values;
  for (std::size_t i = 0; i < failure.values.size(); ++i) {
    values += fmt::format("{}{}", i == 0 ? "" : ", ", failure.literal(i));
  }
  return fmt::format("{} `{}`({}).", text, failure.site.name, values);
}

std::string parameter_text(const Failure& failure, std::string_view parameter, std::size_t index) {
  return fmt::format("The value of parameter(s) `{}` in `{}` is invalid: {}",
                     parameter,
                     failure.site.name,
                     failure.literal(index));
}

std::string bypassed(std::string_view text) {
  return fmt::format("{}{}", text, kBypass);
}

struct Wording {
  EvalError error;
  std::string (*text)(const Failure&);
};

constexpr Wording kWordings[] = {
    {EvalError::kArithmeticOverflow, overflow_text},
    {EvalError::kBinaryArithmeticOverflow, binary_overflow_text},
    {EvalError::kDivideByZero,
     [](const Failure&) {
       return bypassed(
           "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL "
           "instead.");
     }},
    {EvalError::kIntervalDividedByZero,
     [](const Failure&) {
       return std::string(
           "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL "
           "instead.");
     }},
    {EvalError::kRemainderByZero,
     [](const Failure&) {
       return bypassed(
           "Remainder by zero. Use `try_mod` to tolerate divisor being 0 and return NULL instead.");
     }},
    {EvalError::kNumericValueOutOfRange, range_text},
    {EvalError::kCastInvalidInput,
     [](const Failure& failure) {
       return cast_text(failure, /*overflow=*/false);
     }},
    {EvalError::kCastOverflow,
     [](const Failure& failure) {
       return cast_text(failure, /*overflow=*/true);
     }},
    {EvalError::kInvalidArrayIndex,
     [](const Failure& failure) {
       return index_text(failure, "the SQL function `get()`");
     }},
    {EvalError::kInvalidArrayIndexInElementAt,
     [](const Failure& failure) {
       return index_text(failure, "`try_element_at`");
     }},
    {EvalError::kInvalidIndexOfZero,
     [](const Failure&) {
       return std::string(
           "The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has "
           "index 1).");
     }},
    {EvalError::kCannotParseTimestamp,
     [](const Failure& failure) {
       return fmt::format(
           "Text {} could not be parsed. Use `try_to_timestamp` to tolerate invalid input string "
           "and return NULL instead.",
           failure.literal(0));
     }},
    {EvalError::kDatetimeOverflow,
     [](const Failure& failure) {
       return fmt::format("Datetime operation overflow: {}.", to_sql(failure.site));
     }},
    {EvalError::kDatetimeFieldOutOfBounds,
     [](const Failure& failure) {
       return with_arguments(failure, "A field of a date or time is out of its range:");
     }},
    {EvalError::kIntervalArithmeticOverflow,
     [](const Failure&) {
       return std::string("Integer overflow while operating with intervals.");
     }},
    {EvalError::kMalformedRecordInParsing,
     [](const Failure& failure) {
       return fmt::format(
           "Malformed records are detected in record parsing: {}. Parse Mode: FAILFAST. To process "
           "malformed records as null result, try setting the option 'mode' as 'PERMISSIVE'.",
           failure.text(0));
     }},
    {EvalError::kDuplicatedMapKey,
     [](const Failure&) {
       return std::string(
           "Duplicate map key was found, please check the input data. If you want to remove the "
           "duplicated keys, you can set \"spark.sql.mapKeyDedupPolicy\" to \"LAST_WIN\" so that "
           "the key inserted at last takes precedence.");
     }},
    {EvalError::kRejectedByTarget,
     [](const Failure& failure) {
       return fmt::format(
           "The column {} is null, and its table takes no null there (it is a key or "
           "NOT NULL).",
           failure.text(1));
     }},
    {EvalError::kNullMapKey,
     [](const Failure&) {
       return std::string("Cannot use null as map key.");
     }},
    {EvalError::kInvalidRegexPattern,
     [](const Failure& failure) {
       return parameter_text(failure, "regexp", 1);
     }},
    {EvalError::kInvalidRegexGroup,
     [](const Failure& failure) {
       return parameter_text(failure, "idx", 2);
     }},
    {EvalError::kInvalidStart,
     [](const Failure& failure) {
       return parameter_text(failure, "start", 1);
     }},
    {EvalError::kInvalidLength,
     [](const Failure& failure) {
       return parameter_text(failure, "length", 2);
     }},
    {EvalError::kInvalidLikeEscape,
     [](const Failure& failure) {
       return fmt::format(
           "The format is invalid: {}. The escape character is not allowed to precede another "
           "character than itself, _ or %.",
           failure.literal(1));
     }},
    {EvalError::kInvalidLikeEscapeAtEnd,
     [](const Failure& failure) {
       return fmt::format(
           "The format is invalid: {}. The escape character is not allowed to end "
           "with.",
           failure.literal(1));
     }},
    {EvalError::kAesKeyLength,
     [](const Failure&) {
       return std::string(
           "The key of an AES function must be a binary value of 16, 24 or 32 bytes.");
     }},
    {EvalError::kAesIvLength,
     [](const Failure&) {
       return std::string(
           "The initialization vector must be of 16 bytes for CBC and of 12 bytes for GCM.");
     }},
    {EvalError::kAesCryptoError,
     [](const Failure&) {
       return std::string("The value cannot be decrypted with this key and mode.");
     }},
    {EvalError::kAesMode,
     [](const Failure&) {
       return std::string(
           "AES has the modes GCM (padding NONE), CBC and ECB (padding PKCS) only; additional "
           "authenticated data is for GCM, an initialization vector not for ECB.");
     }},
    {EvalError::kCannotParseTime,
     [](const Failure& failure) {
       return fmt::format("The input string {} cannot be parsed to a TIME value.",
                          failure.literal(0));
     }},
    {EvalError::kInvalidTimezone,
     [](const Failure& failure) {
       return with_arguments(failure, "The timezone is invalid:");
     }},
    {EvalError::kIllegalDayOfWeek,
     [](const Failure& failure) {
       return fmt::format("Illegal input for day of week: {}.", failure.text(1));
     }},
    {EvalError::kUserRaised,
     [](const Failure& failure) {
       return failure.has(0) ? failure.text(failure.site.args.size() - 1) : failure.site.name;
     }},
};

std::string message(EvalError error, const Failure& failure) {
  for (const Wording& wording : kWordings) {
    if (wording.error == error) {
      return wording.text(failure);
    }
  }
  return with_arguments(failure, "The call failed:");
}

}  // namespace

Diagnostic describe_error(const data::RowError& error,
                          const EvalContext& context,
                          data::Batch& batch) {
  const auto code = static_cast<EvalError>(error.code);
  const EvalErrorInfo names = info(code);
  Diagnostic diagnostic{.code = "MR3100",
                        .error_class = std::string(names.error_class),
                        .sqlstate = std::string(names.sqlstate)};
  const auto* site = static_cast<const Expression*>(error.site);
  if (site == nullptr) {
    diagnostic.message = fmt::format("[{}] The row was rejected.", names.error_class);
    return diagnostic;
  }
  const Failure failure{*site, argument_values(*site, error.row, context, batch)};
  diagnostic.where = site->where;
  diagnostic.message = fmt::format("[{}] {}", names.error_class, message(code, failure));
  return diagnostic;
}

}  // namespace millrace::expr
