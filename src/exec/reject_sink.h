// Where rows of a flow go that cannot be processed.
#pragma once

#include "data/batch.h"
#include "expr/evaluate.h"

namespace millrace::exec {

/// Counts them, or makes dead letters of them. Owned by one thread.
class RejectSink {
 public:
  RejectSink() = default;
  RejectSink(const RejectSink&) = delete;
  RejectSink& operator=(const RejectSink&) = delete;
  virtual ~RejectSink() = default;

  /// Called with a batch whose error mask is set, before its failed rows are dropped: its columns
  /// are those that the failed expressions refer to.
  virtual void reject(data::Batch& batch, const expr::EvalContext& context) = 0;
};

}  // namespace millrace::exec
