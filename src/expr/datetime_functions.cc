// Fields of dates and timestamps, and arithmetic with days and months.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "data/datetime.h"
#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/session_zone.h"
#include "expr/unicode_case.h"

namespace millrace::expr {
namespace {

using data::CivilDate;
using data::Type;
using data::TypeKind;
using enum data::TypeKind;
using Text = std::string_view;

// --- Fields of a date

std::int32_t year_of(std::int64_t day) {
  return data::civil_from_days(day).year;
}

std::int32_t month_of(std::int64_t day) {
  return data::civil_from_days(day).month;
}

std::int32_t quarter_of(std::int64_t day) {
  return (data::civil_from_days(day).month - 1) / 3 + 1;
}

std::int32_t day_of(std::int64_t day) {
  return data::civil_from_days(day).day;
}

std::int32_t day_of_year_of(std::int64_t day) {
  return data::day_of_year(data::civil_from_days(day));
}

// 1 = Sunday.
std::int32_t sunday_day_of(std::int64_t day) {
  return data::day_of_week(day) % 7 + 1;
}

// 0 = Monday.
std::int32_t weekday_of(std::int64_t day) {
  return data::day_of_week(day) - 1;
}

std::int32_t iso_day_of(std::int64_t day) {
  return data::day_of_week(day);
}

// ISO 8601: a week belongs to the year that has its Thursday.
std::int64_t thursday_of(std::int64_t day) {
  return day - data::day_of_week(day) + 4;
}

std::int32_t week_of(std::int64_t day) {
  return (day_of_year_of(thursday_of(day)) - 1) / 7 + 1;
}

std::int32_t year_of_week(std::int64_t day) {
  return year_of(thursday_of(day));
}

template <auto kField>
std::int32_t date_field(Row&, std::int32_t day) {
  return kField(day);
}

template <auto kField>
constexpr Function date_row(Text name, Text usage) {
  return {.name = name,
          .min_args = 1,
          .max_args = 1,
          .resolve = resolve_fixed<kRowKernel<date_field<kField>>, kInt, kDate>,
          .deterministic = true,
          .usage = usage};
}

constexpr std::array<Text, 12> kMonthNames = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<Text, 7> kDayNames = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

Text month_name(Row&, std::int32_t day) {
  return kMonthNames[static_cast<std::size_t>(month_of(day) - 1)];
}

Text day_name(Row&, std::int32_t day) {
  return kDayNames[static_cast<std::size_t>(weekday_of(day))];
}

// --- Fields of a time

// Local µs of TIMESTAMP (in the session's zone), TIMESTAMP_NTZ and TIME.
data::Zone zone_of(const KernelInput& in, const Type& type) {
  return type.kind() == kTimestamp ? session_zone(in) : data::Zone();
}

std::int32_t hour_of(std::int64_t local) {
  return static_cast<std::int32_t>(data::micros_of_day(local) / data::kMicrosPerHour);
}

std::int32_t minute_of(std::int64_t local) {
  return static_cast<std::int32_t>(data::micros_of_day(local) / data::kMicrosPerMinute % 60);
}

std::int32_t second_of(std::int64_t local) {
  return static_cast<std::int32_t>(data::micros_of_day(local) / data::kMicrosPerSecond % 60);
}

Int128 second_with_fraction_of(std::int64_t local) {
  return data::micros_of_day(local) % data::kMicrosPerMinute;
}

template <class Out, auto kField>
data::ColumnPtr time_field_kernel(const KernelInput& in) {
  const data::Zone zone = zone_of(in, in.args[0]->type());
  return map_rows<Out, std::int64_t>(
      in, [&](Row&, std::int64_t micros) { return kField(zone.to_local(micros)); });
}

// The first argument's type when it has a time of day, else TIMESTAMP.
Type type_with_time(const Type& type) {
  const bool local = type.kind() == kTimestampNtz || type.kind() == kTime;
  return local ? type : Type(kTimestamp);
}

template <std::int64_t kUnit, std::int64_t kModulo>
std::int32_t part_of_time(Row&, std::int64_t micros) {
  return static_cast<std::int32_t>(micros / kUnit % kModulo);
}

// hour, minute and second of a TIME.
std::optional<Resolution> resolve_part_of_time(CallSite& call) {
  Kernel kernel = kRowKernel<part_of_time<data::kMicrosPerSecond, 60>>;
  if (call.name() == "hour") {
    kernel = kRowKernel<part_of_time<data::kMicrosPerHour, 24>>;
  } else if (call.name() == "minute") {
    kernel = kRowKernel<part_of_time<data::kMicrosPerMinute, 60>>;
  }
  return signature(call, Type(kInt), {Type(kTime)}, kernel);
}

template <auto kField>
std::optional<Resolution> resolve_time_field(CallSite& call) {
  if (call.type(0).kind() == kTime) {
    return resolve_part_of_time(call);
  }
  return signature(
      call, Type(kInt), {type_with_time(call.type(0))}, time_field_kernel<std::int32_t, kField>);
}

std::optional<Resolution> resolve_second_with_fraction(CallSite& call) {
  return signature(call,
                   Type::decimal(8, 6),
                   {type_with_time(call.type(0))},
                   time_field_kernel<Int128, second_with_fraction_of>);
}

// --- Fields of intervals

template <std::int64_t kUnit, std::int64_t kModulo, class Out>
Out part_of_interval(Row&, std::int64_t value) {
  const std::int64_t units = value / kUnit;
  return static_cast<Out>(kModulo == 0 ? units : units % kModulo);
}

template <std::int32_t kUnit, std::int32_t kModulo, class Out>
Out part_of_months(Row&, std::int32_t months) {
  const std::int32_t units = months / kUnit;
  return static_cast<Out>(kModulo == 0 ? units : units % kModulo);
}

std::optional<Resolution> interval_part(CallSite& call, Text field) {
  const Type type = call.type(0);
  const auto part = [&](TypeKind result, Kernel kernel) {
    return signature(call, Type(result), {type}, kernel);
  };
  if (type.kind() == kYearMonthInterval) {
    if (field == "year") {
      return part(kInt, kRowKernel<part_of_months<12, 0, std::int32_t>>);
    }
    if (field == "month") {
      return part(kTinyInt, kRowKernel<part_of_months<1, 12, std::int8_t>>);
    }
    return std::nullopt;
  }
  if (field == "day") {
    return part(kInt, kRowKernel<part_of_interval<data::kMicrosPerDay, 0, std::int32_t>>);
  }
  if (field == "hour") {
    return part(kTinyInt, kRowKernel<part_of_interval<data::kMicrosPerHour, 24, std::int8_t>>);
  }
  if (field == "minute") {
    return part(kTinyInt, kRowKernel<part_of_interval<data::kMicrosPerMinute, 60, std::int8_t>>);
  }
  if (field == "second") {
    return signature(call,
                     Type::decimal(8, 6),
                     {type},
                     kRowKernel<part_of_interval<1, data::kMicrosPerMinute, Int128>>);
  }
  return std::nullopt;
}

// --- extract

struct FieldName {
  Text name;
  Text function;
};

constexpr std::array kFieldNames = {
    FieldName{"year", "year"},
    FieldName{"y", "year"},
    FieldName{"years", "year"},
    FieldName{"yr", "year"},
    FieldName{"yrs", "year"},
    FieldName{"yearofweek", "yearofweek"},
    FieldName{"quarter", "quarter"},
    FieldName{"qtr", "quarter"},
    FieldName{"month", "month"},
    FieldName{"mon", "month"},
    FieldName{"mons", "month"},
    FieldName{"months", "month"},
    FieldName{"week", "weekofyear"},
    FieldName{"w", "weekofyear"},
    FieldName{"weeks", "weekofyear"},
    FieldName{"day", "day"},
    FieldName{"d", "day"},
    FieldName{"days", "day"},
    FieldName{"dayofweek", "dayofweek"},
    FieldName{"dow", "dayofweek"},
    FieldName{"dayofweek_iso", "iso"},
    FieldName{"dow_iso", "iso"},
    FieldName{"doy", "dayofyear"},
    FieldName{"hour", "hour"},
    FieldName{"h", "hour"},
    FieldName{"hours", "hour"},
    FieldName{"hr", "hour"},
    FieldName{"hrs", "hour"},
    FieldName{"minute", "minute"},
    FieldName{"m", "minute"},
    FieldName{"min", "minute"},
    FieldName{"mins", "minute"},
    FieldName{"minutes", "minute"},
    FieldName{"second", "second"},
    FieldName{"s", "second"},
    FieldName{"sec", "second"},
    FieldName{"seconds", "second"},
    FieldName{"secs", "second"},
};

bool is_interval(const Type& type) {
  return type.kind() == kYearMonthInterval || type.kind() == kDayTimeInterval;
}

// The call has the source as its only argument.
std::optional<Resolution> resolve_part(CallSite& call, Text function) {
  if (is_interval(call.type(0))) {
    return interval_part(call, function);
  }
  if (function == "second") {
    return resolve_second_with_fraction(call);
  }
  if (function == "yearofweek") {
    return resolve_fixed<kRowKernel<date_field<year_of_week>>, kInt, kDate>(call);
  }
  if (function == "iso") {
    return resolve_fixed<kRowKernel<date_field<iso_day_of>>, kInt, kDate>(call);
  }
  Resolution resolution;
  resolution.replacement = call.call(function, {call.args()[0]});
  return resolution.replacement == nullptr ? std::nullopt : std::optional(std::move(resolution));
}

std::optional<Resolution> resolve_extract(CallSite& call) {
  const std::optional<data::Value> field = call.constant(0);
  if (!field || field->is_null() || call.type(0).kind() != kString) {
    return call.fail("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
                     "42K09",
                     std::string(call.name()) + ": the field must be a constant string");
  }
  const std::string wanted = lower_text(field->string());
  const auto* found = std::ranges::find(kFieldNames, Text(wanted), &FieldName::name);
  const std::string source = call.type(1).to_sql();
  // The field is known: from here on the source is the only argument.
  call.args().erase(call.args().begin());
  const std::size_t errors = call.diagnostics().error_count();
  if (found != kFieldNames.end()) {
    if (std::optional<Resolution> resolution = resolve_part(call, found->function)) {
      return resolution;
    }
  }
  if (call.diagnostics().error_count() != errors) {
    return std::nullopt;
  }
  return call.fail("INVALID_EXTRACT_FIELD",
                   "42601",
                   "Cannot extract '" + field->string() + "' from a value of type " + source);
}

// --- Arithmetic

std::int32_t checked_day(Row& row, std::int64_t day) {
  if (day < std::numeric_limits<std::int32_t>::min() ||
      day > std::numeric_limits<std::int32_t>::max()) {
    row.fail(EvalError::kDatetimeOverflow);
    return 0;
  }
  return static_cast<std::int32_t>(day);
}

std::int32_t date_add(Row& row, std::int32_t day, std::int32_t days) {
  return checked_day(row, std::int64_t{day} + days);
}

std::int32_t date_sub(Row& row, std::int32_t day, std::int32_t days) {
  return checked_day(row, std::int64_t{day} - days);
}

std::int32_t date_diff(Row& row, std::int32_t end, std::int32_t start) {
  return checked_day(row, std::int64_t{end} - start);
}

std::int32_t add_months_to(Row& row, std::int32_t day, std::int32_t months) {
  const std::optional<std::int32_t> moved = data::add_months(day, months);
  if (!moved) {
    row.fail(EvalError::kDatetimeOverflow);
  }
  return moved.value_or(0);
}

// Three arguments: a unit, as dateadd(MONTH, 1, t) is parsed.
template <Kernel kDays>
std::optional<Resolution> resolve_add_days(CallSite& call) {
  if (call.count() == 3) {
    Resolution resolution;
    resolution.replacement = call.call("timestampadd", call.args());
    return resolution.replacement == nullptr ? std::nullopt : std::optional(std::move(resolution));
  }
  return signature(call, Type(kDate), {Type(kDate), Type(kInt)}, kDays);
}

std::optional<Resolution> resolve_diff(CallSite& call) {
  if (call.count() == 3) {
    Resolution resolution;
    resolution.replacement = call.call("timestampdiff", call.args());
    return resolution.replacement == nullptr ? std::nullopt : std::optional(std::move(resolution));
  }
  return signature(call, Type(kInt), {Type(kDate)}, kRowKernel<date_diff>);
}

// A whole number between equal days of month or between ends of months, else by months of 31 days.
double months_between(std::int64_t local1, std::int64_t local2, bool round) {
  const std::int64_t day1 = data::day_of_micros(local1);
  const std::int64_t day2 = data::day_of_micros(local2);
  const CivilDate date1 = data::civil_from_days(day1);
  const CivilDate date2 = data::civil_from_days(day2);
  const double months =
      (double{1} * date1.year * 12 + date1.month) - (double{1} * date2.year * 12 + date2.month);
  const bool both_last = date1.day == data::days_in_month(date1.year, date1.month) &&
                         date2.day == data::days_in_month(date2.year, date2.month);
  if (date1.day == date2.day || both_last) {
    return months;
  }
  const std::int64_t seconds = std::int64_t{86'400} * (date1.day - date2.day) +
                               data::micros_of_day(local1) / data::kMicrosPerSecond -
                               data::micros_of_day(local2) / data::kMicrosPerSecond;
  const double difference = months + static_cast<double>(seconds) / (31.0 * 86'400);
  return round ? std::floor(difference * 1e8 + 0.5) / 1e8 : difference;
}

data::ColumnPtr months_between_kernel(const KernelInput& in) {
  const data::Zone zone = session_zone(in);
  if (in.args.size() == 2) {
    return map_rows<double, std::int64_t, std::int64_t>(
        in, [&](Row&, std::int64_t left, std::int64_t right) {
          return months_between(zone.to_local(left), zone.to_local(right), /*round=*/true);
        });
  }
  return map_rows<double, std::int64_t, std::int64_t, bool>(
      in, [&](Row&, std::int64_t left, std::int64_t right, bool round) {
        return months_between(zone.to_local(left), zone.to_local(right), round);
      });
}

std::optional<Resolution> resolve_months_between(CallSite& call) {
  return signature(call,
                   Type(kDouble),
                   {Type(kTimestamp), Type(kTimestamp), Type(kBoolean)},
                   months_between_kernel);
}

std::int32_t last_day(Row&, std::int32_t day) {
  const CivilDate date = data::civil_from_days(day);
  return day + data::days_in_month(date.year, date.month) - date.day;
}

// 1 = Monday … 7 from "MO", "MON", "MONDAY"; nothing for other words.
std::optional<std::int32_t> day_of_week_named(Text name) {
  static constexpr std::array<Text, 7> kLong = {
      "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"};
  const std::string upper = upper_text(name);
  for (std::size_t i = 0; i < kLong.size(); ++i) {
    if (upper == kLong[i] || upper == kLong[i].substr(0, 2) || upper == kLong[i].substr(0, 3)) {
      return static_cast<std::int32_t>(i + 1);
    }
  }
  return std::nullopt;
}

std::int32_t next_day(Row& row, std::int32_t day, Text name) {
  const std::optional<std::int32_t> wanted = day_of_week_named(name);
  if (!wanted) {
    row.fail(EvalError::kIllegalDayOfWeek);
    return 0;
  }
  return checked_day(row, std::int64_t{day} + 1 + (*wanted + 6 - data::day_of_week(day)) % 7);
}

constexpr Function kDatetimeFunctions[] = {
    date_row<year_of>("year", "year(date) - the year"),
    date_row<quarter_of>("quarter", "quarter(date) - the quarter, 1 to 4"),
    date_row<month_of>("month", "month(date) - the month, 1 to 12"),
    date_row<week_of>("weekofyear", "weekofyear(date) - the ISO week, 1 to 53"),
    date_row<day_of>("day", "day(date) - the day of the month"),
    date_row<day_of>("dayofmonth", "dayofmonth(date) - the day of the month"),
    date_row<sunday_day_of>("dayofweek", "dayofweek(date) - 1 = Sunday to 7 = Saturday"),
    date_row<weekday_of>("weekday", "weekday(date) - 0 = Monday to 6 = Sunday"),
    date_row<day_of_year_of>("dayofyear", "dayofyear(date) - the day of the year, 1 to 366"),
    {"monthname",
     1,
     1,
     resolve_fixed<kRowKernel<month_name>, kString, kDate>,
     true,
     "monthname(date) - the month's name in three letters"},
    {"dayname",
     1,
     1,
     resolve_fixed<kRowKernel<day_name>, kString, kDate>,
     true,
     "dayname(date) - the weekday's name in three letters"},
    {"hour", 1, 1, resolve_time_field<hour_of>, true, "hour(timestamp) - the hour, 0 to 23"},
    {"minute", 1, 1, resolve_time_field<minute_of>, true, "minute(timestamp) - 0 to 59"},
    {"second", 1, 1, resolve_time_field<second_of>, true, "second(timestamp) - 0 to 59"},
    {"extract",
     2,
     2,
     resolve_extract,
     true,
     "extract(field FROM source) - a field of a date, timestamp or interval"},
    {"date_part", 2, 2, resolve_extract, true, "date_part(field, source) - as extract"},
    {"datepart", 2, 2, resolve_extract, true, "datepart(field, source) - as extract"},
    {"date_add",
     2,
     3,
     resolve_add_days<kRowKernel<date_add>>,
     true,
     "date_add(date, days) - the date that many days later"},
    {"dateadd",
     2,
     3,
     resolve_add_days<kRowKernel<date_add>>,
     true,
     "dateadd(date, days) or dateadd(unit, n, timestamp)"},
    {"date_sub",
     2,
     2,
     resolve_fixed<kRowKernel<date_sub>, kDate, kDate, kInt>,
     true,
     "date_sub(date, days) - the date that many days earlier"},
    {"datediff", 2, 3, resolve_diff, true, "datediff(end, start) - days from start to end"},
    {"date_diff", 2, 3, resolve_diff, true, "date_diff(end, start) - days from start to end"},
    {"add_months",
     2,
     2,
     resolve_fixed<kRowKernel<add_months_to>, kDate, kDate, kInt>,
     true,
     "add_months(date, n) - n months later, at most the last day of that month"},
    {"months_between",
     2,
     3,
     resolve_months_between,
     true,
     "months_between(end, start[, round]) - months, a part of one by 31 days"},
    {"last_day",
     1,
     1,
     resolve_fixed<kRowKernel<last_day>, kDate, kDate>,
     true,
     "last_day(date) - the last day of its month"},
    {"next_day",
     2,
     2,
     resolve_fixed<kRowKernel<next_day>, kDate, kDate, kString>,
     true,
     "next_day(date, weekday) - the first such weekday after date"},
};

}  // namespace

std::span<const Function> datetime_functions() {
  return kDatetimeFunctions;
}

}  // namespace millrace::expr
