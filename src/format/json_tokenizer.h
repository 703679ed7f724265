// JSON text as a stream of tokens, with the leniency that Spark's reader can be asked for. Complete
// rather than fast: the reference that the fast decoder is compared with and falls back to, and the
// reader of everything that is not a row of columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/json_options.h"

namespace millrace::format {

enum class JsonToken : std::uint8_t {
  kObjectBegin,
  kObjectEnd,
  kArrayBegin,
  kArrayEnd,
  kName,
  kString,
  kInteger,  ///< text() as written
  kFloat,    ///< text() as written; also NaN, Infinity, -Infinity, +INF, -INF
  kTrue,
  kFalse,
  kNull,
  kEnd,    ///< No more text. Text after the first whole value is not looked at.
  kError,  ///< No JSON; every further token is this one.
};

/// How copied floats look: as Java prints the double, or as they stand in the text.
enum class FloatCopy : std::uint8_t {
  kAsJava,
  kAsWritten
};

/// Owned by one thread.
class JsonTokenizer {
 public:
  /// Deeper nesting and longer numbers are errors, as for Spark.
  static constexpr std::size_t kDepthMax = 1000;
  static constexpr std::size_t kNumberMax = 1000;

  /// `text` is valid UTF-8 (to_valid_utf8) and stays alive.
  JsonTokenizer(std::string_view text, const JsonOptions& options)
      : text_(text), options_(options) {}

  JsonToken next();

  [[nodiscard]] JsonToken token() const { return token_; }

  /// The name or string without escapes (a lone surrogate is '?'), or the number as written. Valid
  /// until the next token.
  [[nodiscard]] std::string_view text() const { return value_; }

  /// After kObjectBegin or kArrayBegin: goes on to its end. Else nothing. False on an error.
  bool skip_children();

  /// Appends the value that begins at the current token as Jackson copies it: no white space,
  /// strings with the least of escapes. Goes on to its end. False on an error.
  bool copy_structure(std::string& out, FloatCopy floats = FloatCopy::kAsJava);

  /// Bytes read so far.
  [[nodiscard]] std::size_t position() const { return at_; }

 private:
  enum class State : std::uint8_t {
    kValue,
    kFirstInContainer,
    kAfterName,
    kAfterValue,
    kDone
  };

  JsonToken read();
  JsonToken read_value();
  JsonToken read_name();
  JsonToken open(bool object);
  JsonToken close(bool object);
  JsonToken read_string(char quote);
  JsonToken read_number();
  JsonToken read_word();
  bool read_escape();
  bool read_unicode();
  bool read_hex(char32_t& unit);
  bool skip_space();
  bool skip_comment();
  JsonToken value_done(JsonToken token);

  std::string_view text_;
  const JsonOptions& options_;
  std::size_t at_ = 0;
  State state_ = State::kValue;
  JsonToken token_ = JsonToken::kNull;
  std::vector<bool> objects_;  // The open containers: true = object.
  std::string_view value_;
  std::string buffer_;
};

/// White space between JSON's tokens.
constexpr bool is_json_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Appends a string in quotes with Jackson's escapes: \" \\ \b \t \n \f \r, other controls as
/// \u00XX with upper-case digits; everything else as it is.
void append_jackson_string(std::string& out, std::string_view text);

/// Appends a JSON number token as Jackson copies it: "-0" is 0, floats as Java prints doubles,
/// those beyond a double in quotes.
void append_jackson_number(std::string& out, std::string_view number, bool is_float);

}  // namespace millrace::format
