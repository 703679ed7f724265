#include "data/datetime.h"

#include <array>
#include <limits>

#include "base/ascii.h"
#include "data/number_text.h"
#include "data/zone.h"

namespace millrace::data {
namespace {

constexpr std::int64_t kMaxYear = 999'999'999;

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  const std::int64_t quotient = value / by;
  return value % by < 0 ? quotient - 1 : quotient;
}

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  char digits[24];
  std::size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0);
  while (count < width) {
    digits[count++] = '0';
  }
  while (count > 0) {
    out += digits[--count];
  }
}

// ".5" of 500,000 µs; nothing of 0.
void append_fraction(std::string& out, std::int64_t micros) {
  if (micros == 0) {
    return;
  }
  out += '.';
  append_padded(out, micros, 6);
  while (out.back() == '0') {
    out.pop_back();
  }
}

void append_clock(std::string& out, const CivilTime& time) {
  append_padded(out, time.hour, 2);
  out += ':';
  append_padded(out, time.minute, 2);
  out += ':';
  append_padded(out, time.second, 2);
  append_fraction(out, time.micros);
}

void append_civil_date(std::string& out, const CivilDate& date) {
  if (date.year < 0) {
    out += '-';
  } else if (date.year > 9999) {
    out += '+';
  }
  append_padded(out, date.year < 0 ? -std::int64_t{date.year} : date.year, 4);
  out += '-';
  append_padded(out, date.month, 2);
  out += '-';
  append_padded(out, date.day, 2);
}

// Reads the segments of a timestamp: year, month, day, hour, minute, second, fraction. Each has its
// count of digits and a separator that leads to the next; a time without a date begins at the hour.
// Owned by one thread.
class TimestampSplitter {
 public:
  explicit TimestampSplitter(std::string_view text) : text_(trim_controls(text)) {}

  std::optional<TimestampText> split() {
    if (text_.empty() || !read_sign() || !read_segments()) {
      return std::nullopt;
    }
    return assemble();
  }

 private:
  enum Segment : std::size_t {
    kYear,
    kMonth,
    kDay,
    kHour,
    kMinute,
    kSecond,
    kFraction,
    kCount
  };

  bool read_sign() {
    if (text_[0] == '-' || text_[0] == '+') {
      signed_ = true;
      negative_ = text_[0] == '-';
      at_ = 1;
    } else if (text_[0] == 'T') {
      time_only_ = true;
      segment_ = kHour;
      at_ = 1;
    }
    return at_ < text_.size();
  }

  bool read_segments() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (is_ascii_digit(c)) {
        add_digit(c - '0');
      } else if (segment_ >= kSecond && c != '.') {
        // What follows the seconds or their fraction is a zone.
        zone_ = trim_controls(text_.substr(at_));
        break;
      } else if (!separator(c)) {
        return false;
      }
    }
    return close_segment();
  }

  void add_digit(int digit) {
    if (segment_ != kFraction || digits_ < 6) {
      value_ = value_ > 9'999'999 ? value_ : value_ * 10 + digit;
    }
    ++digits_;
  }

  // Whether the segment's count of digits is right; stores it.
  bool close_segment() {
    const bool right = segment_ == kFraction || (segment_ == kYear ? digits_ >= 4 && digits_ <= 6
                                                                   : digits_ >= 1 && digits_ <= 2);
    if (segment_ == kFraction) {
      for (int digits = digits_; digits < 6; ++digits) {
        value_ *= 10;
      }
    }
    values_[segment_] = value_;
    value_ = 0;
    digits_ = 0;
    return right;
  }

  bool separator(char c) {
    if (segment_ == kYear && c == ':' && !signed_) {
      time_only_ = true;
      segment_ = kHour;
    }
    const bool expected = ((segment_ == kYear || segment_ == kMonth) && c == '-') ||
                          (segment_ == kDay && (c == ' ' || c == 'T')) ||
                          ((segment_ == kHour || segment_ == kMinute) && c == ':') ||
                          (segment_ == kSecond && c == '.');
    if (!expected || !close_segment()) {
      return false;
    }
    ++segment_;
    return true;
  }

  std::optional<TimestampText> assemble() const {
    const std::int32_t year = negative_ ? -values_[kYear] : values_[kYear];
    if (values_[kHour] > 23 || values_[kMinute] > 59 || values_[kSecond] > 59) {
      return std::nullopt;
    }
    TimestampText result;
    result.time_only = time_only_;
    result.zone = zone_;
    if (!time_only_) {
      if (!is_valid_date(year, values_[kMonth], values_[kDay])) {
        return std::nullopt;
      }
      result.time.date = {.year = year, .month = values_[kMonth], .day = values_[kDay]};
    }
    result.time.hour = values_[kHour];
    result.time.minute = values_[kMinute];
    result.time.second = values_[kSecond];
    result.time.micros = values_[kFraction];
    return result;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t segment_ = kYear;
  std::int32_t value_ = 0;
  int digits_ = 0;
  bool signed_ = false;
  bool negative_ = false;
  bool time_only_ = false;
  std::string_view zone_;
  std::array<std::int32_t, kCount> values_{1, 1, 1, 0, 0, 0, 0};
};

