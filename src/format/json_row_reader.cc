#include "format/json_row_reader.h"

#include <string>
#include <utility>

#include <fmt/core.h>

#include "base/bytes.h"
#include "base/utf8.h"
#include "data/decimal.h"
#include "data/interval.h"

namespace millrace::format {

using data::Type;
using data::TypeKind;
using data::Value;
using data::ValueList;
using data::ValueMap;

Result<JsonRowReader> JsonRowReader::create(Type root, JsonOptions options) {
  if (!root.is_nested() && root.kind() != TypeKind::kVariant) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("JSON is read as a struct, an array, a map or a variant, not as {}",
                             root.to_string()));
  }
  detail::TextScalars scalars = TRY(detail::TextScalars::create(options));
  JsonRowReader reader(std::move(root), std::move(options), std::move(scalars));
  if (reader.root_.kind() == TypeKind::kStruct) {
    const auto& fields = reader.root_.fields();
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].name == reader.options_.corrupt_column) {
        reader.corrupt_field_ = static_cast<int>(i);
      }
    }
    if (reader.corrupt_field_ >= 0 &&
        fields[static_cast<std::size_t>(reader.corrupt_field_)].type.kind() != TypeKind::kString) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("the column of corrupt records must be a STRING: {}",
                               reader.options_.corrupt_column));
    }
  }
  return reader;
}

JsonRowReader::JsonRowReader(Type root, JsonOptions options, detail::TextScalars scalars)
    : root_(std::move(root)), options_(std::move(options)), scalars_(std::move(scalars)) {}

RowOutcome JsonRowReader::read(std::string_view text, Value& value) const {
  std::string mended;
  std::string_view json_text = text;
  if (!is_valid_utf8(text)) {
    mended = to_valid_utf8(text);
    json_text = mended;
  }
  JsonTokenizer json(json_text, options_);
  value = Value();
  if (json.next() == JsonToken::kEnd) {
    return RowOutcome::kBlank;
  }
  Conversion conversion = convert_root(json, value);
  if (json.token() == JsonToken::kError) {
    conversion = Conversion::kFailed;
  }
  if (conversion == Conversion::kFailed) {
    value = root_.kind() == TypeKind::kStruct ? Value(ValueList(root_.fields().size())) : Value();
  }
  if (conversion != Conversion::kDone && corrupt_field_ >= 0) {
    std::get<ValueList>(value.v)[static_cast<std::size_t>(corrupt_field_)] =
        Value(std::string(text));
  }
  switch (conversion) {
    case Conversion::kDone:
      return RowOutcome::kDecoded;
    case Conversion::kPartial:
      return RowOutcome::kPartial;
    case Conversion::kFailed:
      return RowOutcome::kMalformed;
  }
  return RowOutcome::kMalformed;
}

JsonRowReader::Conversion JsonRowReader::convert_root(JsonTokenizer& json, Value& value) const {
  const bool object = json.token() == JsonToken::kObjectBegin;
  if (root_.kind() == TypeKind::kStruct) {
    return object ? convert_object(json, root_, value, corrupt_field_) : Conversion::kFailed;
  }
  if (root_.kind() == TypeKind::kArray && object && root_.element().kind() == TypeKind::kStruct) {
    Value element;
    const Conversion conversion = convert_object(json, root_.element(), element, -1);
    value = Value(ValueList{std::move(element)});
    return conversion;
  }
  return json.token() == JsonToken::kNull ? Conversion::kFailed : convert(json, root_, value);
}

// ENSURES: the tokenizer is at the end of the value, or at an error.
JsonRowReader::Conversion JsonRowReader::convert(JsonTokenizer& json,
                                                 const Type& type,
                                                 Value& value) const {
  value = Value();
  if (json.token() == JsonToken::kNull) {
    return Conversion::kDone;
  }
  const Conversion conversion =
      type.is_nested() ? convert_nested(json, type, value) : convert_scalar(json, type, value);
  if (conversion == Conversion::kFailed) {
    json.skip_children();
  }
  return conversion;
}

JsonRowReader::Conversion JsonRowReader::convert_nested(JsonTokenizer& json,
                                                        const Type& type,
                                                        Value& value) const {
  if (json.token() == JsonToken::kArrayBegin && type.kind() == TypeKind::kArray) {
    return convert_array(json, type, value);
  }
  if (json.token() == JsonToken::kObjectBegin && type.kind() == TypeKind::kMap) {
    return convert_map(json, type, value);
  }
  if (json.token() == JsonToken::kObjectBegin && type.kind() == TypeKind::kStruct) {
    return convert_object(json, type, value, -1);
  }
  return Conversion::kFailed;
}

JsonRowReader::Conversion JsonRowReader::convert_object(JsonTokenizer& json,
                                                        const Type& type,
                                                        Value& value,
                                                        int without) const {
  ValueList row(type.fields().size());
  Conversion result = Conversion::kDone;
  while (json.next() == JsonToken::kName) {
    const std::string_view name = json.text();
    std::size_t index = 0;
    while (index < row.size() &&
           (type.fields()[index].name != name || static_cast<int>(index) == without)) {
      ++index;
    }
    json.next();
    if (index == row.size()) {
      json.skip_children();
      continue;
    }
    Value field;
    const Conversion conversion = convert(json, type.fields()[index].type, field);
    if (conversion != Conversion::kFailed) {
      row[index] = std::move(field);
    }
    if (conversion != Conversion::kDone) {
      result = Conversion::kPartial;
    }
  }
  value = Value(std::move(row));
  return json.token() == JsonToken::kObjectEnd ? result : Conversion::kFailed;
}

