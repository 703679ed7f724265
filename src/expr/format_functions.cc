// Numbers and other values as formatted text: format_string, format_number.
#include <cmath>

#include "base/bytes.h"
#include "data/decimal.h"
#include "data/number_text.h"
#include "expr/coercion.h"
#include "expr/encoding_text.h"
#include "expr/families.h"
#include "expr/java_format.h"
#include "expr/kernels.h"
#include "expr/number_format.h"
#include "expr/unicode_case.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using data::Value;
using enum data::TypeKind;
using Text = std::string_view;

int integer_bits(TypeKind kind) {
  if (kind == kTinyInt) {
    return 8;
  }
  if (kind == kSmallInt) {
    return 16;
  }
  return kind == kBigInt || kind == kTimestamp || kind == kTimestampNtz ? 64 : 32;
}

// What Java's Formatter is given for a value of Spark: an Integer, a Double, a String, …
FormatArg format_arg_of(const Type& type, const Value& value) {
  FormatArg arg{.value = {}, .text = ""};
  if (value.is_null()) {
    return arg;
  }
  if (type.kind() == kDecimal) {
    arg.text = data::decimal_to_string(value.decimal(), type.scale());
    arg.is_number_object = true;
  } else if (std::holds_alternative<bool>(value.v)) {
    arg.value = value.boolean();
    arg.text = value.boolean() ? "true" : "false";
  } else if (std::holds_alternative<std::int64_t>(value.v)) {
    arg.value = FormatInteger{.value = value.integer(), .bits = integer_bits(type.kind())};
    arg.text = std::to_string(value.integer());
  } else if (std::holds_alternative<double>(value.v)) {
    arg.value = value.floating();
    arg.text = type.kind() == kFloat ? data::float_to_string(static_cast<float>(value.floating()))
                                     : data::double_to_string(value.floating());
  } else if (std::holds_alternative<std::string>(value.v)) {
    arg.value = Text(value.string());
    arg.text = value.string();
  }
  return arg;
}

data::ColumnPtr format_string_kernel(const KernelInput& in) {
  std::vector<FormatArg> args;
  return map_values(
      in,
      [&](Row& row, std::span<const Value> values) {
        if (values[0].is_null()) {
          return Value();
        }
        args.clear();
        for (std::size_t i = 1; i < values.size(); ++i) {
          args.push_back(format_arg_of(in.args[i]->type(), values[i]));
        }
        std::optional<std::string> text = java_format(values[0].string(), args);
        if (!text) {
          row.fail(EvalError::kOther);
          return Value();
        }
        return Value(*std::move(text));
      },
      /*see_nulls=*/true);
}

// Nested values are printed as CAST does.
std::optional<Resolution> resolve_format_string(CallSite& call) {
  if (!call.cast(0, Type(kString))) {
    return std::nullopt;
  }
  for (std::size_t i = 1; i < call.count(); ++i) {
    const TypeKind kind = call.type(i).kind();
    const bool boxed = call.type(i).is_nested() || kind == kCalendarInterval || kind == kVoid;
    if (boxed && !call.cast(i, Type(kString))) {
      return std::nullopt;
    }
  }
  return Resolution{
      .type = Type(kString), .nullable = call.arg(0).nullable, .kernel = format_string_kernel};
}

constexpr std::int64_t kPlacesMax = 300;

NumberPattern places_pattern(std::size_t places) {
  return {.prefix = "",
          .suffix = "",
          .grouping = 3,
          .whole_min = 1,
          .fraction_min = places,
          .fraction_max = places};
}

// Nothing when the second argument, places or a pattern, is not to be used.
std::optional<NumberPattern> pattern_of(const Type& type, const Value& argument) {
  if (type.kind() == kString) {
    return argument.string().empty() ? places_pattern(0) : parse_number_pattern(argument.string());
  }
  const std::int64_t places = argument.integer();
  return places < 0 || places > kPlacesMax
             ? std::nullopt
             : std::optional(places_pattern(static_cast<std::size_t>(places)));
}

std::string format_double_by(double value, const NumberPattern& pattern) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return (value < 0 ? "-" : "") + pattern.prefix + "\u221E" + pattern.suffix;
  }
  return format_digits(digits_of_double(pattern.percent ? value * 100 : value,
                                        static_cast<int>(pattern.fraction_max)),
                       pattern);
}

Value format_number_value(const Type& type, const Value& value, const NumberPattern& pattern) {
  if (type.is_floating()) {
    return Value(format_double_by(value.floating(), pattern));
  }
  DecimalDigits digits = type.kind() == kDecimal ? digits_of_decimal(value.decimal(), type.scale())
                                                 : digits_of_integer(value.integer());
  if (pattern.percent) {
    digits.fraction.append(digits.fraction.size() < 2 ? 2 - digits.fraction.size() : 0, '0');
    digits.whole += digits.fraction.substr(0, 2);
    digits.fraction.erase(0, 2);
  }
  return Value(format_digits(digits, pattern));
}

data::ColumnPtr format_number_kernel(const KernelInput& in) {
  return map_values(in, [&](Row& row, std::span<const Value> args) {
    const Type& how = in.args[1]->type();
    const std::optional<NumberPattern> pattern = pattern_of(how, args[1]);
    if (!pattern) {
      if (how.kind() == kString) {
        row.fail(EvalError::kInvalidFormat);
      }
      return Value();
    }
    return format_number_value(in.args[0]->type(), args[0], *pattern);
  });
}

