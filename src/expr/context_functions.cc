// What depends on the epoch or on the record instead of arguments: clock, randomness, session.
// current_timestamp() is the recorded time of the epoch.
#include <cmath>

#include "base/uuid.h"
#include "data/datetime.h"
#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/record_random.h"
#include "expr/session_zone.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

// Calls f(Row&, Hash128) → Out for each row.
template <class Out, class F>
data::ColumnPtr map_random(const KernelInput& in, const F& f) {
  RecordRandom random(in);
  return map_rows<Out>(in, [&](Row& row) { return f(row, random.at(row.index())); });
}

data::ColumnPtr uuid_kernel(const KernelInput& in) {
  return map_random<std::string>(in, [](Row&, const Hash128& hash) {
    return Uuid::from_bits(hash.high, hash.low).to_string();
  });
}

// In [0, 1): the upper 53 bits.
double to_unit(std::uint64_t bits) {
  return static_cast<double>(bits >> 11U) * 0x1.0p-53;
}

data::ColumnPtr rand_kernel(const KernelInput& in) {
  return map_random<double>(in, [](Row&, const Hash128& hash) { return to_unit(hash.high); });
}

// Box and Muller.
data::ColumnPtr randn_kernel(const KernelInput& in) {
  constexpr double kTwoPi = 6.283185307179586;
  return map_random<double>(in, [](Row&, const Hash128& hash) {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - to_unit(hash.high)));
    return radius * std::cos(kTwoPi * to_unit(hash.low));
  });
}

// With a seed the seed says which call it is: rand(0) = rand(0).
template <Kernel kKernel, TypeKind kType>
std::optional<Resolution> resolve_random(CallSite& call) {
  auto random = random_site(call, 0);
  if (!random) {
    return std::nullopt;
  }
  return Resolution{
      .type = Type(kType), .nullable = false, .kernel = kKernel, .data = std::move(random)};
}

// --- randstr(length[, seed])

constexpr std::string_view kLetters =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::int64_t kRandomTextMax = 10'000;

data::ColumnPtr randstr_kernel(const KernelInput& in) {
  RecordRandom random(in);
  return map_rows<std::string, std::int32_t>(in, [&](Row& row, std::int32_t length) {
    std::string text;
    for (std::int32_t at = 0; at < length; ++at) {
      const Hash128 bits = random.at(row.index(), static_cast<std::uint64_t>(at) + 1);
      text += kLetters[bits.high % kLetters.size()];
    }
    return text;
  });
}

std::optional<Resolution> resolve_randstr(CallSite& call) {
  if (!call.cast(0, Type(TypeKind::kInt))) {
    return std::nullopt;
  }
  const auto length = call.constant(0);
  if (!length || length->is_null()) {
    return call.fail("DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
                     "42K09",
                     "The length of randstr must be a constant.");
  }
  if (length->integer() < 0 || length->integer() > kRandomTextMax) {
    return call.fail("INVALID_PARAMETER_VALUE.LENGTH",
                     "22023",
                     "The length of randstr must be 0 to " + std::to_string(kRandomTextMax) + ".");
  }
  auto random = random_site(call, 1);
  if (!random) {
    return std::nullopt;
  }
  return Resolution{.type = Type(TypeKind::kString),
                    .nullable = false,
                    .kernel = randstr_kernel,
                    .data = std::move(random)};
}

data::ColumnPtr constant(const KernelInput& in, std::int64_t value) {
  return data::Column::constant(in.call.type, data::Value(value), in.batch_rows);
}

data::ColumnPtr now_kernel(const KernelInput& in) {
  return constant(in, in.evaluation.context().epoch_time_us);
}

data::ColumnPtr local_now_kernel(const KernelInput& in) {
  return constant(in, session_zone(in).to_local(in.evaluation.context().epoch_time_us));
}

