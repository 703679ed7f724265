#include "log/detail/producer_state.h"

#include <algorithm>

#include "base/crc32c.h"

namespace millrace::log {
namespace {

ProducerVerdict refuse(KafkaError error, std::string message) {
  return {.error = error, .message = std::move(message)};
}

std::string sequence_text(const record::BatchHeader& header, std::int32_t expected) {
  return "out of order sequence number: producer " + std::to_string(header.producer_id.value()) +
         " sent " + std::to_string(header.base_sequence) + ", expected is " +
         std::to_string(expected);
}

const ProducerBatch* find_batch(const ProducerEntry& entry, const record::BatchHeader& header) {
  if (entry.epoch != header.producer_epoch) {
    return nullptr;
  }
  for (std::size_t i = 0; i < entry.batch_count; ++i) {
    const ProducerBatch& batch = entry.batches[i];
    if (batch.first_sequence == header.base_sequence &&
        batch.last_sequence == header.last_sequence()) {
      return &batch;
    }
  }
  return nullptr;
}

void push_batch(ProducerEntry& entry, const ProducerBatch& batch) {
  if (entry.batch_count == kProducerBatchesKept) {
    std::move(entry.batches.begin() + 1, entry.batches.end(), entry.batches.begin());
    --entry.batch_count;
  }
  entry.batches[entry.batch_count++] = batch;
}

void encode_entry(ByteWriter& writer, std::int64_t id, const ProducerEntry& entry) {
  writer.le(id);
  writer.le(entry.epoch);
  writer.le(entry.coordinator_epoch);
  writer.le(entry.last_timestamp_ms);
  writer.le(entry.last_offset.value());
  writer.le(entry.transaction_first.value_or(Offset(-1)).value());
  writer.le(entry.transaction_since_ms);
  writer.le(entry.batch_count);
  for (std::size_t i = 0; i < entry.batch_count; ++i) {
    const ProducerBatch& batch = entry.batches[i];
    writer.le(batch.first_sequence);
    writer.le(batch.last_sequence);
    writer.le(batch.base_offset.value());
    writer.le(batch.last_offset.value());
    writer.le(batch.timestamp_ms);
  }
}

ProducerEntry decode_entry(ByteReader& reader) {
  ProducerEntry entry;
  entry.epoch = reader.le<std::int16_t>();
  entry.coordinator_epoch = reader.le<std::int32_t>();
  entry.last_timestamp_ms = reader.le<std::int64_t>();
  entry.last_offset = Offset(reader.le<std::int64_t>());
  const auto first = reader.le<std::int64_t>();
  if (first >= 0) {
    entry.transaction_first = Offset(first);
  }
  entry.transaction_since_ms = reader.le<std::int64_t>();
  entry.batch_count = reader.le<std::uint8_t>();
  if (entry.batch_count > kProducerBatchesKept) {
    reader.fail();
    return entry;
  }
  for (std::size_t i = 0; i < entry.batch_count; ++i) {
    ProducerBatch& batch = entry.batches[i];
    batch.first_sequence = reader.le<std::int32_t>();
    batch.last_sequence = reader.le<std::int32_t>();
    batch.base_offset = Offset(reader.le<std::int64_t>());
    batch.last_offset = Offset(reader.le<std::int64_t>());
    batch.timestamp_ms = reader.le<std::int64_t>();
  }
  return entry;
}

}  // namespace

ProducerVerdict ProducerStates::check(const record::BatchHeader& header) const {
  const auto found = entries_.find(header.producer_id.value());
  if (found == entries_.end()) {
    return {};
  }
  const ProducerEntry& entry = found->second;
  if (header.producer_epoch < entry.epoch) {
    return refuse(KafkaError::kInvalidProducerEpoch,
                  "producer epoch " + std::to_string(header.producer_epoch) +
                      " is older than the known " + std::to_string(entry.epoch));
  }
  if (const ProducerBatch* batch = find_batch(entry, header)) {
    return {.duplicate_of = *batch};
  }
  if (header.producer_epoch > entry.epoch) {
    if (header.base_sequence != 0) {
      return refuse(KafkaError::kOutOfOrderSequenceNumber, sequence_text(header, 0));
    }
    return {};
  }
  const ProducerBatch* last = entry.last();
  if (last == nullptr) {
    return {};  // Only a marker was seen of this epoch: anything may begin.
  }
  const std::int32_t expected = record::add_sequence(last->last_sequence, 1);
  if (header.base_sequence != expected) {
    return refuse(KafkaError::kOutOfOrderSequenceNumber, sequence_text(header, expected));
  }
  return {};
}

ProducerVerdict ProducerStates::check_marker(const record::BatchHeader& header,
                                             const record::ControlMarker& marker) const {
  const auto found = entries_.find(header.producer_id.value());
  if (found == entries_.end()) {
    return {};
  }
  if (header.producer_epoch < found->second.epoch) {
    return refuse(KafkaError::kInvalidProducerEpoch, "marker of an older producer epoch");
  }
  if (marker.coordinator_epoch < found->second.coordinator_epoch) {
    return refuse(KafkaError::kTransactionCoordinatorFenced, "marker of an older coordinator");
  }
  return {};
}

void ProducerStates::apply(const record::BatchHeader& header, std::int64_t now_ms) {
  ProducerEntry& entry = entries_[header.producer_id.value()];
  if (header.producer_epoch != entry.epoch) {
    entry.epoch = header.producer_epoch;
    entry.batch_count = 0;
  }
  if (header.base_sequence >= 0) {
    push_batch(entry,
               {.first_sequence = header.base_sequence,
                .last_sequence = header.last_sequence(),
                .base_offset = header.base_offset,
                .last_offset = header.last_offset(),
                .timestamp_ms = header.max_timestamp_ms});
  }
  entry.last_timestamp_ms = now_ms;
  entry.last_offset = header.last_offset();
  if (header.transactional() && !entry.transaction_first.has_value()) {
    entry.transaction_first = header.base_offset;
    entry.transaction_since_ms = now_ms;
    open_[header.base_offset] = header.producer_id;
  }
}

std::optional<AbortedRange> ProducerStates::apply_marker(const record::BatchHeader& header,
                                                         const record::ControlMarker& marker) {
  ProducerEntry& entry = entries_[header.producer_id.value()];
  if (header.producer_epoch != entry.epoch) {
    entry.epoch = header.producer_epoch;
    entry.batch_count = 0;
  }
  entry.coordinator_epoch = std::max(entry.coordinator_epoch, marker.coordinator_epoch);
  entry.last_timestamp_ms = std::max(entry.last_timestamp_ms, header.max_timestamp_ms);
  entry.last_offset = header.last_offset();
  std::optional<AbortedRange> aborted;
  if (entry.transaction_first.has_value()) {
    const Offset first = *entry.transaction_first;
    remove_open(entry);
    entry.transaction_first.reset();
    entry.transaction_since_ms = -1;
    if (marker.type == record::ControlType::kAbort) {
      const auto open = oldest_open();
      aborted =
          AbortedRange{.producer = header.producer_id,
                       .first_offset = first,
                       .last_offset = header.last_offset(),
                       .last_stable_offset = open.has_value() ? open->first : header.next_offset()};
    }
  }
  return aborted;
}

std::optional<ProducerEntry> ProducerStates::entry(ProducerId id) const {
  const auto found = entries_.find(id.value());
  return found == entries_.end() ? std::optional<ProducerEntry>() : found->second;
}

void ProducerStates::remove_open(const ProducerEntry& entry) {
  if (entry.transaction_first.has_value()) {
    open_.erase(*entry.transaction_first);
  }
}

void ProducerStates::put(ProducerId id, const ProducerEntry& entry) {
  entries_[id.value()] = entry;
  if (entry.transaction_first.has_value()) {
    open_[*entry.transaction_first] = id;
  }
}

void ProducerStates::restore(ProducerId id, const std::optional<ProducerEntry>& entry) {
  const auto found = entries_.find(id.value());
  if (found != entries_.end()) {
    remove_open(found->second);
    entries_.erase(found);
  }
  if (entry.has_value()) {
    put(id, *entry);
  }
}

std::optional<std::pair<Offset, ProducerId>> ProducerStates::oldest_open() const {
  if (open_.empty()) {
    return {};
  }
  return *open_.begin();
}

void ProducerStates::expire(std::int64_t before_ms) {
  std::erase_if(entries_, [&](const auto& item) {
    return item.second.last_timestamp_ms < before_ms && !item.second.transaction_first.has_value();
  });
}

void ProducerStates::clear() {
  entries_.clear();
  open_.clear();
}

std::vector<ProducerId> ProducerStates::ids() const {
  std::vector<ProducerId> all;
  all.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) {
    all.emplace_back(id);
  }
  std::ranges::sort(all);
  return all;
}

