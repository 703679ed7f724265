#include "broker/log_settings.h"

#include <algorithm>
#include <cstdint>
#include <memory>

#include "broker/broker_settings.h"
#include "broker/dynamic_configs.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

Result<std::unique_ptr<BrokerSettings>> parse(const std::map<std::string, std::string>& settings) {
  return BrokerSettings::parse(ConfigTexts(settings.begin(), settings.end()));
}

}  // namespace

Result<void> apply_log_settings(const std::map<std::string, std::string>& settings,
                                log::LogOptions& options) {
  const std::unique_ptr<BrokerSettings> read = TRY(parse(settings));
  options.housekeeping_interval_ms = read->number("log.retention.check.interval.ms");
  options.checkpoint_interval_ms =
      std::max<std::int64_t>(read->number("log.flush.offset.checkpoint.interval.ms"), 1);
  return {};
}

Result<void> apply_topic_defaults(const std::map<std::string, std::string>& settings,
                                  log::Log& log) {
  const std::unique_ptr<BrokerSettings> read = TRY(parse(settings));
  TRY(read->set_dynamic(TRY(load_dynamic_configs(log, *read))));
  return log.set_topic_defaults(read->values()->topic_defaults);
}

}  // namespace millrace::broker
