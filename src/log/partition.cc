#include "log/detail/partition.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace millrace::log {

struct Partition::Plan {
  ReadResult result;
  Offset limit{0};
  std::vector<TailBatch> tail;        // To be returned, in order.
  std::vector<SegmentPtr> segments;   // To be read before the tail; then the tail is empty.
  std::vector<AbortedRange> aborted;  // Of the tail.
};

Partition::Partition(io::Files& files,
                     std::string directory_path,
                     TopicPartition partition_name,
                     const Uuid& id,
                     std::shared_ptr<const TopicConfig> config)
    : name(std::move(partition_name)),
      topic_id(id),
      directory(std::move(directory_path)),
      files_(files),
      config_(std::move(config)) {}

void Partition::publish(TailBatch batch) {
  const MutexLock lock(mutex_);
  MR_ASSERT(batch.base >= high_watermark_ || tail_.empty() || batch.base > tail_.back().last,
            "batch at {} below the end of the tail",
            batch.base);
  max_timestamp_ms_ = std::max(max_timestamp_ms_, batch.max_timestamp_ms);
  unflushed_bytes_ += batch.bytes;
  tail_.push_back(std::move(batch));
}

bool Partition::set_offsets(Offset high_watermark,
                            Offset last_stable,
                            std::vector<AbortedRange> aborted) {
  const MutexLock lock(mutex_);
  const bool moved = high_watermark != high_watermark_ || last_stable != last_stable_;
  high_watermark_ = high_watermark;
  last_stable_ = last_stable;
  aborted_.insert(aborted_.end(), aborted.begin(), aborted.end());
  return moved;
}

void Partition::set_log_start(Offset log_start) {
  const MutexLock lock(mutex_);
  log_start_ = std::max(log_start_, log_start);
}

void Partition::set_config(std::shared_ptr<const TopicConfig> config) {
  const MutexLock lock(mutex_);
  config_ = std::move(config);
}

void Partition::set_flushed(Offset flushed) {
  const MutexLock lock(mutex_);
  for (TailBatch& batch : tail_) {
    if (batch.base >= flushed) {
      break;
    }
    if (batch.wal != nullptr) {
      batch.wal.reset();
      unflushed_bytes_ -= batch.bytes;
    }
  }
  while (!tail_.empty() && tail_.front().base < flushed && tail_.front().block == nullptr) {
    tail_.pop_front();
  }
  flushed_ = std::max(flushed_, flushed);
  std::erase_if(aborted_, [&](const AbortedRange& range) { return range.last_offset < flushed; });
}

std::uint64_t Partition::evict(Offset base) {
  const MutexLock lock(mutex_);
  // Batches leave memory in the order in which they came, so those before it are only references.
  const std::size_t index = tail_index(base);
  if (index == tail_.size() || tail_[index].base != base || tail_[index].block == nullptr) {
    return 0;
  }
  TailBatch& batch = tail_[index];
  const std::uint64_t bytes = batch.bytes;
  batch.block.reset();
  while (!tail_.empty() && tail_.front().block == nullptr && tail_.front().wal == nullptr) {
    tail_.pop_front();
  }
  return bytes;
}

Result<std::vector<SegmentPtr>> Partition::truncate(Offset end, std::int64_t index_interval_bytes) {
  std::vector<SegmentPtr> gone;
  SegmentPtr cut;
  {
    const MutexLock lock(mutex_);
    while (!tail_.empty() && tail_.back().last >= end) {
      if (tail_.back().wal != nullptr) {
        unflushed_bytes_ -= tail_.back().bytes;
      }
      tail_.pop_back();
    }
    while (!segments_.empty() && segments_.back()->base() >= end) {
      gone.push_back(segments_.back());
      segments_.pop_back();
    }
    if (!segments_.empty() && segments_.back()->meta().next > end) {
      cut = segments_.back();
    }
    std::erase_if(aborted_, [&](const AbortedRange& range) { return range.last_offset >= end; });
    high_watermark_ = std::min(high_watermark_, end);
    last_stable_ = std::min(last_stable_, end);
    flushed_ = std::min(flushed_, end);
    log_start_ = std::min(log_start_, end);
  }
  if (cut == nullptr) {
    return gone;
  }
  SegmentMeta meta = cut->meta();
  std::uint64_t bytes = 0;
  TRY(cut->scan(TRY(cut->position_of(end)),
                [&](std::uint64_t position, std::string_view batch) -> Result<void> {
                  const record::BatchHeader header = TRY(record::parse_header(batch));
                  if (header.last_offset() < end) {
                    bytes = position + batch.size();
                  }
                  return {};
                }));
  if (bytes == 0) {
    bytes = TRY(cut->position_of(end));
  }
  std::vector<AbortedRange> aborted;
  TRY(cut->find_aborted(cut->base(), end, aborted));
  std::erase_if(aborted, [&](const AbortedRange& range) { return range.last_offset >= end; });
  meta.log_bytes = bytes;
  meta.next = end;
  meta.sealed =
      true;  // What follows goes to another file: this one is as the last CHECKPOINT says.
  cut->set_meta(meta);
  TRY(rebuild_indexes(cut, index_interval_bytes, aborted));
  return gone;
}

