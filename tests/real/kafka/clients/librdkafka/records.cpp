// Records: produced, fetched, counted, deleted; and the offsets at which they are.
#include <algorithm>
#include <vector>

#include "session.hpp"

namespace suite {
namespace {

void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
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

Handle producer(Session& session, const Json& step) {
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
  return session.make(RD_KAFKA_PRODUCER, settings, conf);
}

void send(rd_kafka_t* handle, const Json& step, const Json& record, Json* row) {
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

Json produce(Session& session, const Json& step) {
  Handle handle = producer(session, step);
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

Json bulk_produce(Session& session, const Json& step) {
  Handle handle = producer(session, step);
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
        Json(session.watermarks(step["topic"].GetString(), partition).second));
  }
  return result;
}

Handle reader(Session& session, const Json& step) {
  return session.make(
      RD_KAFKA_CONSUMER,
      {{"group.id", "unused"},
       {"enable.auto.commit", "false"},
       {"auto.offset.reset", "error"},
       {"fetch.wait.max.ms", "100"},
       {"isolation.level", string_of(step, "isolation", "read_uncommitted")},
       {"max.partition.fetch.bytes", std::to_string(number_of(step, "partition_bytes", 1048576))}});
}

Json bulk_consume(Session& session, const Json& step) {
  struct Row {
    int64_t count = 0, bytes = 0, next = 0, end = 0;
    bool ordered = true;
  };

  Handle handle = reader(session, step);
  int count = step["partitions"].GetInt();
  std::vector<Row> rows(static_cast<size_t>(count));
  Partitions list(rd_kafka_topic_partition_list_new(count));
  for (int partition = 0; partition < count; ++partition) {
    rd_kafka_topic_partition_list_add(list.get(), step["topic"].GetString(), partition)->offset = 0;
    rows[static_cast<size_t>(partition)].end =
        session.watermarks(step["topic"].GetString(), partition).second;
  }
  rd_kafka_assign(handle.get(), list.get());
  auto deadline = Clock::now() + std::chrono::seconds(60);
  while (Clock::now() < deadline &&
         std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.next < row.end; })) {
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

int64_t offset_at(Session& session, const char* topic, int partition, int64_t milliseconds) {
  Partitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic, partition)->offset = milliseconds;
  rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(session.admin(), list.get(), 5000);
  code = code != RD_KAFKA_RESP_ERR_NO_ERROR ? code : list->elems[0].err;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw Failed{code};
  }
  return list->elems[0].offset;
}

Json record(const rd_kafka_message_t* message) {
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

Json fetch(Session& session, const Json& step) {
  Handle handle = reader(session, step);
  const char* topic = step["topic"].GetString();
  int partition = number_of(step, "partition", 0);
  auto [low, end] = session.watermarks(topic, partition);
  const Json& place = step["from"];
  int64_t start = end;
  if (place.IsString()) {
    start = place == "earliest" ? low : end;
  } else if (place.HasMember("offset")) {
    start = place["offset"].GetInt64();
  } else if (place.HasMember("tail")) {
    start = end - place["tail"].GetInt64();
  } else {
    start = offset_at(session, topic, partition, place["timestamp"].GetInt64());
    start = start < 0 ? end : start;
  }
  Partitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic, partition)->offset = start;
  rd_kafka_assign(handle.get(), list.get());
  Json result = object();
  put(result, "start", Json(start));
  put(result, "end", Json(end));
  Json records = array();
  auto deadline = Clock::now() + std::chrono::seconds(10);
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

Json offsets(Session& session, const Json& step) {
  Json result = array();
  const char* topic = step["topic"].GetString();
  int partition = number_of(step, "partition", 0);
  for (const auto& spec : step["specs"].GetArray()) {
    try {
      if (spec.IsString() && spec != "earliest" && spec != "latest") {
        add(result, text("unsupported"));
      } else if (spec.IsString()) {
        auto [low, high] = session.watermarks(topic, partition);
        add(result, Json(spec == "earliest" ? low : high));
      } else {
        add(result, Json(offset_at(session, topic, partition, spec.GetInt64())));
      }
    } catch (const Failed& failed) {
      add(result, error(failed.code));
    }
  }
  return result;
}

Json trim(Session& session, const Json& step) {
  Partitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(
      list.get(), step["topic"].GetString(), number_of(step, "partition", 0))
      ->offset = step["before"].GetInt64();
  auto* wanted = rd_kafka_DeleteRecords_new(list.get());
  Options asked = session.options(RD_KAFKA_ADMIN_OP_DELETERECORDS, step);
  rd_kafka_DeleteRecords(session.admin(), &wanted, 1, asked.get(), session.queue());
  rd_kafka_DeleteRecords_destroy(wanted);
  Event event = session.answer();
  const auto* offsets =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
  const auto& row = offsets->elems[0];
  return row.err != RD_KAFKA_RESP_ERR_NO_ERROR ? error(row.err) : Json(row.offset);
}

}  // namespace

void add_records(Operations& operations, Session& session) {
  operations["produce"] = [&session](const Json& step) {
    return produce(session, step);
  };
  operations["fetch"] = [&session](const Json& step) {
    return fetch(session, step);
  };
  operations["offsets"] = [&session](const Json& step) {
    return offsets(session, step);
  };
  operations["trim"] = [&session](const Json& step) {
    return trim(session, step);
  };
  operations["bulk_produce"] = [&session](const Json& step) {
    return bulk_produce(session, step);
  };
  operations["bulk_consume"] = [&session](const Json& step) {
    return bulk_consume(session, step);
  };
}

}  // namespace suite
