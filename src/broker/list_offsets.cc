// ListOffsets: first and last offsets, and those of a time.
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "broker/handlers.h"
#include "broker/leader_epoch.h"
#include "broker/request_metrics.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::KafkaError;
using OffsetsRequest = wire::ListOffsetsRequest;
using OffsetsResponse = wire::ListOffsetsResponse;
using OffsetAnswer = OffsetsResponse::ListOffsetsPartitionResponse;

constexpr std::int16_t kFirstWithEpoch = 4;
// What a timestamp below zero asks for.
constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
constexpr std::int64_t kMaxTimestamp = -3;
constexpr std::int64_t kEarliestLocal = -4;
constexpr std::int64_t kLatestTiered = -5;
constexpr std::int64_t kEarliestPendingUpload = -6;

/// The first version of the request that knows it.
std::int16_t version_of(std::int64_t timestamp) {
  constexpr std::int16_t kNever = 32'767;
  if (timestamp >= kEarliest) {
    return 0;
  }
  switch (timestamp) {
    case kMaxTimestamp:
      return 7;
    case kEarliestLocal:
      return 8;
    case kLatestTiered:
      return 9;
    case kEarliestPendingUpload:
      return 11;
    default:
      return kNever;
  }
}

KafkaError offset_error(const Error& error) {
  return error.code() == ErrorCode::kNotFound ? KafkaError::kUnknownTopicOrPartition
                                              : KafkaError::kKafkaStorageError;
}

/// Answers for partitions. Owned by one thread.
class OffsetLookup {
 public:
  OffsetLookup(log::Log& log, std::int16_t version, bool committed)
      : log_(log), version_(version), committed_(committed) {}

  OffsetAnswer find(const std::string& topic, const OffsetsRequest::ListOffsetsPartition& asked) {
    OffsetAnswer answer{.partition_index = asked.partition_index};
    const log::TopicPartition name{.topic = topic, .partition = PartitionId(asked.partition_index)};
    const std::optional<log::PartitionInfo> info = log_.describe(name);
    if (!info) {
      answer.error_code = KafkaError::kUnknownTopicOrPartition;
    } else if (!seen_.insert({topic, asked.partition_index}).second) {
      answer.error_code = KafkaError::kInvalidRequest;
    } else if (version_ < version_of(asked.timestamp)) {
      answer.error_code = KafkaError::kUnsupportedVersion;
    } else {
      answer.error_code = check_leader_epoch(asked.current_leader_epoch);
    }
    if (answer.error_code == KafkaError::kNone) {
      fill(name, *info, asked.timestamp, answer);
    }
    if (version_ < kFirstWithEpoch) {
      answer.leader_epoch = -1;
    }
    return answer;
  }

 private:
  void fill(const log::TopicPartition& name,
            const log::PartitionInfo& info,
            std::int64_t timestamp,
            OffsetAnswer& answer) {
    const Offset end = committed_ ? info.last_stable_offset : info.high_watermark;
    if (timestamp == kLatest) {
      answer.offset = end.value();
      answer.leader_epoch = kLeaderEpoch;
    } else if (timestamp == kEarliest || timestamp == kEarliestLocal) {
      answer.offset = info.log_start_offset.value();
      answer.leader_epoch = kLeaderEpoch;
    } else if (timestamp >= 0 || timestamp == kMaxTimestamp) {
      const auto found = timestamp == kMaxTimestamp ? log_.offset_of_max_timestamp(name)
                                                    : log_.offset_for_timestamp(name, timestamp);
      if (!found) {
        answer.error_code = offset_error(found.error());
      } else if (found->has_value() && (*found)->offset < end) {
        answer.offset = (*found)->offset.value();
        answer.timestamp = (*found)->timestamp_ms;
        answer.leader_epoch = kLeaderEpoch;
      }
    }
    // What is about tiered storage finds nothing: there is none.
  }

  log::Log& log_;
  const std::int16_t version_;
  const bool committed_;
  std::set<std::pair<std::string, std::int32_t>> seen_;
};

}  // namespace

void handle_list_offsets(Services& services,
                         const RequestInfo& info,
                         OffsetsRequest request,
                         Reply<OffsetsResponse> reply) {
  constexpr std::int8_t kReadCommitted = 1;
  OffsetLookup lookup(services.log, info.version, request.isolation_level == kReadCommitted);
  OffsetsResponse response;
  for (const OffsetsRequest::ListOffsetsTopic& topic : request.topics) {
    OffsetsResponse::ListOffsetsTopicResponse& result = response.topics.emplace_back();
    result.name = topic.name;
    for (const OffsetsRequest::ListOffsetsPartition& partition : topic.partitions) {
      result.partitions.push_back(lookup.find(topic.name, partition));
      services.counts.note_error(result.partitions.back().error_code);
    }
  }
  reply.send(std::move(response));
}

}  // namespace millrace::broker
