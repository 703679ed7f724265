#include "log/detail/checkpoint_job.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/fault.h"

namespace millrace::log {
namespace {

constexpr std::size_t kStepBytes = 1U << 20;
// More dirty files than this are synced by one syncfs (performance.md §6: 10,000 small files take
// 0.08 s together and 1.5 s one by one).
constexpr std::size_t kSyncEachMax = 12;

// Owned by the background.
class CheckpointJob final : public Job {
 public:
  CheckpointJob(io::Files& files, CheckpointPlanPtr plan) : files_(files), plan_(std::move(plan)) {}

  Result<bool> step() override {
    if (task_ < plan_->tasks.size()) {
      TRY(write_part(plan_->tasks[task_]));
      return false;
    }
    if (!synced_) {
      TRY(sync_part());
      return false;
    }
    plan_->synced = true;
    TRY(fault_error("checkpoint.rename"));
    TRY(store_checkpoint(files_, plan_->directory, plan_->checkpoint));
    for (const std::string& marker : plan_->markers) {
      TRY(io::remove_all(files_, marker));
      TRY(files_.sync_dir(io::parent_path(marker)));  // It must not come back behind later changes.
    }
    return true;
  }

 private:
  // Some batches of one partition; goes on to the next task when that one is done.
  Result<void> write_part(const CheckpointTask& task) {
    if (task.partition->deleted.load()) {
      return finish_task(task);
    }
    if (!at_.has_value()) {
      TRY(begin_task(task));
    }
    if (*at_ < task.until) {
      TRY_DOING(write_batches(task), "checkpoint of " + task.partition->directory);
      return {};
    }
    return finish_task(task);
  }

  Result<void> begin_task(const CheckpointTask& task) {
    at_ = task.flushed;
    writer_.reset();
    config_ = task.partition->config();
    const std::vector<SegmentPtr> segments = task.partition->segments();
    if (segments.empty()) {
      return {};
    }
    const SegmentMeta meta = segments.back()->meta();
    at_ = std::max(*at_, meta.next);
    if (!meta.sealed && (*at_ < task.until || task.roll)) {
      writer_ = std::make_unique<SegmentWriter>(
          TRY(SegmentWriter::open(segments.back(), config_->index_interval_bytes)));
    }
    if (task.roll && writer_ != nullptr) {
      TRY(seal());
    }
    return {};
  }

  Result<void> write_batches(const CheckpointTask& task) {
    const Offset from = *at_;
    const std::vector<StoredBatch> batches =
        TRY(task.partition->copy_tail(from, task.until, kStepBytes));
    if (batches.empty()) {
      return Error(ErrorCode::kInternal, fmt::format("the tail has no batch at {}", from));
    }
    for (const StoredBatch& batch : batches) {
      const record::BatchHeader header = TRY(record::parse_header(batch.bytes));
      if (writer_ != nullptr && must_roll(header)) {
        TRY(seal());
      }
      if (writer_ == nullptr) {
        TRY(begin_segment(*task.partition, header.base_offset));
      }
      TRY(writer_->append(batch.bytes, header));
      for (const AbortedRange& range :
           task.partition->aborted_between(header.base_offset, header.next_offset())) {
        writer_->append_aborted(range);
      }
      at_ = header.next_offset();
    }
    mark_dirty();
    return writer_->finish();
  }

  [[nodiscard]] bool must_roll(const record::BatchHeader& header) const {
    const SegmentMeta& meta = writer_->meta();
    const auto limit = static_cast<std::uint64_t>(config_->segment_bytes);
    const bool old = meta.first_timestamp_ms >= 0 &&
                     header.max_timestamp_ms - meta.first_timestamp_ms > config_->segment_ms;
    const bool full = writer_->bytes() + header.total_bytes() > limit;
    return writer_->bytes() > 0 && (full || old || !writer_->fits(header));
  }

  Result<void> seal() {
    TRY(fault_error("segment.roll"));
    TRY(writer_->seal());
    mark_dirty();
    writer_.reset();
    return {};
  }

