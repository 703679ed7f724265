// Window functions: keeps all rows, sorts them by partition and order, and gives each row the value
// of every call over its frame.
//
// A frame is a range [begin, end) of rows of the sorted partition. Where frames begin with the
// partition each row of it is added to the aggregate once, as the frames grow; where they end with
// it and the order of the rows does not matter, the same is done from the back. All other frames
// are added up row by row: a frame of w rows costs w steps a row.
#include <algorithm>
#include <array>
#include <utility>

#include "data/column_builder.h"
#include "exec/kept_rows.h"
#include "exec/query_run.h"
#include "exec/row_key.h"
#include "expr/aggregate.h"

namespace millrace::exec {

namespace {

struct Frame {
  std::size_t begin = 0;
  std::size_t end = 0;

  friend bool operator==(const Frame&, const Frame&) = default;
};

/// How the frames of a partition are added up.
enum class Way : std::uint8_t {
  kGrows,    ///< From the first row on.
  kShrinks,  ///< From the last row back.
  kAnew,     ///< Each frame by itself.
};

/// The columns of one batch that calls and order look at.
struct Evaluated {
  std::vector<data::ColumnPtr> partition = {};
  std::vector<data::ColumnPtr> order = {};
  // Of each call:
  std::vector<std::vector<data::ColumnPtr>> args = {};
  std::vector<std::vector<bool>> passes = {};  // FILTER, by row; empty: all
  std::vector<data::ColumnPtr> starts = {};
  std::vector<data::ColumnPtr> ends = {};
};

// The same value whatever the order of the rows.
constexpr std::array<std::string_view, 12> kUnordered = {"count",
                                                         "count_if",
                                                         "min",
                                                         "max",
                                                         "bool_and",
                                                         "bool_or",
                                                         "every",
                                                         "some",
                                                         "any",
                                                         "bit_and",
                                                         "bit_or",
                                                         "bit_xor"};

bool takes_first(std::string_view name) {
  return name == "first" || name == "first_value" || name == "any_value";
}

bool takes_last(std::string_view name) {
  return name == "last" || name == "last_value";
}

class WindowSource final : public BatchSource {
 public:
  WindowSource(const plan::Node& node, SourcePtr input, QueryRun& run)
      : node_(node),
        window_(std::get<plan::Window>(node.op)),
        input_(std::move(input)),
        run_(run) {}

  Result<bool> next(data::Batch& batch) override {
    if (!built_) {
      TRY(build());
      built_ = true;
    }
    const std::size_t begin = kept_.given();
    if (!kept_.give(batch)) {
      return false;
    }
    for (const data::ColumnPtr& result : results_) {
      data::ColumnBuilder builder(result->type(), batch.rows);
      for (std::size_t row = begin; row < kept_.given(); ++row) {
        builder.append_from(*result, row);
      }
      batch.columns.push_back(builder.finish());
    }
    return true;
  }

 private:
  Result<void> build() {
    TRY(kept_.read(*input_, run_, "sorting windows"));
    for (data::Batch& batch : kept_.batches()) {
      TRY(evaluate(batch));
    }
    kept_.sort([&](const RowAt& a, const RowAt& b) { return compare(a, b) < 0; });
    for (const plan::WindowCall& call : window_.calls) {
      builders_.emplace_back(call.type, kept_.rows().size());
    }
    for (std::size_t begin = 0; begin < kept_.rows().size();) {
      std::size_t end = begin + 1;
      while (end < kept_.rows().size() &&
             compare_partition(kept_.rows()[begin], kept_.rows()[end]) == 0) {
        ++end;
      }
      TRY(run_partition(begin, end));
      begin = end;
    }
    std::size_t bytes = 0;
    for (data::ColumnBuilder& builder : builders_) {
      results_.push_back(builder.finish());
      bytes += results_.back()->memory_bytes();
    }
    return run_.keep(bytes, "computing windows");
  }

  Result<void> evaluate(data::Batch& batch) {
    expr::Evaluation evaluation(run_.context(), batch);
    Evaluated& into = evaluated_.emplace_back();
    for (const expr::ExpressionPtr& value : window_.partition) {
      into.partition.push_back(evaluation.evaluate(*value, batch.selection));
    }
    for (const plan::SortKey& key : window_.order) {
      into.order.push_back(evaluation.evaluate(*key.expression, batch.selection));
    }
    std::size_t bytes = 0;
    for (const plan::WindowCall& call : window_.calls) {
      data::Selection rows = batch.selection;
      std::vector<bool>& passes = into.passes.emplace_back();
      if (call.filter) {
        rows = expr::filter_rows(*call.filter, rows, evaluation);
        passes.resize(batch.rows);
        rows.for_each([&](std::size_t row) { passes[row] = true; });
      }
      auto& args = into.args.emplace_back();
      for (const expr::ExpressionPtr& arg : call.args) {
        args.push_back(evaluation.evaluate(*arg, rows));
        bytes += args.back()->memory_bytes();
      }
      const auto bound = [&](const plan::FrameBound& edge) -> data::ColumnPtr {
        return edge.value ? evaluation.evaluate(*edge.value, batch.selection) : nullptr;
      };
      into.starts.push_back(bound(call.start));
      into.ends.push_back(bound(call.end));
    }
    TRY(run_.check(batch));
    return run_.keep(bytes, "computing windows");
  }

