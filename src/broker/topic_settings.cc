#include "broker/topic_settings.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "config/option_table.h"

namespace millrace::broker {
namespace {

constexpr std::array<std::string_view, 8> kIntegers = {"compression.gzip.level",
                                                       "compression.lz4.level",
                                                       "compression.zstd.level",
                                                       "index.interval.bytes",
                                                       "max.message.bytes",
                                                       "min.insync.replicas",
                                                       "segment.bytes",
                                                       "segment.index.bytes"};

std::string_view type_name(ConfigType type) {
  switch (type) {
    case ConfigType::kInt:
      return "INT";
    case ConfigType::kShort:
      return "SHORT";
    case ConfigType::kLong:
      return "LONG";
    case ConfigType::kDouble:
      return "DOUBLE";
    case ConfigType::kBoolean:
      return "BOOLEAN";
    case ConfigType::kList:
      return "LIST";
    case ConfigType::kClass:
      return "CLASS";
    case ConfigType::kPassword:
      return "PASSWORD";
    case ConfigType::kString:
      return "STRING";
  }
  return "STRING";
}

/// Why the text is no value of the type; nothing when it may be one.
std::optional<std::string> refuse_text(std::string_view name, std::string_view text) {
  const ConfigType type = topic_config_type(name);
  const bool integer = type == ConfigType::kInt || type == ConfigType::kLong;
  const bool number = integer || type == ConfigType::kDouble;
  if ((integer && !config::parse_int(text)) ||
      (type == ConfigType::kDouble && !config::parse_double(text))) {
    return fmt::format("Invalid value {} for configuration {}: Not a number of type {}",
                       text.substr(0, 200),
                       name,
                       type_name(type));
  }
  if (!number && type == ConfigType::kBoolean && !config::parse_bool(text)) {
    return fmt::format(
        "Invalid value {} for configuration {}: Expected value to be either true or false",
        text.substr(0, 200),
        name);
  }
  return std::nullopt;
}

/// The broker's values that stand behind a topic's, the nearest first.
std::vector<ConfigSynonym> broker_synonyms(std::string_view topic_name,
                                           const BrokerSettings& settings) {
  std::vector<ConfigSynonym> synonyms;
  const ConfigTexts dynamic = settings.dynamic();
  for (const BrokerConfigRow& row : broker_config_rows()) {
    if (row.topic != topic_name) {
      continue;
    }
    if (const auto found = dynamic.find(row.name); found != dynamic.end()) {
      synonyms.push_back({.name = std::string(row.name),
                          .value = found->second,
                          .source = ConfigSource::kDynamicBroker});
    }
    if (const auto found = settings.given().find(row.name); found != settings.given().end()) {
      synonyms.push_back({.name = std::string(row.name),
                          .value = found->second,
                          .source = ConfigSource::kStaticBroker});
    }
    if (!row.default_value.empty() || row.type == ConfigType::kList) {
      synonyms.push_back({.name = std::string(row.name),
                          .value = std::string(row.default_value),
                          .source = ConfigSource::kDefault});
    }
  }
  std::ranges::stable_sort(synonyms, {}, &ConfigSynonym::source);
  return synonyms;
}

}  // namespace

ConfigType topic_config_type(std::string_view name) {
  if (std::ranges::find(kIntegers, name) != kIntegers.end()) {
    return ConfigType::kInt;
  }
  if (name == "cleanup.policy" || name.ends_with(".throttled.replicas")) {
    return ConfigType::kList;
  }
  const config::Option* const option = log::topic_options().find(name);
  if (option == nullptr) {
    return ConfigType::kString;
  }
  switch (option->type) {
    case config::OptionType::kInt:
      return ConfigType::kLong;
    case config::OptionType::kDouble:
      return ConfigType::kDouble;
    case config::OptionType::kBool:
      return ConfigType::kBoolean;
    case config::OptionType::kList:
      return ConfigType::kList;
    case config::OptionType::kString:
    case config::OptionType::kDuration:
    case config::OptionType::kBytes:
    case config::OptionType::kEnum:
    case config::OptionType::kUrl:
    case config::OptionType::kHostPort:
    case config::OptionType::kHostPortList:
      return ConfigType::kString;
  }
  return ConfigType::kString;
}

std::vector<DescribedConfig> describe_topic_configs(const log::TopicConfig& config,
                                                    const BrokerSettings& settings) {
  static const log::ConfigMap kDefaults = log::topic_config_to_map({});
  const log::ConfigMap broker_defaults =
      log::topic_config_to_map(settings.values()->topic_defaults);
  std::vector<DescribedConfig> described;
  for (auto& [name, value] : log::topic_config_to_map(config)) {
    const auto given = config.given.texts.find(name);
    DescribedConfig row = {.name = name,
                           .value = given == config.given.texts.end() ? value : given->second,
                           .type = topic_config_type(name)};
    const config::Option* const option = log::topic_options().find(name);
    row.sentence = option == nullptr ? "" : std::string(option->sentence);
    std::vector<ConfigSynonym> synonyms = broker_synonyms(name, settings);
    const auto by_broker = broker_defaults.find(name);
    const auto by_default = kDefaults.find(name);
    const bool as_broker = by_broker != broker_defaults.end() && by_broker->second == value;
    if (given != config.given.texts.end() || !as_broker) {
      row.source = ConfigSource::kTopic;
      row.synonyms.push_back({.name = name, .value = row.value, .source = ConfigSource::kTopic});
    } else if (!synonyms.empty() && synonyms.front().source != ConfigSource::kDefault) {
      row.source = synonyms.front().source;
    }
    if (synonyms.empty() && by_default != kDefaults.end()) {
      synonyms.push_back({.name = name, .value = by_default->second});
    }
    row.synonyms.insert(row.synonyms.end(),
                        std::make_move_iterator(synonyms.begin()),
                        std::make_move_iterator(synonyms.end()));
    described.push_back(std::move(row));
  }
  return described;
}

std::vector<DescribedConfig> describe_broker_configs(const BrokerSettings& settings) {
  const ConfigTexts dynamic = settings.dynamic();
  std::vector<DescribedConfig> described;
  for (const BrokerConfigRow& row : broker_config_rows()) {
    DescribedConfig config = {.name = std::string(row.name),
                              .value = settings.text(row.name),
                              .type = row.type,
                              .read_only = row.scope == ConfigScope::kReadOnly,
                              .sensitive = row.type == ConfigType::kPassword};
    const auto add = [&](std::string_view value, ConfigSource source) {
      config.synonyms.push_back(
          {.name = config.name, .value = std::string(value), .source = source});
    };
    if (const auto found = dynamic.find(row.name); found != dynamic.end()) {
      add(found->second, ConfigSource::kDynamicBroker);
    }
    if (const auto found = settings.given().find(row.name); found != settings.given().end()) {
      add(found->second, ConfigSource::kStaticBroker);
    }
    if (!row.default_value.empty() || row.type == ConfigType::kList) {
      add(row.default_value, ConfigSource::kDefault);
    }
    if (!config.synonyms.empty()) {
      config.source = config.synonyms.front().source;
    }
    if (config.sensitive) {
      config.value.reset();
      for (ConfigSynonym& synonym : config.synonyms) {
        synonym.value.reset();
      }
    }
    described.push_back(std::move(config));
  }
  std::ranges::sort(described, {}, &DescribedConfig::name);
  return described;
}

Result<log::TopicConfig> read_topic_configs(const log::ConfigMap& values,
                                            const BrokerValues& broker) {
  for (const auto& [name, value] : values) {
    if (log::topic_options().find(name) == nullptr) {
      return Error(ErrorCode::kInvalidArgument, "Unknown topic config name: " + name);
    }
    if (const auto refusal = refuse_text(name, value)) {
      return Error(ErrorCode::kInvalidArgument, *refusal);
    }
  }
  return log::parse_topic_config(values, broker.topic_defaults);
}

}  // namespace millrace::broker
