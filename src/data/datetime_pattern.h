// Spark's datetime patterns (streaming-sql.md §5.3): compiled once, then used for formatting or for
// strict parsing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/datetime.h"
#include "data/zone.h"

namespace millrace::data {

/// What a text said, by a pattern.
struct ParsedDatetime {
  CivilTime time;            ///< Fields that the pattern lacks: 1970-01-01 00:00:00.
  std::optional<Zone> zone;  ///< Only if the pattern has a zone or offset letter.
};

/// Immutable.
class DatetimePattern {
 public:
  /// Errors (kInvalidArgument): letters that Spark refuses or that do not exist, too many of one
  /// letter, an open quote or section, more than 1,000 characters.
  static Result<DatetimePattern> for_formatting(std::string_view pattern);
  /// Also refuses E, F, Q and q, which Spark does not read.
  static Result<DatetimePattern> for_parsing(std::string_view pattern);

  /// Appends a moment, shown in a zone.
  void format(std::string& out, std::int64_t utc_micros, const Zone& zone) const;
  /// Appends local µs (DATE, TIMESTAMP_NTZ); zone letters print UTC.
  void format_local(std::string& out, std::int64_t local_micros) const;

  /// Nothing unless the whole text matches and its fields make a date and time.
  [[nodiscard]] std::optional<ParsedDatetime> parse(std::string_view text) const;
  /// A moment; the session's zone holds where the text has none.
  [[nodiscard]] std::optional<std::int64_t> parse_timestamp(std::string_view text,
                                                            const Zone& session) const;
  /// Local µs. A pattern with a zone reads it and drops it.
  [[nodiscard]] std::optional<std::int64_t> parse_timestamp_ntz(std::string_view text) const;
  [[nodiscard]] std::optional<std::int32_t> parse_date(std::string_view text) const;

  [[nodiscard]] const std::string& text() const { return text_; }

  /// Whether a zone or offset letter occurs.
  [[nodiscard]] bool has_zone() const;

 private:
  enum class Kind : std::uint8_t {
    kLetter,
    kLiteral,
    kOptionalBegin,
    kOptionalEnd
  };

  struct Element {
    Kind kind = Kind::kLetter;
    char letter = 0;
    int count = 0;
    // Digits that fixed-width numbers right behind this one need (adjacent value parsing).
    int reserved = 0;
    std::string literal;
    std::size_t match = 0;  // Of an optional section's beginning: the index of its end.
  };

  struct Fields;
  struct Moment;

  static Result<DatetimePattern> compile(std::string_view pattern, bool parsing);
  Result<void> add_letters(char letter, int count, bool parsing);
  void reserve_adjacent();
  void append_element(std::string& out, const Element& element, const Moment& moment) const;
  void append_date_letter(std::string& out, const Element& element, const Moment& moment) const;
  static void append_time_letter(std::string& out, const Element& element, const Moment& moment);
  static void append_zone_letter(std::string& out, const Element& element, const Moment& moment);
  bool parse_range(std::string_view text,
                   std::size_t& at,
                   std::size_t from,
                   std::size_t to,
                   Fields& fields) const;
  bool parse_element(std::string_view text,
                     std::size_t& at,
                     const Element& element,
                     Fields& fields) const;

  std::string text_;
  std::vector<Element> elements_;
};

}  // namespace millrace::data
