// Dates and timestamps from text and to text by a pattern (streaming-sql §5.3). A constant pattern
// is compiled when the call is bound; others once a batch.
#include <map>

#include "data/datetime.h"
#include "data/datetime_pattern.h"
#include "expr/bind.h"
#include "expr/expression.h"
#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/session_zone.h"

namespace millrace::expr {
namespace {

using data::DatetimePattern;
using data::Type;
using data::TypeKind;
using data::Value;
using enum data::TypeKind;
using Text = std::string_view;

enum class PatternUse : std::uint8_t {
  kFormat,
  kParse
};

Result<DatetimePattern> compile_pattern(Text text, PatternUse use) {
  return use == PatternUse::kFormat ? DatetimePattern::for_formatting(text)
                                    : DatetimePattern::for_parsing(text);
}

struct PatternData : CallData {
  explicit PatternData(DatetimePattern compiled) : pattern(std::move(compiled)) {}

  DatetimePattern pattern;
};

// The patterns of one kernel run: the constant one, or those that the rows have. Owned by one
// thread.
class Patterns {
 public:
  Patterns(const KernelInput& in, PatternUse use)
      : use_(use), constant_(static_cast<const PatternData*>(in.call.resolution.data.get())) {}

  // Null after the row failed.
  const DatetimePattern* get(Row& row, Text text) {
    if (constant_ != nullptr) {
      return &constant_->pattern;
    }
    const auto found = compiled_.find(text);
    if (found != compiled_.end()) {
      return &found->second;
    }
    Result<DatetimePattern> pattern = compile_pattern(text, use_);
    if (!pattern) {
      pattern.ignore_error("the row gets the error code");
      row.fail(EvalError::kInconsistentDatetimePattern);
      return nullptr;
    }
    if (compiled_.size() >= kCompiledMax) {
      compiled_.clear();
    }
    return &compiled_.emplace(text, *std::move(pattern)).first->second;
  }

 private:
  static constexpr std::size_t kCompiledMax = 64;

