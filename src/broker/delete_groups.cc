#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "broker/group_coordinator.h"
#include "broker/group_handlers.h"

namespace millrace::broker {

void handle_delete_groups(Services& services,
                          const RequestInfo& info,
                          wire::DeleteGroupsRequest request,
                          Reply<wire::DeleteGroupsResponse> reply) {
  static_cast<void>(info);
  std::vector<std::string> names = request.groups_names;
  services.groups.delete_groups(
      std::move(names),
      [reply = std::move(reply),
       groups = std::move(request.groups_names)](const std::vector<Code>& codes) {
        wire::DeleteGroupsResponse response;
        for (std::size_t i = 0; i < groups.size(); ++i) {
          auto& to = response.results.emplace_back();
          to.group_id = groups[i];
          to.error_code = codes.at(i);
        }
        reply.send(std::move(response));
      });
}

}  // namespace millrace::broker
