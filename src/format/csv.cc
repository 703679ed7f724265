#include "format/csv.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include <fmt/core.h>

#include "base/ascii.h"
#include "base/assert.h"
#include "data/batch.h"
#include "data/decimal.h"
#include "data/interval.h"
#include "data/number_text.h"

namespace millrace::format {
namespace {

using data::TypeKind;
using detail::CellColumn;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trim_field(std::string_view text, const CsvOptions& options) {
  while (options.ignore_leading_white_space && !text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (options.ignore_trailing_white_space && !text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

Error csv_option_error(std::string_view name, std::string_view value, std::string_view expected) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("option {} must be {}: '{}'", name, expected, value)};
}

Result<void> read_character(std::string_view name, std::string_view value, char& character) {
  if (value.size() > 1) {
    return csv_option_error(name, value, "one character, or empty");
  }
  character = value.empty() ? '\0' : value[0];
  return {};
}

Result<void> read_csv_flag(std::string_view name, std::string_view value, bool& flag) {
  const std::string word = ascii_lower(value);
  if (word != "true" && word != "false") {
    return csv_option_error(name, value, "true or false");
  }
  flag = word == "true";
  return {};
}

// Takes the fields of a record one by one. Owned by one thread.
class FieldSplitter {
 public:
  FieldSplitter(std::string_view record, const CsvOptions& options, data::Arena& arena)
      : record_(record), options_(options), arena_(arena) {}

  CsvField next() {
    const std::size_t begin = at_;
    std::size_t open = at_;
    while (options_.ignore_leading_white_space && open < record_.size() &&
           is_blank(record_[open])) {
      ++open;
    }
    CsvField field;
    if (options_.quote != '\0' && open < record_.size() && record_[open] == options_.quote &&
        read_quoted(open, field)) {
      return field;
    }
    const std::size_t end = std::min(record_.find(options_.separator, begin), record_.size());
    at_ = end;
    return {.text = trim_field(record_.substr(begin, end - begin), options_), .quoted = false};
  }

  // Steps over a separator; false at the end of the record.
  bool more() {
    if (at_ >= record_.size()) {
      return false;
    }
    at_ += options_.separator.size();
    return true;
  }

 private:
  // False when the closing quote is missing or not followed by a separator.
  bool read_quoted(std::size_t open, CsvField& field) {
    bool escaped = false;
    std::size_t end = open + 1;
    for (; end < record_.size() && record_[end] != options_.quote; ++end) {
      if (is_escape(end)) {
        escaped = true;
        ++end;
      }
    }
    // A quote that is its own escape stands doubled.
    while (options_.escape == options_.quote && end + 1 < record_.size() &&
           record_[end + 1] == options_.quote) {
      escaped = true;
      end = std::min(record_.find(options_.quote, end + 2), record_.size());
    }
    if (end >= record_.size()) {
      return false;
    }
    std::size_t behind = end + 1;
    while (behind < record_.size() && is_blank(record_[behind])) {
      ++behind;
    }
    if (behind < record_.size() &&
        record_.substr(behind, options_.separator.size()) != options_.separator) {
      return false;
    }
    at_ = behind;
    const std::string_view inner = record_.substr(open + 1, end - open - 1);
    field = {.text = escaped ? without_escapes(inner) : inner, .quoted = true};
    return true;
  }

  [[nodiscard]] bool is_escape(std::size_t at) const {
    return options_.escape != '\0' && options_.escape != options_.quote &&
           record_[at] == options_.escape && at + 1 < record_.size() &&
           (record_[at + 1] == options_.quote || record_[at + 1] == options_.escape);
  }

  std::string_view without_escapes(std::string_view text) {
    char* const begin = arena_.allocate(text.size());
    char* out = begin;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == options_.escape && i + 1 < text.size() &&
          (text[i + 1] == options_.quote || text[i + 1] == options_.escape)) {
        ++i;
      }
      *out++ = text[i];
    }
    const auto size = static_cast<std::size_t>(out - begin);
    arena_.give_back(text.size() - size);
    return {begin, size};
  }

  std::string_view record_;
  const CsvOptions& options_;
  data::Arena& arena_;
  std::size_t at_ = 0;
};

Result<void> check_columns(const data::Schema& schema, const CsvOptions& options) {
  for (const data::Field& field : schema.fields) {
    const TypeKind kind = field.type.kind();
    if (field.type.is_nested() || kind == TypeKind::kVariant) {
      return Error(
          ErrorCode::kInvalidArgument,
          fmt::format("CSV has no column of type {}: {}", field.type.to_string(), field.name));
    }
    if (field.name == options.scalars.corrupt_column && kind != TypeKind::kString) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("the column of corrupt records must be a STRING: {}", field.name));
    }
  }
  return {};
}

}  // namespace

