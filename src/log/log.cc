#include "log/log.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log_line.h"
#include "base/thread.h"
#include "log/detail/admission.h"
#include "log/detail/core.h"

namespace millrace::log {

/// Everything behind Log: the core, its threads, what they share with callers.
struct LogState {
  LogState(io::Files& files, Clock& clock, Metrics& metrics, const LogOptions& options)
      : shared(files, clock, options), core(shared, metrics) {}

  void start();
  void stop();
  void run(const std::stop_token& stop);

  Shared shared;
  LogCore core;
  RecoveryReport recovery;
  std::atomic<bool> closed{false};
  Thread background_thread;
  Thread log_thread;
};

void LogState::start() {
  background_thread = Thread("mr-log-back", [this](const std::stop_token& stop) {
    shared.background.run(shared.clock, stop);
  });
  log_thread = Thread("mr-log", [this](const std::stop_token& stop) { run(stop); });
}

void LogState::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    shared.activity.begin(shared.clock.monotonic_ns());
    const bool did = core.step();
    shared.activity.end();
    if (!did) {
      shared.inbox.wakeup.wait(core.idle_ns(), stop);
    }
  }
}

void LogState::stop() {
  closed = true;
  shared.inbox.close();
  log_thread.request_stop();
  log_thread.join();
  background_thread.request_stop();
  background_thread.join();
  core.refuse_all("the log is closed");
}

bool AppendResult::ok() const {
  return std::ranges::all_of(
      batches, [](const BatchResult& batch) { return batch.error == KafkaError::kNone; });
}

Error AppendResult::to_error(const std::vector<TopicPartition>& partitions) const {
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const BatchResult& batch = batches[i];
    if (batch.error == KafkaError::kNone || batch.error == KafkaError::kOperationNotAttempted) {
      continue;
    }
    std::string message = batch.message;
    if (i < partitions.size()) {
      message = fmt::format(
          "append to {}-{}: {}", partitions[i].topic, partitions[i].partition.value(), message);
    }
    const bool unknown = batch.error == KafkaError::kUnknownTopicOrPartition;
    const bool storage = batch.error == KafkaError::kKafkaStorageError;
    const ErrorCode other = storage ? ErrorCode::kIo : ErrorCode::kInvalidArgument;
    return {unknown ? ErrorCode::kNotFound : other,
            message + " (" + std::string(to_string(batch.error)) + ")"};
  }
  return {ErrorCode::kInternal, "no batch was refused"};
}

Registration::Registration(std::shared_ptr<LogState> log, std::uint64_t id)
    : log_(std::move(log)), id_(id) {}

Registration::Registration(Registration&& other) noexcept
    : log_(std::move(other.log_)), id_(std::exchange(other.id_, 0)) {}

Registration& Registration::operator=(Registration&& other) noexcept {
  if (this != &other) {
    end();
    log_ = std::move(other.log_);
    id_ = std::exchange(other.id_, 0);
  }
  return *this;
}

Registration::~Registration() {
  end();
}

void Registration::end() {
  if (log_ != nullptr && id_ != 0) {
    log_->shared.subscriptions.end(id_);
  }
  log_.reset();
  id_ = 0;
}

namespace {

// Runs a command on the log thread; `done` takes what it gives.
template <class T>
void submit(LogState& state, std::function<Result<T>(LogCore&)> run, Done<T> done) {
  // Shared by the command, which must be copyable, and this function, if the command is not taken.
  const auto shared_done = std::make_shared<const Done<T>>(std::move(done));
  Command command = [run = std::move(run), shared_done, &state](LogCore& core) {
    if (state.closed.load()) {
      (*shared_done)(Error(ErrorCode::kCancelled, "the log is closed"));
    } else {
      (*shared_done)(run(core));
    }
  };
  if (!state.shared.inbox.push(command)) {
    (*shared_done)(Error(ErrorCode::kCancelled, "the log is closed"));
  }
}

// The same, and waits for it.
template <class T>
Result<T> run_and_wait(LogState& state, std::function<Result<T>(LogCore&)> run) {
  struct Waiting {
    std::optional<Result<T>> outcome;
    Wakeup done;
  };

  Waiting waiting;
  submit<T>(state, std::move(run), [&waiting](Result<T> outcome) {
    waiting.outcome.emplace(std::move(outcome));
    waiting.done.notify();
  });
  if (state.shared.options.threads) {
    waiting.done.wait(-1);
  } else {
    while (!waiting.outcome.has_value()) {
      state.core.step();
      state.shared.background.step();
    }
  }
  MR_ASSERT(waiting.outcome.has_value(), "a command was dropped");
  return std::move(*waiting.outcome);
}

}  // namespace

