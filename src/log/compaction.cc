#include "log/detail/compaction.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/core.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/fault.h"
#include "base/hash.h"
#include "record/batch.h"

namespace millrace::log {
namespace {

constexpr std::string_view kMarkerSuffix = ".compaction";
constexpr std::string_view kCleanedSuffix = ".cleaned";
constexpr std::uint32_t kMarkerMagic = 0x4D43524D;  // "MRCM"
// Fixed: the map lives for one compaction only.
constexpr Hash128 kMapKey{.high = 0x6d696c6c72616365, .low = 0x636f6d7061637421};

Hash128 hash_of(std::string_view key) {
  return siphash128(kMapKey, key);
}

std::string marker_path(const std::string& directory, Offset base) {
  return fmt::format("{}/{:020d}{}", directory, base.value(), kMarkerSuffix);
}

enum class Removed : std::uint8_t {
  kAll,
  kIndexes  // All but the log.
};

Result<void> remove_segment(io::Files& files,
                            const std::string& directory,
                            Offset base,
                            Removed what) {
  for (const SegmentFile file : kAllSegmentFiles) {
    if (what == Removed::kAll || file != SegmentFile::kLog) {
      TRY(io::remove_all(files, directory + "/" + segment_file_name(base, file)));
    }
  }
  return {};
}

// Puts the new files in the place of the old ones; begun anew after a crash it ends the same.
Result<void> carry_out(io::Files& files,
                       const std::string& directory,
                       const CompactionMarker& marker) {
  const auto path = [&](Offset base, SegmentFile file) {
    return directory + "/" + segment_file_name(base, file);
  };
  const Offset base = marker.made.base;
  const std::string made_log = path(base, SegmentFile::kLog) + std::string(kCleanedSuffix);
  if (TRY(io::exists(files, made_log))) {
    // Never an index beside a log that it does not belong to.
    for (const Offset replaced : marker.replaced) {
      TRY(remove_segment(files, directory, replaced, Removed::kIndexes));
    }
    TRY(fault_error("compaction.swap"));
    TRY(files.sync_dir(directory));
    TRY(files.rename(made_log, path(base, SegmentFile::kLog)));
    TRY(fault_error("compaction.rename"));
    TRY(files.sync_dir(directory));
  }
  for (const SegmentFile file : kAllSegmentFiles) {
    const std::string made = path(base, file) + std::string(kCleanedSuffix);
    if (file != SegmentFile::kLog && TRY(io::exists(files, made))) {
      TRY(files.rename(made, path(base, file)));
    }
  }
  for (const Offset replaced : marker.replaced) {
    if (replaced != base) {
      TRY(remove_segment(files, directory, replaced, Removed::kAll));
    }
  }
  TRY(fault_error("compaction.remove"));
  return files.sync_dir(directory);
}

}  // namespace

KeyMap::KeyMap(std::uint64_t memory_bytes) {
  std::size_t slots = 16;
  while (slots * 2 * sizeof(Slot) <= memory_bytes) {
    slots *= 2;
  }
  slots_.resize(slots);
}

std::size_t KeyMap::slot_of(std::uint64_t high, std::uint64_t low) const {
  std::size_t slot = high & (slots_.size() - 1);
  while (slots_[slot].offset.value() >= 0 &&
         (slots_[slot].high != high || slots_[slot].low != low)) {
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return slot;
}

bool KeyMap::put(std::string_view key, Offset offset) {
  const Hash128 hash = hash_of(key);
  Slot& slot = slots_[slot_of(hash.high, hash.low)];
  if (slot.offset.value() < 0) {
    if (used_ >= slots_.size() / 4 * 3) {
      return false;
    }
    ++used_;
  }
  slot = {.high = hash.high, .low = hash.low, .offset = std::max(slot.offset, offset)};
  return true;
}

Offset KeyMap::find(std::string_view key) const {
  const Hash128 hash = hash_of(key);
  return slots_[slot_of(hash.high, hash.low)].offset;
}

std::string encode_marker(const CompactionMarker& marker) {
  std::string body;
  ByteWriter writer(body);
  writer.uvarint(marker.replaced.size());
  for (const Offset base : marker.replaced) {
    writer.le(base.value());
  }
  encode_segment_meta(marker.made, body);
  std::string out;
  ByteWriter head(out);
  head.le(kMarkerMagic);
  head.le(crc32c(body));
  return out + body;
}

Result<CompactionMarker> decode_marker(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto magic = reader.le<std::uint32_t>();
  const auto crc = reader.le<std::uint32_t>();
  if (!reader.ok() || magic != kMarkerMagic || crc != crc32c(reader.rest())) {
    return Error(ErrorCode::kCorruption, "marker of a compaction: the checksum does not match");
  }
  CompactionMarker marker;
  const std::uint64_t count = reader.uvarint();
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    marker.replaced.emplace_back(reader.le<std::int64_t>());
  }
  marker.made = decode_segment_meta(reader);
  if (!reader.ok() || !reader.done() || marker.replaced.empty()) {
    return Error(ErrorCode::kCorruption, "marker of a compaction: it is cut off");
  }
  return marker;
}

Result<std::vector<CompactionMarker>> finish_compactions(io::Files& files,
                                                         const std::string& directory) {
  constexpr std::uint64_t kMarkerBytesMax = 16U << 20;
  std::vector<CompactionMarker> markers;
  for (const io::DirEntry& entry : TRY(files.list(directory))) {
    if (!entry.name.ends_with(kMarkerSuffix)) {
      continue;
    }
    const std::string path = directory + "/" + entry.name;
    const std::string bytes = TRY(io::read_all(files, path, kMarkerBytesMax));
    CompactionMarker marker = TRY_DOING(decode_marker(bytes), "read " + path);
    marker.path = path;
    TRY(carry_out(files, directory, marker));
    markers.push_back(std::move(marker));
  }
  return markers;
}

std::vector<SegmentMeta> apply_marker(const CompactionMarker& marker,
                                      const std::vector<SegmentMeta>& segments) {
  std::vector<SegmentMeta> result;
  bool placed = false;
  for (const SegmentMeta& meta : segments) {
    if (std::ranges::find(marker.replaced, meta.base) == marker.replaced.end()) {
      result.push_back(meta);
    } else if (!placed) {
      placed = true;
      result.push_back(marker.made);
    }
  }
  return result;
}

namespace {

// Owned by the background.
class CompactionJob final : public Job {
 public:
  CompactionJob(io::Files& files, CompactionPlanPtr plan)
      : files_(files),
        plan_(std::move(plan)),
        config_(plan_->partition->config()),
        mapped_(plan_->first_dirty) {}

