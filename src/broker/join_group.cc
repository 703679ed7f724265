#include <utility>

#include "broker/group_coordinator.h"
#include "broker/group_handlers.h"

namespace millrace::broker {
namespace {

constexpr std::int16_t kKnownMemberVersion = 4;     // KIP-394
constexpr std::int16_t kNullProtocolVersion = 7;    // KIP-559
constexpr std::int16_t kSkipAssignmentVersion = 9;  // KIP-814

wire::JoinGroupResponse to_join_response(JoinAnswer answer, std::int16_t version) {
  wire::JoinGroupResponse response;
  response.error_code = answer.error;
  response.generation_id = answer.generation;
  response.protocol_type = std::move(answer.protocol_type);
  response.protocol_name = std::move(answer.protocol);
  if (version < kNullProtocolVersion && !response.protocol_name) {
    response.protocol_name = "";
  }
  response.leader = std::move(answer.leader);
  response.skip_assignment = answer.skip_assignment;
  response.member_id = std::move(answer.member);
  for (JoinedMember& member : answer.members) {
    auto& to = response.members.emplace_back();
    to.member_id = std::move(member.member);
    to.group_instance_id = std::move(member.instance);
    to.metadata = data::BlockSlice::copy(member.metadata);
  }
  return response;
}

}  // namespace

void handle_join_group(Services& services,
                       const RequestInfo& info,
                       wire::JoinGroupRequest request,
                       Reply<wire::JoinGroupResponse> reply) {
  JoinRequest join = {
      .group = std::move(request.group_id),
      .member = std::move(request.member_id),
      .instance = std::move(request.group_instance_id),
      .client_id = info.client_id,
      .client_host = "/" + info.client_host,
      .protocol_type = std::move(request.protocol_type),
      .session_ms = request.session_timeout_ms,
      // Version 0 has none.
      .rebalance_ms = info.version == 0 ? request.session_timeout_ms : request.rebalance_timeout_ms,
      .requires_known_member = info.version >= kKnownMemberVersion,
      .supports_skip_assignment = info.version >= kSkipAssignmentVersion};
  for (auto& protocol : request.protocols) {
    join.protocols.emplace_back(std::move(protocol.name), std::string(protocol.metadata.view()));
  }
  services.groups.join(std::move(join),
                       [reply = std::move(reply), version = info.version](JoinAnswer answer) {
                         reply.send(to_join_response(std::move(answer), version));
                       });
}

}  // namespace millrace::broker
