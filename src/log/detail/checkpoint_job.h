// A checkpoint: the batches of the tail go to segment files, the files are synced, and a new
// CHECKPOINT says so. Off the append path; each step is small.
//
// What is written becomes visible to readers at once (they read the same bytes as in the tail), but
// counts as flushed only when the CHECKPOINT is durable. If a write or sync fails, the segments are
// put back to what was durable before, and all is written again: after a failed sync nobody knows
// which of the pages are on disk. If only the CHECKPOINT fails, the segments stay as they are: the
// disk may hold the old one or the new one, and bytes added at the end are right for both.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/files.h"
#include "log/detail/background.h"
#include "log/detail/checkpoint.h"
#include "log/detail/partition.h"

namespace millrace::log {

/// What one partition puts into the checkpoint.
struct CheckpointTask {
  PartitionPtr partition = {};
  std::size_t topic = 0;  ///< Where it stands in the Checkpoint.
  std::size_t index = 0;
  Offset flushed{0};
  Offset until{0};
  bool roll = false;          ///< Close the open segment.
  std::string snapshot = {};  ///< Kafka's .snapshot for `until`; empty: none.
};

/// Made on the log thread, run in the background, looked at again on the log thread.
struct CheckpointPlan {
  std::string directory = {};
  Checkpoint checkpoint = {};  ///< Complete but for the segments.
  std::vector<CheckpointTask> tasks = {};
  bool synced = false;  ///< Out: the segments are durable; only the CHECKPOINT may not be.
  std::vector<std::string> markers =
      {};  ///< Of compaction; removed when the CHECKPOINT is durable.
};

// Shared by the job and by the function that takes its outcome.
using CheckpointPlanPtr = std::shared_ptr<CheckpointPlan>;

std::unique_ptr<Job> make_checkpoint_job(io::Files& files, CheckpointPlanPtr plan);

/// "<data>/topics/<topic>-<partition>".
std::string topics_directory(const std::string& data);
std::string partition_directory(const std::string& data, const TopicPartition& partition);

}  // namespace millrace::log
