#include "format/json_writer.h"

#include <cmath>
#include <cstdint>
#include <utility>

#include <fmt/core.h>

#include "base/ascii.h"
#include "base/bytes.h"
#include "base/utf8.h"
#include "data/datetime.h"
#include "data/decimal.h"
#include "data/interval.h"
#include "data/number_text.h"
#include "format/json_tokenizer.h"

namespace millrace::format {
namespace {

using data::TypeKind;

constexpr std::string_view kDefaultTimestamp = "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]";
constexpr std::string_view kDefaultTimestampNtz = "yyyy-MM-dd'T'HH:mm:ss[.SSS]";

// Whether all bytes may stand in a JSON string as they are: ASCII without controls, '"' and '\'.
// Eight at a time; each test sets the high bit of the bytes that fail it.
bool is_plain(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  constexpr std::uint64_t kHigh = 0x8080808080808080ULL;
  std::uint64_t bad = 0;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    const auto word = load_le<std::uint64_t>(text.data() + at);
    const std::uint64_t quote = word ^ (kOnes * '"');
    const std::uint64_t slash = word ^ (kOnes * '\\');
    bad |= word | (word - kOnes * 0x20) | (quote - kOnes) | (slash - kOnes);
  }
  if ((bad & kHigh) != 0) {
    return false;
  }
  for (; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') {
      return false;
    }
  }
  return true;
}

void append_quoted_pattern(std::string& out,
                           const data::DatetimePattern& pattern,
                           std::int64_t micros,
                           const data::Zone& zone) {
  std::string text;
  pattern.format(text, micros, zone);
  append_json_text(out, text);
}

template <class T>
void append_floating(std::string& out, T value) {
  const bool quoted = !std::isfinite(value);
  out += quoted ? "\"" : "";
  if constexpr (sizeof(T) == sizeof(float)) {
    data::append_float(out, value);
  } else {
    data::append_double(out, value);
  }
  out += quoted ? "\"" : "";
}

std::optional<std::string> find_option(const TextOptions& options, std::string_view name) {
  for (const auto& [key, value] : options) {
    if (equal_ignoring_case(key, name)) {
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  if (is_plain(text)) [[likely]] {
    out += '"';
    out += text;
    out += '"';
  } else if (is_valid_utf8(text)) {
    append_jackson_string(out, text);
  } else {
    append_jackson_string(out, to_valid_utf8(text));
  }
}

JsonWriter::JsonWriter(const data::Schema& schema) : JsonWriter(schema.fields, NullFields::kKept) {}

JsonWriter::JsonWriter(const std::vector<data::Field>& fields, NullFields nulls) : nulls_(nulls) {
  for (const data::Field& field : fields) {
    std::string name;
    append_json_text(name, field.name);
    names_.push_back(name + ':');
  }
}

Result<JsonWriter> JsonWriter::for_to_json(const data::Type& type,
                                           const TextOptions& options,
                                           const data::Zone& session) {
  const JsonOptions read = TRY(JsonOptions::from_text(options, session));
  NullFields nulls = NullFields::kOmitted;
  if (const auto ignore = find_option(options, "ignoreNullFields")) {
    if (*ignore != "true" && *ignore != "false") {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("option ignoreNullFields must be true or false: '{}'", *ignore));
    }
    nulls = *ignore == "false" ? NullFields::kKept : NullFields::kOmitted;
  }
  JsonWriter writer(type.kind() == TypeKind::kStruct ? type.fields() : std::vector<data::Field>{},
                    nulls);
  writer.zone_ = read.zone;
  const auto pattern = [](const std::string& text, std::string_view fallback) {
    return data::DatetimePattern::for_formatting(text.empty() ? fallback : std::string_view(text));
  };
  writer.timestamp_ = TRY(pattern(read.timestamp_format, kDefaultTimestamp));
  writer.timestamp_ntz_ = TRY(pattern(read.timestamp_ntz_format, kDefaultTimestampNtz));
  if (!read.date_format.empty()) {
    writer.date_ = TRY(pattern(read.date_format, {}));
  }
  return writer;
}

void JsonWriter::append_row(std::string& out,
                            std::span<const data::ColumnPtr> columns,
                            std::size_t row) const {
  out += '{';
  bool first = true;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool null = columns[i]->is_null(row);
    if (null && nulls_ == NullFields::kOmitted) {
      continue;
    }
    if (!first) {
      out += ',';
    }
    first = false;
    out += names_[i];
    if (null) {
      out += "null";
    } else {
      append_present(out, *columns[i], row);
    }
  }
  out += '}';
}

void JsonWriter::append_value(std::string& out, const data::Column& column, std::size_t row) const {
  if (column.is_null(row)) {
    out += "null";
  } else {
    append_present(out, column, row);
  }
}

