#include "data/interval.h"

#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include "base/ascii.h"
#include "data/datetime.h"
#include "data/number_text.h"

namespace millrace::data {
namespace {

constexpr std::array<std::int64_t, 6> kMicrosOfUnit{
    0, 0, kMicrosPerDay, kMicrosPerHour, kMicrosPerMinute, kMicrosPerSecond};
// In months or microseconds.
constexpr std::array<std::int64_t, 6> kSizeOfUnit{
    12, 1, kMicrosPerDay, kMicrosPerHour, kMicrosPerMinute, kMicrosPerSecond};
// The largest value of a unit that is not the first.
constexpr std::array<std::int64_t, 6> kLargest{0, 11, 0, 23, 59, 59};
constexpr std::array<std::string_view, 6> kUnitNames{
    "YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"};

// What stands before a unit that is not the first: "1-2", "1 02:03:04".
char separator_before(std::size_t unit) {
  if (unit == 1) {
    return '-';
  }
  return unit == 3 ? ' ' : ':';
}

void append_two(std::string& out, std::uint64_t value) {
  if (value < 10) {
    out += '0';
  }
  out += std::to_string(value);
}

void append_micros_fraction(std::string& out, std::uint64_t micros) {
  if (micros == 0) {
    return;
  }
  std::string digits = std::to_string(micros);
  digits.insert(0, 6 - digits.size(), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  out += '.';
  out += digits;
}

void append_year_month(std::string& out,
                       std::uint64_t months,
                       std::size_t first,
                       std::size_t last) {
  if (first == last) {
    append_integer(out, static_cast<std::int64_t>(first == 0 ? months / 12 : months));
    return;
  }
  append_integer(out, static_cast<std::int64_t>(months / 12));
  out += '-';
  append_integer(out, static_cast<std::int64_t>(months % 12));
}

void append_day_time(std::string& out, std::uint64_t micros, std::size_t first, std::size_t last) {
  for (std::size_t unit = first; unit <= last; ++unit) {
    const auto size = static_cast<std::uint64_t>(kMicrosOfUnit[unit]);
    const std::uint64_t value = micros / size;
    micros %= size;
    if (unit == first) {
      // The first unit has two digits too, but for days.
      if (unit != 2) {
        append_two(out, value);
      } else {
        out += std::to_string(value);
      }
    } else {
      out += separator_before(unit);
      append_two(out, value);
    }
    if (unit == 5) {
      append_micros_fraction(out, micros);
    }
  }
}

// Digits; nothing when there are none or too many.
std::optional<std::int64_t> read_digits(std::string_view& text) {
  std::int64_t value = 0;
  std::size_t count = 0;
  while (count < text.size() && is_ascii_digit(text[count])) {
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, text[count] - '0', &value)) {
      return std::nullopt;
    }
    ++count;
  }
  text.remove_prefix(count);
  return count == 0 ? std::nullopt : std::optional(value);
}

// ".5": up to nine digits, those past the sixth dropped.
std::optional<std::int64_t> read_fraction(std::string_view& text) {
  text.remove_prefix(1);
  std::int64_t micros = 0;
  std::size_t count = 0;
  for (; count < text.size() && is_ascii_digit(text[count]); ++count) {
    if (count < 6) {
      micros = micros * 10 + (text[count] - '0');
    }
  }
  if (count == 0 || count > 9) {
    return std::nullopt;
  }
  for (std::size_t i = count; i < 6; ++i) {
    micros *= 10;
  }
  text.remove_prefix(count);
  return micros;
}

// Adds sign × value × size.
bool add_scaled(std::int64_t& total, std::int64_t value, std::int64_t size, bool negative) {
  std::int64_t scaled = 0;
  return !__builtin_mul_overflow(negative ? -value : value, size, &scaled) &&
         !__builtin_add_overflow(total, scaled, &total);
}

std::optional<IntervalUnit> unit_by_name(std::string_view name) {
  for (std::size_t i = 0; i < kUnitNames.size(); ++i) {
    if (equal_ignoring_case(name, kUnitNames[i])) {
      return static_cast<IntervalUnit>(i);
    }
  }
  return std::nullopt;
}

// The next word of a text, in any case; the text moves on.
std::string_view next_word(std::string_view& text) {
  text = trim_controls(text);
  std::size_t end = 0;
  while (end < text.size() && static_cast<unsigned char>(text[end]) > ' ') {
    ++end;
  }
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

// A unit of the calendar form.
struct CalendarUnit {
  std::string_view name;
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int64_t micros = 0;
};

constexpr std::array<CalendarUnit, 10> kCalendarUnits{{
    {.name = "year", .months = 12},
    {.name = "quarter", .months = 3},
    {.name = "month", .months = 1},
    {.name = "week", .days = 7},
    {.name = "day", .days = 1},
    {.name = "hour", .micros = kMicrosPerHour},
    {.name = "minute", .micros = kMicrosPerMinute},
    {.name = "second", .micros = kMicrosPerSecond},
    {.name = "millisecond", .micros = 1000},
    {.name = "microsecond", .micros = 1},
}};

const CalendarUnit* find_calendar_unit(std::string_view name) {
  for (const CalendarUnit& unit : kCalendarUnits) {
    if (equal_ignoring_case(name, unit.name) ||
        (!name.empty() && ascii_lower(name.back()) == 's' &&
         equal_ignoring_case(name.substr(0, name.size() - 1), unit.name))) {
      return &unit;
    }
  }
  return nullptr;
}

bool fits_int(std::int64_t value) {
  return value >= std::numeric_limits<std::int32_t>::min() &&
         value <= std::numeric_limits<std::int32_t>::max();
}

bool add_calendar(CalendarInterval& total, const CalendarUnit& unit, std::int64_t count) {
  std::int64_t months = total.months;
  std::int64_t days = total.days;
  std::int64_t micros = total.microseconds;
  if (!add_scaled(months, count, unit.months, /*negative=*/false) ||
      !add_scaled(days, count, unit.days, /*negative=*/false) ||
      !add_scaled(micros, count, unit.micros, /*negative=*/false) || !fits_int(months) ||
      !fits_int(days)) {
    return false;
  }
  total = {.months = static_cast<std::int32_t>(months),
           .days = static_cast<std::int32_t>(days),
           .microseconds = micros};
  return true;
}

// "3", "-3", "+3", "1.5": the fraction is for seconds only.
struct Amount {
  bool negative = false;
  std::int64_t whole = 0;
  std::int64_t micros = 0;
  bool fraction = false;
};

std::optional<Amount> read_amount(std::string_view& text) {
  Amount amount;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    amount.negative = text[0] == '-';
    text = trim_controls(text.substr(1));
  }
  const bool leading_dot = !text.empty() && text[0] == '.';
  if (!leading_dot) {
    const auto whole = read_digits(text);
    if (!whole) {
      return std::nullopt;
    }
    amount.whole = *whole;
  }
  if (!text.empty() && text[0] == '.') {
    amount.fraction = true;
    const auto micros = read_fraction(text);
    if (!micros) {
      return std::nullopt;
    }
    amount.micros = *micros;
  }
  return amount;
}

void append_unit(std::string& out, std::int64_t value, std::string_view name) {
  if (value != 0) {
    out += out.empty() ? "" : " ";
    append_integer(out, value);
    out += ' ';
    out += name;
  }
}

}  // namespace