  Result<bool> step() override {
    if (plan_->partition->deleted.load()) {
      return true;
    }
    if (keys_ == nullptr) {
      TRY(begin_all());
    }
    if (!full_ && mapped_ < plan_->segments.size()) {
      TRY_DOING(map_segment(*plan_->segments[mapped_]), "compact " + plan_->partition->directory);
      ++mapped_;
      return false;
    }
    if (cleaned_ < mapped_) {
      TRY_DOING(clean_segment(plan_->segments[cleaned_]), "compact " + plan_->partition->directory);
      ++cleaned_;
      return false;
    }
    if (writer_ != nullptr) {
      TRY_DOING(commit(), "compact " + plan_->partition->directory);
      return false;
    }
    return true;
  }

 private:
  // Takes in the keys of a segment; when they do not fit, nothing at or behind that place is
  // dropped for what comes later.
  Result<void> map_segment(Segment& segment) {
    return segment.scan(0, [&](std::uint64_t, std::string_view batch) -> Result<void> {
      const record::BatchHeader header = TRY(record::parse_header(batch));
      if (full_ || header.control() || is_aborted(header)) {
        return {};
      }
      record::RecordReader reader = TRY(record::RecordReader::open(batch));
      record::RecordView record;
      while (TRY(reader.next(record))) {
        if (record.key.has_value() && !keys_->put(*record.key, record.offset)) {
          full_ = true;
          return {};
        }
      }
      return {};
    });
  }

