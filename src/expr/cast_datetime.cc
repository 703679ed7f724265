// Casts among dates, timestamps, intervals, and between them and numbers.
#include <cmath>
#include <limits>

#include "data/datetime.h"
#include "data/decimal.h"
#include "expr/cast.h"
#include "expr/interval_units.h"
#include "expr/kernels.h"
#include "expr/physical.h"
#include "expr/session_zone.h"

namespace millrace::expr {
namespace {

using data::kMicrosPerDay;
using data::kMicrosPerSecond;
using data::Type;
using data::TypeKind;

std::int64_t saturate(Int128 value) {
  constexpr Int128 kLow = std::numeric_limits<std::int64_t>::min();
  constexpr Int128 kHigh = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(std::max(value, kLow), kHigh));
}

std::int64_t floor_div(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

template <class From>
data::ColumnPtr number_to_timestamp_kernel(const KernelInput& in) {
  const int scale = in.args[0]->type().scale();
  return map_rows<std::int64_t, From>(in, [&](Row& row, From value) -> std::int64_t {
    if constexpr (std::is_floating_point_v<From>) {
      const double micros = static_cast<double>(value) * static_cast<double>(kMicrosPerSecond);
      if (!std::isfinite(micros)) {
        row.fail(EvalError::kCastInvalidInput);
        return 0;
      }
      if (std::fabs(micros) >= 9.2233720368547758e18) {
        return micros < 0 ? std::numeric_limits<std::int64_t>::min()
                          : std::numeric_limits<std::int64_t>::max();
      }
      return static_cast<std::int64_t>(micros);
    } else if constexpr (std::is_same_v<From, Int128>) {
      const auto micros =
          data::rescale_decimal(value, scale, data::kMaxDecimalPrecision, 6, data::Rounding::kDown);
      if (!micros) {
        row.fail(EvalError::kCastOverflow);
      }
      return saturate(micros.value_or(0));
    } else {
      return saturate(static_cast<Int128>(value) * kMicrosPerSecond);
    }
  });
}

template <class To>
data::ColumnPtr timestamp_to_number_kernel(const KernelInput& in) {
  const Type& type = in.call.type;
  return map_rows<To, std::int64_t>(in, [&](Row& row, std::int64_t value) -> To {
    if constexpr (std::is_floating_point_v<To>) {
      return static_cast<To>(static_cast<double>(value) / static_cast<double>(kMicrosPerSecond));
    } else if constexpr (std::is_same_v<To, Int128>) {
      const auto result = data::rescale_decimal(value, 6, type.precision(), type.scale());
      if (!result) {
        row.fail(EvalError::kNumericValueOutOfRange);
      }
      return result.value_or(0);
    } else {
      const std::int64_t seconds = floor_div(value, kMicrosPerSecond);
      if (seconds < std::numeric_limits<To>::min() || seconds > std::numeric_limits<To>::max()) {
        row.fail(EvalError::kCastOverflow);
      }
      return static_cast<To>(seconds);
    }
  });
}

data::ColumnPtr date_to_timestamp_kernel(const KernelInput& in) {
  const data::Zone zone =
      in.call.type.kind() == TypeKind::kTimestamp ? session_zone(in) : data::Zone();
  return map_rows<std::int64_t, std::int32_t>(in, [&](Row& row, std::int32_t days) {
    const Int128 local = static_cast<Int128>(days) * kMicrosPerDay;
    if (saturate(local) != local) {
      row.fail(EvalError::kDatetimeOverflow);
    }
    return zone.to_utc(saturate(local));
  });
}

data::ColumnPtr timestamp_to_date_kernel(const KernelInput& in) {
  const data::Zone zone =
      in.args[0]->type().kind() == TypeKind::kTimestamp ? session_zone(in) : data::Zone();
  return map_rows<std::int32_t, std::int64_t>(in, [&](Row&, std::int64_t micros) {
    return static_cast<std::int32_t>(data::day_of_micros(zone.to_local(micros)));
  });
}

data::ColumnPtr to_local_kernel(const KernelInput& in) {
  const data::Zone zone = session_zone(in);
  return map_rows<std::int64_t, std::int64_t>(
      in, [&](Row&, std::int64_t micros) { return zone.to_local(micros); });
}

data::ColumnPtr to_utc_kernel(const KernelInput& in) {
  const data::Zone zone = session_zone(in);
  return map_rows<std::int64_t, std::int64_t>(
      in, [&](Row&, std::int64_t micros) { return zone.to_utc(micros); });
}

// Within a family: what is below the last unit is dropped, but not fractions of a second.
template <class T>
data::ColumnPtr interval_kernel(const KernelInput& in) {
  const data::IntervalUnit last = in.call.type.interval_last();
  const auto unit =
      static_cast<T>(last == data::IntervalUnit::kSecond ? 1 : interval_unit_size(last));
  return map_rows<T, T>(in, [&](Row&, T value) { return static_cast<T>(value - value % unit); });
}

template <class From, class T>
data::ColumnPtr number_to_interval_kernel(const KernelInput& in) {
  const Type& from = in.args[0]->type();
  const std::int64_t unit = interval_unit_size(in.call.type.interval_last());
  return map_rows<T, From>(in, [&](Row& row, From value) {
    Int128 result = 0;
    if constexpr (std::is_same_v<From, Int128>) {
      const auto product = data::multiply_decimals(
          {value, from.scale()}, {unit, 0}, Type::decimal(data::kMaxDecimalPrecision, 0));
      result = product.value_or(std::numeric_limits<std::int64_t>::max());
    } else if constexpr (std::is_integral_v<From>) {
      result = static_cast<Int128>(value) * unit;
    }
    if (result < std::numeric_limits<T>::min() || result > std::numeric_limits<T>::max()) {
      row.fail(EvalError::kCastOverflow);
    }
    return static_cast<T>(result);
  });
}

template <class To, class T>
data::ColumnPtr interval_to_number_kernel(const KernelInput& in) {
  const std::int64_t unit = interval_unit_size(in.args[0]->type().interval_last());
  const Type& type = in.call.type;
  return map_rows<To, T>(in, [&](Row& row, T value) -> To {
    if constexpr (std::is_same_v<To, Int128>) {
      const auto result = data::divide_decimals({value, 0}, {unit, 0}, type);
      if (!result) {
        row.fail(EvalError::kNumericValueOutOfRange);
      }
      return result.value_or(0);
    } else {
      const std::int64_t count = static_cast<std::int64_t>(value) / unit;
      if (count < std::numeric_limits<To>::min() || count > std::numeric_limits<To>::max()) {
        row.fail(EvalError::kCastOverflow);
      }
      return static_cast<To>(count);
    }
  });
}

bool is_exact_number(const Type& type) {
  return type.is_integral() || type.kind() == TypeKind::kDecimal;
}

template <class T>
Kernel single_unit_cast(const Type& from, const Type& to) {
  Kernel kernel = nullptr;
  if (is_exact_number(from)) {
    visit_numeric(from, [&]<class From>() { kernel = number_to_interval_kernel<From, T>; });
  } else {
    visit_numeric(to, [&]<class To>() {
      if constexpr (!std::is_floating_point_v<To>) {
        kernel = interval_to_number_kernel<To, T>;
      }
    });
  }
  return kernel;
}

Kernel interval_cast(const Type& from, const Type& to) {
  const Type& interval = is_ansi_interval(from) ? from : to;
  const bool months = interval.kind() == TypeKind::kYearMonthInterval;
  if (from.kind() == to.kind()) {
    return months ? interval_kernel<std::int32_t> : interval_kernel<std::int64_t>;
  }
  const Type& number = is_ansi_interval(from) ? to : from;
  if (!is_exact_number(number) || interval.interval_first() != interval.interval_last()) {
    return nullptr;
  }
  return months ? single_unit_cast<std::int32_t>(from, to)
                : single_unit_cast<std::int64_t>(from, to);
}

}  // namespace

Kernel datetime_cast(const Type& from, const Type& to) {
  const TypeKind source = from.kind();
  const TypeKind target = to.kind();
  Kernel kernel = nullptr;
  if (is_ansi_interval(from) || is_ansi_interval(to)) {
    return interval_cast(from, to);
  }
  if (from.is_numeric() && target == TypeKind::kTimestamp) {
    visit_numeric(from, [&]<class From>() { kernel = number_to_timestamp_kernel<From>; });
    return kernel;
  }
  if (source == TypeKind::kTimestamp && to.is_numeric()) {
    visit_numeric(to, [&]<class To>() { kernel = timestamp_to_number_kernel<To>; });
    return kernel;
  }
  const bool to_timestamp = target == TypeKind::kTimestamp || target == TypeKind::kTimestampNtz;
  if (source == TypeKind::kDate && to_timestamp) {
    return date_to_timestamp_kernel;
  }
  if ((source == TypeKind::kTimestamp || source == TypeKind::kTimestampNtz) &&
      target == TypeKind::kDate) {
    return timestamp_to_date_kernel;
  }
  if (source == TypeKind::kTimestamp && target == TypeKind::kTimestampNtz) {
    return to_local_kernel;
  }
  return source == TypeKind::kTimestampNtz && target == TypeKind::kTimestamp ? to_utc_kernel
                                                                             : nullptr;
}

}  // namespace millrace::expr
