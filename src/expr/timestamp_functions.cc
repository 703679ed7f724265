// Making timestamps, dates and intervals of numbers and back, truncating, and time zones.
#include <array>
#include <cmath>
#include <limits>

#include "data/datetime.h"
#include "data/decimal.h"
#include "data/interval.h"
#include "expr/expression.h"
#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/session_zone.h"
#include "expr/unicode_case.h"

namespace millrace::expr {
namespace {

using data::IntervalUnit;
using data::kMicrosPerDay;
using data::kMicrosPerHour;
using data::kMicrosPerMinute;
using data::kMicrosPerSecond;
using data::Type;
using data::TypeKind;
using data::Value;
using enum data::TypeKind;
using Text = std::string_view;

// --- Numbers and timestamps

template <std::int64_t kUnit>
std::int64_t micros_of(Row& row, std::int64_t units) {
  std::int64_t micros = 0;
  if (__builtin_mul_overflow(units, kUnit, &micros)) {
    row.fail(EvalError::kArithmeticOverflow);
  }
  return micros;
}

std::int64_t micros_of_double(Row& row, double seconds) {
  const double micros = seconds * static_cast<double>(kMicrosPerSecond);
  if (!std::isfinite(micros)) {
    row.set_null();
    return 0;
  }
  if (!(micros >= -0x1p63 && micros < 0x1p63)) {
    row.fail(EvalError::kArithmeticOverflow);
    return 0;
  }
  return static_cast<std::int64_t>(micros);
}

// More digits than µs are refused, not rounded.
std::int64_t micros_of_decimal(Row& row, Int128 seconds) {
  const int scale = row.input().args[0]->type().scale();
  const auto exact =
      data::rescale_decimal(seconds, scale, data::kMaxDecimalPrecision, 6, data::Rounding::kDown);
  const bool same = exact && data::compare_decimals({*exact, 6}, {seconds, scale}) == 0;
  if (!same || *exact < std::numeric_limits<std::int64_t>::min() ||
      *exact > std::numeric_limits<std::int64_t>::max()) {
    row.fail(EvalError::kArithmeticOverflow);
    return 0;
  }
  return static_cast<std::int64_t>(*exact);
}

std::optional<Resolution> resolve_timestamp_seconds(CallSite& call) {
  const Type type = call.type(0);
  if (type.kind() == kDecimal) {
    return signature(call, Type(kTimestamp), {type}, kRowKernel<micros_of_decimal>);
  }
  if (type.is_floating()) {
    return signature(call, Type(kTimestamp), {Type(kDouble)}, kRowKernel<micros_of_double>, true);
  }
  return signature(
      call, Type(kTimestamp), {Type(kBigInt)}, kRowKernel<micros_of<kMicrosPerSecond>>);
}

template <std::int64_t kUnit>
std::int64_t floor_units(Row&, std::int64_t micros) {
  return micros / kUnit - (micros % kUnit < 0 ? 1 : 0);
}

std::int32_t same_day(Row&, std::int32_t day) {
  return day;
}

// --- Making them of fields

std::int32_t make_date(Row& row, std::int32_t year, std::int32_t month, std::int32_t day) {
  if (!data::is_valid_date(year, month, day)) {
    row.fail(EvalError::kDatetimeFieldOutOfBounds);
    return 0;
  }
  const std::int64_t days = data::days_from_civil(year, month, day);
  if (days < std::numeric_limits<std::int32_t>::min() ||
      days > std::numeric_limits<std::int32_t>::max()) {
    row.fail(EvalError::kDatetimeOverflow);
    return 0;
  }
  return static_cast<std::int32_t>(days);
}

// Local µs of year, month, day, hour, minute and µs of a minute; 60 seconds exactly are the next
// minute. Nothing when a field is out of bounds.
std::optional<std::int64_t> micros_of_fields(std::span<const Value> fields) {
  const auto field = [&](std::size_t index) {
    return fields[index].integer();
  };
  const auto micros = static_cast<std::int64_t>(fields[5].decimal());
  const bool next_minute = micros == kMicrosPerMinute;
  if (!data::is_valid_date(
          field(0), static_cast<std::int32_t>(field(1)), static_cast<std::int32_t>(field(2))) ||
      field(3) < 0 || field(3) > 23 || field(4) < 0 || field(4) > 59 || micros < 0 ||
      (micros >= kMicrosPerMinute && !next_minute)) {
    return std::nullopt;
  }
  const std::int64_t rest = next_minute ? 0 : micros;
  const auto whole =
      data::micros_from_civil({.date = {.year = static_cast<std::int32_t>(field(0)),
                                        .month = static_cast<std::int32_t>(field(1)),
                                        .day = static_cast<std::int32_t>(field(2))},
                               .hour = static_cast<std::int32_t>(field(3)),
                               .minute = static_cast<std::int32_t>(field(4)),
                               .second = static_cast<std::int32_t>(rest / kMicrosPerSecond),
                               .micros = static_cast<std::int32_t>(rest % kMicrosPerSecond)});
  return whole && next_minute ? std::optional(*whole + kMicrosPerMinute) : whole;
}

template <bool kTry>
data::ColumnPtr make_timestamp_kernel(const KernelInput& in) {
  const bool local = in.call.type.kind() == kTimestampNtz;
  const data::Zone session = local ? data::Zone() : session_zone(in);
  return map_values(in, [&](Row& row, std::span<const Value> args) {
    const std::optional<std::int64_t> micros = micros_of_fields(args);
    if (!micros) {
      if (!kTry) {
        row.fail(EvalError::kDatetimeFieldOutOfBounds);
      }
      return Value();
    }
    if (args.size() < 7) {
      return Value(session.to_utc(*micros));
    }
    const std::optional<data::Zone> zone = data::Zone::find(args[6].string());
    if (!zone) {
      row.fail(EvalError::kInvalidTimezone);
      return Value();
    }
    return Value(zone->to_utc(*micros));
  });
}

template <TypeKind kResult, bool kTry>
std::optional<Resolution> resolve_make_timestamp(CallSite& call) {
  return signature(call,
                   Type(kResult),
                   {Type(kInt),
                    Type(kInt),
                    Type(kInt),
                    Type(kInt),
                    Type(kInt),
                    Type::decimal(16, 6),
                    Type(kString)},
                   make_timestamp_kernel<kTry>,
                   /*always_nullable=*/kTry);
}

// Gives the numbers that were left out, from the right, zeros; the last one is seconds.
void add_zeros(CallSite& call, std::size_t count, int seconds_precision) {
  while (call.count() < count) {
    const bool seconds = seconds_precision > 0 && call.count() + 1 == count;
    call.args().push_back(
        seconds ? make_literal(Type::decimal(seconds_precision, 6), Value(Int128{0}), call.where())
                : make_literal(Type(kInt), Value(std::int64_t{0}), call.where()));
  }
}

bool add_product(std::int64_t& sum, std::int64_t count, std::int64_t unit) {
  std::int64_t product = 0;
  return !__builtin_mul_overflow(count, unit, &product) &&
         !__builtin_add_overflow(sum, product, &sum);
}

bool fits_int(std::int64_t value) {
  return value >= std::numeric_limits<std::int32_t>::min() &&
         value <= std::numeric_limits<std::int32_t>::max();
}

data::ColumnPtr make_interval_kernel(const KernelInput& in) {
  return map_values(in, [](Row& row, std::span<const Value> args) {
    std::int64_t months = args[1].integer();
    std::int64_t days = args[3].integer();
    auto micros = static_cast<std::int64_t>(args[6].decimal());
    if (!add_product(months, args[0].integer(), 12) || !add_product(days, args[2].integer(), 7) ||
        !add_product(micros, args[4].integer(), kMicrosPerHour) ||
        !add_product(micros, args[5].integer(), kMicrosPerMinute) || !fits_int(months) ||
        !fits_int(days)) {
      row.fail(EvalError::kIntervalArithmeticOverflow);
      return Value();
    }
    return Value(data::CalendarInterval{.months = static_cast<std::int32_t>(months),
                                        .days = static_cast<std::int32_t>(days),
                                        .microseconds = micros});
  });
}

std::optional<Resolution> resolve_make_interval(CallSite& call) {
  add_zeros(call, 7, 18);
  const Type number(kInt);
  return signature(call,
                   Type(kCalendarInterval),
                   {number, number, number, number, number, number, Type::decimal(18, 6)},
                   make_interval_kernel);
}

data::ColumnPtr make_dt_interval_kernel(const KernelInput& in) {
  return map_values(in, [](Row& row, std::span<const Value> args) {
    auto micros = static_cast<std::int64_t>(args[3].decimal());
    if (!add_product(micros, args[0].integer(), kMicrosPerDay) ||
        !add_product(micros, args[1].integer(), kMicrosPerHour) ||
        !add_product(micros, args[2].integer(), kMicrosPerMinute)) {
      row.fail(EvalError::kIntervalArithmeticOverflow);
      return Value();
    }
    return Value(micros);
  });
}

std::optional<Resolution> resolve_make_dt_interval(CallSite& call) {
  add_zeros(call, 4, 18);
  return signature(call,
                   Type::interval(IntervalUnit::kDay, IntervalUnit::kSecond),
                   {Type(kInt), Type(kInt), Type(kInt), Type::decimal(18, 6)},
                   make_dt_interval_kernel);
}

std::int32_t make_ym_interval(Row& row, std::int32_t years, std::int32_t months) {
  const std::int64_t all = std::int64_t{years} * 12 + months;
  if (!fits_int(all)) {
    row.fail(EvalError::kIntervalArithmeticOverflow);
    return 0;
  }
  return static_cast<std::int32_t>(all);
}

std::optional<Resolution> resolve_make_ym_interval(CallSite& call) {
  add_zeros(call, 2, 0);
  return signature(call,
                   Type::interval(IntervalUnit::kYear, IntervalUnit::kMonth),
                   {Type(kInt)},
                   kRowKernel<make_ym_interval>);
}

// --- Truncating

enum class Level : std::uint8_t {
  kMicrosecond,
  kMillisecond,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
};

std::optional<Level> level_of(Text name) {
  struct Named {
    Text name;
    Level level;
  };

  static constexpr std::array<Named, 15> kNames = {{{"YEAR", Level::kYear},
                                                    {"YYYY", Level::kYear},
                                                    {"YY", Level::kYear},
                                                    {"QUARTER", Level::kQuarter},
                                                    {"MONTH", Level::kMonth},
                                                    {"MM", Level::kMonth},
                                                    {"MON", Level::kMonth},
                                                    {"WEEK", Level::kWeek},
                                                    {"DAY", Level::kDay},
                                                    {"DD", Level::kDay},
                                                    {"HOUR", Level::kHour},
                                                    {"MINUTE", Level::kMinute},
                                                    {"SECOND", Level::kSecond},
                                                    {"MILLISECOND", Level::kMillisecond},
                                                    {"MICROSECOND", Level::kMicrosecond}}};
  const std::string upper = upper_text(name);
  for (const Named& named : kNames) {
    if (named.name == upper) {
      return named.level;
    }
  }
  return std::nullopt;
}

// REQUIRES: level >= kWeek
std::int64_t truncate_day(std::int64_t day, Level level) {
  if (level == Level::kWeek) {
    return day - data::day_of_week(day) + 1;
  }
  const data::CivilDate date = data::civil_from_days(day);
  std::int32_t month = date.month;
  if (level == Level::kQuarter) {
    month = (month - 1) / 3 * 3 + 1;
  } else if (level == Level::kYear) {
    month = 1;
  }
  return data::days_from_civil(date.year, month, 1);
}

std::int64_t floor_to(std::int64_t value, std::int64_t unit) {
  const std::int64_t rest = value % unit;
  return value - (rest < 0 ? rest + unit : rest);
}

std::int64_t truncate_local(std::int64_t local, Level level) {
  switch (level) {
    case Level::kMicrosecond:
      return local;
    case Level::kMillisecond:
      return floor_to(local, 1000);
    case Level::kSecond:
      return floor_to(local, kMicrosPerSecond);
    case Level::kMinute:
      return floor_to(local, kMicrosPerMinute);
    case Level::kHour:
      return floor_to(local, kMicrosPerHour);
    case Level::kDay:
      return floor_to(local, kMicrosPerDay);
    case Level::kWeek:
    case Level::kMonth:
    case Level::kQuarter:
    case Level::kYear:
      break;
  }
  return truncate_day(data::day_of_micros(local), level) * kMicrosPerDay;
}

data::ColumnPtr date_trunc_kernel(const KernelInput& in) {
  const data::Zone zone = session_zone(in);
  return map_rows<std::int64_t, Text, std::int64_t>(
      in, [&](Row& row, Text name, std::int64_t micros) {
        const std::optional<Level> level = level_of(name);
        if (!level) {
          row.set_null();
          return std::int64_t{0};
        }
        // Below an hour the offset of the zone stays as it is, also where local time is set back.
        const std::int64_t local = zone.to_local(micros);
        const std::int64_t truncated = truncate_local(local, *level);
        return *level <= Level::kMinute ? micros - (local - truncated) : zone.to_utc(truncated);
      });
}

std::int32_t trunc_date(Row& row, std::int32_t day, Text name) {
  const std::optional<Level> level = level_of(name);
  if (!level || *level < Level::kWeek) {
    row.set_null();
    return 0;
  }
  return static_cast<std::int32_t>(truncate_day(day, *level));
}

// --- Zones

std::int64_t from_utc(Row& row, std::int64_t micros, Text name) {
  const std::optional<data::Zone> zone = data::Zone::find(name);
  if (!zone) {
    row.fail(EvalError::kInvalidTimezone);
    return 0;
  }
  return zone->to_local(micros);
}

std::int64_t to_utc(Row& row, std::int64_t micros, Text name) {
  const std::optional<data::Zone> zone = data::Zone::find(name);
  if (!zone) {
    row.fail(EvalError::kInvalidTimezone);
    return 0;
  }
  return zone->to_utc(micros);
}

std::int64_t convert_zone(Row& row, Text from, Text to, std::int64_t local) {
  return from_utc(row, to_utc(row, local, from), to);
}

std::optional<Resolution> resolve_convert_timezone(CallSite& call) {
  if (call.count() == 2) {
    call.args().insert(call.args().begin(),
                       make_literal(Type(kString), Value(call.context().time_zone), call.where()));
  }
  return signature(call,
                   Type(kTimestampNtz),
                   {Type(kString), Type(kString), Type(kTimestampNtz)},
                   kRowKernel<convert_zone>);
}

// --- Adding and counting units

// TIMESTAMP unless the value is a TIMESTAMP_NTZ.
Type timestamp_type_of(const Type& type) {
  return Type(type.kind() == kTimestampNtz ? kTimestampNtz : kTimestamp);
}

std::optional<data::CalendarInterval> duration_of(std::int64_t count, Text unit) {
  const std::string lower = lower_text(unit);
  if (lower == "quarter") {
    std::int64_t months = 0;
    return __builtin_mul_overflow(count, std::int64_t{3}, &months)
               ? std::nullopt
               : data::interval_of_unit(months, "month");
  }
  return data::interval_of_unit(count, lower == "dayofyear" ? "day" : lower);
}

data::ColumnPtr timestampadd_kernel(const KernelInput& in) {
  const bool local = in.call.type.kind() == kTimestampNtz;
  const data::Zone zone = local ? data::Zone() : session_zone(in);
  return map_rows<std::int64_t, Text, std::int64_t, std::int64_t>(
      in, [&](Row& row, Text unit, std::int64_t count, std::int64_t micros) {
        const auto duration = duration_of(count, unit);
        const auto moved = duration ? data::add_interval(micros, *duration, zone) : std::nullopt;
        if (!moved) {
          row.fail(duration_of(1, unit) ? EvalError::kDatetimeOverflow
                                        : EvalError::kInvalidParameterValue);
        }
        return moved.value_or(0);
      });
}

std::optional<Resolution> resolve_timestampadd(CallSite& call) {
  const Type type = timestamp_type_of(call.type(2));
  return signature(call, type, {Type(kString), Type(kBigInt), type}, timestampadd_kernel);
}

// Whole months from one local time to another.
std::int64_t months_from_to(std::int64_t start, std::int64_t end) {
  const auto months_of = [](std::int64_t local) {
    const data::CivilDate date = data::civil_from_days(data::day_of_micros(local));
    return std::int64_t{date.year} * 12 + date.month - 1;
  };
  // What is beyond whole months: day of month and time of day.
  const auto rest_of = [](std::int64_t local) {
    const data::CivilDate date = data::civil_from_days(data::day_of_micros(local));
    return date.day * kMicrosPerDay + data::micros_of_day(local);
  };
  std::int64_t months = months_of(end) - months_of(start);
  if (months > 0 && rest_of(end) < rest_of(start)) {
    --months;
  } else if (months < 0 && rest_of(end) > rest_of(start)) {
    ++months;
  }
  return months;
}

std::optional<std::int64_t> units_between(Text unit, std::int64_t start, std::int64_t end) {
  const std::string lower = lower_text(unit);
  if (lower == "quarter") {
    return months_from_to(start, end) / 3;
  }
  const auto one = duration_of(1, lower);
  if (!one) {
    return std::nullopt;
  }
  if (one->months != 0) {
    return months_from_to(start, end) / one->months;
  }
  const std::int64_t size = one->days * kMicrosPerDay + one->microseconds;
  std::int64_t difference = 0;
  if (size == 0 || __builtin_sub_overflow(end, start, &difference)) {
    return std::nullopt;
  }
  return difference / size;
}

data::ColumnPtr timestampdiff_kernel(const KernelInput& in) {
  const bool local = in.args[1]->type().kind() == kTimestampNtz;
  const data::Zone zone = local ? data::Zone() : session_zone(in);
  return map_rows<std::int64_t, Text, std::int64_t, std::int64_t>(
      in, [&](Row& row, Text unit, std::int64_t start, std::int64_t end) {
        const auto units = units_between(unit, zone.to_local(start), zone.to_local(end));
        if (!units) {
          row.fail(EvalError::kInvalidParameterValue);
        }
        return units.value_or(0);
      });
}

std::optional<Resolution> resolve_timestampdiff(CallSite& call) {
  const bool local = call.type(1).kind() == kTimestampNtz && call.type(2).kind() == kTimestampNtz;
  const Type type(local ? kTimestampNtz : kTimestamp);
  return signature(call, Type(kBigInt), {Type(kString), type, type}, timestampdiff_kernel);
}

constexpr Function kTimestampFunctions[] = {
    {"timestamp_seconds",
     1,
     1,
     resolve_timestamp_seconds,
     true,
     "timestamp_seconds(n) - the moment n seconds after 1970 began in UTC"},
    {"timestamp_millis",
     1,
     1,
     resolve_fixed<kRowKernel<micros_of<1000>>, kTimestamp, kBigInt>,
     true,
     "timestamp_millis(n) - the moment n milliseconds after 1970 began in UTC"},
    {"timestamp_micros",
     1,
     1,
     resolve_fixed<kRowKernel<micros_of<1>>, kTimestamp, kBigInt>,
     true,
     "timestamp_micros(n) - the moment n microseconds after 1970 began in UTC"},
    {"unix_seconds",
     1,
     1,
     resolve_fixed<kRowKernel<floor_units<kMicrosPerSecond>>, kBigInt, kTimestamp>,
     true,
     "unix_seconds(timestamp) - seconds since 1970, rounded down"},
    {"unix_millis",
     1,
     1,
     resolve_fixed<kRowKernel<floor_units<1000>>, kBigInt, kTimestamp>,
     true,
     "unix_millis(timestamp) - milliseconds since 1970, rounded down"},
    {"unix_micros",
     1,
     1,
     resolve_fixed<kRowKernel<floor_units<1>>, kBigInt, kTimestamp>,
     true,
     "unix_micros(timestamp) - microseconds since 1970"},
    {"unix_date",
     1,
     1,
     resolve_fixed<kRowKernel<same_day>, kInt, kDate>,
     true,
     "unix_date(date) - days since 1970-01-01"},
    {"date_from_unix_date",
     1,
     1,
     resolve_fixed<kRowKernel<same_day>, kDate, kInt>,
     true,
     "date_from_unix_date(n) - the date n days after 1970-01-01"},
    {"make_date",
     3,
     3,
     resolve_fixed<kRowKernel<make_date>, kDate, kInt, kInt, kInt>,
     true,
     "make_date(year, month, day)"},
    {"make_timestamp",
     6,
     7,
     resolve_make_timestamp<kTimestamp, false>,
     true,
     "make_timestamp(year, month, day, hour, minute, second[, zone])"},
    {"make_timestamp_ltz",
     6,
     7,
     resolve_make_timestamp<kTimestamp, false>,
     true,
     "make_timestamp_ltz(year, month, day, hour, minute, second[, zone])"},
    {"make_timestamp_ntz",
     6,
     6,
     resolve_make_timestamp<kTimestampNtz, false>,
     true,
     "make_timestamp_ntz(year, month, day, hour, minute, second)"},
    {"try_make_timestamp",
     6,
     7,
     resolve_make_timestamp<kTimestamp, true>,
     true,
     "try_make_timestamp(…) - as make_timestamp, null when a field is out of bounds"},
    {"try_make_timestamp_ltz",
     6,
     7,
     resolve_make_timestamp<kTimestamp, true>,
     true,
     "try_make_timestamp_ltz(…) - as make_timestamp_ltz, null when a field is out of bounds"},
    {"try_make_timestamp_ntz",
     6,
     6,
     resolve_make_timestamp<kTimestampNtz, true>,
     true,
     "try_make_timestamp_ntz(…) - as make_timestamp_ntz, null when a field is out of bounds"},
    {"make_interval",
     0,
     7,
     resolve_make_interval,
     true,
     "make_interval([years[, months[, weeks[, days[, hours[, mins[, secs]]]]]]])"},
    {"make_dt_interval",
     0,
     4,
     resolve_make_dt_interval,
     true,
     "make_dt_interval([days[, hours[, mins[, secs]]]])"},
    {"make_ym_interval",
     0,
     2,
     resolve_make_ym_interval,
     true,
     "make_ym_interval([years[, months]])"},
    {"date_trunc",
     2,
     2,
     [](CallSite& call) {
       return signature(call,
                        Type(kTimestamp),
                        {Type(kString), Type(kTimestamp)},
                        date_trunc_kernel,
                        /*always_nullable=*/true);
     },
     true,
     "date_trunc(unit, timestamp) - its beginning of the year, …, second"},
    {"trunc",
     2,
     2,
     resolve_nullable<kRowKernel<trunc_date>, kDate, kDate, kString>,
     true,
     "trunc(date, unit) - its beginning of the year, quarter, month or week"},
    {"from_utc_timestamp",
     2,
     2,
     resolve_fixed<kRowKernel<from_utc>, kTimestamp, kTimestamp, kString>,
     true,
     "from_utc_timestamp(timestamp, zone) - UTC as local time of a zone"},
    {"to_utc_timestamp",
     2,
     2,
     resolve_fixed<kRowKernel<to_utc>, kTimestamp, kTimestamp, kString>,
     true,
     "to_utc_timestamp(timestamp, zone) - local time of a zone as UTC"},
    {"convert_timezone",
     2,
     3,
     resolve_convert_timezone,
     true,
     "convert_timezone([from, ]to, timestamp_ntz) - local time of one zone in another"},
    {"timestampadd",
     3,
     3,
     resolve_timestampadd,
     true,
     "timestampadd(unit, n, timestamp) - n units later"},
    {"timestampdiff",
     3,
     3,
     resolve_timestampdiff,
     true,
     "timestampdiff(unit, start, end) - whole units from start to end"},
};

}  // namespace

std::span<const Function> timestamp_functions() {
  return kTimestampFunctions;
}

}  // namespace millrace::expr
