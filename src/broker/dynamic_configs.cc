#include "broker/dynamic_configs.h"

#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/log_line.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

constexpr const char* kConfigsPosition = "broker.configs";

}  // namespace

void save_dynamic_configs(log::Log& log,
                          const ConfigTexts& configs,
                          std::function<void(bool saved)> done) {
  log::Position position = {.name = kConfigsPosition};
  ByteWriter writer(position.value);
  for (const auto& [name, value] : configs) {
    writer.sized(name);
    writer.sized(value);
  }
  log::Frame frame;
  frame.positions.push_back(std::move(position));
  log.append(std::move(frame), [done = std::move(done)](const Result<log::AppendResult>& result) {
    if (!result) {
      MR_LOG(
          warning, "cannot store a change of configuration", {"error", result.error().to_string()});
    }
    done(result.has_value());
  });
}

Result<ConfigTexts> load_dynamic_configs(const log::Log& log) {
  ConfigTexts configs;
  const std::string kept = log.position(kConfigsPosition).value_or("");
  ByteReader reader(kept);
  while (!reader.done()) {
    const std::string name(reader.sized());
    configs[name] = reader.sized();
    if (!reader.ok()) {
      return Error(ErrorCode::kCorruption, "the broker's kept configuration cannot be read");
    }
  }
  return configs;
}

}  // namespace millrace::broker
