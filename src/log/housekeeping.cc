// Retention and the other work that comes round: which segments may go, which producers are
// forgotten.
#include <algorithm>
#include <utility>

#include "base/log_line.h"
#include "log/detail/core.h"

namespace millrace::log {

Result<void> LogCore::housekeep() {
  expire_producers();
  TRY(apply_retention());
  begin_compactions();
  return {};
}

Result<void> LogCore::housekeep_now() {
  drain_background();
  TRY(housekeep());
  drain_background();
  TRY(housekeep());  // What the first round closed can go in the second.
  drain_background();
  // Compactions have left their markers to the next checkpoint.
  if (!compaction_markers_.empty()) {
    TRY(checkpoint_now(/*clean=*/false, /*snapshots=*/false));
  }
  return {};
}

void LogCore::expire_producers() {
  const std::int64_t before = clock_.wall_ms() - options_.producer_expiration_ms;
  for (const TopicPtr& topic : shared_.catalog.all()) {
    for (const PartitionPtr& partition : topic->partitions) {
      partition->own.producers.expire(before);
    }
  }
}

Result<void> LogCore::apply_retention() {
  bool roll = false;
  for (const TopicPtr& topic : shared_.catalog.all()) {
    for (const PartitionPtr& partition : topic->partitions) {
      TRY_DOING(apply_retention_to(partition), "retention of " + partition->directory);
      // Deleted records may fill all of the open segment: close it, so that it can go.
      roll = roll || (partition->own.roll && !partition->own.compacting);
    }
  }
  if (roll && !checkpointing_) {
    begin_checkpoint(/*clean=*/false, /*snapshots=*/false);
  }
  return {};
}

Result<void> LogCore::apply_retention_to(const PartitionPtr& partition) {
  for (const SegmentPtr& segment : partition->segments()) {
    segment->close_files();
  }
  if (partition->own.compacting) {
    return {};
  }
  const std::optional<Offset> offset = retention_offset(partition);
  if (offset.has_value() && *offset > partition->log_start()) {
    return move_log_start(partition, *offset);
  }
  if (offset.has_value()) {
    drop_segments(partition);
  }
  return {};
}

std::optional<Offset> LogCore::retention_offset(const PartitionPtr& partition) const {
  const std::shared_ptr<const TopicConfig> config = partition->config();
  const std::vector<SegmentPtr> segments = partition->segments();
  if (segments.empty()) {
    return {};
  }
  Partition::LogThreadState& own = partition->own;
  Offset limit = std::min(own.flushed, partition->last_stable());
  if (config->retention_hold) {
    limit = std::min(limit, shared_.holds.lowest(partition->name).value_or(limit));
  }
  std::uint64_t bytes = partition->describe().bytes;
  const std::int64_t now = clock_.wall_ms();
  std::optional<Offset> offset;
  const bool by_policy = config->cleanup_delete;
  for (const SegmentPtr& segment : segments) {
    const SegmentMeta meta = segment->meta();
    const bool deleted = meta.next <= partition->log_start();
    const bool old = by_policy && config->retention_ms >= 0 && meta.max_timestamp_ms >= 0 &&
                     meta.max_timestamp_ms < now - config->retention_ms;
    const bool much = by_policy && config->retention_bytes >= 0 &&
                      bytes - meta.log_bytes >= static_cast<std::uint64_t>(config->retention_bytes);
    if (meta.next > limit || (!deleted && !old && !much)) {
      break;
    }
    if (!meta.sealed) {
      own.roll = deleted || old;  // It goes next time.
      break;
    }
    bytes -= meta.log_bytes;
    offset = meta.next;
  }
  return offset;
}

void LogCore::begin_compactions() {
  bool any = false;
  for (const TopicPtr& topic : shared_.catalog.all()) {
    if (!topic->info.config.cleanup_compact) {
      continue;
    }
    for (const PartitionPtr& partition : topic->partitions) {
      const CompactionPlanPtr plan = plan_compaction(partition);
      if (plan == nullptr) {
        continue;
      }
      any = true;
      if (clean_on_disk_) {
        break;  // First the CHECKPOINT has to say that something comes after it.
      }
      partition->own.compacting = true;
      shared_.background.submit(
          make_compaction_job(files_, plan),
          [this, plan](const Result<void>& outcome) { end_compaction(plan, outcome); });
    }
  }
  if (any && clean_on_disk_ && !checkpointing_) {
    begin_checkpoint(/*clean=*/false, /*snapshots=*/false);
  }
}

CompactionPlanPtr LogCore::plan_compaction(const PartitionPtr& partition) const {
  const std::shared_ptr<const TopicConfig> config = partition->config();
  const Partition::LogThreadState& own = partition->own;
  if (own.compacting) {
    return nullptr;
  }
  Offset limit = std::min(own.flushed, partition->last_stable());
  if (config->retention_hold) {
    limit = std::min(limit, shared_.holds.lowest(partition->name).value_or(limit));
  }
  auto plan = std::make_shared<CompactionPlan>();
  plan->partition = partition;
  plan->now_ms = clock_.wall_ms();
  plan->memory_bytes = options_.compaction_memory_bytes;
  std::uint64_t clean = 0;
  std::uint64_t dirty = 0;
  std::int64_t oldest_dirty_ms = plan->now_ms;
  for (const SegmentPtr& segment : partition->segments()) {
    const SegmentMeta meta = segment->meta();
    const bool young = meta.max_timestamp_ms > plan->now_ms - config->min_compaction_lag_ms &&
                       config->min_compaction_lag_ms > 0;
    if (!meta.sealed || meta.next > limit || young) {
      break;
    }
    if (meta.cleaned && dirty == 0) {
      clean += meta.log_bytes;
      plan->first_dirty = plan->segments.size() + 1;
    } else {
      dirty += meta.log_bytes;
      oldest_dirty_ms = std::min(oldest_dirty_ms, meta.first_timestamp_ms);
    }
    plan->segments.push_back(segment);
  }
  const bool late = plan->now_ms - oldest_dirty_ms > config->max_compaction_lag_ms;
  const double share = static_cast<double>(dirty) / static_cast<double>(clean + dirty + 1);
  if (dirty == 0 || (!late && share < config->min_cleanable_dirty_ratio * 0.999)) {
    return nullptr;
  }
  for (const ProducerId id : own.producers.ids()) {
    plan->last_of_producer[id.value()] = own.producers.entry(id)->last_offset;
  }
  return plan;
}

void LogCore::end_compaction(const CompactionPlanPtr& plan, const Result<void>& outcome) {
  Partition::LogThreadState& own = plan->partition->own;
  for (const CompactionMarker& marker : plan->markers) {
    own.durable_segments = apply_marker(marker, own.durable_segments);
    compaction_markers_.push_back(marker.path);
  }
  own.compacting = plan->half_done;
  if (!outcome) {
    MR_LOG(warning,
           "compaction failed",
           {"partition", plan->partition->directory},
           {"error", outcome.error().to_string()});
    return;
  }
  MR_LOG(debug,
         "compacted",
         {"partition", plan->partition->directory},
         {"before", plan->bytes_before},
         {"after", plan->bytes_after});
  if (!compaction_markers_.empty() && !checkpointing_) {
    begin_checkpoint(/*clean=*/false, /*snapshots=*/false);
  }
}

}  // namespace millrace::log
