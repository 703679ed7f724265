// OffsetForLeaderEpoch: on one node there is one epoch, 0, and it ends where the log ends.
#include <optional>

#include "broker/handlers.h"
#include "broker/leader_epoch.h"
#include "broker/request_metrics.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::KafkaError;
using EpochRequest = wire::OffsetForLeaderEpochRequest;
using EpochResponse = wire::OffsetForLeaderEpochResponse;

EpochResponse::EpochEndOffset end_of_epoch(const log::Log& log,
                                           const std::string& topic,
                                           const EpochRequest::OffsetForLeaderPartition& asked) {
  EpochResponse::EpochEndOffset answer{.partition = asked.partition};
  const std::optional<log::PartitionInfo> info =
      log.describe({.topic = topic, .partition = PartitionId(asked.partition)});
  if (!info) {
    answer.error_code = KafkaError::kUnknownTopicOrPartition;
    return answer;
  }
  answer.error_code = check_leader_epoch(asked.current_leader_epoch);
  if (answer.error_code == KafkaError::kNone && asked.leader_epoch == kLeaderEpoch) {
    answer.leader_epoch = kLeaderEpoch;
    answer.end_offset = info->high_watermark.value();
  }
  return answer;
}

}  // namespace

void handle_offset_for_leader_epoch(Services& services,
                                    const RequestInfo& /*info*/,
                                    EpochRequest request,
                                    Reply<EpochResponse> reply) {
  EpochResponse response;
  for (const EpochRequest::OffsetForLeaderTopic& topic : request.topics) {
    EpochResponse::OffsetForLeaderTopicResult& result = response.topics.emplace_back();
    result.topic = topic.topic;
    for (const EpochRequest::OffsetForLeaderPartition& partition : topic.partitions) {
      result.partitions.push_back(end_of_epoch(services.log, topic.topic, partition));
      services.counts.note_error(result.partitions.back().error_code);
    }
  }
  reply.send(std::move(response));
}

}  // namespace millrace::broker
