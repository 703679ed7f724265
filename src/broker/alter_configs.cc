// AlterConfigs, which replaces everything, and IncrementalAlterConfigs, which changes a part.
#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
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
#include "broker/topic_changes.h"
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

/// Applies the edits to what was set before; `fallback` gives the values that lists grow from where
/// nothing was set.
Result<log::ConfigMap> edit_map(log::ConfigMap given,
                                const std::function<std::string(const std::string&)>& fallback,
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
        const auto now = given.find(edit.name);
        given[edit.name] = edit_list(now == given.end() ? fallback(edit.name) : now->second, edit);
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

/// Edits of one request. Owned by one thread.
class ConfigEdits {
 public:
  ConfigEdits(Services& services, bool only_checked)
      : services_(services),
        only_checked_(only_checked),
        values_(services.settings.values()),
        defaults_(std::make_shared<const TopicDefaults>(services.settings)) {}

  /// Checks what is to become of one resource, and makes it so unless it is only to be checked.
  void add(const ResourceEdit& resource, const EditDone& done);

  /// Topics are changed together, at the end.
  void run() { changes_.run(services_.log); }

 private:
  void edit_topic(const ResourceEdit& resource, const EditDone& done);
  void edit_broker(const ResourceEdit& resource, const EditDone& done);

  Services& services_;
  const bool only_checked_;
  const std::shared_ptr<const BrokerValues> values_;     // Shared with the settings.
  const std::shared_ptr<const TopicDefaults> defaults_;  // Shared with the changes under way.
  TopicChanges changes_;
};

void ConfigEdits::edit_topic(const ResourceEdit& resource, const EditDone& done) {
  const auto topic = services_.log.topic(resource.name);
  if (!topic) {
    done(failed(KafkaError::kUnknownTopicOrPartition,
                fmt::format("The topic '{}' does not exist.", resource.name)));
    return;
  }
  const auto edited = [resource, values = values_, defaults = defaults_](
                          const log::ConfigMap& now) -> Result<log::ConfigMap> {
    const auto fallback = [&](const std::string& name) {
      return defaults->value(name);
    };
    log::ConfigMap changed = TRY(edit_map(now, fallback, resource, topic_config_type));
    TRY(check_topic_configs(changed, *values));
    return changed;
  };
  if (const Result<log::ConfigMap> checked = edited(topic->settings); !checked) {
    done(failed(KafkaError::kInvalidConfig, checked.error().message()));
    return;
  }
  if (only_checked_) {
    done({});
    return;
  }
  changes_.add(log::AlteredTopic{.name = resource.name, .change = edited},
               [done](const Result<log::TopicInfo>& altered) {
                 done(altered ? EditOutcome{}
                              : failed(altered.error().code() == ErrorCode::kInvalidArgument
                                           ? KafkaError::kInvalidConfig
                                           : KafkaError::kKafkaStorageError,
                                       altered.error().message()));
               });
}

/// With eligible leader replicas, which a cluster of Kafka 4.3 has, all of it has one
/// min.insync.replicas.
EditOutcome check_insync_edit(const DynamicConfigs& now, const ResourceEdit& resource) {
  const auto edit = std::ranges::find(resource.edits, kMinInsync, &ConfigEdit::name);
  const bool named = edit != resource.edits.end();
  if (!resource.name.empty()) {
    return named
               ? failed(KafkaError::kInvalidConfig,
                        "Broker-level min.insync.replicas cannot be altered while ELR is enabled.")
               : EditOutcome();
  }
  const bool removed = named ? edit->operation == ConfigOperation::kDelete : resource.replaces;
  return removed && now.cluster.contains(kMinInsync)
             ? failed(KafkaError::kInvalidConfig,
                      "Cluster level min.insync.replicas cannot be removed while ELR is enabled.")
             : EditOutcome();
}

EditOutcome check_broker_edit(Services& services, const ResourceEdit& resource) {
  if (const auto refusal = refuse_broker_name(resource.name, services.identity.node_id)) {
    return failed(KafkaError::kInvalidRequest, *refusal);
  }
  std::vector<std::string> fixed;
  std::vector<std::string> of_one;
  for (const ConfigEdit& edit : resource.edits) {
    if (edit.operation == ConfigOperation::kDelete) {
      continue;  // Of what is not there, as well.
    }
    const BrokerConfigRow* const row = find_broker_config(edit.name);
    if (row == nullptr || row->scope == ConfigScope::kReadOnly) {
      fixed.push_back(edit.name);
    } else if (row->scope == ConfigScope::kPerBroker && resource.name.empty()) {
      of_one.push_back(edit.name);
    }
  }
  if (!fixed.empty()) {
    return failed(
        KafkaError::kInvalidRequest,
        fmt::format("Cannot update these configs dynamically: [{}]", fmt::join(fixed, ", ")));
  }
  if (!of_one.empty()) {
    return failed(
        KafkaError::kInvalidRequest,
        fmt::format("Cannot update these configs at default cluster level, broker id must "
                    "be specified: [{}]",
                    fmt::join(of_one, ", ")));
  }
  return check_insync_edit(services.settings.dynamic(), resource);
}

void ConfigEdits::edit_broker(const ResourceEdit& resource, const EditDone& done) {
  if (EditOutcome outcome = check_broker_edit(services_, resource);
      outcome.error != KafkaError::kNone) {
    done(std::move(outcome));
    return;
  }
  BrokerSettings& settings = services_.settings;
  const auto edited = [&](const DynamicConfigs& now) -> Result<DynamicConfigs> {
    const auto fallback = [&](const std::string& name) {
      return settings.text(name).value_or("");
    };
    DynamicConfigs changed = now;
    ConfigTexts& level = resource.name.empty() ? changed.cluster : changed.broker;
    level = TRY(edit_map(level, fallback, resource, [](std::string_view name) {
      const BrokerConfigRow* const row = find_broker_config(name);
      return row == nullptr ? ConfigType::kString : row->type;
    }));
    return changed;
  };
  Result<void> checked;
  if (only_checked_) {
    const Result<DynamicConfigs> changed = edited(settings.dynamic());
    checked = changed ? settings.check_dynamic(*changed)
                      : Error(changed.error().code(), changed.error().message());
  } else {
    checked = settings.edit_dynamic(edited, [&](const DynamicConfigs& changed) {
      services_.log.set_topic_defaults_async(settings.values()->topic_defaults,
                                             [](const Result<void>& set) {
                                               if (!set) {
                                                 set.error().ignore_error("the log is closed");
                                               }
                                             });
      save_dynamic_configs(services_.log, changed, [done](bool saved) {
        done(saved ? EditOutcome{}
                   : failed(KafkaError::kKafkaStorageError, "the change could not be stored"));
      });
    });
  }
  if (!checked) {
    done(failed(KafkaError::kInvalidRequest, checked.error().message()));
  } else if (only_checked_) {
    done({});
  }
}

void ConfigEdits::add(const ResourceEdit& resource, const EditDone& done) {
  std::set<std::string_view> names;
  for (const ConfigEdit& edit : resource.edits) {
    if (!names.insert(edit.name).second) {
      done(failed(KafkaError::kInvalidRequest, "Error due to duplicate config keys"));
      return;
    }
  }
  switch (static_cast<ConfigResource>(resource.type)) {
    case ConfigResource::kTopic:
      edit_topic(resource, done);
      return;
    case ConfigResource::kBroker:
      edit_broker(resource, done);
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
  std::map<std::pair<std::int8_t, std::string_view>, int> mentions;
  for (const auto& resource : request.resources) {
    ++mentions[{resource.resource_type, resource.resource_name}];
  }
  ConfigEdits edits(services, request.validate_only);
  for (std::size_t i = 0; i < request.resources.size(); ++i) {
    const auto& resource = request.resources[i];
    gather.expect();
    const EditDone done = [gather, i](EditOutcome outcome) {
      gather.edit([&](Response& response) {
        response.responses[i].error_code = outcome.error;
        response.responses[i].error_message = std::move(outcome.message);
      });
      gather.done();
    };
    if (mentions[{resource.resource_type, resource.resource_name}] > 1) {
      done(failed(KafkaError::kInvalidRequest,
                  "Each resource must appear at most once, but it was named several times."));
    } else {
      edits.add(to_edit(resource), done);
    }
  }
  edits.run();
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
