// Scalars of a JSON or CSV text by target type, with the formats that options may set.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "data/datetime_pattern.h"
#include "data/decimal.h"
#include "data/type.h"
#include "format/json_options.h"

namespace millrace::format::detail {

/// Immutable.
class TextScalars {
 public:
  /// Errors (kInvalidArgument): a pattern that Spark refuses.
  static Result<TextScalars> create(const JsonOptions& options);

  /// DATE (days), TIMESTAMP, TIMESTAMP_NTZ, TIME, the intervals with fields. REQUIRES: such a type
  [[nodiscard]] std::optional<std::int64_t> datetime(std::string_view text,
                                                     const data::Type& type) const;

 private:
  data::Zone zone_;
  std::optional<std::int32_t> today_;
  std::optional<data::DatetimePattern> timestamp_;
  std::optional<data::DatetimePattern> timestamp_ntz_;
  std::optional<data::DatetimePattern> date_;
};

/// Whether datetime() reads it.
bool is_datetime(data::TypeKind kind);

/// A JSON integer ("-12") in the range of an integral type.
std::optional<std::int64_t> json_integer(std::string_view text, data::TypeKind kind);
/// A JSON integer, seconds → µs.
std::optional<std::int64_t> json_seconds(std::string_view text);
/// A JSON number token of any kind; "-0" is 0, NaN and infinities by name.
double json_double(std::string_view text);
float json_float(std::string_view text);
/// "NaN", "Infinity", "+INF" … as a JSON string.
std::optional<double> json_special_double(std::string_view text);

}  // namespace millrace::format::detail
