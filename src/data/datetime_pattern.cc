#include "data/datetime_pattern.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include <fmt/core.h>

#include "base/ascii.h"

namespace millrace::data {
namespace {

constexpr std::size_t kMaxPattern = 1000;
constexpr int kUnset = std::numeric_limits<int>::min();
constexpr int kMaxNumberWidth = 19;

constexpr std::string_view kRefused = "YWwuecABnNp";
constexpr std::string_view kNotRead = "EFqQ";
constexpr std::string_view kKnown = "yMLdDQqEFGahKkHmsSVzOXxZ";
constexpr std::string_view kDateLetters = "yMLdDQqEFG";
constexpr std::string_view kZoneLetters = "VzOXxZ";

constexpr std::array<std::string_view, 12> kMonths{"January",
                                                   "February",
                                                   "March",
                                                   "April",
                                                   "May",
                                                   "June",
                                                   "July",
                                                   "August",
                                                   "September",
                                                   "October",
                                                   "November",
                                                   "December"};
constexpr std::array<std::string_view, 7> kDays{
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 2> kHalves{"AM", "PM"};
// Short and full.
constexpr std::array<std::array<std::string_view, 2>, 2> kEras{
    {{"BC", "AD"}, {"Before Christ", "Anno Domini"}}};
constexpr std::array<std::string_view, 4> kQuarters{
    "1st quarter", "2nd quarter", "3rd quarter", "4th quarter"};

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
           return ascii_lower(a) == ascii_lower(b);
         });
}

Error pattern_error(std::string_view pattern, std::string_view reason) {
  return {ErrorCode::kInvalidArgument, fmt::format("datetime pattern: {}: '{}'", reason, pattern)};
}

int max_count(char letter) {
  switch (letter) {
    case 'y':
      return 10;
    case 'M':
    case 'L':
    case 'Q':
    case 'q':
    case 'E':
    case 'G':
    case 'z':
    case 'O':
      return 4;
    case 'D':
      return 3;
    case 'S':
      return 9;
    case 'X':
    case 'x':
    case 'Z':
      return 5;
    case 'a':
    case 'F':
      return 1;
    default:  // d h H k K m s V
      return 2;
  }
}

void append_number(std::string& out, std::int64_t value, int width) {
  if (value < 0) {
    out += '-';
    value = -value;
  }
  const std::string digits = std::to_string(value);
  if (digits.size() < static_cast<std::size_t>(width)) {
    out.append(static_cast<std::size_t>(width) - digits.size(), '0');
  }
  out += digits;
}

// Years of four and more letters show a sign where they need more digits.
void append_year(std::string& out, std::int64_t year, int count) {
  if (count == 2) {
    append_number(out, (year % 100 + 100) % 100, 2);
    return;
  }
  if (count >= 4 &&
      std::to_string(year < 0 ? -year : year).size() > static_cast<std::size_t>(count) &&
      year > 0) {
    out += '+';
  }
  append_number(out, year, count);
}

void append_offset(std::string& out, std::int32_t seconds, char letter, int count) {
  if (seconds == 0 && (letter == 'X' || (letter == 'Z' && count == 5))) {
    out += 'Z';
    return;
  }
  const bool colons = letter == 'Z' ? count == 5 : count == 3 || count == 5;
  const std::int32_t size = seconds < 0 ? -seconds : seconds;
  out += seconds < 0 ? '-' : '+';
  append_number(out, size / 3600, 2);
  const std::int32_t minutes = size / 60 % 60;
  const std::int32_t rest = size % 60;
  const bool with_minutes = letter == 'Z' || count >= 2 || minutes != 0;
  const bool with_seconds = rest != 0 && (letter == 'Z' ? count == 5 : count >= 4);
  if (with_minutes) {
    out += colons ? ":" : "";
    append_number(out, minutes, 2);
  }
  if (with_seconds) {
    out += colons ? ":" : "";
    append_number(out, rest, 2);
  }
}

// "GMT", "GMT+8", "GMT+08:00".
void append_localized_offset(std::string& out, std::int32_t seconds, bool full) {
  out += "GMT";
  if (seconds == 0) {
    return;
  }
  const std::int32_t size = seconds < 0 ? -seconds : seconds;
  out += seconds < 0 ? '-' : '+';
  append_number(out, size / 3600, full ? 2 : 1);
  if (full || size % 3600 != 0) {
    out += ':';
    append_number(out, size / 60 % 60, 2);
  }
  if (size % 60 != 0) {
    out += ':';
    append_number(out, size % 60, 2);
  }
}

