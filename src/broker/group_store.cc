#include "broker/group_store.h"

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "base/clock.h"
#include "base/log_line.h"
#include "base/utf8.h"
#include "log/log.h"
#include "record/batch.h"
#include "wire/codec.h"
#include "wire/generated/group_coordinator_records.h"

namespace millrace::broker {
namespace {

// The versions that Kafka 4.3.1 writes; all lower ones are read.
constexpr std::int16_t kGroupVersion = 3;
constexpr std::int16_t kOffsetVersion = 3;
constexpr std::int16_t kOffsetWithExpiryVersion = 1;
/// The metadata of a large group is one record.
constexpr std::int64_t kRecordBytesMax = 64LL << 20;

/// REQUIRES: what is encoded fits: no text is longer than 32,767 bytes
std::string must_fit(Result<std::string> encoded) {
  MR_ASSERT(encoded.has_value());
  return std::move(*encoded);
}

StoredGroup to_stored(wire::GroupMetadataValue value) {
  StoredGroup stored = {.generation = value.generation,
                        .protocol_type = std::move(value.protocol_type),
                        .protocol = std::move(value.protocol),
                        .leader = std::move(value.leader),
                        .state_since_ms = value.current_state_timestamp};
  for (auto& member : value.members) {
    stored.members.push_back({.id = std::move(member.member_id),
                              .instance = std::move(member.group_instance_id),
                              .client_id = std::move(member.client_id),
                              .client_host = std::move(member.client_host),
                              .rebalance_ms = member.rebalance_timeout,
                              .session_ms = member.session_timeout,
                              .subscription = std::string(member.subscription.view()),
                              .assignment = std::string(member.assignment.view())});
  }
  return stored;
}

/// Of both kinds of keys, which look alike.
template <class Key>
Result<void> apply_offset(std::string_view key,
                          const std::optional<std::string_view>& value,
                          LoadedGroups& groups) {
  Key name = TRY(wire::decode_key<Key>(key));
  OffsetKey partition(std::move(name.topic), name.partition);
  if (!value) {
    groups[name.group].offsets.erase(partition);
    return {};
  }
  wire::OffsetCommitValue committed = TRY(wire::decode_versioned<wire::OffsetCommitValue>(*value));
  groups[name.group].offsets[std::move(partition)] = {.offset = Offset(committed.offset),
                                                      .leader_epoch = committed.leader_epoch,
                                                      .metadata = std::move(committed.metadata),
                                                      .commit_ms = committed.commit_timestamp,
                                                      .expire_ms = committed.expire_timestamp};
  return {};
}

Result<void> apply_group(std::string_view key,
                         const std::optional<std::string_view>& value,
                         LoadedGroups& groups) {
  wire::GroupMetadataKey name = TRY(wire::decode_key<wire::GroupMetadataKey>(key));
  if (!value) {
    groups[name.group].group.reset();
    return {};
  }
  groups[name.group].group =
      to_stored(TRY(wire::decode_versioned<wire::GroupMetadataValue>(*value)));
  return {};
}

Code to_code(const Result<log::AppendResult>& result) {
  // Retried by every client, which looks for the coordinator anew.
  return result && result->ok() ? Code::kNone : Code::kCoordinatorNotAvailable;
}

}  // namespace

GroupRecord group_record(std::string_view group, const std::optional<StoredGroup>& stored) {
  wire::GroupMetadataKey key;
  key.group = group;
  GroupRecord record = {.key = must_fit(wire::encode_key(key))};
  if (!stored) {
    return record;
  }
  wire::GroupMetadataValue value;
  value.protocol_type = stored->protocol_type;
  value.generation = stored->generation;
  value.protocol = stored->protocol;
  value.leader = stored->leader;
  value.current_state_timestamp = stored->state_since_ms;
  for (const StoredGroup::Member& member : stored->members) {
    auto& to = value.members.emplace_back();
    to.member_id = member.id;
    to.group_instance_id = member.instance;
    to.client_id = member.client_id;
    to.client_host = member.client_host;
    to.rebalance_timeout = member.rebalance_ms;
    to.session_timeout = member.session_ms;
    to.subscription = data::BlockSlice::copy(member.subscription);
    to.assignment = data::BlockSlice::copy(member.assignment);
  }
  record.value = must_fit(wire::encode_versioned(value, kGroupVersion));
  return record;
}

GroupRecord offset_record(std::string_view group,
                          const OffsetKey& key,
                          const std::optional<CommittedOffset>& committed) {
  wire::OffsetCommitKey name;
  name.group = group;
  name.topic = key.first;
  name.partition = key.second;
  GroupRecord record = {.key = must_fit(wire::encode_key(name))};
  if (!committed) {
    return record;
  }
  wire::OffsetCommitValue value;
  value.offset = committed->offset.value();
  value.metadata = committed->metadata;
  value.commit_timestamp = committed->commit_ms;
  std::int16_t version = kOffsetVersion;
  if (committed->expire_ms >= 0) {
    version = kOffsetWithExpiryVersion;
    value.expire_timestamp = committed->expire_ms;
  } else {
    value.leader_epoch = committed->leader_epoch;
  }
  record.value = must_fit(wire::encode_versioned(value, version));
  return record;
}

std::int32_t group_partition(std::string_view group, std::int32_t partitions) {
  std::uint32_t hash = 0;
  for (std::size_t at = 0; at < group.size();) {
    const auto point = static_cast<std::uint32_t>(next_code_point(group, at));
    if (point >= 0x10000) {  // Java's characters are UTF-16 units.
      hash = hash * 31 + (0xD800 + ((point - 0x10000) >> 10U));
      hash = hash * 31 + (0xDC00 + ((point - 0x10000) & 0x3FFU));
    } else {
      hash = hash * 31 + point;
    }
  }
  // Kafka's Utils.abs: -2^31 is 0.
  const auto code = static_cast<std::int32_t>(hash);
  if (code == std::numeric_limits<std::int32_t>::min()) {
    return 0;
  }
  return std::abs(code) % partitions;
}

Result<void> apply_record(std::string_view key,
                          const std::optional<std::string_view>& value,
                          LoadedGroups& groups) {
  const std::int16_t type = TRY(wire::record_type(key));
  if (type == wire::OffsetCommitKey::kRecordType) {
    return apply_offset<wire::OffsetCommitKey>(key, value, groups);
  }
  if (type == wire::LegacyOffsetCommitKey::kRecordType) {
    return apply_offset<wire::LegacyOffsetCommitKey>(key, value, groups);
  }
  if (type == wire::GroupMetadataKey::kRecordType) {
    return apply_group(key, value, groups);
  }
  return {};
}

namespace {

// A record that cannot be read is left out, with a warning.
Result<void> apply_batch(std::string_view bytes, std::int32_t partition, LoadedGroups& groups) {
  record::RecordReader records = TRY(record::RecordReader::open(bytes));
  if (records.header().control()) {
    return {};
  }
  record::RecordView view;
  while (TRY(records.next(view))) {
    const Result<void> applied =
        view.key ? apply_record(*view.key, view.value, groups) : Result<void>();
    if (!applied) {
      MR_LOG(warning,
             "a record of a group cannot be read",
             {"partition", partition},
             {"offset", view.offset.value()},
             {"error", applied.error().to_string()});
    }
  }
  return {};
}

}  // namespace

GroupStore::GroupStore(log::Log& log, const Clock& clock, const GroupConfig& config)
    : log_(log), clock_(clock), config_(config) {}

log::NewTopic GroupStore::topic() const {
  log::TopicConfig config = log::TopicConfig::compacted();
  config.segment_bytes = config_.offsets_segment_bytes;
  config.max_message_bytes = kRecordBytesMax;
  return {.name = std::string(kOffsetsTopic),
          .partitions = config_.offsets_partitions,
          .config = config};
}

Result<LoadedGroups> GroupStore::load() {
  LoadedGroups groups;
  const auto known = log_.topic(kOffsetsTopic);
  for (std::int32_t partition = 0; known && partition < known->partitions; ++partition) {
    TRY(load_partition(partition, groups));
  }
  return groups;
}

Result<void> GroupStore::load_partition(std::int32_t partition, LoadedGroups& groups) {
  const log::TopicPartition from = {std::string(kOffsetsTopic), PartitionId(partition)};
  const auto info = log_.describe(from);
  Offset at = info ? info->log_start_offset : Offset(0);
  const Offset end = info ? info->high_watermark : Offset(0);
  while (at < end) {
    const log::ReadResult read =
        TRY(log_.read(from, at, {.isolation = log::Isolation::kReadUncommitted}));
    if (read.error != Code::kNone || read.next_offset <= at) {
      break;
    }
    at = read.next_offset;
    for (const log::StoredBatch& batch : read.batches) {
      TRY(apply_batch(batch.bytes, partition, groups));
    }
  }
  return {};
}

bool GroupStore::ready() const {
  return log_.topic(kOffsetsTopic).has_value();
}

void GroupStore::prepare(CodeDone done) {
  log_.ensure_topic_async(topic(), [done = std::move(done)](const Result<log::TopicInfo>& made) {
    if (!made) {
      MR_LOG(error, "cannot make the topic of groups", {"error", made.error().to_string()});
    }
    done(made ? Code::kNone : Code::kCoordinatorNotAvailable);
  });
}

void GroupStore::put(std::string_view group,
                     const std::vector<GroupRecord>& records,
                     CodeDone done) {
  record::BatchBuilder builder;
  const std::int64_t now_ms = clock_.wall_ms();
  for (const GroupRecord& record : records) {
    builder.add({.timestamp_ms = now_ms, .key = record.key, .value = record.value});
  }
  Result<std::string> batch = builder.finish();
  MR_ASSERT(batch.has_value());
  const auto known = log_.topic(kOffsetsTopic);
  if (!known) {
    done(Code::kCoordinatorNotAvailable);  // Somebody has just deleted it.
    return;
  }
  log::Frame frame;
  frame.batches.push_back(
      {.to = {std::string(kOffsetsTopic), PartitionId(group_partition(group, known->partitions))},
       .batch = std::move(*batch)});
  log_.append(std::move(frame), [done = std::move(done)](const Result<log::AppendResult>& result) {
    if (!result) {
      MR_LOG(warning, "cannot store a group", {"error", result.error().to_string()});
    } else if (!result->ok()) {
      MR_LOG(warning,
             "the record of a group was refused",
             {"error", record::to_string(result->batches.front().error)},
             {"why", result->batches.front().message});
    }
    done(to_code(result));
  });
}

}  // namespace millrace::broker
