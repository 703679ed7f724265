#include "expr/text_options.h"

#include <algorithm>

#include "expr/bind_ast.h"
#include "sql/parser.h"

namespace millrace::expr {

using data::Type;
using data::Value;
using enum data::TypeKind;

// The options in argument `index`, a constant map of strings; nothing after a Diagnostic.
std::optional<format::TextOptions> options_of(CallSite& call, std::size_t index) {
  format::TextOptions options;
  if (index >= call.count()) {
    return options;
  }
  if (!call.cast(index, Type::map(Type(kString), Type(kString)))) {
    return std::nullopt;
  }
  const std::optional<Value> map = call.constant(index);
  if (!map || map->is_null()) {
    return call.fail("INVALID_OPTIONS.NON_MAP_FUNCTION",
                     "42K06",
                     "Invalid options: the options of " + std::string(call.name()) +
                         " must be a constant map('name', 'value', …)");
  }
  for (const auto& [key, value] : map->map()) {
    if (!value.is_null()) {
      options.emplace(key.string(), value.string());
    }
  }
  return options;
}

std::nullopt_t fail_with(CallSite& call, const Error& error) {
  return call.fail("INVALID_PARAMETER_VALUE",
                   "22023",
                   std::string(call.name()) + ": " + std::string(error.message()));
}

// The type that a constant second argument says; nothing after a Diagnostic.
std::optional<Type> schema_of(CallSite& call) {
  const std::optional<Value> text = call.constant(1);
  if (!text || text->is_null() || call.type(1).kind() != kString) {
    return call.fail("INVALID_SCHEMA.NON_STRING_LITERAL",
                     "42K07",
                     "The schema of " + std::string(call.name()) +
                         " must be a constant string, as 'a INT, b STRING'");
  }
  const auto parsed = sql::parse_schema(text->string(), call.where().file, call.diagnostics());
  return parsed ? type_of(*parsed, call.where().file, call.diagnostics()) : std::nullopt;
}

// DROPMALFORMED is refused by a class of its own.
bool mode_is_supported(CallSite& call, const format::TextOptions& options) {
  for (const auto& [name, value] : options) {
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    if (lower == "mode" && value != "PERMISSIVE" && value != "FAILFAST") {
      call.fail("PARSE_MODE_UNSUPPORTED",
                "42601",
                "The function `" + std::string(call.name()) + "` doesn't support the " + value +
                    " mode. Acceptable modes are PERMISSIVE and FAILFAST.");
      return false;
    }
  }
  return true;
}

// One record a row; rows that are null or not looked at have no record.
std::vector<std::string_view> records_of(const KernelInput& in) {
  std::vector<std::string_view> records(in.batch_rows);
  in.rows.for_each([&](std::size_t row) {
    if (!in.args[0]->is_null(row)) {
      records[row] = in.args[0]->string(row);
    }
  });
  return records;
}

void fail_malformed(const KernelInput& in, const std::vector<format::RowOutcome>& outcomes) {
  Row row(in);
  in.rows.for_each([&](std::size_t index) {
    row.begin(index);
    if (outcomes[index] == format::RowOutcome::kMalformed ||
        outcomes[index] == format::RowOutcome::kPartial) {
      row.fail(EvalError::kMalformedRecordInParsing);
    }
  });
}

data::Zone bound_zone(const CallSite& call) {
  return data::Zone::find(call.context().time_zone).value_or(data::Zone());
}

}  // namespace millrace::expr
