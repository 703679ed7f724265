// The log core's side of checkpoints: what goes into one, and what follows when it is durable.
#include <utility>

#include <malloc.h>

#include "base/fault.h"
#include "base/log_line.h"
#include "log/detail/core.h"

namespace millrace::log {

CheckpointPlanPtr LogCore::plan_checkpoint(bool clean, bool snapshots) {
  auto plan = std::make_shared<CheckpointPlan>();
  plan->directory = options_.directory;
  plan->checkpoint.mark = wal_->mark();
  plan->checkpoint.clean = clean;
  plan->checkpoint.next_producer_id = next_producer_id_;
  plan->checkpoint.positions = shared_.positions.all();
  for (const TopicPtr& topic : shared_.catalog.all()) {
    CheckpointTopic& into = plan->checkpoint.topics.emplace_back();
    into.info = topic->info;
    for (const PartitionPtr& partition : topic->partitions) {
      Partition::LogThreadState& own = partition->own;
      CheckpointPartition& saved = into.partitions.emplace_back();
      saved.log_start = partition->log_start();
      saved.next = own.next;
      own.producers.encode(saved.producers);
      CheckpointTask& task = plan->tasks.emplace_back();
      task.partition = partition;
      task.topic = plan->checkpoint.topics.size() - 1;
      task.index = into.partitions.size() - 1;
      task.flushed = own.flushed;
      task.until = own.next;
      task.roll = std::exchange(own.roll, false);
      if (snapshots && own.producers.size() > 0) {
        task.snapshot = own.producers.to_kafka_snapshot();
      }
    }
  }
  plan->markers = std::exchange(compaction_markers_, {});
  return plan;
}

void LogCore::begin_checkpoint(bool clean, bool snapshots) {
  if (!unsynced_.empty()) {
    const Result<void> synced = wal_->sync();
    if (!synced) {
      wal_failed(synced.error());
      fail_all(synced.error());
    } else {
      publish_all();
      unsynced_.clear();
    }
  }
  checkpointing_ = true;
  const CheckpointPlanPtr plan = plan_checkpoint(clean, snapshots);
  const std::uint64_t bytes = unflushed_bytes_;
  shared_.background.submit(
      make_checkpoint_job(files_, plan),
      [this, plan, bytes](const Result<void>& outcome) { end_checkpoint(plan, bytes, outcome); });
}

void LogCore::end_checkpoint(const CheckpointPlanPtr& plan,
                             std::uint64_t bytes,
                             const Result<void>& outcome) {
  checkpointing_ = false;
  checkpoint_error_.reset();
  const std::int64_t now = clock_.monotonic_ns();
  if (!outcome) {
    constexpr std::int64_t kAgainNs = 1'000'000'000;
    next_checkpoint_ns_ = now + kAgainNs;
    MR_LOG(warning, "checkpoint failed; it is tried again", {"error", outcome.error().to_string()});
    for (const CheckpointTask& task : plan->tasks) {
      Partition::LogThreadState& own = task.partition->own;
      if (plan->synced) {
        own.durable_segments = plan->checkpoint.topics[task.topic].partitions[task.index].segments;
      } else {
        task.partition->restore_segments(own.durable_segments);
      }
      task.partition->own.roll = task.partition->own.roll || task.roll;
    }
    compaction_markers_.insert(
        compaction_markers_.end(), plan->markers.begin(), plan->markers.end());
    checkpoint_error_ = outcome.error().to_string();
    return;
  }
  for (const CheckpointTask& task : plan->tasks) {
    if (task.partition->deleted.load()) {
      continue;
    }
    Partition::LogThreadState& own = task.partition->own;
    own.flushed = task.until;
    own.durable_segments = plan->checkpoint.topics[task.topic].partitions[task.index].segments;
    task.partition->set_flushed(task.until);
  }
  clean_on_disk_ = plan->checkpoint.clean;
  unflushed_bytes_ -= std::min(bytes, unflushed_bytes_);
  next_checkpoint_ns_ = now + options_.checkpoint_interval_ms * 1'000'000;
  checkpoints_total_.add();
  MR_FAULT("checkpoint.published");
  remove_in_background(wal_->release(plan->checkpoint.mark));
  blocked_ = false;
  if (cache_.empty()) {
    malloc_trim(0);  // Nobody writes, so what the checkpoint has used is better given back.
  }
}

Result<void> LogCore::checkpoint_now(bool clean, bool snapshots) {
  drain_background();
  checkpoint_error_.reset();
  begin_checkpoint(clean, snapshots);
  drain_background();
  if (checkpoint_error_.has_value()) {
    return Error(ErrorCode::kIo, "checkpoint: " + *checkpoint_error_);
  }
  return {};
}

Result<void> LogCore::flush(bool clean) {
  return checkpoint_now(clean, /*snapshots=*/true);
}

}  // namespace millrace::log
