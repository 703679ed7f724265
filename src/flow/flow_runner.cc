#include "flow/flow_runner.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/fault.h"
#include "base/log_line.h"
#include "expr/evaluate.h"
#include "flow/record_chunk.h"
#include "plan/starting_offsets.h"

namespace millrace::flow {

namespace {

// Where a flow without a stored position begins.
Result<Offset> first_offset(const plan::Relation& source,
                            std::int32_t partition,
                            const log::PartitionInfo& info) {
  const auto wanted = plan::starting_offsets(source).of(source.topic, partition);
  if (!wanted) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("startingOffsets of {} names no offset for topic {} partition {}; "
                             "it must name every partition",
                             source.name,
                             source.topic,
                             partition));
  }
  if (*wanted == plan::StartingOffsets::kEarliest) {
    return info.log_start_offset;
  }
  if (*wanted == plan::StartingOffsets::kLatest) {
    return info.high_watermark;
  }
  const Offset offset(*wanted);
  if (offset < info.log_start_offset || offset > info.high_watermark) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("startingOffsets of {} is {}, but topic {} partition {} has the "
                             "offsets {} to {}",
                             source.name,
                             offset,
                             source.topic,
                             partition,
                             info.log_start_offset,
                             info.high_watermark));
  }
  return offset;
}

}  // namespace

// Makes dead letters of failed rows: one a record, however many of its rows failed.
class FlowRunner::Rejects final : public exec::RejectSink {
 public:
  Rejects(BatchCutter& letters, Epoch epoch, std::int64_t time_ms)
      : letters_(letters), epoch_(epoch), time_ms_(time_ms) {}

  void begin(const Input& input, const RecordChunk& chunk) {
    input_ = &input;
    chunk_ = &chunk;
    seen_.clear();
  }

  void reject(data::Batch& batch, const expr::EvalContext& context) override {
    for (const data::RowError& error : batch.errors.errors()) {
      const std::int64_t offset = batch.origins->offsets[error.row];
      if (!seen_.insert(offset).second) {
        continue;
      }
      const Diagnostic why = expr::describe_error(error, context, batch);
      add(offset, why.error_class, why.message);
    }
  }

  void add(std::int64_t offset, std::string error_class, std::string reason) {
    const auto& records = chunk_->records;
    const auto record = std::ranges::lower_bound(
        records, Offset(offset), {}, [](const record::RecordView& view) { return view.offset; });
    if (first_reason_.empty()) {
      first_reason_ = reason;
    }
    DeadLetter letter{
        .key = record->key,
        .value = record->value,
        .timestamp_ms = time_ms_,
        .reason = std::move(reason),
        .error_class = std::move(error_class),
        .headers = origin_headers({input_->topic, input_->partition}, Offset(offset), epoch_)};
    if (auto added = add_dead_letter(letters_, letter); !added && !failure_) {
      failure_ = std::move(added).error();
    }
  }

  /// The first failure to write a dead letter, if any.
  Result<void> check() {
    if (failure_) {
      return std::move(*std::exchange(failure_, std::nullopt));
    }
    return {};
  }

  [[nodiscard]] const std::string& first_reason() const { return first_reason_; }

 private:
  BatchCutter& letters_;
  const Epoch epoch_;
  const std::int64_t time_ms_;
  const Input* input_ = nullptr;
  const RecordChunk* chunk_ = nullptr;
  std::unordered_set<std::int64_t> seen_;
  std::optional<Error> failure_;
  std::string first_reason_;
};

FlowRunner::FlowRunner(const plan::Flow& flow,
                       log::Log& log,
                       const Clock& clock,
                       FlowStatus& status,
                       Wakeup& wakeup,
                       FlowRunnerOptions options)
    : flow_(flow),
      log_(log),
      clock_(clock),
      status_(status),
      wakeup_(wakeup),
      options_(std::move(options)),
      dead_letters_(dead_letter_topic(flow.name)),
      random_(0xD1B54A32D192ED03ULL) {}

FlowRunner::~FlowRunner() {
  for (const Input& input : inputs_) {
    log_.release_hold(FlowPosition::name_of(flow_.name), {input.topic, input.partition});
  }
}

