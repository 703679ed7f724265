#include "log/detail/segment.h"

#include <algorithm>
#include <limits>
#include <span>

#include <fmt/core.h>

#include "base/bytes.h"
#include "base/fault.h"

namespace millrace::log {
namespace {

constexpr std::size_t kScanBytes = 256U << 10;
constexpr std::size_t kReadSlack = 8U
                                   << 10;  // Two index intervals: what is skipped before the start.

std::string_view suffix(SegmentFile file) {
  switch (file) {
    case SegmentFile::kLog:
      return "log";
    case SegmentFile::kIndex:
      return "index";
    case SegmentFile::kTimeIndex:
      return "timeindex";
    case SegmentFile::kTxnIndex:
      return "txnindex";
  }
  return "";
}

template <class Key, class ReadKey>
Result<std::uint64_t> last_below(std::uint64_t count, const Key& key, const ReadKey& read_key) {
  // The number of entries whose key is at most `key`; keys rise.
  std::uint64_t low = 0;
  std::uint64_t high = count;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const Key found = TRY(read_key(middle));
    if (found <= key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

std::string segment_file_name(Offset base, SegmentFile file) {
  return fmt::format("{:020d}.{}", base.value(), suffix(file));
}

std::uint64_t segment_file_bytes(const SegmentMeta& meta, SegmentFile file) {
  switch (file) {
    case SegmentFile::kLog:
      return meta.log_bytes;
    case SegmentFile::kIndex:
      return meta.index_bytes;
    case SegmentFile::kTimeIndex:
      return meta.time_bytes;
    case SegmentFile::kTxnIndex:
      return meta.txn_bytes;
  }
  return 0;
}

Segment::Segment(io::Files& files,
                 std::string directory,
                 const SegmentMeta& meta,
                 std::string suffix)
    : files_(files),
      directory_(std::move(directory)),
      suffix_(std::move(suffix)),
      base_(meta.base),
      meta_(meta) {}

SegmentMeta Segment::meta() const {
  const MutexLock lock(mutex_);
  return meta_;
}

void Segment::set_meta(const SegmentMeta& meta) {
  const MutexLock lock(mutex_);
  meta_ = meta;
}

std::string Segment::path(SegmentFile file) const {
  return directory_ + "/" + segment_file_name(base_, file) + suffix_;
}

Error Segment::corrupt(std::uint64_t position, std::string_view what) const {
  return {ErrorCode::kCorruption,
          path(SegmentFile::kLog) + " at " + std::to_string(position) + ": " + std::string(what)};
}

Result<std::shared_ptr<io::File>> Segment::file(SegmentFile which, bool create) {
  const auto slot = static_cast<std::size_t>(which);
  {
    const MutexLock lock(mutex_);
    if (open_[slot] != nullptr) {
      return open_[slot];
    }
  }
  const io::OpenMode mode = create ? io::OpenMode::kCreate : io::OpenMode::kReadWrite;
  std::shared_ptr<io::File> opened = TRY_DOING(files_.open(path(which), mode), "open segment");
  const MutexLock lock(mutex_);
  if (open_[slot] == nullptr) {
    open_[slot] = std::move(opened);
  }
  return open_[slot];
}

Result<void> Segment::pin() {
  const SegmentMeta known = meta();
  for (const SegmentFile which : kAllSegmentFiles) {
    if (segment_file_bytes(known, which) > 0) {
      TRY(file(which));
    }
  }
  const MutexLock lock(mutex_);
  pinned_ = true;
  return {};
}

Result<void> Segment::sync() {
  const SegmentMeta known = meta();
  for (const SegmentFile which : kAllSegmentFiles) {
    if (segment_file_bytes(known, which) > 0) {
      TRY(fault_error("segment.sync"));
      const std::shared_ptr<io::File> opened = TRY(file(which));
      TRY_DOING(opened->sync_data(), "sync " + path(which));
    }
  }
  TRY(fault_error("dir.sync"));
  return files_.sync_dir(directory_);
}

void Segment::close_files() {
  const MutexLock lock(mutex_);
  if (!pinned_) {
    for (std::shared_ptr<io::File>& file : open_) {
      file.reset();
    }
  }
}

Result<std::uint64_t> Segment::position_of(Offset offset) {
  const SegmentMeta known = meta();
  const std::uint64_t count = known.index_bytes / kIndexEntryBytes;
  if (count == 0 || offset <= base_) {
    return std::uint64_t{0};
  }
  const std::shared_ptr<io::File> index = TRY(file(SegmentFile::kIndex));
  char entry[kIndexEntryBytes];
  const auto read_offset = [&](std::uint64_t i) -> Result<std::int64_t> {
    TRY(io::read_exactly(*index, entry, i * kIndexEntryBytes));
    return std::int64_t{load_be<std::int32_t>(entry)};
  };
  const std::uint64_t below = TRY(last_below(count, offset - base_, read_offset));
  if (below == 0) {
    return std::uint64_t{0};
  }
  TRY(io::read_exactly(*index, entry, (below - 1) * kIndexEntryBytes));
  const auto position = load_be<std::uint32_t>(entry + 4);
  if (position >= known.log_bytes) {
    return corrupt(position, "its index points behind its end");
  }
  return std::uint64_t{position};
}

Result<std::size_t> Segment::whole_batch(std::string_view rest, std::uint64_t position) const {
  const std::size_t size = record::batch_size(rest);
  if (size == 0 && rest.size() >= record::kPrefixBytes) {
    return corrupt(position, "no record batch");
  }
  if (size == 0 || size > rest.size()) {
    return std::size_t{0};
  }
  const Result<record::BatchHeader> header = record::check_batch(rest.substr(0, size));
  if (!header) {
    return corrupt(position, header.error().message());
  }
  return size;
}

Result<data::BlockPtr> Segment::read_block(std::uint64_t position, std::uint64_t end) {
  const std::shared_ptr<io::File> log = TRY(file(SegmentFile::kLog));
  char prefix[record::kPrefixBytes];
  if (end - position < sizeof prefix) {
    return corrupt(position, "it ends in the middle of a batch");
  }
  TRY(io::read_exactly(*log, prefix, position));
  const std::size_t first = record::batch_size({prefix, sizeof prefix});
  if (first == 0 || first > end - position) {
    return corrupt(position, "no whole record batch");
  }
  const auto size = static_cast<std::size_t>(
      std::min<std::uint64_t>(end - position, std::max(first, kScanBytes)));
  Result<void> read;
  data::BlockPtr block = data::Block::make(
      size, [&](char* into) { read = io::read_exactly(*log, {into, size}, position); });
  TRY(std::move(read));
  return block;
}

Result<bool> Segment::read(Offset from,
                           Offset limit,
                           std::size_t bytes_max,
                           bool at_least_one,
                           std::vector<StoredBatch>& out) {
  const std::uint64_t end = meta().log_bytes;
  std::uint64_t position = TRY(position_of(from));
  std::size_t taken = 0;
  while (position < end) {
    const std::shared_ptr<io::File> log = TRY(file(SegmentFile::kLog));
    char prefix[record::kPrefixBytes];
    TRY(io::read_exactly(*log, prefix, position));
    const std::size_t first = record::batch_size({prefix, sizeof prefix});
    if (first == 0 || first > end - position) {
      return corrupt(position, "no whole record batch");
    }
    const std::size_t wanted = std::max(first, bytes_max - std::min(taken, bytes_max) + kReadSlack);
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(end - position, wanted));
    Result<void> done;
    const data::BlockPtr block = data::Block::make(
        size, [&](char* into) { done = io::read_exactly(*log, {into, size}, position); });
    TRY(std::move(done));
    std::string_view rest = block->view();
    while (true) {
      const std::size_t batch = TRY(whole_batch(rest, position));
      if (batch == 0) {
        break;
      }
      const record::BatchHeader header = TRY(record::parse_header(rest));
      if (header.base_offset < base_) {
        return corrupt(position, "a batch below the segment's base");
      }
      if (header.base_offset >= limit) {
        return true;
      }
      if (header.last_offset() >= from) {
        if (taken + batch > bytes_max && !(at_least_one && out.empty())) {
          return false;
        }
        out.push_back({.block = block,
                       .bytes = rest.substr(0, batch),
                       .base_offset = header.base_offset,
                       .last_offset = header.last_offset()});
        taken += batch;
      }
      rest.remove_prefix(batch);
      position += batch;
    }
  }
  return true;
}

Result<std::optional<TimestampOffset>> Segment::find_timestamp(std::int64_t timestamp_ms) {
  const SegmentMeta known = meta();
  if (known.max_timestamp_ms < timestamp_ms) {
    return std::optional<TimestampOffset>();
  }
  std::uint64_t start = 0;
  const std::uint64_t count = known.time_bytes / kTimeEntryBytes;
  if (count > 0) {
    const std::shared_ptr<io::File> times = TRY(file(SegmentFile::kTimeIndex));
    char entry[kTimeEntryBytes];
    const auto read_time = [&](std::uint64_t i) -> Result<std::int64_t> {
      TRY(io::read_exactly(*times, entry, i * kTimeEntryBytes));
      return load_be<std::int64_t>(entry);
    };
    const std::uint64_t below = TRY(last_below(count, timestamp_ms - 1, read_time));
    if (below > 0) {
      TRY(io::read_exactly(*times, entry, (below - 1) * kTimeEntryBytes));
      start = TRY(position_of(base_ + load_be<std::int32_t>(entry + 8)));
    }
  }
  std::optional<TimestampOffset> found;
  TRY(scan(start, [&](std::uint64_t, std::string_view batch) -> Result<void> {
    const record::BatchHeader header = TRY(record::parse_header(batch));
    if (found.has_value() || header.max_timestamp_ms < timestamp_ms || header.record_count == 0) {
      return {};
    }
    record::RecordReader reader = TRY(record::RecordReader::open(batch));
    record::RecordView record;
    while (TRY(reader.next(record))) {
      if (record.timestamp_ms >= timestamp_ms) {
        found = TimestampOffset{.offset = record.offset, .timestamp_ms = record.timestamp_ms};
        break;
      }
    }
    return {};
  }));
  return found;
}

Result<void> Segment::find_aborted(Offset from, Offset until, std::vector<AbortedRange>& out) {
  const SegmentMeta known = meta();
  if (known.txn_bytes == 0) {
    return {};
  }
  const std::shared_ptr<io::File> index = TRY(file(SegmentFile::kTxnIndex));
  std::string bytes(known.txn_bytes, '\0');
  TRY(io::read_exactly(*index, bytes, 0));
  ByteReader reader(bytes);
  while (!reader.done()) {
    const auto version = reader.be<std::int16_t>();
    AbortedRange range;
    range.producer = ProducerId(reader.be<std::int64_t>());
    range.first_offset = Offset(reader.be<std::int64_t>());
    range.last_offset = Offset(reader.be<std::int64_t>());
    range.last_stable_offset = Offset(reader.be<std::int64_t>());
    if (!reader.ok() || version != 0) {
      return Error(ErrorCode::kCorruption, path(SegmentFile::kTxnIndex) + ": no entry");
    }
    if (range.last_offset >= from && range.first_offset < until) {
      out.push_back(range);
    }
  }
  return {};
}

Result<SegmentWriter> SegmentWriter::open(SegmentPtr segment, std::int64_t index_interval_bytes) {
  SegmentWriter writer;
  writer.meta_ = segment->meta();
  writer.segment_ = std::move(segment);
  writer.index_interval_bytes_ = index_interval_bytes;
  const SegmentMeta& meta = writer.meta_;
  if (meta.index_bytes >= kIndexEntryBytes) {
    const auto index = TRY(writer.segment_->file(SegmentFile::kIndex));
    char entry[kIndexEntryBytes];
    TRY(io::read_exactly(*index, entry, meta.index_bytes - kIndexEntryBytes));
    writer.indexed_position_ = load_be<std::uint32_t>(entry + 4);
  }
  if (meta.time_bytes >= kTimeEntryBytes) {
    const auto times = TRY(writer.segment_->file(SegmentFile::kTimeIndex));
    char entry[kTimeEntryBytes];
    TRY(io::read_exactly(*times, entry, meta.time_bytes - kTimeEntryBytes));
    writer.time_indexed_ms_ = load_be<std::int64_t>(entry);
  }
  return writer;
}

bool SegmentWriter::fits(const record::BatchHeader& header) const {
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  return header.last_offset() - meta_.base <= kMax &&
         meta_.log_bytes + log_.size() + header.total_bytes() <= static_cast<std::uint64_t>(kMax);
}

void SegmentWriter::add_time_entry() {
  if (meta_.max_timestamp_ms <= time_indexed_ms_) {
    return;
  }
  ByteWriter writer(time_);
  writer.be(meta_.max_timestamp_ms);
  writer.be(static_cast<std::int32_t>(meta_.max_timestamp_offset - meta_.base));
  time_indexed_ms_ = meta_.max_timestamp_ms;
}

Result<void> SegmentWriter::append(std::string_view batch, const record::BatchHeader& header) {
  const std::uint64_t position = meta_.log_bytes + log_.size();
  if (meta_.first_timestamp_ms < 0) {
    meta_.first_timestamp_ms = header.max_timestamp_ms;
  }
  if (header.max_timestamp_ms > meta_.max_timestamp_ms) {
    meta_.max_timestamp_ms = header.max_timestamp_ms;
    meta_.max_timestamp_offset = header.last_offset();
  }
  if (position - indexed_position_ > static_cast<std::uint64_t>(index_interval_bytes_)) {
    ByteWriter writer(index_);
    writer.be(static_cast<std::int32_t>(header.last_offset() - meta_.base));
    writer.be(static_cast<std::int32_t>(position));
    indexed_position_ = position;
    add_time_entry();
  }
  log_.append(batch);
  meta_.next = header.next_offset();
  if (log_.size() >= kScanBytes) {
    TRY(write_log());
  }
  return {};
}

void SegmentWriter::append_aborted(const AbortedRange& range) {
  ByteWriter writer(txn_);
  writer.be<std::int16_t>(0);
  writer.be(range.producer.value());
  writer.be(range.first_offset.value());
  writer.be(range.last_offset.value());
  writer.be(range.last_stable_offset.value());
}

Result<void> SegmentWriter::write_at_end(SegmentFile which,
                                         std::string& bytes,
                                         std::uint64_t& size) {
  if (bytes.empty()) {
    return {};
  }
  const auto file = TRY(segment_->file(which, /*create=*/true));
  TRY(fault_error("segment.write"));
  TRY_DOING(file->pwrite(bytes, size), "write " + segment_->path(which));
  size += bytes.size();
  bytes.clear();
  return {};
}

Result<void> SegmentWriter::write_log() {
  return write_at_end(SegmentFile::kLog, log_, meta_.log_bytes);
}

Result<void> SegmentWriter::finish() {
  TRY(write_log());
  TRY(write_at_end(SegmentFile::kIndex, index_, meta_.index_bytes));
  TRY(write_at_end(SegmentFile::kTimeIndex, time_, meta_.time_bytes));
  TRY(write_at_end(SegmentFile::kTxnIndex, txn_, meta_.txn_bytes));
  segment_->set_meta(meta_);
  return {};
}

Result<void> SegmentWriter::seal() {
  add_time_entry();
  meta_.sealed = true;
  return finish();
}

Result<void> SegmentWriter::seal_cleaned(Offset next) {
  meta_.next = next;
  meta_.cleaned = true;
  return seal();
}

Result<SegmentMeta> rebuild_indexes(const SegmentPtr& segment,
                                    std::int64_t index_interval_bytes,
                                    const std::vector<AbortedRange>& aborted) {
  SegmentMeta meta = segment->meta();
  const bool sealed = meta.sealed;
  std::string index;
  std::string times;
  std::uint64_t indexed = 0;
  std::int64_t time_indexed = -1;
  meta.max_timestamp_ms = -1;
  meta.first_timestamp_ms = -1;
  const auto add_time = [&] {
    if (meta.max_timestamp_ms > time_indexed) {
      ByteWriter writer(times);
      writer.be(meta.max_timestamp_ms);
      writer.be(static_cast<std::int32_t>(meta.max_timestamp_offset - meta.base));
      time_indexed = meta.max_timestamp_ms;
    }
  };
  TRY(segment->scan(0, [&](std::uint64_t position, std::string_view batch) -> Result<void> {
    const record::BatchHeader header = TRY(record::parse_header(batch));
    if (meta.first_timestamp_ms < 0) {
      meta.first_timestamp_ms = header.max_timestamp_ms;
    }
    if (header.max_timestamp_ms > meta.max_timestamp_ms) {
      meta.max_timestamp_ms = header.max_timestamp_ms;
      meta.max_timestamp_offset = header.last_offset();
    }
    if (position - indexed > static_cast<std::uint64_t>(index_interval_bytes)) {
      ByteWriter writer(index);
      writer.be(static_cast<std::int32_t>(header.last_offset() - meta.base));
      writer.be(static_cast<std::int32_t>(position));
      indexed = position;
      add_time();
    }
    meta.next = header.next_offset();
    return {};
  }));
  if (sealed) {
    add_time();
  }
  SegmentMeta empty = meta;
  empty.index_bytes = 0;
  empty.time_bytes = 0;
  empty.txn_bytes = 0;
  segment->set_meta(empty);
  const auto replace = [&](SegmentFile which, std::string_view bytes) -> Result<void> {
    const auto file = TRY(segment->file(which, /*create=*/true));
    TRY(fault_error("segment.write"));
    TRY(file->truncate(bytes.size()));
    return file->pwrite(bytes, 0);
  };
  TRY(replace(SegmentFile::kIndex, index));
  TRY(replace(SegmentFile::kTimeIndex, times));
  meta.index_bytes = index.size();
  meta.time_bytes = times.size();
  meta.txn_bytes = 0;
  segment->set_meta(meta);
  SegmentWriter writer = TRY(SegmentWriter::open(segment, index_interval_bytes));
  for (const AbortedRange& range : aborted) {
    writer.append_aborted(range);
  }
  TRY(writer.finish());
  TRY(segment->sync());
  return segment->meta();
}

Result<std::vector<AbortedRange>> find_aborted_by_scan(Segment& segment) {
  ProducerStates producers;
  std::vector<AbortedRange> found;
  TRY(segment.scan(0, [&](std::uint64_t, std::string_view batch) -> Result<void> {
    const record::BatchHeader header = TRY(record::parse_header(batch));
    if (!header.control()) {
      if (header.has_producer()) {
        producers.apply(header, header.max_timestamp_ms);
      }
      return {};
    }
    const auto marker = TRY(record::read_marker(batch));
    if (!marker.has_value()) {
      return {};
    }
    const auto entry = producers.entry(header.producer_id);
    const bool began_before = !entry.has_value() || !entry->transaction_first.has_value();
    const auto range = producers.apply_marker(header, *marker);
    if (range.has_value()) {
      found.push_back(*range);
    } else if (began_before && marker->type == record::ControlType::kAbort) {
      found.push_back({.producer = header.producer_id,
                       .first_offset = segment.base(),
                       .last_offset = header.last_offset(),
                       .last_stable_offset = header.next_offset()});
    }
    return {};
  }));
  return found;
}

Result<SegmentMeta> scan_segment_file(io::Files& files, const std::string& directory, Offset base) {
  SegmentMeta meta{.base = base, .next = base};
  const std::string path = directory + "/" + segment_file_name(base, SegmentFile::kLog);
  const io::FileStat stat = TRY(files.stat(path));
  meta.log_bytes = stat.size;
  Segment segment(files, directory, meta);
  SegmentMeta valid{.base = base, .next = base};
  const Result<void> scanned =
      segment.scan(0, [&](std::uint64_t position, std::string_view batch) -> Result<void> {
        const record::BatchHeader header = TRY(record::parse_header(batch));
        if (header.base_offset < valid.next) {
          return Error(ErrorCode::kCorruption, path + ": offsets do not rise");
        }
        if (valid.first_timestamp_ms < 0) {
          valid.first_timestamp_ms = header.max_timestamp_ms;
        }
        if (header.max_timestamp_ms > valid.max_timestamp_ms) {
          valid.max_timestamp_ms = header.max_timestamp_ms;
          valid.max_timestamp_offset = header.last_offset();
        }
        valid.log_bytes = position + batch.size();
        valid.next = header.next_offset();
        return {};
      });
  if (!scanned && scanned.error().code() != ErrorCode::kCorruption) {
    return Error(scanned.error().code(), scanned.error().to_string());
  }
  return valid;
}

}  // namespace millrace::log