data::ColumnPtr today_kernel(const KernelInput& in) {
  return constant(
      in, data::day_of_micros(session_zone(in).to_local(in.evaluation.context().epoch_time_us)));
}

data::ColumnPtr time_kernel(const KernelInput& in) {
  const std::int64_t local = session_zone(in).to_local(in.evaluation.context().epoch_time_us);
  return constant(in, local - data::day_of_micros(local) * data::kMicrosPerDay);
}

data::ColumnPtr user_kernel(const KernelInput& in) {
  return data::Column::constant(
      in.call.type, data::Value(std::string(in.evaluation.context().current_user)), in.batch_rows);
}

template <Kernel kKernel, TypeKind kType>
std::optional<Resolution> resolve_epoch(CallSite&) {
  return Resolution{.type = Type(kType), .nullable = false, .kernel = kKernel};
}

data::ColumnPtr zone_kernel(const KernelInput& in) {
  return data::Column::constant(
      in.call.type, data::Value(std::string(in.evaluation.context().time_zone)), in.batch_rows);
}

std::optional<Resolution> refuse_increasing_id(CallSite& call) {
  return call.fail("_LEGACY_ERROR_TEMP_3102",
                   "0A000",
                   "Expression(s): monotonically_increasing_id() is not supported with streaming "
                   "DataFrames/Datasets; use uuid().");
}

constexpr auto kNow = resolve_epoch<now_kernel, TypeKind::kTimestamp>;
constexpr auto kToday = resolve_epoch<today_kernel, TypeKind::kDate>;
constexpr auto kUser = resolve_epoch<user_kernel, TypeKind::kString>;
constexpr auto kRandom = resolve_random<rand_kernel, TypeKind::kDouble>;

constexpr Function kContextFunctions[] = {
    {"uuid",
     0,
     0,
     resolve_random<uuid_kernel, TypeKind::kString>,
     false,
     "uuid() - a version 4 UUID of the record",
     false},
    {"rand", 0, 1, kRandom, false, "rand([seed]) - a number in [0, 1) of the record", false},
    {"random", 0, 1, kRandom, false, "random([seed]) - a number in [0, 1) of the record", false},
    {"randn",
     0,
     1,
     resolve_random<randn_kernel, TypeKind::kDouble>,
     false,
     "randn([seed]) - a normally distributed number of the record",
     false},
    {"current_timestamp", 0, 0, kNow, true, "current_timestamp() - the time of the epoch", false},
    {"now", 0, 0, kNow, true, "now() - the time of the epoch", false},
    {"localtimestamp",
     0,
     0,
     resolve_epoch<local_now_kernel, TypeKind::kTimestampNtz>,
     true,
     "localtimestamp() - the time of the epoch in the session's zone",
     false},
    {"current_date", 0, 0, kToday, true, "current_date() - the date of the epoch", false},
    {"curdate", 0, 0, kToday, true, "curdate() - the date of the epoch", false},
    {"current_time",
     0,
     0,
     resolve_epoch<time_kernel, TypeKind::kTime>,
     true,
     "current_time() - the time of day of the epoch in the session's zone",
     false},
    {"randstr",
     1,
     2,
     resolve_randstr,
     false,
     "randstr(length[, seed]) - letters and digits of the record",
     false},
    {"current_timezone",
     0,
     0,
     resolve_epoch<zone_kernel, TypeKind::kString>,
     true,
     "current_timezone() - the session's zone"},
    {"current_user", 0, 0, kUser, true, "current_user() - who runs the flow", false},
    {"user", 0, 0, kUser, true, "user() - who runs the flow", false},
    {"session_user", 0, 0, kUser, true, "session_user() - who runs the flow", false},
    {"monotonically_increasing_id",
     0,
     0,
     refuse_increasing_id,
     false,
     "monotonically_increasing_id() - refused on streams",
     false},
};

}  // namespace

std::span<const Function> context_functions() {
  return kContextFunctions;
}

}  // namespace millrace::expr
