#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "client/admin.h"
#include "client/detail/ask.h"
#include "wire/generated/describe_configs.h"
#include "wire/generated/incremental_alter_configs.h"

namespace millrace::client {
namespace {

using wire::DescribeConfigsRequest;
using wire::DescribeConfigsResponse;
using wire::IncrementalAlterConfigsRequest;
using wire::IncrementalAlterConfigsResponse;

// A broker's own configs are known to that broker alone.
std::optional<std::int32_t> broker_of(const ConfigResource& resource) {
  const bool of_one =
      resource.type == ResourceType::kBroker || resource.type == ResourceType::kBrokerLogger;
  std::int32_t id = 0;
  const char* const end = resource.name.data() + resource.name.size();
  const auto [parsed, error] = std::from_chars(resource.name.data(), end, id);
  return of_one && error == std::errc() && parsed == end ? std::optional(id) : std::nullopt;
}

Result<Connection*> pick_for(Cluster& cluster,
                             const ConfigResource& resource,
                             const Deadline& deadline) {
  const std::optional<std::int32_t> broker = broker_of(resource);
  return broker ? cluster.node(*broker, deadline) : cluster.any(deadline);
}

ConfigDescription description_of(ConfigResource resource,
                                 DescribeConfigsResponse::DescribeConfigsResult& result) {
  ConfigDescription description{
      .resource = std::move(resource),
      .outcome = {.error = result.error_code, .message = result.error_message.value_or("")}};
  for (auto& config : result.configs) {
    const bool known = config.config_source >= 1 &&
                       config.config_source <= static_cast<std::int8_t>(ConfigSource::kGroup);
    description.entries.push_back(
        {.name = std::move(config.name),
         .value = config.is_sensitive ? std::nullopt : std::move(config.value),
         .source = known ? static_cast<ConfigSource>(config.config_source) : ConfigSource::kUnknown,
         .read_only = config.read_only,
         .sensitive = config.is_sensitive});
  }
  std::ranges::sort(description.entries, {}, &ConfigEntry::name);
  return description;
}

}  // namespace

std::string_view to_string(ConfigSource source) {
  switch (source) {
    case ConfigSource::kTopic:
      return "DYNAMIC_TOPIC_CONFIG";
    case ConfigSource::kDynamicBroker:
      return "DYNAMIC_BROKER_CONFIG";
    case ConfigSource::kDynamicDefaultBroker:
      return "DYNAMIC_DEFAULT_BROKER_CONFIG";
    case ConfigSource::kStaticBroker:
      return "STATIC_BROKER_CONFIG";
    case ConfigSource::kDefault:
      return "DEFAULT_CONFIG";
    case ConfigSource::kDynamicBrokerLogger:
      return "DYNAMIC_BROKER_LOGGER_CONFIG";
    case ConfigSource::kClientMetrics:
      return "DYNAMIC_CLIENT_METRICS_CONFIG";
    case ConfigSource::kGroup:
      return "DYNAMIC_GROUP_CONFIG";
    case ConfigSource::kUnknown:
      return "UNKNOWN";
  }
  return "UNKNOWN";
}

Result<std::vector<ConfigDescription>> Admin::describe_configs(
    std::span<const ConfigResource> resources) {
  const Deadline deadline = cluster_.deadline();
  std::map<std::optional<std::int32_t>, std::vector<std::size_t>> groups;
  std::vector<ConfigDescription> descriptions;
  for (const ConfigResource& resource : resources) {
    groups[broker_of(resource)].push_back(descriptions.size());
    descriptions.push_back({.resource = resource,
                            .outcome = {.error = KafkaError::kUnknownServerError,
                                        .message = "the broker did not answer for it"}});
  }
  for (const auto& [broker, members] : groups) {
    DescribeConfigsRequest request;
    for (const std::size_t member : members) {
      request.resources.push_back(
          {.resource_type = static_cast<std::int8_t>(resources[member].type),
           .resource_name = resources[member].name,
           .configuration_keys = std::nullopt});
    }
    const ConfigResource& first = resources[members.front()];
    auto response = TRY(ask<DescribeConfigsResponse>(
        cluster_,
        {.deadline = deadline},
        [&] { return pick_for(cluster_, first, deadline); },
        request));
    for (auto& result : response.results) {
      for (const std::size_t member : members) {
        const ConfigResource& resource = resources[member];
        if (resource.name == result.resource_name &&
            static_cast<std::int8_t>(resource.type) == result.resource_type) {
          descriptions[member] = description_of(resource, result);
          break;
        }
      }
    }
  }
  return descriptions;
}

Result<Outcome> Admin::alter_configs(const ConfigResource& resource,
                                     std::span<const ConfigChange> changes,
                                     bool validate_only) {
  const Deadline deadline = cluster_.deadline();
  IncrementalAlterConfigsRequest::AlterConfigsResource out{
      .resource_type = static_cast<std::int8_t>(resource.type), .resource_name = resource.name};
  for (const ConfigChange& change : changes) {
    const bool keeps_value = change.operation != ConfigOperation::kDelete;
    out.configs.push_back({.name = change.name,
                           .config_operation = static_cast<std::int8_t>(change.operation),
                           .value = keeps_value ? std::optional(change.value) : std::nullopt});
  }
  IncrementalAlterConfigsRequest request{.validate_only = validate_only};
  request.resources.push_back(std::move(out));
  const auto response = TRY(ask<IncrementalAlterConfigsResponse>(
      cluster_,
      {.deadline = deadline},
      [&] { return pick_for(cluster_, resource, deadline); },
      request));
  if (response.responses.size() != 1) {
    return Error(ErrorCode::kCorruption,
                 fmt::format("{} answered for {} resources, asked was one",
                             cluster_.name(),
                             response.responses.size()));
  }
  return Outcome{.error = response.responses.front().error_code,
                 .message = response.responses.front().error_message.value_or("")};
}

}  // namespace millrace::client