std::vector<SegmentPtr> Partition::take_segments_below(Offset offset, Offset flushed) {
  const MutexLock lock(mutex_);
  std::vector<SegmentPtr> taken;
  for (const SegmentPtr& segment : segments_) {
    const SegmentMeta meta = segment->meta();
    if (!meta.sealed || meta.next > offset || meta.next > flushed) {
      break;
    }
    taken.push_back(segment);
  }
  segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(taken.size()));
  return taken;
}

std::vector<SegmentPtr> Partition::forget_segments_below(Offset offset) {
  const MutexLock lock(mutex_);
  const auto behind = std::ranges::find_if(
      segments_, [&](const SegmentPtr& segment) { return segment->meta().next > offset; });
  std::vector<SegmentPtr> taken(segments_.begin(), behind);
  segments_.erase(segments_.begin(), behind);
  return taken;
}

void Partition::set_segments(const std::vector<SegmentMeta>& metas) {
  const MutexLock lock(mutex_);
  segments_.clear();
  for (const SegmentMeta& meta : metas) {
    segments_.push_back(std::make_shared<Segment>(files_, directory, meta));
  }
}

void Partition::restore_segments(const std::vector<SegmentMeta>& metas) {
  const MutexLock lock(mutex_);
  std::vector<SegmentPtr> kept;
  for (const SegmentMeta& meta : metas) {
    const auto found = std::ranges::find(segments_, meta.base, &Segment::base);
    if (found != segments_.end()) {
      (*found)->set_meta(meta);
      kept.push_back(*found);
    }
  }
  segments_ = std::move(kept);
}

Result<StoredBatch> Partition::load(const TailBatch& batch) {
  if (batch.block != nullptr) {
    return StoredBatch{.block = batch.block,
                       .bytes = batch.block->view().substr(batch.at, batch.bytes),
                       .base_offset = batch.base,
                       .last_offset = batch.last};
  }
  Result<void> done;
  data::BlockPtr block = data::Block::make(batch.bytes, [&](char* into) {
    done = io::read_exactly(*batch.wal->file, {into, batch.bytes}, batch.wal_at);
  });
  TRY(std::move(done));
  const std::string_view bytes = block->view();
  TRY_DOING(record::check_batch(bytes), "read " + batch.wal->path);
  return StoredBatch{.block = std::move(block),
                     .bytes = bytes,
                     .base_offset = batch.base,
                     .last_offset = batch.last};
}

Result<std::vector<StoredBatch>> Partition::copy_tail(Offset from,
                                                      Offset until,
                                                      std::size_t bytes_max) const {
  std::vector<TailBatch> batches;
  {
    const MutexLock lock(mutex_);
    std::size_t bytes = 0;
    for (std::size_t i = tail_index(from); i < tail_.size(); ++i) {
      if (tail_[i].base >= until || bytes >= bytes_max) {
        break;
      }
      bytes += tail_[i].bytes;
      batches.push_back(tail_[i]);
    }
  }
  std::vector<StoredBatch> loaded;
  loaded.reserve(batches.size());
  for (const TailBatch& batch : batches) {
    loaded.push_back(TRY(load(batch)));
  }
  return loaded;
}

std::vector<AbortedRange> Partition::aborted_between(Offset from, Offset until) const {
  const MutexLock lock(mutex_);
  std::vector<AbortedRange> found;
  for (const AbortedRange& range : aborted_) {
    if (range.last_offset >= from && range.last_offset < until) {
      found.push_back(range);
    }
  }
  return found;
}

void Partition::add_segment(SegmentPtr segment) {
  const MutexLock lock(mutex_);
  MR_ASSERT(segments_.empty() || segments_.back()->base() < segment->base(),
            "segment {} behind {}",
            segment->base(),
            segments_.back()->base());
  segments_.push_back(std::move(segment));
}

