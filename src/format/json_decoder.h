// JSON records → columns, many at a time: from_json, and the values of sources that declare
// columns.
//
// The fast way. simdjson's first stage (chosen at run time for the machine) checks UTF-8 and the
// quotes of a record and lists where its tokens begin; a walk along that list, directed by the
// schema, fills the cells. It compares each name with the one that stood there in the record before
// (learnt order) and looks it up only when that fails. Strings without escapes become views into
// the record's Block. Everything is checked, skipped values too.
//
// The slow way. Whatever the walk does not expect (single quotes, NaN, a field that does not
// convert, text behind the value, broken UTF-8 …) undoes the record's cells and sends the record to
// JsonRowReader, which defines what it means. So the walk needs no error cases, and both ways give
// the same cells for every input; the fuzzer compares them.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "data/block.h"
#include "data/type.h"
#include "format/decoded_rows.h"
#include "format/json_options.h"

namespace millrace::format {

/// Of a struct root one column a field; of another root one column.
using JsonRows = DecodedRows;

/// Owned by one thread.
class JsonDecoder {
 public:
  /// All fields are read as nullable. Errors: as JsonRowReader::create.
  static Result<JsonDecoder> create(data::Type root, JsonOptions options);
  static Result<JsonDecoder> create(const data::Schema& schema, JsonOptions options);

  JsonDecoder(JsonDecoder&&) noexcept;
  JsonDecoder& operator=(JsonDecoder&&) noexcept;
  JsonDecoder(const JsonDecoder&) = delete;
  JsonDecoder& operator=(const JsonDecoder&) = delete;
  ~JsonDecoder();

  /// One row a record, at most kBatchRows of them. A view with a null pointer is SQL's NULL. The
  /// records' bytes lie in `blocks` (which the columns then hold), or outlive the columns.
  JsonRows decode(std::span<const std::string_view> records,
                  std::span<const data::BlockPtr> blocks);

  /// The same by the slow way alone: the reference for tests.
  JsonRows decode_slowly(std::span<const std::string_view> records);

  [[nodiscard]] const data::Type& root() const;

  [[nodiscard]] const JsonOptions& options() const;

 private:
  class Impl;

  explicit JsonDecoder(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::format
