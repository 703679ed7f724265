// One broker, the handle that asks it, and what all groups of operations need.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "values.hpp"

namespace suite {

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

using Settings = std::map<std::string, std::string>;

/// Owned by one thread.
class Session {
 public:
  explicit Session(std::string address);

  rd_kafka_t* admin() { return admin_.get(); }

  rd_kafka_queue_t* queue() { return queue_.get(); }

  /// A producer or consumer of this broker.
  Handle make(rd_kafka_type_t type,
              const Settings& own,
              rd_kafka_conf_t* conf = rd_kafka_conf_new());
  Options options(rd_kafka_admin_op_t operation, const Json& step);
  /// Of the call that was last put into queue().
  Event answer();
  /// Of one topic, or of all if it is null.
  void with_metadata(const char* topic, const std::function<void(const rd_kafka_metadata_t*)>& use);
  /// The first offset and the end.
  std::pair<int64_t, int64_t> watermarks(const char* topic, int partition);

 private:
  std::string address_;
  Handle admin_;
  Queue queue_;
};

/// Topics with partitions, sorted.
Json shown_partitions(const rd_kafka_topic_partition_list_t* list);

using Operation = std::function<Json(const Json& step)>;
using Operations = std::map<std::string, Operation, std::less<>>;

void add_topics(Operations& operations, Session& session);
void add_configs(Operations& operations, Session& session);
void add_records(Operations& operations, Session& session);
void add_groups(Operations& operations, Session& session);
void add_members(Operations& operations, Session& session);

}  // namespace suite
