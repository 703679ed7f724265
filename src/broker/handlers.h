// The handlers of all APIs, each in the file of its name.
#pragma once

#include "broker/call.h"
#include "broker/services.h"
#include "wire/generated/api_versions.h"
#include "wire/generated/describe_cluster.h"
#include "wire/generated/fetch.h"
#include "wire/generated/init_producer_id.h"
#include "wire/generated/list_offsets.h"
#include "wire/generated/metadata.h"
#include "wire/generated/offset_for_leader_epoch.h"
#include "wire/generated/produce.h"
#include "wire/generated/sasl_handshake.h"

namespace millrace::broker {

void handle_api_versions(Services& services,
                         const RequestInfo& info,
                         wire::ApiVersionsRequest request,
                         Reply<wire::ApiVersionsResponse> reply);
void handle_describe_cluster(Services& services,
                             const RequestInfo& info,
                             wire::DescribeClusterRequest request,
                             Reply<wire::DescribeClusterResponse> reply);
void handle_fetch(Services& services,
                  const RequestInfo& info,
                  wire::FetchRequest request,
                  Reply<wire::FetchResponse> reply);
void handle_init_producer_id(Services& services,
                             const RequestInfo& info,
                             wire::InitProducerIdRequest request,
                             Reply<wire::InitProducerIdResponse> reply);
void handle_list_offsets(Services& services,
                         const RequestInfo& info,
                         wire::ListOffsetsRequest request,
                         Reply<wire::ListOffsetsResponse> reply);
void handle_metadata(Services& services,
                     const RequestInfo& info,
                     wire::MetadataRequest request,
                     Reply<wire::MetadataResponse> reply);
void handle_offset_for_leader_epoch(Services& services,
                                    const RequestInfo& info,
                                    wire::OffsetForLeaderEpochRequest request,
                                    Reply<wire::OffsetForLeaderEpochResponse> reply);
void handle_produce(Services& services,
                    const RequestInfo& info,
                    wire::ProduceRequest request,
                    Reply<wire::ProduceResponse> reply);
void handle_sasl_handshake(Services& services,
                           const RequestInfo& info,
                           wire::SaslHandshakeRequest request,
                           Reply<wire::SaslHandshakeResponse> reply);

}  // namespace millrace::broker
