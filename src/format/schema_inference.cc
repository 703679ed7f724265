#include "format/schema_inference.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

#include "base/ascii.h"
#include "base/utf8.h"
#include "data/decimal.h"
#include "data/number_text.h"
#include "format/json_tokenizer.h"

namespace millrace::format {
namespace {

using data::Field;
using data::Type;
using data::TypeKind;

// Fields in alphabetical order.
using FieldTypes = std::map<std::string, Type, std::less<>>;

Type struct_of(const FieldTypes& types) {
  std::vector<Field> fields;
  fields.reserve(types.size());
  for (const auto& [name, type] : types) {
    fields.push_back({.name = name, .type = type, .nullable = true, .comment = {}});
  }
  return Type::structure(std::move(fields));
}

void merge_field(FieldTypes& types, const std::string& name, const Type& type) {
  const auto [found, fresh] = types.emplace(name, type);
  if (!fresh) {
    found->second = merge_inferred(found->second, type);
  }
}

// The DECIMAL of a number's digits, or DOUBLE where 38 do not suffice.
Type decimal_or_double(std::string_view number) {
  const std::optional<Type> type = data::decimal_literal_type(number);
  return type ? *type : Type(TypeKind::kDouble);
}

Type number_type(const JsonTokenizer& json, const JsonOptions& options) {
  if (json.token() == JsonToken::kInteger) {
    return data::parse_integer(json.text()) ? Type(TypeKind::kBigInt)
                                            : decimal_or_double(json.text());
  }
  return options.prefers_decimal ? decimal_or_double(json.text()) : Type(TypeKind::kDouble);
}

// The depth is limited by the tokenizer. Nothing on an error.
std::optional<Type> infer_value(JsonTokenizer& json, const JsonOptions& options) {
  switch (json.token()) {
    case JsonToken::kObjectBegin: {
      FieldTypes types;
      while (json.next() == JsonToken::kName) {
        const std::string name(json.text());
        json.next();
        const std::optional<Type> type = infer_value(json, options);
        if (!type) {
          return std::nullopt;
        }
        merge_field(types, name, *type);
      }
      return json.token() == JsonToken::kObjectEnd ? std::optional(struct_of(types)) : std::nullopt;
    }
    case JsonToken::kArrayBegin: {
      Type element;
      while (json.next() != JsonToken::kArrayEnd) {
        const std::optional<Type> type = infer_value(json, options);
        if (!type) {
          return std::nullopt;
        }
        element = merge_inferred(element, *type);
      }
      return Type::array(element);
    }
    case JsonToken::kString:
      return Type(TypeKind::kString);
    case JsonToken::kInteger:
    case JsonToken::kFloat:
      return options.primitives_as_string ? Type(TypeKind::kString) : number_type(json, options);
    case JsonToken::kTrue:
    case JsonToken::kFalse:
      return Type(options.primitives_as_string ? TypeKind::kString : TypeKind::kBoolean);
    case JsonToken::kNull:
    case JsonToken::kEnd:
      return Type();
    case JsonToken::kObjectEnd:
    case JsonToken::kArrayEnd:
    case JsonToken::kName:
    case JsonToken::kError:
      return std::nullopt;
  }
  return std::nullopt;
}

// Whether the value at the current token is one of `known`, which has its fields in order.
bool is_known(JsonTokenizer& json, const Type& known, const JsonOptions& options) {
  switch (json.token()) {
    case JsonToken::kObjectBegin:
      if (known.kind() != TypeKind::kStruct) {
        return false;
      }
      while (json.next() == JsonToken::kName) {
        const auto& fields = known.fields();
        const auto field =
            std::ranges::lower_bound(fields, json.text(), std::less<>(), &Field::name);
        if (field == fields.end() || field->name != json.text()) {
          return false;
        }
        json.next();
        if (!is_known(json, field->type, options)) {
          return false;
        }
      }
      return json.token() == JsonToken::kObjectEnd;
    case JsonToken::kArrayBegin:
      if (known.kind() != TypeKind::kArray) {
        return false;
      }
      while (json.next() != JsonToken::kArrayEnd) {
        if (!is_known(json, known.element(), options)) {
          return false;
        }
      }
      return true;
    case JsonToken::kString:
      return known.kind() == TypeKind::kString;
    case JsonToken::kInteger:
    case JsonToken::kFloat:
      return !options.primitives_as_string &&
             (known.kind() == TypeKind::kDouble ||
              (known.kind() == TypeKind::kBigInt && number_type(json, options) == known));
    case JsonToken::kTrue:
    case JsonToken::kFalse:
      return !options.primitives_as_string && known.kind() == TypeKind::kBoolean;
    case JsonToken::kNull:
      return true;
    case JsonToken::kEnd:
    case JsonToken::kObjectEnd:
    case JsonToken::kArrayEnd:
    case JsonToken::kName:
    case JsonToken::kError:
      return false;
  }
  return false;
}

Type merge_decimals(const Type& left, const Type& right) {
  const int scale = std::max(left.scale(), right.scale());
  const int integral = std::max(left.precision() - left.scale(), right.precision() - right.scale());
  return integral + scale > data::kMaxDecimalPrecision ? Type(TypeKind::kDouble)
                                                       : Type::decimal(integral + scale, scale);
}

// Two different types of numbers.
Type merge_numbers(const Type& left, const Type& right) {
  if (left.is_floating() || right.is_floating()) {
    return Type(TypeKind::kDouble);
  }
  if (left.is_integral() && right.is_integral()) {
    return left.kind() > right.kind() ? left : right;
  }
  return merge_decimals(left.is_integral() ? data::decimal_of_integral(left.kind()) : left,
                        right.is_integral() ? data::decimal_of_integral(right.kind()) : right);
}

std::optional<Type> completed(const Type& type) {
  if (type.is_void()) {
    return Type(TypeKind::kString);
  }
  if (type.kind() == TypeKind::kArray) {
    const std::optional<Type> element = completed(type.element());
    return element ? std::optional(Type::array(*element)) : std::nullopt;
  }
  if (type.kind() != TypeKind::kStruct) {
    return type;
  }
  FieldTypes fields;
  for (const Field& field : type.fields()) {
    const std::optional<Type> inner = completed(field.type);
    if (inner && !field.name.empty()) {
      fields.emplace(field.name, *inner);
    }
  }
  return fields.empty() ? std::nullopt : std::optional(struct_of(fields));
}

// A name that occurs twice is followed by its position, in all its places.
std::vector<std::string> csv_names(const std::vector<CsvField>& fields, bool header) {
  std::map<std::string, int> counts;
  for (const CsvField& field : fields) {
    ++counts[ascii_lower(field.text)];
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::string name(fields[i].text);
    if (!header || name.empty()) {
      name = "_c" + std::to_string(i);
    } else if (counts[ascii_lower(name)] > 1) {
      name += std::to_string(i);
    }
    names.push_back(std::move(name));
  }
  return names;
}

// What the text of one CSV field may be; each type only if it is not below the one so far.
Type csv_field_type(std::string_view text,
                    const Type& so_far,
                    const detail::TextScalars& scalars,
                    const data::DatetimePattern& date) {
  const TypeKind least = so_far.kind();
  const bool number = so_far.is_void() || so_far.is_numeric();
  if (number) {
    if (const auto value = detail::json_integer(text, TypeKind::kBigInt)) {
      const bool small = *value == static_cast<std::int32_t>(*value);
      return Type(small ? TypeKind::kInt : TypeKind::kBigInt);
    }
    const bool integer = text.find_first_not_of("+-0123456789") == std::string_view::npos;
    if (const auto decimal = data::decimal_literal_type(text);
        integer && decimal && decimal->precision() > 1) {
      return *decimal;
    }
    if (data::parse_double(text)) {
      return Type(TypeKind::kDouble);
    }
  }
  if ((so_far.is_void() || least == TypeKind::kDate) && date.parse_date(text)) {
    return Type(TypeKind::kDate);
  }
  const bool time = so_far.is_void() || least == TypeKind::kDate || least == TypeKind::kTimestamp;
  if (time && scalars.datetime(text, Type(TypeKind::kTimestamp))) {
    return Type(TypeKind::kTimestamp);
  }
  const bool boolean = so_far.is_void() || least == TypeKind::kBoolean;
  if (boolean && (equal_ignoring_case(text, "true") || equal_ignoring_case(text, "false"))) {
    return Type(TypeKind::kBoolean);
  }
  return Type(TypeKind::kString);
}

}  // namespace

std::optional<Type> infer_json_type(std::string_view text, const JsonOptions& options) {
  std::string mended;
  if (!is_valid_utf8(text)) {
    mended = to_valid_utf8(text);
    text = mended;
  }
  JsonTokenizer json(text, options);
  json.next();
  return infer_value(json, options);
}

bool adds_nothing(const Type& known, std::string_view text, const JsonOptions& options) {
  if (!is_valid_utf8(text)) {
    return false;
  }
  JsonTokenizer json(text, options);
  json.next();
  return is_known(json, known, options);
}

Type merge_inferred(const Type& left, const Type& right) {
  if (left == right || right.is_void()) {
    return left;
  }
  if (left.is_void()) {
    return right;
  }
  if (left.is_numeric() && right.is_numeric()) {
    return merge_numbers(left, right);
  }
  if (left.kind() == TypeKind::kArray && right.kind() == TypeKind::kArray) {
    return Type::array(merge_inferred(left.element(), right.element()));
  }
  if (left.kind() == TypeKind::kStruct && right.kind() == TypeKind::kStruct) {
    FieldTypes fields;
    for (const Type& type : {left, right}) {
      for (const Field& field : type.fields()) {
        merge_field(fields, field.name, field.type);
      }
    }
    return struct_of(fields);
  }
  const auto both = [&](TypeKind one, TypeKind other) {
    return (left.kind() == one && right.kind() == other) ||
           (left.kind() == other && right.kind() == one);
  };
  return Type(both(TypeKind::kDate, TypeKind::kTimestamp) ? TypeKind::kTimestamp
                                                          : TypeKind::kString);
}

Type complete_inferred(const Type& type) {
  if (const std::optional<Type> whole = completed(type)) {
    return *whole;
  }
  return type.kind() == TypeKind::kArray ? Type::array(Type::structure({})) : Type::structure({});
}

std::optional<Type> schema_of_json(std::string_view text, const JsonOptions& options) {
  const std::optional<Type> type = infer_json_type(text, options);
  return type ? std::optional(complete_inferred(*type)) : std::nullopt;
}

data::Schema infer_json_schema(std::span<const std::string_view> records,
                               const JsonOptions& options) {
  Type merged = Type::structure({});
  bool corrupt = false;
  for (const std::string_view record : records) {
    if (adds_nothing(merged, record, options)) {
      continue;
    }
    std::optional<Type> type = infer_json_type(record, options);
    if (type && type->kind() == TypeKind::kArray) {
      type = type->element();
    }
    if (type && type->is_void()) {
      continue;
    }
    if (!type || type->kind() != TypeKind::kStruct) {
      corrupt = true;
      continue;
    }
    merged = merge_inferred(merged, *type);
  }
  data::Schema schema{complete_inferred(merged).fields()};
  const Field column{.name = options.corrupt_column,
                     .type = Type(TypeKind::kString),
                     .nullable = true,
                     .comment = {}};
  const auto place = std::find_if(schema.fields.begin(),
                                  schema.fields.end(),
                                  [&](const Field& field) { return field.name >= column.name; });
  if (place != schema.fields.end() && place->name == column.name) {
    place->type = column.type;
  } else if (corrupt) {
    schema.fields.insert(place, column);
  }
  return schema;
}

data::Schema infer_csv_schema(std::span<const std::string_view> records,
                              const CsvOptions& options) {
  data::Schema schema;
  data::Arena arena;
  std::vector<CsvField> fields;
  if (records.empty()) {
    return schema;
  }
  split_csv_record(records[0], options, arena, fields);
  for (std::string& name : csv_names(fields, options.header)) {
    schema.fields.push_back({.name = std::move(name),
                             .type = Type(TypeKind::kString),
                             .nullable = true,
                             .comment = {}});
  }
  const auto scalars = detail::TextScalars::create(options.scalars);
  const auto date = data::DatetimePattern::for_parsing(
      options.scalars.date_format.empty() ? "yyyy-MM-dd" : options.scalars.date_format);
  if (!options.infer_schema || !scalars || !date) {
    return schema;
  }
  std::vector<Type> types(schema.fields.size());
  for (const std::string_view record : records.subspan(options.header ? 1 : 0)) {
    split_csv_record(record, options, arena, fields);
    for (std::size_t i = 0; i < std::min(fields.size(), types.size()); ++i) {
      const std::string_view text = fields[i].text;
      if (!text.empty() && text != options.null_value) {
        types[i] = merge_inferred(types[i], csv_field_type(text, types[i], *scalars, *date));
      }
    }
  }
  for (std::size_t i = 0; i < types.size(); ++i) {
    // A column of this name takes the texts of corrupt records, whatever it holds here.
    if (schema.fields[i].name != options.scalars.corrupt_column) {
      schema.fields[i].type = complete_inferred(types[i]);
    }
  }
  return schema;
}

}  // namespace millrace::format
