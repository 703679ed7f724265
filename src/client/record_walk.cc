#include "client/detail/record_walk.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace millrace::client {
namespace {

// Which producers are within an aborted transaction at the batch that is looked at.
class AbortedProducers {
 public:
  explicit AbortedProducers(std::span<const AbortedTransaction> aborted)
      : waiting_(aborted.begin(), aborted.end()) {
    std::ranges::sort(waiting_, std::ranges::greater(), &AbortedTransaction::first);
  }

  /// Whether the records of this batch were taken back.
  bool covers(const record::BatchHeader& batch) {
    while (!waiting_.empty() && waiting_.back().first <= batch.last_offset()) {
      active_.insert(waiting_.back().producer);
      waiting_.pop_back();
    }
    return batch.transactional() && active_.contains(batch.producer_id);
  }

  void end(ProducerId producer) { active_.erase(producer); }

 private:
  std::vector<AbortedTransaction> waiting_;  // The first one last.
  std::set<ProducerId> active_;
};

struct Walk {
  const TopicPartition& from;
  const WalkOptions& options;
  const TakeRecord& take;
  Walked walked = {};

  Result<void> batch(std::string_view bytes, const record::BatchHeader& header);
};

Result<void> Walk::batch(std::string_view bytes, const record::BatchHeader& header) {
  record::RecordReader reader =
      TRY(record::RecordReader::open(bytes, options.decompressed_bytes_max));
  record::RecordView record;
  while (TRY(reader.next(record))) {
    if (record.offset < walked.position) {
      continue;
    }
    walked.position = record.offset + 1;
    ++walked.taken;
    walked.last = take({.from = from,
                        .record = record,
                        .log_append_time = header.log_append_time(),
                        .leader_epoch = header.leader_epoch});
    if (walked.last != Take::kMore) {
      return {};
    }
  }
  return {};
}

// The header of the next batch that is there as a whole; nothing at the end.
Result<std::optional<record::BatchHeader>> next_batch(std::string_view rest) {
  constexpr std::size_t kMagicAt = 16;
  if (rest.size() > kMagicAt && rest[kMagicAt] != record::kMagic) {
    return Error(ErrorCode::kUnsupported,
                 fmt::format("a message of format {}, from before Kafka 0.11",
                             static_cast<int>(rest[kMagicAt])));
  }
  const std::size_t size = record::batch_size(rest);
  if (rest.size() < record::kHeaderBytes || (size > rest.size() && size > 0)) {
    return std::optional<record::BatchHeader>();
  }
  return std::optional(TRY(record::parse_header(rest)));
}

Result<void> walk_all(std::string_view rest, AbortedProducers& aborted, Walk& walk) {
  while (walk.walked.last == Take::kMore) {
    const std::optional<record::BatchHeader> header = TRY(next_batch(rest));
    if (!header) {
      return {};
    }
    const std::string_view bytes = rest.substr(0, header->total_bytes());
    rest.remove_prefix(bytes.size());
    const bool taken_back =
        walk.options.isolation == Isolation::kReadCommitted && aborted.covers(*header);
    if (header->last_offset() < walk.walked.position) {
      continue;
    }
    TRY(record::check_batch(bytes));
    if (header->control()) {
      const auto marker = TRY(record::read_marker(bytes));
      if (marker && marker->type == record::ControlType::kAbort) {
        aborted.end(header->producer_id);
      }
    } else if (!taken_back) {
      TRY(walk.batch(bytes, *header));
    }
    if (walk.walked.last == Take::kMore) {
      walk.walked.position = std::max(walk.walked.position, header->next_offset());
    }
  }
  return {};
}

}  // namespace

Result<Walked> walk_records(std::string_view bytes,
                            const TopicPartition& from,
                            Offset position,
                            std::span<const AbortedTransaction> aborted,
                            const WalkOptions& options,
                            const TakeRecord& take) {
  Walk walk{.from = from, .options = options, .take = take, .walked = {.position = position}};
  AbortedProducers producers(aborted);
  const Result<void> done = walk_all(bytes, producers, walk);
  if (!done) {
    return Error(
        done.error().code(),
        fmt::format(
            "{} at offset {}: {}", from.to_string(), walk.walked.position, done.error().message()));
  }
  return walk.walked;
}

}  // namespace millrace::client
