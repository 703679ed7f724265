// What configurations belong to, by the numbers of the protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace millrace::broker {

enum class ConfigResource : std::int8_t {
  kUnknown = 0,
  kTopic = 2,
  kBroker = 4,
  kBrokerLogger = 8,
  kClientMetrics = 16,
  kGroup = 32
};

/// Why the name is not this broker's (its id, or empty for all); nothing when it is.
std::optional<std::string> refuse_broker_name(const std::string& name, std::int32_t node);

}  // namespace millrace::broker
