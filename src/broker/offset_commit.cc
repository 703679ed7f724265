#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "broker/group_coordinator.h"
#include "broker/group_handlers.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

constexpr std::int16_t kCommitTopicIdVersion = 10;

/// The answer with a code for each partition, and the places of those that go to the group.
struct CommitDraft {
  wire::OffsetCommitResponse response;
  std::vector<std::pair<std::size_t, std::size_t>> places;  // Topic, partition.
};

void fill_commit(CommitDraft& draft, const CommitAnswer& answer) {
  for (std::size_t i = 0; i < draft.places.size(); ++i) {
    const auto [topic, partition] = draft.places[i];
    draft.response.topics[topic].partitions[partition].error_code =
        answer.error != Code::kNone ? answer.error : answer.partitions.at(i);
  }
}

std::optional<log::TopicInfo> find_topic(
    const Services& services,
    std::int16_t version,
    const wire::OffsetCommitRequest::OffsetCommitRequestTopic& topic) {
  return version >= kCommitTopicIdVersion ? services.log.topic(topic.topic_id)
                                          : services.log.topic(topic.name);
}

}  // namespace

void handle_offset_commit(Services& services,
                          const RequestInfo& info,
                          wire::OffsetCommitRequest request,
                          Reply<wire::OffsetCommitResponse> reply) {
  CommitRequest commit = {.group = std::move(request.group_id),
                          .member = std::move(request.member_id),
                          .instance = std::move(request.group_instance_id),
                          .generation = request.generation_id_or_member_epoch};
  const std::int64_t now_ms = services.clock.wall_ms();
  // A retention of any length comes from outside.
  constexpr std::int64_t kForEver = std::numeric_limits<std::int64_t>::max();
  const std::int64_t kept_ms = request.retention_time_ms;
  const std::int64_t until_ms = kept_ms > kForEver - now_ms ? kForEver : now_ms + kept_ms;
  const std::int64_t expire_ms = kept_ms < 0 ? -1 : until_ms;
  CommitDraft draft;
  for (auto& topic : request.topics) {
    const std::optional<log::TopicInfo> known = find_topic(services, info.version, topic);
    auto& to = draft.response.topics.emplace_back();
    to.name = topic.name;
    to.topic_id = topic.topic_id;
    for (auto& partition : topic.partitions) {
      auto& answer = to.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      if (!known) {
        answer.error_code = info.version >= kCommitTopicIdVersion ? Code::kUnknownTopicId
                                                                  : Code::kUnknownTopicOrPartition;
        continue;
      }
      if (partition.partition_index < 0 || partition.partition_index >= known->partitions) {
        answer.error_code = Code::kUnknownTopicOrPartition;
        continue;
      }
      draft.places.emplace_back(draft.response.topics.size() - 1, to.partitions.size() - 1);
      commit.offsets.push_back(
          {.topic = known->name,
           .partition = partition.partition_index,
           .committed = {.offset = Offset(partition.committed_offset),
                         .leader_epoch = partition.committed_leader_epoch,
                         .metadata = std::move(partition.committed_metadata).value_or(""),
                         .commit_ms = now_ms,
                         .expire_ms = expire_ms}});
    }
  }
  services.groups.commit_offsets(
      std::move(commit),
      [reply = std::move(reply), draft = std::move(draft)](const CommitAnswer& answer) mutable {
        fill_commit(draft, answer);
        reply.send(std::move(draft.response));
      });
}

}  // namespace millrace::broker
