#include <utility>

#include "broker/group_coordinator.h"
#include "broker/group_handlers.h"

namespace millrace::broker {

void handle_sync_group(Services& services,
                       const RequestInfo& info,
                       wire::SyncGroupRequest request,
                       Reply<wire::SyncGroupResponse> reply) {
  static_cast<void>(info);
  SyncRequest sync = {.group = std::move(request.group_id),
                      .member = std::move(request.member_id),
                      .instance = std::move(request.group_instance_id),
                      .generation = request.generation_id,
                      .protocol_type = std::move(request.protocol_type),
                      .protocol = std::move(request.protocol_name)};
  for (auto& assignment : request.assignments) {
    sync.assignments.emplace_back(std::move(assignment.member_id),
                                  std::string(assignment.assignment.view()));
  }
  services.groups.sync(std::move(sync), [reply = std::move(reply)](SyncAnswer answer) {
    wire::SyncGroupResponse response;
    response.error_code = answer.error;
    response.protocol_type = std::move(answer.protocol_type);
    response.protocol_name = std::move(answer.protocol);
    response.assignment = data::BlockSlice::copy(answer.assignment);
    reply.send(std::move(response));
  });
}

}  // namespace millrace::broker
