// The options of from_json, to_json and JSON sources.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "data/zone.h"

namespace millrace::format {

/// What a reader does with a record that it cannot read. FAILFAST rejects it.
enum class ParseMode : std::uint8_t {
  kPermissive,
  kFailFast
};

/// How a record was read.
enum class RowOutcome : std::uint8_t {
  kDecoded,    ///< All of it.
  kPartial,    ///< Some fields did not convert and are null. Counts as corrupt.
  kMalformed,  ///< Not readable: every field is null.
  kBlank,      ///< Null, empty, or white space only: from_json gives NULL.
};

/// Text options by name, in any case: "timestampFormat" → "yyyy".
using TextOptions = std::map<std::string, std::string, std::less<>>;

/// Immutable by use.
struct JsonOptions {
  ParseMode mode = ParseMode::kPermissive;
  std::string corrupt_column = "_corrupt_record";
  bool allow_single_quotes = true;
  bool allow_non_numeric_numbers = true;
  bool allow_comments = false;
  bool allow_unquoted_field_names = false;
  bool allow_numeric_leading_zeros = false;
  bool allow_backslash_escaping_any_character = false;
  bool allow_unquoted_control_chars = false;
  bool prefers_decimal = false;       ///< Schema inference: fractions are DECIMAL where they fit.
  bool primitives_as_string = false;  ///< Schema inference: every scalar is STRING.
  data::Zone zone;                    ///< Of timestamps without a zone.
  std::optional<std::int32_t> today;  ///< Date of timestamps that are a time only.
  std::string timestamp_format;       ///< Patterns; empty = as CAST reads them.
  std::string timestamp_ntz_format;
  std::string date_format;

  /// Spark's names; unknown ones are ignored, as Spark does. Errors (kInvalidArgument): another
  /// mode, a flag that is no boolean, an unknown zone or locale.
  static Result<JsonOptions> from_text(const TextOptions& options, const data::Zone& session);
};

}  // namespace millrace::format
