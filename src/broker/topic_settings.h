// Topic configurations as clients see and change them: types, sources, synonyms, Kafka's words for
// what is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "broker/broker_settings.h"
#include "log/log.h"

namespace millrace::broker {

/// DescribeConfigs's numbers.
enum class ConfigSource : std::int8_t {
  kTopic = 1,
  kDynamicBroker = 2,
  kDynamicDefaultBroker = 3,
  kStaticBroker = 4,
  kDefault = 5,
  kGroup = 8
};

struct ConfigSynonym {
  std::string name = {};
  std::optional<std::string> value = {};
  ConfigSource source = ConfigSource::kDefault;
};

/// One configuration as DescribeConfigs has it.
struct DescribedConfig {
  std::string name = {};
  std::optional<std::string> value = {};
  ConfigType type = ConfigType::kString;
  ConfigSource source = ConfigSource::kDefault;
  bool read_only = false;
  bool sensitive = false;
  std::vector<ConfigSynonym> synonyms = {};
  std::string sentence = {};
};

/// All of a topic's, by name.
std::vector<DescribedConfig> describe_topic_configs(const log::TopicConfig& config,
                                                    const BrokerSettings& settings);
/// All of the broker's, by name.
std::vector<DescribedConfig> describe_broker_configs(const BrokerSettings& settings);

ConfigType topic_config_type(std::string_view name);

/// Reads names and values over the broker's defaults; kInvalidArgument in Kafka's words.
Result<log::TopicConfig> read_topic_configs(const log::ConfigMap& values,
                                            const BrokerValues& broker);

}  // namespace millrace::broker
