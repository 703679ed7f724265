// One JSON text as a value of a type, exactly as from_json reads it (streaming-sql.md §5.2).
//
// Complete, not fast: it takes the text token by token and boxes every value. The decoder
// (json_decoder.h) goes its fast way where a record is plain JSON that converts, and comes here for
// every other one, so this is also the definition of what each of those means:
//
//   - a text that is no JSON, or whose root does not match, is malformed: all fields null. JSON
//   stops
//     at the end of the first value; an error before it makes the whole record malformed.
//   - a field that does not convert stays as it was (null, or what an earlier field of its name
//     gave); the others are kept. An array with such an element, a map with such a value do not
//     convert as a whole, unless the element is a struct that converts in part.
//   - invalid UTF-8 reads as U+FFFD.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "data/type.h"
#include "data/value.h"
#include "format/detail/text_scalars.h"
#include "format/json_options.h"
#include "format/json_tokenizer.h"

namespace millrace::format {

/// Thread-safe.
class JsonRowReader {
 public:
  /// `root`: a struct, array, map or VARIANT. Errors (kInvalidArgument): another root, a corrupt
  /// column that is no STRING, a pattern that Spark refuses.
  static Result<JsonRowReader> create(data::Type root, JsonOptions options);

  /// Value of a struct that is malformed: its fields null, the text in the corrupt column; of
  /// another root, null; of a blank text, null.
  RowOutcome read(std::string_view text, data::Value& value) const;

  [[nodiscard]] const data::Type& root() const { return root_; }

  [[nodiscard]] const JsonOptions& options() const { return options_; }

  [[nodiscard]] const detail::TextScalars& scalars() const { return scalars_; }

  /// Index of the corrupt column in a struct root, or -1.
  [[nodiscard]] int corrupt_field() const { return corrupt_field_; }

 private:
  enum class Conversion : std::uint8_t {
    kDone,
    kPartial,
    kFailed
  };

  JsonRowReader(data::Type root, JsonOptions options, detail::TextScalars scalars);

  Conversion convert_root(JsonTokenizer& json, data::Value& value) const;
  Conversion convert(JsonTokenizer& json, const data::Type& type, data::Value& value) const;
  Conversion convert_nested(JsonTokenizer& json, const data::Type& type, data::Value& value) const;
  Conversion convert_object(JsonTokenizer& json,
                            const data::Type& type,
                            data::Value& value,
                            int without) const;
  Conversion convert_array(JsonTokenizer& json, const data::Type& type, data::Value& value) const;
  Conversion convert_map(JsonTokenizer& json, const data::Type& type, data::Value& value) const;
  Conversion convert_scalar(JsonTokenizer& json, const data::Type& type, data::Value& value) const;
  bool convert_number(JsonTokenizer& json, const data::Type& type, data::Value& value) const;
  bool convert_string(std::string_view text, const data::Type& type, data::Value& value) const;

  data::Type root_;
  JsonOptions options_;
  detail::TextScalars scalars_;
  int corrupt_field_ = -1;
};

}  // namespace millrace::format
