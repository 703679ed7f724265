#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "broker/admin_handlers.h"
#include "broker/config_resources.h"
#include "broker/identity.h"
#include "broker/topic_settings.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::DescribeConfigsRequest;
using wire::DescribeConfigsResponse;
using wire::KafkaError;
using ConfigResult = DescribeConfigsResponse::DescribeConfigsResult;
using ConfigRow = DescribeConfigsResponse::DescribeConfigsResourceResult;

ConfigRow to_row(DescribedConfig config, const DescribeConfigsRequest& request) {
  ConfigRow row;
  row.name = std::move(config.name);
  row.value = std::move(config.value);
  row.read_only = config.read_only;
  row.config_source = static_cast<std::int8_t>(config.source);
  row.is_sensitive = config.sensitive;
  row.config_type = static_cast<std::int8_t>(config.type);
  row.documentation.reset();
  if (request.include_documentation && !config.sentence.empty()) {
    row.documentation = std::move(config.sentence);
  }
  if (request.include_synonyms) {
    for (ConfigSynonym& synonym : config.synonyms) {
      row.synonyms.push_back({.name = std::move(synonym.name),
                              .value = std::move(synonym.value),
                              .source = static_cast<std::int8_t>(synonym.source)});
    }
  }
  return row;
}

/// All configurations of the resource; the result says why when there is none.
std::vector<DescribedConfig> configs_of(const Services& services,
                                        const TopicDefaults& defaults,
                                        const DescribeConfigsRequest::DescribeConfigsResource& from,
                                        ConfigResult& result) {
  const auto refuse = [&](KafkaError error, std::string message) {
    result.error_code = error;
    result.error_message = std::move(message);
    return std::vector<DescribedConfig>();
  };
  switch (static_cast<ConfigResource>(from.resource_type)) {
    case ConfigResource::kTopic: {
      if (!log::valid_topic_name(from.resource_name)) {
        return refuse(KafkaError::kInvalidTopicException,
                      "Topic name is invalid: " + from.resource_name);
      }
      const auto topic = services.log.topic(from.resource_name);
      if (!topic) {
        return refuse(KafkaError::kUnknownTopicOrPartition,
                      "This server does not host this topic-partition.");
      }
      return defaults.describe(topic->settings);
    }
    case ConfigResource::kBroker:
      if (const auto refusal = refuse_broker_name(from.resource_name, services.identity.node_id)) {
        return refuse(KafkaError::kInvalidRequest, *refusal);
      }
      return from.resource_name.empty() ? describe_cluster_configs(services.settings)
                                        : describe_broker_configs(services.settings);
    case ConfigResource::kGroup:
      return {};
    case ConfigResource::kBrokerLogger:
    case ConfigResource::kClientMetrics:
      return {};
    case ConfigResource::kUnknown:
      break;
  }
  return refuse(KafkaError::kInvalidRequest,
                fmt::format("Unsupported resource type: {}", from.resource_type));
}

}  // namespace

std::optional<std::string> refuse_broker_name(const std::string& name, std::int32_t node) {
  if (name.empty() || name == std::to_string(node)) {
    return std::nullopt;
  }
  if (!config::parse_int(name)) {
    return fmt::format("Broker id must be an integer, but it is: {}", name);
  }
  return fmt::format(
      "Unexpected broker id, expected {} or empty string, but received {}", node, name);
}

void handle_describe_configs(Services& services,
                             const RequestInfo& info,
                             wire::DescribeConfigsRequest request,
                             Reply<wire::DescribeConfigsResponse> reply) {
  static_cast<void>(info);
  DescribeConfigsResponse response;
  const TopicDefaults defaults(services.settings);
  for (const auto& resource : request.resources) {
    auto& result = response.results.emplace_back();
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
    result.error_message.reset();
    for (DescribedConfig& config : configs_of(services, defaults, resource, result)) {
      const bool wanted = !resource.configuration_keys || resource.configuration_keys->empty() ||
                          std::ranges::find(*resource.configuration_keys, config.name) !=
                              resource.configuration_keys->end();
      if (wanted) {
        result.configs.push_back(to_row(std::move(config), request));
      }
    }
  }
  reply.send(std::move(response));
}

}  // namespace millrace::broker