Result<CsvOptions> CsvOptions::from_text(const TextOptions& options, const data::Zone& session) {
  CsvOptions result;
  result.scalars = TRY(JsonOptions::from_text(options, session));
  const std::map<std::string, bool*, std::less<>> flags{
      {"header", &result.header},
      {"inferschema", &result.infer_schema},
      {"multiline", &result.multi_line},
      {"ignoreleadingwhitespace", &result.ignore_leading_white_space},
      {"ignoretrailingwhitespace", &result.ignore_trailing_white_space},
      {"quoteall", &result.quote_all},
  };
  const std::map<std::string, std::string*, std::less<>> texts{
      {"sep", &result.separator},
      {"delimiter", &result.separator},
      {"nullvalue", &result.null_value},
      {"nanvalue", &result.nan_value},
      {"positiveinf", &result.positive_infinity},
      {"negativeinf", &result.negative_infinity},
  };
  const std::map<std::string, char*, std::less<>> characters{
      {"quote", &result.quote}, {"escape", &result.escape}, {"comment", &result.comment}};
  for (const auto& [name, value] : options) {
    const std::string key = ascii_lower(name);
    if (const auto flag = flags.find(key); flag != flags.end()) {
      TRY(read_csv_flag(name, value, *flag->second));
    } else if (const auto text = texts.find(key); text != texts.end()) {
      *text->second = value == "\\t" ? "\t" : value;
    } else if (const auto character = characters.find(key); character != characters.end()) {
      TRY(read_character(name, value, *character->second));
    }
  }
  if (result.separator.empty() || result.separator.find_first_of("\r\n") != std::string::npos) {
    return csv_option_error("sep", result.separator, "one or more characters of a line");
  }
  return result;
}

bool split_csv_record(std::string_view record,
                      const CsvOptions& options,
                      data::Arena& arena,
                      std::vector<CsvField>& fields) {
  fields.clear();
  FieldSplitter splitter(record, options, arena);
  do {
    if (fields.size() == options.columns_max) {
      return false;
    }
    fields.push_back(splitter.next());
  } while (splitter.more());
  return true;
}

std::optional<std::string_view> CsvRecords::next() {
  while (!rest_.empty()) {
    const std::size_t size = record_size();
    std::string_view record = rest_.substr(0, size);
    rest_.remove_prefix(std::min(size + 1, rest_.size()));
    if (!record.empty() && record.back() == '\r') {
      record.remove_suffix(1);
    }
    const bool blank = std::all_of(record.begin(), record.end(), is_blank);
    const bool comment =
        options_.comment != '\0' && !record.empty() && record.front() == options_.comment;
    if (!blank && !comment) {
      return record;
    }
  }
  return std::nullopt;
}

// Up to a line end, with multiLine to one outside quotes.
std::size_t CsvRecords::record_size() const {
  if (!options_.multi_line || options_.quote == '\0') {
    return std::min(rest_.find('\n'), rest_.size());
  }
  bool quoted = false;
  for (std::size_t at = 0; at < rest_.size(); ++at) {
    const char c = rest_[at];
    if (quoted && c == options_.escape && options_.escape != options_.quote) {
      ++at;
    } else if (c == options_.quote) {
      quoted = !quoted;
    } else if (c == '\n' && !quoted) {
      return at;
    }
  }
  return rest_.size();
}

Result<CsvDecoder> CsvDecoder::create(const data::Schema& schema, CsvOptions options) {
  TRY(check_columns(schema, options));
  detail::TextScalars scalars = TRY(detail::TextScalars::create(options.scalars));
  return CsvDecoder(schema, std::move(options), std::move(scalars));
}

CsvDecoder::CsvDecoder(const data::Schema& schema, CsvOptions options, detail::TextScalars scalars)
    : options_(std::move(options)), scalars_(std::move(scalars)) {
  for (const data::Field& field : schema.fields) {
    if (field.name == options_.scalars.corrupt_column) {
      corrupt_ = columns_.size();
    }
    columns_.emplace_back(field.type);
  }
}

