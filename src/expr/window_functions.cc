// window(), session_window() and window_time() over one row.
#include "data/datetime.h"
#include "data/interval.h"
#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/window_function.h"

namespace millrace::expr {

std::int64_t window_begin(std::int64_t ts, const WindowData& window) {
  const std::int64_t rest = (ts - window.start) % window.slide;
  return ts - (rest < 0 ? rest + window.slide : rest);
}

namespace {

using data::Type;
using data::Value;
using enum data::TypeKind;

Type window_type(const Type& time) {
  return Type::structure({{.name = "start", .type = time, .nullable = true, .comment = ""},
                          {.name = "end", .type = time, .nullable = true, .comment = ""}});
}

bool is_window(const Type& type) {
  return type.kind() == kStruct && type.fields().size() == 2 && type.fields()[0].name == "start" &&
         type.fields()[1].name == "end" && type.fields()[1].type == type.fields()[0].type;
}

// µs of a constant text ("10 minutes") or integer; nothing after a Diagnostic.
std::optional<std::int64_t> length_of(CallSite& call, std::size_t index) {
  const std::optional<Value> value = call.constant(index);
  if (!value || value->is_null()) {
    return call.fail("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
                     "42K09",
                     std::string(call.name()) + ": a length must be a constant");
  }
  if (call.type(index).is_integral() || call.type(index).kind() == kDayTimeInterval) {
    return value->integer();
  }
  if (call.type(index).kind() != kString) {
    return call.fail("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                     "42K09",
                     std::string(call.name()) + ": a length is a string as '10 minutes'");
  }
  const auto interval = data::parse_calendar_interval(value->string());
  if (!interval) {
    return call.fail("CANNOT_PARSE_INTERVAL",
                     "22006",
                     "Unable to parse '" + value->string() + "' as an interval");
  }
  if (interval->months != 0) {
    return call.fail("_LEGACY_ERROR_TEMP_3231",
                     "42K09",
                     "Intervals greater than a month is not supported (" + value->string() + ")");
  }
  std::int64_t micros = interval->days * data::kMicrosPerDay;
  if (__builtin_add_overflow(micros, interval->microseconds, &micros)) {
    return call.fail("INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION",
                     "22015",
                     "The window is too long: " + value->string());
  }
  return micros;
}

bool check_lengths(CallSite& call, const WindowData& window) {
  const char* wrong = nullptr;
  if (window.duration <= 0) {
    wrong = "the window duration must be greater than 0";
  } else if (window.slide <= 0) {
    wrong = "the slide duration must be greater than 0";
  } else if (window.slide > window.duration) {
    wrong = "the slide duration must not be longer than the window";
  } else if (window.start >= window.slide || window.start <= -window.slide) {
    wrong = "the start time must be shorter than the slide duration";
  }
  if (wrong == nullptr) {
    return true;
  }
  call.fail(
      "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE", "42K09", std::string(call.name()) + ": " + wrong);
  return false;
}

data::ColumnPtr window_kernel(const KernelInput& in) {
  const auto& window = static_cast<const WindowData&>(*in.call.resolution.data);
  return map_values(in, [&](Row&, std::span<const Value> args) {
    const std::int64_t begin = window_begin(args[0].integer(), window) - window.back * window.slide;
    if (args[0].integer() >= begin + window.duration) {
      return Value();
    }
    data::ValueList fields;
    fields.emplace_back(begin);
    fields.emplace_back(begin + window.duration);
    return Value(std::move(fields));
  });
}

// Replaces a window by its window_time(), so that windows chain, and casts to a timestamp.
bool prepare_time(CallSite& call) {
  if (is_window(call.type(0))) {
    call.args()[0] = call.call("window_time", {call.args()[0]});
    return call.args()[0] != nullptr;
  }
  const bool local = call.type(0).kind() == kTimestampNtz;
  return call.cast(0, Type(local ? kTimestampNtz : kTimestamp));
}

std::optional<Resolution> resolve_window(CallSite& call) {
  if (!prepare_time(call)) {
    return std::nullopt;
  }
  auto window = std::make_shared<WindowData>();
  for (std::size_t i = 1; i < call.count(); ++i) {
    const std::optional<std::int64_t> length = length_of(call, i);
    if (!length) {
      return std::nullopt;
    }
    if (i == 1) {
      window->duration = *length;
      window->slide = *length;
    } else {
      (i == 2 ? window->slide : window->start) = *length;
    }
  }
  if (!check_lengths(call, *window)) {
    return std::nullopt;
  }
  Resolution resolution{
      .type = window_type(call.type(0)), .nullable = call.arg(0).nullable, .kernel = window_kernel};
  resolution.data = std::move(window);
  return resolution;
}

// [ts, ts + gap): the merging of sessions is the operator's. A gap that is not positive gives null.
data::ColumnPtr session_window_kernel(const KernelInput& in) {
  const auto& window = static_cast<const WindowData&>(*in.call.resolution.data);
  return map_values(in, [&](Row& row, std::span<const Value> args) {
    std::int64_t gap = window.duration;
    if (!window.constant_gap) {
      const auto interval = data::parse_calendar_interval(args[1].string());
      if (!interval || interval->months != 0) {
        row.fail(EvalError::kInvalidParameterValue);
        return Value();
      }
      gap = interval->days * data::kMicrosPerDay + interval->microseconds;
    }
    if (gap <= 0) {
      return Value();
    }
    data::ValueList fields;
    fields.emplace_back(args[0].integer());
    fields.emplace_back(args[0].integer() + gap);
    return Value(std::move(fields));
  });
}

std::optional<Resolution> resolve_session_window(CallSite& call) {
  if (!prepare_time(call)) {
    return std::nullopt;
  }
  auto window = std::make_shared<WindowData>();
  if (call.constant(1)) {
    const std::optional<std::int64_t> gap = length_of(call, 1);
    if (!gap) {
      return std::nullopt;
    }
    window->duration = *gap;
    window->slide = *gap;
    if (!check_lengths(call, *window)) {
      return std::nullopt;
    }
  } else {
    window->constant_gap = false;
    if (!call.cast(1, Type(kString))) {
      return std::nullopt;
    }
  }
  Resolution resolution{.type = window_type(call.type(0)), .kernel = session_window_kernel};
  resolution.data = std::move(window);
  return resolution;
}

data::ColumnPtr window_time_kernel(const KernelInput& in) {
  return map_values(in, [](Row&, std::span<const Value> args) {
    const Value& end = args[0].list()[1];
    return end.is_null() ? Value() : Value(end.integer() - 1);
  });
}

std::optional<Resolution> resolve_window_time(CallSite& call) {
  if (!is_window(call.type(0))) {
    return call.fail("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
                     "42K09",
                     "window_time needs a window column, not " + call.type(0).to_sql());
  }
  return Resolution{.type = call.type(0).fields()[1].type,
                    .nullable = call.arg(0).nullable,
                    .kernel = window_time_kernel};
}

constexpr Function kWindowFunctions[] = {
    {"window",
     2,
     4,
     resolve_window,
     true,
     "window(time, duration[, slide[, start]]) - the window that holds time, as start and end"},
    {"session_window",
     2,
     2,
     resolve_session_window,
     true,
     "session_window(time, gap) - rows of one key closer than gap are one session"},
    {"window_time",
     1,
     1,
     resolve_window_time,
     true,
     "window_time(window) - the last microsecond of a window"},
};

}  // namespace

std::span<const Function> window_functions() {
  return kWindowFunctions;
}

}  // namespace millrace::expr