void Partition::replace_segments(const std::vector<SegmentPtr>& replaced,
                                 const std::vector<SegmentPtr>& made) {
  const MutexLock lock(mutex_);
  const auto first = std::ranges::find(segments_, replaced.front());
  MR_ASSERT(first != segments_.end(), "segment {} is not in the list", replaced.front()->base());
  const auto at = segments_.erase(first, first + static_cast<std::ptrdiff_t>(replaced.size()));
  segments_.insert(at, made.begin(), made.end());
}

std::vector<SegmentPtr> Partition::segments() const {
  const MutexLock lock(mutex_);
  return segments_;
}

std::shared_ptr<const TopicConfig> Partition::config() const {
  const MutexLock lock(mutex_);
  return config_;
}

Offset Partition::high_watermark() const {
  const MutexLock lock(mutex_);
  return high_watermark_;
}

Offset Partition::last_stable() const {
  const MutexLock lock(mutex_);
  return last_stable_;
}

Offset Partition::log_start() const {
  const MutexLock lock(mutex_);
  return log_start_;
}

std::size_t Partition::tail_index(Offset offset) const {
  const auto found = std::ranges::lower_bound(tail_, offset, {}, &TailBatch::last);
  return static_cast<std::size_t>(found - tail_.begin());
}

Partition::Plan Partition::plan_read(Offset offset, const ReadOptions& options) const {
  Plan plan;
  const MutexLock lock(mutex_);
  plan.result.high_watermark = high_watermark_;
  plan.result.last_stable_offset = last_stable_;
  plan.result.log_start_offset = log_start_;
  plan.result.next_offset = offset;
  const bool committed = options.isolation == Isolation::kReadCommitted;
  plan.limit = committed ? last_stable_ : high_watermark_;
  if (offset < log_start_ || offset > high_watermark_) {
    plan.result.error = KafkaError::kOffsetOutOfRange;
    return plan;
  }
  if (offset >= plan.limit) {
    return plan;
  }
  if (committed) {
    plan.aborted = aborted_;
  }
  if (tail_.empty() || offset < tail_.front().base) {
    const auto behind = std::ranges::upper_bound(segments_, offset, {}, &Segment::base);
    const auto first = behind == segments_.begin() ? behind : behind - 1;
    plan.segments.assign(first, segments_.end());
    if (!plan.segments.empty()) {
      return plan;
    }
  }
  std::size_t bytes = 0;
  for (std::size_t i = tail_index(offset); i < tail_.size(); ++i) {
    const TailBatch& batch = tail_[i];
    const bool full = bytes + batch.bytes > options.max_bytes;
    if (batch.base >= plan.limit || (full && !(options.at_least_one && plan.tail.empty()))) {
      break;
    }
    bytes += batch.bytes;
    plan.tail.push_back(batch);
  }
  return plan;
}

Result<void> Partition::read_segments(Plan& plan, Offset offset, std::size_t bytes_max) const {
  for (const SegmentPtr& segment : plan.segments) {
    if (segment->base() >= plan.limit) {
      break;
    }
    std::size_t taken = 0;
    for (const StoredBatch& batch : plan.result.batches) {
      taken += batch.bytes.size();
    }
    const std::size_t rest = bytes_max - std::min(taken, bytes_max);
    const bool all = TRY(
        segment->read(offset, plan.limit, rest, plan.result.batches.empty(), plan.result.batches));
    const Offset read_to =
        plan.result.batches.empty() ? offset : plan.result.batches.back().last_offset + 1;
    // A segment that was read to its end leads to the next one, over what compaction took out.
    plan.result.next_offset =
        all ? std::max(read_to, std::min(segment->meta().next, plan.limit)) : read_to;
    if (!all) {
      break;
    }
  }
  return {};
}

Result<void> Partition::add_aborted(Plan& plan, Offset offset) const {
  const Offset until = plan.result.next_offset;
  std::vector<AbortedRange> ranges;
  // A transaction that touches what is returned may have its marker, and so its entry, in any later
  // segment.
  for (const SegmentPtr& segment : segments()) {
    if (segment->meta().next > offset) {
      TRY(segment->find_aborted(offset, until, ranges));
    }
  }
  for (const AbortedRange& range : plan.aborted) {
    const bool known = std::ranges::find(ranges, range) != ranges.end();
    if (!known && range.last_offset >= offset && range.first_offset < until) {
      ranges.push_back(range);
    }
  }
  for (const AbortedRange& range : ranges) {
    plan.result.aborted.push_back({.producer = range.producer, .first_offset = range.first_offset});
  }
  return {};
}