std::vector<ProducerInfo> ProducerStates::describe() const {
  std::vector<ProducerInfo> all;
  all.reserve(entries_.size());
  for (const ProducerId id : ids()) {
    const ProducerEntry& entry = entries_.at(id.value());
    const ProducerBatch* const last = entry.last();
    all.push_back(
        {.id = id,
         .epoch = entry.epoch,
         .last_sequence = last == nullptr ? -1 : last->last_sequence,
         .last_timestamp_ms = last == nullptr ? entry.last_timestamp_ms : last->timestamp_ms,
         .coordinator_epoch = entry.coordinator_epoch,
         .transaction_first = entry.transaction_first.value_or(Offset(-1))});
  }
  return all;
}

void ProducerStates::encode(std::string& out) const {
  ByteWriter writer(out);
  writer.le(static_cast<std::uint32_t>(entries_.size()));
  for (const ProducerId id : ids()) {
    encode_entry(writer, id.value(), entries_.at(id.value()));
  }
}

Result<ProducerStates> ProducerStates::decode(ByteReader& reader) {
  ProducerStates states;
  const auto count = reader.le<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    const ProducerId id(reader.le<std::int64_t>());
    states.put(id, decode_entry(reader));
  }
  if (!reader.ok()) {
    return Error(ErrorCode::kCorruption, "producer state: it is cut off");
  }
  return states;
}

std::string ProducerStates::to_kafka_snapshot() const {
  std::string body;
  ByteWriter writer(body);
  writer.be(static_cast<std::int32_t>(entries_.size()));
  for (const ProducerId id : ids()) {
    const ProducerEntry& entry = entries_.at(id.value());
    const ProducerBatch* last = entry.last();
    writer.be(id.value());
    writer.be(entry.epoch);
    writer.be(last == nullptr ? std::int32_t{-1} : last->last_sequence);
    writer.be(last == nullptr ? std::int64_t{-1} : last->last_offset.value());
    writer.be(last == nullptr ? std::int32_t{0}
                              : static_cast<std::int32_t>(last->last_offset - last->base_offset));
    writer.be(entry.last_timestamp_ms);
    writer.be(entry.coordinator_epoch);
    writer.be(entry.transaction_first.value_or(Offset(-1)).value());
  }
  std::string file;
  ByteWriter head(file);
  head.be<std::int16_t>(1);
  head.be(crc32c(body));
  return file + body;
}

}  // namespace millrace::log
