// Casts to and from STRING.
#include <limits>

#include "data/datetime.h"
#include "data/decimal.h"
#include "data/interval.h"
#include "data/number_text.h"
#include "expr/cast.h"
#include "expr/kernels.h"
#include "expr/physical.h"
#include "expr/session_zone.h"
#include "expr/value_text.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

// A value that was read, or the row's error.
template <class T>
T take(Row& row, const std::optional<T>& value) {
  if (!value) {
    row.fail(EvalError::kCastInvalidInput);
  }
  return value.value_or(T{});
}

template <class To>
To to_integer(Row& row, std::string_view text) {
  return static_cast<To>(take(
      row,
      data::parse_integer(text, std::numeric_limits<To>::min(), std::numeric_limits<To>::max())));
}

double to_double(Row& row, std::string_view text) {
  return take(row, data::parse_double(text));
}

float to_float(Row& row, std::string_view text) {
  return take(row, data::parse_float(text));
}

bool to_boolean(Row& row, std::string_view text) {
  return take(row, data::parse_boolean(text));
}

data::ColumnPtr text_to_decimal_kernel(const KernelInput& in) {
  const Type& type = in.call.type;
  return map_rows<Int128, std::string_view>(in, [&](Row& row, std::string_view text) {
    Int128 value = 0;
    switch (data::parse_decimal(data::trim_controls(text), type.precision(), type.scale(), value)) {
      case data::DecimalText::kOk:
        break;
      case data::DecimalText::kSyntax:
        row.fail(EvalError::kCastInvalidInput);
        break;
      case data::DecimalText::kOutOfRange:
        row.fail(EvalError::kNumericValueOutOfRange);
        break;
    }
    return value;
  });
}

std::int32_t to_date(Row& row, std::string_view text) {
  return take(row, data::parse_date(text));
}

std::int64_t to_time(Row& row, std::string_view text) {
  return take(row, data::parse_time(text));
}

std::int64_t to_timestamp_ntz(Row& row, std::string_view text) {
  return take(row, data::parse_timestamp_ntz(text));
}

data::ColumnPtr to_timestamp_kernel(const KernelInput& in) {
  const data::Zone zone = session_zone(in);
  const auto today = static_cast<std::int32_t>(
      data::day_of_micros(zone.to_local(in.evaluation.context().epoch_time_us)));
  return map_rows<std::int64_t, std::string_view>(in, [&](Row& row, std::string_view text) {
    return take(row, data::parse_timestamp(text, zone, today));
  });
}

template <class To>
data::ColumnPtr to_interval_kernel(const KernelInput& in) {
  const Type& type = in.call.type;
  return map_rows<To, std::string_view>(in, [&](Row& row, std::string_view text) {
    return static_cast<To>(take(row, data::parse_interval(text, type)));
  });
}

data::CalendarInterval to_calendar_interval(Row& row, std::string_view text) {
  return take(row, data::parse_calendar_interval(text));
}

View same_bytes(Row&, std::string_view bytes) {
  return {bytes};
}

Kernel from_string(const Type& to) {
  const TypeKind kind = to.kind();
  if (to.is_integral()) {
    Kernel kernel = nullptr;
    visit_numeric(to, [&]<class To>() {
      if constexpr (std::is_integral_v<To> && !std::is_same_v<To, Int128>) {
        kernel = kRowKernel<to_integer<To>>;
      }
    });
    return kernel;
  }

  struct Entry {
    TypeKind kind;
    Kernel kernel;
  };

  static constexpr Entry kEntries[] = {
      {TypeKind::kBoolean, kRowKernel<to_boolean>},
      {TypeKind::kFloat, kRowKernel<to_float>},
      {TypeKind::kDouble, kRowKernel<to_double>},
      {TypeKind::kDecimal, text_to_decimal_kernel},
      {TypeKind::kBinary, kRowKernel<same_bytes>},
      {TypeKind::kDate, kRowKernel<to_date>},
      {TypeKind::kTime, kRowKernel<to_time>},
      {TypeKind::kTimestamp, to_timestamp_kernel},
      {TypeKind::kTimestampNtz, kRowKernel<to_timestamp_ntz>},
      {TypeKind::kYearMonthInterval, to_interval_kernel<std::int32_t>},
      {TypeKind::kDayTimeInterval, to_interval_kernel<std::int64_t>},
      {TypeKind::kCalendarInterval, kRowKernel<to_calendar_interval>},
  };
  for (const Entry& entry : kEntries) {
    if (entry.kind == kind) {
      return entry.kernel;
    }
  }
  return nullptr;
}

