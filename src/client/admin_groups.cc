#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "client/admin.h"
#include "client/detail/ask_coordinator.h"
#include "client/detail/group_protocol.h"
#include "wire/generated/consumer_group_describe.h"
#include "wire/generated/delete_groups.h"
#include "wire/generated/describe_groups.h"
#include "wire/generated/list_groups.h"

namespace millrace::client {
namespace {

using wire::ConsumerGroupDescribeRequest;
using wire::ConsumerGroupDescribeResponse;
using wire::DeleteGroupsRequest;
using wire::DeleteGroupsResponse;
using wire::DescribeGroupsRequest;
using wire::DescribeGroupsResponse;
using wire::ListGroupsRequest;
using wire::ListGroupsResponse;

struct GroupFilter {
  std::span<const std::string> states;
  std::span<const std::string> types;
};

Result<ListGroupsRequest> list_request(const Connection& connection, const GroupFilter& filter) {
  constexpr std::int16_t kWithStates = 4;
  constexpr std::int16_t kWithTypes = 5;
  const std::int16_t version = TRY(connection.version_of(ListGroupsRequest::kKey));
  if ((!filter.states.empty() && version < kWithStates) ||
      (!filter.types.empty() && version < kWithTypes)) {
    return Error(ErrorCode::kUnsupported,
                 fmt::format("the broker {} is too old to choose groups by state or type",
                             config::to_string(connection.address())));
  }
  ListGroupsRequest request;
  request.states_filter.assign(filter.states.begin(), filter.states.end());
  request.types_filter.assign(filter.types.begin(), filter.types.end());
  return request;
}

Result<ListGroupsResponse> list_groups_of(Cluster& cluster,
                                          std::int32_t node,
                                          const GroupFilter& filter,
                                          const Deadline& deadline) {
  Retry retry(cluster, deadline);
  while (true) {
    Result<Connection*> connection = cluster.node(node, deadline);
    if (!connection) {
      TRY(retry.after(std::move(connection).error()));
      continue;
    }
    const ListGroupsRequest request = TRY(list_request(**connection, filter));
    Result<ListGroupsResponse> response =
        (*connection)
            ->call<ListGroupsResponse>(request,
                                       deadline.within_ms(cluster.options().request_timeout_ms));
    if (!response) {
      TRY(retry.after(std::move(response).error()));
      continue;
    }
    if (response->error_code == KafkaError::kNone) {
      return response;
    }
    const Outcome outcome{.error = response->error_code};
    TRY(retry.after(to_error(outcome, fmt::format("groups of broker {}", node))));
  }
}

// The members of a group of the consumer protocol have topics and partitions; of others, only the
// members themselves know what the bytes mean.
GroupMember classic_member(DescribeGroupsResponse::DescribedGroupMember& member, bool consumers) {
  GroupMember out{.id = std::move(member.member_id),
                  .instance_id = member.group_instance_id.value_or(""),
                  .client_id = std::move(member.client_id),
                  .host = std::move(member.client_host)};
  if (consumers) {
    if (auto topics = decode_subscription(member.member_metadata.view())) {
      out.subscribed = *std::move(topics);
    } else {
      topics.ignore_error("a member that says it in bytes of its own");
    }
    if (auto partitions = decode_assignment(member.member_assignment.view())) {
      out.assignment = *std::move(partitions);
    } else {
      partitions.ignore_error("a member that says it in bytes of its own");
    }
  }
  return out;
}

GroupMember consumer_member(ConsumerGroupDescribeResponse::Member& member) {
  GroupMember out{.id = std::move(member.member_id),
                  .instance_id = member.instance_id.value_or(""),
                  .client_id = std::move(member.client_id),
                  .host = std::move(member.client_host),
                  .subscribed = std::move(member.subscribed_topic_names)};
  for (const auto& topic : member.assignment.topic_partitions) {
    for (const std::int32_t partition : topic.partitions) {
      out.assignment.push_back({.topic = topic.topic_name, .partition = PartitionId(partition)});
    }
  }
  std::ranges::sort(out.assignment);
  return out;
}

// Of an answer about one group.
constexpr auto kErrorOfGroup = [](const auto& answer) {
  return answer.groups.empty() ? KafkaError::kNone : answer.groups.front().error_code;
};

// Nothing: it is no group of the new protocol, or the broker knows none.
Result<std::optional<GroupDescription>> describe_consumer_group(Cluster& cluster,
                                                                const std::string& group,
                                                                const Deadline& deadline) {
  Connection* const connection = TRY(cluster.coordinator(group, deadline));
  if (!connection->version_of(ConsumerGroupDescribeRequest::kKey).has_value()) {
    return std::optional<GroupDescription>();
  }
  ConsumerGroupDescribeRequest request;
  request.group_ids = {group};
  auto response = TRY(ask_coordinator<ConsumerGroupDescribeResponse>(
      cluster, group, {.deadline = deadline}, request, kErrorOfGroup));
  if (response.groups.empty() || response.groups.front().error_code != KafkaError::kNone) {
    return std::optional<GroupDescription>();
  }
  auto& found = response.groups.front();
  GroupDescription out{.id = group,
                       .state = found.group_state,
                       .type = "consumer",
                       .protocol_type = "consumer",
                       .assignor = found.assignor_name};
  for (auto& member : found.members) {
    out.members.push_back(consumer_member(member));
  }
  return std::optional(std::move(out));
}

Result<GroupDescription> describe_classic_group(Cluster& cluster,
                                                const std::string& group,
                                                const Deadline& deadline) {
  DescribeGroupsRequest request;
  request.groups = {group};
  auto response = TRY(ask_coordinator<DescribeGroupsResponse>(
      cluster, group, {.deadline = deadline}, request, kErrorOfGroup));
  GroupDescription out{.id = group, .type = "classic"};
  if (response.groups.size() != 1) {
    out.outcome = {.error = KafkaError::kUnknownServerError,
                   .message = "the broker did not answer for it"};
    return out;
  }
  auto& found = response.groups.front();
  out.outcome = {.error = found.error_code, .message = found.error_message.value_or("")};
  if (out.outcome.ok() && found.group_state == "Dead") {
    out.outcome.error = KafkaError::kGroupIdNotFound;  // As older brokers say it.
  }
  out.state = found.group_state;
  out.protocol_type = found.protocol_type;
  out.assignor = found.protocol_data;
  for (auto& member : found.members) {
    out.members.push_back(classic_member(member, found.protocol_type == "consumer"));
  }
  return out;
}

}  // namespace

Result<std::vector<GroupListing>> Admin::list_groups(std::span<const std::string> states,
                                                     std::span<const std::string> types) {
  const Deadline deadline = cluster_.deadline();
  std::map<std::string, GroupListing> groups;
  const std::vector<Node> nodes = cluster_.nodes();
  for (const Node& node : nodes) {
    auto response =
        TRY(list_groups_of(cluster_, node.id, {.states = states, .types = types}, deadline));
    for (auto& group : response.groups) {
      const std::string id = group.group_id;
      groups[id] = {.id = id,
                    .protocol_type = std::move(group.protocol_type),
                    .state = std::move(group.group_state),
                    .type = std::move(group.group_type)};
    }
  }
  std::vector<GroupListing> listings;
  listings.reserve(groups.size());
  for (auto& [id, listing] : groups) {
    listings.push_back(std::move(listing));
  }
  return listings;
}

Result<std::vector<GroupDescription>> Admin::describe_groups(std::span<const std::string> ids) {
  const Deadline deadline = cluster_.deadline();
  std::vector<GroupDescription> descriptions;
  for (const std::string& id : ids) {
    std::optional<GroupDescription> found = TRY(describe_consumer_group(cluster_, id, deadline));
    if (!found) {
      found = TRY(describe_classic_group(cluster_, id, deadline));
    }
    const Connection* const connection = TRY(cluster_.coordinator(id, deadline));
    found->coordinator_address = connection->address();
    const auto node =
        std::ranges::find(cluster_.nodes(), found->coordinator_address, &Node::address);
    found->coordinator = node == cluster_.nodes().end() ? -1 : node->id;
    descriptions.push_back(*std::move(found));
  }
  return descriptions;
}

Result<std::vector<GroupOutcome>> Admin::delete_groups(std::span<const std::string> ids) {
  const Deadline deadline = cluster_.deadline();
  std::vector<GroupOutcome> outcomes;
  for (const std::string& id : ids) {
    DeleteGroupsRequest request;
    request.groups_names = {id};
    const auto response = TRY(ask_coordinator<DeleteGroupsResponse>(
        cluster_, id, {.deadline = deadline}, request, [](const auto& answer) {
          return answer.results.empty() ? KafkaError::kNone : answer.results.front().error_code;
        }));
    Outcome outcome{.error = KafkaError::kUnknownServerError,
                    .message = "the broker did not answer for it"};
    if (!response.results.empty()) {
      outcome = {.error = response.results.front().error_code};
    }
    outcomes.push_back({.group = id, .outcome = std::move(outcome)});
  }
  return outcomes;
}

}  // namespace millrace::client
