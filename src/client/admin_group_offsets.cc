#include <utility>

#include <fmt/format.h>

#include "client/admin.h"
#include "client/detail/ask_coordinator.h"
#include "wire/generated/offset_commit.h"
#include "wire/generated/offset_delete.h"
#include "wire/generated/offset_fetch.h"

namespace millrace::client {
namespace {

using wire::OffsetCommitRequest;
using wire::OffsetCommitResponse;
using wire::OffsetDeleteRequest;
using wire::OffsetDeleteResponse;
using wire::OffsetFetchRequest;
using wire::OffsetFetchResponse;

// From the next version on topics have ids instead of names.
constexpr std::int16_t kLastOffsetsWithNames = 9;
constexpr std::int16_t kSeveralGroups = 8;

template <class Topics>
void gather(const Topics& topics, CommittedOffsets& into) {
  for (const auto& topic : topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.error_code == KafkaError::kNone && partition.committed_offset >= 0) {
        into[{.topic = topic.name, .partition = PartitionId(partition.partition_index)}] = {
            .offset = Offset(partition.committed_offset),
            .leader_epoch = partition.committed_leader_epoch,
            .metadata = partition.metadata.value_or("")};
      }
    }
  }
}

KafkaError error_of(const OffsetFetchResponse& response) {
  return response.groups.empty() ? response.error_code : response.groups.front().error_code;
}

// An outcome for each that was asked for, in their order.
template <class Topics>
std::vector<PartitionOutcome> outcomes_of(std::span<const TopicPartition> asked,
                                          const Topics& topics) {
  std::map<TopicPartition, KafkaError> found;
  for (const auto& topic : topics) {
    for (const auto& partition : topic.partitions) {
      found[{.topic = topic.name, .partition = PartitionId(partition.partition_index)}] =
          partition.error_code;
    }
  }
  std::vector<PartitionOutcome> outcomes;
  for (const TopicPartition& each : asked) {
    const auto answer = found.find(each);
    Outcome outcome{.error = KafkaError::kUnknownServerError,
                    .message = "the broker did not answer for it"};
    if (answer != found.end()) {
      outcome = {.error = answer->second};
    }
    outcomes.push_back({.partition = each, .outcome = std::move(outcome)});
  }
  return outcomes;
}

template <class Topics>
KafkaError first_error(const Topics& topics) {
  for (const auto& topic : topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.error_code != KafkaError::kNone) {
        return partition.error_code;
      }
    }
  }
  return KafkaError::kNone;
}

}  // namespace

Result<CommittedOffsets> Admin::group_offsets(const std::string& group) {
  const auto build = [&group](std::int16_t version) {
    OffsetFetchRequest request;
    if (version >= kSeveralGroups) {
      request.groups.push_back({.group_id = group, .topics = std::nullopt});
    } else {
      request.group_id = group;
      request.topics.reset();
    }
    return request;
  };
  const auto response = TRY((ask_coordinator_built<OffsetFetchRequest, OffsetFetchResponse>(
      cluster_,
      group,
      {.deadline = cluster_.deadline(), .newest = kLastOffsetsWithNames},
      build,
      error_of)));
  const KafkaError error = error_of(response);
  if (error != KafkaError::kNone) {
    return to_error({.error = error}, fmt::format("offsets of group \"{}\"", group));
  }
  CommittedOffsets offsets;
  gather(response.topics, offsets);
  for (const auto& each : response.groups) {
    gather(each.topics, offsets);
  }
  return offsets;
}

Result<std::vector<PartitionOutcome>> Admin::commit_group_offsets(const std::string& group,
                                                                  const CommittedOffsets& offsets) {
  OffsetCommitRequest request{.group_id = group};
  std::vector<TopicPartition> asked;
  for (const auto& [partition, committed] : offsets) {
    if (request.topics.empty() || request.topics.back().name != partition.topic) {
      request.topics.push_back({.name = partition.topic});
    }
    request.topics.back().partitions.push_back({.partition_index = partition.partition.value(),
                                                .committed_offset = committed.offset.value(),
                                                .committed_leader_epoch = committed.leader_epoch,
                                                .committed_metadata = committed.metadata});
    asked.push_back(partition);
  }
  const auto response = TRY(ask_coordinator<OffsetCommitResponse>(
      cluster_,
      group,
      {.deadline = cluster_.deadline(), .newest = kLastOffsetsWithNames},
      request,
      [](const auto& answer) { return first_error(answer.topics); }));
  return outcomes_of(asked, response.topics);
}

Result<std::vector<PartitionOutcome>> Admin::delete_group_offsets(
    const std::string& group, std::span<const TopicPartition> partitions) {
  OffsetDeleteRequest request{.group_id = group};
  std::map<std::string, std::size_t> places;
  for (const TopicPartition& each : partitions) {
    const auto [place, added] = places.try_emplace(each.topic, request.topics.size());
    if (added) {
      request.topics.push_back({.name = each.topic});
    }
    request.topics[place->second].partitions.push_back({.partition_index = each.partition.value()});
  }
  const auto response = TRY(ask_coordinator<OffsetDeleteResponse>(
      cluster_, group, {.deadline = cluster_.deadline()}, request, [](const auto& answer) {
        return answer.error_code;
      }));
  if (response.error_code != KafkaError::kNone) {
    return to_error({.error = response.error_code}, fmt::format("group \"{}\"", group));
  }
  return outcomes_of(partitions, response.topics);
}

}  // namespace millrace::client