// Appends to a buffer that is used for all rows.
template <class From, class F>
data::ColumnPtr print_rows(const KernelInput& in, const F& append) {
  std::string text;
  return map_rows<std::string_view, From>(in, [&](Row&, const From& value) {
    text.clear();
    append(text, value);
    return std::string_view(text);
  });
}

template <class From>
data::ColumnPtr print_integer_kernel(const KernelInput& in) {
  return print_rows<From>(in, [](std::string& out, From value) {
    data::append_integer(out, static_cast<std::int64_t>(value));
  });
}

data::ColumnPtr print_float_kernel(const KernelInput& in) {
  return print_rows<float>(in, data::append_float);
}

data::ColumnPtr print_double_kernel(const KernelInput& in) {
  return print_rows<double>(in, data::append_double);
}

data::ColumnPtr print_decimal_kernel(const KernelInput& in) {
  const int scale = in.args[0]->type().scale();
  return print_rows<Int128>(
      in, [&](std::string& out, Int128 value) { data::append_decimal(out, value, scale); });
}

data::ColumnPtr print_date_kernel(const KernelInput& in) {
  return print_rows<std::int32_t>(
      in, [](std::string& out, std::int32_t value) { data::append_date(out, value); });
}

data::ColumnPtr print_timestamp_kernel(const KernelInput& in) {
  const data::Zone zone = session_zone(in);
  return print_rows<std::int64_t>(
      in, [&](std::string& out, std::int64_t value) { data::append_timestamp(out, value, zone); });
}

data::ColumnPtr print_timestamp_ntz_kernel(const KernelInput& in) {
  return print_rows<std::int64_t>(in, data::append_timestamp_ntz);
}

// BOOLEAN, times, intervals and nested types: no need for speed.
data::ColumnPtr print_value_kernel(const KernelInput& in) {
  const Type& type = in.args[0]->type();
  const data::Zone zone = session_zone(in);
  return print_rows<data::Value>(in, [&](std::string& out, const data::Value& value) {
    append_value_text(out, type, value, zone);
  });
}

Kernel to_string(const Type& from) {
  const TypeKind kind = from.kind();
  if (kind == TypeKind::kVariant) {
    return nullptr;
  }
  if (from.is_integral()) {
    Kernel kernel = nullptr;
    visit_numeric(from, [&]<class From>() {
      if constexpr (std::is_integral_v<From> && !std::is_same_v<From, Int128>) {
        kernel = print_integer_kernel<From>;
      }
    });
    return kernel;
  }
  if (kind == TypeKind::kFloat) {
    return print_float_kernel;
  }
  if (kind == TypeKind::kDouble) {
    return print_double_kernel;
  }
  if (kind == TypeKind::kDecimal) {
    return print_decimal_kernel;
  }
  if (kind == TypeKind::kBinary) {
    return kRowKernel<same_bytes>;
  }
  if (kind == TypeKind::kDate) {
    return print_date_kernel;
  }
  if (kind == TypeKind::kTimestamp) {
    return print_timestamp_kernel;
  }
  return kind == TypeKind::kTimestampNtz ? print_timestamp_ntz_kernel : print_value_kernel;
}

}  // namespace

Kernel text_cast(const Type& from, const Type& to) {
  if (from.kind() == TypeKind::kString) {
    return from_string(to);
  }
  return to.kind() == TypeKind::kString ? to_string(from) : nullptr;
}

}  // namespace millrace::expr
