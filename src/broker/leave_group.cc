#include <utility>

#include "broker/group_coordinator.h"
#include "broker/group_handlers.h"

namespace millrace::broker {
namespace {

constexpr std::int16_t kSeveralMembersVersion = 3;

wire::LeaveGroupResponse to_leave_response(LeaveAnswer answer, std::int16_t version) {
  wire::LeaveGroupResponse response;
  response.error_code = answer.error;
  if (version < kSeveralMembersVersion) {
    if (answer.error == Code::kNone && !answer.members.empty()) {
      response.error_code = answer.members.front().second;
    }
    return response;
  }
  for (auto& [member, code] : answer.members) {
    auto& to = response.members.emplace_back();
    to.member_id = std::move(member.member);
    to.group_instance_id = std::move(member.instance);
    to.error_code = code;
  }
  return response;
}

}  // namespace

void handle_leave_group(Services& services,
                        const RequestInfo& info,
                        wire::LeaveGroupRequest request,
                        Reply<wire::LeaveGroupResponse> reply) {
  LeaveRequest leave = {.group = std::move(request.group_id)};
  if (info.version < kSeveralMembersVersion) {
    leave.members.push_back({.member = std::move(request.member_id)});
  }
  for (auto& member : request.members) {
    leave.members.push_back(
        {.member = std::move(member.member_id), .instance = std::move(member.group_instance_id)});
  }
  services.groups.leave(std::move(leave),
                        [reply = std::move(reply), version = info.version](LeaveAnswer answer) {
                          reply.send(to_leave_response(std::move(answer), version));
                        });
}

}  // namespace millrace::broker
