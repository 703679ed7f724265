// Runs one flow: reads what its inputs have, decodes, computes, and commits an *epoch* as one
// frame: the output rows on the target's topic, the dead letters, the counts and the positions
// reached. Either all of it is durable and visible, or the epoch is run again from the same offsets
// and gives the same rows.
//
//   read ─▶ decode ─▶ FlowProgram ─▶ encode ─▶ Log.append ─▶ (answer) ─▶ position is durable
//
// An epoch takes what one read returned. While its frame is synced the next one is computed, but
// appended only after the answer: a frame that was refused must not be followed by one that stands
// behind it. Then what was computed is dropped and the flow goes back to the last durable position.
//
// Tested by flow_runner_test.cc and, under crashes, tests/sim.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/thread.h"
#include "exec/flow_program.h"
#include "flow/append_ticket.h"
#include "flow/flow_machine.h"
#include "flow/position.h"
#include "flow/rejected_share.h"
#include "flow/row_encoder.h"
#include "flow/scan_decoder.h"
#include "flow/status.h"
#include "log/log.h"
#include "plan/pipeline.h"

namespace millrace::flow {

struct FlowRunnerOptions {
  Hash128 salt;  ///< Of the instance.
  std::string time_zone = "UTC";
  std::size_t epoch_bytes_max = 1U << 20U;  ///< Read for one epoch, of one partition.
  double max_rejected = 0.5;                ///< Share of the last 1,000 records.
};

/// Owned by one thread.
class FlowRunner final : public FlowMachine {
 public:
  FlowRunner(const plan::Flow& flow,
             log::Log& log,
             const Clock& clock,
             FlowStatus& status,
             Wakeup& wakeup,
             FlowRunnerOptions options);
  FlowRunner(const FlowRunner&) = delete;
  FlowRunner& operator=(const FlowRunner&) = delete;
  ~FlowRunner() override;

  Result<void> open() override;

  /// Computes and appends at most one epoch, whatever is asked to stop: an epoch is short.
  /// `finished`: the flow has failed for good (its status says why).
  StepResult step(const std::stop_token& stop) override;

  bool take_answer() override;

  [[nodiscard]] bool caught_up() override;

  [[nodiscard]] bool idle() const override { return !in_flight_; }

  /// More than max_rejected of the last 1,000 records were rejected.
  [[nodiscard]] bool unhealthy() const override { return unhealthy_; }

 private:
  /// An epoch that was computed.
  struct Work {
    log::Frame frame;
    FlowPosition after;
  };

  struct InFlight {
    FlowPosition after;
    AppendTicket ticket;
  };

  struct Input {
    std::size_t scan = 0;
    std::string topic = {};
    std::string topic_id = {};
    PartitionId partition{0};
    Offset next{0};
    Offset start{0};  ///< Where it began in this run, before anything was durable.
    bool fails_on_data_loss = true;
    log::Registration subscription = {};
    std::unique_ptr<ScanDecoder> decoder = {};
  };

  class Rejects;

  Result<void> open_inputs();
  Result<void> open_position(const plan::Relation& source, Input& input);
  [[nodiscard]] Result<void> check_same_life(const Input& input) const;
  Result<void> open_target();
  void commit(FlowPosition after);
  void go_back(const std::string& error);
  StepResult wait_after(std::string problem);
  Result<bool> run_epoch();
  /// What the topic has from `input.next` on; an Error when that was removed.
  Result<log::ReadResult> read_records(Input& input);
  Result<bool> read_input(Input& input, log::Frame& frame, FlowPosition& after);
  Result<void> process_chunk(Input& input,
                             const RecordChunk& chunk,
                             Rejects& rejects,
                             FlowPosition& after);
  void note_rejected(std::uint64_t read, std::uint64_t rejected);
  void append(Work work);
  void update_lag();

  const plan::Flow& flow_;
  log::Log& log_;
  const Clock& clock_;
  FlowStatus& status_;
  Wakeup& wakeup_;
  const FlowRunnerOptions options_;
  const std::string dead_letters_;
  std::unique_ptr<exec::FlowProgram> program_;
  std::unique_ptr<RowEncoder> encoder_;
  std::int32_t target_partitions_ = 1;
  std::vector<Input> inputs_;
  std::size_t next_input_ = 0;
  FlowPosition durable_;
  FlowPosition current_;  ///< Where the next epoch begins: behind what was computed.
  std::optional<InFlight> in_flight_;
  std::optional<Work> prepared_;  ///< Computed while another is in flight.
  Backoff backoff_{BackoffOptions{.first_ms = 20, .max_ms = 5'000}};
  Random random_;
  std::int64_t not_before_ns_ = 0;
  RejectedShare share_;
  bool unhealthy_ = false;
  bool failed_ = false;
};

}  // namespace millrace::flow
