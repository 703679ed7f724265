#include "log/detail/core.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <malloc.h>

#include "base/assert.h"
#include "base/fault.h"
#include "base/log_line.h"

namespace millrace::log {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kRetryNs = 1'000 * kNsPerMs;
// Nobody reads behind a writer that has been silent for so long: the memory is better given back.
constexpr std::int64_t kCacheIdleNs = 20'000 * kNsPerMs;

// Another one for each life of a simulation, or ids and salts would come again.
std::uint64_t seed_of(std::uint64_t seed, const Clock& clock) {
  const auto now = static_cast<std::uint64_t>(clock.monotonic_ns());
  return seed ^ (now * 0x9E3779B97F4A7C15);
}

Error copy_of(const Error& error) {
  return {error.code(), error.to_string()};
}

}  // namespace

LogCore::LogCore(Shared& shared, Metrics& metrics)
    : shared_(shared),
      files_(shared.files),
      clock_(shared.clock),
      options_(shared.options),
      random_(shared.options.seed == 0 ? Random::from_system()
                                       : Random(seed_of(shared.options.seed, shared.clock))),
      frames_total_(metrics.counter("millrace_log_frames_total", "Frames that became durable.")),
      bytes_total_(metrics.counter("millrace_log_bytes_total", "Bytes of durable frames.")),
      syncs_total_(
          metrics.counter("millrace_log_syncs_total", "Groups of frames that were synced.")),
      checkpoints_total_(
          metrics.counter("millrace_log_checkpoints_total", "Checkpoints that became durable.")),
      failures_total_(metrics.counter("millrace_log_write_failures_total",
                                      "Writes or syncs of the write-ahead log that failed.")),
      sync_time_(metrics.histogram("millrace_log_sync_seconds", "Time to write and sync a group.")),
      wal_bytes_(metrics.gauge("millrace_log_wal_bytes", "Size of the write-ahead log's files.")),
      cache_gauge_(metrics.gauge("millrace_log_tail_cache_bytes", "Recent batches in memory.")) {}

bool LogCore::step() {
  bool did = shared_.background.run_completions();
  shared_.inbox.take(queue_);
  did = run_queue() || did;
  return tick() || did;
}

std::int64_t LogCore::idle_ns() const {
  if (!queue_.empty() && !blocked_) {
    return 0;
  }
  const std::int64_t now = clock_.monotonic_ns();
  std::int64_t next = std::min(next_checkpoint_ns_, next_housekeeping_ns_);
  if (options_.min_free_bytes > 0 || wal_broken_) {
    next = std::min(next, next_disk_look_ns_);
  }
  if (!unsynced_.empty()) {
    next = std::min(next, unsynced_since_ns_ + flush_within_ms_ * kNsPerMs);
  }
  if (!cache_.empty()) {
    next = std::min(next, last_append_ns_ + kCacheIdleNs);
  }
  if (now < prepare_ahead_ns_) {
    next = std::min(next, prepare_ahead_ns_);
  }
  return std::max<std::int64_t>(next - now, 0);
}

bool LogCore::run_queue() {
  const bool just_answered = std::exchange(answered_count_, 0) > 0;
  // Not for one caller alone, and not for none who might come at any time.
  const std::size_t expected = std::max(last_groups_[0], last_groups_[1]);
  const bool gathers = options_.threads && expected > 1 && (just_answered || !queue_.empty());
  Gathering gathering(gathers ? expected : 0, queue_.size());
  Growing growing;
  while (stage_queue(growing) && gathering.take(shared_.inbox, queue_)) {
  }
  commit_group().ignore_error("those who wait were told");
  if (answered_count_ > 0) {
    last_groups_ = {answered_count_, last_groups_[0]};
  }
  if (!queue_.empty() && queue_.front().command) {
    const Command run = std::move(queue_.front().command);
    queue_.pop_front();
    run(*this);
    return true;
  }
  return growing.did;
}

