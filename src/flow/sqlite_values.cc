#include "flow/sqlite_values.h"

#include <utility>

#include "data/datetime.h"
#include "data/decimal.h"
#include "data/interval.h"
#include "data/zone.h"
#include "flow/row_encoder.h"
#include "format/json_decoder.h"
#include "format/json_writer.h"

namespace millrace::flow {

namespace {

using data::TypeKind;

// The text of a value that SQLite has no type for: JSON, without the quotes of a scalar.
void json_text(const data::Column& column, std::size_t row, std::string& text) {
  static const format::JsonWriter kWriter{data::Schema{}};
  text.clear();
  kWriter.append_value(text, column, row);
  if (!column.type().is_nested() && text.size() >= 2 && text.front() == '"') {
    text.pop_back();
    text.erase(0, 1);
  }
}

Error foreign(const data::Type& type) {
  return {ErrorCode::kCorruption,
          "a value in tables.db is no " + type.to_sql() + ": somebody else wrote into the table"};
}

Result<void> read_text(std::string_view text, data::ColumnBuilder& into) {
  const data::Type& type = into.type();
  if (type.kind() == TypeKind::kDate) {
    const auto days = data::parse_date(text);
    days ? into.append(*days) : into.append_null();
    return days ? Result<void>() : foreign(type);
  }
  if (type.kind() == TypeKind::kDecimal) {
    Int128 unscaled = 0;
    if (data::parse_decimal(text, type.precision(), type.scale(), unscaled) !=
        data::DecimalText::kOk) {
      return foreign(type);
    }
    into.append(unscaled);
    return {};
  }
  // The same text as in a table's topic, read the same way.
  format::JsonDecoder decoder =
      TRY(format::JsonDecoder::create(data::Type::array(type), fail_fast()));
  std::string json = "[";
  const bool nested = type.is_nested();
  if (nested) {
    json += text;
  } else {
    format::append_json_text(json, text);
  }
  json += ']';
  const auto block = std::make_shared<const data::Block>(json);
  const std::string_view record = block->view();
  const format::JsonRows rows = decoder.decode({&record, 1}, {&block, 1});
  const data::Column& array = *rows.columns[0];
  if (rows.outcomes[0] != format::RowOutcome::kDecoded ||
      array.end_of(0) - array.begin_of(0) != 1) {
    return foreign(type);
  }
  into.append_from(*array.child(0), static_cast<std::size_t>(array.begin_of(0)));
  return {};
}

}  // namespace

std::string_view sqlite_type(const data::Type& type) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyInt:
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kBigInt:
      return "INTEGER";
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return "REAL";
    case TypeKind::kBinary:
      return "BLOB";
    case TypeKind::kVoid:
    case TypeKind::kDecimal:
    case TypeKind::kString:
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kTime:
    case TypeKind::kYearMonthInterval:
    case TypeKind::kDayTimeInterval:
    case TypeKind::kCalendarInterval:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct:
    case TypeKind::kVariant:
      return "TEXT";
  }
  return "TEXT";
}

void bind_value(sqlite::Statement& statement,
                int index,
                const data::Column& column,
                std::size_t row,
                std::string& scratch) {
  if (column.is_null(row)) {
    statement.bind_null(index);
    return;
  }
  switch (column.type().kind()) {
    case TypeKind::kString:
      statement.bind_text_borrowed(index, column.string(row));
      return;
    case TypeKind::kBinary:
      statement.bind_blob_borrowed(index, column.string(row));
      return;
    case TypeKind::kBoolean:
      statement.bind(index, column.get<std::uint8_t>(row));
      return;
    case TypeKind::kTinyInt:
      statement.bind(index, column.get<std::int8_t>(row));
      return;
    case TypeKind::kSmallInt:
      statement.bind(index, column.get<std::int16_t>(row));
      return;
    case TypeKind::kInt:
      statement.bind(index, column.get<std::int32_t>(row));
      return;
    case TypeKind::kBigInt:
      statement.bind(index, column.get<std::int64_t>(row));
      return;
    case TypeKind::kFloat:
      statement.bind_double(index, static_cast<double>(column.get<float>(row)));
      return;
    case TypeKind::kDouble:
      statement.bind_double(index, column.get<double>(row));
      return;
    case TypeKind::kDecimal:
      scratch = data::decimal_to_string(column.get<Int128>(row), column.type().scale());
      break;
    case TypeKind::kDate:
      scratch = data::date_to_string(column.get<std::int32_t>(row));
      break;
    case TypeKind::kVoid:
      statement.bind_null(index);
      return;
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kTime:
    case TypeKind::kYearMonthInterval:
    case TypeKind::kDayTimeInterval:
    case TypeKind::kCalendarInterval:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct:
    case TypeKind::kVariant:
      json_text(column, row, scratch);
      break;
  }
  statement.bind_text_borrowed(index, scratch);
}

Result<void> read_value(const sqlite::Statement& statement, int index, data::ColumnBuilder& into) {
  if (statement.is_null(index)) {
    into.append_null();
    return {};
  }
  const sqlite::ColumnType stored = statement.column_type(index);
  switch (into.type().kind()) {
    case TypeKind::kBoolean:
      into.append<std::uint8_t>(statement.column_int(index) != 0 ? 1 : 0);
      return {};
    case TypeKind::kTinyInt:
      into.append(static_cast<std::int8_t>(statement.column_int(index)));
      return {};
    case TypeKind::kSmallInt:
      into.append(static_cast<std::int16_t>(statement.column_int(index)));
      return {};
    case TypeKind::kInt:
      into.append(static_cast<std::int32_t>(statement.column_int(index)));
      return {};
    case TypeKind::kBigInt:
      into.append(statement.column_int(index));
      return {};
    case TypeKind::kFloat:
      into.append(static_cast<float>(statement.column_double(index)));
      return {};
    case TypeKind::kDouble:
      into.append(statement.column_double(index));
      return {};
    case TypeKind::kString:
      into.append_string(statement.column_text(index));
      return {};
    case TypeKind::kBinary:
      into.append_string(statement.column_blob(index));
      return {};
    case TypeKind::kVoid:
      into.append_null();
      return {};
    case TypeKind::kDecimal:
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kTime:
    case TypeKind::kYearMonthInterval:
    case TypeKind::kDayTimeInterval:
    case TypeKind::kCalendarInterval:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct:
    case TypeKind::kVariant:
      break;
  }
  if (stored != sqlite::ColumnType::kText) {
    return foreign(into.type());
  }
  return read_text(statement.column_text(index), into);
}

}  // namespace millrace::flow