void JsonWriter::append_present(std::string& out,
                                const data::Column& column,
                                std::size_t row) const {
  switch (column.type().kind()) {
    case TypeKind::kVoid:
      out += "null";
      return;
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
      return append_floating(out, column.get<float>(row));
    case TypeKind::kDouble:
      return append_floating(out, column.get<double>(row));
    case TypeKind::kDecimal:
      return data::append_decimal(out, column.get<Int128>(row), column.type().scale());
    case TypeKind::kString:
      return append_json_text(out, column.string(row));
    case TypeKind::kBinary:
      out += '"';
      out += to_base64(column.string(row));
      out += '"';
      return;
    case TypeKind::kVariant:
      out += column.string(row);
      return;
    case TypeKind::kDate:
      return append_date(out, column.get<std::int32_t>(row));
    case TypeKind::kTimestamp:
      return append_timestamp(out, column.get<std::int64_t>(row));
    case TypeKind::kTimestampNtz:
      return append_timestamp_ntz(out, column.get<std::int64_t>(row));
    case TypeKind::kTime:
      out += '"';
      data::append_time(out, column.get<std::int64_t>(row));
      out += '"';
      return;
    case TypeKind::kYearMonthInterval:
    case TypeKind::kDayTimeInterval:
      out += '"';
      data::append_interval(out,
                            column.type(),
                            column.type().kind() == TypeKind::kYearMonthInterval
                                ? column.get<std::int32_t>(row)
                                : column.get<std::int64_t>(row));
      out += '"';
      return;
    case TypeKind::kCalendarInterval:
      out += '"';
      data::append_calendar_interval(out, column.get<data::CalendarInterval>(row));
      out += '"';
      return;
    case TypeKind::kArray:
      return append_array(out, column, row);
    case TypeKind::kMap:
      return append_map(out, column, row);
    case TypeKind::kStruct:
      return append_struct(out, column, row);
  }
}

void JsonWriter::append_struct(std::string& out,
                               const data::Column& column,
                               std::size_t row) const {
  out += '{';
  bool first = true;
  const auto& fields = column.type().fields();
  const std::size_t child_row = column.child_row(row);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const data::Column& child = *column.child(i);
    if (nulls_ == NullFields::kOmitted && child.is_null(child_row)) {
      continue;
    }
    if (!first) {
      out += ',';
    }
    first = false;
    append_json_text(out, fields[i].name);
    out += ':';
    append_value(out, child, child_row);
  }
  out += '}';
}

void JsonWriter::append_array(std::string& out, const data::Column& column, std::size_t row) const {
  out += '[';
  for (std::int32_t i = column.begin_of(row); i < column.end_of(row); ++i) {
    if (i != column.begin_of(row)) {
      out += ',';
    }
    append_value(out, *column.child(0), static_cast<std::size_t>(i));
  }
  out += ']';
}

void JsonWriter::append_map(std::string& out, const data::Column& column, std::size_t row) const {
  out += '{';
  bool first = true;
  for (std::int32_t i = column.begin_of(row); i < column.end_of(row); ++i) {
    const auto entry = static_cast<std::size_t>(i);
    if (nulls_ == NullFields::kOmitted && column.child(1)->is_null(entry)) {
      continue;
    }
    if (!first) {
      out += ',';
    }
    first = false;
    // Names are strings: other keys stand in quotes as they would stand alone.
    std::string key;
    append_value(key, *column.child(0), entry);
    if (key.front() == '"') {
      out += key;
    } else {
      append_json_text(out, key);
    }
    out += ':';
    append_value(out, *column.child(1), entry);
  }
  out += '}';
}

void JsonWriter::append_timestamp(std::string& out, std::int64_t utc_micros) const {
  if (timestamp_) {
    return append_quoted_pattern(out, *timestamp_, utc_micros, zone_);
  }
  append_timestamp_ntz(out, utc_micros);
  out.insert(out.size() - 1, 1, 'Z');
}

void JsonWriter::append_timestamp_ntz(std::string& out, std::int64_t local_micros) const {
  if (timestamp_ntz_) {
    return append_quoted_pattern(out, *timestamp_ntz_, local_micros, data::Zone());
  }
  out += '"';
  const std::size_t begin = out.size();
  data::append_timestamp_ntz(out, local_micros);
  out[out.find(' ', begin)] = 'T';
  out += '"';
}

void JsonWriter::append_date(std::string& out, std::int64_t days) const {
  if (date_) {
    return append_quoted_pattern(out, *date_, days * data::kMicrosPerDay, data::Zone());
  }
  out += '"';
  data::append_date(out, days);
  out += '"';
}

}  // namespace millrace::format