struct NumberForm {
  int least = 1;
  int most = kMaxNumberWidth;
  bool sign_beyond_width = false;  // '+' exactly where there are more digits than `least`.
  bool negative = true;
};

NumberForm number_form(char letter, int count) {
  if (letter == 'y') {
    if (count == 2) {
      return {.least = 2, .most = 2, .negative = false};
    }
    return {.least = count, .most = kMaxNumberWidth, .sign_beyond_width = count >= 4};
  }
  if (letter == 'D' && count > 1) {
    return {.least = count, .most = 3, .negative = false};
  }
  return count == 1 ? NumberForm{} : NumberForm{.least = 2, .most = 2, .negative = false};
}

bool is_number(char letter, int count) {
  return letter == 'y' || letter == 'd' || letter == 'D' || letter == 'h' || letter == 'K' ||
         letter == 'k' || letter == 'H' || letter == 'm' || letter == 's' ||
         ((letter == 'M' || letter == 'L') && count <= 2);
}

std::size_t digits_at(std::string_view text, std::size_t at, std::size_t most) {
  std::size_t count = 0;
  while (count < most && at + count < text.size() && is_ascii_digit(text[at + count])) {
    ++count;
  }
  return count;
}

// java.time's strict NumberPrinterParser: takes as many digits as the form allows, but leaves
// `reserved` of them to the numbers behind.
bool parse_number(std::string_view text,
                  std::size_t& at,
                  const NumberForm& form,
                  int reserved,
                  std::int64_t& value) {
  const bool has_sign = at < text.size() && (text[at] == '-' || text[at] == '+');
  const bool negative = has_sign && text[at] == '-';
  if (has_sign && (negative ? !form.negative : !form.sign_beyond_width)) {
    return false;
  }
  const std::size_t begin = at + (has_sign ? 1 : 0);
  const auto least = static_cast<std::size_t>(form.least);
  std::size_t count = digits_at(
      text,
      begin,
      static_cast<std::size_t>(form.most) + static_cast<std::size_t>(std::max(reserved, 0)));
  if (reserved > 0) {
    const auto left = static_cast<std::size_t>(reserved);
    count = std::max(least, count > left ? count - left : 0);
  }
  if (count < least || digits_at(text, begin, count) < count || count > 18) {
    return false;
  }
  if (form.sign_beyond_width && !negative && (count > least) != has_sign) {
    return false;
  }
  value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value = value * 10 + (text[begin + i] - '0');
  }
  value = negative ? -value : value;
  at = begin + count;
  return true;
}

// The offset that X, x and Z print; their form is fixed by the count of letters.
bool parse_offset(
    std::string_view text, std::size_t& at, char letter, int count, std::optional<Zone>& zone) {
  const bool zulu = letter == 'X' || (letter == 'Z' && count == 5);
  if (zulu && at < text.size() && ascii_lower(text[at]) == 'z') {
    zone = Zone::fixed(0);
    ++at;
    return true;
  }
  if (at >= text.size() || (text[at] != '+' && text[at] != '-')) {
    return false;
  }
  const bool negative = text[at] == '-';
  const bool colons = letter == 'Z' ? count == 5 : count == 3 || count == 5;
  // How many of hours, minutes, seconds have to be there, and may be.
  const int least = letter != 'Z' && count == 1 ? 1 : 2;
  const bool with_seconds = letter == 'Z' ? count == 5 : count >= 4;
  const int most = with_seconds ? 3 : 2;
  std::array<std::int32_t, 3> parts{};
  std::size_t from = at + 1;
  int read = 0;
  for (; read < most; ++read) {
    std::size_t next = from;
    if (read > 0 && colons) {
      if (next >= text.size() || text[next] != ':') {
        break;
      }
      ++next;
    }
    if (digits_at(text, next, 2) < 2) {
      break;
    }
    parts[static_cast<std::size_t>(read)] = (text[next] - '0') * 10 + (text[next + 1] - '0');
    from = next + 2;
  }
  const std::int32_t seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
  if (read < least || parts[1] > 59 || parts[2] > 59 || seconds > 18 * 3600) {
    return false;
  }
  zone = Zone::fixed(negative ? -seconds : seconds);
  at = from;
  return true;
}

