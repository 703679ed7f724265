// The scenario by librdkafka's C interface: `librdkafka HOST:PORT scenario.json [section…]`.
//
// Prints one line `step<tab>json` for each step. What the broker refused is shown by Kafka's name
// of the code, what librdkafka refused by its own, with LOCAL before it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <librdkafka/rdkafka.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace {

using Json = rapidjson::Value;
using Document = rapidjson::Document;
using Clock = std::chrono::steady_clock;

// Shared by all steps; rapidjson frees it at the end.
Document answers;

template <typename T, void (*destroy)(T*)>
struct Destroy {
  void operator()(T* value) const { destroy(value); }
};

using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_t, rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_t, rd_kafka_event_destroy>>;
using Handle = std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_t, rd_kafka_destroy>>;
using Options = std::unique_ptr<rd_kafka_AdminOptions_t,
                                Destroy<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>>;
using Partitions = std::unique_ptr<
    rd_kafka_topic_partition_list_t,
    Destroy<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>>;

auto& memory() {
  return answers.GetAllocator();
}

Json text(const std::string& value) {
  return Json(value.data(), static_cast<rapidjson::SizeType>(value.size()), memory());
}

Json object() {
  return Json(rapidjson::kObjectType);
}

Json array() {
  return Json(rapidjson::kArrayType);
}

void put(Json& into, const std::string& name, Json value) {
  into.AddMember(text(name), value, memory());
}

void add(Json& into, Json value) {
  into.PushBack(value, memory());
}

std::map<int, std::string> error_names;

std::string name_of(rd_kafka_resp_err_t code) {
  if (code >= 0) {
    return error_names.count(code) ? error_names[code] : "BROKER_" + std::to_string(code);
  }
  return std::string("LOCAL") + rd_kafka_err2name(code);
}

Json error(rd_kafka_resp_err_t code) {
  Json result = object();
  put(result, "error", text(name_of(code)));
  return result;
}

// A key, value or header of the scenario.
std::optional<std::string> octets(const Json& value) {
  if (value.IsNull()) {
    return std::nullopt;
  }
  if (value.IsString()) {
    return std::string(value.GetString(), value.GetStringLength());
  }
  if (value.HasMember("fill")) {
    return std::string(value["size"].GetUint(), value["fill"].GetString()[0]);
  }
  std::string hex = value["hex"].GetString();
  std::string result;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    result.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return result;
}

// As it stands in a transcript: short, printable, exact.
Json shown(const void* data, size_t size) {
  if (data == nullptr) {
    return Json();
  }
  std::string value(static_cast<const char*>(data), size);
  bool printable = std::all_of(
      value.begin(), value.end(), [](char octet) { return octet >= 0x20 && octet <= 0x7e; });
  if (!printable) {
    std::string hex = "hex:";
    char digits[3];
    for (char octet : value) {
      std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(octet));
      hex += digits;
    }
    return text(hex);
  }
  if (value.size() > 80) {
    return text("#" + std::to_string(value.size()) + ":" + value.substr(0, 3) + ".." +
                value.substr(value.size() - 3));
  }
  return text(value);
}

Json shown_time(int64_t milliseconds) {
  auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  return std::abs(now.count() - milliseconds) < 3600000 ? text("now") : Json(milliseconds);
}

std::string string_of(const Json& step, const char* name, const std::string& otherwise = "") {
  return step.HasMember(name) ? step[name].GetString() : otherwise;
}

int number_of(const Json& step, const char* name, int otherwise) {
  return step.HasMember(name) ? step[name].GetInt() : otherwise;
}

std::chrono::seconds seconds(int count) {
  return std::chrono::seconds(count);
}

