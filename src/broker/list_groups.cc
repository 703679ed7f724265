#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "broker/group_coordinator.h"
#include "broker/group_handlers.h"

namespace millrace::broker {
namespace {

constexpr std::string_view kType = "classic";

/// Nothing asked for = everything.
bool passes(const std::vector<std::string>& filter, std::string_view value) {
  return filter.empty() || std::ranges::any_of(filter, [&](const std::string& wanted) {
           return equal_ignoring_case(wanted, value);
         });
}

}  // namespace

void handle_list_groups(Services& services,
                        const RequestInfo& info,
                        wire::ListGroupsRequest request,
                        Reply<wire::ListGroupsResponse> reply) {
  static_cast<void>(info);
  services.groups.list([reply = std::move(reply),
                        request = std::move(request)](std::vector<GroupDescription> groups) {
    wire::ListGroupsResponse response;
    for (GroupDescription& group : groups) {
      if (!passes(request.states_filter, group.state) || !passes(request.types_filter, kType)) {
        continue;
      }
      auto& to = response.groups.emplace_back();
      to.group_id = std::move(group.group);
      to.protocol_type = std::move(group.protocol_type);
      to.group_state = std::move(group.state);
      to.group_type = kType;
    }
    reply.send(std::move(response));
  });
}

}  // namespace millrace::broker
