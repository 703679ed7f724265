// Lines into records, as kafka-console-producer's LineMessageReader makes them of standard input.
//
//   value                                     without properties
//   key<TAB>value                             parse.key=true
//   h1:v1,h2:v2<TAB>key<TAB>value             parse.headers=true, parse.key=true
//
// Tested by record_reader_test.cc and record_reader_fuzz.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/message_formatter.h"

namespace millrace::cli {

/// A record to send.
struct ReadRecord {
  std::optional<std::string> key = {};
  std::optional<std::string> value = {};
  std::vector<std::pair<std::string, std::optional<std::string>>> headers = {};
  std::optional<std::int32_t> partition = {};
  std::optional<std::int64_t> timestamp_ms = {};

  friend bool operator==(const ReadRecord&, const ReadRecord&) = default;
};

/// Immutable but for the number of the line. Owned by one thread.
class LineRecordReader {
 public:
  /// kInvalidArgument in Kafka's words: separators that are equal. Unknown properties are ignored.
  static Result<LineRecordReader> make(const Properties& properties);

  /// Of one line without its end. kInvalidArgument in Kafka's words, with the number of the line:
  /// a separator is missing and ignore.error is not true.
  Result<ReadRecord> read(std::string_view line);

 private:
  LineRecordReader() = default;

  Result<std::optional<std::string_view>> take(bool wanted,
                                               std::string_view& rest,
                                               std::string_view separator,
                                               std::string_view name,
                                               std::string_view line) const;
  Result<void> split_headers(std::string_view text, ReadRecord& record) const;
  [[nodiscard]] bool is_null(std::string_view text) const;

  bool parse_key_ = false;
  bool parse_headers_ = false;
  bool ignore_error_ = false;
  std::string key_separator_ = "\t";
  std::string headers_delimiter_ = "\t";
  std::string headers_separator_ = ",";
  std::string headers_key_separator_ = ":";
  std::optional<std::string> null_marker_;
  std::int64_t line_ = 0;
};

/// A line of `consume --format json`: {"key","value","headers","partition","timestamp"}, each may
/// be missing; texts, null, or {"base64": "…"}. kInvalidArgument says what is wrong.
Result<ReadRecord> read_json_record(std::string_view line);

}  // namespace millrace::cli
