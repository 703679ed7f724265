#include <string>
#include <utility>
#include <vector>

#include "broker/authorized_operations.h"
#include "broker/group_coordinator.h"
#include "broker/group_handlers.h"

namespace millrace::broker {
namespace {

constexpr std::int16_t kNotFoundVersion = 6;  // KIP-1043

wire::DescribeGroupsResponse::DescribedGroup to_group(GroupDescription from, std::int16_t version) {
  wire::DescribeGroupsResponse::DescribedGroup group;
  group.group_id = std::move(from.group);
  group.group_state = std::move(from.state);
  group.protocol_type = std::move(from.protocol_type);
  group.protocol_data = std::move(from.protocol);
  if (from.error == Code::kGroupIdNotFound && version >= kNotFoundVersion) {
    group.error_code = from.error;
    group.error_message = "Group " + group.group_id + " not found.";
  } else if (from.error != Code::kGroupIdNotFound) {
    group.error_code = from.error;
  }
  for (GroupDescription::Member& member : from.members) {
    auto& to = group.members.emplace_back();
    to.member_id = std::move(member.member);
    to.group_instance_id = std::move(member.instance);
    to.client_id = std::move(member.client_id);
    to.client_host = std::move(member.client_host);
    to.member_metadata = data::BlockSlice::copy(member.metadata);
    to.member_assignment = data::BlockSlice::copy(member.assignment);
  }
  return group;
}

}  // namespace

void handle_describe_groups(Services& services,
                            const RequestInfo& info,
                            wire::DescribeGroupsRequest request,
                            Reply<wire::DescribeGroupsResponse> reply) {
  services.groups.describe(
      std::move(request.groups),
      [reply = std::move(reply),
       version = info.version,
       operations = request.include_authorized_operations](std::vector<GroupDescription> groups) {
        wire::DescribeGroupsResponse response;
        for (GroupDescription& group : groups) {
          const bool known = group.error == Code::kNone;
          response.groups.push_back(to_group(std::move(group), version));
          if (operations && known) {
            response.groups.back().authorized_operations = kGroupOperations;
          }
        }
        reply.send(std::move(response));
      });
}

}  // namespace millrace::broker