void append_interval(std::string& out, const Type& type, std::int64_t value) {
  const auto first = static_cast<std::size_t>(type.interval_first());
  const auto last = static_cast<std::size_t>(type.interval_last());
  const std::uint64_t size =
      value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  out += value < 0 ? "INTERVAL '-" : "INTERVAL '";
  if (type.kind() == TypeKind::kYearMonthInterval) {
    append_year_month(out, size, first, last);
  } else {
    append_day_time(out, size, first, last);
  }
  out += "' ";
  out += kUnitNames[first];
  if (first != last) {
    out += " TO ";
    out += kUnitNames[last];
  }
}

std::string interval_to_string(const Type& type, std::int64_t value) {
  std::string text;
  append_interval(text, type, value);
  return text;
}

std::optional<std::int64_t> parse_interval_body(std::string_view text,
                                                IntervalUnit first,
                                                IntervalUnit last) {
  text = trim_controls(text);
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const auto begin = static_cast<std::size_t>(first);
  const auto end = static_cast<std::size_t>(last);
  std::int64_t total = 0;
  for (std::size_t unit = begin; unit <= end; ++unit) {
    if (unit != begin) {
      if (text.empty() || text[0] != separator_before(unit)) {
        return std::nullopt;
      }
      text.remove_prefix(1);
    }
    const auto value = read_digits(text);
    if (!value || (unit != begin && *value > kLargest[unit])) {
      return std::nullopt;
    }
    if (!add_scaled(total, *value, kSizeOfUnit[unit], negative)) {
      return std::nullopt;
    }
    if (unit == 5 && !text.empty() && text[0] == '.') {
      const auto micros = read_fraction(text);
      if (!micros || !add_scaled(total, *micros, 1, negative)) {
        return std::nullopt;
      }
    }
  }
  const bool is_months = first <= IntervalUnit::kMonth;
  if (!text.empty() || (is_months && !fits_int(total))) {
    return std::nullopt;
  }
  return total;
}

