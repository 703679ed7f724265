// The time of day: TIME values, µs since midnight.
#include <algorithm>
#include <array>

#include "data/datetime.h"
#include "data/datetime_pattern.h"
#include "expr/families.h"
#include "expr/kernels.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using enum data::TypeKind;
using Text = std::string_view;

struct TimeUnit {
  Text name;
  std::int64_t micros;
};

constexpr std::array kTimeUnits = {
    TimeUnit{.name = "hour", .micros = data::kMicrosPerHour},
    TimeUnit{.name = "minute", .micros = data::kMicrosPerMinute},
    TimeUnit{.name = "second", .micros = data::kMicrosPerSecond},
    TimeUnit{.name = "millisecond", .micros = 1000},
    TimeUnit{.name = "microsecond", .micros = 1},
};

// 0 for other names.
std::int64_t unit_of(Text name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  });
  const auto* found = std::ranges::find(kTimeUnits, lower, &TimeUnit::name);
  return found == kTimeUnits.end() ? 0 : found->micros;
}

std::int64_t make_time(Row& row, std::int32_t hour, std::int32_t minute, Int128 second_micros) {
  const auto micros = static_cast<std::int64_t>(second_micros);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || micros < 0 ||
      micros >= data::kMicrosPerMinute) {
    row.fail(EvalError::kDatetimeFieldOutOfBounds);
    return 0;
  }
  return hour * data::kMicrosPerHour + minute * data::kMicrosPerMinute + micros;
}

std::optional<Resolution> resolve_make_time(CallSite& call) {
  return signature(
      call, Type(kTime), {Type(kInt), Type(kInt), Type::decimal(16, 6)}, kRowKernel<make_time>);
}

// to_time(text[, pattern]).
template <bool kTry>
data::ColumnPtr to_time_kernel(const KernelInput& in) {
  const auto parse = [](Row& row, std::optional<std::int64_t> micros) {
    if (!micros && kTry) {
      row.set_null();
    } else if (!micros) {
      row.fail(EvalError::kCannotParseTime);
    }
    return micros.value_or(0);
  };
  if (in.args.size() < 2) {
    return map_rows<std::int64_t, Text>(
        in, [&](Row& row, Text text) { return parse(row, data::parse_time(text)); });
  }
  std::string known;  // The pattern of the row before.
  std::optional<data::DatetimePattern> pattern;
  return map_rows<std::int64_t, Text, Text>(in, [&](Row& row, Text text, Text pattern_text) {
    if (!pattern || known != pattern_text) {
      auto made = data::DatetimePattern::for_parsing(pattern_text);
      if (!made) {
        row.fail(EvalError::kInconsistentDatetimePattern);
        return std::int64_t{0};
      }
      pattern = *std::move(made);
      known = pattern_text;
    }
    const auto micros = pattern->parse_timestamp_ntz(text);
    return parse(row,
                 micros
                     ? std::optional(*micros - data::day_of_micros(*micros) * data::kMicrosPerDay)
                     : std::nullopt);
  });
}

template <bool kTry>
std::optional<Resolution> resolve_to_time(CallSite& call) {
  return signature(call, Type(kTime), {Type(kString), Type(kString)}, to_time_kernel<kTry>, kTry);
}

std::int64_t time_diff(Row& row, Text unit, std::int64_t from, std::int64_t to) {
  const std::int64_t micros = unit_of(unit);
  if (micros == 0) {
    row.fail(EvalError::kInvalidParameterValue);
    return 0;
  }
  return (to - from) / micros;
}

std::int64_t time_trunc(Row& row, Text unit, std::int64_t time) {
  const std::int64_t micros = unit_of(unit);
  if (micros == 0) {
    row.fail(EvalError::kInvalidParameterValue);
    return 0;
  }
  return time - time % micros;
}

constexpr Function kTimeFunctions[] = {
    {"make_time", 3, 3, resolve_make_time, true, "make_time(hour, minute, second) - a TIME"},
    {"to_time",
     1,
     2,
     resolve_to_time<false>,
     true,
     "to_time(str[, pattern]) - the time of day that a text says"},
    {"try_to_time",
     1,
     2,
     resolve_to_time<true>,
     true,
     "try_to_time(str[, pattern]) - as to_time, NULL for other texts"},
    {"time_diff",
     3,
     3,
     resolve_fixed<kRowKernel<time_diff>, kBigInt, kString, kTime, kTime>,
     true,
     "time_diff(unit, start, end) - how many whole units lie between two times"},
    {"time_trunc",
     2,
     2,
     resolve_fixed<kRowKernel<time_trunc>, kTime, kString, kTime>,
     true,
     "time_trunc(unit, time) - the time with nothing below the unit"},
};

}  // namespace

std::span<const Function> time_functions() {
  return kTimeFunctions;
}

}  // namespace millrace::expr