// The longest run of characters that names a zone.
bool parse_zone_name(std::string_view text, std::size_t& at, std::optional<Zone>& zone) {
  std::size_t end = at;
  while (end < text.size() &&
         (is_ascii_letter(text[end]) || is_ascii_digit(text[end]) ||
          std::string_view("/_-+:").find(text[end]) != std::string_view::npos)) {
    ++end;
  }
  for (; end > at; --end) {
    zone = Zone::find(text.substr(at, end - at));
    if (zone) {
      at = end;
      return true;
    }
  }
  return false;
}

template <std::size_t N>
bool parse_name(std::string_view text,
                std::size_t& at,
                const std::array<std::string_view, N>& names,
                std::size_t width,
                int& index) {
  for (std::size_t i = 0; i < N; ++i) {
    const std::string_view name = names[i].substr(0, width);
    if (starts_with_ignoring_case(text.substr(at), name)) {
      at += name.size();
      index = static_cast<int>(i);
      return true;
    }
  }
  return false;
}

}  // namespace

// What has been read so far. A second reading of one field has to agree with the first.
struct DatetimePattern::Fields {
  std::int64_t year = kUnset;
  std::int64_t month = kUnset;
  std::int64_t day = kUnset;
  std::int64_t day_of_year = kUnset;
  std::int64_t hour = kUnset;          // 0..23
  std::int64_t hour_of_half = kUnset;  // 0..11
  std::int64_t half = kUnset;          // 0 = AM
  std::int64_t minute = kUnset;
  std::int64_t second = kUnset;
  std::int64_t micros = kUnset;
  std::int64_t era = kUnset;  // 1 = AD
  std::optional<Zone> zone;

  static bool set(std::int64_t& field, std::int64_t value, std::int64_t low, std::int64_t high) {
    if (value < low || value > high || (field != kUnset && field != value)) {
      return false;
    }
    field = value;
    return true;
  }

  bool set_number(char letter, std::int64_t value) {
    switch (letter) {
      case 'y':
        return set(year, value, -999'999'999, 999'999'999);
      case 'M':
      case 'L':
        return set(month, value, 1, 12);
      case 'd':
        return set(day, value, 1, 31);
      case 'D':
        return set(day_of_year, value, 1, 366);
      case 'H':
        return set(hour, value, 0, 23);
      case 'k':
        return value >= 1 && set(hour, value % 24, 0, value == 24 ? 0 : 23) && value <= 24;
      case 'K':
        return set(hour_of_half, value, 0, 11);
      case 'h':
        return value >= 1 && value <= 12 && set(hour_of_half, value % 12, 0, 11);
      case 'm':
        return set(minute, value, 0, 59);
      default:
        return set(second, value, 0, 59);
    }
  }

  [[nodiscard]] static std::int32_t get(std::int64_t field, std::int32_t fallback) {
    return field == kUnset ? fallback : static_cast<std::int32_t>(field);
  }

  [[nodiscard]] std::optional<CivilDate> date() const {
    std::int64_t proleptic = year == kUnset ? 1970 : year;
    if (era != kUnset && year != kUnset) {
      if (year < 1) {
        return std::nullopt;
      }
      proleptic = era == 1 ? year : 1 - year;
    }
    if (day_of_year != kUnset) {
      const std::int64_t first = days_from_civil(proleptic, 1, 1);
      const CivilDate found = civil_from_days(first + day_of_year - 1);
      const bool agrees = found.year == proleptic && (month == kUnset || month == found.month) &&
                          (day == kUnset || day == found.day);
      return agrees ? std::optional(found) : std::nullopt;
    }
    const CivilDate found{
        .year = static_cast<std::int32_t>(proleptic), .month = get(month, 1), .day = get(day, 1)};
    return is_valid_date(found.year, found.month, found.day) ? std::optional(found) : std::nullopt;
  }

  // An hour of half a day without AM or PM is in the morning; PM without an hour is noon.
  [[nodiscard]] std::optional<std::int32_t> hour_of_day() const {
    std::int64_t from_half = kUnset;
    if (hour_of_half != kUnset) {
      from_half = hour_of_half + (half == 1 ? 12 : 0);
    }
    if (hour == kUnset) {
      return from_half == kUnset ? get(kUnset, half == 1 ? 12 : 0)
                                 : static_cast<std::int32_t>(from_half);
    }
    const bool agrees = (hour_of_half == kUnset || hour_of_half == hour % 12) &&
                        (half == kUnset || half == hour / 12);
    return agrees ? std::optional(static_cast<std::int32_t>(hour)) : std::nullopt;
  }
};