// False when the group takes no more: it is large, a command comes, or a frame has no room.
bool LogCore::stage_queue(Growing& growing) {
  while (!queue_.empty()) {
    if (queue_.front().command || growing.bytes > options_.group_bytes_max) {
      return false;
    }
    PendingFramePtr& frame = queue_.front().frame;
    const std::uint64_t size = frame->size();
    const StageOutcome outcome = stage(frame);
    if (outcome == StageOutcome::kNoRoom) {
      blocked_ = true;
      if (!checkpoint_error_.has_value() && !prepare_error_.has_value()) {
        return false;  // A checkpoint or a new file will make room.
      }
      refuse_for_room(*frame);
      queue_.pop_front();
      growing.did = true;
      continue;
    }
    growing.did = true;
    queue_.pop_front();
    if (outcome == StageOutcome::kFailed) {
      return false;  // All were told.
    }
    blocked_ = false;
    growing.bytes += size;
  }
  return true;
}

void LogCore::stage_batch(Staged& staged, std::size_t index, char* bytes) {
  PendingBatch& batch = staged.frame->batches[index];
  BatchResult& result = staged.frame->result.batches[index];
  Partition& partition = *batch.partition;
  char* const at = bytes + batch.at;
  record::BatchHeader header = MUST(record::parse_header({at, batch.size}));
  const auto refuse = [&](KafkaError error, std::string message) {
    batch.skipped = true;
    result.error = error;
    result.message = std::move(message);
  };
  if (partition.deleted.load()) {
    return refuse(KafkaError::kUnknownTopicOrPartition, "the topic was deleted");
  }
  Partition::LogThreadState& own = partition.own;
  result.log_start_offset = partition.log_start();
  if (header.has_producer()) {
    ProducerVerdict verdict = batch.marker.has_value()
                                  ? own.producers.check_marker(header, *batch.marker)
                                  : own.producers.check(header);
    if (verdict.error != KafkaError::kNone) {
      return refuse(verdict.error, std::move(verdict.message));
    }
    if (verdict.duplicate_of.has_value()) {
      batch.skipped = true;
      result.duplicate = true;
      result.base_offset = verdict.duplicate_of->base_offset;
      result.last_offset = verdict.duplicate_of->last_offset;
      return;
    }
  }
  staged.undo.push_back({.partition = batch.partition,
                         .next = own.next,
                         .producer = header.producer_id,
                         .entry = own.producers.entry(header.producer_id)});
  record::patch_base_offset(at, own.next);
  record::patch_leader_epoch(at, 0);
  const std::shared_ptr<const TopicConfig> config = partition.config();
  if (config->log_append_time && !batch.marker.has_value()) {
    result.log_append_time_ms = clock_.wall_ms();
    record::patch_log_append_time({at, batch.size}, result.log_append_time_ms);
  }
  header = MUST(record::parse_header({at, batch.size}));
  if (batch.marker.has_value()) {
    const auto aborted = own.producers.apply_marker(header, *batch.marker);
    if (aborted.has_value()) {
      staged.aborted.emplace_back(&partition, *aborted);
    }
  } else if (header.has_producer()) {
    own.producers.apply(header, clock_.wall_ms());
  }
  result.base_offset = batch.base = header.base_offset;
  result.last_offset = batch.last = header.last_offset();
  batch.max_timestamp_ms = header.max_timestamp_ms;
  own.next = header.next_offset();
}

void LogCore::encode_again(PendingFrame& frame) {
  std::string bytes;
  FrameWriter writer(bytes);
  bool empty = true;
  for (PendingBatch& batch : frame.batches) {
    if (!batch.skipped) {
      const std::string_view content = frame.view().substr(batch.at, batch.size);
      batch.at =
          writer.add_batch(batch.partition->topic_id, batch.partition->name.partition, content);
      empty = false;
    }
  }
  for (const Position& position : frame.positions) {
    writer.add_position(position.name, position.value);
    empty = false;
  }
  if (empty) {
    frame.clear_frame();
  } else {
    frame.set_frame(std::move(bytes));
  }
}

