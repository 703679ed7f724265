// The APIs of groups: each translates a message into a call of GroupCoordinator and its answer
// back.
#pragma once

#include "broker/call.h"
#include "broker/services.h"
#include "wire/generated/delete_groups.h"
#include "wire/generated/describe_groups.h"
#include "wire/generated/find_coordinator.h"
#include "wire/generated/heartbeat.h"
#include "wire/generated/join_group.h"
#include "wire/generated/leave_group.h"
#include "wire/generated/list_groups.h"
#include "wire/generated/offset_commit.h"
#include "wire/generated/offset_delete.h"
#include "wire/generated/offset_fetch.h"
#include "wire/generated/sync_group.h"

namespace millrace::broker {

void handle_find_coordinator(Services& services,
                             const RequestInfo& info,
                             wire::FindCoordinatorRequest request,
                             Reply<wire::FindCoordinatorResponse> reply);
void handle_join_group(Services& services,
                       const RequestInfo& info,
                       wire::JoinGroupRequest request,
                       Reply<wire::JoinGroupResponse> reply);
void handle_sync_group(Services& services,
                       const RequestInfo& info,
                       wire::SyncGroupRequest request,
                       Reply<wire::SyncGroupResponse> reply);
void handle_heartbeat(Services& services,
                      const RequestInfo& info,
                      wire::HeartbeatRequest request,
                      Reply<wire::HeartbeatResponse> reply);
void handle_leave_group(Services& services,
                        const RequestInfo& info,
                        wire::LeaveGroupRequest request,
                        Reply<wire::LeaveGroupResponse> reply);
void handle_offset_commit(Services& services,
                          const RequestInfo& info,
                          wire::OffsetCommitRequest request,
                          Reply<wire::OffsetCommitResponse> reply);
void handle_offset_fetch(Services& services,
                         const RequestInfo& info,
                         wire::OffsetFetchRequest request,
                         Reply<wire::OffsetFetchResponse> reply);
void handle_offset_delete(Services& services,
                          const RequestInfo& info,
                          wire::OffsetDeleteRequest request,
                          Reply<wire::OffsetDeleteResponse> reply);
void handle_describe_groups(Services& services,
                            const RequestInfo& info,
                            wire::DescribeGroupsRequest request,
                            Reply<wire::DescribeGroupsResponse> reply);
void handle_list_groups(Services& services,
                        const RequestInfo& info,
                        wire::ListGroupsRequest request,
                        Reply<wire::ListGroupsResponse> reply);
void handle_delete_groups(Services& services,
                          const RequestInfo& info,
                          wire::DeleteGroupsRequest request,
                          Reply<wire::DeleteGroupsResponse> reply);

}  // namespace millrace::broker