std::optional<Resolution> resolve_format_number(CallSite& call) {
  const Type number = call.type(0).is_numeric() ? call.type(0) : Type(kDouble);
  const Type how(call.type(1).kind() == kString ? kString : kInt);
  return signature(
      call, Type(kString), {number, how}, format_number_kernel, /*always_nullable=*/true);
}

// --- to_number and to_char

struct NumberFormatData : CallData {
  explicit NumberFormatData(NumberFormat parsed) : format(std::move(parsed)) {}

  NumberFormat format;
};

// The constant format in argument 1; null after a Diagnostic.
std::shared_ptr<const NumberFormatData> number_format_of(CallSite& call) {
  const std::optional<Value> text = call.constant(1);
  if (!text || text->is_null() || call.type(1).kind() != kString) {
    call.fail("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
              "42K09",
              "Cannot resolve " + call.sql() + ": the format must be a constant string");
    return nullptr;
  }
  std::optional<NumberFormat> format = NumberFormat::parse(text->string());
  if (!format) {
    call.fail("INVALID_FORMAT",
              "42601",
              std::string(call.name()) + ": '" + text->string() +
                  "' is no number format; it has digits 0 and 9, and . , $ S MI PR");
    return nullptr;
  }
  return std::make_shared<NumberFormatData>(*std::move(format));
}

template <bool kTry>
Int128 to_number(Row& row, Text text) {
  const std::optional<Int128> value = row.data<NumberFormatData>().format.read(text);
  if (!value) {
    if (!kTry) {
      row.fail(EvalError::kInvalidFormat);
    }
    row.set_null();
  }
  return value.value_or(0);
}

template <bool kTry>
std::optional<Resolution> resolve_to_number(CallSite& call) {
  std::shared_ptr<const NumberFormatData> data = number_format_of(call);
  if (data == nullptr) {
    return std::nullopt;
  }
  const Type type = Type::decimal(data->format.precision(), data->format.scale());
  std::optional<Resolution> resolution =
      signature(call, type, {Type(kString)}, kRowKernel<to_number<kTry>>, kTry);
  if (resolution) {
    resolution->data = std::move(data);
  }
  return resolution;
}

std::string number_to_char(Row& row, Int128 value) {
  return row.data<NumberFormatData>().format.write(value, row.input().args[0]->type().scale());
}

std::string bytes_to_char(Row& row, Text bytes, Text format) {
  const std::string lower = lower_text(format);
  if (lower == "base64") {
    return to_base64(bytes);
  }
  if (lower == "hex") {
    return upper_hex(bytes);
  }
  if (lower != "utf-8") {
    row.fail(EvalError::kInvalidParameterValue);
  }
  return std::string(bytes);
}

std::optional<Resolution> resolve_to_char(CallSite& call) {
  const TypeKind kind = call.type(0).kind();
  if (kind == kBinary) {
    return signature(
        call, Type(kString), {Type(kBinary), Type(kString)}, kRowKernel<bytes_to_char>);
  }
  if (kind == kDate || kind == kTimestamp || kind == kTimestampNtz) {
    Resolution resolution;
    resolution.replacement = call.call("date_format", call.args());
    return resolution.replacement == nullptr ? std::nullopt : std::optional(std::move(resolution));
  }
  std::shared_ptr<const NumberFormatData> data = number_format_of(call);
  if (data == nullptr) {
    return std::nullopt;
  }
  const Type number = call.type(0).is_integral() ? as_decimal(call.type(0)) : Type::decimal(30, 15);
  std::optional<Resolution> resolution =
      signature(call,
                Type(kString),
                {kind == kDecimal ? call.type(0) : number, Type(kString)},
                kRowKernel<number_to_char>);
  if (resolution) {
    resolution->data = std::move(data);
  }
  return resolution;
}

constexpr Function kFormatFunctions[] = {
    {"to_number",
     2,
     2,
     resolve_to_number<false>,
     true,
     "to_number(str, '9,999.99') - the number that a text in this format says"},
    {"try_to_number",
     2,
     2,
     resolve_to_number<true>,
     true,
     "try_to_number(str, format) - as to_number, null when it does not match"},
    {"to_char",
     2,
     2,
     resolve_to_char,
     true,
     "to_char(number, '9,999.99') - as text; of dates by pattern, of binary 'hex' or 'base64'"},
    {"to_varchar", 2, 2, resolve_to_char, true, "to_varchar(value, format) - as to_char"},
    {"format_string",
     1,
     -1,
     resolve_format_string,
     true,
     "format_string(format, value …) - as Java's Formatter: '%5.2f', '%s', '%,d'"},
    {"printf", 1, -1, resolve_format_string, true, "printf(format, value …) - as format_string"},
    {"format_number",
     2,
     2,
     resolve_format_number,
     true,
     "format_number(number, places | '#,##0.00') - rounded, with commas"},
};

}  // namespace

std::span<const Function> format_functions() {
  return kFormatFunctions;
}

}  // namespace millrace::expr