void LogCore::refuse_rest(Staged& staged) {
  undo(staged);
  staged.aborted.clear();
  for (BatchResult& result : staged.frame->result.batches) {
    if (result.error == KafkaError::kNone) {
      result = BatchResult{.error = KafkaError::kOperationNotAttempted,
                           .message = "another batch of the frame was refused"};
    }
  }
  staged.frame->clear_frame();
}

LogCore::StageOutcome LogCore::stage(PendingFramePtr& frame) {
  if (frame->size() > 0) {
    Result<bool> room = wal_->reserve(frame->size());
    if (!room) {
      wal_failed(room.error());
      group_.push_back(Staged{.frame = std::move(frame)});
      fail_all(room.error());
      return StageOutcome::kFailed;
    }
    if (!*room) {
      return StageOutcome::kNoRoom;
    }
  }
  Staged staged{.frame = std::move(frame)};
  PendingFrame& pending = *staged.frame;
  bool skipped = false;
  for (std::size_t i = 0; i < pending.batches.size(); ++i) {
    PendingBatch& batch = pending.batches[i];
    if (batch.skipped) {
      continue;  // Refused by the caller's checks: it is not in the frame.
    }
    stage_batch(staged, i, pending.data());
    skipped = skipped || batch.skipped;
    if (pending.result.batches[i].error != KafkaError::kNone &&
        pending.atomicity == Atomicity::kAll) {
      refuse_rest(staged);
      break;
    }
  }
  if (skipped && pending.size() > 0) {
    encode_again(pending);
  }
  if (pending.size() > 0) {
    staged.place = wal_->append(move_to_block(staged), pending.size());
    staged.written = true;
  }
  group_.push_back(std::move(staged));
  return StageOutcome::kStaged;
}

void LogCore::undo(Staged& staged) {
  for (auto change = staged.undo.rbegin(); change != staged.undo.rend(); ++change) {
    change->partition->own.next = change->next;
    if (change->producer.value() >= 0) {
      change->partition->own.producers.restore(change->producer, change->entry);
    }
  }
  staged.undo.clear();
}

void LogCore::begin_block(std::size_t bytes) {
  filling_ = {};
  filling_.block = data::Block::make(bytes, [this](char* at) { filling_.bytes = at; });
}

// Large frames have a block of their own. Small ones share one with those that wait behind them;
// it ends with the group, for what is published must not have a neighbour that is being written.
char* LogCore::move_to_block(Staged& staged) {
  constexpr std::size_t kBlockBytes = 256U << 10U;
  PendingFrame& frame = *staged.frame;
  if (frame.block != nullptr) {
    staged.block = frame.block;
    return frame.data();
  }
  const std::size_t size = frame.size();
  if (filling_.block == nullptr || filling_.block->size() - filling_.used < size) {
    begin_block(std::max(size, std::min(kBlockBytes, size + queue_.frame_bytes())));
  }
  staged.block = filling_.block;
  staged.at = filling_.used;
  filling_.used += size;
  return std::ranges::copy(frame.bytes, filling_.bytes + staged.at).out - size;
}

void LogCore::publish(Staged& staged, std::vector<Partition*>& touched) {
  PendingFrame& frame = *staged.frame;
  if (!staged.written) {
    return;
  }
  for (const PendingBatch& batch : frame.batches) {
    if (batch.skipped) {
      continue;
    }
    batch.partition->publish({.base = batch.base,
                              .last = batch.last,
                              .max_timestamp_ms = batch.max_timestamp_ms,
                              .bytes = static_cast<std::uint32_t>(batch.size),
                              .at = staged.at + batch.at,
                              .block = staged.block,
                              .wal = staged.place.file,
                              .wal_at = staged.place.at + batch.at});
    const std::uint64_t cost = batch.size + kTailBatchCost;
    cache_.push_back({.partition = batch.partition, .base = batch.base, .bytes = cost});
    cache_bytes_ += cost;
    unflushed_bytes_ += cost;
    if (touched.empty() || touched.back() != batch.partition.get()) {
      touched.push_back(batch.partition.get());
    }
  }
  for (const Position& position : frame.positions) {
    shared_.positions.apply(position.name, position.value);
  }
  frames_total_.add();
  bytes_total_.add(frame.size());
}