Result<ReadResult> Partition::read(Offset offset, const ReadOptions& options) const {
  Plan plan = plan_read(offset, options);
  if (plan.result.error != KafkaError::kNone || offset >= plan.limit) {
    return std::move(plan.result);
  }
  if (!plan.segments.empty()) {
    TRY(read_segments(plan, offset, options.max_bytes));
    if (plan.result.batches.empty() && plan.result.next_offset < plan.limit &&
        plan.result.next_offset > offset) {
      return read(plan.result.next_offset, options);  // Only a gap: the rest is in the tail.
    }
  }
  for (const TailBatch& batch : plan.tail) {
    plan.result.batches.push_back(TRY(load(batch)));
    plan.result.next_offset = batch.last + 1;
  }
  if (options.isolation == Isolation::kReadCommitted && !plan.result.batches.empty()) {
    TRY(add_aborted(plan, std::min(offset, plan.result.batches.front().base_offset)));
  }
  return std::move(plan.result);
}

Result<std::optional<TimestampOffset>> Partition::find_timestamp(std::int64_t timestamp_ms) const {
  const Offset start = log_start();
  for (const SegmentPtr& segment : segments()) {
    if (segment->meta().next <= start) {
      continue;
    }
    const auto found = TRY(segment->find_timestamp(timestamp_ms));
    if (found.has_value() && found->offset >= start) {
      return found;
    }
  }
  std::vector<TailBatch> tail;
  {
    const MutexLock lock(mutex_);
    for (const TailBatch& batch : tail_) {
      if (batch.max_timestamp_ms >= timestamp_ms && batch.last >= start) {
        tail.push_back(batch);
        break;
      }
    }
  }
  for (const TailBatch& batch : tail) {
    const StoredBatch stored = TRY(load(batch));
    record::RecordReader reader = TRY(record::RecordReader::open(stored.bytes));
    record::RecordView record;
    while (TRY(reader.next(record))) {
      if (record.timestamp_ms >= timestamp_ms && record.offset >= start) {
        return std::optional<TimestampOffset>(
            {.offset = record.offset, .timestamp_ms = record.timestamp_ms});
      }
    }
  }
  return std::optional<TimestampOffset>();
}

Result<std::optional<TimestampOffset>> Partition::find_max_timestamp() const {
  std::int64_t largest = -1;
  for (const SegmentPtr& segment : segments()) {
    largest = std::max(largest, segment->meta().max_timestamp_ms);
  }
  {
    const MutexLock lock(mutex_);
    for (const TailBatch& batch : tail_) {
      largest = std::max(largest, batch.max_timestamp_ms);
    }
  }
  if (largest < 0) {
    return std::optional<TimestampOffset>();
  }
  return find_timestamp(largest);
}

PartitionInfo Partition::describe() const {
  const std::vector<SegmentPtr> all = segments();
  PartitionInfo info;
  for (const SegmentPtr& segment : all) {
    const SegmentMeta meta = segment->meta();
    info.bytes += meta.log_bytes;
    info.max_timestamp_ms = std::max(info.max_timestamp_ms, meta.max_timestamp_ms);
  }
  info.segments = all.size();
  const MutexLock lock(mutex_);
  info.bytes += unflushed_bytes_;
  info.log_start_offset = log_start_;
  info.high_watermark = high_watermark_;
  info.last_stable_offset = last_stable_;
  info.flushed_offset = flushed_;
  info.max_timestamp_ms = std::max(info.max_timestamp_ms, max_timestamp_ms_);
  info.oldest_open_transaction = oldest_open_;
  info.oldest_open_since_ms = oldest_open_since_ms_;
  return info;
}

std::uint64_t Partition::bytes_from(Offset offset) const {
  const auto share = [offset](Offset first, Offset next, std::uint64_t bytes) {
    if (next <= std::max(first, offset)) {
      return std::uint64_t{0};
    }
    const auto part = static_cast<double>(next - std::max(first, offset));
    return static_cast<std::uint64_t>(static_cast<double>(bytes) * part /
                                      static_cast<double>(next - first));
  };
  std::uint64_t bytes = 0;
  for (const SegmentPtr& segment : segments()) {
    const SegmentMeta meta = segment->meta();
    bytes += share(meta.base, meta.next, meta.log_bytes);
  }
  const MutexLock lock(mutex_);
  return bytes + share(flushed_, high_watermark_, unflushed_bytes_);
}

void Partition::set_oldest_open(const std::optional<AbortedTransaction>& open,
                                std::int64_t since_ms) {
  const MutexLock lock(mutex_);
  oldest_open_ = open;
  oldest_open_since_ms_ = since_ms;
}

}  // namespace millrace::log
