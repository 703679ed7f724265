#include <utility>

#include "broker/group_coordinator.h"
#include "broker/group_handlers.h"

namespace millrace::broker {

void handle_heartbeat(Services& services,
                      const RequestInfo& info,
                      wire::HeartbeatRequest request,
                      Reply<wire::HeartbeatResponse> reply) {
  static_cast<void>(info);
  services.groups.heartbeat({.group = std::move(request.group_id),
                             .member = std::move(request.member_id),
                             .instance = std::move(request.group_instance_id),
                             .generation = request.generation_id},
                            [reply = std::move(reply)](Code code) {
                              wire::HeartbeatResponse response;
                              response.error_code = code;
                              reply.send(response);
                            });
}

}  // namespace millrace::broker
