#include "client/consumer.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/thread.h"
#include "client/admin.h"
#include "client/detail/ask_coordinator.h"
#include "client/detail/assignors.h"
#include "client/detail/group_protocol.h"
#include "wire/generated/heartbeat.h"
#include "wire/generated/join_group.h"
#include "wire/generated/leave_group.h"
#include "wire/generated/offset_commit.h"
#include "wire/generated/sync_group.h"

namespace millrace::client {
namespace {

using wire::HeartbeatRequest;
using wire::HeartbeatResponse;
using wire::JoinGroupRequest;
using wire::JoinGroupResponse;
using wire::LeaveGroupRequest;
using wire::LeaveGroupResponse;
using wire::OffsetCommitRequest;
using wire::OffsetCommitResponse;
using wire::SyncGroupRequest;
using wire::SyncGroupResponse;

constexpr std::int16_t kLastCommitWithNames = 9;
constexpr std::string_view kProtocolType = "consumer";

}  // namespace

struct Consumer::Rep {
  Cluster& cluster;
  ConsumerOptions options;
  Fetcher fetcher;
  std::string member_id = {};
  std::int32_t generation = -1;
  bool must_join = true;
  std::int64_t heartbeat_ns = 0;  // When the last one went out.
  std::int64_t commit_ns = 0;
  std::map<TopicPartition, Offset> committed = {};

  [[nodiscard]] std::int64_t now_ns() const { return cluster.clock().monotonic_ns(); }

  [[nodiscard]] std::string name() const { return fmt::format("group \"{}\"", options.group); }

  [[nodiscard]] std::optional<std::string> instance() const {
    return options.instance_id.empty() ? std::nullopt : std::optional(options.instance_id);
  }

