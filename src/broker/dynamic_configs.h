// What was changed of the broker's configuration while it ran, kept in the log.
#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"
#include "broker/broker_settings.h"

namespace millrace::log {
class Log;
}  // namespace millrace::log

namespace millrace::broker {

/// Keeps them in the place of what was kept before; `done` is called on the log's thread.
void save_dynamic_configs(log::Log& log,
                          const DynamicConfigs& configs,
                          std::function<void(bool saved)> done);

/// The one setting of the cluster that is there from the beginning, as in a cluster of Kafka 4.3.
inline constexpr std::string_view kMinInsync = "min.insync.replicas";

/// What was kept, and the values of a new cluster where nothing was. kCorruption.
Result<DynamicConfigs> load_dynamic_configs(const log::Log& log, const BrokerSettings& settings);

}  // namespace millrace::broker
