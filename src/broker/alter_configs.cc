// AlterConfigs, which replaces everything, and IncrementalAlterConfigs, which changes a part.
#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "broker/admin_handlers.h"
#include "broker/broker_settings.h"
#include "broker/config_resources.h"
#include "broker/dynamic_configs.h"
#include "broker/gather.h"
#include "broker/identity.h"
#include "broker/topic_settings.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::KafkaError;

enum class ConfigOperation : std::int8_t {
  kSet = 0,
  kDelete = 1,
  kAppend = 2,
  kSubtract = 3
};

struct ConfigEdit {
  std::string name = {};
  ConfigOperation operation = ConfigOperation::kSet;
  std::optional<std::string> value = {};
};

/// What is to become of one resource.
struct ResourceEdit {
  std::int8_t type = 0;
  std::string name = {};
  bool replaces = false;  ///< All that is not named goes back to its default.
  std::vector<ConfigEdit> edits = {};
};

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    if (comma != 0) {
      items.emplace_back(text.substr(0, comma));
    }
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return items;
}

/// APPEND and SUBTRACT on a list.
std::string edit_list(std::string_view now, const ConfigEdit& edit) {
  std::vector<std::string> items = split_list(now);
  for (const std::string& item : split_list(edit.value.value_or(""))) {
    const auto found = std::ranges::find(items, item);
    if (edit.operation == ConfigOperation::kSubtract && found != items.end()) {
      items.erase(found);
    } else if (edit.operation == ConfigOperation::kAppend && found == items.end()) {
      items.push_back(item);
    }
  }
  return fmt::format("{}", fmt::join(items, ","));
}

/// Applies the edits to what was set before; `effective` has the values that lists grow from.
Result<log::ConfigMap> edit_map(log::ConfigMap given,
                                const log::ConfigMap& effective,
                                const ResourceEdit& resource,
                                const std::function<ConfigType(std::string_view)>& type_of) {
  if (resource.replaces) {
    given.clear();
  }
  for (const ConfigEdit& edit : resource.edits) {
    const bool list = type_of(edit.name) == ConfigType::kList;
    switch (edit.operation) {
      case ConfigOperation::kSet:
        if (!edit.value) {
          return Error(ErrorCode::kInvalidArgument, "Null value not supported for : " + edit.name);
        }
        given[edit.name] = *edit.value;
        break;
      case ConfigOperation::kDelete:
        given.erase(edit.name);
        break;
      case ConfigOperation::kAppend:
      case ConfigOperation::kSubtract: {
        if (!list) {
          return Error(
              ErrorCode::kInvalidArgument,
              fmt::format("Can't {} to key {} because its type is not LIST.",
                          edit.operation == ConfigOperation::kAppend ? "APPEND" : "SUBTRACT",
                          edit.name));
        }
        const auto now = effective.find(edit.name);
        given[edit.name] = edit_list(now == effective.end() ? "" : now->second, edit);
        break;
      }
      default:
        return Error(ErrorCode::kInvalidArgument,
                     fmt::format("Unknown operation type {}", static_cast<int>(edit.operation)));
    }
  }
  return given;
}

struct EditOutcome {
  KafkaError error = KafkaError::kNone;
  std::optional<std::string> message = {};
};

using EditDone = std::function<void(EditOutcome)>;

EditOutcome failed(KafkaError error, std::string message) {
  return {.error = error, .message = std::move(message)};
}

Result<log::TopicConfig> edited_topic(const log::TopicConfig& now,
                                      const ResourceEdit& resource,
                                      const BrokerValues& values) {
  const log::ConfigMap changed = TRY(edit_map(
      log::topic_config_changes(now), log::topic_config_to_map(now), resource, topic_config_type));
  return read_topic_configs(changed, values);
}

void edit_topic(Services& services,
                const ResourceEdit& resource,
                bool only_checked,
                EditDone done) {
  const auto topic = services.log.topic(resource.name);
  if (!topic) {
    done(failed(KafkaError::kUnknownTopicOrPartition,
                fmt::format("The topic '{}' does not exist.", resource.name)));
    return;
  }
  const std::shared_ptr<const BrokerValues> values = services.settings.values();
  const Result<log::TopicConfig> checked = edited_topic(topic->config, resource, *values);
  if (!checked) {
    done(failed(KafkaError::kInvalidConfig, checked.error().message()));
    return;
  }
  if (only_checked) {
    done({});
    return;
  }
  services.log.alter_config_async(
      resource.name,
      [resource, values](const log::TopicConfig& now) {
        return edited_topic(now, resource, *values);
      },
      [done = std::move(done)](const Result<log::TopicInfo>& altered) {
        done(altered ? EditOutcome{}
                     : failed(altered.error().code() == ErrorCode::kInvalidArgument
                                  ? KafkaError::kInvalidConfig
                                  : KafkaError::kKafkaStorageError,
                              altered.error().message()));
      });
}