  Result<void> join();
  Result<std::optional<JoinGroupResponse>> join_once(const Deadline& deadline);
  Result<std::vector<SyncGroupRequest::SyncGroupRequestAssignment>> assignments_of(
      const JoinGroupResponse& joined, const Deadline& deadline);
  Result<bool> sync(const JoinGroupResponse& joined, const Deadline& deadline);
  Result<void> take_over(const std::vector<TopicPartition>& partitions);
  Result<void> heartbeat();
  Result<void> commit();
  /// Whether the error means that the membership has to begin anew; notes it.
  bool is_rebalance(KafkaError error);
  void drop_partitions();
};

Consumer::Consumer(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}

Consumer::Consumer(Consumer&&) noexcept = default;
Consumer& Consumer::operator=(Consumer&&) noexcept = default;
Consumer::~Consumer() = default;

Result<Consumer> Consumer::join(Cluster& cluster, ConsumerOptions options) {
  if (options.group.empty() || options.topics.empty()) {
    return Error(ErrorCode::kInvalidArgument, "a consumer needs a group and a topic at least");
  }
  FetchOptions fetch = options.fetch;
  fetch.out_of_range = options.start;
  std::unique_ptr<Rep> rep(new Rep{
      .cluster = cluster, .options = std::move(options), .fetcher = Fetcher(cluster, fetch)});
  for (const std::string& topic : rep->options.topics) {
    TRY(cluster.topic(topic, cluster.deadline()));
  }
  TRY(rep->join());
  return Consumer(std::move(rep));
}

const std::map<TopicPartition, FetchProgress>& Consumer::progress() const {
  return rep_->fetcher.progress();
}

bool Consumer::Rep::is_rebalance(KafkaError error) {
  using enum KafkaError;
  if (error == kUnknownMemberId) {
    member_id.clear();
  }
  const bool anew =
      error == kUnknownMemberId || error == kIllegalGeneration || error == kRebalanceInProgress;
  must_join = must_join || anew;
  return anew;
}

void Consumer::Rep::drop_partitions() {
  std::vector<TopicPartition> all;
  for (const auto& [partition, state] : fetcher.progress()) {
    all.push_back(partition);
  }
  for (const TopicPartition& partition : all) {
    fetcher.unassign(partition);
  }
}

// One try. Nothing: it has to be tried again at once.
Result<std::optional<JoinGroupResponse>> Consumer::Rep::join_once(const Deadline& deadline) {
  using enum KafkaError;
  JoinGroupRequest request{
      .group_id = options.group,
      .session_timeout_ms = static_cast<std::int32_t>(options.session_timeout_ms),
      .rebalance_timeout_ms = static_cast<std::int32_t>(options.rebalance_timeout_ms),
      .member_id = member_id,
      .group_instance_id = instance(),
      .protocol_type = std::string(kProtocolType)};
  const std::string metadata = TRY(encode_subscription(options.topics));
  for (const std::string_view assignor : {kRangeAssignor, kRoundRobinAssignor}) {
    request.protocols.push_back(
        {.name = std::string(assignor), .metadata = data::BlockSlice::copy(metadata)});
  }
  Connection* const connection = TRY(cluster.coordinator(options.group, deadline));
  // The broker answers when every member has joined.
  JoinGroupResponse joined = TRY(connection->call<JoinGroupResponse>(request, deadline));
  const KafkaError error = joined.error_code;
  if (error == kNone) {
    member_id = joined.member_id;
    generation = joined.generation_id;
    return std::optional(std::move(joined));
  }
  if (error == kMemberIdRequired) {
    member_id = joined.member_id;
    return std::optional<JoinGroupResponse>();
  }
  if (is_rebalance(error)) {
    return std::optional<JoinGroupResponse>();
  }
  if (is_stale_coordinator(error)) {
    cluster.forget_coordinator(options.group);
  }
  return to_error({.error = error}, name());
}

Result<void> Consumer::Rep::join() {
  const Deadline deadline =
      cluster.deadline(options.rebalance_timeout_ms + cluster.options().operation_timeout_ms);
  Retry retry(cluster, deadline);
  for (int tries = 0;; ++tries) {
    constexpr int kAtOnce = 2;  // The second with the member id that the first one was given.
    if (tries >= kAtOnce) {
      TRY(retry.pause(fmt::format("{} does not settle", name())));
    }
    Result<std::optional<JoinGroupResponse>> joined = join_once(deadline);
    if (!joined) {
      cluster.forget_coordinator(options.group);
      TRY(retry.after(std::move(joined).error()));
      continue;
    }
    if (!*joined) {
      continue;
    }
    Result<bool> synced = sync(**joined, deadline);
    if (!synced) {
      TRY(retry.after(std::move(synced).error()));
    } else if (*synced) {
      must_join = false;
      heartbeat_ns = now_ns();
      commit_ns = now_ns();
      return {};
    }
  }
}

// What the leader of the group sends for all.
Result<std::vector<SyncGroupRequest::SyncGroupRequestAssignment>> Consumer::Rep::assignments_of(
    const JoinGroupResponse& joined, const Deadline& deadline) {
  std::vector<SyncGroupRequest::SyncGroupRequestAssignment> out;
  if (joined.leader != joined.member_id || joined.skip_assignment) {
    return out;
  }
  std::vector<AssignedMember> members;
  std::set<std::string> topics;
  for (const auto& member : joined.members) {
    AssignedMember each{.id = member.member_id,
                        .instance_id = member.group_instance_id.value_or("")};
    each.topics = TRY_DOING(decode_subscription(member.metadata.view()),
                            "subscription of member " + member.member_id);
    topics.insert(each.topics.begin(), each.topics.end());
    members.push_back(std::move(each));
  }
  const std::vector<std::string> names(topics.begin(), topics.end());
  std::map<std::string, std::int32_t> partitions;
  const std::vector<TopicInfo> infos = TRY(cluster.topics(names, deadline));
  for (const TopicInfo& topic : infos) {
    if (topic.error == KafkaError::kNone) {
      partitions[topic.name] = static_cast<std::int32_t>(topic.partitions.size());
    }
  }
  const bool round_robin = joined.protocol_name == kRoundRobinAssignor;
  const auto assignment = round_robin ? assign_round_robin(std::move(members), partitions)
                                      : assign_range(std::move(members), partitions);
  for (const auto& [member, theirs] : assignment) {
    const std::string bytes = TRY(encode_assignment(theirs));
    out.push_back({.member_id = member, .assignment = data::BlockSlice::copy(bytes)});
  }
  return out;
}

// False: the group rebalances again.
Result<bool> Consumer::Rep::sync(const JoinGroupResponse& joined, const Deadline& deadline) {
  constexpr std::int16_t kSaysProtocol = 5;
  SyncGroupRequest request{.group_id = options.group,
                           .generation_id = generation,
                           .member_id = member_id,
                           .group_instance_id = instance()};
  request.assignments = TRY(assignments_of(joined, deadline));
  Connection* const connection = TRY(cluster.coordinator(options.group, deadline));
  if (TRY(connection->version_of(SyncGroupRequest::kKey)) >= kSaysProtocol) {
    request.protocol_type =
        joined.protocol_type ? joined.protocol_type : std::optional(std::string(kProtocolType));
    request.protocol_name = joined.protocol_name;
  }
  const auto synced = TRY(connection->call<SyncGroupResponse>(request, deadline));
  if (is_rebalance(synced.error_code)) {
    return false;
  }
  if (synced.error_code != KafkaError::kNone) {
    return to_error({.error = synced.error_code}, name());
  }
  TRY(take_over(TRY(decode_assignment(synced.assignment.view()))));
  return true;
}

// Begins where the group has committed, else where the options say.
Result<void> Consumer::Rep::take_over(const std::vector<TopicPartition>& partitions) {
  drop_partitions();
  committed.clear();
  if (partitions.empty()) {
    return {};
  }
  Admin admin(cluster);
  const CommittedOffsets offsets = TRY(admin.group_offsets(options.group));
  std::vector<OffsetQuery> queries;
  for (const TopicPartition& partition : partitions) {
    const auto found = offsets.find(partition);
    if (found != offsets.end()) {
      committed[partition] = found->second.offset;
      fetcher.assign(partition, found->second.offset);
      continue;
    }
    if (options.start == OutOfRange::kFail) {
      return Error(ErrorCode::kNotFound,
                   fmt::format("{} has committed no offset of {}", name(), partition.to_string()));
    }
    queries.push_back(
        {.partition = partition,
         .timestamp_ms = options.start == OutOfRange::kEarliest ? kEarliestOffset : kLatestOffset});
  }
  const std::vector<OffsetAnswer> starts = TRY(admin.list_offsets(queries));
  for (const OffsetAnswer& answer : starts) {
    if (!answer.outcome.ok()) {
      return to_error(answer.outcome, answer.partition.to_string());
    }
    fetcher.assign(answer.partition, answer.offset);
  }
  return {};
}

Result<void> Consumer::Rep::heartbeat() {
  if (now_ns() - heartbeat_ns < options.heartbeat_ms * kNsPerMs) {
    return {};
  }
  heartbeat_ns = now_ns();
  const Deadline deadline = cluster.deadline(options.session_timeout_ms);
  const HeartbeatRequest request{.group_id = options.group,
                                 .generation_id = generation,
                                 .member_id = member_id,
                                 .group_instance_id = instance()};
  const auto response = TRY(ask_coordinator<HeartbeatResponse>(
      cluster, options.group, {.deadline = deadline}, request, [](const auto& answer) {
        return answer.error_code;
      }));
  if (response.error_code == KafkaError::kNone || is_rebalance(response.error_code)) {
    return {};
  }
  return to_error({.error = response.error_code}, name());
}

Result<void> Consumer::Rep::commit() {
  commit_ns = now_ns();
  OffsetCommitRequest request{.group_id = options.group,
                              .generation_id_or_member_epoch = generation,
                              .member_id = member_id,
                              .group_instance_id = instance()};
  std::map<TopicPartition, Offset> moved;
  for (const auto& [partition, state] : fetcher.progress()) {
    const auto before = committed.find(partition);
    if (before != committed.end() && before->second == state.position) {
      continue;
    }
    if (request.topics.empty() || request.topics.back().name != partition.topic) {
      request.topics.push_back({.name = partition.topic});
    }
    request.topics.back().partitions.push_back({.partition_index = partition.partition.value(),
                                                .committed_offset = state.position.value()});
    moved[partition] = state.position;
  }
  if (moved.empty()) {
    return {};
  }
  const auto response = TRY(ask_coordinator<OffsetCommitResponse>(
      cluster,
      options.group,
      {.deadline = cluster.deadline(options.session_timeout_ms), .newest = kLastCommitWithNames},
      request,
      [](const auto& answer) {
        return answer.topics.empty() || answer.topics.front().partitions.empty()
                   ? KafkaError::kNone
                   : answer.topics.front().partitions.front().error_code;
      }));
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      const TopicPartition which{.topic = topic.name,
                                 .partition = PartitionId(partition.partition_index)};
      if (partition.error_code == KafkaError::kNone) {
        committed[which] = moved[which];
      } else {
        is_rebalance(partition.error_code);
        return to_error({.error = partition.error_code},
                        fmt::format("commit of {} in {}", which.to_string(), name()));
      }
    }
  }
  return {};
}

