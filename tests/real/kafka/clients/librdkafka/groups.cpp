// Groups and their committed offsets, from outside.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <vector>

#include "session.hpp"

namespace suite {
namespace {

Partitions offsets_to_commit(const Json& step) {
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

Json partition_errors(const rd_kafka_topic_partition_list_t* list) {
  Json result = object();
  for (int i = 0; i < list->cnt; ++i) {
    put(result,
        std::string(list->elems[i].topic) + "-" + std::to_string(list->elems[i].partition),
        text(name_of(list->elems[i].err)));
  }
  return result;
}

Json partition_offsets(const rd_kafka_topic_partition_list_t* list) {
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

void check(const rd_kafka_group_result_t* result) {
  const rd_kafka_error_t* problem = rd_kafka_group_result_error(result);
  if (problem != nullptr) {
    throw Failed{rd_kafka_error_code(problem)};
  }
}

Json commit(Session& session, const Json& step) {
  Handle handle =
      session.make(RD_KAFKA_CONSUMER,
                   {{"group.id", step["group"].GetString()}, {"enable.auto.commit", "false"}});
  Partitions list = offsets_to_commit(step);
  rd_kafka_resp_err_t code = rd_kafka_commit(handle.get(), list.get(), 0);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw Failed{code};
  }
  return partition_errors(list.get());
}

Json committed(Session& session, const Json& step) {
  Partitions list(rd_kafka_topic_partition_list_new(4));
  if (step.HasMember("partitions")) {
    for (const auto& row : step["partitions"].GetArray()) {
      rd_kafka_topic_partition_list_add(list.get(), row[0].GetString(), row[1].GetInt());
    }
  }
  auto* wanted = rd_kafka_ListConsumerGroupOffsets_new(
      step["group"].GetString(), step.HasMember("partitions") ? list.get() : nullptr);
  Options asked = session.options(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, step);
  rd_kafka_ListConsumerGroupOffsets(session.admin(), &wanted, 1, asked.get(), session.queue());
  rd_kafka_ListConsumerGroupOffsets_destroy(wanted);
  Event event = session.answer();
  size_t count = 0;
  const auto** results = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
  check(results[0]);
  return partition_offsets(rd_kafka_group_result_partitions(results[0]));
}

Json groups(Session& session, const Json& step) {
  Options asked = session.options(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, step);
  rd_kafka_ListConsumerGroups(session.admin(), asked.get(), session.queue());
  Event event = session.answer();
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
          text(
              rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupListing_state(results[i]))));
      put(result, name, std::move(row));
    }
  }
  return result;
}

Json described(const rd_kafka_ConsumerGroupDescription_t* group, bool partitions) {
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

Json describe_groups(Session& session, const Json& step) {
  std::vector<const char*> names;
  for (const auto& name : step["groups"].GetArray()) {
    names.push_back(name.GetString());
  }
  Options asked = session.options(RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, step);
  rd_kafka_DescribeConsumerGroups(
      session.admin(), names.data(), names.size(), asked.get(), session.queue());
  Event event = session.answer();
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

Json delete_groups(Session& session, const Json& step) {
  std::vector<rd_kafka_DeleteGroup_t*> wanted;
  for (const auto& name : step["groups"].GetArray()) {
    wanted.push_back(rd_kafka_DeleteGroup_new(name.GetString()));
  }
  Options asked = session.options(RD_KAFKA_ADMIN_OP_DELETEGROUPS, step);
  rd_kafka_DeleteGroups(
      session.admin(), wanted.data(), wanted.size(), asked.get(), session.queue());
  rd_kafka_DeleteGroup_destroy_array(wanted.data(), wanted.size());
  Event event = session.answer();
  size_t count = 0;
  const auto** results =
      rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event.get()), &count);
  Json result = object();
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_error_t* problem = rd_kafka_group_result_error(results[i]);
    put(result,
        rd_kafka_group_result_name(results[i]),
        text(problem == nullptr ? "NONE" : name_of(rd_kafka_error_code(problem))));
  }
  return result;
}

Json alter_offsets(Session& session, const Json& step) {
  Partitions list = offsets_to_commit(step);
  auto* wanted = rd_kafka_AlterConsumerGroupOffsets_new(step["group"].GetString(), list.get());
  Options asked = session.options(RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, step);
  rd_kafka_AlterConsumerGroupOffsets(session.admin(), &wanted, 1, asked.get(), session.queue());
  rd_kafka_AlterConsumerGroupOffsets_destroy(wanted);
  Event event = session.answer();
  size_t count = 0;
  const auto** results = rd_kafka_AlterConsumerGroupOffsets_result_groups(
      rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
  check(results[0]);
  return partition_errors(rd_kafka_group_result_partitions(results[0]));
}

Json delete_offsets(Session& session, const Json& step) {
  Partitions list(rd_kafka_topic_partition_list_new(4));
  for (const auto& row : step["partitions"].GetArray()) {
    rd_kafka_topic_partition_list_add(list.get(), row[0].GetString(), row[1].GetInt());
  }
  auto* wanted = rd_kafka_DeleteConsumerGroupOffsets_new(step["group"].GetString(), list.get());
  Options asked = session.options(RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS, step);
  rd_kafka_DeleteConsumerGroupOffsets(session.admin(), &wanted, 1, asked.get(), session.queue());
  rd_kafka_DeleteConsumerGroupOffsets_destroy(wanted);
  Event event = session.answer();
  size_t count = 0;
  const auto** results = rd_kafka_DeleteConsumerGroupOffsets_result_groups(
      rd_kafka_event_DeleteConsumerGroupOffsets_result(event.get()), &count);
  check(results[0]);
  return partition_errors(rd_kafka_group_result_partitions(results[0]));
}

}  // namespace

void add_groups(Operations& operations, Session& session) {
  operations["commit"] = [&session](const Json& step) {
    return commit(session, step);
  };
  operations["committed"] = [&session](const Json& step) {
    return committed(session, step);
  };
  operations["groups"] = [&session](const Json& step) {
    return groups(session, step);
  };
  operations["describe_groups"] = [&session](const Json& step) {
    return describe_groups(session, step);
  };
  operations["delete_groups"] = [&session](const Json& step) {
    return delete_groups(session, step);
  };
  operations["alter_offsets"] = [&session](const Json& step) {
    return alter_offsets(session, step);
  };
  operations["delete_offsets"] = [&session](const Json& step) {
    return delete_offsets(session, step);
  };
}

}  // namespace suite
