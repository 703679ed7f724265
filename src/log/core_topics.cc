// Topics and partitions: commands that commit one frame of their own and then take effect. On
// recovery the same frames take effect through the same functions.
#include <algorithm>
#include <map>
#include <utility>

#include "base/assert.h"
#include "base/fault.h"
#include "base/log_line.h"
#include "log/detail/core.h"
#include "log/detail/metadata.h"
#include "log/detail/topic_plan.h"

namespace millrace::log {
namespace {

PendingFramePtr empty_frame(std::string_view bytes) {
  auto frame = std::make_unique<PendingFrame>();
  frame->set_frame(std::string(bytes));
  return frame;
}

// What a stored batch says of its producer: its records, or the end of a transaction.
Result<void> note_producer(std::string_view batch, std::int64_t now_ms, ProducerStates& producers) {
  const record::BatchHeader header = TRY(record::parse_header(batch));
  if (header.control()) {
    const auto marker = TRY(record::read_marker(batch));
    if (marker.has_value()) {
      producers.apply_marker(header, *marker);
    }
  } else if (header.has_producer()) {
    producers.apply(header, now_ms);
  }
  return {};
}

}  // namespace

Result<void> LogCore::commit_own(PendingFramePtr frame) {
  TRY(commit_group());
  std::optional<Result<AppendResult>> answered;
  frame->done = [&answered](Result<AppendResult> result) {
    answered.emplace(std::move(result));
  };
  while (true) {
    const StageOutcome outcome = stage(frame);
    if (outcome != StageOutcome::kNoRoom) {
      break;
    }
    TRY(checkpoint_now(/*clean=*/false, /*snapshots=*/false));
    prepare_wal_file();
    drain_background();
    if (prepare_error_.has_value()) {
      return Error(ErrorCode::kIo, "write-ahead log: " + *prepare_error_);
    }
  }
  commit_group().ignore_error("it is in the answer");
  MR_ASSERT(answered.has_value(), "a committed frame was not answered");
  const AppendResult result = TRY(std::move(*answered));
  if (!result.ok()) {
    return result.to_error({});
  }
  return {};
}

Result<void> LogCore::commit_topics(const std::vector<TopicRecord>& records) {
  const PartitionPtr metadata = shared_.catalog.partition(metadata_topic_id(), PartitionId(0));
  const std::string batch = metadata_batch(records, clock_.wall_ms());
  std::string bytes;
  FrameWriter writer(bytes);
  const std::size_t at = writer.add_batch(metadata->topic_id, metadata->name.partition, batch);
  PendingFramePtr frame = empty_frame(std::move(bytes));
  frame->batches.push_back({.partition = metadata, .at = at, .size = batch.size()});
  frame->result.batches.resize(1);
  TRY(commit_own(std::move(frame)));
  for (const TopicRecord& record : records) {
    apply_topic(record.name, record.topic);
  }
  return {};
}

Result<void> LogCore::commit_offset(EntryKind kind, const PartitionPtr& partition, Offset offset) {
  std::string bytes;
  FrameWriter writer(bytes);
  if (kind == EntryKind::kLogStart) {
    writer.add_log_start(partition->topic_id, partition->name.partition, offset);
  } else {
    writer.add_truncate(partition->topic_id, partition->name.partition, offset);
  }
  return commit_own(empty_frame(std::move(bytes)));
}

PartitionPtr LogCore::make_partition(const TopicInfo& topic,
                                     std::int32_t index,
                                     const std::shared_ptr<const TopicConfig>& config) const {
  const TopicPartition name{.topic = topic.name, .partition = PartitionId(index)};
  return std::make_shared<Partition>(
      files_, partition_directory(options_.directory, name), name, topic.id, config);
}

void LogCore::apply_topic(const std::string& name, const std::optional<TopicInfo>& info) {
  const TopicPtr old = shared_.catalog.find(name);
  if (old != nullptr && (!info.has_value() || info->id != old->info.id)) {
    shared_.catalog.remove(name);
    drop_partitions(*old);
  }
  if (!info.has_value()) {
    return;
  }
  auto topic = std::make_shared<Topic>(Topic{.info = *info});
  if (Result<TopicConfig> resolved = resolve_settings(*info, topic_defaults_)) {
    topic->info.config = *resolved;
  } else {
    MR_LOG(warning,
           "a topic cannot follow the defaults",
           {"topic", name},
           {"error", resolved.error().to_string()});
  }
  const auto config = std::make_shared<const TopicConfig>(topic->info.config);
  if (old != nullptr && info->id == old->info.id) {
    topic->partitions = old->partitions;
  }
  for (const PartitionPtr& partition : topic->partitions) {
    partition->set_config(config);
  }
  for (auto i = static_cast<std::int32_t>(topic->partitions.size()); i < info->partitions; ++i) {
    topic->partitions.push_back(make_partition(*info, i, config));
  }
  shared_.catalog.put(std::move(topic));
}

namespace {

// Takes the folders of a deleted topic out of the way, then removes them. Owned by the background.
class DropJob final : public Job {
 public:
  DropJob(io::Files& files,
          std::string parent,
          std::vector<std::pair<std::string, std::string>> names)
      : files_(files), parent_(std::move(parent)), names_(std::move(names)) {}