void rest(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

struct Unsupported {};

struct Failed {
  rd_kafka_resp_err_t code;
};

struct Member {
  Handle consumer;
  std::vector<std::pair<std::pair<int, int64_t>, std::string>> records;
  rd_kafka_resp_err_t failure = RD_KAFKA_RESP_ERR_NO_ERROR;
};

// All steps. Owned by one thread.
class Runner {
 public:
  explicit Runner(std::string address) : address_(std::move(address)) {
    admin_ = make(RD_KAFKA_PRODUCER, {});
    queue_.reset(rd_kafka_queue_new(admin_.get()));
    operations_ = {
        {"cluster", &Runner::cluster},
        {"create", &Runner::create},
        {"delete", &Runner::erase},
        {"topics", &Runner::topics},
        {"describe", &Runner::describe},
        {"grow", &Runner::grow},
        {"configs", &Runner::configs},
        {"replace", &Runner::replace},
        {"produce", &Runner::produce},
        {"fetch", &Runner::fetch},
        {"offsets", &Runner::offsets},
        {"trim", &Runner::trim},
        {"bulk_produce", &Runner::bulk_produce},
        {"bulk_consume", &Runner::bulk_consume},
        {"commit", &Runner::commit},
        {"committed", &Runner::committed},
        {"groups", &Runner::groups},
        {"describe_groups", &Runner::describe_groups},
        {"delete_groups", &Runner::delete_groups},
        {"alter_offsets", &Runner::alter_offsets},
        {"delete_offsets", &Runner::delete_offsets},
        {"open", &Runner::open},
        {"wait", &Runner::wait},
        {"read", &Runner::read},
        {"member_commit", &Runner::member_commit},
        {"failure", &Runner::failure},
        {"close", &Runner::close},
    };
  }

  Json run(const Json& step) {
    auto found = operations_.find(step["op"].GetString());
    if (found == operations_.end()) {
      return text("unsupported");
    }
    auto deadline = Clock::now() + seconds(20);
    while (true) {
      try {
        return (this->*found->second)(step);
      } catch (const Unsupported&) {
        return text("unsupported");
      } catch (const Failed& failed) {
        bool loading = failed.code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
                       failed.code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS;
        if (!loading || Clock::now() > deadline) {
          return error(failed.code);
        }
        rest(300);
      }
    }
  }

 private:
  using Settings = std::map<std::string, std::string>;

  Handle make(rd_kafka_type_t type,
              const Settings& own,
              rd_kafka_conf_t* conf = rd_kafka_conf_new()) {
    Settings settings = {{"bootstrap.servers", address_},
                         {"client.id", "suite"},
                         {"log_level", "3"},
                         {"broker.address.family", "v4"},
                         {"topic.metadata.refresh.interval.ms", "2000"}};
    for (const auto& [name, value] : own) {
      settings[name] = value;
    }
    char problem[512];
    for (const auto& [name, value] : settings) {
      if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), problem, sizeof problem) !=
          RD_KAFKA_CONF_OK) {
        std::cerr << problem << "\n";
        rd_kafka_conf_destroy(conf);
        throw Failed{RD_KAFKA_RESP_ERR__INVALID_ARG};
      }
    }
    rd_kafka_t* handle = rd_kafka_new(type, conf, problem, sizeof problem);
    if (handle == nullptr) {
      std::cerr << problem << "\n";
      throw Failed{RD_KAFKA_RESP_ERR__FAIL};
    }
    return Handle(handle);
  }

  Options options(rd_kafka_admin_op_t operation, const Json& step) {
    Options made(rd_kafka_AdminOptions_new(admin_.get(), operation));
    char problem[256];
    rd_kafka_AdminOptions_set_request_timeout(made.get(), 15000, problem, sizeof problem);
    if (step.HasMember("validate_only")) {
      rd_kafka_AdminOptions_set_validate_only(made.get(), 1, problem, sizeof problem);
    }
    if (operation == RD_KAFKA_ADMIN_OP_CREATETOPICS ||
        operation == RD_KAFKA_ADMIN_OP_DELETETOPICS ||
        operation == RD_KAFKA_ADMIN_OP_CREATEPARTITIONS) {
      rd_kafka_AdminOptions_set_operation_timeout(made.get(), 10000, problem, sizeof problem);
    }
    return made;
  }

  Event answer() {
    Event event(rd_kafka_queue_poll(queue_.get(), 20000));
    if (!event) {
      throw Failed{RD_KAFKA_RESP_ERR__TIMED_OUT};
    }
    if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw Failed{rd_kafka_event_error(event.get())};
    }
    return event;
  }

  static Json topic_results(const rd_kafka_topic_result_t** results, size_t count) {
    Json shown_results = object();
    for (size_t i = 0; i < count; ++i) {
      put(shown_results,
          rd_kafka_topic_result_name(results[i]),
          text(name_of(rd_kafka_topic_result_error(results[i]))));
    }
    return shown_results;
  }

  Json cluster(const Json&) {
    char* id = rd_kafka_clusterid(admin_.get(), 5000);
    Json result = object();
    put(result, "id", Json(id != nullptr && *id != 0));
    rd_kafka_mem_free(admin_.get(), id);
    put(result, "controller", Json(rd_kafka_controllerid(admin_.get(), 5000)));
    with_metadata(nullptr, [&](const rd_kafka_metadata_t* metadata) {
      Json nodes = array();
      for (int i = 0; i < metadata->broker_cnt; ++i) {
        add(nodes, Json(metadata->brokers[i].id));
      }
      put(result, "nodes", std::move(nodes));
    });
    return result;
  }

  void with_metadata(const char* topic,
                     const std::function<void(const rd_kafka_metadata_t*)>& use) {
    rd_kafka_topic_t* handle =
        topic != nullptr ? rd_kafka_topic_new(admin_.get(), topic, nullptr) : nullptr;
    const rd_kafka_metadata_t* metadata = nullptr;
    rd_kafka_resp_err_t code =
        rd_kafka_metadata(admin_.get(), handle == nullptr, handle, &metadata, 10000);
    if (handle != nullptr) {
      rd_kafka_topic_destroy(handle);
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw Failed{code};
    }
    use(metadata);
    rd_kafka_metadata_destroy(metadata);
  }

  Json topics(const Json&) {
    std::set<std::string> names;
    with_metadata(nullptr, [&](const rd_kafka_metadata_t* metadata) {
      for (int i = 0; i < metadata->topic_cnt; ++i) {
        names.insert(metadata->topics[i].topic);
      }
    });
    Json result = array();
    for (const auto& name : names) {
      if (name.rfind("__", 0) != 0) {
        add(result, shown(name.data(), name.size()));
      }
    }
    return result;
  }

  Json describe(const Json& step) {
    Json result = object();
    for (const auto& name : step["topics"].GetArray()) {
      if (std::string(name.GetString()) == "validated") {
        throw Unsupported{};  // Asking for metadata makes the topic.
      }
      with_metadata(name.GetString(), [&](const rd_kafka_metadata_t* metadata) {
        for (int i = 0; i < metadata->topic_cnt; ++i) {
          put(result, metadata->topics[i].topic, described(metadata->topics[i]));
        }
      });
    }
    return result;
  }

  static Json described(const rd_kafka_metadata_topic_t& topic) {
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return error(topic.err);
    }
    Json partitions = array();
    for (int i = 0; i < topic.partition_cnt; ++i) {
      const auto& partition = topic.partitions[i];
      Json row = array();
      add(row, Json(partition.id));
      add(row, Json(partition.leader));
      Json replicas = array();
      for (int j = 0; j < partition.replica_cnt; ++j) {
        add(replicas, Json(partition.replicas[j]));
      }
      add(row, std::move(replicas));
      add(row, Json(partition.isr_cnt));
      add(partitions, std::move(row));
    }
    return partitions;
  }

  Json create(const Json& step) {
    std::vector<rd_kafka_NewTopic_t*> wanted;
    char problem[512] = "";
    bool refused = false;
    for (const auto& topic : step["topics"].GetArray()) {
      bool assigned = topic.HasMember("assignment");
      int count =
          assigned ? static_cast<int>(topic["assignment"].Size()) : topic["partitions"].GetInt();
      auto* made = rd_kafka_NewTopic_new(topic["name"].GetString(),
                                         count,
                                         assigned ? -1 : number_of(topic, "replication", 1),
                                         problem,
                                         sizeof problem);
      if (made == nullptr) {
        refused = true;
        continue;
      }
      wanted.push_back(made);
      if (assigned) {
        int32_t number = 0;
        for (const auto& nodes : topic["assignment"].GetArray()) {
          std::vector<int32_t> ids;
          for (const auto& node : nodes.GetArray()) {
            ids.push_back(node.GetInt());
          }
          rd_kafka_NewTopic_set_replica_assignment(
              made, number++, ids.data(), ids.size(), problem, sizeof problem);
        }
      }
      if (topic.HasMember("configs")) {
        for (const auto& config : topic["configs"].GetObject()) {
          rd_kafka_NewTopic_set_config(made, config.name.GetString(), config.value.GetString());
        }
      }
    }
    if (refused) {
      rd_kafka_NewTopic_destroy_array(wanted.data(), wanted.size());
      throw Failed{RD_KAFKA_RESP_ERR__INVALID_ARG};
    }
    Options asked = options(RD_KAFKA_ADMIN_OP_CREATETOPICS, step);
    rd_kafka_CreateTopics(admin_.get(), wanted.data(), wanted.size(), asked.get(), queue_.get());
    rd_kafka_NewTopic_destroy_array(wanted.data(), wanted.size());
    Event event = answer();
    size_t count = 0;
    const auto** results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event.get()), &count);
    return topic_results(results, count);
  }

  Json erase(const Json& step) {
    std::vector<rd_kafka_DeleteTopic_t*> wanted;
    for (const auto& topic : step["topics"].GetArray()) {
      wanted.push_back(rd_kafka_DeleteTopic_new(topic.GetString()));
    }
    Options asked = options(RD_KAFKA_ADMIN_OP_DELETETOPICS, step);
    rd_kafka_DeleteTopics(admin_.get(), wanted.data(), wanted.size(), asked.get(), queue_.get());
    rd_kafka_DeleteTopic_destroy_array(wanted.data(), wanted.size());
    Event event = answer();
    size_t count = 0;
    const auto** results = rd_kafka_DeleteTopics_result_topics(
        rd_kafka_event_DeleteTopics_result(event.get()), &count);
    return topic_results(results, count);
  }

  Json grow(const Json& step) {
    char problem[256];
    auto* wanted = rd_kafka_NewPartitions_new(
        step["topic"].GetString(), step["count"].GetUint(), problem, sizeof problem);
    Options asked = options(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, step);
    rd_kafka_CreatePartitions(admin_.get(), &wanted, 1, asked.get(), queue_.get());
    rd_kafka_NewPartitions_destroy(wanted);
    Event event = answer();
    size_t count = 0;
    const auto** results = rd_kafka_CreatePartitions_result_topics(
        rd_kafka_event_CreatePartitions_result(event.get()), &count);
    return topic_results(results, count);
  }

  static rd_kafka_ConfigResource_t* resource(const Json& step) {
    std::string type = step["type"].GetString();
    auto* made = rd_kafka_ConfigResource_new(
        type == "topic" ? RD_KAFKA_RESOURCE_TOPIC : RD_KAFKA_RESOURCE_BROKER,
        step["name"].GetString());
    if (made == nullptr) {
      throw Unsupported{};
    }
    return made;
  }

  static const char* source(rd_kafka_ConfigSource_t source) {
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

  static Json value_of(const rd_kafka_ConfigEntry_t* entry) {
    const char* value = rd_kafka_ConfigEntry_value(entry);
    return value == nullptr ? Json() : text(value);
  }

  Json configs(const Json& step) {
    rd_kafka_ConfigResource_t* wanted = resource(step);
    Options asked = options(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, step);
    rd_kafka_DescribeConfigs(admin_.get(), &wanted, 1, asked.get(), queue_.get());
    rd_kafka_ConfigResource_destroy(wanted);
    Event event = answer();
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

  Json replace(const Json& step) {
    rd_kafka_ConfigResource_t* wanted = resource(step);
    for (const auto& config : step["configs"].GetObject()) {
      rd_kafka_ConfigResource_set_config(wanted, config.name.GetString(), config.value.GetString());
    }
    Options asked = options(RD_KAFKA_ADMIN_OP_ALTERCONFIGS, step);
    rd_kafka_AlterConfigs(admin_.get(), &wanted, 1, asked.get(), queue_.get());
    rd_kafka_ConfigResource_destroy(wanted);
    Event event = answer();
    size_t count = 0;
    const auto** results = rd_kafka_AlterConfigs_result_resources(
        rd_kafka_event_AlterConfigs_result(event.get()), &count);
    return text(name_of(rd_kafka_ConfigResource_error(results[0])));
  }

  static void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
    auto* row = static_cast<Json*>(message->_private);
    if (row == nullptr) {
      return;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      *row = error(message->err);
      return;
    }
    *row = array();
    add(*row, Json(message->partition));
    add(*row, Json(message->offset));
    add(*row, shown_time(rd_kafka_message_timestamp(message, nullptr)));
  }

  Handle producer(const Json& step) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    Settings settings = {{"linger.ms", "30"},
                         {"acks", std::to_string(number_of(step, "acks", 1))},
                         {"compression.type", string_of(step, "compression", "none")},
                         {"enable.idempotence", step.HasMember("idempotent") ? "true" : "false"},
                         {"message.timeout.ms", "8000"}};
    if (step.HasMember("max_bytes")) {
      settings["message.max.bytes"] = std::to_string(step["max_bytes"].GetInt());
    }
    return make(RD_KAFKA_PRODUCER, settings, conf);
  }

  Json produce(const Json& step) {
    Handle handle = producer(step);
    const auto& records = step["records"];
    std::vector<Json> rows(records.Size());
    for (rapidjson::SizeType i = 0; i < records.Size(); ++i) {
      send(handle.get(), step, records[i], &rows[i]);
    }
    rd_kafka_flush(handle.get(), 15000);
    Json result = array();
    for (auto& row : rows) {
      add(result, std::move(row));
    }
    return result;
  }

  static void send(rd_kafka_t* handle, const Json& step, const Json& record, Json* row) {
    auto key = octets(record[0]);
    auto value = octets(record[1]);
    rd_kafka_headers_t* headers = rd_kafka_headers_new(4);
    if (record.Size() > 2) {
      for (const auto& header : record[2].GetArray()) {
        auto content = octets(header[1]);
        rd_kafka_header_add(headers,
                            header[0].GetString(),
                            -1,
                            content ? content->data() : nullptr,
                            content ? static_cast<ssize_t>(content->size()) : 0);
      }
    }
    int64_t milliseconds = record.Size() > 3 ? record[3].GetInt64() : 0;
    char* key_data = key ? key->data() : nullptr;
    char* value_data = value ? value->data() : nullptr;
    size_t key_size = key ? key->size() : 0;
    size_t value_size = value ? value->size() : 0;
    rd_kafka_resp_err_t code =
        rd_kafka_producev(handle,
                          RD_KAFKA_V_TOPIC(step["topic"].GetString()),
                          RD_KAFKA_V_PARTITION(number_of(step, "partition", 0)),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                          RD_KAFKA_V_KEY(key_data, key_size),
                          RD_KAFKA_V_VALUE(value_data, value_size),
                          RD_KAFKA_V_TIMESTAMP(milliseconds),
                          RD_KAFKA_V_HEADERS(headers),
                          RD_KAFKA_V_OPAQUE(row),
                          RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      rd_kafka_headers_destroy(headers);
      *row = error(code);
    }
  }

  Json bulk_produce(const Json& step) {
    Handle handle = producer(step);
    int partitions = step["partitions"].GetInt();
    for (int number = 0; number < step["count"].GetInt(); ++number) {
      std::string key = std::to_string(number);
      std::string value = key + ":";
      value.resize(step["size"].GetUint(), 'v');
      rd_kafka_producev(handle.get(),
                        RD_KAFKA_V_TOPIC(step["topic"].GetString()),
                        RD_KAFKA_V_PARTITION(number % partitions),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                        RD_KAFKA_V_KEY(key.data(), key.size()),
                        RD_KAFKA_V_VALUE(value.data(), value.size()),
                        RD_KAFKA_V_END);
      rd_kafka_poll(handle.get(), 0);
    }
    rd_kafka_flush(handle.get(), 60000);
    Json result = object();
    for (int partition = 0; partition < partitions; ++partition) {
      put(result,
          std::to_string(partition),
          Json(watermarks(step["topic"].GetString(), partition).second));
    }
    return result;
  }

  std::pair<int64_t, int64_t> watermarks(const char* topic, int partition) {
    int64_t low = 0;
    int64_t high = 0;
    rd_kafka_resp_err_t code =
        rd_kafka_query_watermark_offsets(admin_.get(), topic, partition, &low, &high, 10000);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw Failed{code};
    }
    return {low, high};
  }

  Handle reader(const Json& step) {
    return make(RD_KAFKA_CONSUMER,
                {{"group.id", "unused"},
                 {"enable.auto.commit", "false"},
                 {"auto.offset.reset", "error"},
                 {"fetch.wait.max.ms", "100"},
                 {"isolation.level", string_of(step, "isolation", "read_uncommitted")},
                 {"max.partition.fetch.bytes",
                  std::to_string(number_of(step, "partition_bytes", 1048576))}});
  }

  Json bulk_consume(const Json& step) {
    struct Row {
      int64_t count = 0, bytes = 0, next = 0, end = 0;
      bool ordered = true;
    };

    Handle handle = reader(step);
    int count = step["partitions"].GetInt();
    std::vector<Row> rows(static_cast<size_t>(count));
    Partitions list(rd_kafka_topic_partition_list_new(count));
    for (int partition = 0; partition < count; ++partition) {
      rd_kafka_topic_partition_list_add(list.get(), step["topic"].GetString(), partition)->offset =
          0;
      rows[static_cast<size_t>(partition)].end =
          watermarks(step["topic"].GetString(), partition).second;
    }
    rd_kafka_assign(handle.get(), list.get());
    auto deadline = Clock::now() + seconds(60);
    while (Clock::now() < deadline && std::any_of(rows.begin(), rows.end(), [](const Row& row) {
             return row.next < row.end;
           })) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(handle.get(), 500);
      if (message == nullptr) {
        continue;
      }
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        Row& row = rows[static_cast<size_t>(message->partition)];
        row.ordered = row.ordered && message->offset == row.next;
        row.next = message->offset + 1;
        ++row.count;
        row.bytes += static_cast<int64_t>(message->len);
      }
      rd_kafka_message_destroy(message);
    }
    Json result = object();
    for (int partition = 0; partition < count; ++partition) {
      const Row& row = rows[static_cast<size_t>(partition)];
      Json shown_row = object();
      put(shown_row, "count", Json(row.count));
      put(shown_row, "bytes", Json(row.bytes));
      put(shown_row, "next", Json(row.next));
      put(shown_row, "ordered", Json(row.ordered));
      put(result, std::to_string(partition), std::move(shown_row));
    }
    return result;
  }

  int64_t offset_at(const char* topic, int partition, int64_t milliseconds) {
    Partitions list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic, partition)->offset = milliseconds;
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(admin_.get(), list.get(), 5000);
    code = code != RD_KAFKA_RESP_ERR_NO_ERROR ? code : list->elems[0].err;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw Failed{code};
    }
    return list->elems[0].offset;
  }

  Json fetch(const Json& step) {
    Handle handle = reader(step);
    const char* topic = step["topic"].GetString();
    int partition = number_of(step, "partition", 0);
    auto [low, end] = watermarks(topic, partition);
    const Json& place = step["from"];
    int64_t start = end;
    if (place.IsString()) {
      start = place == "earliest" ? low : end;
    } else if (place.HasMember("offset")) {
      start = place["offset"].GetInt64();
    } else if (place.HasMember("tail")) {
      start = end - place["tail"].GetInt64();
    } else {
      start = offset_at(topic, partition, place["timestamp"].GetInt64());
      start = start < 0 ? end : start;
    }
    Partitions list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic, partition)->offset = start;
    rd_kafka_assign(handle.get(), list.get());
    Json result = object();
    put(result, "start", Json(start));
    put(result, "end", Json(end));
    Json records = array();
    auto deadline = Clock::now() + seconds(10);
    int64_t next = start;
    while ((next < end || start > end) && Clock::now() < deadline) {
      std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_t, rd_kafka_message_destroy>>
          message(rd_kafka_consumer_poll(handle.get(), 500));
      if (!message) {
        continue;
      }
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        put(result, "error", text(name_of(message->err)));
        break;
      }
      next = message->offset + 1;
      add(records, record(message.get()));
    }
    put(result, "records", std::move(records));
    return result;
  }

  static Json record(const rd_kafka_message_t* message) {
    rd_kafka_timestamp_type_t kind{};
    int64_t milliseconds = rd_kafka_message_timestamp(message, &kind);
    Json row = object();
    put(row, "o", Json(message->offset));
    put(row, "k", shown(message->key, message->key_len));
    put(row, "v", shown(message->payload, message->len));
    put(row, "ts", shown_time(milliseconds));
    put(row, "tt", Json(static_cast<int>(kind)));
    Json list = array();
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* name = nullptr;
      const void* value = nullptr;
      size_t size = 0;
      for (size_t i = 0;
           rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
           ++i) {
        Json header = array();
        add(header, text(name));
        add(header, shown(value, size));
        add(list, std::move(header));
      }
    }
    put(row, "h", std::move(list));
    return row;
  }

  Json offsets(const Json& step) {
    Json result = array();
    const char* topic = step["topic"].GetString();
    int partition = number_of(step, "partition", 0);
    for (const auto& spec : step["specs"].GetArray()) {
      try {
        if (spec.IsString() && spec != "earliest" && spec != "latest") {
          add(result, text("unsupported"));
        } else if (spec.IsString()) {
          auto [low, high] = watermarks(topic, partition);
          add(result, Json(spec == "earliest" ? low : high));
        } else {
          add(result, Json(offset_at(topic, partition, spec.GetInt64())));
        }
      } catch (const Failed& failed) {
        add(result, error(failed.code));
      }
    }
    return result;
  }

  Json trim(const Json& step) {
    Partitions list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(
        list.get(), step["topic"].GetString(), number_of(step, "partition", 0))
        ->offset = step["before"].GetInt64();
    auto* wanted = rd_kafka_DeleteRecords_new(list.get());
    Options asked = options(RD_KAFKA_ADMIN_OP_DELETERECORDS, step);
    rd_kafka_DeleteRecords(admin_.get(), &wanted, 1, asked.get(), queue_.get());
    rd_kafka_DeleteRecords_destroy(wanted);
    Event event = answer();
    const auto* offsets =
        rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
    const auto& row = offsets->elems[0];
    return row.err != RD_KAFKA_RESP_ERR_NO_ERROR ? error(row.err) : Json(row.offset);
  }

  // Groups.

  static Partitions offsets_to_commit(const Json& step) {
    Partitions list(rd_kafka_topic_partition_list_new(4));
    for (const auto& row : step["offsets"].GetArray()) {
      auto* partition =
          rd_kafka_topic_partition_list_add(list.get(), row[0].GetString(), row[1].GetInt());
      partition->offset = row[2].GetInt64();
      std::string metadata = *octets(row[3]);
      partition->metadata_size = metadata.size();
      partition->metadata = std::malloc(metadata.size() + 1);
      std::copy(metadata.begin(), metadata.end(), static_cast<char*>(partition->metadata));
    }
    return list;
  }

  static Json partition_errors(const rd_kafka_topic_partition_list_t* list) {
    Json result = object();
    for (int i = 0; i < list->cnt; ++i) {
      put(result,
          std::string(list->elems[i].topic) + "-" + std::to_string(list->elems[i].partition),
          text(name_of(list->elems[i].err)));
    }
    return result;
  }

  static Json partition_offsets(const rd_kafka_topic_partition_list_t* list) {
    Json result = object();
    for (int i = 0; i < list->cnt; ++i) {
      const auto& partition = list->elems[i];
      Json row = array();
      add(row, Json(partition.offset));
      add(row, shown(partition.metadata, partition.metadata_size));
      if (partition.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        add(row, text(name_of(partition.err)));
      }
      put(result,
          std::string(partition.topic) + "-" + std::to_string(partition.partition),
          std::move(row));
    }
    return result;
  }

  Json commit(const Json& step) {
    Handle handle =
        make(RD_KAFKA_CONSUMER,
             {{"group.id", step["group"].GetString()}, {"enable.auto.commit", "false"}});
    Partitions list = offsets_to_commit(step);
    rd_kafka_resp_err_t code = rd_kafka_commit(handle.get(), list.get(), 0);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw Failed{code};
    }
    return partition_errors(list.get());
  }

  Json committed(const Json& step) {
    Partitions list(rd_kafka_topic_partition_list_new(4));
    if (step.HasMember("partitions")) {
      for (const auto& row : step["partitions"].GetArray()) {
        rd_kafka_topic_partition_list_add(list.get(), row[0].GetString(), row[1].GetInt());
      }
    }
    auto* wanted = rd_kafka_ListConsumerGroupOffsets_new(
        step["group"].GetString(), step.HasMember("partitions") ? list.get() : nullptr);
    Options asked = options(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, step);
    rd_kafka_ListConsumerGroupOffsets(admin_.get(), &wanted, 1, asked.get(), queue_.get());
    rd_kafka_ListConsumerGroupOffsets_destroy(wanted);
    Event event = answer();
    size_t count = 0;
    const auto** results = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
    check(results[0]);
    return partition_offsets(rd_kafka_group_result_partitions(results[0]));
  }

  static void check(const rd_kafka_group_result_t* result) {
    const rd_kafka_error_t* problem = rd_kafka_group_result_error(result);
    if (problem != nullptr) {
      throw Failed{rd_kafka_error_code(problem)};
    }
  }

  Json groups(const Json& step) {
    Options asked = options(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, step);
    rd_kafka_ListConsumerGroups(admin_.get(), asked.get(), queue_.get());
    Event event = answer();
    size_t count = 0;
    const auto** results = rd_kafka_ListConsumerGroups_result_valid(
        rd_kafka_event_ListConsumerGroups_result(event.get()), &count);
    std::set<std::string> of;
    for (const auto& name : step["of"].GetArray()) {
      of.insert(name.GetString());
    }
    Json result = object();
    for (size_t i = 0; i < count; ++i) {
      std::string name = rd_kafka_ConsumerGroupListing_group_id(results[i]);
      if (of.count(name) != 0) {
        Json row = array();
        add(row, Json(rd_kafka_ConsumerGroupListing_is_simple_consumer_group(results[i]) == 1));
        add(row,
            text(rd_kafka_consumer_group_state_name(
                rd_kafka_ConsumerGroupListing_state(results[i]))));
        put(result, name, std::move(row));
      }
    }
    return result;
  }

  Json describe_groups(const Json& step) {
    std::vector<const char*> names;
    for (const auto& name : step["groups"].GetArray()) {
      names.push_back(name.GetString());
    }
    Options asked = options(RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, step);
    rd_kafka_DescribeConsumerGroups(
        admin_.get(), names.data(), names.size(), asked.get(), queue_.get());
    Event event = answer();
    size_t count = 0;
    const auto** results = rd_kafka_DescribeConsumerGroups_result_groups(
        rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
    Json result = object();
    for (size_t i = 0; i < count; ++i) {
      put(result,
          rd_kafka_ConsumerGroupDescription_group_id(results[i]),
          described(results[i], string_of(step, "show") == "partitions"));
    }
    return result;
  }

  static Json described(const rd_kafka_ConsumerGroupDescription_t* group, bool partitions) {
    const rd_kafka_error_t* problem = rd_kafka_ConsumerGroupDescription_error(group);
    if (problem != nullptr) {
      return error(rd_kafka_error_code(problem));
    }
    std::map<std::string, Json> members;
    for (size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(group); ++i) {
      const auto* member = rd_kafka_ConsumerGroupDescription_member(group, i);
      const auto* list =
          rd_kafka_MemberAssignment_partitions(rd_kafka_MemberDescription_assignment(member));
      const char* instance = rd_kafka_MemberDescription_group_instance_id(member);
      std::string name =
          instance != nullptr ? instance : rd_kafka_MemberDescription_client_id(member);
      members.emplace(name,
                      partitions ? shown_partitions(list) : Json(list == nullptr ? 0 : list->cnt));
    }
    Json shown_members = array();
    for (auto& [name, share] : members) {
      Json row = array();
      add(row, text(name));
      add(row, std::move(share));
      add(shown_members, std::move(row));
    }
    Json result = object();
    put(result,
        "state",
        text(rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(group))));
    put(result,
        "simple",
        Json(rd_kafka_ConsumerGroupDescription_is_simple_consumer_group(group) == 1));
    put(result, "assignor", text(rd_kafka_ConsumerGroupDescription_partition_assignor(group)));
    put(result,
        "coordinator",
        Json(rd_kafka_Node_id(rd_kafka_ConsumerGroupDescription_coordinator(group))));
    put(result, "members", std::move(shown_members));
    return result;
  }

  static Json shown_partitions(const rd_kafka_topic_partition_list_t* list) {
    std::set<std::string> names;
    for (int i = 0; list != nullptr && i < list->cnt; ++i) {
      names.insert(std::string(list->elems[i].topic) + "-" +
                   std::to_string(list->elems[i].partition));
    }
    Json result = array();
    for (const auto& name : names) {
      add(result, text(name));
    }
    return result;
  }

  Json delete_groups(const Json& step) {
    std::vector<rd_kafka_DeleteGroup_t*> wanted;
    for (const auto& name : step["groups"].GetArray()) {
      wanted.push_back(rd_kafka_DeleteGroup_new(name.GetString()));
    }
    Options asked = options(RD_KAFKA_ADMIN_OP_DELETEGROUPS, step);
    rd_kafka_DeleteGroups(admin_.get(), wanted.data(), wanted.size(), asked.get(), queue_.get());
    rd_kafka_DeleteGroup_destroy_array(wanted.data(), wanted.size());
    Event event = answer();
    size_t count = 0;
    const auto** results = rd_kafka_DeleteGroups_result_groups(
        rd_kafka_event_DeleteGroups_result(event.get()), &count);
    Json result = object();
    for (size_t i = 0; i < count; ++i) {
      const rd_kafka_error_t* problem = rd_kafka_group_result_error(results[i]);
      put(result,
          rd_kafka_group_result_name(results[i]),
          text(problem == nullptr ? "NONE" : name_of(rd_kafka_error_code(problem))));
    }
    return result;
  }

  Json alter_offsets(const Json& step) {
    Partitions list = offsets_to_commit(step);
    auto* wanted = rd_kafka_AlterConsumerGroupOffsets_new(step["group"].GetString(), list.get());
    Options asked = options(RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, step);
    rd_kafka_AlterConsumerGroupOffsets(admin_.get(), &wanted, 1, asked.get(), queue_.get());
    rd_kafka_AlterConsumerGroupOffsets_destroy(wanted);
    Event event = answer();
    size_t count = 0;
    const auto** results = rd_kafka_AlterConsumerGroupOffsets_result_groups(
        rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
    check(results[0]);
    return partition_errors(rd_kafka_group_result_partitions(results[0]));
  }

  Json delete_offsets(const Json& step) {
    Partitions list(rd_kafka_topic_partition_list_new(4));
    for (const auto& row : step["partitions"].GetArray()) {
      rd_kafka_topic_partition_list_add(list.get(), row[0].GetString(), row[1].GetInt());
    }
    auto* wanted = rd_kafka_DeleteConsumerGroupOffsets_new(step["group"].GetString(), list.get());
    Options asked = options(RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS, step);
    rd_kafka_DeleteConsumerGroupOffsets(admin_.get(), &wanted, 1, asked.get(), queue_.get());
    rd_kafka_DeleteConsumerGroupOffsets_destroy(wanted);
    Event event = answer();
    size_t count = 0;
    const auto** results = rd_kafka_DeleteConsumerGroupOffsets_result_groups(
        rd_kafka_event_DeleteConsumerGroupOffsets_result(event.get()), &count);
    check(results[0]);
    return partition_errors(rd_kafka_group_result_partitions(results[0]));
  }

  Json open(const Json& step) {
    std::string reset = string_of(step, "reset");
    Settings settings = {
        {"group.id", step["group"].GetString()},
        {"client.id", step["member"].GetString()},
        {"enable.auto.commit", "false"},
        {"auto.offset.reset", reset == "none" ? "error" : reset},
        {"session.timeout.ms", std::to_string(number_of(step, "session_ms", 10000))},
        {"heartbeat.interval.ms", "300"},
        {"fetch.wait.max.ms", "100"},
        {"max.poll.interval.ms", "20000"}};
    if (step.HasMember("strategy")) {
      settings["partition.assignment.strategy"] = step["strategy"].GetString();
    }
    if (step.HasMember("instance")) {
      settings["group.instance.id"] = step["instance"].GetString();
    }
    auto member = std::make_unique<Member>();
    member->consumer = make(RD_KAFKA_CONSUMER, settings);
    rd_kafka_poll_set_consumer(member->consumer.get());
    Partitions topics(rd_kafka_topic_partition_list_new(1));
    for (const auto& topic : step["topics"].GetArray()) {
      rd_kafka_topic_partition_list_add(topics.get(), topic.GetString(), RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_resp_err_t code = rd_kafka_subscribe(member->consumer.get(), topics.get());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw Failed{code};
    }
    members_[step["member"].GetString()] = std::move(member);
    return text("NONE");
  }

  Member& member(const Json& step) {
    auto found = members_.find(step["member"].GetString());
    if (found == members_.end()) {
      throw Unsupported{};
    }
    return *found->second;
  }

  // Every member must poll while any of them is waited for.
  void poll_all() {
    for (auto& [name, member] : members_) {
      for (int i = 0; i < 50; ++i) {
        rd_kafka_message_t* message = rd_kafka_consumer_poll(member->consumer.get(), 5);
        if (message == nullptr) {
          break;
        }
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
          member->records.push_back(
              {{message->partition, message->offset},
               std::string(static_cast<const char*>(message->payload), message->len)});
        } else if (member->failure == RD_KAFKA_RESP_ERR_NO_ERROR) {
          member->failure = message->err;
        }
        rd_kafka_message_destroy(message);
      }
    }
  }

  void poll_until(std::chrono::milliseconds limit, const std::function<bool()>& done) {
    auto deadline = Clock::now() + limit;
    while (Clock::now() < deadline && !done()) {
      poll_all();
    }
  }

  static Partitions assignment(const Member& member) {
    rd_kafka_topic_partition_list_t* list = nullptr;
    if (rd_kafka_assignment(member.consumer.get(), &list) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      list = rd_kafka_topic_partition_list_new(0);
    }
    return Partitions(list);
  }

  Json wait(const Json& step) {
    for (const auto& wanted : step["members"].GetObject()) {
      if (members_.count(wanted.name.GetString()) == 0) {
        throw Unsupported{};
      }
    }
    auto all_there = [&] {
      return std::all_of(
          step["members"].MemberBegin(), step["members"].MemberEnd(), [&](const auto& wanted) {
            return assignment(*members_[wanted.name.GetString()])->cnt == wanted.value.GetInt();
          });
    };
    auto deadline = Clock::now() + seconds(30);
    while (Clock::now() < deadline) {
      poll_until(std::chrono::seconds(30), [&] { return all_there() || Clock::now() > deadline; });
      poll_until(std::chrono::milliseconds(number_of(step, "settle_ms", 300)),
                 [] { return false; });
      if (all_there()) {
        break;
      }
    }
    Json result = object();
    for (const auto& wanted : step["members"].GetObject()) {
      Partitions list = assignment(*members_[wanted.name.GetString()]);
      put(result,
          wanted.name.GetString(),
          step.HasMember("show") ? shown_partitions(list.get()) : Json(list->cnt));
    }
    return result;
  }

  Json read(const Json& step) {
    Member& reader = member(step);
    poll_until(std::chrono::seconds(20), [&] {
      return reader.records.size() >= step["count"].GetUint() || reader.failure != 0;
    });
    poll_until(std::chrono::milliseconds(300), [] { return false; });
    std::sort(reader.records.begin(), reader.records.end());
    Json result = array();
    for (const auto& [place, value] : reader.records) {
      Json row = array();
      add(row, Json(place.first));
      add(row, Json(place.second));
      add(row, shown(value.data(), value.size()));
      add(result, std::move(row));
    }
    reader.records.clear();
    return result;
  }

  Json member_commit(const Json& step) {
    rd_kafka_resp_err_t code = rd_kafka_commit(member(step).consumer.get(), nullptr, 0);
    return text(name_of(code));
  }

  Json failure(const Json& step) {
    Member& failing = member(step);
    poll_until(std::chrono::seconds(12),
               [&] { return failing.failure != RD_KAFKA_RESP_ERR_NO_ERROR; });
    return error(failing.failure);
  }

  Json close(const Json& step) {
    rd_kafka_resp_err_t code = rd_kafka_consumer_close(member(step).consumer.get());
    members_.erase(step["member"].GetString());
    return text(name_of(code));
  }

  std::string address_;
  Handle admin_;
  Queue queue_;
  std::map<std::string, std::unique_ptr<Member>> members_;
  std::map<std::string, Json (Runner::*)(const Json&)> operations_;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) {
    std::cerr << "usage: librdkafka HOST:PORT scenario.json errors.tsv [section…]\n";
    return 2;
  }
  std::set<std::string> only(words + 4, words + count);
  std::istringstream codes(read_file(words[3]));
  for (std::string line; std::getline(codes, line);) {
    error_names[std::stoi(line)] = line.substr(line.find('\t') + 1);
  }
  static const std::set<std::string> kChanges = {
      "create", "delete", "grow", "replace", "trim", "close", "delete_groups"};
  Document scenario;
  scenario.Parse(read_file(words[2]).c_str());
  answers.SetObject();
  Runner runner(words[1]);
  for (const auto& section : scenario.GetArray()) {
    if (!only.empty() && only.count(section[0].GetString()) == 0 && section[0] != "warm") {
      continue;
    }
    for (const auto& step : section[2].GetArray()) {
      std::cerr << "--- " << step["id"].GetString() << std::endl;
      Json result = runner.run(step);
      rapidjson::StringBuffer buffer;
      rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
      result.Accept(writer);
      std::cout << step["id"].GetString() << "\t" << buffer.GetString() << std::endl;
      if (kChanges.count(step["op"].GetString()) != 0) {
        rest(250);
      }
    }
  }
  return 0;
}