void LogCore::publish_all() {
  std::vector<Partition*> touched;
  std::vector<std::pair<Partition*, AbortedRange>> aborted;
  for (std::vector<Staged>* list : {&unsynced_, &group_}) {
    for (Staged& staged : *list) {
      publish(staged, touched);
      aborted.insert(aborted.end(), staged.aborted.begin(), staged.aborted.end());
    }
  }
  std::ranges::sort(touched);
  touched.erase(std::ranges::unique(touched).begin(), touched.end());
  std::vector<Partition*> watched;
  for (Partition* partition : touched) {
    std::vector<AbortedRange> ranges;
    for (const auto& [owner, range] : aborted) {
      if (owner == partition) {
        ranges.push_back(range);
      }
    }
    const Partition::LogThreadState& own = partition->own;
    const auto open = own.producers.oldest_open();
    const Offset stable = open.has_value() ? std::min(open->first, own.next) : own.next;
    std::optional<AbortedTransaction> oldest;
    std::int64_t since = -1;
    if (open.has_value()) {
      oldest = AbortedTransaction{.producer = open->second, .first_offset = open->first};
      since = own.producers.entry(open->second)->transaction_since_ms;
    }
    partition->set_oldest_open(oldest, since);
    const bool moved = partition->set_offsets(own.next, stable, std::move(ranges));
    if (moved && partition->subscribers.load() > 0) {
      watched.push_back(partition);
    }
  }
  if (!watched.empty()) {
    shared_.subscriptions.wake(watched);
  }
}

void LogCore::answer(Staged& staged) {
  if (!staged.answered && staged.frame->done) {
    staged.answered = true;
    const AppendDone done = std::move(staged.frame->done);
    done(std::move(staged.frame->result));
  }
}

Result<void> LogCore::commit_group() {
  filling_ = {};
  if (group_.empty()) {
    return {};
  }
  const bool written = std::ranges::any_of(group_, &Staged::written);
  const bool sync = std::ranges::any_of(
      group_, [](const Staged& staged) { return staged.written && staged.frame->sync; });
  if (!written && unsynced_.empty()) {
    answer_all(group_);
    return {};
  }
  const std::int64_t started = clock_.monotonic_ns();
  last_append_ns_ = started;
  Result<void> outcome = wal_->write();
  if (outcome && sync) {
    outcome = wal_->sync();
  }
  if (!outcome) {
    Error error = std::move(outcome).error();
    wal_failed(error);
    fail_all(error);
    return error;
  }
  if (!sync) {
    if (unsynced_.empty()) {
      unsynced_since_ns_ = started;
      flush_within_ms_ = std::numeric_limits<std::int32_t>::max();
    }
    for (Staged& staged : group_) {
      answer(staged);
      for (const PendingBatch& batch : staged.frame->batches) {
        if (batch.partition != nullptr) {
          flush_within_ms_ = std::min(flush_within_ms_, batch.partition->config()->flush_ms);
        }
      }
      unsynced_.push_back(std::move(staged));
    }
    group_.clear();
    return {};
  }
  sync_time_.record_ns(clock_.monotonic_ns() - started);
  syncs_total_.add();
  publish_all();
  MR_FAULT("log.published");
  answer_all(unsynced_);
  answer_all(group_);
  return {};
}

void LogCore::answer_all(std::vector<Staged>& group) {
  for (Staged& staged : group) {
    answer(staged);
    answered_.push_back(std::move(staged.frame));
  }
  group.clear();
  answered_count_ += answered_.size();
  shared_.spare_frames.put(answered_);
}