struct DatetimePattern::Moment {
  CivilTime time;
  std::int64_t days = 0;
  std::int64_t utc_micros = 0;
  std::int32_t offset = 0;
  const Zone* zone = nullptr;
};

Result<DatetimePattern> DatetimePattern::for_formatting(std::string_view pattern) {
  return compile(pattern, /*parsing=*/false);
}

Result<DatetimePattern> DatetimePattern::for_parsing(std::string_view pattern) {
  return compile(pattern, /*parsing=*/true);
}

Result<DatetimePattern> DatetimePattern::compile(std::string_view pattern, bool parsing) {
  if (pattern.size() > kMaxPattern) {
    return pattern_error(pattern.substr(0, 40), "longer than 1000 characters");
  }
  DatetimePattern result;
  result.text_ = pattern;
  std::vector<std::size_t> open;
  const auto add_literal = [&](char c) {
    if (result.elements_.empty() || result.elements_.back().kind != Kind::kLiteral) {
      result.elements_.push_back({.kind = Kind::kLiteral, .literal = {}});
    }
    result.elements_.back().literal += c;
  };
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if (is_ascii_letter(c)) {
      const std::size_t end = std::min(pattern.find_first_not_of(c, at), pattern.size());
      TRY(result.add_letters(c, static_cast<int>(end - at), parsing));
      at = end - 1;
    } else if (c == '\'') {
      // Two quotes are one quote, inside a literal too.
      std::size_t end = at + 1;
      for (; end < pattern.size(); ++end) {
        if (pattern[end] != '\'') {
          add_literal(pattern[end]);
        } else if (end + 1 < pattern.size() && pattern[end + 1] == '\'' && end != at + 1) {
          add_literal('\'');
          ++end;
        } else {
          break;
        }
      }
      if (end >= pattern.size()) {
        return pattern_error(pattern, "a quote is not closed");
      }
      if (end == at + 1) {
        add_literal('\'');
      }
      at = end;
    } else if (c == '[') {
      open.push_back(result.elements_.size());
      result.elements_.push_back({.kind = Kind::kOptionalBegin, .literal = {}});
    } else if (c == ']') {
      if (open.empty()) {
        return pattern_error(pattern, "']' without '['");
      }
      result.elements_[open.back()].match = result.elements_.size();
      open.pop_back();
      result.elements_.push_back({.kind = Kind::kOptionalEnd, .literal = {}});
    } else if (c == '{' || c == '}' || c == '#') {
      return pattern_error(pattern, fmt::format("'{}' is reserved", c));
    } else {
      add_literal(c);
    }
  }
  // Java closes open sections at the end.
  for (; !open.empty(); open.pop_back()) {
    result.elements_[open.back()].match = result.elements_.size();
    result.elements_.push_back({.kind = Kind::kOptionalEnd, .literal = {}});
  }
  result.reserve_adjacent();
  return result;
}

Result<void> DatetimePattern::add_letters(char letter, int count, bool parsing) {
  if (kRefused.find(letter) != std::string_view::npos ||
      (parsing && kNotRead.find(letter) != std::string_view::npos)) {
    return pattern_error(text_,
                         fmt::format("letter '{}' is refused, as by Spark 3 and later", letter));
  }
  if (kKnown.find(letter) == std::string_view::npos) {
    return pattern_error(text_, fmt::format("unknown letter '{}'", letter));
  }
  if (count > max_count(letter) || (letter == 'V' && count != 2) ||
      (letter == 'O' && count != 1 && count != 4)) {
    return pattern_error(text_, fmt::format("wrong number of letters '{}'", letter));
  }
  elements_.push_back({.kind = Kind::kLetter, .letter = letter, .count = count, .literal = {}});
  return {};
}

// A number of variable width that is followed at once by numbers of fixed width leaves them their
// digits: yyyyMMdd.
void DatetimePattern::reserve_adjacent() {
  Element* active = nullptr;
  for (Element& element : elements_) {
    if (element.kind != Kind::kLetter || !is_number(element.letter, element.count)) {
      active = nullptr;
      continue;
    }
    const NumberForm form = number_form(element.letter, element.count);
    if (form.least == form.most && active != nullptr) {
      active->reserved += form.most;
    } else {
      active = form.least == form.most ? nullptr : &element;
    }
  }
}