std::optional<std::int64_t> parse_interval(std::string_view text, const Type& type) {
  text = trim_controls(text);
  std::string_view rest = text;
  if (!equal_ignoring_case(rest.substr(0, 8), "INTERVAL")) {
    return parse_interval_body(text, type.interval_first(), type.interval_last());
  }
  rest = trim_controls(rest.substr(8));
  bool negative = false;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) {
    negative = rest[0] == '-';
    rest = trim_controls(rest.substr(1));
  }
  const std::size_t close = rest.find('\'', 1);
  if (rest.empty() || rest[0] != '\'' || close == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view body = rest.substr(1, close - 1);
  rest.remove_prefix(close + 1);
  const auto first = unit_by_name(next_word(rest));
  auto last = first;
  if (const std::string_view word = next_word(rest); !word.empty()) {
    last = unit_by_name(next_word(rest));
    if (!equal_ignoring_case(word, "TO") || !trim_controls(rest).empty()) {
      return std::nullopt;
    }
  }
  if (!first || !last || *first != type.interval_first() || *last != type.interval_last()) {
    return std::nullopt;
  }
  const auto value = parse_interval_body(body, *first, *last);
  if (!value || (negative && *value == std::numeric_limits<std::int64_t>::min())) {
    return std::nullopt;
  }
  return negative ? -*value : *value;
}

std::optional<CalendarInterval> parse_calendar_interval(std::string_view text) {
  text = trim_controls(text);
  if (equal_ignoring_case(text.substr(0, 8), "interval")) {
    text = trim_controls(text.substr(8));
  }
  CalendarInterval total;
  if (text.empty()) {
    return std::nullopt;
  }
  while (!text.empty()) {
    const std::optional<Amount> amount = read_amount(text);
    if (!amount || text.empty() || static_cast<unsigned char>(text[0]) > ' ') {
      return std::nullopt;
    }
    const CalendarUnit* unit = find_calendar_unit(next_word(text));
    if (unit == nullptr || (amount->fraction && unit->micros != kMicrosPerSecond) ||
        !add_calendar(total, *unit, amount->negative ? -amount->whole : amount->whole) ||
        !add_scaled(total.microseconds, amount->micros, 1, amount->negative)) {
      return std::nullopt;
    }
    text = trim_controls(text);
  }
  return total;
}

void append_calendar_interval(std::string& out, const CalendarInterval& value) {
  std::string text;
  append_unit(text, value.months / 12, "years");
  append_unit(text, value.months % 12, "months");
  append_unit(text, value.days, "days");
  std::int64_t rest = value.microseconds;
  append_unit(text, rest / kMicrosPerHour, "hours");
  rest %= kMicrosPerHour;
  append_unit(text, rest / kMicrosPerMinute, "minutes");
  rest %= kMicrosPerMinute;
  if (rest != 0) {
    text += text.empty() ? "" : " ";
    text += rest < 0 ? "-" : "";
    const auto size = static_cast<std::uint64_t>(rest < 0 ? -rest : rest);
    text += std::to_string(size / static_cast<std::uint64_t>(kMicrosPerSecond));
    append_micros_fraction(text, size % static_cast<std::uint64_t>(kMicrosPerSecond));
    text += " seconds";
  }
  out += text.empty() ? std::string("0 seconds") : text;
}

std::string calendar_interval_to_string(const CalendarInterval& value) {
  std::string text;
  append_calendar_interval(text, value);
  return text;
}

std::optional<CalendarInterval> interval_of_unit(std::int64_t count, std::string_view unit) {
  const CalendarUnit* found = find_calendar_unit(unit);
  CalendarInterval total;
  if (found == nullptr || !add_calendar(total, *found, count)) {
    return std::nullopt;
  }
  return total;
}

std::optional<std::int64_t> add_interval(std::int64_t utc_micros,
                                         const CalendarInterval& interval,
                                         const Zone& zone) {
  std::int64_t result = utc_micros;
  if (interval.months != 0 || interval.days != 0) {
    auto local = add_months_to_micros(zone.to_local(utc_micros), interval.months);
    if (!local || !add_scaled(*local, interval.days, kMicrosPerDay, /*negative=*/false)) {
      return std::nullopt;
    }
    result = zone.to_utc(*local);
  }
  if (__builtin_add_overflow(result, interval.microseconds, &result)) {
    return std::nullopt;
  }
  return result;
}

}  // namespace millrace::data
