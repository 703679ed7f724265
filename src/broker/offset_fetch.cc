#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/gather.h"
#include "broker/group_coordinator.h"
#include "broker/group_handlers.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using Response = wire::OffsetFetchResponse;
using Group = wire::OffsetFetchRequest::OffsetFetchRequestGroup;
using GroupAnswer = wire::OffsetFetchResponse::OffsetFetchResponseGroup;
using TopicAnswer = wire::OffsetFetchResponse::OffsetFetchResponseTopics;

constexpr std::int16_t kFetchGroupsVersion = 8;
constexpr std::int16_t kFetchTopicIdVersion = 10;

void add(TopicAnswer& topic, std::int32_t partition, const CommittedOffset* committed) {
  auto& to = topic.partitions.emplace_back();
  to.partition_index = partition;
  to.metadata = "";
  to.committed_offset = -1;
  if (committed != nullptr) {
    to.committed_offset = committed->offset.value();
    to.committed_leader_epoch = committed->leader_epoch;
    to.metadata = committed->metadata;
  }
}

/// Everything that the group has committed.
void fill_all(const log::Log& log, GroupAnswer& answer, const OffsetMap& offsets) {
  for (const auto& [key, committed] : offsets) {
    if (answer.topics.empty() || answer.topics.back().name != key.first) {
      auto& topic = answer.topics.emplace_back();
      topic.name = key.first;
      if (const auto known = log.topic(key.first)) {
        topic.topic_id = known->id;
      }
    }
    add(answer.topics.back(), key.second, &committed);
  }
}

void fill_asked(const log::Log& log,
                std::int16_t version,
                const Group& group,
                GroupAnswer& answer,
                const OffsetMap& offsets) {
  for (const auto& asked : *group.topics) {
    auto& topic = answer.topics.emplace_back();
    topic.name = asked.name;
    topic.topic_id = asked.topic_id;
    if (version >= kFetchTopicIdVersion) {
      const auto known = log.topic(asked.topic_id);
      topic.name = known ? known->name : std::string();
    }
    for (const std::int32_t partition : asked.partition_indexes) {
      const auto found = offsets.find({topic.name, partition});
      add(topic, partition, found == offsets.end() ? nullptr : &found->second);
      if (version >= kFetchTopicIdVersion && topic.name.empty()) {
        topic.partitions.back().error_code = Code::kUnknownTopicId;
      }
    }
  }
}

/// Version 7 and lower have one group, and fields of their own for it.
Group single_group(wire::OffsetFetchRequest& request) {
  Group group{.group_id = std::move(request.group_id), .topics = std::nullopt};
  if (request.topics) {
    auto& topics = group.topics.emplace();
    for (auto& topic : *request.topics) {
      auto& to = topics.emplace_back();
      to.name = std::move(topic.name);
      to.partition_indexes = std::move(topic.partition_indexes);
    }
  }
  return group;
}

wire::OffsetFetchResponse single_response(GroupAnswer answer) {
  wire::OffsetFetchResponse response;
  response.error_code = answer.error_code;
  for (auto& topic : answer.topics) {
    auto& to = response.topics.emplace_back();
    to.name = std::move(topic.name);
    for (auto& partition : topic.partitions) {
      auto& row = to.partitions.emplace_back();
      row.partition_index = partition.partition_index;
      row.committed_offset = partition.committed_offset;
      row.committed_leader_epoch = partition.committed_leader_epoch;
      row.metadata = std::move(partition.metadata);
      row.error_code = partition.error_code;
    }
  }
  return response;
}

}  // namespace

void handle_offset_fetch(Services& services,
                         const RequestInfo& info,
                         wire::OffsetFetchRequest request,
                         Reply<wire::OffsetFetchResponse> reply) {
  const std::int16_t version = info.version;
  if (version < kFetchGroupsVersion) {
    request.groups.clear();
    request.groups.push_back(single_group(request));
    reply = reply_to<Response>([to = std::move(reply)](Response response) {
      to.send(single_response(std::move(response.groups.front())));
    });
  }
  const Gather<Response> gather(std::move(reply));
  gather.edit([&](Response& response) {
    for (const Group& group : request.groups) {
      auto& to = response.groups.emplace_back();
      to.group_id = group.group_id;
      to.error_code = group.group_id.empty() ? Code::kInvalidGroupId : Code::kNone;
    }
  });
  for (std::size_t i = 0; i < request.groups.size(); ++i) {
    Group& group = request.groups[i];
    if (group.group_id.empty()) {
      continue;
    }
    gather.expect();
    std::string name = group.group_id;
    services.groups.fetch_offsets(
        std::move(name),
        [gather, i, version, group = std::move(group), &log = services.log](
            const OffsetMap& offsets) {
          gather.edit([&](Response& response) {
            if (group.topics) {
              fill_asked(log, version, group, response.groups[i], offsets);
            } else {
              fill_all(log, response.groups[i], offsets);
            }
          });
          gather.done();
        });
  }
  gather.done();
}

}  // namespace millrace::broker