bool DatetimePattern::has_zone() const {
  return std::any_of(elements_.begin(), elements_.end(), [](const Element& element) {
    return element.kind == Kind::kLetter &&
           kZoneLetters.find(element.letter) != std::string_view::npos;
  });
}

void DatetimePattern::format(std::string& out, std::int64_t utc_micros, const Zone& zone) const {
  const std::int64_t local = zone.to_local(utc_micros);
  const Moment moment{.time = civil_from_micros(local),
                      .days = day_of_micros(local),
                      .utc_micros = utc_micros,
                      .offset = zone.offset_at(utc_micros),
                      .zone = &zone};
  for (const Element& element : elements_) {
    append_element(out, element, moment);
  }
}

void DatetimePattern::format_local(std::string& out, std::int64_t local_micros) const {
  format(out, local_micros, Zone());
}

void DatetimePattern::append_element(std::string& out,
                                     const Element& element,
                                     const Moment& moment) const {
  if (element.kind != Kind::kLetter) {
    out += element.literal;
  } else if (kDateLetters.find(element.letter) != std::string_view::npos) {
    append_date_letter(out, element, moment);
  } else if (kZoneLetters.find(element.letter) != std::string_view::npos) {
    append_zone_letter(out, element, moment);
  } else {
    append_time_letter(out, element, moment);
  }
}

void DatetimePattern::append_date_letter(std::string& out,
                                         const Element& element,
                                         const Moment& moment) const {
  const CivilDate& date = moment.time.date;
  const int count = element.count;
  const int quarter = (date.month - 1) / 3;
  switch (element.letter) {
    case 'y': {
      // With an era the year counts within it.
      const bool within_era = date.year < 1 && text_.find('G') != std::string::npos;
      return append_year(out, within_era ? 1 - date.year : date.year, count);
    }
    case 'M':
    case 'L':
      if (count <= 2) {
        return append_number(out, date.month, count);
      }
      out += kMonths[static_cast<std::size_t>(date.month - 1)].substr(
          0, count == 3 ? 3 : std::string_view::npos);
      return;
    case 'd':
      return append_number(out, date.day, count);
    case 'D':
      return append_number(out, day_of_year(date), count);
    case 'Q':
    case 'q':
      if (count == 4) {
        out += kQuarters[static_cast<std::size_t>(quarter)];
        return;
      }
      out += count == 3 ? "Q" : "";
      return append_number(out, quarter + 1, count == 2 ? 2 : 1);
    case 'E':
      out += kDays[static_cast<std::size_t>(day_of_week(moment.days) - 1)].substr(
          0, count <= 3 ? 3 : std::string_view::npos);
      return;
    case 'F':
      return append_number(out, (date.day - 1) / 7 + 1, count);
    default:
      out += kEras[count <= 3 ? 0 : 1][date.year > 0 ? 1 : 0];
  }
}

void DatetimePattern::append_time_letter(std::string& out,
                                         const Element& element,
                                         const Moment& moment) {
  const CivilTime& time = moment.time;
  const int count = element.count;
  switch (element.letter) {
    case 'a':
      out += kHalves[time.hour < 12 ? 0 : 1];
      return;
    case 'h':
      return append_number(out, (time.hour + 11) % 12 + 1, count);
    case 'K':
      return append_number(out, time.hour % 12, count);
    case 'k':
      return append_number(out, (time.hour + 23) % 24 + 1, count);
    case 'H':
      return append_number(out, time.hour, count);
    case 'm':
      return append_number(out, time.minute, count);
    case 's':
      return append_number(out, time.second, count);
    default: {
      std::string digits;
      append_number(digits, std::int64_t{time.micros} * 1000, 9);
      out.append(digits, 0, static_cast<std::size_t>(count));
    }
  }
}

void DatetimePattern::append_zone_letter(std::string& out,
                                         const Element& element,
                                         const Moment& moment) {
  const int count = element.count;
  if (element.letter == 'V') {
    out += moment.zone->name();
  } else if (element.letter == 'z') {
    out += moment.zone->abbreviation_at(moment.utc_micros);
  } else if (element.letter == 'O' || (element.letter == 'Z' && count == 4)) {
    append_localized_offset(out, moment.offset, count == 4);
  } else {
    append_offset(out, moment.offset, element.letter, count);
  }
}

