// Variance and its relatives, kept as moments about the mean that are updated value by value
// (Welford; Pébay, "Formulas for Robust, One-Pass Parallel Computation of Covariances and
// Arbitrary-Order Statistical Moments", 2008). The order of operations is the one that gives the
// same last digits as Spark.
#include <cmath>

#include "expr/aggregate_families.h"

namespace millrace::expr {
namespace {

using data::Type;
using data::TypeKind;
using Args = std::span<const data::ColumnPtr>;

struct Moments {
  double n = 0;
  double mean = 0;
  double m2 = 0;
  double m3 = 0;
  double m4 = 0;

  void add(double x) {
    const double n_after = n + 1;
    const double delta = x - mean;
    const double delta_n = delta / n_after;
    const double delta2 = delta * delta;
    const double delta_n2 = delta_n * delta_n;
    const double m2_after = m2 + delta * (delta - delta_n);
    const double m3_after = m3 - 3.0 * delta_n * m2_after + delta * (delta2 - delta_n2);
    m4 = m4 - 4.0 * delta_n * m3_after - 6.0 * delta_n2 * m2_after +
         delta * (delta * delta2 - delta_n * delta_n2);
    m3 = m3_after;
    m2 = m2_after;
    mean += delta_n;
    n = n_after;
  }

  void merge(const Moments& right) {
    if (right.n == 0) {
      return;
    }
    if (n == 0) {
      *this = right;
      return;
    }
    const Moments left = *this;
    n = left.n + right.n;
    const double delta = right.mean - left.mean;
    const double delta_n = delta / n;
    mean = left.mean + delta_n * right.n;
    m2 = left.m2 + right.m2 + delta * delta_n * left.n * right.n;
    m3 = left.m3 + right.m3 + delta_n * delta_n * delta * left.n * right.n * (left.n - right.n) +
         3.0 * delta_n * (left.n * right.m2 - right.n * left.m2);
    m4 = left.m4 + right.m4 +
         delta_n * delta_n * delta_n * delta * left.n * right.n *
             (left.n * left.n - left.n * right.n + right.n * right.n) +
         6.0 * delta_n * delta_n * (left.n * left.n * right.m2 + right.n * right.n * left.m2) +
         4.0 * delta_n * (left.n * right.m3 - right.n * left.m3);
  }
};

using Result = std::optional<double>;

Result variance_pop(const Moments& state) {
  return state.n == 0 ? Result() : Result(state.m2 / state.n);
}

Result variance_samp(const Moments& state) {
  return state.n < 2 ? Result() : Result(state.m2 / (state.n - 1));
}

Result root(Result value) {
  return value ? Result(std::sqrt(*value)) : value;
}

Result deviation_pop(const Moments& state) {
  return root(variance_pop(state));
}

Result deviation_samp(const Moments& state) {
  return root(variance_samp(state));
}

Result skewness(const Moments& state) {
  return state.n == 0 || state.m2 == 0
             ? Result()
             : Result(std::sqrt(state.n) * state.m3 / std::sqrt(state.m2 * state.m2 * state.m2));
}

Result kurtosis(const Moments& state) {
  return state.n == 0 || state.m2 == 0 ? Result()
                                       : Result(state.n * state.m4 / (state.m2 * state.m2) - 3.0);
}

EvalError append_result(const Result& result, data::ColumnBuilder& out) {
  if (result) {
    out.append(*result);
  } else {
    out.append_null();
  }
  return EvalError::kNone;
}

template <Result (*kResult)(const Moments&)>
struct MomentOps : FlatOps {
  using State = Moments;

  explicit MomentOps(const AggregateSpec&) {}

  static void add(State& state, Args args, std::size_t row) {
    if (!args[0]->is_null(row)) {
      state.add(args[0]->get<double>(row));
    }
  }

  static void merge(State& into, const State& from) { into.merge(from); }

  static EvalError finish(const State& state, data::ColumnBuilder& out) {
    return append_result(kResult(state), out);
  }
};

// Two columns together. Of corr(a, b) and covar(a, b) the first is x; of regr_…(y, x) the second.
struct Pairs {
  double n = 0;
  double mean_x = 0;
  double mean_y = 0;
  double c = 0;  ///< Sum of (x - mean_x)(y - mean_y).
  double m2_x = 0;
  double m2_y = 0;

  void add(double x, double y) {
    n += 1;
    const double dx = x - mean_x;
    const double dy = y - mean_y;
    mean_x += dx / n;
    mean_y += dy / n;
    c += dx * (y - mean_y);
    m2_x += dx * (x - mean_x);
    m2_y += dy * (y - mean_y);
  }