  PatternUse use_;
  const PatternData* constant_;
  std::map<std::string, DatetimePattern, std::less<>> compiled_;
};

// Adds the compiled pattern of argument 1 when it is constant; nothing after a Diagnostic.
std::optional<Resolution> with_pattern(CallSite& call,
                                       std::optional<Resolution> resolution,
                                       PatternUse use) {
  const std::optional<Value> text = call.count() > 1 ? call.constant(1) : std::nullopt;
  if (!resolution || !text || text->is_null()) {
    return resolution;
  }
  Result<DatetimePattern> pattern = compile_pattern(text->string(), use);
  if (!pattern) {
    return call.fail("INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION",
                     "42K0B",
                     std::string(call.name()) + ": " + std::string(pattern.error().message()));
  }
  resolution->data = std::make_shared<PatternData>(*std::move(pattern));
  return resolution;
}

constexpr Text kDefaultPattern = "yyyy-MM-dd HH:mm:ss";

void add_default_pattern(CallSite& call) {
  if (call.count() == 1) {
    call.args().push_back(
        make_literal(Type(kString), Value(std::string(kDefaultPattern)), call.where()));
  }
}

// --- Text to dates and timestamps

std::optional<std::int64_t> parse_as(const DatetimePattern& pattern,
                                     Text text,
                                     TypeKind kind,
                                     const data::Zone& zone) {
  if (kind == kDate) {
    const std::optional<std::int32_t> day = pattern.parse_date(text);
    return day ? std::optional<std::int64_t>(*day) : std::nullopt;
  }
  return kind == kTimestampNtz ? pattern.parse_timestamp_ntz(text)
                               : pattern.parse_timestamp(text, zone);
}

template <class Out, TypeKind kKind, bool kTry>
data::ColumnPtr parse_kernel(const KernelInput& in) {
  Patterns patterns(in, PatternUse::kParse);
  const data::Zone zone = session_zone(in);
  return map_rows<Out, Text, Text>(in, [&](Row& row, Text text, Text pattern_text) {
    const DatetimePattern* pattern = patterns.get(row, pattern_text);
    if (pattern == nullptr) {
      return Out{};
    }
    const std::optional<std::int64_t> value = parse_as(*pattern, text, kKind, zone);
    if (!value) {
      if (!kTry) {
        row.fail(EvalError::kCannotParseTimestamp);
      }
      row.set_null();
    }
    return static_cast<Out>(value.value_or(0));
  });
}

std::optional<Resolution> replaced_by_cast(CallSite& call, const Type& to, bool is_try) {
  Resolution resolution;
  resolution.replacement = bind_cast(call.args()[0],
                                     to,
                                     is_try ? CastMode::kTry : CastMode::kAnsi,
                                     call.where(),
                                     call.context(),
                                     call.diagnostics());
  return resolution.replacement == nullptr ? std::nullopt : std::optional(std::move(resolution));
}

// to_date, to_timestamp and the like: a cast without a pattern, or of what is no text.
template <TypeKind kKind, bool kTry>
std::optional<Resolution> resolve_parse(CallSite& call) {
  using Out = std::conditional_t<kKind == kDate, std::int32_t, std::int64_t>;
  const TypeKind from = call.type(0).kind();
  if (call.count() == 1 || (from != kString && from != kVoid)) {
    return replaced_by_cast(call, Type(kKind), kTry);
  }
  return with_pattern(call,
                      signature(call,
                                Type(kKind),
                                {Type(kString)},
                                parse_kernel<Out, kKind, kTry>,
                                /*always_nullable=*/kTry),
                      PatternUse::kParse);
}

// --- Seconds since 1970

std::int64_t floor_seconds(std::int64_t micros) {
  return micros / data::kMicrosPerSecond - (micros % data::kMicrosPerSecond < 0 ? 1 : 0);
}

std::int64_t seconds_of(Row&, std::int64_t micros) {
  return floor_seconds(micros);
}

data::ColumnPtr parse_seconds_kernel(const KernelInput& in) {
  Patterns patterns(in, PatternUse::kParse);
  const data::Zone zone = session_zone(in);
  return map_rows<std::int64_t, Text, Text>(in, [&](Row& row, Text text, Text pattern_text) {
    const DatetimePattern* pattern = patterns.get(row, pattern_text);
    if (pattern == nullptr) {
      return std::int64_t{0};
    }
    const std::optional<std::int64_t> micros = pattern->parse_timestamp(text, zone);
    if (!micros) {
      row.fail(EvalError::kCannotParseTimestamp);
    }
    return floor_seconds(micros.value_or(0));
  });
}

data::ColumnPtr epoch_seconds_kernel(const KernelInput& in) {
  const std::int64_t now = floor_seconds(in.evaluation.context().epoch_time_us);
  return map_rows<std::int64_t>(in, [&](Row&) { return now; });
}

std::optional<Resolution> resolve_unix_timestamp(CallSite& call) {
  if (call.count() == 0) {
    return Resolution{.type = Type(kBigInt), .nullable = false, .kernel = epoch_seconds_kernel};
  }
  const TypeKind from = call.type(0).kind();
  if (from == kDate || from == kTimestamp || from == kTimestampNtz) {
    return signature(
        call, Type(kBigInt), {Type(kTimestamp), Type(kString)}, kRowKernel<seconds_of>);
  }
  add_default_pattern(call);
  return with_pattern(call,
                      signature(call, Type(kBigInt), {Type(kString)}, parse_seconds_kernel),
                      PatternUse::kParse);
}

// --- To text

data::ColumnPtr date_format_kernel(const KernelInput& in) {
  Patterns patterns(in, PatternUse::kFormat);
  const data::Zone zone = session_zone(in);
  return map_rows<std::string, std::int64_t, Text>(
      in, [&](Row& row, std::int64_t micros, Text pattern_text) {
        std::string out;
        if (const DatetimePattern* pattern = patterns.get(row, pattern_text)) {
          pattern->format(out, micros, zone);
        }
        return out;
      });
}

std::optional<Resolution> resolve_date_format(CallSite& call) {
  return with_pattern(
      call,
      signature(call, Type(kString), {Type(kTimestamp), Type(kString)}, date_format_kernel),
      PatternUse::kFormat);
}

data::ColumnPtr from_unixtime_kernel(const KernelInput& in) {
  Patterns patterns(in, PatternUse::kFormat);
  const data::Zone zone = session_zone(in);
  return map_rows<std::string, std::int64_t, Text>(
      in, [&](Row& row, std::int64_t seconds, Text pattern_text) {
        std::string out;
        std::int64_t micros = 0;
        if (__builtin_mul_overflow(seconds, data::kMicrosPerSecond, &micros)) {
          row.fail(EvalError::kDatetimeOverflow);
        } else if (const DatetimePattern* pattern = patterns.get(row, pattern_text)) {
          pattern->format(out, micros, zone);
        }
        return out;
      });
}

std::optional<Resolution> resolve_from_unixtime(CallSite& call) {
  add_default_pattern(call);
  return with_pattern(
      call,
      signature(call, Type(kString), {Type(kBigInt), Type(kString)}, from_unixtime_kernel),
      PatternUse::kFormat);
}

constexpr Function kDatetimeTextFunctions[] = {
    {"to_date",
     1,
     2,
     resolve_parse<kDate, false>,
     true,
     "to_date(str[, pattern]) - the date that a text says"},
    {"try_to_date",
     1,
     2,
     resolve_parse<kDate, true>,
     true,
     "try_to_date(str[, pattern]) - as to_date, null when it is invalid"},
    {"to_timestamp",
     1,
     2,
     resolve_parse<kTimestamp, false>,
     true,
     "to_timestamp(str[, pattern]) - the moment that a text says"},
    {"try_to_timestamp",
     1,
     2,
     resolve_parse<kTimestamp, true>,
     true,
     "try_to_timestamp(str[, pattern]) - as to_timestamp, null when it is invalid"},
    {"to_timestamp_ltz",
     1,
     2,
     resolve_parse<kTimestamp, false>,
     true,
     "to_timestamp_ltz(str[, pattern]) - as to_timestamp"},
    {"to_timestamp_ntz",
     1,
     2,
     resolve_parse<kTimestampNtz, false>,
     true,
     "to_timestamp_ntz(str[, pattern]) - a timestamp without time zone"},
    {"unix_timestamp",
     0,
     2,
     resolve_unix_timestamp,
     true,
     "unix_timestamp([timestamp | str[, pattern]]) - seconds since 1970, of the epoch without "
     "arguments",
     /*foldable=*/false},
    {"to_unix_timestamp",
     1,
     2,
     resolve_unix_timestamp,
     true,
     "to_unix_timestamp(timestamp | str[, pattern]) - seconds since 1970"},
    {"from_unixtime",
     1,
     2,
     resolve_from_unixtime,
     true,
     "from_unixtime(seconds[, pattern]) - the moment as text"},
    {"date_format",
     2,
     2,
     resolve_date_format,
     true,
     "date_format(timestamp, pattern) - as text, 'yyyy-MM-dd HH:mm'"},
};

}  // namespace

std::span<const Function> datetime_text_functions() {
  return kDatetimeTextFunctions;
}

}  // namespace millrace::expr
