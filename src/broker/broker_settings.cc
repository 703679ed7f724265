#include "broker/broker_settings.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/suggest.h"
#include "config/option_table.h"

namespace millrace::broker {
namespace {

Error wrong_value(const BrokerConfigRow& row, std::string_view text, std::string_view expected) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("{} is {}, found \"{}\"", row.name, expected, text.substr(0, 100))};
}

struct Range {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

Range range_of(const BrokerConfigRow& row) {
  Range range;
  if (row.type == ConfigType::kInt) {
    range = {.least = std::numeric_limits<std::int32_t>::min(),
             .most = std::numeric_limits<std::int32_t>::max()};
  } else if (row.type == ConfigType::kShort) {
    range = {.least = std::numeric_limits<std::int16_t>::min(),
             .most = std::numeric_limits<std::int16_t>::max()};
  }
  if (!row.minimum.empty()) {
    range.least = config::parse_int(row.minimum).value_or(range.least);
  }
  if (!row.maximum.empty()) {
    range.most = config::parse_int(row.maximum).value_or(range.most);
  }
  return range;
}

// The value that counts: changed, given, default. Nothing: it has none.
std::optional<std::string> resolve(const BrokerConfigRow& row,
                                   const ConfigTexts& given,
                                   const DynamicConfigs& dynamic) {
  if (const std::string* const found = dynamic.find(row.name)) {
    return *found;
  }
  if (const auto found = given.find(row.name); found != given.end()) {
    return found->second;
  }
  if (!row.has_default()) {
    return {};
  }
  return std::string(row.default_value);
}

bool is_given(const BrokerConfigRow& row, const ConfigTexts& given, const DynamicConfigs& dynamic) {
  return given.contains(row.name) || dynamic.find(row.name) != nullptr;
}

// Of the rows that are the default of one topic setting the first one that is given counts.
Result<log::TopicConfig> read_topic_defaults(const ConfigTexts& given,
                                             const DynamicConfigs& dynamic) {
  log::ConfigMap topic;
  for (const BrokerConfigRow& row : broker_config_rows()) {
    if (row.topic.empty() || !row.effective || topic.contains(row.topic) ||
        !is_given(row, given, dynamic)) {
      continue;
    }
    std::string text = resolve(row, given, dynamic).value_or("");
    if (row.factor != 1) {
      const std::int64_t number = config::parse_int(text).value_or(-1);
      text = std::to_string(number < 0 ? -1 : number * row.factor);
    }
    topic.emplace(row.topic, std::move(text));
  }
  return log::parse_topic_config(topic);
}

Result<std::shared_ptr<const BrokerValues>> read_values(const ConfigTexts& given,
                                                        const DynamicConfigs& dynamic) {
  const auto number = [&](std::string_view name) {
    const BrokerConfigRow* const row = find_broker_config(name);
    MR_ASSERT(row != nullptr, "there is no setting {}", name);
    return config::parse_int(resolve(*row, given, dynamic).value_or("0")).value_or(0);
  };
  const auto flag = [&](std::string_view name) {
    const BrokerConfigRow* const row = find_broker_config(name);
    MR_ASSERT(row != nullptr, "there is no setting {}", name);
    return config::parse_bool(resolve(*row, given, dynamic).value_or("")).value_or(false);
  };
  auto values = std::make_shared<BrokerValues>();
  values->node_id = static_cast<std::int32_t>(number("node.id"));
  values->num_partitions = static_cast<std::int32_t>(number("num.partitions"));
  values->auto_create_topics = flag("auto.create.topics.enable");
  values->delete_topics = flag("delete.topic.enable");
  values->request_bytes_max = number("socket.request.max.bytes");
  values->idle_ms = number("connections.max.idle.ms");
  values->connections_max = number("max.connections");
  values->connections_per_ip_max = number("max.connections.per.ip");
  values->fetch_bytes_max = number("fetch.max.bytes");
  values->fetch_sessions_max = number("max.incremental.fetch.session.cache.slots");
  values->transaction_timeout_max_ms = number("transaction.max.timeout.ms");
  values->topic_defaults = TRY(read_topic_defaults(given, dynamic));
  return std::shared_ptr<const BrokerValues>(std::move(values));
}

Result<void> check_all(const ConfigTexts& texts) {
  for (const auto& [name, text] : texts) {
    const BrokerConfigRow* const row = find_broker_config(name);
    if (row == nullptr) {
      std::vector<std::string> names;
      for (const BrokerConfigRow& known : broker_config_rows()) {
        names.emplace_back(known.name);
      }
      return Error(
          ErrorCode::kInvalidArgument,
          fmt::format("Kafka has no broker setting \"{}\"{}", name, did_you_mean(name, names)));
    }
    TRY(check_broker_config(*row, text));
  }
  return {};
}

struct NamedAddress {
  std::string name;
  config::HostPort address;
};

Result<std::vector<NamedAddress>> parse_named(std::string_view text, std::string_view setting) {
  constexpr std::string_view kMark = "://";
  std::vector<NamedAddress> all;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view part = text.substr(at, end - at);
    at = end + 1;
    const std::size_t mark = part.find(kMark);
    const std::string_view where =
        mark == std::string_view::npos ? part : part.substr(mark + kMark.size());
    // Kafka writes an empty host for every address.
    const bool any = where.starts_with(':');
    const auto address =
        config::parse_host_port(any ? "0.0.0.0" + std::string(where) : std::string(where));
    if (!address) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("{} is NAME://host:port, several with commas; found \"{}\"",
                               setting,
                               part.substr(0, 100)));
    }
    std::string name(mark == std::string_view::npos ? "PLAINTEXT" : part.substr(0, mark));
    all.push_back({.name = std::move(name), .address = *address});
  }
  return all;
}

}  // namespace

