// A flow's query made ready to run: batches of its scans go in, batches of its columns come out.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "data/batch.h"
#include "exec/reject_sink.h"
#include "expr/evaluate.h"
#include "plan/logical.h"

namespace millrace::exec {

/// What push() needs of the epoch. Immutable by use.
struct FlowEpoch {
  const expr::EvalContext& context;
  RejectSink& rejects;
};

/// The books of rows inside a flow: read = accepted + filtered + rejected (+ late + duplicate, of
/// stateful operators), counted by input record.
struct FlowCounts {
  std::uint64_t read = 0;
  std::uint64_t accepted = 0;  ///< Gave at least one output row.
  std::uint64_t filtered = 0;
  std::uint64_t late = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t rejected = 0;
  std::uint64_t output = 0;  ///< Output rows, counted apart.
};

/// Owned by one thread.
class FlowProgram {
 public:
  using Output = std::function<void(data::Batch)>;

  /// kUnsupported for an operator that a flow cannot run yet: the plan refuses those before.
  static Result<std::unique_ptr<FlowProgram>> build(const plan::NodePtr& query);
  FlowProgram() = default;
  FlowProgram(const FlowProgram&) = delete;
  FlowProgram& operator=(const FlowProgram&) = delete;
  virtual ~FlowProgram() = default;

  /// The leaves, in the order of their appearance.
  [[nodiscard]] virtual const std::vector<plan::Scan>& scans() const = 0;

  /// Runs one batch of a scan (the scan's columns only, in their order) through all operators.
  /// Failed rows go to epoch.rejects with the batch in which they failed; output batches have no
  /// failed rows, and their origins tell which record each row comes from. Adds to `counts` all but
  /// rows that were rejected before the scan.
  virtual void push(std::size_t scan,
                    data::Batch batch,
                    const FlowEpoch& epoch,
                    FlowCounts& counts,
                    const Output& output) = 0;
};

}  // namespace millrace::exec
