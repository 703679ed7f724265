#include "broker/topic_settings.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
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

/// Every value that a broker setting has, the nearest first.
std::vector<ConfigSynonym> values_of(const BrokerConfigRow& row,
                                     const ConfigTexts& given,
                                     const DynamicConfigs& dynamic) {
  std::vector<ConfigSynonym> values;
  const auto add = [&](std::string_view value, ConfigSource source) {
    values.push_back(
        {.name = std::string(row.name), .value = std::string(value), .source = source});
  };
  if (const auto found = dynamic.broker.find(row.name); found != dynamic.broker.end()) {
    add(found->second, ConfigSource::kDynamicBroker);
  }
  if (const auto found = dynamic.cluster.find(row.name); found != dynamic.cluster.end()) {
    add(found->second, ConfigSource::kDynamicDefaultBroker);
  }
  if (const auto found = given.find(row.name); found != given.end()) {
    add(found->second, ConfigSource::kStaticBroker);
  }
  if (row.has_default()) {
    add(row.default_value, ConfigSource::kDefault);
  }
  return values;
}

/// The broker setting that is named as the synonym of each topic setting: the one in its own unit.
std::map<std::string_view, const BrokerConfigRow*> synonym_rows() {
  std::map<std::string_view, const BrokerConfigRow*> rows;
  for (const BrokerConfigRow& row : broker_config_rows()) {
    if (!row.topic.empty() && row.factor == 1) {
      rows.emplace(row.topic, &row);
    }
  }
  return rows;
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

TopicDefaults::TopicDefaults(const BrokerSettings& settings) {
  static const std::map<std::string_view, const BrokerConfigRow*> kSynonyms = synonym_rows();
  const DynamicConfigs dynamic = settings.dynamic();
  for (auto& [name, value] : log::topic_config_to_map(settings.values()->topic_defaults)) {
    const config::Option* const option = log::topic_options().find(name);
    MR_ASSERT(option != nullptr, "there is no topic setting {}", name);
    DescribedConfig row = {.name = name,
                           .value = std::move(value),
                           .type = topic_config_type(name),
                           .sentence = std::string(option->sentence)};
    const auto synonym = kSynonyms.find(name);
    if (synonym != kSynonyms.end()) {
      row.synonyms = values_of(*synonym->second, settings.given(), dynamic);
    } else if (name.starts_with("millrace.")) {
      row.synonyms.push_back({.name = name, .value = row.value});
    }
    if (!row.synonyms.empty()) {
      row.source = row.synonyms.front().source;
      // The log knows no other value of what has no effect.
      row.value = option->no_effect ? row.synonyms.front().value : row.value;
    }
    rows_.push_back(std::move(row));
  }
}

std::vector<DescribedConfig> TopicDefaults::describe(const log::ConfigMap& settings) const {
  std::vector<DescribedConfig> described = rows_;
  for (const auto& [name, value] : settings) {
    const auto row = std::ranges::lower_bound(described, name, {}, &DescribedConfig::name);
    if (row == described.end() || row->name != name) {
      continue;
    }
    row->value = value;
    row->source = ConfigSource::kTopic;
    row->synonyms.insert(row->synonyms.begin(),
                         {.name = name, .value = value, .source = ConfigSource::kTopic});
  }
  return described;
}

std::string TopicDefaults::value(std::string_view name) const {
  const auto row = std::ranges::lower_bound(rows_, name, {}, &DescribedConfig::name);
  return row == rows_.end() || row->name != name ? std::string() : row->value.value_or("");
}

namespace {

DescribedConfig describe_row(const BrokerConfigRow& row, std::vector<ConfigSynonym> values) {
  DescribedConfig config = {.name = std::string(row.name),
                            .type = row.type,
                            .read_only = row.scope == ConfigScope::kReadOnly,
                            .sensitive = row.type == ConfigType::kPassword,
                            .synonyms = std::move(values),
                            .sentence = row.effective
                                            ? "As in Apache Kafka."
                                            : "Kept and reported; it changes nothing here."};
  if (!config.synonyms.empty()) {
    config.source = config.synonyms.front().source;
    config.value = config.synonyms.front().value;
  }
  if (config.sensitive) {
    config.value.reset();
    for (ConfigSynonym& synonym : config.synonyms) {
      synonym.value.reset();
    }
  }
  return config;
}

}  // namespace

std::vector<DescribedConfig> describe_broker_configs(const BrokerSettings& settings) {
  const DynamicConfigs dynamic = settings.dynamic();
  std::vector<DescribedConfig> described;
  for (const BrokerConfigRow& row : broker_config_rows()) {
    if (!row.older) {
      described.push_back(describe_row(row, values_of(row, settings.given(), dynamic)));
    }
  }
  std::ranges::sort(described, {}, &DescribedConfig::name);
  return described;
}

std::vector<DescribedConfig> describe_cluster_configs(const BrokerSettings& settings) {
  std::vector<DescribedConfig> described;
  for (const auto& [name, value] : settings.dynamic().cluster) {
    const BrokerConfigRow* const row = find_broker_config(name);
    MR_ASSERT(row != nullptr, "there is no setting {}", name);
    described.push_back(describe_row(
        *row, {{.name = name, .value = value, .source = ConfigSource::kDynamicDefaultBroker}}));
  }
  return described;
}

Result<void> check_topic_configs(const log::ConfigMap& settings, const BrokerValues& broker) {
  for (const auto& [name, value] : settings) {
    if (log::topic_options().find(name) == nullptr) {
      return Error(ErrorCode::kInvalidArgument, "Unknown topic config name: " + name);
    }
    if (const auto refusal = refuse_text(name, value)) {
      return Error(ErrorCode::kInvalidArgument, *refusal);
    }
  }
  TRY(log::parse_topic_config(settings, broker.topic_defaults));
  return {};
}

}  // namespace millrace::broker