  // The marker of a transaction may lie in a later segment than its records.
  Result<void> begin_all() {
    keys_ = std::make_unique<KeyMap>(plan_->memory_bytes);
    const Offset first = plan_->segments.front()->base();
    const Offset end(std::numeric_limits<std::int64_t>::max());
    for (const SegmentPtr& segment : plan_->partition->segments()) {
      TRY(segment->find_aborted(first, end, aborted_));
    }
    return {};
  }

  [[nodiscard]] bool is_aborted(const record::BatchHeader& header) const {
    return header.transactional() && std::ranges::any_of(aborted_, [&](const AbortedRange& range) {
             return range.producer == header.producer_id &&
                    header.base_offset >= range.first_offset &&
                    header.last_offset() <= range.last_offset;
           });
  }

  Result<void> clean_segment(const SegmentPtr& segment) {
    const SegmentMeta meta = segment->meta();
    const bool large = writer_ != nullptr && writer_->bytes() + meta.log_bytes >
                                                 static_cast<std::uint64_t>(config_->segment_bytes);
    const bool far =
        writer_ != nullptr && meta.next - made_->base() > std::numeric_limits<std::int32_t>::max();
    if (large || far) {
      TRY(commit());
    }
    if (writer_ == nullptr) {
      TRY(begin(segment));
    }
    replaced_.push_back(segment);
    next_ = meta.next;
    plan_->bytes_before += meta.log_bytes;
    return segment->scan(0, [&](std::uint64_t, std::string_view batch) -> Result<void> {
      return clean_batch(batch, TRY(record::parse_header(batch)));
    });
  }

  Result<void> begin(const SegmentPtr& first) {
    made_ = std::make_shared<Segment>(files_,
                                      first->directory(),
                                      SegmentMeta{.base = first->base(), .next = first->base()},
                                      std::string(kCleanedSuffix));
    for (const SegmentFile file : kAllSegmentFiles) {
      TRY(io::remove_all(files_, made_->path(file)));
    }
    TRY(made_->file(SegmentFile::kLog, /*create=*/true));
    writer_ = std::make_unique<SegmentWriter>(
        TRY(SegmentWriter::open(made_, config_->index_interval_bytes)));
    return {};
  }

  [[nodiscard]] bool keeps(const record::RecordView& record, bool horizon_passed) const {
    if (!record.key.has_value()) {
      return true;  // No later record can stand for it.
    }
    const Offset last = keys_->find(*record.key);
    if (last > record.offset) {
      return false;
    }
    return record.value.has_value() || !horizon_passed;
  }

  Result<void> clean_batch(std::string_view batch, const record::BatchHeader& header) {
    const bool horizon_passed =
        header.has_delete_horizon() && header.base_timestamp_ms <= plan_->now_ms;
    if (header.control()) {
      return clean_marker(batch, header, horizon_passed);
    }
    record::RecordReader reader = TRY(record::RecordReader::open(batch));
    record::RecordView record;
    std::vector<record::RecordView> kept;
    bool tombstones = false;
    if (!is_aborted(header)) {
      while (TRY(reader.next(record))) {
        if (keeps(record, horizon_passed)) {
          tombstones = tombstones || !record.value.has_value();
          kept.push_back(record);
        }
      }
    }
    const bool all = static_cast<std::int32_t>(kept.size()) == header.record_count;
    const bool needs_horizon = tombstones && !header.has_delete_horizon();
    if (all && !needs_horizon && !kept.empty()) {
      return writer_->append(batch, header);
    }
    if (kept.empty() && !carries_sequence(header)) {
      return {};
    }
    return write_again(header, kept, tombstones);
  }

  // The last batch of a producer tells its next sequence to whoever rebuilds the states.
  [[nodiscard]] bool carries_sequence(const record::BatchHeader& header) const {
    const auto found = plan_->last_of_producer.find(header.producer_id.value());
    return header.has_producer() && found != plan_->last_of_producer.end() &&
           found->second == header.last_offset();
  }

