// Schemas of JSON and CSV texts that come without one, as Spark infers them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/type.h"
#include "format/csv.h"
#include "format/json_options.h"

namespace millrace::format {

/// The type of one JSON text: BIGINT, DOUBLE, DECIMAL (integers beyond 64 bits), BOOLEAN, STRING,
/// arrays of what their elements have in common, structs with fields in alphabetical order, VOID
/// for null and for blank text. Nothing when the text is no JSON.
std::optional<data::Type> infer_json_type(std::string_view text, const JsonOptions& options);

/// What holds values of both: the wider number, structs by name, STRING where nothing else does.
data::Type merge_inferred(const data::Type& left, const data::Type& right);

/// True when merge_inferred(known, infer_json_type(text)) is `known`, found without making a type:
/// most records of a file are like those before. May be false although it is so.
bool adds_nothing(const data::Type& known, std::string_view text, const JsonOptions& options);

/// With STRING for VOID, and without empty structs below the root.
data::Type complete_inferred(const data::Type& type);

/// schema_of_json; nothing when the text is no JSON.
std::optional<data::Type> schema_of_json(std::string_view text, const JsonOptions& options);

/// The columns of records that are objects, in alphabetical order. A record that is none adds the
/// corrupt column; an array of objects counts as its elements.
data::Schema infer_json_schema(std::span<const std::string_view> records,
                               const JsonOptions& options);

/// The columns of CSV records. Names are those of the header (the first record, if the options say
/// so), else _c0, _c1 …; types are STRING, or inferred: INT, BIGINT, DECIMAL, DOUBLE, DATE,
/// TIMESTAMP, BOOLEAN.
data::Schema infer_csv_schema(std::span<const std::string_view> records, const CsvOptions& options);

}  // namespace millrace::format
