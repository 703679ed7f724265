#include "format/detail/text_scalars.h"

#include <charconv>
#include <limits>
#include <string>
#include <system_error>

#include "data/datetime.h"
#include "data/interval.h"
#include "data/number_text.h"

namespace millrace::format::detail {
namespace {

using data::TypeKind;

Result<std::optional<data::DatetimePattern>> compile_if_set(const std::string& pattern) {
  std::optional<data::DatetimePattern> compiled;
  if (!pattern.empty()) {
    compiled = TRY(data::DatetimePattern::for_parsing(pattern));
  }
  return compiled;
}

}  // namespace

Result<TextScalars> TextScalars::create(const JsonOptions& options) {
  TextScalars scalars;
  scalars.zone_ = options.zone;
  scalars.today_ = options.today;
  scalars.timestamp_ =
      TRY_DOING(compile_if_set(options.timestamp_format), "option timestampFormat");
  scalars.timestamp_ntz_ =
      TRY_DOING(compile_if_set(options.timestamp_ntz_format), "option timestampNTZFormat");
  scalars.date_ = TRY_DOING(compile_if_set(options.date_format), "option dateFormat");
  return scalars;
}

std::optional<std::int64_t> TextScalars::datetime(std::string_view text,
                                                  const data::Type& type) const {
  switch (type.kind()) {
    case TypeKind::kDate: {
      const auto days = date_ ? date_->parse_date(text) : data::parse_date(text);
      return days ? std::optional<std::int64_t>(*days) : std::nullopt;
    }
    case TypeKind::kTimestamp:
      return timestamp_ ? timestamp_->parse_timestamp(text, zone_)
                        : data::parse_timestamp(text, zone_, today_);
    case TypeKind::kTimestampNtz:
      return timestamp_ntz_ ? timestamp_ntz_->parse_timestamp_ntz(text)
                            : data::parse_timestamp_ntz(text, data::ZoneInText::kRefused);
    case TypeKind::kTime:
      return data::parse_time(text);
    case TypeKind::kYearMonthInterval:
    case TypeKind::kDayTimeInterval:
      return data::parse_interval(text, type);
    case TypeKind::kVoid:
    case TypeKind::kBoolean:
    case TypeKind::kTinyInt:
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kBigInt:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kCalendarInterval:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct:
    case TypeKind::kVariant:
      return std::nullopt;
  }
  return std::nullopt;
}

bool is_datetime(TypeKind kind) {
  return kind == TypeKind::kDate || kind == TypeKind::kTimestamp ||
         kind == TypeKind::kTimestampNtz || kind == TypeKind::kTime ||
         kind == TypeKind::kYearMonthInterval || kind == TypeKind::kDayTimeInterval;
}

std::optional<std::int64_t> json_integer(std::string_view text, TypeKind kind) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end) {
    return std::nullopt;
  }
  bool fits = true;
  if (kind == TypeKind::kTinyInt) {
    fits = value == static_cast<std::int8_t>(value);
  } else if (kind == TypeKind::kSmallInt) {
    fits = value == static_cast<std::int16_t>(value);
  } else if (kind == TypeKind::kInt) {
    fits = value == static_cast<std::int32_t>(value);
  }
  return fits ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> json_seconds(std::string_view text) {
  const auto seconds = json_integer(text, TypeKind::kBigInt);
  std::int64_t micros = 0;
  if (!seconds || __builtin_mul_overflow(*seconds, data::kMicrosPerSecond, &micros)) {
    return std::nullopt;
  }
  return micros;
}

double json_double(std::string_view text) {
  if (const auto special = json_special_double(text)) {
    return *special;
  }
  return text == "-0" ? 0.0 : data::json_number_to_double(text);
}

float json_float(std::string_view text) {
  if (const auto special = json_special_double(text)) {
    return static_cast<float>(*special);
  }
  return text == "-0" ? 0.0F : data::json_number_to_float(text);
}

std::optional<double> json_special_double(std::string_view text) {
  if (text == "NaN") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (text == "Infinity" || text == "+Infinity" || text == "+INF") {
    return std::numeric_limits<double>::infinity();
  }
  if (text == "-Infinity" || text == "-INF") {
    return -std::numeric_limits<double>::infinity();
  }
  return std::nullopt;
}

}  // namespace millrace::format::detail