  [[nodiscard]] std::optional<std::int64_t> horizon(const record::BatchHeader& header,
                                                    bool needed) const {
    if (header.has_delete_horizon()) {
      return header.base_timestamp_ms;
    }
    return needed ? std::optional(plan_->now_ms + config_->delete_retention_ms)
                  : std::optional<std::int64_t>();
  }

  Result<void> write_again(const record::BatchHeader& header,
                           const std::vector<record::RecordView>& kept,
                           bool tombstones) {
    record::BatchBuilder builder({.compression = header.compression(),
                                  .producer_id = header.producer_id,
                                  .producer_epoch = header.producer_epoch,
                                  .base_sequence = header.base_sequence,
                                  .transactional = header.transactional(),
                                  .control = header.control(),
                                  .log_append_time = header.log_append_time(),
                                  .delete_horizon_ms = horizon(header, tombstones)});
    for (const record::RecordView& record : kept) {
      const std::vector<record::HeaderView> headers = record.headers();
      builder.add_at(static_cast<std::int32_t>(record.offset - header.base_offset),
                     {.timestamp_ms = record.timestamp_ms,
                      .key = record.key,
                      .value = record.value,
                      .headers = headers});
    }
    const std::string bytes = TRY(builder.finish(header.base_offset, header.last_offset_delta));
    return writer_->append(bytes, TRY(record::parse_header(bytes)));
  }

  Result<void> clean_marker(std::string_view batch,
                            const record::BatchHeader& header,
                            bool horizon_passed) {
    if (horizon_passed) {
      return {};
    }
    for (const AbortedRange& range : aborted_) {
      if (range.last_offset == header.last_offset()) {
        writer_->append_aborted(range);
      }
    }
    if (header.has_delete_horizon()) {
      return writer_->append(batch, header);
    }
    record::RecordReader reader = TRY(record::RecordReader::open(batch));
    record::RecordView record;
    std::vector<record::RecordView> kept;
    while (TRY(reader.next(record))) {
      kept.push_back(record);
    }
    return write_again(header, kept, /*tombstones=*/true);
  }

  Result<void> commit() {
    TRY(writer_->seal_cleaned(next_));
    SegmentMeta meta = writer_->meta();
    plan_->bytes_after += meta.log_bytes;
    TRY(fault_error("compaction.sync"));
    TRY(made_->sync());
    for (const SegmentPtr& segment : replaced_) {
      TRY(segment->pin());  // Readers that have it go on with the old files.
    }
    CompactionMarker marker{.path = marker_path(made_->directory(), meta.base), .made = meta};
    for (const SegmentPtr& segment : replaced_) {
      marker.replaced.push_back(segment->base());
    }
    TRY(fault_error("compaction.marker"));
    TRY(io::write_atomically(files_, marker.path, encode_marker(marker)));
    // From here on the new files hold, whatever happens: if it cannot be carried out, the next
    // start does it, and nothing else may touch these segments until then.
    plan_->half_done = true;
    const std::string directory = made_->directory();
    TRY(carry_out(files_, directory, marker));
    plan_->partition->replace_segments(replaced_,
                                       {std::make_shared<Segment>(files_, directory, meta)});
    plan_->markers.push_back(marker);
    plan_->half_done = false;
    writer_.reset();
    made_.reset();
    replaced_.clear();
    return {};
  }

  io::Files& files_;
  const CompactionPlanPtr plan_;
  const std::shared_ptr<const TopicConfig> config_;  // Shared with the partition.
  std::unique_ptr<KeyMap> keys_;
  bool full_ = false;
  std::size_t mapped_;
  std::size_t cleaned_ = 0;
  std::vector<AbortedRange> aborted_;
  std::vector<SegmentPtr> replaced_;
  SegmentPtr made_;
  std::unique_ptr<SegmentWriter> writer_;
  Offset next_{0};
};

}  // namespace

std::unique_ptr<Job> make_compaction_job(io::Files& files, CompactionPlanPtr plan) {
  return std::make_unique<CompactionJob>(files, std::move(plan));
}

}  // namespace millrace::log
