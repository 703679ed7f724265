// sequence(start, stop[, step]) of integers, dates and timestamps.
#include "data/datetime.h"
#include "data/interval.h"
#include "expr/bind.h"
#include "expr/collection_values.h"
#include "expr/families.h"
#include "expr/session_zone.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using data::Value;
using data::ValueList;
using enum data::TypeKind;

// Every step away from start until stop is passed; the row fails when the step leads elsewhere.
template <class At>
Value steps(Row& row, std::int64_t start, std::int64_t stop, int direction, const At& at) {
  if (start == stop) {
    return Value(ValueList{Value(start)});
  }
  if (direction == 0 || (direction > 0) != (start < stop)) {
    row.fail(EvalError::kInvalidParameterValue);
    return {};
  }
  ValueList out;
  for (std::int64_t i = 0;; ++i) {
    const std::optional<std::int64_t> value = at(i);
    if (!value || (direction > 0 ? *value > stop : *value < stop)) {
      return Value(std::move(out));
    }
    if (out.size() == kElementsMax) {
      row.fail(EvalError::kTooManyElements);
      return {};
    }
    out.emplace_back(*value);
  }
}

int direction_of_integer(std::int64_t value) {
  return (value > 0 ? 1 : 0) - (value < 0 ? 1 : 0);
}

data::ColumnPtr sequence_of_integers_kernel(const KernelInput& in) {
  return map_values(in, [](Row& row, std::span<const Value> args) {
    const std::int64_t start = args[0].integer();
    const std::int64_t stop = args[1].integer();
    const std::int64_t unit = start <= stop ? 1 : -1;
    const std::int64_t step = args.size() > 2 ? args[2].integer() : unit;
    return steps(row, start, stop, direction_of_integer(step), [&](std::int64_t i) {
      std::int64_t value = 0;
      return __builtin_mul_overflow(i, step, &value) || __builtin_add_overflow(start, value, &value)
                 ? std::nullopt
                 : std::optional(value);
    });
  });
}

// A step of any interval type.
data::CalendarInterval step_of(const Type& type, const Value& step) {
  if (type.kind() == kYearMonthInterval) {
    return {.months = static_cast<std::int32_t>(step.integer()), .days = 0, .microseconds = 0};
  }
  if (type.kind() == kDayTimeInterval) {
    return {.months = 0, .days = 0, .microseconds = step.integer()};
  }
  return step.interval();
}

int direction_of(const data::CalendarInterval& step) {
  const Int128 about =
      (static_cast<Int128>(step.months) * 31 + step.days) * data::kMicrosPerDay + step.microseconds;
  return (about > 0 ? 1 : 0) - (about < 0 ? 1 : 0);
}

std::optional<data::CalendarInterval> times(const data::CalendarInterval& step, std::int64_t i) {
  const Int128 months = static_cast<Int128>(step.months) * i;
  const Int128 days = static_cast<Int128>(step.days) * i;
  std::int64_t micros = 0;
  if (months != static_cast<std::int32_t>(months) || days != static_cast<std::int32_t>(days) ||
      __builtin_mul_overflow(step.microseconds, i, &micros)) {
    return std::nullopt;
  }
  return data::CalendarInterval{.months = static_cast<std::int32_t>(months),
                                .days = static_cast<std::int32_t>(days),
                                .microseconds = micros};
}

data::ColumnPtr sequence_of_times_kernel(const KernelInput& in) {
  const TypeKind kind = in.args[0]->type().kind();
  const data::Zone zone = kind == kTimestamp ? session_zone(in) : data::Zone();
  const std::int64_t unit = kind == kDate ? data::kMicrosPerDay : 1;
  return map_values(in, [&](Row& row, std::span<const Value> args) {
    const std::int64_t start = args[0].integer();
    const std::int64_t stop = args[1].integer();
    data::CalendarInterval step{.months = 0, .days = start <= stop ? 1 : -1, .microseconds = 0};
    if (args.size() > 2) {
      step = step_of(in.args[2]->type(), args[2]);
    }
    return steps(row, start, stop, direction_of(step), [&](std::int64_t i) {
      const auto offset = times(step, i);
      const auto micros = offset ? data::add_interval(start * unit, *offset, zone) : std::nullopt;
      return micros && unit > 1 ? std::optional(data::day_of_micros(*micros)) : micros;
    });
  });
}

bool is_time(const Type& type) {
  return type.kind() == kDate || type.kind() == kTimestamp || type.kind() == kTimestampNtz;
}

bool is_interval_step(const Type& type) {
  return type.kind() == kYearMonthInterval || type.kind() == kDayTimeInterval ||
         type.kind() == kCalendarInterval;
}

std::optional<Resolution> resolve_sequence(CallSite& call) {
  std::optional<Type> type = common_type(call.type(0), call.type(1));
  const bool times_of_day = type && is_time(*type);
  if (type && type->is_integral() && call.count() == 3) {
    type = common_type(*type, call.type(2));
  }
  const bool step_fits = call.count() < 3 || !times_of_day || is_interval_step(call.type(2));
  if (!type || !(type->is_integral() || times_of_day) || !step_fits) {
    return call.fail("DATATYPE_MISMATCH.SEQUENCE_WRONG_INPUT_TYPES",
                     "42K09",
                     "Cannot resolve " + call.sql() +
                         ": sequence needs start and stop of one type, integers with an integer "
                         "step, or dates or timestamps with an interval");
  }
  for (std::size_t i = 0; i < (times_of_day ? 2 : call.count()); ++i) {
    if (!call.cast(i, *type)) {
      return std::nullopt;
    }
  }
  return Resolution{
      .type = Type::array(*type, false),
      .nullable = call.any_nullable(),
      .kernel = times_of_day ? sequence_of_times_kernel : sequence_of_integers_kernel};
}

constexpr Function kSequenceFunctions[] = {
    {"sequence",
     2,
     3,
     resolve_sequence,
     true,
     "sequence(start, stop[, step]) - an array of integers, dates or timestamps"},
};

}  // namespace

std::span<const Function> sequence_functions() {
  return kSequenceFunctions;
}

}  // namespace millrace::expr