EditOutcome check_broker_edit(Services& services, const ResourceEdit& resource) {
  if (const auto refusal = refuse_broker_name(resource.name, services.identity.node_id)) {
    return failed(KafkaError::kInvalidRequest, *refusal);
  }
  std::vector<std::string> fixed;
  for (const ConfigEdit& edit : resource.edits) {
    const BrokerConfigRow* const row = find_broker_config(edit.name);
    if (row == nullptr || row->scope == ConfigScope::kReadOnly) {
      fixed.push_back(edit.name);
    }
  }
  if (!fixed.empty()) {
    return failed(
        KafkaError::kInvalidRequest,
        fmt::format("Cannot update these configs dynamically: [{}]", fmt::join(fixed, ", ")));
  }
  return {};
}

void edit_broker(Services& services,
                 const ResourceEdit& resource,
                 bool only_checked,
                 EditDone done) {
  if (EditOutcome outcome = check_broker_edit(services, resource);
      outcome.error != KafkaError::kNone) {
    done(std::move(outcome));
    return;
  }
  log::ConfigMap effective;
  for (const ConfigEdit& edit : resource.edits) {
    if (auto text = services.settings.text(edit.name)) {
      effective[edit.name] = *text;
    }
  }
  const ConfigTexts before = services.settings.dynamic();
  Result<log::ConfigMap> changed = edit_map(before, effective, resource, [](std::string_view name) {
    const BrokerConfigRow* const row = find_broker_config(name);
    return row == nullptr ? ConfigType::kString : row->type;
  });
  Result<void> set =
      changed ? services.settings.set_dynamic(*changed) : Result<void>(std::move(changed).error());
  if (!set) {
    done(failed(KafkaError::kInvalidConfig, set.error().message()));
    return;
  }
  if (only_checked) {
    services.settings.set_dynamic(before).ignore_error("they were right before");
    done({});
    return;
  }
  save_dynamic_configs(
      services.log, services.settings.dynamic(), [done = std::move(done)](bool saved) {
        done(saved ? EditOutcome{}
                   : failed(KafkaError::kKafkaStorageError, "the change could not be stored"));
      });
}

void edit_resource(Services& services,
                   const ResourceEdit& resource,
                   bool only_checked,
                   EditDone done) {
  std::set<std::string_view> names;
  for (const ConfigEdit& edit : resource.edits) {
    if (!names.insert(edit.name).second) {
      done(failed(KafkaError::kInvalidRequest, "Error due to duplicate config keys"));
      return;
    }
  }
  switch (static_cast<ConfigResource>(resource.type)) {
    case ConfigResource::kTopic:
      edit_topic(services, resource, only_checked, std::move(done));
      return;
    case ConfigResource::kBroker:
      edit_broker(services, resource, only_checked, std::move(done));
      return;
    case ConfigResource::kUnknown:
    case ConfigResource::kBrokerLogger:
    case ConfigResource::kClientMetrics:
    case ConfigResource::kGroup:
      break;
  }
  done(failed(
      KafkaError::kInvalidRequest,
      fmt::format("Configurations of resource type {} cannot be changed here.", resource.type)));
}

template <class Request, class Response>
void alter(
    Services& services,
    const Request& request,
    Reply<Response> reply,
    const std::function<ResourceEdit(const typename Request::AlterConfigsResource&)>& to_edit) {
  const Gather<Response> gather(std::move(reply));
  gather.edit([&](Response& response) {
    for (const auto& resource : request.resources) {
      auto& to = response.responses.emplace_back();
      to.resource_type = resource.resource_type;
      to.resource_name = resource.resource_name;
      to.error_message.reset();
    }
  });
  for (std::size_t i = 0; i < request.resources.size(); ++i) {
    gather.expect();
    edit_resource(services,
                  to_edit(request.resources[i]),
                  request.validate_only,
                  [gather, i](EditOutcome outcome) {
                    gather.edit([&](Response& response) {
                      response.responses[i].error_code = outcome.error;
                      response.responses[i].error_message = std::move(outcome.message);
                    });
                    gather.done();
                  });
  }
  gather.done();
}

}  // namespace

void handle_alter_configs(Services& services,
                          const RequestInfo& info,
                          wire::AlterConfigsRequest request,
                          Reply<wire::AlterConfigsResponse> reply) {
  static_cast<void>(info);
  using Resource = wire::AlterConfigsRequest::AlterConfigsResource;
  alter<wire::AlterConfigsRequest, wire::AlterConfigsResponse>(
      services, request, std::move(reply), [](const Resource& resource) {
        ResourceEdit edit = {
            .type = resource.resource_type, .name = resource.resource_name, .replaces = true};
        for (const auto& config : resource.configs) {
          edit.edits.push_back({.name = config.name, .value = config.value});
        }
        return edit;
      });
}

void handle_incremental_alter_configs(Services& services,
                                      const RequestInfo& info,
                                      wire::IncrementalAlterConfigsRequest request,
                                      Reply<wire::IncrementalAlterConfigsResponse> reply) {
  static_cast<void>(info);
  using Resource = wire::IncrementalAlterConfigsRequest::AlterConfigsResource;
  alter<wire::IncrementalAlterConfigsRequest, wire::IncrementalAlterConfigsResponse>(
      services, request, std::move(reply), [](const Resource& resource) {
        ResourceEdit edit = {.type = resource.resource_type, .name = resource.resource_name};
        for (const auto& config : resource.configs) {
          edit.edits.push_back({.name = config.name,
                                .operation = static_cast<ConfigOperation>(config.config_operation),
                                .value = config.value});
        }
        return edit;
      });
}

}  // namespace millrace::broker
