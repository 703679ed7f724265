#include <algorithm>
#include <string>
#include <utility>

#include "broker/admin_handlers.h"
#include "broker/config_resources.h"
#include "broker/identity.h"
#include "log/log.h"

namespace millrace::broker {

void handle_list_config_resources(Services& services,
                                  const RequestInfo& info,
                                  wire::ListConfigResourcesRequest request,
                                  Reply<wire::ListConfigResourcesResponse> reply) {
  // Version 0 knows client metrics only, of which there are none here.
  wire::ListConfigResourcesResponse response;
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
  if (wanted(ConfigResource::kTopic)) {
    for (const log::TopicInfo& topic : services.log.topics()) {
      add(topic.name, ConfigResource::kTopic);
    }
  }
  if (wanted(ConfigResource::kBroker)) {
    add(std::to_string(services.identity.node_id), ConfigResource::kBroker);
  }
  if (wanted(ConfigResource::kBrokerLogger)) {
    add(std::to_string(services.identity.node_id), ConfigResource::kBrokerLogger);
  }
  reply.send(std::move(response));
}

}  // namespace millrace::broker