JsonRowReader::Conversion JsonRowReader::convert_array(JsonTokenizer& json,
                                                       const Type& type,
                                                       Value& value) const {
  ValueList elements;
  Conversion result = Conversion::kDone;
  for (JsonToken token = json.next(); token != JsonToken::kArrayEnd && token != JsonToken::kError;
       token = json.next()) {
    Value element;
    const Conversion conversion = convert(json, type.element(), element);
    if (conversion != Conversion::kDone && result != Conversion::kFailed) {
      result = conversion;
    }
    elements.push_back(std::move(element));
  }
  value = Value(std::move(elements));
  return json.token() == JsonToken::kError ? Conversion::kFailed : result;
}

JsonRowReader::Conversion JsonRowReader::convert_map(JsonTokenizer& json,
                                                     const Type& type,
                                                     Value& value) const {
  ValueMap entries;
  Conversion result =
      type.key().kind() == TypeKind::kString ? Conversion::kDone : Conversion::kFailed;
  while (json.next() == JsonToken::kName) {
    Value key{std::string(json.text())};
    Value mapped;
    json.next();
    const Conversion conversion = convert(json, type.value(), mapped);
    if (conversion != Conversion::kDone && result != Conversion::kFailed) {
      result = conversion;
    }
    entries.emplace_back(std::move(key), std::move(mapped));
  }
  value = Value(std::move(entries));
  return json.token() == JsonToken::kObjectEnd ? result : Conversion::kFailed;
}

JsonRowReader::Conversion JsonRowReader::convert_scalar(JsonTokenizer& json,
                                                        const Type& type,
                                                        Value& value) const {
  const auto done = [](bool ok) {
    return ok ? Conversion::kDone : Conversion::kFailed;
  };
  const JsonToken token = json.token();
  if (type.kind() == TypeKind::kVariant ||
      (type.kind() == TypeKind::kString && token != JsonToken::kString)) {
    std::string copy;
    const bool ok = json.copy_structure(
        copy, type.kind() == TypeKind::kVariant ? FloatCopy::kAsWritten : FloatCopy::kAsJava);
    value = Value(std::move(copy));
    return done(ok);
  }
  if (token == JsonToken::kString) {
    return done(convert_string(json.text(), type, value));
  }
  if (token == JsonToken::kInteger || token == JsonToken::kFloat) {
    return done(convert_number(json, type, value));
  }
  if (type.kind() == TypeKind::kBoolean &&
      (token == JsonToken::kTrue || token == JsonToken::kFalse)) {
    value = Value(token == JsonToken::kTrue);
    return Conversion::kDone;
  }
  return Conversion::kFailed;
}

bool JsonRowReader::convert_number(JsonTokenizer& json, const Type& type, Value& value) const {
  const std::string_view text = json.text();
  if (type.kind() == TypeKind::kDouble) {
    value = Value(detail::json_double(text));
    return true;
  }
  if (type.kind() == TypeKind::kFloat) {
    value = Value(double{detail::json_float(text)});
    return true;
  }
  if (type.kind() == TypeKind::kDecimal) {
    Int128 unscaled = 0;
    if (data::parse_decimal(text, type.precision(), type.scale(), unscaled) !=
        data::DecimalText::kOk) {
      return false;
    }
    value = Value(unscaled);
    return true;
  }
  if (json.token() != JsonToken::kInteger) {
    return false;
  }
  std::optional<std::int64_t> integer;
  if (type.is_integral()) {
    integer = detail::json_integer(text, type.kind());
  } else if (type.kind() == TypeKind::kTimestamp) {
    integer = detail::json_seconds(text);
  }
  if (integer) {
    value = Value(*integer);
  }
  return integer.has_value();
}

bool JsonRowReader::convert_string(std::string_view text, const Type& type, Value& value) const {
  if (type.kind() == TypeKind::kString) {
    value = Value(std::string(text));
    return true;
  }
  if (type.kind() == TypeKind::kBinary) {
    std::optional<std::string> bytes = from_base64(text);
    if (bytes) {
      value = Value(std::move(*bytes));
    }
    return bytes.has_value();
  }
  if (text.empty()) {
    return false;
  }
  if (type.is_floating() && options_.allow_non_numeric_numbers) {
    const std::optional<double> special = detail::json_special_double(text);
    if (special) {
      value = Value(*special);
    }
    return special.has_value();
  }
  if (type.kind() == TypeKind::kDecimal) {
    Int128 unscaled = 0;
    if (data::parse_decimal(text, type.precision(), type.scale(), unscaled) !=
        data::DecimalText::kOk) {
      return false;
    }
    value = Value(unscaled);
    return true;
  }
  if (type.kind() == TypeKind::kCalendarInterval) {
    const auto interval = data::parse_calendar_interval(text);
    if (interval) {
      value = Value(*interval);
    }
    return interval.has_value();
  }
  const auto moment = detail::is_datetime(type.kind()) ? scalars_.datetime(text, type)
                                                       : std::optional<std::int64_t>();
  if (moment) {
    value = Value(*moment);
  }
  return moment.has_value();
}

}  // namespace millrace::format
