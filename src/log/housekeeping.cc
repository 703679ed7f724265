// Retention and the other work that comes round: which segments may go, which producers are
// forgotten.
#include <algorithm>
#include <utility>

#include "base/log_line.h"
#include "log/detail/core.h"

namespace millrace::log {

Result<void> LogCore::housekeep() {
  expire_producers();
  return apply_retention();
}

Result<void> LogCore::housekeep_now() {
  drain_background();
  TRY(housekeep());
  drain_background();
  TRY(housekeep());  // What the first round closed can go in the second.
  drain_background();
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
      for (const SegmentPtr& segment : partition->segments()) {
        segment->close_files();
      }
      const std::optional<Offset> offset = retention_offset(partition);
      if (offset.has_value() && *offset > partition->log_start()) {
        TRY_DOING(move_log_start(partition, *offset), "retention of " + partition->directory);
      } else if (offset.has_value()) {
        drop_segments(partition);
      }
      // Deleted records may fill all of the open segment: close it, so that it can go.
      roll = roll || partition->own.roll;
    }
  }
  if (roll && !checkpointing_) {
    begin_checkpoint(/*clean=*/false, /*snapshots=*/false);
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

}  // namespace millrace::log
