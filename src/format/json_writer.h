// Rows → JSON text: the values of streaming tables and to_json.
//
// Both are compact, in UTF-8, fields in the order of their type. Floats are as Java prints them
// (the shortest digits that read back: 1.0, 1.0E10); NaN and infinities are strings ("NaN"),
// decimals plain numbers with all digits of their scale, BINARY base64, intervals their ANSI text,
// VARIANT as it is. They differ in two points:
//   - a table keeps nulls, to_json leaves null fields out (not null elements);
//   - a table keeps all of a timestamp (2024-03-01T10:11:12.123456Z, in UTC, so that it reads
//   back),
//     to_json prints by pattern, in the session's zone, by default with milliseconds.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/column.h"
#include "data/datetime_pattern.h"
#include "data/type.h"
#include "data/zone.h"
#include "format/json_options.h"

namespace millrace::format {

enum class NullFields : std::uint8_t {
  kKept,
  kOmitted
};

/// Immutable.
class JsonWriter {
 public:
  /// The flavour of streaming tables.
  explicit JsonWriter(const data::Schema& schema);

  /// The flavour of to_json, with Spark's options ignoreNullFields, timestampFormat,
  /// timestampNTZFormat, dateFormat, timeZone. Errors (kInvalidArgument): a pattern that Spark
  /// refuses, no boolean, no zone.
  static Result<JsonWriter> for_to_json(const data::Type& type,
                                        const TextOptions& options,
                                        const data::Zone& session);

  /// Appends one row as an object. REQUIRES: one column a field of the schema
  void append_row(std::string& out,
                  std::span<const data::ColumnPtr> columns,
                  std::size_t row) const;

  /// Appends one value of any type.
  void append_value(std::string& out, const data::Column& column, std::size_t row) const;

 private:
  JsonWriter(const std::vector<data::Field>& fields, NullFields nulls);

  void append_present(std::string& out, const data::Column& column, std::size_t row) const;
  void append_struct(std::string& out, const data::Column& column, std::size_t row) const;
  void append_array(std::string& out, const data::Column& column, std::size_t row) const;
  void append_map(std::string& out, const data::Column& column, std::size_t row) const;
  void append_timestamp(std::string& out, std::int64_t utc_micros) const;
  void append_timestamp_ntz(std::string& out, std::int64_t local_micros) const;
  void append_date(std::string& out, std::int64_t days) const;

  NullFields nulls_ = NullFields::kKept;
  std::vector<std::string> names_;  // "\"name\":" of each top-level field.
  data::Zone zone_;
  std::optional<data::DatetimePattern> timestamp_;
  std::optional<data::DatetimePattern> timestamp_ntz_;
  std::optional<data::DatetimePattern> date_;
};

/// Appends a string in quotes, with the least of escapes; each sequence that is no UTF-8 becomes
/// U+FFFD.
void append_json_text(std::string& out, std::string_view text);

}  // namespace millrace::format