  Result<void> begin_segment(Partition& partition, Offset base) {
    TRY(make_directory(partition));
    auto segment = std::make_shared<Segment>(
        files_, partition.directory, SegmentMeta{.base = base, .next = base});
    TRY(remove_leftovers(*segment));
    writer_ = std::make_unique<SegmentWriter>(
        TRY(SegmentWriter::open(segment, config_->index_interval_bytes)));
    partition.add_segment(std::move(segment));
    directories_.insert(partition.directory);
    return {};
  }

  // Files of the same name may be there after a failed checkpoint or a truncation.
  Result<void> remove_leftovers(const Segment& segment) {
    for (const SegmentFile file : kAllSegmentFiles) {
      TRY(io::remove_all(files_, segment.path(file)));
    }
    return {};
  }

  Result<void> make_directory(const Partition& partition) {
    if (!partition.segments().empty()) {
      return {};
    }
    // A folder that is there may be what a failed checkpoint left, its name not durable.
    const std::string topics = io::parent_path(partition.directory);
    TRY(io::make_dirs(files_, topics));
    if (!TRY(io::exists(files_, partition.directory))) {
      TRY(files_.make_dir(partition.directory));
    }
    directories_.insert(topics);
    directories_.insert(io::parent_path(topics));
    return {};
  }

  // The folder too: an index gets its file with its first entry.
  void mark_dirty() {
    dirty_.insert(writer_->segment());
    directories_.insert(writer_->segment()->directory());
  }

  Result<void> finish_task(const CheckpointTask& task) {
    const std::vector<SegmentPtr> segments = task.partition->segments();
    CheckpointPartition& into = plan_->checkpoint.topics[task.topic].partitions[task.index];
    for (const SegmentPtr& segment : segments) {
      into.segments.push_back(segment->meta());
    }
    if (!task.snapshot.empty() && !segments.empty() && !task.partition->deleted.load()) {
      TRY(write_snapshot(task));
    }
    writer_.reset();
    at_.reset();
    ++task_;
    return {};
  }

  // For Kafka's tools only: our own producers' states are in the CHECKPOINT.
  Result<void> write_snapshot(const CheckpointTask& task) {
    const std::string name = fmt::format("{:020d}.snapshot", task.until.value());
    for (const io::DirEntry& entry : TRY(files_.list(task.partition->directory))) {
      if (entry.name.ends_with(".snapshot") && entry.name != name) {
        TRY(io::remove_all(files_, task.partition->directory + "/" + entry.name));
      }
    }
    return io::write_atomically(files_, task.partition->directory + "/" + name, task.snapshot);
  }

  Result<void> sync_part() {
    if (dirty_.empty() && directories_.empty()) {
      synced_ = true;
      return {};
    }
    TRY(fault_error("segment.sync"));
    if (dirty_.size() * 3 + directories_.size() > kSyncEachMax) {
      TRY(files_.sync_disk(plan_->directory));
      synced_ = true;
      return {};
    }
    if (!dirty_.empty()) {
      const SegmentPtr segment = *dirty_.begin();
      dirty_.erase(dirty_.begin());
      return segment->sync();
    }
    TRY(fault_error("dir.sync"));
    TRY(files_.sync_dir(*directories_.begin()));
    directories_.erase(directories_.begin());
    return {};
  }

  io::Files& files_;
  const CheckpointPlanPtr plan_;
  std::size_t task_ = 0;
  std::optional<Offset> at_;                   // Where the current task goes on.
  std::shared_ptr<const TopicConfig> config_;  // Shared with the partition.
  std::unique_ptr<SegmentWriter> writer_;
  std::set<SegmentPtr> dirty_;
  std::set<std::string> directories_;
  bool synced_ = false;
};

}  // namespace

std::unique_ptr<Job> make_checkpoint_job(io::Files& files, CheckpointPlanPtr plan) {
  return std::make_unique<CheckpointJob>(files, std::move(plan));
}

std::string topics_directory(const std::string& data) {
  return data + "/topics";
}

std::string partition_directory(const std::string& data, const TopicPartition& partition) {
  return fmt::format("{}/{}-{}", topics_directory(data), partition.topic, partition.partition);
}

}  // namespace millrace::log
