// GROUP BY: each row gets the number of its group; the aggregators keep the states of all groups.
#include "expr/aggregate.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "data/column_builder.h"
#include "exec/query_run.h"
#include "exec/row_key.h"

namespace millrace::exec {

namespace {

class AggregateSource final : public BatchSource {
 public:
  AggregateSource(const plan::Node& node, SourcePtr input, QueryRun& run)
      : aggregate_(std::get<plan::Aggregate>(node.op)), input_(std::move(input)), run_(run) {
    for (const expr::ExpressionPtr& group : aggregate_.groups) {
      keys_.emplace_back(group->type);
    }
    for (const plan::AggregateCall& call : aggregate_.calls) {
      aggregators_.push_back(expr::make_aggregator(call.function, call.args, call.type));
    }
    seen_.resize(aggregate_.calls.size());
  }

  Result<bool> next(data::Batch& batch) override {
    if (!built_) {
      TRY(build());
      built_ = true;
    }
    if (at_ == groups_) {
      return false;
    }
    const std::size_t count = std::min<std::size_t>(groups_ - at_, data::kBatchRows);
    std::vector<std::uint32_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), static_cast<std::uint32_t>(at_));
    batch = {};
    batch.rows = count;
    batch.selection = data::Selection::all(count);
    for (const data::ColumnPtr& key : key_columns_) {
      data::ColumnBuilder builder(key->type(), count);
      for (std::size_t group = at_; group < at_ + count; ++group) {
        builder.append_from(*key, group);
      }
      batch.columns.push_back(builder.finish());
    }
    for (std::size_t call = 0; call < aggregators_.size(); ++call) {
      std::vector<expr::AggregateError> errors;
      batch.columns.push_back(aggregators_[call]->finish(numbers, errors));
      TRY(check(call, errors));
    }
    at_ += count;
    return true;
  }

 private:
  Result<void> check(std::size_t call, const std::vector<expr::AggregateError>& errors) {
    if (errors.empty()) {
      return {};
    }
    return run_.fail(
        errors.front().error,
        aggregate_.calls[call].function,
        aggregate_.calls[call].args.empty() ? SourceSpan{} : aggregate_.calls[call].args[0]->where);
  }

  Result<void> build() {
    if (aggregate_.groups.empty()) {
      groups_ = 1;
      resize();
    }
    data::Batch batch;
    while (TRY(input_->next(batch))) {
      TRY(run_.check_stop());
      if (batch.selection.size() != 0) {
        TRY(add(batch));
      }
    }
    for (data::ColumnBuilder& key : keys_) {
      key_columns_.push_back(key.finish());
    }
    return {};
  }

  void resize() {
    for (const auto& aggregator : aggregators_) {
      aggregator->resize(groups_);
    }
  }

  Result<void> add(data::Batch& batch) {
    expr::Evaluation evaluation(run_.context(), batch);
    std::vector<data::ColumnPtr> keys;
    keys.reserve(aggregate_.groups.size());
    for (const expr::ExpressionPtr& group : aggregate_.groups) {
      keys.push_back(evaluation.evaluate(*group, batch.selection));
    }
    TRY(run_.check(batch));
    const std::vector<std::uint32_t> groups = number(batch, keys);
    resize();
    std::size_t bytes = 0;
    for (std::size_t call = 0; call < aggregators_.size(); ++call) {
      TRY(update(call, batch, groups, evaluation));
      bytes += aggregators_[call]->memory_bytes();
    }
    const std::size_t grown = bytes > state_bytes_ ? bytes - state_bytes_ : 0;
    state_bytes_ = std::max(state_bytes_, bytes);
    return run_.keep(grown + std::exchange(key_bytes_, 0), "grouping");
  }

  // The group of each selected row, in the order of the selection; new groups get new numbers.
  std::vector<std::uint32_t> number(const data::Batch& batch,
                                    const std::vector<data::ColumnPtr>& keys) {
    std::vector<std::uint32_t> groups;
    groups.reserve(batch.selection.size());
    std::string key;
    batch.selection.for_each([&](std::size_t row) {
      if (keys.empty()) {
        groups.push_back(0);
        return;
      }
      row_key(keys, row, key);
      const auto [entry, fresh] = numbers_.try_emplace(key, static_cast<std::uint32_t>(groups_));
      if (fresh) {
        ++groups_;
        key_bytes_ += 2 * key.size() + 64;
        for (std::size_t column = 0; column < keys.size(); ++column) {
          keys_[column].append_from(*keys[column], row);
        }
      }
      groups.push_back(entry->second);
    });
    return groups;
  }

  // Gives a call its rows: those that pass its FILTER and, with DISTINCT, those seen first.
  Result<void> update(std::size_t number,
                      data::Batch& batch,
                      const std::vector<std::uint32_t>& groups,
                      expr::Evaluation& evaluation) {
    const plan::AggregateCall& call = aggregate_.calls[number];
    data::Selection rows = batch.selection;
    if (call.filter) {
      rows = expr::filter_rows(*call.filter, rows, evaluation);
    }
    std::vector<data::ColumnPtr> args;
    args.reserve(call.args.size());
    for (const expr::ExpressionPtr& arg : call.args) {
      args.push_back(evaluation.evaluate(*arg, rows));
    }
    TRY(run_.check(batch));
    if (!call.filter && !call.distinct) {
      aggregators_[number]->update({.args = args, .groups = groups, .rows = rows});
      return {};
    }
    std::vector<std::uint32_t> group_of(batch.rows);
    for (std::size_t index = 0; index < groups.size(); ++index) {
      group_of[batch.selection[index]] = groups[index];
    }
    std::vector<data::RowIndex> kept;
    std::vector<std::uint32_t> kept_groups;
    std::string key;
    rows.for_each([&](std::size_t row) {
      if (call.distinct) {
        row_key(args, row, key);
        key.append(reinterpret_cast<const char*>(&group_of[row]), sizeof(std::uint32_t));
        if (!seen_[number].insert(key).second) {
          return;
        }
        key_bytes_ += key.size() + 64;
      }
      kept.push_back(static_cast<data::RowIndex>(row));
      kept_groups.push_back(group_of[row]);
    });
    const data::Selection selection(std::move(kept));
    aggregators_[number]->update({.args = args, .groups = kept_groups, .rows = selection});
    return {};
  }

  const plan::Aggregate& aggregate_;
  SourcePtr input_;
  QueryRun& run_;
  std::vector<std::unique_ptr<expr::Aggregator>> aggregators_;
  std::vector<std::unordered_set<std::string>> seen_;  // Of DISTINCT calls.
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<data::ColumnBuilder> keys_;
  std::vector<data::ColumnPtr> key_columns_;
  std::size_t groups_ = 0;
  std::size_t at_ = 0;
  std::size_t state_bytes_ = 0;
  std::size_t key_bytes_ = 0;
  bool built_ = false;
};

}  // namespace

SourcePtr make_aggregate(const plan::Node& node, SourcePtr input, QueryRun& run) {
  return std::make_unique<AggregateSource>(node, std::move(input), run);
}

}  // namespace millrace::exec
