// SaslHandshake: nobody authenticates on a listener without SASL, and Kafka's words for that.
#include <utility>

#include "broker/handlers.h"
#include "broker/request_metrics.h"

namespace millrace::broker {

void handle_sasl_handshake(Services& services,
                           const RequestInfo& /*info*/,
                           wire::SaslHandshakeRequest /*request*/,
                           Reply<wire::SaslHandshakeResponse> reply) {
  wire::SaslHandshakeResponse response{.error_code = wire::KafkaError::kIllegalSaslState};
  services.counts.note_error(response.error_code);
  reply.send(std::move(response));
}

}  // namespace millrace::broker
