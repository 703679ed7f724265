// What the log does at its start: takes what the CHECKPOINT says, makes the segment files agree
// with it, and replays the frames behind it.
//
// After a clean stop there is nothing behind it, and no file is looked at: a start takes as long as
// reading CHECKPOINT. Otherwise each partition's folder is compared with what CHECKPOINT says of
// it: longer files are cut (a checkpoint was under way), unknown ones removed, indexes that are not
// all there made anew, the end of the open segment is checked batch by batch. A file that is
// shorter, or not there without a reason, is a loss that must not go unsaid.
#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "base/fault.h"
#include "base/log_line.h"
#include "log/detail/compaction.h"
#include "log/detail/core.h"
#include "log/detail/metadata.h"

namespace millrace::log {
namespace {

// A second WAL file is made when the first fills, or so long after the start: the disk has other
// things to do while a program starts.
constexpr std::int64_t kPrepareAheadNs = 3'000'000'000;

}  // namespace

Result<RecoveryReport> LogCore::recover() {
  const std::int64_t started = clock_.monotonic_ns();
  TRY(io::make_dirs(files_, options_.directory));
  std::optional<Checkpoint> checkpoint = TRY(load_checkpoint(files_, options_.directory));
  const std::string wal_directory = options_.directory + "/wal";
  if (!checkpoint.has_value()) {
    if (TRY(io::exists(files_, wal_directory))) {
      return Error(ErrorCode::kCorruption,
                   options_.directory +
                       " has a write-ahead log but no CHECKPOINT; the disk lost it, "
                       "or it was removed");
    }
    // From here on a missing CHECKPOINT is a loss.
    checkpoint.emplace();
    TRY(store_checkpoint(files_, options_.directory, *checkpoint));
  }
  const WalMark mark = checkpoint->mark;
  unclean_ = !checkpoint->clean && mark.sequence > 0;
  clean_on_disk_ = checkpoint->clean;
  TRY(restore_checkpoint(std::move(*checkpoint)));
  wal_ = TRY(Wal::open(files_,
                       {.directory = wal_directory,
                        .first_file_bytes = options_.wal_first_file_bytes,
                        .file_bytes = options_.wal_file_bytes,
                        .bytes_max = options_.wal_bytes_max},
                       random_));
  if (unclean_) {
    TRY(check_files());
  }
  TRY(wal_->replay(mark, [this](const WalFrame& frame) { return replay_frame(frame); }));
  TRY(check_doubts());
  for (const TopicPtr& topic : shared_.catalog.all()) {
    for (const PartitionPtr& partition : topic->partitions) {
      const auto open = partition->own.producers.oldest_open();
      const Offset end = partition->own.next;
      partition->set_offsets(end, open.has_value() ? std::min(open->first, end) : end, {});
    }
  }
  const std::int64_t now = clock_.monotonic_ns();
  const bool replayed = report_.frames_replayed > 0;
  next_checkpoint_ns_ = replayed ? now : now + options_.checkpoint_interval_ms * 1'000'000;
  next_housekeeping_ns_ = now + options_.housekeeping_interval_ms * 1'000'000;
  next_disk_look_ns_ = now;
  prepare_ahead_ns_ = now + kPrepareAheadNs;
  if (truncated_) {
    TRY(checkpoint_now(/*clean=*/false, /*snapshots=*/false));
  }
  report_.clean = !unclean_ && !replayed;
  report_.duration_us = (clock_.monotonic_ns() - started) / 1000;
  return report_;
}

Result<void> LogCore::restore_checkpoint(Checkpoint checkpoint) {
  shared_.positions.reset(std::move(checkpoint.positions));
  next_producer_id_ = checkpoint.next_producer_id;
  for (CheckpointTopic& saved : checkpoint.topics) {
    const auto config = std::make_shared<const TopicConfig>(saved.info.config);
    auto topic = std::make_shared<Topic>(Topic{.info = saved.info});
    for (std::size_t i = 0; i < saved.partitions.size(); ++i) {
      CheckpointPartition& from = saved.partitions[i];
      PartitionPtr partition = make_partition(saved.info, static_cast<std::int32_t>(i), config);
      Partition::LogThreadState& own = partition->own;
      own.next = from.next;
      own.flushed = from.next;
      ByteReader producers(from.producers);
      own.producers = TRY(ProducerStates::decode(producers));
      for (const SegmentMeta& meta : from.segments) {
        partition->add_segment(std::make_shared<Segment>(files_, partition->directory, meta));
      }
      own.durable_segments = std::move(from.segments);
      partition->set_log_start(from.log_start);
      partition->set_flushed(from.next);
      partition->set_offsets(from.next, from.next, {});
      topic->partitions.push_back(std::move(partition));
    }
    shared_.catalog.put(std::move(topic));
  }
  if (shared_.catalog.find(metadata_topic_id()) == nullptr) {
    apply_topic(std::string(kMetadataTopic), metadata_topic());
  }
  return {};
}

Result<void> LogCore::check_files() {
  if (files_checked_) {
    return {};
  }
  files_checked_ = true;
  std::vector<std::string> leftovers;
  const std::string topics = topics_directory(options_.directory);
  if (TRY(io::exists(files_, topics))) {
    for (const io::DirEntry& entry : TRY(files_.list(topics))) {
      if (entry.name.ends_with("-delete")) {
        leftovers.push_back(topics + "/" + entry.name);
      }
    }
  }
  remove_in_background(std::move(leftovers));
  for (const TopicPtr& topic : shared_.catalog.all()) {
    for (const PartitionPtr& partition : topic->partitions) {
      const Result<void> checked = check_partition_files(*partition);
      if (!checked && checked.error().code() != ErrorCode::kCorruption) {
        return Error(checked.error().code(),
                     "check " + partition->directory + ": " + checked.error().to_string());
      }
      if (!checked) {
        doubts_.push_back({.partition = partition,
                           .next = partition->own.next,
                           .what = checked.error().to_string()});
      }
    }
  }
  return {};
}

Result<void> LogCore::check_partition_files(Partition& partition) {
  if (!TRY(io::exists(files_, partition.directory))) {
    for (const SegmentPtr& segment : partition.segments()) {
      doubt_missing(partition, *segment);
    }
    return {};
  }
  const std::vector<CompactionMarker> markers =
      TRY(finish_compactions(files_, partition.directory));
  for (const CompactionMarker& marker : markers) {
    std::vector<SegmentMeta> metas;
    for (const SegmentPtr& segment : partition.segments()) {
      metas.push_back(segment->meta());
    }
    partition.set_segments(apply_marker(marker, metas));
    compaction_markers_.push_back(marker.path);
  }
  std::set<std::string> known;
  for (const SegmentPtr& segment : partition.segments()) {
    for (const SegmentFile file : kAllSegmentFiles) {
      known.insert(segment_file_name(segment->base(), file));
    }
  }
  for (const io::DirEntry& entry : TRY(files_.list(partition.directory))) {
    const bool ours = entry.name.ends_with("log") || entry.name.ends_with("index") ||
                      entry.name.ends_with(".cleaned") || entry.name.ends_with(".tmp");
    if (ours && !known.contains(entry.name)) {
      TRY(io::remove_all(files_, partition.directory + "/" + entry.name));
    }
  }
  for (const SegmentPtr& segment : partition.segments()) {
    const std::string path = segment->path(SegmentFile::kLog);
    if (!TRY(io::exists(files_, path))) {
      doubt_missing(partition, *segment);
      continue;
    }
    const Offset next = segment->meta().next;
    const Result<void> checked = check_segment(segment, partition.config()->index_interval_bytes);
    if (!checked && checked.error().code() == ErrorCode::kCorruption) {
      doubts_.push_back({.partition = shared_.catalog.partition(partition.name),
                         .next = next,
                         .what = checked.error().to_string()});
    } else if (!checked) {
      return Error(checked.error().code(), checked.error().to_string());
    }
  }
  partition.own.durable_segments.clear();
  for (const SegmentPtr& segment : partition.segments()) {
    partition.own.durable_segments.push_back(segment->meta());
  }
  return {};
}

Result<void> LogCore::check_segment(const SegmentPtr& segment, std::int64_t index_interval_bytes) {
  const SegmentMeta meta = segment->meta();
  bool rebuild = false;
  for (const SegmentFile which : kAllSegmentFiles) {
    const std::uint64_t wanted = segment_file_bytes(meta, which);
    const std::string path = segment->path(which);
    const bool there = TRY(io::exists(files_, path));
    const std::uint64_t size = there ? TRY(files_.stat(path)).size : 0;
    if (size < wanted && which == SegmentFile::kLog) {
      return Error(ErrorCode::kCorruption,
                   fmt::format("{} has {} bytes, CHECKPOINT says {}", path, size, wanted));
    }
    if (size > wanted) {
      const auto file = TRY(segment->file(which));
      TRY(fault_error("recovery.cut"));
      TRY(file->truncate(wanted));
      ++report_.segments_cut;
    }
    rebuild = rebuild || size < wanted;
  }
  // What a lost write would have left there is no valid batch.
  const std::uint64_t from = rebuild ? 0 : TRY(segment->position_of(meta.next));
  TRY(segment->scan(from, [](std::uint64_t, std::string_view) -> Result<void> { return {}; }));
  if (rebuild) {
    std::vector<AbortedRange> aborted = TRY(find_aborted_by_scan(*segment));
    TRY(rebuild_indexes(segment, index_interval_bytes, aborted));
  }
  return {};
}

Result<void> LogCore::replay_frame(const WalFrame& frame) {
  if (!files_checked_) {
    TRY(check_files());
  }
  EntryReader reader(frame.payload);
  Entry entry;
  while (TRY(reader.next(entry))) {
    TRY(replay_entry(frame, entry));
  }
  ++report_.frames_replayed;
  report_.bytes_replayed += frame.payload.size();
  return {};
}

Result<void> LogCore::replay_entry(const WalFrame& frame, const Entry& entry) {
  const PartitionPtr partition = shared_.catalog.partition(entry.topic, entry.partition);
  switch (entry.kind) {
    case EntryKind::kBatch:
      return replay_batch(frame, entry);
    case EntryKind::kPosition:
      shared_.positions.apply(entry.name, entry.value);
      break;
    case EntryKind::kLogStart:
      if (partition != nullptr) {
        partition->set_log_start(Offset(entry.number));
      }
      break;
    case EntryKind::kTruncate:
      if (partition != nullptr) {
        truncated_ = true;
        return apply_truncate(partition, Offset(entry.number));
      }
      break;
    case EntryKind::kProducerIds:
      next_producer_id_ = std::max(next_producer_id_, entry.number);
      break;
  }
  return {};
}

Result<void> LogCore::replay_batch(const WalFrame& frame, const Entry& entry) {
  const PartitionPtr partition = shared_.catalog.partition(entry.topic, entry.partition);
  if (partition == nullptr) {
    return {};  // The topic was deleted afterwards.
  }
  const record::BatchHeader header = TRY(record::parse_header(entry.bytes));
  Partition::LogThreadState& own = partition->own;
  if (header.base_offset != own.next) {
    return Error(ErrorCode::kCorruption,
                 fmt::format("partition {}-{}: a frame goes on at offset {}, the partition ends at "
                             "{}; the disk lost what it had reported as written",
                             partition->name.topic,
                             partition->name.partition,
                             header.base_offset,
                             own.next));
  }
  std::vector<AbortedRange> aborted;
  if (header.control()) {
    const auto marker = TRY(record::read_marker(entry.bytes));
    if (marker.has_value()) {
      const auto range = own.producers.apply_marker(header, *marker);
      if (range.has_value()) {
        aborted.push_back(*range);
      }
    }
  } else if (header.has_producer()) {
    own.producers.apply(header, clock_.wall_ms());
  }
  own.next = header.next_offset();
  // Only a reference: the bytes stay in the WAL until somebody asks for them.
  partition->publish({.base = header.base_offset,
                      .last = header.last_offset(),
                      .max_timestamp_ms = header.max_timestamp_ms,
                      .bytes = static_cast<std::uint32_t>(entry.bytes.size()),
                      .wal = frame.file,
                      .wal_at = frame.payload_at + entry.bytes_at});
  partition->set_offsets(own.next, own.next, std::move(aborted));
  unflushed_bytes_ += entry.bytes.size() + kTailBatchCost;
  if (entry.topic == metadata_topic_id()) {
    TRY(replay_metadata(entry.bytes));
  }
  return {};
}

Result<void> LogCore::replay_metadata(std::string_view batch) {
  record::RecordReader reader = TRY(record::RecordReader::open(batch));
  record::RecordView record;
  while (TRY(reader.next(record))) {
    const auto name = topic_of_key(record.key.value_or(std::string_view()));
    if (!name.has_value()) {
      continue;
    }
    std::optional<TopicInfo> info;
    if (record.value.has_value()) {
      info = TRY(read_topic_value(*name, *record.value));
    }
    apply_topic(std::string(*name), info);
  }
  return {};
}

void LogCore::doubt_missing(const Partition& partition, const Segment& segment) {
  const SegmentMeta meta = segment.meta();
  if (meta.log_bytes > 0) {
    doubts_.push_back({.partition = shared_.catalog.partition(partition.name),
                       .next = meta.next,
                       .what = fmt::format("{} is not there", segment.path(SegmentFile::kLog))});
  }
}

// A topic that was deleted, and perhaps made again, has other files by right; so has a partition
// whose start has moved.
Result<void> LogCore::check_doubts() {
  for (const Doubt& doubt : doubts_) {
    const PartitionPtr& partition = doubt.partition;
    if (partition->deleted.load()) {
      continue;
    }
    if (doubt.next > partition->log_start()) {
      return Error(ErrorCode::kCorruption,
                   doubt.what + "; the disk lost what it had reported as written");
    }
    forget_below_start(*partition);
  }
  doubts_.clear();
  return {};
}

// Also a segment that CHECKPOINT knows as open: it may have been sealed, and removed, by a
// checkpoint that did not come to its end. Nothing may be added to files that are not there.
void LogCore::forget_below_start(Partition& partition) {
  std::vector<std::string> paths;
  for (const SegmentPtr& segment : partition.forget_segments_below(partition.log_start())) {
    std::erase_if(partition.own.durable_segments,
                  [&](const SegmentMeta& known) { return known.base == segment->base(); });
    for (const SegmentFile file : kAllSegmentFiles) {
      paths.push_back(segment->path(file));
    }
  }
  remove_in_background(std::move(paths));
}

}  // namespace millrace::log