  Result<bool> step() override {
    if (!renamed_) {
      TRY(rename_all());
      renamed_ = true;
      return false;
    }
    if (names_.empty()) {
      return true;
    }
    TRY(fault_error("topic.remove"));
    TRY(io::remove_all(files_, names_.back().second));
    names_.pop_back();
    return false;
  }

 private:
  Result<void> rename_all() {
    for (const auto& [from, to] : names_) {
      TRY(fault_error("topic.rename"));
      if (TRY(io::exists(files_, from))) {
        TRY(files_.rename(from, to));
      }
    }
    if (TRY(io::exists(files_, parent_))) {
      TRY(files_.sync_dir(parent_));
    }
    return {};
  }

  io::Files& files_;
  std::string parent_;
  std::vector<std::pair<std::string, std::string>> names_;
  bool renamed_ = false;
};

}  // namespace

void LogCore::drop_partitions(const Topic& topic) {
  std::vector<std::pair<std::string, std::string>> names;
  std::vector<Partition*> watched;
  for (const PartitionPtr& partition : topic.partitions) {
    partition->deleted = true;
    watched.push_back(partition.get());
    for (const SegmentPtr& segment : partition->segments()) {
      segment->pin().ignore_error("a reader that comes too late is told that the file is gone");
    }
    names.emplace_back(partition->directory,
                       partition->directory + "." +
                           to_hex({reinterpret_cast<const char*>(topic.info.id.bytes.data()),
                                   topic.info.id.bytes.size()}) +
                           "-delete");
  }
  shared_.subscriptions.wake(watched);
  shared_.background.submit(
      std::make_unique<DropJob>(files_, topics_directory(options_.directory), std::move(names)),
      [](const Result<void>& outcome) {
        if (!outcome) {
          MR_LOG(warning,
                 "files of a deleted topic cannot be removed",
                 {"error", outcome.error().to_string()});
        }
      });
}

TopicOutcomes LogCore::change_topics(const std::vector<TopicChange>& changes) {
  TopicPlan plan(shared_, topic_defaults_, random_);
  TopicOutcomes outcomes;
  std::vector<std::size_t> changed;
  for (const TopicChange& change : changes) {
    const std::size_t before = plan.records().size();
    outcomes.push_back(plan.add(change));
    if (plan.records().size() > before) {
      changed.push_back(outcomes.size() - 1);
    }
  }
  if (changed.empty()) {
    return outcomes;
  }
  const Result<void> committed = commit_topics(plan.records());
  if (!committed) {
    for (const std::size_t i : changed) {
      outcomes[i] = Error(committed.error().code(), committed.error().to_string());
    }
  }
  return outcomes;
}

Result<TopicInfo> LogCore::change_topic(TopicChange change) {
  std::vector<TopicChange> changes;
  changes.push_back(std::move(change));
  TopicOutcomes outcomes = change_topics(changes);
  return std::move(outcomes.front());
}

Result<TopicInfo> LogCore::create_topic(const NewTopic& topic) {
  return TRY_DOING(change_topic(topic), "create topic " + topic.name);
}

Result<TopicInfo> LogCore::ensure_topic(const NewTopic& topic) {
  return change_topic(EnsuredTopic{.topic = topic});
}

Result<void> LogCore::delete_topic(const std::string& name) {
  TRY(change_topic(DeletedTopic{.name = name}));
  return {};
}

Result<void> LogCore::create_partitions(const std::string& name, std::int32_t total) {
  TRY(change_topic(GrownTopic{.name = name, .partitions = total}));
  return {};
}

Result<TopicInfo> LogCore::alter_config(const std::string& name, const ConfigChange& change) {
  return change_topic(AlteredTopic{.name = name, .change = change});
}

void LogCore::set_topic_defaults(const TopicConfig& defaults) {
  if (topic_defaults_ == defaults) {
    return;
  }
  topic_defaults_ = defaults;
  for (const TopicPtr& topic : shared_.catalog.all()) {
    apply_topic(topic->info.name, topic->info);
  }
}

Result<Offset> LogCore::find_log_start(const TopicPartition& name, Offset before) const {
  const PartitionPtr partition = shared_.catalog.partition(name);
  if (partition == nullptr) {
    return Error(ErrorCode::kNotFound, "no topic " + name.topic);
  }
  const Offset end = partition->high_watermark();
  const Offset target = before == Offset(-1) ? end : before;
  if (target < Offset(0) || target > end) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("records can be deleted up to {}, not {}", end, before));
  }
  return std::max(target, partition->log_start());
}