std::optional<ParsedDatetime> DatetimePattern::parse(std::string_view text) const {
  Fields fields;
  std::size_t at = 0;
  if (!parse_range(text, at, 0, elements_.size(), fields) || at != text.size()) {
    return std::nullopt;
  }
  const std::optional<CivilDate> date = fields.date();
  const std::optional<std::int32_t> hour = fields.hour_of_day();
  if (!date || !hour) {
    return std::nullopt;
  }
  return ParsedDatetime{.time = {.date = *date,
                                 .hour = *hour,
                                 .minute = Fields::get(fields.minute, 0),
                                 .second = Fields::get(fields.second, 0),
                                 .micros = Fields::get(fields.micros, 0)},
                        .zone = fields.zone};
}

bool DatetimePattern::parse_range(std::string_view text,
                                  std::size_t& at,
                                  std::size_t from,
                                  std::size_t to,
                                  Fields& fields) const {
  for (std::size_t i = from; i < to; ++i) {
    const Element& element = elements_[i];
    if (element.kind == Kind::kOptionalBegin) {
      // Is read whole or not at all.
      Fields inner = fields;
      std::size_t inner_at = at;
      if (parse_range(text, inner_at, i + 1, element.match, inner)) {
        fields = inner;
        at = inner_at;
      }
      i = element.match;
    } else if (element.kind == Kind::kLiteral) {
      if (!starts_with_ignoring_case(text.substr(at), element.literal)) {
        return false;
      }
      at += element.literal.size();
    } else if (!parse_element(text, at, element, fields)) {
      return false;
    }
  }
  return true;
}

bool DatetimePattern::parse_element(std::string_view text,
                                    std::size_t& at,
                                    const Element& element,
                                    Fields& fields) const {
  const int count = element.count;
  if (is_number(element.letter, count)) {
    std::int64_t value = 0;
    if (!parse_number(text, at, number_form(element.letter, count), element.reserved, value)) {
      return false;
    }
    if (element.letter == 'y' && count == 2) {
      value += 2000;
    }
    return fields.set_number(element.letter, value);
  }
  int index = 0;
  switch (element.letter) {
    case 'M':
    case 'L':
      return parse_name(text, at, kMonths, count == 3 ? 3 : std::string_view::npos, index) &&
             Fields::set(fields.month, index + 1, 1, 12);
    case 'a':
      return parse_name(text, at, kHalves, 2, index) && Fields::set(fields.half, index, 0, 1);
    case 'G':
      return parse_name(text, at, kEras[count <= 3 ? 0 : 1], std::string_view::npos, index) &&
             Fields::set(fields.era, index, 0, 1);
    case 'S': {
      const std::size_t digits = digits_at(text, at, static_cast<std::size_t>(count));
      std::int64_t micros = 0;
      for (std::size_t i = 0; i < 6; ++i) {
        micros = micros * 10 + (i < digits ? text[at + i] - '0' : 0);
      }
      at += digits;
      return digits > 0 && Fields::set(fields.micros, micros, 0, 999'999);
    }
    case 'X':
    case 'x':
      return parse_offset(text, at, element.letter, count, fields.zone);
    case 'Z':
      return count == 4 ? parse_zone_name(text, at, fields.zone)
                        : parse_offset(text, at, 'Z', count, fields.zone);
    default:
      return parse_zone_name(text, at, fields.zone);
  }
}

std::optional<std::int64_t> DatetimePattern::parse_timestamp(std::string_view text,
                                                             const Zone& session) const {
  const std::optional<ParsedDatetime> parsed = parse(text);
  if (!parsed) {
    return std::nullopt;
  }
  const std::optional<std::int64_t> local = micros_from_civil(parsed->time);
  if (!local) {
    return std::nullopt;
  }
  return parsed->zone ? parsed->zone->to_utc(*local) : session.to_utc(*local);
}

std::optional<std::int64_t> DatetimePattern::parse_timestamp_ntz(std::string_view text) const {
  const std::optional<ParsedDatetime> parsed = parse(text);
  return parsed ? micros_from_civil(parsed->time) : std::nullopt;
}

std::optional<std::int32_t> DatetimePattern::parse_date(std::string_view text) const {
  const std::optional<ParsedDatetime> parsed = parse(text);
  if (!parsed) {
    return std::nullopt;
  }
  const CivilDate& date = parsed->time.date;
  const std::int64_t days = days_from_civil(date.year, date.month, date.day);
  if (days < std::numeric_limits<std::int32_t>::min() ||
      days > std::numeric_limits<std::int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(days);
}

}  // namespace millrace::data