Result<void> FlowRunner::open() {
  if (const auto text = log_.position(FlowPosition::name_of(flow_.name))) {
    durable_ = TRY_DOING(FlowPosition::decode(*text), "open flow " + flow_.name);
  }
  current_ = durable_;
  status_.set(durable_.counts);
  status_.epoch = durable_.epoch.value();
  program_ = TRY_DOING(exec::FlowProgram::build(flow_.query), "open flow " + flow_.name);
  TRY_DOING(open_target(), "open flow " + flow_.name);
  TRY_DOING(open_inputs(), "open flow " + flow_.name);
  return {};
}

Result<void> FlowRunner::open_target() {
  const log::TopicInfo topic = TRY(log_.ensure_topic(
      {.name = flow_.target->topic, .partitions = 1, .config = table_topic_config(*flow_.target)}));
  target_partitions_ = topic.partitions;
  encoder_ = std::make_unique<RowEncoder>(*flow_.target, topic.partitions);
  TRY(log_.ensure_topic({.name = dead_letters_, .partitions = 1, .config = dead_letter_config()}));
  return {};
}

Result<void> FlowRunner::open_inputs() {
  const auto& scans = program_->scans();
  for (std::size_t scan = 0; scan < scans.size(); ++scan) {
    const plan::Relation& relation = *scans[scan].relation;
    log::NewTopic wanted{.name = relation.topic, .partitions = 1};
    if (relation.kind != plan::RelationKind::kSource) {
      wanted.config = table_topic_config(relation);
    }
    const log::TopicInfo topic = TRY(log_.ensure_topic(wanted));
    for (std::int32_t number = 0; number < topic.partitions; ++number) {
      const log::TopicPartition partition{relation.topic, PartitionId(number)};
      Input input{.scan = scan,
                  .topic = relation.topic,
                  .topic_id = topic.id.to_string(),
                  .partition = PartitionId(number)};
      input.fails_on_data_loss = plan::fails_on_data_loss(relation);
      input.decoder = TRY(ScanDecoder::make(scans[scan], static_cast<std::uint32_t>(scan)));
      TRY(open_position(relation, input));
      input.subscription = log_.subscribe(partition, [&wakeup = wakeup_] { wakeup.notify(); });
      log_.hold(FlowPosition::name_of(flow_.name), partition, input.next);
      inputs_.push_back(std::move(input));
    }
  }
  return {};
}

// Where it is not the earliest, the beginning is made durable: a restart before the first epoch
// must not choose another one.
Result<void> FlowRunner::open_position(const plan::Relation& source, Input& input) {
  const std::int32_t number = input.partition.value();
  const auto known = current_.next.find(input.topic);
  if (known != current_.next.end() && known->second.contains(number)) {
    input.next = Offset(known->second.at(number));
    input.start = input.next;
    return check_same_life(input);
  }
  const auto info = log_.describe({input.topic, input.partition});
  if (!info) {
    return {};
  }
  input.next = TRY(first_offset(source, number, *info));
  input.start = input.next;
  if (plan::starting_offsets(source).of(input.topic, number) != plan::StartingOffsets::kEarliest) {
    current_.next[input.topic][number] = input.next.value();
    log::Frame frame;
    frame.positions.push_back(
        {.name = FlowPosition::name_of(flow_.name), .value = current_.encode()});
    TRY(log_.append_and_wait(std::move(frame)));
    durable_ = current_;
  }
  return {};
}

// A position beyond the end of its topic was reached in another life of it.
Result<void> FlowRunner::check_same_life(const Input& input) const {
  const auto info = log_.describe({input.topic, input.partition});
  if (!info || input.next <= info->high_watermark) {
    return {};
  }
  return Error(ErrorCode::kConflict,
               fmt::format("it has read topic {} partition {} up to offset {}, but the topic ends "
                           "at {}: it was made anew meanwhile; to read it from its beginning: "
                           "millrace run --full-refresh {}",
                           input.topic,
                           input.partition,
                           input.next,
                           info->high_watermark,
                           flow_.target->name));
}

