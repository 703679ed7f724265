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

/// What topics have where nothing was set of them, and from where, at one moment: made once for all
/// topics of a request. Immutable.
class TopicDefaults {
 public:
  explicit TopicDefaults(const BrokerSettings& settings);

  /// All of a topic's, by name, from what was set of it.
  [[nodiscard]] std::vector<DescribedConfig> describe(const log::ConfigMap& settings) const;
  /// The value of one; empty for a name that is none.
  [[nodiscard]] std::string value(std::string_view name) const;

 private:
  std::vector<DescribedConfig> rows_;  // By name.
};

/// All of the broker's, by name.
std::vector<DescribedConfig> describe_broker_configs(const BrokerSettings& settings);
/// What was changed for all of the cluster.
std::vector<DescribedConfig> describe_cluster_configs(const BrokerSettings& settings);

ConfigType topic_config_type(std::string_view name);

/// Whether these are names and values of topic settings: kInvalidArgument in Kafka's words.
Result<void> check_topic_configs(const log::ConfigMap& settings, const BrokerValues& broker);

}  // namespace millrace::broker
