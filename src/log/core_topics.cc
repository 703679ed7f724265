// Topics and partitions: commands that commit one frame of their own and then take effect. On
// recovery the same frames take effect through the same functions.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/fault.h"
#include "base/log_line.h"
#include "log/detail/core.h"
#include "log/detail/metadata.h"

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

Result<void> LogCore::commit_topic(const std::string& name, const std::optional<TopicInfo>& topic) {
  const PartitionPtr metadata = shared_.catalog.partition(metadata_topic_id(), PartitionId(0));
  const std::string batch = metadata_batch(name, topic, clock_.wall_ms());
  std::string bytes;
  FrameWriter writer(bytes);
  const std::size_t at = writer.add_batch(metadata->topic_id, metadata->name.partition, batch);
  PendingFramePtr frame = empty_frame(std::move(bytes));
  frame->batches.push_back({.partition = metadata, .at = at, .size = batch.size()});
  frame->result.batches.resize(1);
  TRY(commit_own(std::move(frame)));
  apply_topic(name, topic);
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
  const auto config = std::make_shared<const TopicConfig>(info->config);
  auto topic = std::make_shared<Topic>(Topic{.info = *info});
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

Result<void> LogCore::check_new_topic(const NewTopic& topic) const {
  if (!valid_topic_name(topic.name)) {
    return Error(ErrorCode::kInvalidArgument,
                 "a topic's name has 1 to 249 of the characters a-z, A-Z, 0-9, '.', '_', '-': " +
                     topic.name);
  }
  if (topic.partitions < 1) {
    return Error(ErrorCode::kInvalidArgument, "a topic has at least one partition");
  }
  if (shared_.catalog.partition_count() + topic.partitions > options_.partitions_max) {
    return Error(ErrorCode::kExhausted,
                 "more partitions than the limit: " + std::to_string(options_.partitions_max));
  }
  TRY(parse_topic_config(topic_config_changes(topic.config)));
  if (!shared_.writable.load()) {
    return Error(ErrorCode::kExhausted, "the log takes no writes: disk full or failed");
  }
  return {};
}

Result<TopicInfo> LogCore::create_topic(const NewTopic& topic) {
  if (shared_.catalog.find(topic.name) != nullptr) {
    return Error(ErrorCode::kAlreadyExists, "topic exists already: " + topic.name);
  }
  TRY(check_new_topic(topic));
  TopicInfo info{.name = topic.name,
                 .id = Uuid::random(random_),
                 .partitions = topic.partitions,
                 .internal = topic.name.starts_with("__"),
                 .config = topic.config};
  TRY_DOING(commit_topic(topic.name, info), "create topic " + topic.name);
  return info;
}

Result<TopicInfo> LogCore::ensure_topic(const NewTopic& topic) {
  const TopicPtr found = shared_.catalog.find(topic.name);
  if (found != nullptr) {
    return found->info;
  }
  return create_topic(topic);
}

namespace {

Error no_topic(const std::string& name) {
  return {ErrorCode::kNotFound, "no topic " + name};
}

}  // namespace

Result<void> LogCore::delete_topic(const std::string& name) {
  const TopicPtr found = shared_.catalog.find(name);
  if (found == nullptr) {
    return no_topic(name);
  }
  if (name == kMetadataTopic) {
    return Error(ErrorCode::kInvalidArgument, "this topic describes all others: " + name);
  }
  return commit_topic(name, std::nullopt);
}

Result<void> LogCore::create_partitions(const std::string& name, std::int32_t total) {
  const TopicPtr found = shared_.catalog.find(name);
  if (found == nullptr) {
    return no_topic(name);
  }
  if (name == kMetadataTopic || total <= found->info.partitions) {
    return Error(ErrorCode::kInvalidArgument,
                 "topic " + name + " has " + std::to_string(found->info.partitions) +
                     " partitions; there can only be more");
  }
  if (shared_.catalog.partition_count() + total - found->info.partitions >
      options_.partitions_max) {
    return Error(ErrorCode::kExhausted,
                 "more partitions than the limit: " + std::to_string(options_.partitions_max));
  }
  TopicInfo info = found->info;
  info.partitions = total;
  return commit_topic(name, info);
}

Result<TopicInfo> LogCore::alter_config(const std::string& name, const ConfigChange& change) {
  const TopicPtr found = shared_.catalog.find(name);
  if (found == nullptr) {
    return no_topic(name);
  }
  TopicInfo info = found->info;
  info.config = TRY(change(found->info.config));
  TRY(parse_topic_config(topic_config_changes(info.config)));
  if (name == kMetadataTopic) {
    return Error(ErrorCode::kInvalidArgument, "this topic's settings are fixed: " + name);
  }
  TRY(commit_topic(name, info));
  return info;
}

Result<Offset> LogCore::delete_records(const TopicPartition& name, Offset before) {
  const PartitionPtr partition = shared_.catalog.partition(name);
  if (partition == nullptr) {
    return no_topic(name.topic);
  }
  const Offset end = partition->high_watermark();
  const Offset target = before == Offset(-1) ? end : before;
  if (target < Offset(0) || target > end) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("records can be deleted up to {}, not {}", end, before));
  }
  if (target > partition->log_start()) {
    TRY(move_log_start(partition, target));
  }
  return partition->log_start();
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
    return no_topic(name.topic);
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
