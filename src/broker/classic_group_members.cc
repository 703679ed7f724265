// The members of a group: their signs of life, how they leave, and how a group looks from outside.
#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "broker/classic_group.h"

namespace millrace::broker {

// ---------------------------------------------------------------- life of members

Code ClassicGroup::heartbeat(const HeartbeatRequest& request) {
  if (state_ == GroupState::kDead) {
    return Code::kCoordinatorNotAvailable;
  }
  if (const Code error = check_member(request.member, request.instance); error != Code::kNone) {
    return error;
  }
  if (request.generation != generation_) {
    return Code::kIllegalGeneration;
  }
  if (state_ == GroupState::kEmpty) {
    return Code::kUnknownMemberId;
  }
  Member& member = members_.at(request.member);
  watch_session(member, member.session_ms);
  return state_ == GroupState::kPreparingRebalance ? Code::kRebalanceInProgress : Code::kNone;
}

LeaveAnswer ClassicGroup::leave(const LeaveRequest& request) {
  if (state_ == GroupState::kDead) {
    return {.error = Code::kCoordinatorNotAvailable};
  }
  LeaveAnswer answer;
  std::vector<std::string> leaving;
  for (const LeavingMember& member : request.members) {
    Code error = Code::kNone;
    std::string id = member.member;
    if (id.empty() && member.instance) {
      // An administrator removes a static member, of whom he knows the instance only.
      const auto found = static_members_.find(*member.instance);
      if (found == static_members_.end()) {
        error = Code::kUnknownMemberId;
      } else {
        id = found->second;
      }
    } else if (pending_.contains(id)) {
      forget_pending(id);
      complete_join_if_ready();
      answer.members.emplace_back(member, Code::kNone);
      continue;
    } else {
      error = check_member(id, member.instance);
    }
    if (error == Code::kNone) {
      leaving.push_back(id);
    }
    answer.members.emplace_back(member, error);
  }
  bool removed = false;
  for (const std::string& id : leaving) {
    if (members_.contains(id)) {
      remove_member(id);
      removed = true;
    }
  }
  if (removed) {
    if (state_ == GroupState::kStable || state_ == GroupState::kCompletingRebalance) {
      prepare_rebalance();
    } else {
      complete_join_if_ready();
    }
  }
  return answer;
}

Code ClassicGroup::check_commit(const CommitRequest& request) {
  if (state_ == GroupState::kDead) {
    return Code::kCoordinatorNotAvailable;
  }
  if (request.generation < 0 && state_ == GroupState::kEmpty) {
    return Code::kNone;  // A client that assigns its partitions by itself, or a tool.
  }
  if (request.generation < 0 && request.member.empty() && !request.instance) {
    return Code::kUnknownMemberId;
  }
  if (const Code error = check_member(request.member, request.instance); error != Code::kNone) {
    return error;
  }
  if (request.generation != generation_) {
    return Code::kIllegalGeneration;
  }
  if (state_ == GroupState::kCompletingRebalance) {
    return Code::kRebalanceInProgress;
  }
  Member& member = members_.at(request.member);
  watch_session(member, member.session_ms);
  return Code::kNone;
}

Code ClassicGroup::check_member(const std::string& id,
                                const std::optional<std::string>& instance) const {
  if (instance) {
    const auto found = static_members_.find(*instance);
    if (found == static_members_.end()) {
      return Code::kUnknownMemberId;
    }
    if (found->second != id) {
      return Code::kFencedInstanceId;
    }
  }
  return members_.contains(id) ? Code::kNone : Code::kUnknownMemberId;
}

/// Takes the member out; the caller decides what that means for the group.
void ClassicGroup::remove_member(const std::string& id) {
  auto node = members_.extract(id);
  if (node.empty()) {
    return;
  }
  Member& member = node.mapped();
  host_.deadlines().cancel(member.session);
  pending_syncs_.erase(id);
  if (member.instance) {
    const auto found = static_members_.find(*member.instance);
    if (found != static_members_.end() && found->second == id) {
      static_members_.erase(found);
    }
  }
  if (leader_ == id) {
    leader_.reset();
    if (!members_.empty()) {
      leader_ = members_.begin()->first;
    }
  }
  finish_join(member, {.error = Code::kUnknownMemberId});
  finish_sync(member, {.error = Code::kUnknownMemberId});
}

void ClassicGroup::member_gone(const std::string& id) {
  remove_member(id);
  if (state_ == GroupState::kStable || state_ == GroupState::kCompletingRebalance) {
    prepare_rebalance();
  } else {
    complete_join_if_ready();
  }
}

void ClassicGroup::member_timed_out(const std::string& id) {
  const auto found = members_.find(id);
  if (found == members_.end()) {
    return;
  }
  Member& member = found->second;
  member.session = 0;
  if (!member.is_new && (member.joining || member.syncing)) {
    return;  // It waits for us: the answer starts the time anew.
  }
  member_gone(id);
}

void ClassicGroup::watch_session(Member& member, std::int64_t ms) {
  const std::int64_t at = after_ms(ms);
  if (member.session != 0) {
    host_.deadlines().move(member.session, at);
    return;
  }
  member.session = host_.deadlines().add(at, [this, id = member.id] { member_timed_out(id); });
}

void ClassicGroup::expect_join_of(const std::string& id, std::int64_t session_ms) {
  pending_[id] = host_.deadlines().add(after_ms(session_ms), [this, id] {
    pending_.erase(id);
    complete_join_if_ready();
  });
}

void ClassicGroup::forget_pending(const std::string& id) {
  const auto found = pending_.find(id);
  if (found != pending_.end()) {
    host_.deadlines().cancel(found->second);
    pending_.erase(found);
  }
}

void ClassicGroup::finish_join(Member& member, JoinAnswer answer) {
  if (const JoinDone done = std::exchange(member.joining, nullptr)) {
    done(std::move(answer));
  }
}

void ClassicGroup::finish_sync(Member& member, SyncAnswer answer) {
  if (const SyncDone done = std::exchange(member.syncing, nullptr)) {
    done(std::move(answer));
  }
}

void ClassicGroup::move_to(GroupState state) {
  state_before_ = state_;
  state_ = state;
  state_since_ms_ = host_.wall_ms();
}

std::int64_t ClassicGroup::after_ms(std::int64_t ms) const {
  return host_.now_ns() + ms * 1'000'000;
}

// ---------------------------------------------------------------- stored groups, views

void ClassicGroup::restore_member(Member member) {
  const std::string id = member.id;
  if (member.instance) {
    static_members_[*member.instance] = id;
  }
  Member& kept = members_[id] = std::move(member);
  watch_session(kept, kept.session_ms);
}

void ClassicGroup::restore(std::int32_t generation,
                           std::string protocol_type,
                           std::optional<std::string> protocol,
                           std::optional<std::string> leader,
                           std::int64_t state_since_ms) {
  generation_ = generation;
  protocol_type_ = std::move(protocol_type);
  protocol_ = std::move(protocol);
  leader_ = std::move(leader);
  state_ = members_.empty() ? GroupState::kEmpty : GroupState::kStable;
  state_before_ = state_;
  state_since_ms_ = state_since_ms;
}

void ClassicGroup::die(Code error) {
  host_.deadlines().cancel(rebalance_);
  host_.deadlines().cancel(syncs_);
  for (auto& [id, member] : members_) {
    host_.deadlines().cancel(member.session);
    finish_join(member, {.error = error});
    finish_sync(member, {.error = error});
  }
  members_.clear();
  static_members_.clear();
  leader_.reset();
  move_to(GroupState::kDead);
}

GroupDescription ClassicGroup::describe() const {
  const bool stable = state_ == GroupState::kStable;
  GroupDescription description = {.group = name_,
                                  .state = std::string(to_string(state_)),
                                  .protocol_type = protocol_type_,
                                  .protocol = stable ? protocol_.value_or("") : ""};
  for (const auto& [id, member] : members_) {
    description.members.push_back({.member = id,
                                   .instance = member.instance,
                                   .client_id = member.client_id,
                                   .client_host = member.client_host,
                                   .metadata = stable ? member.metadata(description.protocol) : "",
                                   .assignment = stable ? member.assignment : ""});
  }
  return description;
}

std::optional<std::set<std::string>> ClassicGroup::subscribed_topics() const {
  if (protocol_type_ != "consumer") {
    return std::nullopt;
  }
  std::set<std::string> topics;
  for (const auto& [id, member] : members_) {
    // ConsumerProtocolSubscription begins alike in all versions: version, topics, …
    ByteReader reader(member.metadata(protocol_.value_or("")));
    static_cast<void>(reader.be<std::int16_t>());
    const auto count = reader.be<std::int32_t>();
    for (std::int32_t i = 0; i < count && reader.ok(); ++i) {
      const auto size = reader.be<std::int16_t>();
      topics.emplace(reader.bytes(size < 0 ? 0 : static_cast<std::size_t>(size)));
    }
    if (!reader.ok() || count < 0) {
      return std::nullopt;
    }
  }
  return topics;
}

}  // namespace millrace::broker