StepResult FlowRunner::step(const std::stop_token& /*stop*/) {
  if (failed_) {
    return {.finished = true};
  }
  bool progressed = take_answer();
  const std::int64_t now = clock_.monotonic_ns();
  if (now < not_before_ns_) {
    return {.progressed = progressed, .due_ns = not_before_ns_};
  }
  if (!in_flight_ && prepared_) {
    append(*std::exchange(prepared_, std::nullopt));
    progressed = true;
  }
  if (!prepared_) {
    auto ran = run_epoch();
    if (!ran) {
      return wait_after(ran.error().to_string());
    }
    progressed = progressed || *ran;
  }
  return {.progressed = progressed, .finished = failed_};
}

// Takes the answer of the frame in flight, if there is one.
bool FlowRunner::take_answer() {
  if (!in_flight_) {
    return false;
  }
  if (in_flight_->ticket.state() == AppendTicket::State::kWaiting) {
    return false;
  }
  InFlight done = *std::exchange(in_flight_, std::nullopt);
  if (done.ticket.state() == AppendTicket::State::kRefused) {
    go_back(done.ticket.error());
  } else {
    MR_FAULT("flow.appended");
    commit(std::move(done.after));
  }
  return true;
}

// The epoch is durable.
void FlowRunner::commit(FlowPosition after) {
  durable_ = std::move(after);
  backoff_.reset();
  status_.set(durable_.counts);
  status_.epoch = durable_.epoch.value();
  status_.progress_ms = clock_.monotonic_ns() / 1'000'000;
  status_.state = FlowState::kRunning;
  if (!unhealthy_) {
    status_.problem.set({});
  }
  for (const auto& [topic, partitions] : durable_.next) {
    for (const auto& [number, next] : partitions) {
      log_.hold(FlowPosition::name_of(flow_.name), {topic, PartitionId(number)}, Offset(next));
    }
  }
}

// Drops what was computed behind a refused frame and begins again at the last durable position.
void FlowRunner::go_back(const std::string& error) {
  prepared_.reset();
  current_ = durable_;
  for (Input& input : inputs_) {
    const auto known = current_.next.find(input.topic);
    const bool has =
        known != current_.next.end() && known->second.contains(input.partition.value());
    input.next = has ? Offset(known->second.at(input.partition.value())) : input.start;
  }
  wait_after("the log refused an epoch, trying again: " + error);
}

StepResult FlowRunner::wait_after(std::string problem) {
  status_.problem.set(std::move(problem));
  status_.state = FlowState::kWaiting;
  not_before_ns_ = clock_.monotonic_ns() + backoff_.next_ms(random_) * 1'000'000;
  return {.due_ns = not_before_ns_};
}

// Computes one epoch of the next input that has something to read, and appends it or keeps it until
// the frame in flight was answered. False when no input has anything.
Result<bool> FlowRunner::run_epoch() {
  for (std::size_t tried = 0; tried < inputs_.size(); ++tried) {
    Input& input = inputs_[next_input_];
    next_input_ = (next_input_ + 1) % inputs_.size();
    Work work;
    work.after = current_;
    ++work.after.epoch;
    work.after.time_us = std::max(clock_.wall_us(), current_.time_us);
    if (TRY(read_input(input, work.frame, work.after))) {
      current_ = work.after;
      if (in_flight_) {
        prepared_ = std::move(work);
      } else {
        append(std::move(work));
      }
      return true;
    }
    if (failed_) {
      return false;
    }
  }
  update_lag();
  return false;
}

Result<log::ReadResult> FlowRunner::read_records(Input& input) {
  log::ReadResult read = TRY(log_.read(
      {input.topic, input.partition},
      input.next,
      {.isolation = log::Isolation::kReadCommitted, .max_bytes = options_.epoch_bytes_max}));
  if (read.error == log::KafkaError::kOffsetOutOfRange && input.next < read.log_start_offset) {
    if (!input.fails_on_data_loss) {
      MR_LOG(warning,
             "records were removed before a flow read them; it goes on behind them",
             {"flow", flow_.name},
             {"topic", input.topic},
             {"partition", input.partition.value()},
             {"records", read.log_start_offset - input.next});
      input.next = read.log_start_offset;
      return read_records(input);
    }
    return Error(ErrorCode::kCorruption,
                 fmt::format("records of topic {} partition {} were removed before they were read: "
                             "wanted offset {}, the first is {}; run with --full-refresh {}",
                             input.topic,
                             input.partition,
                             input.next,
                             read.log_start_offset,
                             flow_.target->name));
  }
  if (read.error != log::KafkaError::kNone) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("cannot read topic {} partition {} at offset {}",
                             input.topic,
                             input.partition,
                             input.next));
  }
  return read;
}

