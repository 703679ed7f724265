#include "broker/dynamic_configs.h"

#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/log_line.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

constexpr const char* kBrokerConfigsPosition = "broker.configs";
constexpr const char* kClusterConfigsPosition = "broker.configs.cluster";

log::Position to_position(const char* name, const ConfigTexts& configs) {
  log::Position position = {.name = name};
  ByteWriter writer(position.value);
  for (const auto& [key, value] : configs) {
    writer.sized(key);
    writer.sized(value);
  }
  return position;
}

Result<ConfigTexts> read_position(const log::Log& log, const char* name) {
  ConfigTexts configs;
  const std::string kept = log.position(name).value_or("");
  ByteReader reader(kept);
  while (!reader.done()) {
    const std::string key(reader.sized());
    configs[key] = reader.sized();
    if (!reader.ok()) {
      return Error(ErrorCode::kCorruption, "the broker's kept configuration cannot be read");
    }
  }
  return configs;
}

}  // namespace

void save_dynamic_configs(log::Log& log,
                          const DynamicConfigs& configs,
                          std::function<void(bool saved)> done) {
  log::Frame frame;
  frame.positions.push_back(to_position(kBrokerConfigsPosition, configs.broker));
  frame.positions.push_back(to_position(kClusterConfigsPosition, configs.cluster));
  log.append(std::move(frame), [done = std::move(done)](const Result<log::AppendResult>& result) {
    if (!result) {
      MR_LOG(
          warning, "cannot store a change of configuration", {"error", result.error().to_string()});
    }
    done(result.has_value());
  });
}

Result<DynamicConfigs> load_dynamic_configs(const log::Log& log, const BrokerSettings& settings) {
  DynamicConfigs configs;
  configs.broker = TRY(read_position(log, kBrokerConfigsPosition));
  configs.cluster = TRY(read_position(log, kClusterConfigsPosition));
  configs.cluster.try_emplace(std::string(kMinInsync), settings.text(kMinInsync).value_or("1"));
  return configs;
}

}  // namespace millrace::broker