std::vector<Result<Offset>> LogCore::delete_records(
    const std::vector<std::pair<TopicPartition, Offset>>& before) {
  std::vector<Result<Offset>> starts;
  std::map<TopicPartition, Offset> targets;
  for (const auto& [name, offset] : before) {
    starts.push_back(find_log_start(name, offset));
    if (starts.back()) {
      Offset& target = targets.try_emplace(name, *starts.back()).first->second;
      target = std::max(target, *starts.back());
    }
  }
  std::string bytes;
  FrameWriter writer(bytes);
  std::vector<std::pair<PartitionPtr, Offset>> moves;
  for (const auto& [name, target] : targets) {
    PartitionPtr partition = shared_.catalog.partition(name);
    if (target > partition->log_start()) {
      writer.add_log_start(partition->topic_id, partition->name.partition, target);
      moves.emplace_back(std::move(partition), target);
    }
  }
  const Result<void> committed =
      moves.empty() ? Result<void>() : commit_own(empty_frame(std::move(bytes)));
  for (Result<Offset>& start : starts) {
    if (!committed && start) {
      start = Error(committed.error().code(), committed.error().to_string());
    }
  }
  if (committed) {
    for (const auto& [partition, target] : moves) {
      partition->set_log_start(target);
      drop_segments(partition);
    }
  }
  return starts;
}

Result<Offset> LogCore::delete_records(const TopicPartition& partition, Offset before) {
  std::vector<Result<Offset>> starts = delete_records({{partition, before}});
  return std::move(starts.front());
}

Result<void> LogCore::move_log_start(const PartitionPtr& partition, Offset offset) {
  TRY(commit_offset(EntryKind::kLogStart, partition, offset));
  partition->set_log_start(offset);
  drop_segments(partition);
  return {};
}

