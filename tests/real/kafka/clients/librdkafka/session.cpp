#include "session.hpp"

#include <iostream>
#include <set>

namespace suite {

Session::Session(std::string address) : address_(std::move(address)) {
  admin_ = make(RD_KAFKA_PRODUCER, {});
  queue_.reset(rd_kafka_queue_new(admin_.get()));
}

Handle Session::make(rd_kafka_type_t type, const Settings& own, rd_kafka_conf_t* conf) {
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

Options Session::options(rd_kafka_admin_op_t operation, const Json& step) {
  Options made(rd_kafka_AdminOptions_new(admin_.get(), operation));
  char problem[256];
  rd_kafka_AdminOptions_set_request_timeout(made.get(), 15000, problem, sizeof problem);
  if (step.HasMember("validate_only")) {
    rd_kafka_AdminOptions_set_validate_only(made.get(), 1, problem, sizeof problem);
  }
  if (operation == RD_KAFKA_ADMIN_OP_CREATETOPICS || operation == RD_KAFKA_ADMIN_OP_DELETETOPICS ||
      operation == RD_KAFKA_ADMIN_OP_CREATEPARTITIONS) {
    rd_kafka_AdminOptions_set_operation_timeout(made.get(), 10000, problem, sizeof problem);
  }
  return made;
}

Event Session::answer() {
  Event event(rd_kafka_queue_poll(queue_.get(), 20000));
  if (!event) {
    throw Failed{RD_KAFKA_RESP_ERR__TIMED_OUT};
  }
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw Failed{rd_kafka_event_error(event.get())};
  }
  return event;
}

void Session::with_metadata(const char* topic,
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

std::pair<int64_t, int64_t> Session::watermarks(const char* topic, int partition) {
  int64_t low = 0;
  int64_t high = 0;
  rd_kafka_resp_err_t code =
      rd_kafka_query_watermark_offsets(admin_.get(), topic, partition, &low, &high, 10000);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw Failed{code};
  }
  return {low, high};
}

Json shown_partitions(const rd_kafka_topic_partition_list_t* list) {
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

}  // namespace suite
