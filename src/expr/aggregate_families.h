// The families of aggregates, and the frame that most of them are made of.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "data/column_builder.h"
#include "expr/aggregate.h"

namespace millrace::expr {

std::span<const AggregateFunction> sum_aggregates();      ///< count sum avg
std::span<const AggregateFunction> extreme_aggregates();  ///< min max first last bool_and bit_or …
std::span<const AggregateFunction> collect_aggregates();  ///< collect_list listagg mode …
std::span<const AggregateFunction> percentile_aggregates();
std::span<const AggregateFunction> moment_aggregates();   ///< stddev corr regr_slope …
std::span<const AggregateFunction> sketch_aggregates();   ///< approx_count_distinct
std::span<const AggregateFunction> summary_aggregates();  ///< histogram_numeric approx_top_k

/// An Aggregator with a vector of `Ops::State`, one a group. Ops, made from a spec, has
///   void add(State&, std::span<const data::ColumnPtr> args, std::size_t row)
///   void merge(State& into, State& from)
///   EvalError finish(State&, data::ColumnBuilder& out)   // appends one value, or null on an error
///   static std::size_t extra_bytes(const State&)         // beyond sizeof(State)
template <class Ops>
class Accumulator final : public Aggregator {
 public:
  using State = typename Ops::State;

  explicit Accumulator(const AggregateSpec& spec) : ops_(spec), type_(spec.result) {}

  static std::unique_ptr<Aggregator> make(const AggregateSpec& spec) {
    return std::make_unique<Accumulator>(spec);
  }

  void resize(std::size_t groups) override { states_.resize(groups); }

  void reset(std::uint32_t group) override { states_[group] = State{}; }

  void update(const AggregateInput& input) override {
    const std::uint32_t* group = input.groups.data();
    input.rows.for_each([&](std::size_t row) { ops_.add(states_[*group++], input.args, row); });
  }

  void merge(Aggregator& other, std::span<const std::uint32_t> groups) override {
    auto& from = static_cast<Accumulator&>(other);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      ops_.merge(states_[groups[i]], from.states_[i]);
    }
  }

  data::ColumnPtr finish(std::span<const std::uint32_t> groups,
                         std::vector<AggregateError>& errors) override {
    data::ColumnBuilder builder(type_, groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const EvalError error = ops_.finish(states_[groups[i]], builder);
      if (error != EvalError::kNone) {
        errors.push_back({i, error});
      }
    }
    return builder.finish();
  }

  [[nodiscard]] std::size_t memory_bytes() const override {
    std::size_t bytes = states_.capacity() * sizeof(State);
    for (const State& state : states_) {
      bytes += Ops::extra_bytes(state);
    }
    return bytes;
  }

 private:
  Ops ops_;
  data::Type type_;
  std::vector<State> states_;
};

/// About how much memory a boxed value takes.
inline std::size_t boxed_bytes(const data::Value& value) {
  const auto* text = std::get_if<std::string>(&value.v);
  return sizeof(data::Value) + (text != nullptr ? text->capacity() : 0);
}

/// For Ops whose states hold no memory of their own.
struct FlatOps {
  template <class State>
  static std::size_t extra_bytes(const State&) {
    return 0;
  }
};

}  // namespace millrace::expr
