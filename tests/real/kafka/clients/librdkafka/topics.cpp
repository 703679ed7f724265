// The cluster and its topics.
#include <set>
#include <vector>

#include "session.hpp"

namespace suite {
namespace {

Json cluster(Session& session, const Json&) {
  char* id = rd_kafka_clusterid(session.admin(), 5000);
  Json result = object();
  put(result, "id", Json(id != nullptr && *id != 0));
  rd_kafka_mem_free(session.admin(), id);
  put(result, "controller", Json(rd_kafka_controllerid(session.admin(), 5000)));
  session.with_metadata(nullptr, [&](const rd_kafka_metadata_t* metadata) {
    Json nodes = array();
    for (int i = 0; i < metadata->broker_cnt; ++i) {
      add(nodes, Json(metadata->brokers[i].id));
    }
    put(result, "nodes", std::move(nodes));
  });
  return result;
}

Json topics(Session& session, const Json&) {
  std::set<std::string> names;
  session.with_metadata(nullptr, [&](const rd_kafka_metadata_t* metadata) {
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

Json described(const rd_kafka_metadata_topic_t& topic) {
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

Json describe(Session& session, const Json& step) {
  Json result = object();
  for (const auto& name : step["topics"].GetArray()) {
    if (std::string(name.GetString()) == "validated") {
      throw Unsupported{};  // Asking for metadata makes the topic.
    }
    session.with_metadata(name.GetString(), [&](const rd_kafka_metadata_t* metadata) {
      for (int i = 0; i < metadata->topic_cnt; ++i) {
        put(result, metadata->topics[i].topic, described(metadata->topics[i]));
      }
    });
  }
  return result;
}

Json topic_results(const rd_kafka_topic_result_t** results, size_t count) {
  Json shown_results = object();
  for (size_t i = 0; i < count; ++i) {
    put(shown_results,
        rd_kafka_topic_result_name(results[i]),
        text(name_of(rd_kafka_topic_result_error(results[i]))));
  }
  return shown_results;
}

Json create(Session& session, const Json& step) {
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
  Options asked = session.options(RD_KAFKA_ADMIN_OP_CREATETOPICS, step);
  rd_kafka_CreateTopics(
      session.admin(), wanted.data(), wanted.size(), asked.get(), session.queue());
  rd_kafka_NewTopic_destroy_array(wanted.data(), wanted.size());
  Event event = session.answer();
  size_t count = 0;
  const auto** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  return topic_results(results, count);
}

Json erase(Session& session, const Json& step) {
  std::vector<rd_kafka_DeleteTopic_t*> wanted;
  for (const auto& topic : step["topics"].GetArray()) {
    wanted.push_back(rd_kafka_DeleteTopic_new(topic.GetString()));
  }
  Options asked = session.options(RD_KAFKA_ADMIN_OP_DELETETOPICS, step);
  rd_kafka_DeleteTopics(
      session.admin(), wanted.data(), wanted.size(), asked.get(), session.queue());
  rd_kafka_DeleteTopic_destroy_array(wanted.data(), wanted.size());
  Event event = session.answer();
  size_t count = 0;
  const auto** results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  return topic_results(results, count);
}

Json grow(Session& session, const Json& step) {
  char problem[256];
  auto* wanted = rd_kafka_NewPartitions_new(
      step["topic"].GetString(), step["count"].GetUint(), problem, sizeof problem);
  Options asked = session.options(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, step);
  rd_kafka_CreatePartitions(session.admin(), &wanted, 1, asked.get(), session.queue());
  rd_kafka_NewPartitions_destroy(wanted);
  Event event = session.answer();
  size_t count = 0;
  const auto** results = rd_kafka_CreatePartitions_result_topics(
      rd_kafka_event_CreatePartitions_result(event.get()), &count);
  return topic_results(results, count);
}

}  // namespace

void add_topics(Operations& operations, Session& session) {
  operations["cluster"] = [&session](const Json& step) {
    return cluster(session, step);
  };
  operations["create"] = [&session](const Json& step) {
    return create(session, step);
  };
  operations["delete"] = [&session](const Json& step) {
    return erase(session, step);
  };
  operations["topics"] = [&session](const Json& step) {
    return topics(session, step);
  };
  operations["describe"] = [&session](const Json& step) {
    return describe(session, step);
  };
  operations["grow"] = [&session](const Json& step) {
    return grow(session, step);
  };
}

}  // namespace suite
