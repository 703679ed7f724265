#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "broker/admin_handlers.h"
#include "broker/config_resources.h"
#include "broker/identity.h"
#include "broker/request_metrics.h"
#include "log/log.h"

namespace millrace::broker {

void handle_list_config_resources(Services& services,
                                  const RequestInfo& info,
                                  wire::ListConfigResourcesRequest request,
                                  Reply<wire::ListConfigResourcesResponse> reply) {
  wire::ListConfigResourcesResponse response;
  constexpr std::array kTypes = {ConfigResource::kTopic,
                                 ConfigResource::kBroker,
                                 ConfigResource::kBrokerLogger,
                                 ConfigResource::kClientMetrics,
                                 ConfigResource::kGroup};
  const bool known = std::ranges::all_of(request.resource_types, [&](std::int8_t type) {
    return std::ranges::find(kTypes, static_cast<ConfigResource>(type)) != kTypes.end();
  });
  if (!known) {
    response.error_code = wire::KafkaError::kUnsupportedVersion;
    services.counts.note_error(response.error_code);
    reply.send(std::move(response));
    return;
  }
  // Version 0 knows client metrics only, of which there are none here.
  const auto wanted = [&](ConfigResource type) {
    return info.version > 0 &&
           (request.resource_types.empty() ||
            std::ranges::find(request.resource_types, static_cast<std::int8_t>(type)) !=
                request.resource_types.end());
  };
  const auto add = [&](std::string name, ConfigResource type) {
    response.config_resources.push_back(
        {.resource_name = std::move(name), .resource_type = static_cast<std::int8_t>(type)});
  };
  if (wanted(ConfigResource::kBrokerLogger)) {
    add(std::to_string(services.identity.node_id), ConfigResource::kBrokerLogger);
  }
  if (wanted(ConfigResource::kBroker)) {
    add(std::to_string(services.identity.node_id), ConfigResource::kBroker);
  }
  if (wanted(ConfigResource::kTopic)) {
    for (const log::TopicInfo& topic : services.log.topics()) {
      add(topic.name, ConfigResource::kTopic);
    }
  }
  reply.send(std::move(response));
}

}  // namespace millrace::broker
