// Configurations of topics and brokers.
#include <set>

#include "session.hpp"

namespace suite {
namespace {

rd_kafka_ConfigResource_t* resource(const Json& step) {
  std::string type = step["type"].GetString();
  auto* made = rd_kafka_ConfigResource_new(
      type == "topic" ? RD_KAFKA_RESOURCE_TOPIC : RD_KAFKA_RESOURCE_BROKER,
      step["name"].GetString());
  if (made == nullptr) {
    throw Unsupported{};
  }
  return made;
}

const char* source(rd_kafka_ConfigSource_t source) {
  switch (source) {
    case RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG:
      return "DYNAMIC_TOPIC";
    case RD_KAFKA_CONFIG_SOURCE_DYNAMIC_BROKER_CONFIG:
      return "DYNAMIC_BROKER";
    case RD_KAFKA_CONFIG_SOURCE_DYNAMIC_DEFAULT_BROKER_CONFIG:
      return "DYNAMIC_DEFAULT_BROKER";
    case RD_KAFKA_CONFIG_SOURCE_STATIC_BROKER_CONFIG:
      return "STATIC_BROKER";
    case RD_KAFKA_CONFIG_SOURCE_DEFAULT_CONFIG:
      return "DEFAULT";
    default:
      return "UNKNOWN";
  }
}

Json value_of(const rd_kafka_ConfigEntry_t* entry) {
  const char* value = rd_kafka_ConfigEntry_value(entry);
  return value == nullptr ? Json() : text(value);
}

Json configs(Session& session, const Json& step) {
  rd_kafka_ConfigResource_t* wanted = resource(step);
  Options asked = session.options(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, step);
  rd_kafka_DescribeConfigs(session.admin(), &wanted, 1, asked.get(), session.queue());
  rd_kafka_ConfigResource_destroy(wanted);
  Event event = session.answer();
  size_t count = 0;
  const auto** results = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (rd_kafka_ConfigResource_error(results[0]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw Failed{rd_kafka_ConfigResource_error(results[0])};
  }
  std::set<std::string> keys;
  if (step.HasMember("keys")) {
    for (const auto& key : step["keys"].GetArray()) {
      keys.insert(key.GetString());
    }
  }
  std::string only = string_of(step, "only_source");
  const auto** entries = rd_kafka_ConfigResource_configs(results[0], &count);
  Json result = object();
  for (size_t i = 0; i < count; ++i) {
    std::string name = rd_kafka_ConfigEntry_name(entries[i]);
    std::string from = source(rd_kafka_ConfigEntry_source(entries[i]));
    if ((!keys.empty() && keys.count(name) == 0) || (!only.empty() && only != from)) {
      continue;
    }
    Json row = array();
    add(row, value_of(entries[i]));
    add(row, text(from));
    add(row, Json(rd_kafka_ConfigEntry_is_read_only(entries[i]) == 1));
    add(row, Json(rd_kafka_ConfigEntry_is_sensitive(entries[i]) == 1));
    if (step.HasMember("synonyms")) {
      size_t others = 0;
      const auto** synonyms = rd_kafka_ConfigEntry_synonyms(entries[i], &others);
      Json list = array();
      for (size_t j = 0; j < others; ++j) {
        Json synonym = array();
        add(synonym, text(rd_kafka_ConfigEntry_name(synonyms[j])));
        add(synonym, value_of(synonyms[j]));
        add(synonym, text(source(rd_kafka_ConfigEntry_source(synonyms[j]))));
        add(list, std::move(synonym));
      }
      add(row, std::move(list));
    }
    put(result, name, std::move(row));
  }
  return result;
}

Json replace(Session& session, const Json& step) {
  rd_kafka_ConfigResource_t* wanted = resource(step);
  for (const auto& config : step["configs"].GetObject()) {
    rd_kafka_ConfigResource_set_config(wanted, config.name.GetString(), config.value.GetString());
  }
  Options asked = session.options(RD_KAFKA_ADMIN_OP_ALTERCONFIGS, step);
  rd_kafka_AlterConfigs(session.admin(), &wanted, 1, asked.get(), session.queue());
  rd_kafka_ConfigResource_destroy(wanted);
  Event event = session.answer();
  size_t count = 0;
  const auto** results = rd_kafka_AlterConfigs_result_resources(
      rd_kafka_event_AlterConfigs_result(event.get()), &count);
  return text(name_of(rd_kafka_ConfigResource_error(results[0])));
}

}  // namespace

void add_configs(Operations& operations, Session& session) {
  operations["configs"] = [&session](const Json& step) {
    return configs(session, step);
  };
  operations["replace"] = [&session](const Json& step) {
    return replace(session, step);
  };
}

}  // namespace suite
