// InitProducerId, for idempotent producers.
#include <utility>

#include "base/log_line.h"
#include "broker/handlers.h"
#include "broker/producer_ids.h"
#include "broker/request_metrics.h"

namespace millrace::broker {

void handle_init_producer_id(Services& services,
                             const RequestInfo& /*info*/,
                             wire::InitProducerIdRequest request,
                             Reply<wire::InitProducerIdResponse> reply) {
  if (request.transactional_id) {
    // Nobody coordinates transactions here: there is no FindCoordinator for them either.
    wire::InitProducerIdResponse response{
        .error_code = request.transactional_id->empty() ? wire::KafkaError::kInvalidRequest
                                                        : wire::KafkaError::kUnsupportedVersion};
    services.counts.note_error(response.error_code);
    reply.send(response);
    return;
  }
  services.producers.take([reply = std::move(reply)](Result<ProducerId> id) {
    wire::InitProducerIdResponse response;
    if (id) {
      response.producer_id = id->value();
    } else {
      MR_LOG(warning, "no producer id could be given", {"reason", id.error().to_string()});
      response.error_code = wire::KafkaError::kCoordinatorNotAvailable;  // Clients try again.
    }
    reply.send(response);
  });
}

}  // namespace millrace::broker