Result<std::size_t> Consumer::poll(std::int64_t wait_ms, const TakeRecord& take) {
  Rep& rep = *rep_;
  TRY(rep.heartbeat());
  const bool commits = rep.options.auto_commit_ms > 0;
  const bool commit_due =
      rep.now_ns() - rep.commit_ns >= rep.options.auto_commit_ms * kNsPerMs || rep.must_join;
  if (commits && commit_due) {
    if (const Result<void> committed = rep.commit(); !committed && !rep.must_join) {
      return Error(committed.error().code(), committed.error().to_string());
    }
  }
  if (rep.must_join) {
    rep.drop_partitions();
    TRY(rep.join());
  }
  const std::int64_t step = std::min(wait_ms, rep.options.heartbeat_ms);
  if (!rep.fetcher.progress().empty()) {
    return rep.fetcher.poll(step, take);
  }
  Wakeup never;
  never.wait(step * kNsPerMs, rep.cluster.options().stop);
  if (rep.cluster.options().stop.stop_requested()) {
    return Error(ErrorCode::kCancelled, "stopped");
  }
  return std::size_t{0};
}

Result<void> Consumer::commit() {
  return rep_->commit();
}

Result<void> Consumer::leave() {
  constexpr std::int16_t kSeveralMembers = 3;
  Rep& rep = *rep_;
  if (rep.options.auto_commit_ms > 0 && !rep.must_join) {
    TRY(rep.commit());
  }
  const auto build = [&rep](std::int16_t version) {
    LeaveGroupRequest request{.group_id = rep.options.group};
    if (version >= kSeveralMembers) {
      request.members.push_back({.member_id = rep.member_id, .group_instance_id = rep.instance()});
    } else {
      request.member_id = rep.member_id;
    }
    return request;
  };
  const auto response = TRY((ask_coordinator_built<LeaveGroupRequest, LeaveGroupResponse>(
      rep.cluster,
      rep.options.group,
      {.deadline = rep.cluster.deadline()},
      build,
      [](const auto& answer) { return answer.error_code; })));
  rep.must_join = true;
  if (response.error_code != KafkaError::kNone &&
      response.error_code != KafkaError::kUnknownMemberId) {
    return to_error({.error = response.error_code}, rep.name());
  }
  return {};
}

}  // namespace millrace::client