std::int64_t clock_micros(const CivilTime& time) {
  return time.hour * kMicrosPerHour + time.minute * kMicrosPerMinute +
         time.second * kMicrosPerSecond + time.micros;
}

}  // namespace

bool is_leap_year(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

std::int32_t days_in_month(std::int64_t year, std::int32_t month) {
  if (month == 2) {
    return is_leap_year(year) ? 29 : 28;
  }
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool is_valid_date(std::int64_t year, std::int32_t month, std::int32_t day) {
  return year >= -kMaxYear && year <= kMaxYear && month >= 1 && month <= 12 && day >= 1 &&
         day <= days_in_month(year, month);
}

// Years begin in March, so that the leap day is the last; 400 years are an era of 146,097 days
// (Hinnant, chrono-compatible low-level date algorithms).
std::int64_t days_from_civil(std::int64_t year, std::int32_t month, std::int32_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = floor_divide(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate civil_from_days(std::int64_t days) {
  days += 719468;
  const std::int64_t era = floor_divide(days, 146097);
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<std::int32_t>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const auto month =
      static_cast<std::int32_t>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return {.year = static_cast<std::int32_t>(year), .month = month, .day = day};
}

std::int32_t day_of_year(const CivilDate& date) {
  return static_cast<std::int32_t>(days_from_civil(date.year, date.month, date.day) -
                                   days_from_civil(date.year, 1, 1) + 1);
}

std::int32_t day_of_week(std::int64_t days) {
  // 1970-01-01 was a Thursday.
  const std::int64_t shifted = days + 3;
  return static_cast<std::int32_t>(shifted - floor_divide(shifted, 7) * 7 + 1);
}

std::int64_t day_of_micros(std::int64_t micros) {
  return floor_divide(micros, kMicrosPerDay);
}

std::int64_t micros_of_day(std::int64_t micros) {
  const std::int64_t rest = micros % kMicrosPerDay;
  return rest < 0 ? rest + kMicrosPerDay : rest;
}

CivilTime civil_from_micros(std::int64_t local_micros) {
  const std::int64_t rest = micros_of_day(local_micros);
  return {.date = civil_from_days(day_of_micros(local_micros)),
          .hour = static_cast<std::int32_t>(rest / kMicrosPerHour),
          .minute = static_cast<std::int32_t>(rest / kMicrosPerMinute % 60),
          .second = static_cast<std::int32_t>(rest / kMicrosPerSecond % 60),
          .micros = static_cast<std::int32_t>(rest % kMicrosPerSecond)};
}

std::optional<std::int64_t> micros_from_civil(const CivilTime& time) {
  const std::int64_t days = days_from_civil(time.date.year, time.date.month, time.date.day);
  // Before 1970 the last day would overflow on its way to a moment that fits.
  const std::int64_t near_days = days < 0 ? days + 1 : days;
  const std::int64_t clock = clock_micros(time) - (days < 0 ? kMicrosPerDay : 0);
  std::int64_t micros = 0;
  if (__builtin_mul_overflow(near_days, kMicrosPerDay, &micros) ||
      __builtin_add_overflow(micros, clock, &micros)) {
    return std::nullopt;
  }
  return micros;
}

std::optional<std::int32_t> add_months(std::int32_t days, std::int64_t months) {
  const CivilDate date = civil_from_days(days);
  std::int64_t total = std::int64_t{date.year} * 12 + date.month - 1;
  if (__builtin_add_overflow(total, months, &total)) {
    return std::nullopt;
  }
  const std::int64_t year = floor_divide(total, 12);
  const auto month = static_cast<std::int32_t>(total - year * 12 + 1);
  if (year < -kMaxYear || year > kMaxYear) {
    return std::nullopt;
  }
  const std::int32_t day = std::min(date.day, days_in_month(year, month));
  const std::int64_t result = days_from_civil(year, month, day);
  if (result < std::numeric_limits<std::int32_t>::min() ||
      result > std::numeric_limits<std::int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(result);
}

std::optional<std::int64_t> add_months_to_micros(std::int64_t local_micros, std::int64_t months) {
  const auto day = static_cast<std::int32_t>(day_of_micros(local_micros));
  const std::optional<std::int32_t> moved = add_months(day, months);
  if (!moved) {
    return std::nullopt;
  }
  CivilTime time = civil_from_micros(local_micros);
  time.date = civil_from_days(*moved);
  return micros_from_civil(time);
}

std::optional<std::int32_t> parse_date(std::string_view text) {
  text = trim_controls(text);
  if (text.empty()) {
    return std::nullopt;
  }
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') {
    text.remove_prefix(1);
  }
  std::array<std::int32_t, 3> values{1, 1, 1};
  std::size_t segment = 0;
  int digits = 0;
  std::int32_t value = 0;
  const auto right = [&] {
    return segment == 0 ? digits >= 4 && digits <= 7 : digits >= 1 && digits <= 2;
  };
  std::size_t at = 0;
  for (; at < text.size() && text[at] != ' ' && text[at] != 'T'; ++at) {
    const char c = text[at];
    if (segment < 2 && c == '-' && right()) {
      values[segment++] = value;
      value = 0;
      digits = 0;
    } else if (is_ascii_digit(c) && digits < 7) {
      value = value * 10 + (c - '0');
      ++digits;
    } else {
      return std::nullopt;
    }
  }
  // A year or a year and a month have to be the whole text.
  if (!right() || (segment < 2 && at < text.size())) {
    return std::nullopt;
  }
  values[segment] = value;
  const std::int32_t year = negative ? -values[0] : values[0];
  if (!is_valid_date(year, values[1], values[2])) {
    return std::nullopt;
  }
  const std::int64_t days = days_from_civil(year, values[1], values[2]);
  if (days < std::numeric_limits<std::int32_t>::min() ||
      days > std::numeric_limits<std::int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(days);
}

std::optional<TimestampText> split_timestamp(std::string_view text) {
  return TimestampSplitter(text).split();
}

std::optional<std::int64_t> parse_timestamp(std::string_view text,
                                            const Zone& session,
                                            std::optional<std::int32_t> today) {
  std::optional<TimestampText> parts = split_timestamp(text);
  if (!parts || (parts->time_only && !today)) {
    return std::nullopt;
  }
  if (parts->time_only) {
    parts->time.date = civil_from_days(*today);
  }
  const std::optional<std::int64_t> local = micros_from_civil(parts->time);
  if (!local) {
    return std::nullopt;
  }
  if (parts->zone.empty()) {
    return session.to_utc(*local);
  }
  if (parts->zone == "Z") {
    return local;
  }
  const std::optional<Zone> zone = Zone::find(parts->zone);
  return zone ? std::optional(zone->to_utc(*local)) : std::nullopt;
}

std::optional<std::int64_t> parse_timestamp_ntz(std::string_view text, ZoneInText zone) {
  const std::optional<TimestampText> parts = split_timestamp(text);
  if (!parts || parts->time_only) {
    return std::nullopt;
  }
  if (!parts->zone.empty() && (zone == ZoneInText::kRefused || !Zone::find(parts->zone))) {
    return std::nullopt;
  }
  return micros_from_civil(parts->time);
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  const std::optional<TimestampText> parts = split_timestamp(text);
  if (!parts || !parts->time_only || !parts->zone.empty()) {
    return std::nullopt;
  }
  return clock_micros(parts->time);
}

std::optional<SpecialDatetime> parse_special_datetime(std::string_view text) {
  std::string word;
  for (const char c : trim_controls(text)) {
    word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (word == "epoch") {
    return SpecialDatetime::kEpoch;
  }
  if (word == "now") {
    return SpecialDatetime::kNow;
  }
  if (word == "today") {
    return SpecialDatetime::kToday;
  }
  if (word == "yesterday") {
    return SpecialDatetime::kYesterday;
  }
  return word == "tomorrow" ? std::optional(SpecialDatetime::kTomorrow) : std::nullopt;
}

void append_date(std::string& out, std::int64_t days) {
  append_civil_date(out, civil_from_days(days));
}

void append_timestamp_ntz(std::string& out, std::int64_t local_micros) {
  const CivilTime time = civil_from_micros(local_micros);
  append_civil_date(out, time.date);
  out += ' ';
  append_clock(out, time);
}

void append_timestamp(std::string& out, std::int64_t utc_micros, const Zone& zone) {
  append_timestamp_ntz(out, zone.to_local(utc_micros));
}

void append_time(std::string& out, std::int64_t micros) {
  append_clock(out, civil_from_micros(micros));
}

std::string date_to_string(std::int64_t days) {
  std::string text;
  append_date(text, days);
  return text;
}

std::string timestamp_ntz_to_string(std::int64_t local_micros) {
  std::string text;
  append_timestamp_ntz(text, local_micros);
  return text;
}

std::string timestamp_to_string(std::int64_t utc_micros, const Zone& zone) {
  std::string text;
  append_timestamp(text, utc_micros, zone);
  return text;
}

std::string time_to_string(std::int64_t micros) {
  std::string text;
  append_time(text, micros);
  return text;
}

}  // namespace millrace::data