  [[nodiscard]] int compare_partition(const RowAt& a, const RowAt& b) const {
    for (std::size_t key = 0; key < window_.partition.size(); ++key) {
      const data::Column& left = *evaluated_[a.batch].partition[key];
      const data::Column& right = *evaluated_[b.batch].partition[key];
      const bool left_null = left.is_null(a.row);
      if (left_null != right.is_null(b.row)) {
        return left_null ? -1 : 1;
      }
      const int order = left_null ? 0 : compare_rows(left, a.row, right, b.row);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  [[nodiscard]] int compare_order(const RowAt& a, const RowAt& b) const {
    for (std::size_t key = 0; key < window_.order.size(); ++key) {
      const data::Column& left = *evaluated_[a.batch].order[key];
      const data::Column& right = *evaluated_[b.batch].order[key];
      const bool left_null = left.is_null(a.row);
      if (left_null != right.is_null(b.row)) {
        return left_null == window_.order[key].nulls_first ? -1 : 1;
      }
      const int order = left_null ? 0 : compare_rows(left, a.row, right, b.row);
      if (order != 0) {
        return window_.order[key].ascending ? order : -order;
      }
    }
    return 0;
  }

  [[nodiscard]] int compare(const RowAt& a, const RowAt& b) const {
    const int order = compare_partition(a, b);
    return order != 0 ? order : compare_order(a, b);
  }

  Result<void> run_partition(std::size_t begin, std::size_t end) {
    TRY(run_.check_stop());
    partition_ = {begin, end};
    peers_.assign(end - begin, {});
    for (std::size_t first = begin; first < end;) {
      std::size_t last = first + 1;
      while (last < end && compare_order(kept_.rows()[first], kept_.rows()[last]) == 0) {
        ++last;
      }
      for (std::size_t row = first; row < last; ++row) {
        peers_[row - begin] = {first, last};
      }
      first = last;
    }
    for (std::size_t call = 0; call < window_.calls.size(); ++call) {
      TRY(run_call(call));
    }
    return {};
  }

  Result<void> run_call(std::size_t number) {
    const std::string& name = window_.calls[number].function;
    if (name == "lag" || name == "lead") {
      shift(number, name == "lead" ? 1 : -1);
      return {};
    }
    if (takes_first(name) || takes_last(name) || name == "nth_value") {
      pick(number);
      return {};
    }
    if (rank(number, name)) {
      return {};
    }
    return aggregate(number);
  }

  // row_number, rank, …; false for other functions.
  bool rank(std::size_t number, const std::string& name) {
    data::ColumnBuilder& out = builders_[number];
    const auto size = static_cast<double>(partition_.end - partition_.begin);
    std::int32_t dense = 0;
    for (std::size_t row = partition_.begin; row < partition_.end; ++row) {
      const Frame& peers = peers_[row - partition_.begin];
      dense += peers.begin == row ? 1 : 0;
      const auto before = peers.begin - partition_.begin;
      if (name == "row_number") {
        out.append(static_cast<std::int32_t>(row - partition_.begin + 1));
      } else if (name == "rank") {
        out.append(static_cast<std::int32_t>(before + 1));
      } else if (name == "dense_rank") {
        out.append(dense);
      } else if (name == "percent_rank") {
        out.append(size > 1 ? static_cast<double>(before) / (size - 1) : 0.0);
      } else if (name == "cume_dist") {
        out.append(static_cast<double>(peers.end - partition_.begin) / size);
      } else if (name == "ntile") {
        out.append(tile(number, row - partition_.begin));
      } else {
        return false;
      }
    }
    return true;
  }

  // The larger tiles come first.
  [[nodiscard]] std::int32_t tile(std::size_t number, std::size_t row) const {
    const auto& args = window_.calls[number].args;
    const std::size_t tiles = args.empty() ? 1 : static_cast<std::size_t>(args[0]->value.integer());
    const std::size_t size = partition_.end - partition_.begin;
    const std::size_t small = size / tiles;
    const std::size_t large = size % tiles;
    const std::size_t in_large = large * (small + 1);
    return static_cast<std::int32_t>(row < in_large ? row / (small + 1)
                                                    : large + (row - in_large) / small) +
           1;
  }

  [[nodiscard]] const data::Column& argument(std::size_t number,
                                             std::size_t row,
                                             std::size_t arg) const {
    return *evaluated_[kept_.rows()[row].batch].args[number][arg];
  }

  [[nodiscard]] bool is_null(std::size_t number, std::size_t row) const {
    return argument(number, row, 0).is_null(kept_.rows()[row].row);
  }

  void append(std::size_t number, std::size_t row, std::size_t arg) {
    builders_[number].append_from(argument(number, row, arg), kept_.rows()[row].row);
  }

  void shift(std::size_t number, std::int64_t direction) {
    const plan::WindowCall& call = window_.calls[number];
    const std::int64_t offset =
        direction * (call.args.size() > 1 ? call.args[1]->value.integer() : 1);
    const auto begin = static_cast<std::int64_t>(partition_.begin);
    const auto end = static_cast<std::int64_t>(partition_.end);
    for (std::int64_t row = begin; row < end; ++row) {
      std::int64_t at = row;
      if (!call.ignore_nulls || offset == 0) {
        const bool far = offset > end - begin || offset < begin - end;
        at = far ? end : row + offset;
      } else {
        const std::int64_t step = offset > 0 ? 1 : -1;
        for (std::int64_t left = offset * step; left > 0 && at >= begin && at < end;) {
          at += step;
          const bool inside = at >= begin && at < end;
          left -= inside && is_null(number, static_cast<std::size_t>(at)) ? 0 : 1;
        }
      }
      if (at >= begin && at < end) {
        append(number, static_cast<std::size_t>(at), 0);
      } else if (call.args.size() > 2) {
        append(number, static_cast<std::size_t>(row), 2);
      } else {
        builders_[number].append_null();
      }
    }
  }

  // first_value, last_value, nth_value: one row of the frame.
  void pick(std::size_t number) {
    const plan::WindowCall& call = window_.calls[number];
    const bool last = takes_last(call.function);
    const std::int64_t nth = call.function == "nth_value" ? call.args[1]->value.integer() : 1;
    for (std::size_t row = partition_.begin; row < partition_.end; ++row) {
      const Frame frame = frame_of(number, row);
      std::int64_t left = nth;
      std::size_t found = frame.end;
      for (std::size_t step = 0; step < frame.end - frame.begin && left > 0; ++step) {
        const std::size_t at = last ? frame.end - 1 - step : frame.begin + step;
        if (passes(number, at) && !(call.ignore_nulls && is_null(number, at))) {
          --left;
          found = left == 0 ? at : found;
        }
      }
      if (left == 0) {
        append(number, found, 0);
      } else {
        builders_[number].append_null();
      }
    }
  }

  [[nodiscard]] bool passes(std::size_t number, std::size_t row) const {
    const std::vector<bool>& filter = evaluated_[kept_.rows()[row].batch].passes[number];
    return filter.empty() || filter[kept_.rows()[row].row];
  }

  static Way way_of(const plan::WindowCall& call) {
    if (call.start.edge == plan::FrameEdge::kUnboundedPreceding) {
      return Way::kGrows;
    }
    const bool any_order = std::ranges::find(kUnordered, call.function) != kUnordered.end();
    return any_order && call.end.edge == plan::FrameEdge::kUnboundedFollowing ? Way::kShrinks
                                                                              : Way::kAnew;
  }

  // The rows that the aggregate of the last frame lacks for this one; of kAnew all.
  static Frame added(Way way, const Frame& last, const Frame& frame) {
    switch (way) {
      case Way::kGrows:
        return {last.end, std::max(last.end, frame.end)};
      case Way::kShrinks:
        return {std::min(last.begin, frame.begin), last.begin};
      case Way::kAnew:
        break;
    }
    return frame;
  }

  Result<void> aggregate(std::size_t number) {
    const plan::WindowCall& call = window_.calls[number];
    const auto aggregator = expr::make_aggregator(call.function, call.args, call.type);
    aggregator->resize(1);
    const Way way = way_of(call);
    const bool shrinks = way == Way::kShrinks;
    const std::size_t size = partition_.end - partition_.begin;
    std::vector<data::ColumnPtr> values(size);
    Frame last{.begin = shrinks ? partition_.end : partition_.begin,
               .end = shrinks ? partition_.end : partition_.begin};
    data::ColumnPtr value;
    for (std::size_t step = 0; step < size; ++step) {
      const std::size_t row = shrinks ? partition_.end - 1 - step : partition_.begin + step;
      const Frame frame = frame_of(number, row);
      if (step % 1024 == 0) {
        TRY(run_.check_stop());
      }
      if (!value || !(frame == last)) {
        if (way == Way::kAnew) {
          aggregator->reset(0);
        }
        feed(number, *aggregator, added(way, last, frame));
        value = TRY(finish(number, *aggregator));
        last = frame;
      }
      values[row - partition_.begin] = value;
    }
    for (const data::ColumnPtr& each : values) {
      builders_[number].append_from(*each, 0);
    }
    return {};
  }

  void feed(std::size_t number, expr::Aggregator& aggregator, const Frame& rows) {
    static const std::vector<std::uint32_t> kGroup = {0};
    for (std::size_t at = rows.begin; at < rows.end; ++at) {
      if (passes(number, at)) {
        const data::Selection row(
            std::vector<data::RowIndex>{static_cast<data::RowIndex>(kept_.rows()[at].row)});
        aggregator.update({.args = evaluated_[kept_.rows()[at].batch].args[number],
                           .groups = kGroup,
                           .rows = row});
      }
    }
  }

  Result<data::ColumnPtr> finish(std::size_t number, expr::Aggregator& aggregator) {
    static const std::vector<std::uint32_t> kGroup = {0};
    const plan::WindowCall& call = window_.calls[number];
    std::vector<expr::AggregateError> errors;
    data::ColumnPtr value = aggregator.finish(kGroup, errors);
    if (!errors.empty()) {
      TRY(run_.fail(errors.front().error,
                    call.function,
                    call.args.empty() ? node_.where : call.args[0]->where));
    }
    return value;
  }

  [[nodiscard]] Frame frame_of(std::size_t number, std::size_t row) const {
    const plan::WindowCall& call = window_.calls[number];
    const std::size_t begin =
        edge(call.start, evaluated_[kept_.rows()[row].batch].starts[number], row, 0);
    const std::size_t end =
        edge(call.end, evaluated_[kept_.rows()[row].batch].ends[number], row, 1);
    return {begin, std::max(begin, end)};
  }

  // The first row of the frame (`behind` 0), or the one behind its last (1).
  [[nodiscard]] std::size_t edge(const plan::FrameBound& bound,
                                 const data::ColumnPtr& value,
                                 std::size_t row,
                                 std::size_t behind) const {
    const Frame& peers = peers_[row - partition_.begin];
    switch (bound.edge) {
      case plan::FrameEdge::kUnboundedPreceding:
        return partition_.begin;
      case plan::FrameEdge::kUnboundedFollowing:
        return partition_.end;
      case plan::FrameEdge::kPeers:
        return behind == 0 ? peers.begin : peers.end;
      case plan::FrameEdge::kRows: {
        const auto begin = static_cast<std::int64_t>(partition_.begin);
        const auto end = static_cast<std::int64_t>(partition_.end);
        const std::int64_t far = std::clamp(bound.rows, begin - end - 1, end - begin + 1);
        const std::int64_t at = static_cast<std::int64_t>(row + behind) + far;
        return static_cast<std::size_t>(std::clamp(at, begin, end));
      }
      case plan::FrameEdge::kValue:
        return reach(*value, row, behind);
    }
    return partition_.begin;
  }

  // RANGE: where the order key reaches the value; rows whose key is null see each other only.
  [[nodiscard]] std::size_t reach(const data::Column& value,
                                  std::size_t row,
                                  std::size_t behind) const {
    const Frame& peers = peers_[row - partition_.begin];
    if (value.is_null(kept_.rows()[row].row)) {
      return behind == 0 ? peers.begin : peers.end;
    }
    const plan::SortKey& key = window_.order[0];
    const auto before = [&](std::size_t at) {
      const data::Column& other = *evaluated_[kept_.rows()[at].batch].order[0];
      if (other.is_null(kept_.rows()[at].row)) {
        return key.nulls_first;
      }
      const int order = compare_rows(other, kept_.rows()[at].row, value, kept_.rows()[row].row);
      const int directed = key.ascending ? order : -order;
      return behind == 0 ? directed < 0 : directed <= 0;
    };
    std::size_t low = partition_.begin;
    std::size_t high = partition_.end;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (before(middle)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  const plan::Node& node_;
  const plan::Window& window_;
  SourcePtr input_;
  QueryRun& run_;
  bool built_ = false;
  KeptRows kept_;                     // Sorted.
  std::vector<Evaluated> evaluated_;  // By batch.
  Frame partition_;                   // The one that is computed.
  std::vector<Frame> peers_;          // Of its rows.
  std::vector<data::ColumnBuilder> builders_;
  std::vector<data::ColumnPtr> results_;
};

}  // namespace

SourcePtr make_window(const plan::Node& node, SourcePtr input, QueryRun& run) {
  return std::make_unique<WindowSource>(node, std::move(input), run);
}

}  // namespace millrace::exec
