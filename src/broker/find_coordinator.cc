#include <optional>
#include <string>
#include <utility>

#include "broker/group_handlers.h"
#include "broker/identity.h"

namespace millrace::broker {
namespace {

constexpr std::int16_t kSeveralKeysVersion = 4;

enum class KeyType : std::int8_t {
  kGroup = 0,
  kTransaction = 1,
  kShare = 2
};

/// Why there is no coordinator for the key; nothing when there is one.
std::optional<std::string> refuse(std::int8_t type) {
  switch (static_cast<KeyType>(type)) {
    case KeyType::kGroup:
      return std::nullopt;
    case KeyType::kTransaction:
      return "Transactions are not served here.";
    case KeyType::kShare:
      return "Share groups are not served here.";
  }
  return "There is no coordinator of key type " + std::to_string(type) + ".";
}

}  // namespace

void handle_find_coordinator(Services& services,
                             const RequestInfo& info,
                             wire::FindCoordinatorRequest request,
                             Reply<wire::FindCoordinatorResponse> reply) {
  const config::HostPort address = services.identity.address_for(info);
  if (info.version < kSeveralKeysVersion) {
    request.coordinator_keys = {std::move(request.key)};
  }
  wire::FindCoordinatorResponse response;
  for (std::string& key : request.coordinator_keys) {
    auto& to = response.coordinators.emplace_back();
    std::optional<std::string> refusal = refuse(request.key_type);
    to.key = std::move(key);
    if (refusal) {
      to.node_id = -1;
      to.port = -1;
      to.error_code = wire::KafkaError::kInvalidRequest;
      to.error_message = std::move(refusal);
      continue;
    }
    to.node_id = services.identity.node_id;
    to.host = address.host;
    to.port = address.port;
    to.error_message = "";
  }
  if (info.version < kSeveralKeysVersion) {
    auto& only = response.coordinators.front();
    response.error_code = only.error_code;
    response.error_message = std::move(only.error_message);
    response.node_id = only.node_id;
    response.host = std::move(only.host);
    response.port = only.port;
    response.coordinators.clear();
  }
  reply.send(std::move(response));
}

}  // namespace millrace::broker
