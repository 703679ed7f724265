#include "broker/identity.h"

#include <optional>
#include <utility>

#include "base/random.h"
#include "base/uuid.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

constexpr std::string_view kClusterPosition = "broker.cluster-id";

}  // namespace

config::HostPort Identity::address_for(const RequestInfo& info) const {
  if (info.listener >= listeners.size()) {
    return {.host = info.server_host, .port = 0};
  }
  const ListenerOptions& listener = listeners[info.listener];
  if (!listener.advertised.host.empty()) {
    return listener.advertised;
  }
  const std::string& bound = listener.address.host;
  const bool any = bound.empty() || bound == "0.0.0.0" || bound == "::";
  return {.host = any ? info.server_host : bound, .port = listener.address.port};
}

Result<std::string> load_cluster_id(log::Log& log) {
  if (std::optional<std::string> known = log.position(kClusterPosition)) {
    return *std::move(known);
  }
  Random random = Random::from_system();
  std::string made = Uuid::random(random).to_base64();
  log::Frame frame;
  frame.positions.push_back({.name = std::string(kClusterPosition), .value = made});
  TRY_DOING(log.append_and_wait(std::move(frame)), "keep the cluster's id");
  return made;
}

}  // namespace millrace::broker