Log::Log(std::shared_ptr<LogState> state) : state_(std::move(state)) {}

Log::~Log() {
  if (!state_->closed.load()) {
    state_->stop();
  }
}

Result<std::unique_ptr<Log>> Log::open(io::Files& files,
                                       Clock& clock,
                                       Metrics& metrics,
                                       const LogOptions& options) {
  auto state = std::make_shared<LogState>(files, clock, metrics, options);
  state->recovery = TRY_DOING(state->core.recover(), "open log " + options.directory);
  if (!state->recovery.clean) {
    MR_LOG(info,
           "log recovered",
           {"frames", state->recovery.frames_replayed},
           {"bytes", state->recovery.bytes_replayed},
           {"us", state->recovery.duration_us});
  }
  if (options.threads) {
    state->start();
  }
  return std::unique_ptr<Log>(new Log(std::move(state)));
}

void Log::append(Frame frame, AppendDone done) {
  Result<PendingFramePtr> admitted = admit(std::move(frame), state_->shared);
  if (!admitted) {
    done(std::move(admitted).error());
    return;
  }
  PendingFramePtr pending = std::move(admitted).release();
  if (pending->size() == 0 && !pending->result.ok()) {
    done(std::move(pending->result));
    return;
  }
  pending->done = std::move(done);
  if (!state_->shared.inbox.push(pending)) {
    const bool closed = state_->closed.load();
    pending->done(closed ? Error(ErrorCode::kCancelled, "the log is closed")
                         : Error(ErrorCode::kExhausted,
                                 "the log's queue is full; append again when it has caught up"));
  }
}

Result<AppendResult> Log::append_and_wait(Frame frame) {
  struct Waiting {
    std::optional<Result<AppendResult>> result;
    Wakeup done;
  };

  Waiting waiting;
  std::vector<TopicPartition> partitions;
  partitions.reserve(frame.batches.size());
  for (const PartitionAppend& append : frame.batches) {
    partitions.push_back(append.to);
  }
  append(std::move(frame), [&waiting](Result<AppendResult> result) {
    waiting.result.emplace(std::move(result));
    waiting.done.notify();
  });
  if (state_->shared.options.threads) {
    waiting.done.wait(-1);
  } else {
    while (!waiting.result.has_value()) {
      state_->core.step();
      state_->shared.background.step();
    }
  }
  AppendResult result = TRY(std::move(*waiting.result));
  if (!result.ok()) {
    return result.to_error(partitions);
  }
  return result;
}

Result<ReadResult> Log::read(const TopicPartition& from,
                             Offset offset,
                             const ReadOptions& options) {
  const PartitionPtr partition = state_->shared.catalog.partition(from);
  if (partition == nullptr) {
    return ReadResult{.error = KafkaError::kUnknownTopicOrPartition};
  }
  return partition->read(offset, options);
}

std::optional<std::string> Log::position(std::string_view name) const {
  return state_->shared.positions.get(name);
}

std::vector<Position> Log::positions(std::string_view prefix) const {
  return state_->shared.positions.with_prefix(prefix);
}

Result<TopicInfo> Log::create_topic(const NewTopic& topic) {
  return run_and_wait<TopicInfo>(*state_, [&](LogCore& core) { return core.create_topic(topic); });
}

void Log::create_topic_async(NewTopic topic, Done<TopicInfo> done) {
  submit<TopicInfo>(
      *state_,
      [topic = std::move(topic)](LogCore& core) { return core.create_topic(topic); },
      std::move(done));
}

Result<TopicInfo> Log::ensure_topic(const NewTopic& topic) {
  const TopicPtr found = state_->shared.catalog.find(topic.name);
  if (found != nullptr) {
    return found->info;
  }
  return run_and_wait<TopicInfo>(*state_, [&](LogCore& core) { return core.ensure_topic(topic); });
}

void Log::ensure_topic_async(NewTopic topic, Done<TopicInfo> done) {
  submit<TopicInfo>(
      *state_,
      [topic = std::move(topic)](LogCore& core) { return core.ensure_topic(topic); },
      std::move(done));
}

