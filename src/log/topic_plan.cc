#include "log/detail/topic_plan.h"

#include <type_traits>
#include <utility>
#include <variant>

namespace millrace::log {
namespace {

Error no_such_topic(const std::string& name) {
  return {ErrorCode::kNotFound, "no topic " + name};
}

ConfigMap settings_of(const NewTopic& topic) {
  ConfigMap settings = topic.settings;
  if (topic.config.has_value()) {
    settings.merge(kept_settings(*topic.config));
  }
  return settings;
}

}  // namespace

Result<TopicConfig> resolve_settings(const TopicInfo& topic, const TopicConfig& defaults) {
  // What the log itself lives by follows nobody's defaults.
  const bool own = topic.name == kMetadataTopic;
  return own ? metadata_topic().config : parse_topic_config(topic.settings, defaults);
}

Result<TopicInfo> TopicPlan::add(const TopicChange& change) {
  return std::visit(
      [this](const auto& what) -> Result<TopicInfo> {
        using What = std::decay_t<decltype(what)>;
        if constexpr (std::is_same_v<What, NewTopic>) {
          return create(what);
        } else if constexpr (std::is_same_v<What, EnsuredTopic>) {
          return ensure(what.topic);
        } else if constexpr (std::is_same_v<What, DeletedTopic>) {
          return remove(what.name);
        } else if constexpr (std::is_same_v<What, GrownTopic>) {
          return grow(what);
        } else {
          return alter(what);
        }
      },
      change);
}

std::optional<TopicInfo> TopicPlan::find(const std::string& name) const {
  if (const auto planned = planned_.find(name); planned != planned_.end()) {
    return planned->second;
  }
  const TopicPtr found = shared_.catalog.find(name);
  return found == nullptr ? std::nullopt : std::optional(found->info);
}

void TopicPlan::put(const std::string& name, std::optional<TopicInfo> topic) {
  const std::optional<TopicInfo> before = find(name);
  partitions_ += (topic ? topic->partitions : 0) - (before ? before->partitions : 0);
  records_.push_back({.name = name, .topic = topic});
  planned_[name] = std::move(topic);
}

Result<void> TopicPlan::check_room(std::int64_t partitions) const {
  const std::int64_t limit = shared_.options.partitions_max;
  if (shared_.catalog.partition_count() + partitions_ + partitions > limit) {
    return Error(ErrorCode::kExhausted, "more partitions than the limit: " + std::to_string(limit));
  }
  return {};
}

Result<TopicInfo> TopicPlan::create(const NewTopic& topic) {
  if (find(topic.name)) {
    return Error(ErrorCode::kAlreadyExists, "topic exists already: " + topic.name);
  }
  if (!valid_topic_name(topic.name)) {
    return Error(ErrorCode::kInvalidArgument,
                 "a topic's name has 1 to 249 of the characters a-z, A-Z, 0-9, '.', '_', '-': " +
                     topic.name);
  }
  if (topic.partitions < 1) {
    return Error(ErrorCode::kInvalidArgument, "a topic has at least one partition");
  }
  TRY(check_room(topic.partitions));
  if (!shared_.writable.load()) {
    return Error(ErrorCode::kIo, "the log takes no writes: disk full or failed");
  }
  TopicInfo info{.name = topic.name,
                 .partitions = topic.partitions,
                 .internal = topic.name.starts_with("__"),
                 .settings = settings_of(topic)};
  info.config = TRY(resolve_settings(info, defaults_));
  info.id = Uuid::random(random_);
  put(info.name, info);
  return info;
}

Result<TopicInfo> TopicPlan::ensure(const NewTopic& topic) {
  if (std::optional<TopicInfo> found = find(topic.name)) {
    return std::move(*found);
  }
  return create(topic);
}

Result<TopicInfo> TopicPlan::remove(const std::string& name) {
  std::optional<TopicInfo> found = find(name);
  if (!found) {
    return no_such_topic(name);
  }
  if (name == kMetadataTopic) {
    return Error(ErrorCode::kInvalidArgument, "this topic describes all others: " + name);
  }
  put(name, std::nullopt);
  return std::move(*found);
}

Result<TopicInfo> TopicPlan::grow(const GrownTopic& topic) {
  std::optional<TopicInfo> found = find(topic.name);
  if (!found) {
    return no_such_topic(topic.name);
  }
  if (topic.name == kMetadataTopic || topic.partitions <= found->partitions) {
    return Error(ErrorCode::kInvalidArgument,
                 "topic " + topic.name + " has " + std::to_string(found->partitions) +
                     " partitions; there can only be more");
  }
  TRY(check_room(topic.partitions - found->partitions));
  found->partitions = topic.partitions;
  put(topic.name, found);
  return std::move(*found);
}

Result<TopicInfo> TopicPlan::alter(const AlteredTopic& topic) {
  std::optional<TopicInfo> found = find(topic.name);
  if (!found) {
    return no_such_topic(topic.name);
  }
  if (topic.name == kMetadataTopic) {
    return Error(ErrorCode::kInvalidArgument, "this topic's settings are fixed: " + topic.name);
  }
  found->settings = TRY(topic.change(found->settings));
  found->config = TRY(resolve_settings(*found, defaults_));
  put(topic.name, found);
  return std::move(*found);
}

}  // namespace millrace::log
