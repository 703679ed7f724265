// Dates, timestamps and intervals under + - * /.
//
//   DATE + INT → DATE                     TIMESTAMP + interval → TIMESTAMP
//   DATE + year-month or DAY interval → DATE, + finer day-time interval → TIMESTAMP
//   DATE - DATE → INTERVAL DAY            TIMESTAMP - TIMESTAMP → INTERVAL DAY TO SECOND
//   interval ± interval → interval        interval * number, interval / number → interval
#include <cmath>
#include <limits>

#include "data/datetime.h"
#include "data/decimal.h"
#include "data/interval.h"
#include "expr/arithmetic.h"
#include "expr/bind.h"
#include "expr/interval_units.h"
#include "expr/kernels.h"
#include "expr/physical.h"
#include "expr/session_zone.h"

namespace millrace::expr {
namespace {

using data::IntervalUnit;
using data::Type;
using data::TypeKind;

bool is_timestamp(const Type& type) {
  return type.kind() == TypeKind::kTimestamp || type.kind() == TypeKind::kTimestampNtz;
}

bool is_date(const Type& type) {
  return type.kind() == TypeKind::kDate;
}

bool is_small_integer(const Type& type) {
  return type.is_integral() && type.kind() != TypeKind::kBigInt;
}

template <int kSign>
std::int32_t add_days(Row& row, std::int32_t days, std::int32_t count) {
  std::int32_t result = 0;
  const bool failed = kSign > 0 ? __builtin_add_overflow(days, count, &result)
                                : __builtin_sub_overflow(days, count, &result);
  if (failed) {
    row.fail(EvalError::kDatetimeOverflow);
  }
  return result;
}

template <int kSign>
std::int32_t add_months_to_date(Row& row, std::int32_t days, std::int32_t months) {
  const auto result = data::add_months(days, static_cast<std::int64_t>(months) * kSign);
  if (!result) {
    row.fail(EvalError::kDatetimeOverflow);
  }
  return result.value_or(0);
}

template <int kSign>
std::int32_t add_micros_to_date(Row& row, std::int32_t days, std::int64_t micros) {
  const std::int64_t count = micros / data::kMicrosPerDay * kSign;
  const std::int64_t result = days + count;
  if (result < INT32_MIN || result > INT32_MAX) {
    row.fail(EvalError::kDatetimeOverflow);
  }
  return static_cast<std::int32_t>(result);
}

template <int kSign>
std::int64_t add_micros(Row& row, std::int64_t time, std::int64_t micros) {
  std::int64_t result = 0;
  const bool failed = kSign > 0 ? __builtin_add_overflow(time, micros, &result)
                                : __builtin_sub_overflow(time, micros, &result);
  if (failed) {
    row.fail(EvalError::kDatetimeOverflow);
  }
  return result;
}

// Local time counts for months and days: of TIMESTAMP in the session's zone.
data::Zone zone_of_type(const KernelInput& in, const Type& type) {
  return type.kind() == TypeKind::kTimestamp ? session_zone(in) : data::Zone();
}

template <int kSign>
data::ColumnPtr add_months_kernel(const KernelInput& in) {
  const data::Zone zone = zone_of_type(in, in.call.type);
  return map_rows<std::int64_t, std::int64_t, std::int32_t>(
      in, [&](Row& row, std::int64_t time, std::int32_t months) {
        const auto local = data::add_months_to_micros(zone.to_local(time),
                                                      static_cast<std::int64_t>(months) * kSign);
        if (!local) {
          row.fail(EvalError::kDatetimeOverflow);
          return std::int64_t{0};
        }
        return zone.to_utc(*local);
      });
}

template <int kSign>
data::ColumnPtr add_calendar_kernel(const KernelInput& in) {
  const data::Zone zone = zone_of_type(in, in.call.type);
  return map_rows<std::int64_t, std::int64_t, data::CalendarInterval>(
      in, [&](Row& row, std::int64_t time, data::CalendarInterval interval) {
        if (kSign < 0) {
          interval = {-interval.months, -interval.days, -interval.microseconds};
        }
        const auto result = data::add_interval(time, interval, zone);
        if (!result) {
          row.fail(EvalError::kDatetimeOverflow);
        }
        return result.value_or(0);
      });
}

std::int64_t subtract_dates(Row&, std::int32_t left, std::int32_t right) {
  return (static_cast<std::int64_t>(left) - right) * data::kMicrosPerDay;
}

data::ColumnPtr subtract_timestamps_kernel(const KernelInput& in) {
  const data::Zone zone = zone_of_type(in, in.args[0]->type());
  return map_rows<std::int64_t, std::int64_t, std::int64_t>(
      in, [&](Row& row, std::int64_t left, std::int64_t right) {
        return add_micros<-1>(row, zone.to_local(left), zone.to_local(right));
      });
}

template <class T, int kSign>
T add_intervals(Row& row, T left, T right) {
  T result{};
  const bool failed = kSign > 0 ? __builtin_add_overflow(left, right, &result)
                                : __builtin_sub_overflow(left, right, &result);
  if (failed) {
    row.fail(EvalError::kIntervalArithmeticOverflow);
  }
  return result;
}

DatetimeResolution found(CallSite& call, Type type, Kernel kernel) {
  return {.applies = true,
          .resolution = Resolution{
              .type = std::move(type), .nullable = call.any_nullable(), .kernel = kernel}};
}

DatetimeResolution failed() {
  return {.applies = true, .resolution = std::nullopt};
}

template <int kSign>
DatetimeResolution shift_date(CallSite& call) {
  const Type& by = call.type(1);
  const Type date(TypeKind::kDate);
  if (is_small_integer(by)) {
    return cast_operand(call, 1, Type(TypeKind::kInt))
               ? found(call, date, kRowKernel<add_days<kSign>>)
               : failed();
  }
  if (by.kind() == TypeKind::kYearMonthInterval) {
    return found(call, date, kRowKernel<add_months_to_date<kSign>>);
  }
  if (by.kind() == TypeKind::kDayTimeInterval && by.interval_last() == IntervalUnit::kDay) {
    return found(call, date, kRowKernel<add_micros_to_date<kSign>>);
  }
  if (by.kind() != TypeKind::kDayTimeInterval && by.kind() != TypeKind::kCalendarInterval) {
    return {};
  }
  const Type timestamp(TypeKind::kTimestamp);
  if (!cast_operand(call, 0, timestamp)) {
    return failed();
  }
  return found(call,
               timestamp,
               call.type(1).kind() == TypeKind::kDayTimeInterval ? kRowKernel<add_micros<kSign>>
                                                                 : add_calendar_kernel<kSign>);
}

template <int kSign>
DatetimeResolution shift_timestamp(CallSite& call) {
  const Type type = call.type(0);
  const TypeKind by = call.type(1).kind();
  if (by == TypeKind::kYearMonthInterval) {
    return found(call, type, add_months_kernel<kSign>);
  }
  if (by == TypeKind::kDayTimeInterval) {
    return found(call, type, kRowKernel<add_micros<kSign>>);
  }
  return by == TypeKind::kCalendarInterval ? found(call, type, add_calendar_kernel<kSign>)
                                           : DatetimeResolution{};
}

// A moment or an interval on the left.
template <int kSign>
DatetimeResolution shift_moment(CallSite& call) {
  if (is_date(call.type(0))) {
    return shift_date<kSign>(call);
  }
  if (is_timestamp(call.type(0))) {
    return shift_timestamp<kSign>(call);
  }
  if (!is_ansi_interval(call.type(0)) || call.type(0).kind() != call.type(1).kind()) {
    return {};
  }
  const Type type = *common_type(call.type(0), call.type(1));
  return found(call,
               type,
               type.kind() == TypeKind::kYearMonthInterval
                   ? kRowKernel<add_intervals<std::int32_t, kSign>>
                   : kRowKernel<add_intervals<std::int64_t, kSign>>);
}

// Rounds half away from zero.
template <class T>
T fit(Row& row, double value) {
  const double rounded = std::round(value);
  if (!(std::fabs(rounded) < static_cast<double>(std::numeric_limits<T>::max()))) {
    row.fail(EvalError::kIntervalArithmeticOverflow);
    return T{};
  }
  return static_cast<T>(rounded);
}

template <class T, class Number>
data::ColumnPtr multiply_kernel(const KernelInput& in) {
  const int scale = in.args[1]->type().scale();
  return map_rows<T, T, Number>(in, [&](Row& row, T interval, Number by) {
    if constexpr (std::is_floating_point_v<Number>) {
      return fit<T>(row, static_cast<double>(interval) * static_cast<double>(by));
    } else {
      const auto result = data::multiply_decimals({static_cast<Int128>(interval), 0},
                                                  {static_cast<Int128>(by), scale},
                                                  Type::decimal(38, 0));
      if (!result || *result < std::numeric_limits<T>::min() ||
          *result > std::numeric_limits<T>::max()) {
        row.fail(EvalError::kIntervalArithmeticOverflow);
        return T{};
      }
      return static_cast<T>(*result);
    }
  });
}

template <class T, class Number>
data::ColumnPtr divide_kernel(const KernelInput& in) {
  const int scale = in.args[1]->type().scale();
  return map_rows<T, T, Number>(in, [&](Row& row, T interval, Number by) {
    if (by == Number{0}) {
      row.fail(EvalError::kIntervalDividedByZero);
      return T{};
    }
    if constexpr (std::is_floating_point_v<Number>) {
      return fit<T>(row, static_cast<double>(interval) / static_cast<double>(by));
    } else {
      const auto result = data::divide_decimals({static_cast<Int128>(interval), 0},
                                                {static_cast<Int128>(by), scale},
                                                Type::decimal(38, 0));
      if (!result || *result < std::numeric_limits<T>::min() ||
          *result > std::numeric_limits<T>::max()) {
        row.fail(EvalError::kIntervalArithmeticOverflow);
        return T{};
      }
      return static_cast<T>(*result);
    }
  });
}

template <class T, bool kMultiply>
Kernel scale_kernel(const Type& number) {
  Kernel kernel = nullptr;
  visit_numeric(number, [&]<class Number>() {
    kernel = kMultiply ? multiply_kernel<T, Number> : divide_kernel<T, Number>;
  });
  return kernel;
}

template <bool kMultiply>
DatetimeResolution scale_interval(CallSite& call) {
  if (!is_ansi_interval(call.type(0))) {
    return {};
  }
  if (call.type(1).kind() == TypeKind::kString || call.type(1).is_void()) {
    if (!cast_operand(call, 1, Type(TypeKind::kDouble))) {
      return failed();
    }
  }
  if (!call.type(1).is_numeric()) {
    return {};
  }
  if (call.type(0).kind() == TypeKind::kYearMonthInterval) {
    return found(call,
                 Type::interval(IntervalUnit::kYear, IntervalUnit::kMonth),
                 scale_kernel<std::int32_t, kMultiply>(call.type(1)));
  }
  return found(call,
               Type::interval(IntervalUnit::kDay, IntervalUnit::kSecond),
               scale_kernel<std::int64_t, kMultiply>(call.type(1)));
}

}  // namespace

DatetimeResolution resolve_datetime_add(CallSite& call) {
  const bool turned =
      (is_date(call.type(1)) && (is_small_integer(call.type(0)) || is_ansi_interval(call.type(0)) ||
                                 call.type(0).kind() == TypeKind::kCalendarInterval)) ||
      (is_timestamp(call.type(1)) &&
       (is_ansi_interval(call.type(0)) || call.type(0).kind() == TypeKind::kCalendarInterval));
  if (turned) {
    std::swap(call.args()[0], call.args()[1]);
  }
  return shift_moment<1>(call);
}

DatetimeResolution resolve_datetime_subtract(CallSite& call) {
  const Type left = call.type(0);
  const Type right = call.type(1);
  if (is_date(left) && is_date(right)) {
    return found(
        call, Type::interval(IntervalUnit::kDay, IntervalUnit::kDay), kRowKernel<subtract_dates>);
  }
  const bool moments = (is_date(left) || is_timestamp(left) || left.kind() == TypeKind::kString) &&
                       (is_date(right) || is_timestamp(right) || right.kind() == TypeKind::kString);
  if (moments && (is_timestamp(left) || is_timestamp(right) || is_date(left) || is_date(right))) {
    const bool text_and_timestamp =
        !is_date(left) && !is_date(right) && is_timestamp(left) != is_timestamp(right);
    const Type& timestamp = is_timestamp(left) ? left : right;
    const Type type = text_and_timestamp ? timestamp : *common_type(left, right);
    if (!cast_operand(call, 0, type) || !cast_operand(call, 1, type)) {
      return failed();
    }
    return is_date(type) ? found(call,
                                 Type::interval(IntervalUnit::kDay, IntervalUnit::kDay),
                                 kRowKernel<subtract_dates>)
                         : found(call,
                                 Type::interval(IntervalUnit::kDay, IntervalUnit::kSecond),
                                 subtract_timestamps_kernel);
  }
  return shift_moment<-1>(call);
}

DatetimeResolution resolve_interval_multiply(CallSite& call) {
  if (is_ansi_interval(call.type(1)) && !is_ansi_interval(call.type(0))) {
    std::swap(call.args()[0], call.args()[1]);
  }
  return scale_interval<true>(call);
}

DatetimeResolution resolve_interval_divide(CallSite& call) {
  return scale_interval<false>(call);
}

}  // namespace millrace::expr