Result<void> Log::delete_topic(const std::string& name) {
  return run_and_wait<void>(*state_, [&](LogCore& core) { return core.delete_topic(name); });
}

void Log::delete_topic_async(std::string name, Done<void> done) {
  submit<void>(
      *state_,
      [name = std::move(name)](LogCore& core) { return core.delete_topic(name); },
      std::move(done));
}

Result<void> Log::create_partitions(const std::string& name, std::int32_t total) {
  return run_and_wait<void>(*state_,
                            [&](LogCore& core) { return core.create_partitions(name, total); });
}

void Log::create_partitions_async(std::string name, std::int32_t total, Done<void> done) {
  submit<void>(
      *state_,
      [name = std::move(name), total](LogCore& core) {
        return core.create_partitions(name, total);
      },
      std::move(done));
}

Result<void> Log::alter_config(const std::string& name, const TopicConfig& config) {
  return run_and_wait<void>(*state_, [&](LogCore& core) -> Result<void> {
    TRY(core.alter_config(name, [&](const ConfigMap&) { return kept_settings(config); }));
    return {};
  });
}

void Log::alter_config_async(std::string name, ConfigChange change, Done<TopicInfo> done) {
  submit<TopicInfo>(
      *state_,
      [name = std::move(name), change = std::move(change)](LogCore& core) {
        return core.alter_config(name, change);
      },
      std::move(done));
}

void Log::change_topics_async(std::vector<TopicChange> changes, Done<TopicOutcomes> done) {
  submit<TopicOutcomes>(
      *state_,
      [changes = std::move(changes)](LogCore& core) -> Result<TopicOutcomes> {
        return core.change_topics(changes);
      },
      std::move(done));
}

Result<void> Log::set_topic_defaults(const TopicConfig& defaults) {
  return run_and_wait<void>(*state_, [&](LogCore& core) -> Result<void> {
    core.set_topic_defaults(defaults);
    return {};
  });
}

void Log::set_topic_defaults_async(TopicConfig defaults, Done<void> done) {
  submit<void>(
      *state_,
      [defaults](LogCore& core) -> Result<void> {
        core.set_topic_defaults(defaults);
        return {};
      },
      std::move(done));
}

Result<Offset> Log::delete_records(const TopicPartition& partition, Offset before) {
  return run_and_wait<Offset>(
      *state_, [&](LogCore& core) { return core.delete_records(partition, before); });
}

void Log::delete_records_async(TopicPartition partition, Offset before, Done<Offset> done) {
  submit<Offset>(
      *state_,
      [partition = std::move(partition), before](LogCore& core) {
        return core.delete_records(partition, before);
      },
      std::move(done));
}

void Log::delete_records_async(std::vector<std::pair<TopicPartition, Offset>> before,
                               Done<std::vector<Result<Offset>>> done) {
  submit<std::vector<Result<Offset>>>(
      *state_,
      [before = std::move(before)](LogCore& core) -> Result<std::vector<Result<Offset>>> {
        return core.delete_records(before);
      },
      std::move(done));
}

Result<Offset> Log::truncate(const TopicPartition& partition, Offset to) {
  return run_and_wait<Offset>(*state_, [&](LogCore& core) { return core.truncate(partition, to); });
}

void Log::truncate_async(TopicPartition partition, Offset to, Done<Offset> done) {
  submit<Offset>(
      *state_,
      [partition = std::move(partition), to](LogCore& core) {
        return core.truncate(partition, to);
      },
      std::move(done));
}

Result<ProducerId> Log::allocate_producer_ids(std::int32_t count) {
  return run_and_wait<ProducerId>(*state_,
                                  [&](LogCore& core) { return core.allocate_producer_ids(count); });
}

void Log::allocate_producer_ids_async(std::int32_t count, Done<ProducerId> done) {
  submit<ProducerId>(
      *state_,
      [count](LogCore& core) { return core.allocate_producer_ids(count); },
      std::move(done));
}

Result<std::vector<ProducerInfo>> Log::producers(const TopicPartition& partition) {
  return run_and_wait<std::vector<ProducerInfo>>(
      *state_, [&](LogCore& core) { return core.producers(partition); });
}

void Log::producers_async(TopicPartition partition, Done<std::vector<ProducerInfo>> done) {
  submit<std::vector<ProducerInfo>>(
      *state_,
      [partition = std::move(partition)](LogCore& core) { return core.producers(partition); },
      std::move(done));
}