Result<bool> FlowRunner::read_input(Input& input, log::Frame& frame, FlowPosition& after) {
  const log::ReadResult read = TRY(read_records(input));
  if (read.next_offset == input.next) {
    return false;
  }
  std::vector<BatchCutter> output;
  output.reserve(static_cast<std::size_t>(target_partitions_));
  for (std::int32_t number = 0; number < target_partitions_; ++number) {
    output.emplace_back(frame, flow_.target->topic, PartitionId(number));
  }
  BatchCutter letters(frame, dead_letters_, PartitionId(0));
  Rejects rejects(letters, after.epoch, after.time_us / 1000);
  const exec::FlowCounts before = after.counts;
  const expr::EvalContext context{.epoch_time_us = after.time_us,
                                  .time_zone = options_.time_zone,
                                  .salt = options_.salt,
                                  .epoch = static_cast<std::uint64_t>(after.epoch.value()),
                                  .flow = flow_.name,
                                  .source_id = input.topic_id};
  const exec::FlowEpoch epoch{.context = context, .rejects = rejects};
  Result<void> encoded;
  const auto encode = [&](const data::Batch& batch) {
    if (encoded) {
      encoded = encoder_->encode(batch, after.time_us / 1000, output);
    }
  };
  ChunkReader chunks(read, input.partition, input.next);
  RecordChunk chunk;
  std::vector<Undecodable> undecodable;
  while (TRY(chunks.next(chunk))) {
    rejects.begin(input, chunk);
    undecodable.clear();
    data::Batch batch = input.decoder->decode(chunk, undecodable);
    for (Undecodable& record : undecodable) {
      ++after.counts.read;
      ++after.counts.rejected;
      rejects.add(chunk.records[record.row].offset.value(),
                  std::move(record.error_class),
                  std::move(record.reason));
    }
    program_->push(input.scan, std::move(batch), epoch, after.counts, encode);
    TRY(std::move(encoded));
    encoded = {};
    TRY(rejects.check());
  }
  for (BatchCutter& batch : output) {
    TRY(batch.finish());
  }
  TRY(letters.finish());
  note_rejected(after.counts.read - before.read, after.counts.rejected - before.rejected);
  if (flow_.fail_on_reject && after.counts.rejected != before.rejected) {
    failed_ = true;
    status_.state = FlowState::kFailed;
    status_.problem.set("a record was rejected, and this flow fails on it: " +
                        rejects.first_reason());
    return false;
  }
  after.next[input.topic][input.partition.value()] = read.next_offset.value();
  input.next = read.next_offset;
  return true;
}

void FlowRunner::note_rejected(std::uint64_t read, std::uint64_t rejected) {
  share_.note(read, rejected);
  const bool unhealthy = share_.exceeds(options_.max_rejected);
  if (unhealthy) {
    status_.problem.set(
        fmt::format("{} of the last {} records were rejected: see dead-letters "
                    "show {}",
                    share_.rejected(),
                    share_.read(),
                    flow_.name));
  }
  unhealthy_ = unhealthy;
}

void FlowRunner::append(Work work) {
  work.frame.positions.push_back(
      {.name = FlowPosition::name_of(flow_.name), .value = work.after.encode()});
  MR_FAULT("flow.append");
  in_flight_.emplace(InFlight{.after = std::move(work.after),
                              .ticket = AppendTicket(log_, std::move(work.frame), wakeup_)});
}

void FlowRunner::update_lag() {
  std::int64_t lag = 0;
  for (const Input& input : inputs_) {
    if (const auto info = log_.describe({input.topic, input.partition})) {
      lag += std::max<std::int64_t>(0, info->last_stable_offset - input.next);
    }
  }
  status_.lag = lag;
}

bool FlowRunner::caught_up() {
  if (in_flight_ || prepared_) {
    return false;
  }
  update_lag();
  return status_.lag == 0;
}

}  // namespace millrace::flow
