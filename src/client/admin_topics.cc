#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "client/admin.h"
#include "client/detail/ask.h"
#include "wire/generated/create_partitions.h"
#include "wire/generated/create_topics.h"
#include "wire/generated/delete_records.h"
#include "wire/generated/delete_topics.h"

namespace millrace::client {
namespace {

using wire::CreatePartitionsRequest;
using wire::CreatePartitionsResponse;
using wire::CreateTopicsRequest;
using wire::CreateTopicsResponse;
using wire::DeleteRecordsRequest;
using wire::DeleteRecordsResponse;
using wire::DeleteTopicsRequest;
using wire::DeleteTopicsResponse;

std::int32_t timeout_of(const Cluster& cluster) {
  return static_cast<std::int32_t>(cluster.options().request_timeout_ms);
}

CreateTopicsRequest::CreatableTopic wire_topic(const NewTopic& topic) {
  CreateTopicsRequest::CreatableTopic out{.name = topic.name,
                                          .num_partitions = topic.partitions,
                                          .replication_factor = topic.replication_factor};
  std::int32_t index = 0;
  for (const std::vector<std::int32_t>& brokers : topic.assignments) {
    out.assignments.push_back({.partition_index = index++, .broker_ids = brokers});
    out.num_partitions = -1;
    out.replication_factor = -1;
  }
  for (const auto& [name, value] : topic.configs) {
    out.configs.push_back({.name = name, .value = value});
  }
  return out;
}

// The controller has moved: the next try asks who it is.
template <class Results>
bool controller_moved(const Results& results) {
  return std::ranges::any_of(
      results, [](const auto& result) { return result.error_code == KafkaError::kNotController; });
}

// Asks the controller, again when it is another by now. `results` gives the outcomes in an answer.
template <class Request, class Response, class Results>
Result<Response> ask_controller(Cluster& cluster, const Request& request, const Results& results) {
  const Deadline deadline = cluster.deadline();
  Retry retry(cluster, deadline);
  while (true) {
    Response response = TRY(ask<Response>(
        cluster, {.deadline = deadline}, [&] { return cluster.controller(deadline); }, request));
    if (!controller_moved(results(response))) {
      return response;
    }
    TRY(retry.pause("the controller has moved"));
    TRY(cluster.all_topics(deadline));
  }
}

TopicOutcome missing(std::string_view topic) {
  return {.topic = std::string(topic),
          .outcome = {.error = KafkaError::kUnknownServerError,
                      .message = "the broker did not answer for it"}};
}

}  // namespace

Result<std::vector<TopicOutcome>> Admin::create_topics(std::span<const NewTopic> topics,
                                                       bool validate_only) {
  CreateTopicsRequest request{.timeout_ms = timeout_of(cluster_), .validate_only = validate_only};
  for (const NewTopic& topic : topics) {
    request.topics.push_back(wire_topic(topic));
  }
  CreateTopicsResponse response = TRY((ask_controller<CreateTopicsRequest, CreateTopicsResponse>(
      cluster_, request, [](const auto& answer) -> const auto& { return answer.topics; })));
  std::vector<TopicOutcome> outcomes;
  for (const NewTopic& topic : topics) {
    const auto found = std::ranges::find(
        response.topics, topic.name, &CreateTopicsResponse::CreatableTopicResult::name);
    if (found == response.topics.end()) {
      outcomes.push_back(missing(topic.name));
      continue;
    }
    outcomes.push_back(
        {.topic = topic.name,
         .outcome = {.error = found->error_code, .message = found->error_message.value_or("")},
         .partitions = found->num_partitions,
         .replication_factor = found->replication_factor,
         .id = found->topic_id});
    cluster_.forget_topic(topic.name);
  }
  return outcomes;
}

Result<std::vector<TopicOutcome>> Admin::delete_topics(std::span<const std::string> names) {
  constexpr std::int16_t kByState = 6;
  const Deadline deadline = cluster_.deadline();
  const auto build = [&](std::int16_t version) {
    DeleteTopicsRequest request{.timeout_ms = timeout_of(cluster_)};
    for (const std::string& name : names) {
      if (version >= kByState) {
        request.topics.push_back({.name = name});
      } else {
        request.topic_names.push_back(name);
      }
    }
    return request;
  };
  const DeleteTopicsResponse response = TRY((ask_built<DeleteTopicsRequest, DeleteTopicsResponse>(
      cluster_, {.deadline = deadline}, [&] { return cluster_.controller(deadline); }, build)));
  std::vector<TopicOutcome> outcomes;
  for (const std::string& name : names) {
    const auto found = std::ranges::find_if(
        response.responses, [&name](const auto& result) { return result.name == name; });
    if (found == response.responses.end()) {
      outcomes.push_back(missing(name));
      continue;
    }
    outcomes.push_back(
        {.topic = name,
         .outcome = {.error = found->error_code, .message = found->error_message.value_or("")}});
    cluster_.forget_topic(name);
  }
  return outcomes;
}

Result<std::vector<TopicOutcome>> Admin::create_partitions(std::span<const MorePartitions> topics,
                                                           bool validate_only) {
  CreatePartitionsRequest request{.timeout_ms = timeout_of(cluster_),
                                  .validate_only = validate_only};
  for (const MorePartitions& topic : topics) {
    CreatePartitionsRequest::CreatePartitionsTopic out{.name = topic.topic, .count = topic.total};
    if (topic.assignments.empty()) {
      out.assignments.reset();
    }
    for (const std::vector<std::int32_t>& brokers : topic.assignments) {
      out.assignments->push_back({.broker_ids = brokers});
    }
    request.topics.push_back(std::move(out));
  }
  CreatePartitionsResponse response =
      TRY((ask_controller<CreatePartitionsRequest, CreatePartitionsResponse>(
          cluster_, request, [](const auto& answer) -> const auto& { return answer.results; })));
  std::vector<TopicOutcome> outcomes;
  for (const MorePartitions& topic : topics) {
    const auto found =
        std::ranges::find(response.results,
                          topic.topic,
                          &CreatePartitionsResponse::CreatePartitionsTopicResult::name);
    if (found == response.results.end()) {
      outcomes.push_back(missing(topic.topic));
      continue;
    }
    outcomes.push_back(
        {.topic = topic.topic,
         .outcome = {.error = found->error_code, .message = found->error_message.value_or("")},
         .partitions = topic.total});
    cluster_.forget_topic(topic.topic);
  }
  return outcomes;
}

Result<std::vector<PartitionOutcome>> Admin::delete_records(
    const std::map<TopicPartition, Offset>& before) {
  std::vector<TopicPartition> partitions;
  std::vector<PartitionOutcome> results;
  for (const auto& [partition, offset] : before) {
    partitions.push_back(partition);
    results.push_back({.partition = partition});
  }
  const Deadline deadline = cluster_.deadline();
  const AskLeader ask_leader = [&](Connection& leader,
                                   std::span<const std::size_t> indexes,
                                   std::vector<Outcome>& outcomes) -> Result<void> {
    DeleteRecordsRequest request{.timeout_ms = timeout_of(cluster_)};
    std::map<TopicPartition, std::size_t> asked;
    for (const std::size_t index : indexes) {
      const TopicPartition& partition = partitions[index];
      if (request.topics.empty() || request.topics.back().name != partition.topic) {
        request.topics.push_back({.name = partition.topic});
      }
      request.topics.back().partitions.push_back(
          {.partition_index = partition.partition.value(), .offset = before.at(partition).value()});
      outcomes[index] = missing(partition.topic).outcome;
      asked[partition] = index;
    }
    const auto response = TRY(leader.call<DeleteRecordsResponse>(
        request, deadline.within_ms(cluster_.options().request_timeout_ms)));
    for (const auto& topic : response.topics) {
      for (const auto& answer : topic.partitions) {
        const auto found =
            asked.find({.topic = topic.name, .partition = PartitionId(answer.partition_index)});
        if (found != asked.end()) {
          outcomes[found->second] = {.error = answer.error_code};
          results[found->second].offset = Offset(answer.low_watermark);
        }
      }
    }
    return {};
  };
  std::vector<Outcome> outcomes = TRY(ask_leaders(cluster_, deadline, partitions, ask_leader));
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i].outcome = std::move(outcomes[i]);
  }
  return results;
}

}  // namespace millrace::client
