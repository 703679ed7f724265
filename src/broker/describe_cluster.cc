// DescribeCluster: one broker, which is its own controller.
#include "broker/authorized_operations.h"
#include "broker/handlers.h"
#include "broker/identity.h"
#include "broker/request_metrics.h"

namespace millrace::broker {

void handle_describe_cluster(Services& services,
                             const RequestInfo& info,
                             wire::DescribeClusterRequest request,
                             Reply<wire::DescribeClusterResponse> reply) {
  constexpr std::int8_t kBrokers = 1;
  constexpr std::int8_t kControllers = 2;
  wire::DescribeClusterResponse response;
  response.endpoint_type = request.endpoint_type;
  if (request.endpoint_type != kBrokers) {
    response.error_code = request.endpoint_type == kControllers
                              ? wire::KafkaError::kMismatchedEndpointType
                              : wire::KafkaError::kUnsupportedEndpointType;
    response.error_message = "this address is a broker's";
    services.counts.note_error(response.error_code);
    reply.send(std::move(response));
    return;
  }
  const Identity& identity = services.identity;
  const config::HostPort address = identity.address_for(info);
  response.cluster_id = identity.cluster_id;
  response.controller_id = identity.node_id;
  response.brokers.push_back(
      {.broker_id = identity.node_id, .host = address.host, .port = address.port});
  if (request.include_cluster_authorized_operations) {
    response.cluster_authorized_operations = kClusterOperations;
  }
  reply.send(std::move(response));
}

}  // namespace millrace::broker