void LogCore::fail_all(const Error& error) {
  for (std::vector<Staged>* list : {&group_, &unsynced_}) {
    for (auto staged = list->rbegin(); staged != list->rend(); ++staged) {
      undo(*staged);
    }
  }
  for (std::vector<Staged>* list : {&unsynced_, &group_}) {
    for (Staged& staged : *list) {
      if (!staged.answered && staged.frame->done) {
        staged.answered = true;
        staged.frame->done(copy_of(error));
      }
    }
    list->clear();
  }
}

void LogCore::refuse_for_room(const PendingFrame& frame) {
  const std::string& why = checkpoint_error_.has_value() ? *checkpoint_error_ : *prepare_error_;
  if (frame.done) {
    frame.done(Error(ErrorCode::kIo, "the write-ahead log is full and cannot go on: " + why));
  }
}

void LogCore::wal_failed(const Error& error) {
  failures_total_.add();
  MR_LOG(warning,
         "write-ahead log cannot be written; appends are refused",
         {"error", error.to_string()});
  wal_->abandon();
  wal_broken_ = true;
  shared_.writable = false;
  next_disk_look_ns_ = clock_.monotonic_ns() + kRetryNs;
}

void LogCore::empty_cache() {
  while (!cache_.empty()) {
    cache_.front().partition->evict(cache_.front().base);
    cache_.pop_front();
  }
  cache_bytes_ = 0;
  cache_gauge_.set(0);
  shared_.spare_frames.clear();
  malloc_trim(0);  // The blocks were many and small: without this the process keeps their pages.
}

void LogCore::trim_cache() {
  while (cache_bytes_ > options_.tail_cache_bytes && !cache_.empty()) {
    const Cached& oldest = cache_.front();
    oldest.partition->evict(oldest.base);
    cache_bytes_ -= oldest.bytes;
    cache_.pop_front();
  }
  cache_gauge_.set(static_cast<std::int64_t>(cache_bytes_));
}

bool LogCore::tick() {
  const std::int64_t now = clock_.monotonic_ns();
  bool did = false;
  if (!unsynced_.empty() && now >= unsynced_since_ns_ + flush_within_ms_ * kNsPerMs) {
    const Result<void> synced = wal_->sync();
    if (synced) {
      syncs_total_.add();
      publish_all();
      unsynced_.clear();
    } else {
      wal_failed(synced.error());
      fail_all(synced.error());
    }
    did = true;
  }
  if (now >= next_disk_look_ns_ && (options_.min_free_bytes > 0 || wal_broken_)) {
    look_at_disk(now);
  }
  if (now >= next_prepare_ns_) {
    prepare_wal_file();
  }
  const bool much = unflushed_bytes_ > options_.tail_cache_bytes / 2 ||
                    wal_->used_bytes() > options_.wal_bytes_max / 2;
  const bool due = now >= next_checkpoint_ns_;
  const bool worth = unflushed_bytes_ > 0 || blocked_;
  const bool failed_lately = checkpoint_error_.has_value() && !due;
  if (!checkpointing_ && worth && (due || ((much || blocked_) && !failed_lately))) {
    begin_checkpoint(/*clean=*/false, /*snapshots=*/false);
    did = true;
  } else if (due) {
    next_checkpoint_ns_ = now + options_.checkpoint_interval_ms * kNsPerMs;
  }
  if (now >= next_housekeeping_ns_) {
    next_housekeeping_ns_ = now + options_.housekeeping_interval_ms * kNsPerMs;
    housekeep().ignore_error("logged where it happened; it is tried again");
    did = true;
  }
  trim_cache();
  if (!cache_.empty() && now >= last_append_ns_ + kCacheIdleNs) {
    empty_cache();
  }
  wal_bytes_.set(static_cast<std::int64_t>(wal_->total_bytes()));
  return did;
}

