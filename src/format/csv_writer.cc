#include <cmath>
#include <utility>

#include "data/datetime.h"
#include "data/decimal.h"
#include "data/interval.h"
#include "data/number_text.h"
#include "format/csv.h"

namespace millrace::format {
namespace {

using data::TypeKind;

constexpr std::string_view kCsvTimestamp = "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]";
constexpr std::string_view kCsvTimestampNtz = "yyyy-MM-dd'T'HH:mm:ss[.SSS]";

void append_csv_double(std::string& out, double value, const CsvOptions& options, bool is_float) {
  if (std::isnan(value)) {
    out += options.nan_value;
  } else if (std::isinf(value)) {
    out += value < 0 ? options.negative_infinity : options.positive_infinity;
  } else if (is_float) {
    data::append_float(out, static_cast<float>(value));
  } else {
    data::append_double(out, value);
  }
}

}  // namespace

Result<CsvWriter> CsvWriter::create(const data::Schema& schema, CsvOptions options) {
  // What cannot be read is not written.
  TRY(CsvDecoder::create(schema, options));
  CsvWriter writer(schema, std::move(options));
  const JsonOptions& formats = writer.options_.scalars;
  const auto pattern = [](const std::string& text, std::string_view fallback) {
    return data::DatetimePattern::for_formatting(text.empty() ? fallback : std::string_view(text));
  };
  writer.timestamp_ = TRY(pattern(formats.timestamp_format, kCsvTimestamp));
  writer.timestamp_ntz_ = TRY(pattern(formats.timestamp_ntz_format, kCsvTimestampNtz));
  writer.date_ = TRY(pattern(formats.date_format, "yyyy-MM-dd"));
  return writer;
}

CsvWriter::CsvWriter(data::Schema schema, CsvOptions options)
    : schema_(std::move(schema)), options_(std::move(options)) {}

void CsvWriter::append_header(std::string& out) const {
  const char* separator = "";
  for (const data::Field& field : schema_.fields) {
    out += separator;
    append_text(out, field.name);
    separator = options_.separator.c_str();
  }
}

void CsvWriter::append_row(std::string& out,
                           std::span<const data::ColumnPtr> columns,
                           std::size_t row) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) {
      out += options_.separator;
    }
    if (columns[i]->is_null(row)) {
      out += options_.null_value;
    } else {
      append_value(out, *columns[i], row);
    }
  }
}

// In quotes where the text would read otherwise: characters of the separator, quotes, line ends,
// comments, blanks at the ends, and what would be a null.
void CsvWriter::append_text(std::string& out, std::string_view text) const {
  const auto is_blank_end = [](char c) {
    return static_cast<unsigned char>(c) <= ' ';
  };
  const bool quoted = options_.quote_all || text.empty() || text == options_.null_value ||
                      text.find_first_of(options_.separator) != std::string_view::npos ||
                      text.find(options_.quote) != std::string_view::npos ||
                      text.find_first_of("\r\n") != std::string_view::npos ||
                      is_blank_end(text.front()) || is_blank_end(text.back()) ||
                      (options_.comment != '\0' && text.front() == options_.comment);
  if (!quoted || options_.quote == '\0') {
    out += text;
    return;
  }
  out += options_.quote;
  for (const char c : text) {
    if (options_.escape != '\0' && (c == options_.quote || c == options_.escape)) {
      out += options_.escape;
    }
    out += c;
  }
  out += options_.quote;
}

void CsvWriter::append_value(std::string& out, const data::Column& column, std::size_t row) const {
  std::string text;
  switch (column.type().kind()) {
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kVariant:
      return append_text(out, column.string(row));
    case TypeKind::kBoolean:
      out += column.get<std::uint8_t>(row) != 0 ? "true" : "false";
      return;
    case TypeKind::kTinyInt:
      return data::append_integer(out, column.get<std::int8_t>(row));
    case TypeKind::kSmallInt:
      return data::append_integer(out, column.get<std::int16_t>(row));
    case TypeKind::kInt:
      return data::append_integer(out, column.get<std::int32_t>(row));
    case TypeKind::kBigInt:
      return data::append_integer(out, column.get<std::int64_t>(row));
    case TypeKind::kFloat:
      return append_csv_double(out, double{column.get<float>(row)}, options_, /*is_float=*/true);
    case TypeKind::kDouble:
      return append_csv_double(out, column.get<double>(row), options_, /*is_float=*/false);
    case TypeKind::kDecimal:
      return data::append_decimal(out, column.get<Int128>(row), column.type().scale());
    case TypeKind::kDate:
      date_->format_local(text, column.get<std::int32_t>(row) * data::kMicrosPerDay);
      break;
    case TypeKind::kTimestamp:
      timestamp_->format(text, column.get<std::int64_t>(row), options_.scalars.zone);
      break;
    case TypeKind::kTimestampNtz:
      timestamp_ntz_->format_local(text, column.get<std::int64_t>(row));
      break;
    case TypeKind::kTime:
      data::append_time(text, column.get<std::int64_t>(row));
      break;
    case TypeKind::kYearMonthInterval:
      data::append_interval(text, column.type(), column.get<std::int32_t>(row));
      break;
    case TypeKind::kDayTimeInterval:
      data::append_interval(text, column.type(), column.get<std::int64_t>(row));
      break;
    case TypeKind::kCalendarInterval:
      data::append_calendar_interval(text, column.get<data::CalendarInterval>(row));
      break;
    case TypeKind::kVoid:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct:
      break;  // Refused by create().
  }
  append_text(out, text);
}

}  // namespace millrace::format