Result<void> check_broker_config(const BrokerConfigRow& row, std::string_view text) {
  switch (row.type) {
    case ConfigType::kBoolean:
      if (!config::parse_bool(text)) {
        return wrong_value(row, text, "true or false");
      }
      break;
    case ConfigType::kInt:
    case ConfigType::kShort:
    case ConfigType::kLong: {
      const Range range = range_of(row);
      const std::optional<std::int64_t> number = config::parse_int(text);
      if (!number || *number < range.least || *number > range.most) {
        return wrong_value(
            row, text, fmt::format("a whole number from {} to {}", range.least, range.most));
      }
      break;
    }
    case ConfigType::kDouble:
      if (!config::parse_double(text)) {
        return wrong_value(row, text, "a number");
      }
      break;
    case ConfigType::kString:
    case ConfigType::kList:
    case ConfigType::kClass:
    case ConfigType::kPassword:
      break;
  }
  if (!row.topic.empty() && row.effective && row.factor == 1) {
    log::ConfigMap one;
    one.emplace(row.topic, text);
    if (const Result<log::TopicConfig> read = log::parse_topic_config(one); !read) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("{}: {}", row.name, read.error().message()));
    }
  }
  return {};
}

Result<std::unique_ptr<BrokerSettings>> BrokerSettings::parse(ConfigTexts given) {
  TRY(check_all(given));
  // Two names of one setting; the newer counts.
  if (const auto node = given.find("node.id"); node != given.end()) {
    given["broker.id"] = node->second;
  } else if (const auto broker = given.find("broker.id"); broker != given.end()) {
    given["node.id"] = broker->second;
  }
  std::shared_ptr<const BrokerValues> values = TRY(read_values(given, {}));
  std::unique_ptr<BrokerSettings> settings(new BrokerSettings(std::move(given)));
  const MutexLock lock(settings->mutex_);
  settings->values_ = std::move(values);
  return settings;
}

std::shared_ptr<const BrokerValues> BrokerSettings::values() const {
  const MutexLock lock(mutex_);
  return values_;
}

std::optional<std::string> BrokerSettings::text(std::string_view name) const {
  const BrokerConfigRow* const row = find_broker_config(name);
  if (row == nullptr) {
    return {};
  }
  const MutexLock lock(mutex_);
  return resolve(*row, given_, dynamic_);
}

std::int64_t BrokerSettings::number(std::string_view name) const {
  const std::optional<std::string> value = text(name);
  MR_ASSERT(value.has_value(), "the setting {} has no value", name);
  return config::parse_int(*value).value_or(0);
}

const std::string* DynamicConfigs::find(std::string_view name) const {
  for (const ConfigTexts* texts : {&broker, &cluster}) {
    if (const auto found = texts->find(name); found != texts->end()) {
      return &found->second;
    }
  }
  return nullptr;
}

Result<void> BrokerSettings::set_dynamic(DynamicConfigs changed) {
  TRY(check_all(changed.broker));
  TRY(check_all(changed.cluster));
  std::shared_ptr<const BrokerValues> values = TRY(read_values(given_, changed));
  const MutexLock lock(mutex_);
  dynamic_ = std::move(changed);
  values_ = std::move(values);
  return {};
}

Result<void> BrokerSettings::edit_dynamic(
    const std::function<Result<DynamicConfigs>(const DynamicConfigs&)>& edit,
    const std::function<void(const DynamicConfigs&)>& changed) {
  const MutexLock lock(edits_);
  const DynamicConfigs configs = TRY(edit(dynamic()));
  TRY(set_dynamic(configs));
  changed(configs);
  return {};
}

Result<void> BrokerSettings::check_dynamic(const DynamicConfigs& changed) const {
  TRY(check_all(changed.broker));
  TRY(check_all(changed.cluster));
  TRY(read_values(given_, changed));
  return {};
}

DynamicConfigs BrokerSettings::dynamic() const {
  const MutexLock lock(mutex_);
  return dynamic_;
}

Result<std::vector<ListenerOptions>> parse_listeners(std::string_view text) {
  std::vector<ListenerOptions> listeners;
  for (NamedAddress& one : TRY(parse_named(text, "listeners"))) {
    listeners.push_back({.name = std::move(one.name), .address = std::move(one.address)});
  }
  return listeners;
}

Result<void> apply_advertised(std::string_view text, std::vector<ListenerOptions>& listeners) {
  const std::vector<NamedAddress> named = TRY(parse_named(text, "advertised.listeners"));
  if (listeners.size() > 1) {
    for (const NamedAddress& one : named) {
      const auto found = std::ranges::find(listeners, one.name, &ListenerOptions::name);
      if (found == listeners.end()) {
        return Error(ErrorCode::kInvalidArgument,
                     fmt::format("advertised.listeners names {}, which no listener has", one.name));
      }
      found->advertised = one.address;
    }
    return {};
  }
  ListenerOptions& first = listeners.front();
  const auto of_port = std::ranges::find_if(
      named, [&](const NamedAddress& one) { return one.address.port == first.address.port; });
  const auto of_name =
      std::ranges::find_if(named, [&](const NamedAddress& one) { return one.name == first.name; });
  const auto of_either = of_port != named.end() ? of_port : of_name;
  const auto own = of_either != named.end() ? of_either : named.begin();
  first.name = own->name;
  first.advertised = own->address;
  const std::string host = first.address.host;
  for (auto one = named.begin(); one != named.end(); ++one) {
    if (one != own) {
      listeners.push_back({.name = one->name,
                           .address = {.host = host, .port = one->address.port},
                           .advertised = one->address});
    }
  }
  return {};
}

}  // namespace millrace::broker
