// HISTOGRAM_NUMERIC: a histogram of at most n bins that grows as values come (Ben-Haim and
// Tom-Tov, "A Streaming Parallel Decision Tree Algorithm", 2010): a value is a bin of its own, and
// where there is one bin too many the two that lie closest become one at their weighted mean. Of
// pairs that lie equally close one is drawn as java.util.Random(31183) draws it, so that the bins
// are Spark's for the same order of rows.
//
// APPROX_TOP_K: the values that occur most often. All values are counted, so that the counts are
// exact; Spark's are within the error of a sketch of maxItemsTracked items.
#include <algorithm>
#include <unordered_map>

#include "expr/aggregate_families.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using data::Value;
using Args = std::span<const data::ColumnPtr>;

// --- histogram_numeric

/// The doubles of java.util.Random. Owned by one thread.
class JavaRandom {
 public:
  explicit JavaRandom(std::uint64_t seed) : state_((seed ^ kMultiplier) & kMask) {}

  double next_double() {
    const std::uint64_t high = next(26) << 27U;
    return static_cast<double>(high + next(27)) * 0x1.0p-53;
  }

 private:
  static constexpr std::uint64_t kMultiplier = 0x5DEECE66DULL;
  static constexpr std::uint64_t kMask = (1ULL << 48U) - 1;

  std::uint64_t next(unsigned bits) {
    state_ = (state_ * kMultiplier + 0xB) & kMask;
    return state_ >> (48U - bits);
  }

  std::uint64_t state_;
};

struct Bin {
  double x = 0;
  double y = 0;
};

struct Histogram {
  std::vector<Bin> bins = {};
  JavaRandom random{31183};
};

struct HistogramOps {
  using State = Histogram;

  explicit HistogramOps(const AggregateSpec& spec)
      : bins_max_(static_cast<std::size_t>(spec.constants[1]->integer())),
        x_(spec.result.element().fields()[0].type) {}

  void add(State& state, Args args, std::size_t row) const {
    if (!args[0]->is_null(row)) {
      add_value(state, number_of(*args[0], row));
    }
  }

  // The bins of the other are inserted, then there are too many.
  void merge(State& into, const State& from) const {
    into.bins.insert(into.bins.end(), from.bins.begin(), from.bins.end());
    std::ranges::sort(into.bins, {}, &Bin::x);
    trim(into);
  }

  EvalError finish(const State& state, data::ColumnBuilder& out) const {
    if (state.bins.empty()) {
      out.append_null();
      return EvalError::kNone;
    }
    data::ValueList list;
    for (const Bin& bin : state.bins) {
      data::ValueList fields;
      fields.push_back(value_of(bin.x));
      fields.emplace_back(bin.y);
      list.emplace_back(std::move(fields));
    }
    out.append_value(Value(std::move(list)));
    return EvalError::kNone;
  }

  static std::size_t extra_bytes(const State& state) { return state.bins.capacity() * sizeof(Bin); }

 private:
  static double number_of(const data::Column& column, std::size_t row) {
    const Value value = column.value(row);
    const auto* whole = std::get_if<std::int64_t>(&value.v);
    return whole != nullptr ? static_cast<double>(*whole) : value.floating();
  }

  // x has the type of the values: a mean of whole numbers is cut.
  [[nodiscard]] Value value_of(double x) const {
    return x_.is_floating() ? Value(x) : Value(static_cast<std::int64_t>(x));
  }

  void add_value(State& state, double value) const {
    const auto at = std::ranges::lower_bound(state.bins, value, {}, &Bin::x);
    if (at != state.bins.end() && at->x == value) {
      at->y += 1;
      return;
    }
    state.bins.insert(at, {.x = value, .y = 1});
    trim(state);
  }

  void trim(State& state) const {
    std::vector<Bin>& bins = state.bins;
    while (bins.size() > bins_max_) {
      double smallest = bins[1].x - bins[0].x;
      std::size_t found = 0;
      int ties = 1;
      for (std::size_t at = 1; at + 1 < bins.size(); ++at) {
        const double gap = bins[at + 1].x - bins[at].x;
        if (gap < smallest) {
          smallest = gap;
          found = at;
          ties = 1;
        } else if (gap == smallest && state.random.next_double() <= 1.0 / ++ties) {
          found = at;
        }
      }
      Bin& left = bins[found];
      const Bin& right = bins[found + 1];
      const double weight = left.y + right.y;
      left.x = left.x * (left.y / weight) + right.x / weight * right.y;
      left.y = weight;
      bins.erase(bins.begin() + static_cast<std::ptrdiff_t>(found) + 1);
    }
  }

  std::size_t bins_max_;
  Type x_;
};

std::optional<AggregateSignature> resolve_histogram(CallSite& call) {
  const TypeKind kind = call.type(0).kind();
  const bool moment = kind == TypeKind::kDate || kind == TypeKind::kTimestamp ||
                      kind == TypeKind::kTimestampNtz || kind == TypeKind::kYearMonthInterval ||
                      kind == TypeKind::kDayTimeInterval;
  if (kind == TypeKind::kDecimal && !call.cast(0, Type(TypeKind::kDouble))) {
    return std::nullopt;
  }
  if (!call.type(0).is_numeric() && !moment) {
    (void)call.fail(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        "42K09",
        "histogram_numeric needs numbers, dates or intervals, not " + call.type(0).to_sql());
    return std::nullopt;
  }
  const auto bins = call.cast(1, Type(TypeKind::kInt)) ? call.constant(1) : std::nullopt;
  if (!bins || bins->is_null() || bins->integer() < 2) {
    (void)call.fail("DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
                    "42K09",
                    "The `nb` of histogram_numeric must be a constant of 2 or more.");
    return std::nullopt;
  }
  const Type bin = Type::structure(
      {{.name = "x", .type = call.type(0), .nullable = true, .comment = ""},
       {.name = "y", .type = Type(TypeKind::kDouble), .nullable = true, .comment = ""}});
  return AggregateSignature{.type = Type::array(bin), .nullable = true};
}

