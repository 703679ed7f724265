#include <cstddef>
#include <utility>
#include <vector>

#include "broker/group_coordinator.h"
#include "broker/group_handlers.h"
#include "log/log.h"

namespace millrace::broker {

void handle_offset_delete(Services& services,
                          const RequestInfo& info,
                          wire::OffsetDeleteRequest request,
                          Reply<wire::OffsetDeleteResponse> reply) {
  static_cast<void>(info);
  wire::OffsetDeleteResponse response;
  std::vector<OffsetKey> keys;
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (const auto& topic : request.topics) {
    const auto known = services.log.topic(topic.name);
    auto& to = response.topics.emplace_back();
    to.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& row = to.partitions.emplace_back();
      row.partition_index = partition.partition_index;
      if (!known || partition.partition_index < 0 ||
          partition.partition_index >= known->partitions) {
        row.error_code = Code::kUnknownTopicOrPartition;
        continue;
      }
      keys.emplace_back(topic.name, partition.partition_index);
      places.emplace_back(response.topics.size() - 1, to.partitions.size() - 1);
    }
  }
  services.groups.delete_offsets(
      std::move(request.group_id),
      std::move(keys),
      [reply = std::move(reply), response = std::move(response), places = std::move(places)](
          const CommitAnswer& answer) mutable {
        if (answer.error != Code::kNone) {
          wire::OffsetDeleteResponse refused;
          refused.error_code = answer.error;
          reply.send(std::move(refused));
          return;
        }
        for (std::size_t i = 0; i < places.size(); ++i) {
          response.topics[places[i].first].partitions[places[i].second].error_code =
              answer.partitions.at(i);
        }
        reply.send(std::move(response));
      });
}

}  // namespace millrace::broker