DecodedRows CsvDecoder::decode(std::span<const std::string_view> records,
                               std::span<const data::BlockPtr> blocks) {
  MR_ASSERT(records.size() <= data::kBatchRows, "{} records", records.size());
  DecodedRows rows;
  for (CellColumn& column : columns_) {
    column.begin(records.size());
  }
  for (std::size_t row = 0; row < records.size(); ++row) {
    rows.outcomes.push_back(decode_record(records[row], row));
    const RowOutcome outcome = rows.outcomes.back();
    if (corrupt_ && (outcome == RowOutcome::kPartial || outcome == RowOutcome::kMalformed)) {
      columns_[*corrupt_].set(row, arena_.copy(records[row]));
    }
  }
  std::vector<data::BlockPtr> held(blocks.begin(), blocks.end());
  for (data::BlockPtr& block : arena_.take()) {
    held.push_back(std::move(block));
  }
  for (CellColumn& column : columns_) {
    rows.columns.push_back(column.finish(records.size(), held));
  }
  return rows;
}

RowOutcome CsvDecoder::decode_record(std::string_view record, std::size_t row) {
  if (record.empty()) {
    return RowOutcome::kBlank;
  }
  bool whole = split_csv_record(record, options_, arena_, fields_);
  std::size_t next = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i == corrupt_) {
      continue;
    }
    if (next == fields_.size()) {
      whole = false;
      break;
    }
    whole = convert(fields_[next], columns_[i], row) && whole;
    ++next;
  }
  return whole && next == fields_.size() ? RowOutcome::kDecoded : RowOutcome::kPartial;
}

bool CsvDecoder::convert(const CsvField& field, CellColumn& cells, std::size_t row) {
  const std::string_view text = field.text;
  // An empty field without quotes is null whatever the nullValue is.
  if (text == options_.null_value || (text.empty() && !field.quoted)) {
    return true;
  }
  switch (cells.kind()) {
    case TypeKind::kString:
    case TypeKind::kBinary:
      cells.set(row, text);
      return true;
    case TypeKind::kBoolean: {
      const bool is_true = equal_ignoring_case(text, "true");
      if (is_true || equal_ignoring_case(text, "false")) {
        cells.set<std::uint8_t>(row, is_true ? 1 : 0);
        return true;
      }
      return false;
    }
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kTime:
    case TypeKind::kYearMonthInterval:
    case TypeKind::kDayTimeInterval: {
      const auto moment = scalars_.datetime(text, cells.type());
      if (moment && cells.type().width() == sizeof(std::int32_t)) {
        cells.set(row, static_cast<std::int32_t>(*moment));
      } else if (moment) {
        cells.set(row, *moment);
      }
      return moment.has_value();
    }
    case TypeKind::kCalendarInterval: {
      const auto interval = data::parse_calendar_interval(text);
      if (interval) {
        cells.set(row, *interval);
      }
      return interval.has_value();
    }
    case TypeKind::kTinyInt:
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kBigInt:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
      return convert_number(text, cells, row);
    case TypeKind::kVoid:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct:
    case TypeKind::kVariant:
      return false;
  }
  return false;
}

bool CsvDecoder::convert_number(std::string_view text, CellColumn& cells, std::size_t row) {
  const data::Type& type = cells.type();
  if (type.is_floating()) {
    std::optional<double> value;
    if (text == options_.nan_value) {
      value = std::numeric_limits<double>::quiet_NaN();
    } else if (text == options_.positive_infinity || text == options_.negative_infinity) {
      const double infinity = std::numeric_limits<double>::infinity();
      value = text == options_.positive_infinity ? infinity : -infinity;
    } else if (type.kind() == TypeKind::kFloat) {
      value = data::parse_float(text);
    } else {
      value = data::parse_double(text);
    }
    if (value && type.kind() == TypeKind::kFloat) {
      cells.set(row, static_cast<float>(*value));
    } else if (value) {
      cells.set(row, *value);
    }
    return value.has_value();
  }
  if (type.kind() == TypeKind::kDecimal) {
    Int128 unscaled = 0;
    if (data::parse_decimal(text, type.precision(), type.scale(), unscaled) !=
        data::DecimalText::kOk) {
      return false;
    }
    cells.set(row, unscaled);
    return true;
  }
  if (text.size() > 1 && text[0] == '+' && is_ascii_digit(text[1])) {
    text.remove_prefix(1);
  }
  const auto value = detail::json_integer(text, type.kind());
  if (!value) {
    return false;
  }
  cells.set_value(row, data::Value(*value), arena_);
  return true;
}

}  // namespace millrace::format