// --- approx_top_k

struct TopOps {
  // In the order of their first appearance.
  using Counts = std::vector<std::pair<Value, std::int64_t>>;

  struct State {
    std::unordered_map<std::string, std::size_t> numbers = {};  // Of counts.
    Counts counts = {};
    std::size_t bytes = 0;
  };

  explicit TopOps(const AggregateSpec& spec)
      : k_(spec.constants.size() > 1 && spec.constants[1]
               ? static_cast<std::size_t>(spec.constants[1]->integer())
               : 5) {}

  static void add(State& state, Args args, std::size_t row) {
    if (!args[0]->is_null(row)) {
      add_value(state, args[0]->value(row), 1);
    }
  }

  static void merge(State& into, State& from) {
    for (auto& [value, count] : from.counts) {
      add_value(into, std::move(value), count);
    }
  }

  EvalError finish(const State& state, data::ColumnBuilder& out) const {
    Counts counts = state.counts;
    std::ranges::stable_sort(counts,
                             [](const auto& a, const auto& b) { return a.second > b.second; });
    data::ValueList list;
    for (std::size_t at = 0; at < counts.size() && at < k_; ++at) {
      data::ValueList fields;
      fields.push_back(counts[at].first);
      fields.emplace_back(counts[at].second);
      list.emplace_back(std::move(fields));
    }
    out.append_value(Value(std::move(list)));
    return EvalError::kNone;
  }

  static std::size_t extra_bytes(const State& state) { return state.bytes; }

 private:
  // The bytes by which a value is known; its type is that of all others.
  static std::string key_of(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value.v)) {
      return *text;
    }
    if (const auto* whole = std::get_if<std::int64_t>(&value.v)) {
      return std::to_string(*whole);
    }
    if (const auto* truth = std::get_if<bool>(&value.v)) {
      return *truth ? "t" : "f";
    }
    if (const auto* decimal = std::get_if<Int128>(&value.v)) {
      return {reinterpret_cast<const char*>(decimal), sizeof(*decimal)};
    }
    const double number = value.floating() == 0 ? 0.0 : value.floating();
    return {reinterpret_cast<const char*>(&number), sizeof(number)};
  }

  static void add_value(State& state, Value value, std::int64_t count) {
    const auto [found, fresh] = state.numbers.try_emplace(key_of(value), state.counts.size());
    if (!fresh) {
      state.counts[found->second].second += count;
      return;
    }
    state.bytes += 2 * boxed_bytes(value) + found->first.capacity() + 64;
    state.counts.emplace_back(std::move(value), count);
  }

  std::size_t k_;
};

// A constant whole number above 0 at `index`, if it is there.
bool is_positive(CallSite& call, std::size_t index, std::string_view name) {
  if (index >= call.count()) {
    return true;
  }
  const auto value = call.cast(index, Type(TypeKind::kInt)) ? call.constant(index) : std::nullopt;
  if (value && !value->is_null() && value->integer() > 0) {
    return true;
  }
  (void)call.fail("APPROX_TOP_K_NON_POSITIVE_ARG",
                  "22023",
                  "The value of " + std::string(name) + " must be a constant above 0.");
  return false;
}

std::optional<AggregateSignature> resolve_top(CallSite& call) {
  const Type& type = call.type(0);
  if (type.is_nested() || type.is_void() || type.kind() == TypeKind::kVariant ||
      type.kind() == TypeKind::kCalendarInterval) {
    (void)call.fail("DATATYPE_MISMATCH.TYPE_CHECK_FAILURE_WITH_HINT",
                    "42K09",
                    "approx_top_k counts values of simple types, not " + type.to_sql());
    return std::nullopt;
  }
  if (!is_positive(call, 1, "k") || !is_positive(call, 2, "maxItemsTracked")) {
    return std::nullopt;
  }
  const Type item = Type::structure(
      {{.name = "item", .type = type, .nullable = true, .comment = ""},
       {.name = "count", .type = Type(TypeKind::kBigInt), .nullable = false, .comment = ""}});
  return AggregateSignature{.type = Type::array(item), .nullable = false};
}

constexpr AggregateFunction kSummaryAggregates[] = {
    {"histogram_numeric",
     2,
     2,
     resolve_histogram,
     Accumulator<HistogramOps>::make,
     "histogram_numeric(a, n) - a histogram of at most n bins"},
    {"approx_top_k",
     1,
     3,
     resolve_top,
     Accumulator<TopOps>::make,
     "approx_top_k(a[, k[, maxItemsTracked]]) - the k values that occur most often"},
};

}  // namespace

std::span<const AggregateFunction> summary_aggregates() {
  return kSummaryAggregates;
}

}  // namespace millrace::expr
