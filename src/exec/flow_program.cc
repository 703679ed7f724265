#include "exec/flow_program.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "exec/stage.h"

namespace millrace::exec {

namespace {

/// The operators above one scan, from the leaf up. A flow's tree has UNION ALL as its only node
/// with two inputs, whose columns are the same on both sides, so that each leaf has a path of its
/// own to the root.
struct Path {
  std::vector<const plan::Node*> stages;
};

/// Owned by one thread.
class StatelessProgram final : public FlowProgram {
 public:
  explicit StatelessProgram(plan::NodePtr query) : query_(std::move(query)) {}

  Result<void> compile() {
    std::vector<const plan::Node*> above;
    return walk(*query_, above);
  }

  [[nodiscard]] const std::vector<plan::Scan>& scans() const override { return scans_; }

  void push(std::size_t scan,
            data::Batch batch,
            const FlowEpoch& epoch,
            FlowCounts& counts,
            const Output& output) override {
    Pass pass{.path = paths_[scan], .epoch = epoch, .output = output};
    const std::uint64_t read = batch.selection.size();
    run(pass, 0, std::move(batch));
    finish(pass);
    counts.read += read;
    counts.accepted += pass.accepted;
    counts.rejected += pass.rejected.size();
    counts.filtered += read - pass.accepted - pass.rejected.size();
    counts.output += pass.rows;
  }

 private:
  // One batch on its way up.
  struct Pass {
    const Path& path;
    const FlowEpoch& epoch;
    const Output& output;
    std::unordered_set<std::int64_t> rejected = {};  // Offsets of records that failed.
    std::vector<data::Batch> done = {};  // Kept to the end: a record may fail in a later row.
    std::uint64_t accepted = 0;
    std::uint64_t rows = 0;
  };

  Result<void> walk(const plan::Node& node, std::vector<const plan::Node*>& above) {
    if (const auto* scan = std::get_if<plan::Scan>(&node.op)) {
      scans_.push_back(*scan);
      paths_.push_back({.stages = {above.rbegin(), above.rend()}});
      return {};
    }
    const bool stage = std::holds_alternative<plan::Project>(node.op) ||
                       std::holds_alternative<plan::Filter>(node.op) ||
                       std::holds_alternative<plan::Generate>(node.op);
    const auto* set = std::get_if<plan::SetOperation>(&node.op);
    if (!stage && (set == nullptr || set->kind != plan::SetKind::kUnion || !set->all)) {
      return Error(ErrorCode::kUnsupported, "this operator cannot run on a stream");
    }
    if (stage) {
      above.push_back(&node);
    }
    for (const plan::NodePtr& input : node.inputs) {
      TRY(walk(*input, above));
    }
    if (stage) {
      above.pop_back();
    }
    return {};
  }

  static void run(Pass& pass, std::size_t stage, data::Batch batch) {
    for (; stage < pass.path.stages.size(); ++stage) {
      const plan::Node& node = *pass.path.stages[stage];
      const expr::EvalContext& context = pass.epoch.context;
      if (const auto* project = std::get_if<plan::Project>(&node.op)) {
        std::vector<data::ColumnPtr> columns = project_columns(*project, batch, context);
        reject(pass, batch);
        batch.columns = std::move(columns);
      } else if (const auto* filter = std::get_if<plan::Filter>(&node.op)) {
        data::Selection rows = filter_batch(*filter, batch, context);
        reject(pass, batch);
        batch.selection = std::move(rows);
      } else if (const auto* generate = std::get_if<plan::Generate>(&node.op)) {
        generate_rows(
            *generate,
            node.schema,
            batch,
            context,
            [&](data::Batch failed) { note(pass, failed); },
            [&](data::Batch rows) { run(pass, stage + 1, std::move(rows)); });
        return;
      }
      if (batch.selection.size() == 0) {
        return;
      }
    }
    pass.done.push_back(std::move(batch));
  }

  static void note(Pass& pass, data::Batch& batch) {
    for (const data::RowError& error : batch.errors.errors()) {
      pass.rejected.insert(batch.origins->offsets[error.row]);
    }
    pass.epoch.rejects.reject(batch, pass.epoch.context);
  }

  static void reject(Pass& pass, data::Batch& batch) {
    if (batch.errors.any()) {
      note(pass, batch);
      drop_failed(batch);
    }
  }

  // Hands on the rows of records none of whose rows failed.
  static void finish(Pass& pass) {
    std::int64_t last = -1;
    for (data::Batch& batch : pass.done) {
      if (!pass.rejected.empty()) {
        std::vector<data::RowIndex> kept;
        batch.selection.for_each([&](std::size_t row) {
          if (!pass.rejected.contains(batch.origins->offsets[row])) {
            kept.push_back(static_cast<data::RowIndex>(row));
          }
        });
        batch.selection = data::Selection(std::move(kept));
      }
      // Rows are in the order of their records, so that equal offsets stand together.
      batch.selection.for_each([&](std::size_t row) {
        const std::int64_t offset = batch.origins->offsets[row];
        pass.accepted += offset != last ? 1U : 0U;
        last = offset;
      });
      pass.rows += batch.selection.size();
      if (batch.selection.size() != 0) {
        pass.output(std::move(batch));
      }
    }
  }

  const plan::NodePtr query_;
  std::vector<plan::Scan> scans_;
  std::vector<Path> paths_;
};

}  // namespace

Result<std::unique_ptr<FlowProgram>> FlowProgram::build(const plan::NodePtr& query) {
  auto program = std::make_unique<StatelessProgram>(query);
  TRY(program->compile());
  return std::unique_ptr<FlowProgram>(std::move(program));
}

}  // namespace millrace::exec