void LogCore::look_at_disk(std::int64_t now_ns) {
  next_disk_look_ns_ = now_ns + options_.min_free_interval_ms * kNsPerMs;
  if (options_.min_free_bytes > 0) {
    const Result<std::uint64_t> free = files_.free_bytes(options_.directory);
    const bool full = free.has_value() && *free < options_.min_free_bytes;
    if (full && !disk_full_) {
      MR_LOG(warning, "disk has less room than min.free; appends are refused", {"free", *free});
    } else if (!full && disk_full_) {
      MR_LOG(info, "disk has room again; appends are taken");
    }
    disk_full_ = full;
  }
  wal_broken_ = false;  // The next append tries another file.
  shared_.writable = !disk_full_;
}

namespace {

// Owned by the background.
class PrepareJob final : public Job {
 public:
  PrepareJob(io::Files& files, WalFilePtr file, std::uint64_t bytes)
      : files_(files), file_(std::move(file)), bytes_(bytes) {}

  Result<bool> step() override {
    Result<bool> done = Wal::prepare(files_, *file_, bytes_);
    if (!done) {
      io::remove_all(files_, file_->path).ignore_error("the next start removes what is half made");
    }
    return done;
  }

 private:
  io::Files& files_;
  WalFilePtr file_;  // Shared with the function that takes it in.
  std::uint64_t bytes_;
};

// Owned by the background.
class RemoveJob final : public Job {
 public:
  RemoveJob(io::Files& files, std::vector<std::string> paths)
      : files_(files), paths_(std::move(paths)) {}

  Result<bool> step() override {
    for (const std::string& path : paths_) {
      TRY(fault_error("log.remove"));
      TRY(io::remove_all(files_, path));
    }
    return true;
  }

 private:
  io::Files& files_;
  std::vector<std::string> paths_;
};

}  // namespace

void LogCore::prepare_wal_file() {
  const std::uint64_t bytes =
      wal_->wanted_file_bytes(/*ahead=*/clock_.monotonic_ns() >= prepare_ahead_ns_);
  if (bytes == 0 || preparing_) {
    return;
  }
  preparing_ = true;
  auto file = std::make_shared<WalFile>();
  file->path = wal_->next_path();
  shared_.background.submit(
      std::make_unique<PrepareJob>(files_, file, bytes), [this, file](const Result<void>& outcome) {
        preparing_ = false;
        prepare_error_.reset();
        if (outcome) {
          wal_->add_prepared(file);
          blocked_ = false;
          return;
        }
        prepare_error_ = outcome.error().to_string();
        next_prepare_ns_ = clock_.monotonic_ns() + kRetryNs;
        MR_LOG(
            warning, "file of the write-ahead log cannot be prepared", {"error", *prepare_error_});
      });
}

void LogCore::remove_in_background(std::vector<std::string> paths) {
  if (paths.empty()) {
    return;
  }
  shared_.background.submit(
      std::make_unique<RemoveJob>(files_, std::move(paths)), [](const Result<void>& outcome) {
        if (!outcome) {
          MR_LOG(warning, "old files cannot be removed", {"error", outcome.error().to_string()});
        }
      });
}

void LogCore::drain_background() {
  while (!shared_.background.idle()) {
    if (!options_.threads) {
      shared_.background.step();
    } else if (!shared_.background.run_completions()) {
      shared_.activity.end();  // Whether the background gets on is told by its own.
      shared_.background.ended.wait(kRetryNs);
      shared_.activity.begin(clock_.monotonic_ns());
    }
    shared_.background.run_completions();
  }
}

void LogCore::refuse_all(std::string_view why) {
  shared_.inbox.take(queue_);
  for (; !queue_.empty(); queue_.pop_front()) {
    Request& request = queue_.front();
    if (request.frame != nullptr) {
      if (request.frame->done) {
        request.frame->done(Error(ErrorCode::kCancelled, std::string(why)));
      }
    } else {
      request.command(*this);
    }
  }
}

}  // namespace millrace::log
