// How operators run: state machines that are pushed batches and asked for output. No I/O, no
// waiting, no clock, no randomness; output and state depend only on the state before, the rows in
// logged order and the epoch's time, not on where batches are cut.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "data/batch.h"
#include "expr/evaluate.h"

namespace millrace::exec {

enum class Progress : std::uint8_t {
  kNeedInput,
  kOutput,
  kDone
};

/// Where rows that cannot be processed go: counted and, in a flow, made into dead letters.
class RejectSink {
 public:
  RejectSink() = default;
  RejectSink(const RejectSink&) = delete;
  RejectSink& operator=(const RejectSink&) = delete;
  virtual ~RejectSink() = default;

  /// Called with a batch whose error mask is set, before its failed rows are dropped.
  virtual void reject(data::Batch& batch, const expr::EvalContext& context) = 0;
};

/// Owned by one thread.
class Operator {
 public:
  Operator() = default;
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;
  virtual ~Operator() = default;

  /// Takes a batch of input `port`. REQUIRES: the last next() said kNeedInput
  virtual void add(std::size_t port, data::Batch batch) = 0;
  /// No more batches will come on that port.
  virtual void finish(std::size_t port) = 0;
  /// kOutput: `output` holds a batch. kDone: there will be no more.
  virtual Progress next(data::Batch& output) = 0;
};

}  // namespace millrace::exec
