#include "flow/topic_rows.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/hash.h"
#include "plan/catalog.h"

namespace millrace::flow {

namespace {

constexpr std::size_t kPageBytes = 1U << 20U;
// A key in find_live: its hash, its place, and what the map keeps beside them.
constexpr std::uint64_t kLiveBytes = 64;

struct HashOfKey {
  std::size_t operator()(const Hash128& hash) const { return hash.low; }
};

/// The rows of one relation. Owned by one thread.
class TopicRows final : public exec::BatchSource {
 public:
  // `live` is shared with other scans of the same table; null: every record is a row.
  TopicRows(std::unique_ptr<TopicChunks> chunks,
            std::unique_ptr<ScanDecoder> decoder,
            std::shared_ptr<const TopicTables::Live> live,
            std::shared_ptr<const plan::Relation> relation,
            LeftOut left_out)
      : chunks_(std::move(chunks)),
        decoder_(std::move(decoder)),
        live_(std::move(live)),
        relation_(std::move(relation)),
        left_out_(std::move(left_out)) {}

  Result<bool> next(data::Batch& batch) override {
    while (TRY(chunks_->next(chunk_))) {
      if (live_) {
        keep_live();
      }
      if (chunk_.records.empty()) {
        continue;
      }
      std::vector<Undecodable> undecodable;
      batch = decoder_->decode(chunk_, undecodable);
      if (!undecodable.empty() && left_out_) {
        left_out_(*relation_, undecodable);
      }
      return true;
    }
    return false;
  }

 private:
  void keep_live() {
    const auto found = live_->find(chunk_.partition.value());
    std::erase_if(chunk_.records, [&](const record::RecordView& record) {
      return found == live_->end() ||
             !std::ranges::binary_search(found->second, record.offset.value());
    });
  }

  std::unique_ptr<TopicChunks> chunks_;
  std::unique_ptr<ScanDecoder> decoder_;
  std::shared_ptr<const TopicTables::Live> live_;   // Shared with other scans of the query.
  std::shared_ptr<const plan::Relation> relation_;  // Shared with the plan.
  const LeftOut left_out_;
  RecordChunk chunk_;
};

}  // namespace

PartitionOffsets topic_ends(const log::Log& log, const std::string& topic) {
  PartitionOffsets ends;
  const auto info = log.topic(topic);
  for (std::int32_t number = 0; info && number < info->partitions; ++number) {
    if (const auto partition = log.describe({topic, PartitionId(number)})) {
      ends[number] = partition->last_stable_offset.value();
    }
  }
  return ends;
}

TopicChunks::TopicChunks(log::Log& log,
                         std::string topic,
                         const PartitionOffsets& ends,
                         const PartitionOffsets& from,
                         KeepReading keep_reading)
    : log_(log), topic_(std::move(topic)), keep_reading_(std::move(keep_reading)) {
  for (const auto& [number, end] : ends) {
    const auto begin = from.find(number);
    parts_.push_back(
        {.number = PartitionId(number), .at = begin == from.end() ? 0 : begin->second, .end = end});
  }
}

Result<bool> TopicChunks::next(RecordChunk& chunk) {
  while (part_ < parts_.size()) {
    if (chunks_ && TRY(chunks_->next(chunk))) {
      return true;
    }
    chunks_.reset();
    Part& part = parts_[part_];
    if (part.at >= part.end) {
      ++part_;
      continue;
    }
    if (keep_reading_) {
      TRY(keep_reading_());
    }
    TRY(read(part));
  }
  return false;
}

Result<void> TopicChunks::read(Part& part) {
  read_ = TRY(log_.read({topic_, part.number}, Offset(part.at), {.max_bytes = kPageBytes}));
  if (read_.error == log::KafkaError::kOffsetOutOfRange &&
      read_.log_start_offset.value() > part.at) {
    part.at = read_.log_start_offset.value();  // Retention was faster.
    return {};
  }
  if (read_.error != log::KafkaError::kNone || read_.next_offset.value() <= part.at) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("topic {} partition {} cannot be read at offset {}, although it ended "
                             "at {}",
                             topic_,
                             part.number,
                             part.at,
                             part.end));
  }
  // What came after the ends were fixed. A frame ends where a batch ends.
  while (!read_.batches.empty() && read_.batches.back().base_offset.value() >= part.end) {
    read_.batches.pop_back();
  }
  chunks_ = std::make_unique<ChunkReader>(read_, part.number, Offset(part.at));
  part.at = std::min(read_.next_offset.value(), part.end);
  return {};
}

Result<std::unique_ptr<exec::BatchSource>> TopicTables::open(const plan::Scan& scan) {
  const plan::Relation& relation = *scan.relation;
  const auto ends = ends_.find(relation.topic);
  if (relation.topic.empty() || ends == ends_.end()) {
    return Error(ErrorCode::kUnsupported, relation.name + " has no topic that could be read");
  }
  std::shared_ptr<const Live> live;
  if (plan::is_upserted(relation)) {
    live = TRY(find_live(relation, ends->second));
  }
  auto decoder = TRY(ScanDecoder::make(scan, 0));
  auto chunks = std::make_unique<TopicChunks>(
      log_, relation.topic, ends->second, PartitionOffsets{}, options_.keep_reading);
  return std::unique_ptr<exec::BatchSource>(std::make_unique<TopicRows>(
      std::move(chunks), std::move(decoder), std::move(live), scan.relation, options_.left_out));
}

// The last record of each key, in one pass over the topic. A key has one partition, unless
// partitions were added: then the record in the last partition counts.
Result<std::shared_ptr<const TopicTables::Live>> TopicTables::find_live(
    const plan::Relation& relation, const PartitionOffsets& ends) {
  if (const auto known = live_.find(relation.topic); known != live_.end()) {
    return known->second;
  }

  struct Place {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
  };

  std::unordered_map<Hash128, Place, HashOfKey> last;
  TopicChunks chunks(log_, relation.topic, ends, {}, options_.keep_reading);
  RecordChunk chunk;
  while (TRY(chunks.next(chunk))) {
    for (const record::RecordView& record : chunk.records) {
      const Hash128 key = siphash128({}, record.key.value_or(""));
      if (record.value) {
        last[key] = {chunk.partition.value(), record.offset.value()};
      } else {
        last.erase(key);
      }
    }
    if (last.size() * kLiveBytes > options_.memory_bytes_max) {
      return Error(ErrorCode::kExhausted,
                   fmt::format("the table {} has more than {} keys, more than a query may hold; "
                               "raise memory.max",
                               relation.name,
                               options_.memory_bytes_max / kLiveBytes));
    }
  }
  auto live = std::make_shared<Live>();
  for (const auto& [key, place] : last) {
    (*live)[place.partition].push_back(place.offset);
  }
  for (auto& [partition, offsets] : *live) {
    std::ranges::sort(offsets);
  }
  return live_[relation.topic] = std::move(live);
}

}  // namespace millrace::flow