void LogCore::drop_segments(const PartitionPtr& partition) {
  std::vector<SegmentPtr> gone =
      partition->take_segments_below(partition->log_start(), partition->own.flushed);
  std::vector<std::string> paths;
  for (const SegmentPtr& segment : gone) {
    segment->pin().ignore_error("a reader that comes too late is told that the file is gone");
    std::erase_if(partition->own.durable_segments,
                  [&](const SegmentMeta& meta) { return meta.base == segment->base(); });
    for (const SegmentFile file : kAllSegmentFiles) {
      paths.push_back(segment->path(file));
    }
  }
  remove_in_background(std::move(paths));
}

Result<ProducerId> LogCore::allocate_producer_ids(std::int32_t count) {
  if (count < 1) {
    return Error(ErrorCode::kInvalidArgument, "at least one producer id");
  }
  std::string bytes;
  FrameWriter(bytes).add_producer_ids(next_producer_id_ + count);
  TRY(commit_own(empty_frame(std::move(bytes))));
  const ProducerId first(next_producer_id_);
  next_producer_id_ += count;
  return first;
}

Result<std::vector<ProducerInfo>> LogCore::producers(const TopicPartition& name) const {
  const PartitionPtr partition = shared_.catalog.partition(name);
  if (partition == nullptr) {
    return Error(ErrorCode::kNotFound, "no topic " + name.topic);
  }
  return partition->own.producers.describe();
}

Result<Offset> LogCore::truncate(const TopicPartition& name, Offset to) {
  const PartitionPtr partition = shared_.catalog.partition(name);
  if (partition == nullptr) {
    return Error(ErrorCode::kNotFound, "no topic " + name.topic);
  }
  if (to < partition->log_start() || to > partition->own.next) {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format(
            "offset {} is not between {} and {}", to, partition->log_start(), partition->own.next));
  }
  // With everything in segments and the cut in a CHECKPOINT before anything is written behind it,
  // recovery never meets old bytes where it expects new ones.
  TRY(checkpoint_now(/*clean=*/false, /*snapshots=*/false));
  Offset end = to;
  const ReadResult at = TRY(partition->read(
      to, {.isolation = Isolation::kReadUncommitted, .max_bytes = 1, .at_least_one = true}));
  if (!at.batches.empty() && at.batches.front().base_offset < to) {
    end = at.batches.front().base_offset;
  }
  TRY(commit_offset(EntryKind::kTruncate, partition, end));
  TRY(apply_truncate(partition, end));
  constexpr int kTries = 5;
  Result<void> done = checkpoint_now(/*clean=*/false, /*snapshots=*/false);
  for (int i = 1; i < kTries && !done; ++i) {
    done = checkpoint_now(/*clean=*/false, /*snapshots=*/false);
  }
  TRY(std::move(done));
  return end;
}

Result<void> LogCore::apply_truncate(const PartitionPtr& partition, Offset end) {
  const std::vector<SegmentPtr> gone =
      TRY(partition->truncate(end, partition->config()->index_interval_bytes));
  Partition::LogThreadState& own = partition->own;
  own.next = std::min(own.next, end);
  own.flushed = std::min(own.flushed, end);
  own.durable_segments.clear();
  for (const SegmentPtr& segment : partition->segments()) {
    own.durable_segments.push_back(segment->meta());
  }
  return rebuild_producers(*partition);
}

Result<void> LogCore::rebuild_producers(Partition& partition) {
  ProducerStates& producers = partition.own.producers;
  producers.clear();
  Offset at = partition.log_start();
  while (at < partition.high_watermark()) {
    const ReadResult read = TRY(partition.read(at, {.isolation = Isolation::kReadUncommitted}));
    for (const StoredBatch& batch : read.batches) {
      TRY(note_producer(batch.bytes, clock_.wall_ms(), producers));
    }
    if (read.next_offset <= at) {
      break;
    }
    at = read.next_offset;
  }
  const auto open = producers.oldest_open();
  const Offset end = partition.own.next;
  partition.set_offsets(end, open.has_value() ? std::min(open->first, end) : end, {});
  return {};
}

}  // namespace millrace::log
