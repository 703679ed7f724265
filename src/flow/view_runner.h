// Keeps one materialized view: when its inputs have changed, computes its query over all that they
// hold and writes the *difference* to what the view's topic holds.
//
//   ends of the inputs ─▶ account what is new ─▶ run_query at these ends ─▶ compare with the
//   content
//        ▲                                                                        │
//        └──── position is durable ◀── (answer) ◀── Log.append: one frame ◀───────┘
//
// The frame is the one commit here, too: changed rows, tombstones of rows that are gone, dead
// letters, counts, and as position the ends of the inputs that the result was computed from. A
// reader of the topic, of tables.db or a view on this view therefore never sees half of a
// recomputation. A crash loses at most a recomputation that nobody saw: after a start the content
// is read back from the topic, the view is computed once more, and what differs is written.
//
// *When.* The log wakes the view when an input moves; nothing polls. Between two recomputations lie
// at least `millrace.refresh.interval` and as long as the last one took, so that a busy input
// costs at most half a core.
//
// *Books.* A view reads each record of its inputs again and again, but counts it once: `read` are
// the records that its recomputations took in for the first time, `accepted` those of them that are
// rows, `rejected` those that the declared columns of a source cannot decode (dead letters of the
// view). `output` counts the rows and tombstones that were written.
//
// *Errors.* A query that fails, a key that two rows have, a budget that is exceeded: the view keeps
// its content, is unhealthy, and is tried again at the next change. Others go on.
//
// Tested by view_runner_test.cc and, under crashes, crash_test.cc.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/thread.h"
#include "exec/query.h"
#include "flow/append_ticket.h"
#include "flow/dead_letter.h"
#include "flow/flow_machine.h"
#include "flow/position.h"
#include "flow/rejected_share.h"
#include "flow/row_encoder.h"
#include "flow/status.h"
#include "flow/topic_rows.h"
#include "flow/view_content.h"
#include "log/log.h"
#include "plan/pipeline.h"

namespace millrace::flow {

struct ViewRunnerOptions {
  Hash128 salt = {};  ///< Of the instance.
  std::string time_zone = "UTC";
  std::int64_t interval_ms = 1'000;
  double max_rejected = 0.5;                        ///< Share of the last 1,000 records.
  std::uint64_t content_bytes_max = 128ULL << 20U;  ///< Keys and hashes of the view's rows.
  std::uint64_t query_bytes_max = 256ULL << 20U;    ///< What the query may keep.
  std::uint64_t frame_bytes_max = 96ULL << 20U;     ///< One difference; below the log's limit.
  std::uint64_t letters_bytes_max = 16ULL << 20U;   ///< Dead letters of one frame, about.
  std::function<void()> alive = {};                 ///< Called while much is read.
};

/// Owned by one thread, but for settled() and unhealthy().
class ViewRunner final : public FlowMachine {
 public:
  ViewRunner(const plan::Flow& flow,
             log::Log& log,
             const Clock& clock,
             FlowStatus& status,
             Wakeup& wakeup,
             ViewRunnerOptions options);
  ViewRunner(const ViewRunner&) = delete;
  ViewRunner& operator=(const ViewRunner&) = delete;
  ~ViewRunner() override;

  Result<void> open() override;
  StepResult step(const std::stop_token& stop) override;
  bool take_answer() override;

  [[nodiscard]] bool caught_up() override { return idle() && settled(); }

  [[nodiscard]] bool idle() const override { return !in_flight_; }

  /// The last recomputation failed, or too much was rejected. Thread-safe.
  [[nodiscard]] bool unhealthy() const override { return failed_ || rejects_too_much_; }

  /// The inputs end where the last recomputation found them, and that is durable, or has failed
  /// for good: nothing is to be done. Thread-safe.
  [[nodiscard]] bool settled() const;

 private:
  struct Input {
    // Shared with the plan.
    std::shared_ptr<const plan::Relation> relation = {};
    std::vector<log::Registration> subscriptions = {};
    std::unique_ptr<ScanDecoder> decoder = {};  ///< Null: each record with a value is a row.
  };

  /// A recomputation, or a frame of dead letters before one.
  struct Work {
    log::Frame frame;
    FlowPosition after;
    std::optional<TopicOffsets> settles = {};  ///< Nothing: the recomputation is still to come.
    std::uint64_t read = 0;
    std::uint64_t rejected = 0;
  };

  struct InFlight {
    Work work;
    AppendTicket ticket;
  };

  class Difference;

  Result<void> open_input(const std::shared_ptr<const plan::Relation>& relation);
  [[nodiscard]] TopicOffsets input_ends() const;
  void refresh(const TopicOffsets& ends, const std::stop_token& stop);
  Result<void> compute(const TopicOffsets& ends, Work& work, const std::stop_token& stop);
  Result<void> load_content(const KeepReading& keep_reading);
  Result<bool> account(const TopicOffsets& ends, Work& work, const KeepReading& keep_reading);
  Result<void> account_chunk(const Input& input,
                             const RecordChunk& chunk,
                             Work& work,
                             BatchCutter& letters) const;
  Result<void> recompute(const TopicOffsets& ends,
                         Work& work,
                         const std::stop_token& stop,
                         const KeepReading& keep_reading);
  void append(Work work);
  void commit(Work work);
  void settle(const TopicOffsets& ends);
  void fail(const Error& error, const TopicOffsets& ends);
  void try_again(std::string problem);
  void hold(const TopicOffsets& next);
  void update_lag(const TopicOffsets& ends);

  const plan::Flow& flow_;
  log::Log& log_;
  const Clock& clock_;
  FlowStatus& status_;
  Wakeup& wakeup_;
  const ViewRunnerOptions options_;
  const std::string dead_letters_;
  std::vector<Input> inputs_;
  std::unique_ptr<RowEncoder> encoder_;
  std::int32_t target_partitions_ = 1;
  FlowPosition durable_;
  std::optional<ViewContent> content_;  ///< Nothing: must be read from the topic.
  std::optional<InFlight> in_flight_;
  RejectedShare share_;
  Backoff backoff_{BackoffOptions{.first_ms = 20, .max_ms = 5'000}};
  Random random_;
  std::int64_t not_before_ns_ = 0;
  std::atomic<bool> failed_{false};
  std::atomic<bool> rejects_too_much_{false};
  mutable Mutex mutex_;
  std::optional<TopicOffsets> settled_at_ MR_GUARDED_BY(mutex_);
};

}  // namespace millrace::flow
