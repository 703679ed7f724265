// What depends on the epoch or on the record instead of arguments: clock, randomness, session.
//
// Replay gives the same output (DESIGN §2). current_timestamp() is the recorded time of the epoch.
// uuid() and rand() are a keyed hash: the key is the salt of the instance, so that two
// installations never agree; the text says which call it is (owner and ordinal, in the order of
// binding) and which record (source, partition, offset, ordinal of the row in it). A batch without
// a source comes from a stateful operator: its rows are told apart by flow, epoch, and the ordinal
// that its origins hold as offsets.
#include <cmath>
#include <cstring>

#include "base/uuid.h"
#include "data/datetime.h"
#include "expr/families.h"
#include "expr/kernels.h"
#include "expr/session_zone.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;

struct RandomData : CallData {
  std::string site;  ///< Owner and ordinal of the call, or the seed.
};

void append_number(std::string& out, std::uint64_t value) {
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  out.append(bytes, sizeof(bytes));
}

// Length first, so that two texts in a row cannot be taken for others.
void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out += text;
}

// Calls f(Row&, Hash128) → Out for each row.
template <class Out, class F>
data::ColumnPtr map_random(const KernelInput& in, const F& f) {
  const EvalContext& context = in.evaluation.context();
  const data::Origins* origins = in.evaluation.batch().origins.get();
  std::string text;
  append_text(text, static_cast<const RandomData&>(*in.call.resolution.data).site);
  if (context.source_id.empty()) {
    append_text(text, context.flow);
    append_number(text, context.epoch);
  } else {
    append_text(text, context.source_id);
    append_number(text,
                  origins == nullptr ? 0
                                     : static_cast<std::uint64_t>(
                                           static_cast<std::int64_t>(origins->partition.value())));
  }
  const std::size_t prefix = text.size();
  return map_rows<Out>(in, [&](Row& row) {
    const std::size_t index = row.index();
    const bool known = origins != nullptr && index < origins->offsets.size();
    text.resize(prefix);
    append_number(text, known ? static_cast<std::uint64_t>(origins->offsets[index]) : index);
    append_number(text, known && index < origins->ordinals.size() ? origins->ordinals[index] : 0);
    return f(row, siphash128(context.salt, text));
  });
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
  auto random = std::make_shared<RandomData>();
  if (call.count() == 0) {
    append_text(random->site, call.context().owner);
    append_number(random->site, call.context().next_ordinal++);
  } else {
    if (!call.cast(0, Type(TypeKind::kBigInt))) {
      return std::nullopt;
    }
    const auto seed = call.constant(0);
    if (!seed) {
      return call.fail("SEED_EXPRESSION_IS_UNFOLDABLE",
                       "42K08",
                       "The seed of `" + std::string(call.name()) + "` must be a constant.");
    }
    append_number(random->site, seed->is_null() ? 0 : static_cast<std::uint64_t>(seed->integer()));
  }
  return Resolution{
      .type = Type(kType), .nullable = false, .kernel = kKernel, .data = std::move(random)};
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
