// CSV as Spark reads and writes it: records → columns, rows → records.
//
// A record is a line, or with multiLine may hold line ends inside quotes. A field in quotes takes
// escape + quote for a quote and escape + escape for the escape; a quote that ends no field
// (`"a"b,`) makes the field raw up to the separator, quotes included. A field that is the nullValue
// is null. Too few or too many fields, and fields that do not convert, count as corrupt; what
// converts stays.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/arena.h"
#include "data/block.h"
#include "data/column.h"
#include "data/type.h"
#include "format/decoded_rows.h"
#include "format/detail/cell_column.h"
#include "format/detail/text_scalars.h"
#include "format/json_options.h"

namespace millrace::format {

/// Immutable by use.
struct CsvOptions {
  std::string separator = ",";
  char quote = '"';    ///< '\0' = none
  char escape = '\\';  ///< '\0' = none
  char comment = '\0';
  bool header = false;
  bool infer_schema = false;
  bool multi_line = false;
  bool ignore_leading_white_space = false;
  bool ignore_trailing_white_space = false;
  bool quote_all = false;  ///< Writing.
  std::string null_value;
  std::string nan_value = "NaN";
  std::string positive_infinity = "Inf";
  std::string negative_infinity = "-Inf";
  std::size_t columns_max = 20'480;
  JsonOptions scalars;  ///< Mode, corrupt column, zone and datetime formats.

  /// Spark's names; unknown ones are ignored. Errors (kInvalidArgument): a separator, quote or
  /// escape of wrong length, no boolean, another mode, an unknown zone.
  static Result<CsvOptions> from_text(const TextOptions& options, const data::Zone& session);
};

/// A field of a record. Immutable by use.
struct CsvField {
  std::string_view text;
  bool quoted = false;
};

/// Takes a record apart; fields with escapes go to the arena. False when there are more than
/// columns_max; the fields up to there are kept.
bool split_csv_record(std::string_view record,
                      const CsvOptions& options,
                      data::Arena& arena,
                      std::vector<CsvField>& fields);

/// The records of a text, one after the other, without line ends, blank lines and comments. Owned
/// by one thread.
class CsvRecords {
 public:
  /// Both stay alive.
  CsvRecords(std::string_view text, const CsvOptions& options) : rest_(text), options_(options) {}

  std::optional<std::string_view> next();

 private:
  [[nodiscard]] std::size_t record_size() const;

  std::string_view rest_;
  const CsvOptions& options_;
};

/// Owned by one thread.
class CsvDecoder {
 public:
  /// All columns are read as nullable. Errors (kInvalidArgument): nested types, a corrupt column
  /// that is no STRING, a pattern that Spark refuses.
  static Result<CsvDecoder> create(const data::Schema& schema, CsvOptions options);

  /// One row a record, at most kBatchRows. The records' bytes lie in `blocks`, or outlive the
  /// columns. A header is a record like any other: leave it out.
  DecodedRows decode(std::span<const std::string_view> records,
                     std::span<const data::BlockPtr> blocks);

 private:
  CsvDecoder(const data::Schema& schema, CsvOptions options, detail::TextScalars scalars);

  RowOutcome decode_record(std::string_view record, std::size_t row);
  bool convert(const CsvField& field, detail::CellColumn& cells, std::size_t row);
  bool convert_number(std::string_view text, detail::CellColumn& cells, std::size_t row);

  CsvOptions options_;
  detail::TextScalars scalars_;
  std::vector<detail::CellColumn> columns_;
  std::optional<std::size_t> corrupt_;
  data::Arena arena_;
  std::vector<CsvField> fields_;
};

/// Immutable.
class CsvWriter {
 public:
  /// Errors: as CsvDecoder::create.
  static Result<CsvWriter> create(const data::Schema& schema, CsvOptions options);

  /// The names of the columns, without a line end.
  void append_header(std::string& out) const;
  /// One row, without a line end. Empty strings are "", nulls the nullValue.
  void append_row(std::string& out,
                  std::span<const data::ColumnPtr> columns,
                  std::size_t row) const;

 private:
  CsvWriter(data::Schema schema, CsvOptions options);

  void append_text(std::string& out, std::string_view text) const;
  void append_value(std::string& out, const data::Column& column, std::size_t row) const;

  data::Schema schema_;
  CsvOptions options_;
  std::optional<data::DatetimePattern> timestamp_;
  std::optional<data::DatetimePattern> timestamp_ntz_;
  std::optional<data::DatetimePattern> date_;
};

}  // namespace millrace::format
