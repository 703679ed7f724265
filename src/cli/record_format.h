// Records as `millrace consume --format` prints them: text, raw, json, or a template of kcat's.
//
//   text      the value; with --key KEY<TAB>value, with --headers name=value,…<TAB>… before it.
//             Bytes that are no UTF-8 show as 0x… in hexadecimal, null as "null"
//   raw       the bytes of the value, each record followed by a newline
//   json      {"topic","partition","offset","timestamp","key","value","headers":[{"key","value"}]};
//             bytes that are no UTF-8 as {"base64": "…"}; `produce --format json` reads it
//   '%t[%p]@%o %k: %s\n'   a template:
//     %s %k %h    value (also %v), key, headers       %S %K     their bytes, -1 = null
//     %t %p %o    topic, partition, offset            %T %D     milliseconds, RFC 3339 in UTC
//     %R          the value's length in four bytes    %%        a percent sign
//     {hex} {base64} {json} after %s, %v, %k          \n \t \r \\ \xNN
//
// Tested by record_format_test.cc and record_format_fuzz.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/shown_record.h"

namespace millrace::cli {

/// What --format text shows beside the value.
struct RecordFormatOptions {
  bool key = false;
  bool headers = false;
};

/// Immutable.
class RecordFormat {
 public:
  /// kInvalidArgument names what is wrong in the template, or what formats there are.
  static Result<RecordFormat> make(std::string_view format,
                                   const RecordFormatOptions& options = {});

  void append(const ShownRecord& record, std::string& out) const;

 private:
  enum class Kind : std::uint8_t {
    kText,
    kRaw,
    kJson,
    kTemplate
  };

  enum class Encoding : std::uint8_t {
    kPlain,
    kHex,
    kBase64,
    kJson
  };

  /// A letter of a template, or the text before the next one.
  struct Piece {
    char letter = '\0';  ///< '\0': text.
    Encoding encoding = Encoding::kPlain;
    std::string text = {};
  };

  RecordFormat() = default;

  Result<void> parse_template(std::string_view text);
  Result<void> take_letter(std::string_view text, std::size_t& at);
  void append_piece(const Piece& piece, const ShownRecord& record, std::string& out) const;

  Kind kind_ = Kind::kText;
  RecordFormatOptions options_;
  std::vector<Piece> pieces_;
};

/// UTF-8 as it is, other bytes as 0x…, nothing as "null".
void append_shown(std::string& out, const std::optional<std::string_view>& bytes);

/// "2026-11-21T17:51:20.123Z"; "-" for a time before 1970 or none.
std::string rfc3339(std::int64_t timestamp_ms);

/// The text with \n, \t, \r, \\, \0 and \xNN as the characters they stand for; kInvalidArgument
/// for another letter after a backslash.
Result<std::string> unescape(std::string_view text);

}  // namespace millrace::cli