  void merge(const Pairs& right) {
    if (right.n == 0) {
      return;
    }
    if (n == 0) {
      *this = right;
      return;
    }
    const double count = n + right.n;
    const double dx = right.mean_x - mean_x;
    const double dy = right.mean_y - mean_y;
    const double dx_n = dx / count;
    const double dy_n = dy / count;
    c += right.c + dx * dy_n * n * right.n;
    m2_x += right.m2_x + dx * dx_n * n * right.n;
    m2_y += right.m2_y + dy * dy_n * n * right.n;
    mean_x += dx_n * right.n;
    mean_y += dy_n * right.n;
    n = count;
  }
};

Result covariance_pop(const Pairs& state) {
  return state.n == 0 ? Result() : Result(state.c / state.n);
}

Result covariance_samp(const Pairs& state) {
  return state.n < 2 ? Result() : Result(state.c / (state.n - 1));
}

Result correlation(const Pairs& state) {
  return state.n < 2 ? Result() : Result(state.c / std::sqrt(state.m2_x * state.m2_y));
}

Result slope(const Pairs& state) {
  return state.n < 2 || state.m2_x == 0 ? Result() : Result(state.c / state.m2_x);
}

Result intercept(const Pairs& state) {
  const Result by = slope(state);
  return by ? Result(state.mean_y - *by * state.mean_x) : by;
}

Result r_squared(const Pairs& state) {
  if (state.n == 0 || state.m2_x == 0) {
    return {};
  }
  return state.m2_y == 0 ? 1.0 : state.c * state.c / (state.m2_x * state.m2_y);
}

Result average_x(const Pairs& state) {
  return state.n == 0 ? Result() : Result(state.mean_x);
}

Result average_y(const Pairs& state) {
  return state.n == 0 ? Result() : Result(state.mean_y);
}

Result sum_xx(const Pairs& state) {
  return state.n == 0 ? Result() : Result(state.m2_x);
}

Result sum_yy(const Pairs& state) {
  return state.n == 0 ? Result() : Result(state.m2_y);
}

Result sum_xy(const Pairs& state) {
  return state.n == 0 ? Result() : Result(state.c);
}

template <Result (*kResult)(const Pairs&), bool kSecondIsX>
struct PairOps : FlatOps {
  using State = Pairs;

  explicit PairOps(const AggregateSpec&) {}

  static void add(State& state, Args args, std::size_t row) {
    if (args[0]->is_null(row) || args[1]->is_null(row)) {
      return;
    }
    const double first = args[0]->get<double>(row);
    const double second = args[1]->get<double>(row);
    if (kSecondIsX) {
      state.add(second, first);
    } else {
      state.add(first, second);
    }
  }

  static void merge(State& into, const State& from) { into.merge(from); }

  static EvalError finish(const State& state, data::ColumnBuilder& out) {
    return append_result(kResult(state), out);
  }
};

struct PairCountOps : PairOps<covariance_pop, true> {
  using PairOps::PairOps;

  static EvalError finish(const State& state, data::ColumnBuilder& out) {
    out.append(static_cast<std::int64_t>(state.n));
    return EvalError::kNone;
  }
};

std::optional<AggregateSignature> resolve_doubles(CallSite& call) {
  for (std::size_t i = 0; i < call.count(); ++i) {
    if (!call.cast(i, Type(TypeKind::kDouble))) {
      return std::nullopt;
    }
  }
  return AggregateSignature{.type = Type(TypeKind::kDouble)};
}

std::optional<AggregateSignature> resolve_pair_count(CallSite& call) {
  if (!resolve_doubles(call)) {
    return std::nullopt;
  }
  return AggregateSignature{.type = Type(TypeKind::kBigInt), .nullable = false};
}

template <Result (*kResult)(const Moments&)>
constexpr AggregateFunction moment(std::string_view name, std::string_view usage) {
  return {name, 1, 1, resolve_doubles, Accumulator<MomentOps<kResult>>::make, usage};
}

template <Result (*kResult)(const Pairs&)>
constexpr AggregateFunction pair(std::string_view name, std::string_view usage) {
  return {name, 2, 2, resolve_doubles, Accumulator<PairOps<kResult, false>>::make, usage};
}

template <Result (*kResult)(const Pairs&)>
constexpr AggregateFunction regression(std::string_view name, std::string_view usage) {
  return {name, 2, 2, resolve_doubles, Accumulator<PairOps<kResult, true>>::make, usage};
}

constexpr AggregateFunction kMomentAggregates[] = {
    moment<deviation_samp>("stddev", "stddev(a) - the sample's standard deviation"),
    moment<deviation_samp>("std", "std(a) - the sample's standard deviation"),
    moment<deviation_samp>("stddev_samp", "stddev_samp(a) - the sample's standard deviation"),
    moment<deviation_pop>("stddev_pop", "stddev_pop(a) - the population's standard deviation"),
    moment<variance_samp>("variance", "variance(a) - the sample's variance"),
    moment<variance_samp>("var_samp", "var_samp(a) - the sample's variance"),
    moment<variance_pop>("var_pop", "var_pop(a) - the population's variance"),
    moment<skewness>("skewness", "skewness(a)"),
    moment<kurtosis>("kurtosis", "kurtosis(a)"),
    pair<covariance_pop>("covar_pop", "covar_pop(a, b) - the population's covariance"),
    pair<covariance_samp>("covar_samp", "covar_samp(a, b) - the sample's covariance"),
    pair<correlation>("corr", "corr(a, b) - Pearson's correlation"),
    regression<slope>("regr_slope", "regr_slope(y, x) - of the regression line"),
    regression<intercept>("regr_intercept", "regr_intercept(y, x) - of the regression line"),
    regression<r_squared>("regr_r2", "regr_r2(y, x) - the coefficient of determination"),
    regression<average_x>("regr_avgx", "regr_avgx(y, x) - the average of x"),
    regression<average_y>("regr_avgy", "regr_avgy(y, x) - the average of y"),
    regression<sum_xx>("regr_sxx", "regr_sxx(y, x) - squares of x about its mean"),
    regression<sum_yy>("regr_syy", "regr_syy(y, x) - squares of y about its mean"),
    regression<sum_xy>("regr_sxy", "regr_sxy(y, x) - products about the means"),
    {"regr_count",
     2,
     2,
     resolve_pair_count,
     Accumulator<PairCountOps>::make,
     "regr_count(y, x) - pairs without a null"},
};

}  // namespace

std::span<const AggregateFunction> moment_aggregates() {
  return kMomentAggregates;
}

}  // namespace millrace::expr