std::vector<TopicInfo> Log::topics() const {
  std::vector<TopicInfo> all;
  for (const TopicPtr& topic : state_->shared.catalog.all()) {
    all.push_back(topic->info);
  }
  return all;
}

std::optional<TopicInfo> Log::topic(std::string_view name) const {
  const TopicPtr found = state_->shared.catalog.find(name);
  return found == nullptr ? std::optional<TopicInfo>() : found->info;
}

std::optional<TopicInfo> Log::topic(const Uuid& id) const {
  const TopicPtr found = state_->shared.catalog.find(id);
  return found == nullptr ? std::optional<TopicInfo>() : found->info;
}

std::optional<PartitionInfo> Log::describe(const TopicPartition& name) const {
  const PartitionPtr partition = state_->shared.catalog.partition(name);
  if (partition == nullptr) {
    return {};
  }
  PartitionInfo info = partition->describe();
  const std::shared_ptr<const TopicConfig> config = partition->config();
  info.held_at = state_->shared.holds.lowest(name);
  if (!info.held_at.has_value()) {
    return info;
  }
  info.held_by = state_->shared.holds.lowest_holder(name);
  info.held_bytes = partition->bytes_from(*info.held_at);
  info.hold_exceeded = config->retention_hold && config->retention_bytes >= 0 &&
                       info.held_bytes > 2 * static_cast<std::uint64_t>(config->retention_bytes);
  return info;
}

Result<std::optional<TimestampOffset>> Log::offset_for_timestamp(const TopicPartition& name,
                                                                 std::int64_t timestamp_ms) {
  const PartitionPtr partition = state_->shared.catalog.partition(name);
  if (partition == nullptr) {
    return Error(ErrorCode::kNotFound, "no such partition of a topic " + name.topic);
  }
  return partition->find_timestamp(timestamp_ms);
}

Result<std::optional<TimestampOffset>> Log::offset_of_max_timestamp(const TopicPartition& name) {
  const PartitionPtr partition = state_->shared.catalog.partition(name);
  if (partition == nullptr) {
    return Error(ErrorCode::kNotFound, "no such partition of a topic " + name.topic);
  }
  return partition->find_max_timestamp();
}

Registration Log::subscribe(const TopicPartition& name, std::function<void()> woken) {
  const PartitionPtr partition = state_->shared.catalog.partition(name);
  if (partition == nullptr) {
    return {};
  }
  return {state_, state_->shared.subscriptions.add(partition, std::move(woken))};
}

void Log::hold(std::string_view name, const TopicPartition& partition, Offset offset) {
  state_->shared.holds.set(name, partition, offset);
}

void Log::release_hold(std::string_view name, const TopicPartition& partition) {
  state_->shared.holds.release(name, partition);
}

Result<void> Log::flush() {
  return run_and_wait<void>(*state_, [](LogCore& core) { return core.flush(/*clean=*/false); });
}

Result<void> Log::housekeep() {
  return run_and_wait<void>(*state_, [](LogCore& core) { return core.housekeep_now(); });
}

Result<void> Log::close() {
  if (state_->closed.load()) {
    return {};
  }
  Result<void> flushed =
      run_and_wait<void>(*state_, [](LogCore& core) { return core.flush(/*clean=*/true); });
  state_->stop();
  return flushed;
}

bool Log::step() {
  MR_ASSERT(!state_->shared.options.threads, "the log has threads of its own");
  const bool did = state_->core.step();
  return state_->shared.background.step() || did;
}

bool Log::writable() const {
  return state_->shared.writable.load();
}

std::vector<std::pair<std::string, std::int64_t>> Log::busy_ms() const {
  constexpr std::int64_t kNsPerMs = 1'000'000;
  const std::int64_t now_ns = state_->shared.clock.monotonic_ns();
  return {{"log thread", state_->shared.activity.busy_ns(now_ns) / kNsPerMs},
          {"log background", state_->shared.background.activity.busy_ns(now_ns) / kNsPerMs}};
}

const RecoveryReport& Log::recovery() const {
  return state_->recovery;
}

bool valid_topic_name(std::string_view name) {
  constexpr std::size_t kNameMax = 249;
  if (name.empty() || name.size() > kNameMax || name == "." || name == "..") {
    return false;
  }
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace millrace::log
