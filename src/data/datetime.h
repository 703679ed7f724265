// Dates and times as numbers and as text, without zones: DATE is days since 1970-01-01,
// TIMESTAMP_NTZ µs of local time, TIME µs since midnight; the calendar is proleptic Gregorian.
// Zones: zone.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::data {

class Zone;

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr std::int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr std::int64_t kMicrosPerDay = 24 * kMicrosPerHour;

struct CivilDate {
  std::int32_t year = 1970;
  std::int32_t month = 1;  ///< 1..12
  std::int32_t day = 1;    ///< 1..31

  friend bool operator==(const CivilDate&, const CivilDate&) = default;
};

/// A local date and time, taken apart.
struct CivilTime {
  CivilDate date;
  std::int32_t hour = 0;
  std::int32_t minute = 0;
  std::int32_t second = 0;
  std::int32_t micros = 0;
};

bool is_leap_year(std::int64_t year);
std::int32_t days_in_month(std::int64_t year, std::int32_t month);
/// Whether month and day exist in the year, and the year is in ±999,999,999 (Java's range).
bool is_valid_date(std::int64_t year, std::int32_t month, std::int32_t day);

/// Days since 1970-01-01. REQUIRES: a valid date
std::int64_t days_from_civil(std::int64_t year, std::int32_t month, std::int32_t day);
CivilDate civil_from_days(std::int64_t days);
std::int32_t day_of_year(const CivilDate& date);
/// 1 = Monday … 7 = Sunday (ISO).
std::int32_t day_of_week(std::int64_t days);

CivilTime civil_from_micros(std::int64_t local_micros);
/// Nothing when it does not fit 64 bits. REQUIRES: valid fields
std::optional<std::int64_t> micros_from_civil(const CivilTime& time);

/// The day of µs, towards the past: floor division.
std::int64_t day_of_micros(std::int64_t micros);
/// µs since that day's midnight, 0 <= … < kMicrosPerDay.
std::int64_t micros_of_day(std::int64_t micros);

/// Adds months to a date; a day that the month lacks becomes its last. Nothing beyond DATE's range.
std::optional<std::int32_t> add_months(std::int32_t days, std::int64_t months);
/// The same for µs of local time; the time of day stays.
std::optional<std::int64_t> add_months_to_micros(std::int64_t local_micros, std::int64_t months);

/// CAST(text AS DATE) (streaming-sql.md §4.4).
std::optional<std::int32_t> parse_date(std::string_view text);

/// A date and time as CAST reads it, before its zone is applied.
struct TimestampText {
  bool time_only = false;  ///< "10:11:12": the date is the reader's today.
  CivilTime time;
  std::string_view zone;  ///< As written; empty when there is none.
};

/// Takes the text apart; nothing when it is no timestamp. The zone is not looked up.
std::optional<TimestampText> split_timestamp(std::string_view text);

/// CAST(text AS TIMESTAMP): without a zone in the text that of the session holds. `today` (days) is
/// the date of a text that has only a time; nothing = such a text is refused.
std::optional<std::int64_t> parse_timestamp(std::string_view text,
                                            const Zone& session,
                                            std::optional<std::int32_t> today = std::nullopt);

enum class ZoneInText : std::uint8_t {
  kIgnored,
  kRefused
};

/// CAST(text AS TIMESTAMP_NTZ): a zone in the text is ignored (CAST) or refused (from_json).
std::optional<std::int64_t> parse_timestamp_ntz(std::string_view text,
                                                ZoneInText zone = ZoneInText::kIgnored);

/// CAST(text AS TIME): µs since midnight.
std::optional<std::int64_t> parse_time(std::string_view text);

/// Words that CAST takes for dates and timestamps in constants.
enum class SpecialDatetime : std::uint8_t {
  kEpoch,
  kNow,
  kToday,
  kYesterday,
  kTomorrow
};
std::optional<SpecialDatetime> parse_special_datetime(std::string_view text);

/// "2024-03-01"; beyond four digits of year with a sign.
void append_date(std::string& out, std::int64_t days);
/// "2024-03-01 10:11:12.5": local µs, fraction without trailing zeros.
void append_timestamp_ntz(std::string& out, std::int64_t local_micros);
/// The same of a moment, shown in a zone.
void append_timestamp(std::string& out, std::int64_t utc_micros, const Zone& zone);
/// "10:11:12.5"
void append_time(std::string& out, std::int64_t micros);

std::string date_to_string(std::int64_t days);
std::string timestamp_ntz_to_string(std::int64_t local_micros);
std::string timestamp_to_string(std::int64_t utc_micros, const Zone& zone);
std::string time_to_string(std::int64_t micros);

}  // namespace millrace::data
