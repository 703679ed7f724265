#include "broker/classic_group.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "base/random.h"
#include "base/uuid.h"

namespace millrace::broker {
namespace {

constexpr std::array<std::string_view, 5> kStateNames = {
    "Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"};

JoinAnswer refused_join(Code error, std::string member = {}) {
  return {.error = error, .member = std::move(member)};
}

}  // namespace

std::string_view to_string(GroupState state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

const std::string& ClassicGroup::Member::metadata(std::string_view protocol) const {
  static const std::string kNone;
  const auto found = std::ranges::find(protocols, protocol, &GroupProtocol::first);
  return found == protocols.end() ? kNone : found->second;
}

ClassicGroup::ClassicGroup(GroupHost& host, std::string name)
    : host_(host), name_(std::move(name)), state_since_ms_(host.wall_ms()) {}

ClassicGroup::~ClassicGroup() {
  for (auto& [id, member] : members_) {
    host_.deadlines().cancel(member.session);
  }
  for (auto& [id, deadline] : pending_) {
    host_.deadlines().cancel(deadline);
  }
  host_.deadlines().cancel(rebalance_);
  host_.deadlines().cancel(syncs_);
}

// ---------------------------------------------------------------- joining

void ClassicGroup::join(JoinRequest request, JoinDone done) {
  if (state_ == GroupState::kDead) {
    done(refused_join(Code::kCoordinatorNotAvailable, request.member));
    return;
  }
  if (!has_room_for(request)) {
    if (!request.member.empty() && members_.contains(request.member)) {
      remove_member(request.member);
    }
    forget_pending(request.member);
    done(refused_join(Code::kGroupMaxSizeReached));
    return;
  }
  if (!supports(request)) {
    done(refused_join(Code::kInconsistentGroupProtocol, request.member));
    return;
  }
  if (request.member.empty()) {
    join_new_member(std::move(request), std::move(done));
  } else {
    join_known_member(std::move(request), std::move(done));
  }
}

bool ClassicGroup::has_room_for(const JoinRequest& request) const {
  const auto max = static_cast<std::size_t>(std::max<std::int64_t>(0, host_.config().max_size));
  const auto member = members_.find(request.member);
  switch (state_) {
    case GroupState::kEmpty:
    case GroupState::kDead:
      return true;
    case GroupState::kPreparingRebalance: {
      if (member != members_.end() && member->second.joining) {
        return true;
      }
      const auto waiting = std::ranges::count_if(
          members_, [](const auto& entry) { return entry.second.joining != nullptr; });
      return static_cast<std::size_t>(waiting) < max;
    }
    case GroupState::kCompletingRebalance:
    case GroupState::kStable:
      return member != members_.end() || members_.size() < max;
  }
  return true;
}

bool ClassicGroup::supports(const JoinRequest& request) const {
  if (members_.empty()) {
    return !request.protocol_type.empty() && !request.protocols.empty();
  }
  if (request.protocol_type != protocol_type_) {
    return false;
  }
  return std::ranges::any_of(request.protocols, [this](const GroupProtocol& protocol) {
    return std::ranges::all_of(members_, [&](const auto& entry) {
      const auto& theirs = entry.second.protocols;
      return std::ranges::find(theirs, protocol.first, &GroupProtocol::first) != theirs.end();
    });
  });
}

std::string ClassicGroup::new_member_id(const JoinRequest& request) {
  const std::string& front = request.instance ? *request.instance : request.client_id;
  return front + "-" + Uuid::random(host_.random()).to_string();
}

void ClassicGroup::join_new_member(JoinRequest request, JoinDone done) {
  const std::string id = new_member_id(request);
  if (request.instance) {
    const auto known = static_members_.find(*request.instance);
    if (known != static_members_.end()) {
      replace_static_member(std::move(request), std::string(known->second), id, std::move(done));
      return;
    }
    add_member(std::move(request), id, std::move(done));
    return;
  }
  if (request.requires_known_member) {
    expect_join_of(id, request.session_ms);
    done(refused_join(Code::kMemberIdRequired, id));
    return;
  }
  add_member(std::move(request), id, std::move(done));
}

void ClassicGroup::join_known_member(JoinRequest request, JoinDone done) {
  const std::string id = request.member;
  if (pending_.contains(id)) {
    if (request.instance) {  // An id that was handed out is never a static member's.
      done(refused_join(Code::kUnknownMemberId, id));
      return;
    }
    add_member(std::move(request), id, std::move(done));
    return;
  }
  if (const Code error = check_member(id, request.instance); error != Code::kNone) {
    done(refused_join(error, id));
    return;
  }
  Member& member = members_.at(id);
  const bool same = member.protocols == request.protocols;
  const bool leads = leader_ == id;
  switch (state_) {
    case GroupState::kPreparingRebalance:
      update_member(member, std::move(request), std::move(done));
      break;
    case GroupState::kCompletingRebalance:
      if (same) {
        // The answer was lost on the way: the same one again.
        done(current_generation(member, leads));
      } else {
        update_member(member, std::move(request), std::move(done));
      }
      break;
    case GroupState::kStable:
      if (leads || !same) {
        update_member(member, std::move(request), std::move(done));
      } else {
        done(current_generation(member, false));
      }
      break;
    case GroupState::kEmpty:
    case GroupState::kDead:
      done(refused_join(Code::kUnknownMemberId, id));
      break;
  }
}

JoinAnswer ClassicGroup::current_generation(const Member& member, bool with_members) const {
  JoinAnswer answer = {.generation = generation_,
                       .protocol_type = protocol_type_,
                       .protocol = protocol_,
                       .leader = leader_.value_or(""),
                       .member = member.id};
  if (with_members) {
    for (const auto& [id, other] : members_) {
      answer.members.push_back({.member = id,
                                .instance = other.instance,
                                .metadata = other.metadata(protocol_.value_or(""))});
    }
  }
  return answer;
}

void ClassicGroup::add_member(JoinRequest request, const std::string& id, JoinDone done) {
  if (state_ == GroupState::kPreparingRebalance && state_before_ == GroupState::kEmpty) {
    new_member_added_ = true;
  }
  if (members_.empty()) {
    protocol_type_ = request.protocol_type;
  }
  if (request.instance) {
    static_members_[*request.instance] = id;
  }
  forget_pending(id);
  Member& member = members_[id];
  member.id = id;
  member.instance = std::move(request.instance);
  member.client_id = std::move(request.client_id);
  member.client_host = std::move(request.client_host);
  member.session_ms = request.session_ms;
  member.rebalance_ms = request.rebalance_ms;
  member.protocols = std::move(request.protocols);
  member.joining = std::move(done);
  member.is_new = true;
  if (!leader_) {
    leader_ = id;
  }
  watch_session(member, host_.config().new_member_join_ms);
  rebalance_or_complete();
}

void ClassicGroup::update_member(Member& member, JoinRequest request, JoinDone done) {
  member.protocols = std::move(request.protocols);
  member.session_ms = request.session_ms;
  member.rebalance_ms = request.rebalance_ms;
  // A retry takes the place of a join whose connection is probably gone.
  finish_join(member, refused_join(Code::kRebalanceInProgress, member.id));
  member.joining = std::move(done);
  rebalance_or_complete();
}

void ClassicGroup::replace_static_member(JoinRequest request,
                                         const std::string& old_id,
                                         const std::string& new_id,
                                         JoinDone done) {
  const std::string old_leader = leader_.value_or("");
  auto node = members_.extract(old_id);
  Member& old = node.mapped();
  host_.deadlines().cancel(old.session);
  finish_join(old, refused_join(Code::kFencedInstanceId, old_id));
  finish_sync(old, {.error = Code::kFencedInstanceId});
  pending_syncs_.erase(old_id);
  if (leader_ == old_id) {
    leader_ = new_id;
  }
  static_members_[*request.instance] = new_id;
  node.key() = new_id;
  Member& member = members_.insert(std::move(node)).position->second;
  member.id = new_id;
  member.client_id = std::move(request.client_id);
  member.client_host = std::move(request.client_host);
  member.protocols = std::move(request.protocols);
  member.session_ms = request.session_ms;
  member.rebalance_ms = request.rebalance_ms;
  member.joining = std::move(done);
  watch_session(member, member.session_ms);

  switch (state_) {
    case GroupState::kStable:
      if (select_protocol() != protocol_) {
        prepare_rebalance();
        break;
      }
      host_.store(*this,
                  {},
                  [this, new_id, old_leader, skips = request.supports_skip_assignment](Code error) {
                    const auto found = members_.find(new_id);
                    if (found == members_.end() || state_ != GroupState::kStable) {
                      return;  // A rebalance began meanwhile, and answers.
                    }
                    if (error != Code::kNone) {
                      finish_join(found->second, refused_join(error, new_id));
                      return;
                    }
                    answer_replaced(new_id, skips, old_leader);
                  });
      break;
    case GroupState::kCompletingRebalance:
      prepare_rebalance();
      break;
    case GroupState::kPreparingRebalance:
      complete_join_if_ready();
      break;
    case GroupState::kEmpty:
    case GroupState::kDead:
      break;
  }
}

void ClassicGroup::answer_replaced(const std::string& id,
                                   bool skips,
                                   const std::string& old_leader) {
  Member& member = members_.at(id);
  const bool leads = leader_ == id;
  JoinAnswer answer = current_generation(member, skips && leads);
  if (skips) {
    answer.skip_assignment = leads;
  } else {
    // A client that cannot skip the assignment must not think that it leads: it would assign
    // without a rebalance.
    answer.leader = old_leader;
  }
  finish_join(member, std::move(answer));
}

// ---------------------------------------------------------------- rebalances

void ClassicGroup::rebalance_or_complete() {
  if (state_ == GroupState::kPreparingRebalance) {
    complete_join_if_ready();
  } else {
    prepare_rebalance();
  }
}

void ClassicGroup::prepare_rebalance() {
  if (state_ == GroupState::kCompletingRebalance) {
    for (auto& [id, member] : members_) {
      member.assignment.clear();
    }
    propagate(Code::kRebalanceInProgress);
  }
  host_.deadlines().cancel(syncs_);
  pending_syncs_.clear();
  const bool initial = state_ == GroupState::kEmpty;
  move_to(GroupState::kPreparingRebalance);
  if (initial) {
    const std::int64_t delay = host_.config().initial_rebalance_delay_ms;
    new_member_added_ = false;
    extend_initial_join(delay, std::max<std::int64_t>(rebalance_timeout_ms() - delay, 0));
    return;
  }
  if (all_joined()) {
    complete_join();
    return;
  }
  host_.deadlines().cancel(rebalance_);
  rebalance_ = host_.deadlines().add(after_ms(rebalance_timeout_ms()), [this] {
    rebalance_ = 0;
    complete_join();
  });
}

void ClassicGroup::extend_initial_join(std::int64_t delay_ms, std::int64_t remaining_ms) {
  host_.deadlines().cancel(rebalance_);
  rebalance_ = host_.deadlines().add(after_ms(delay_ms), [this, delay_ms, remaining_ms] {
    rebalance_ = 0;
    if (new_member_added_ && remaining_ms > 0) {
      new_member_added_ = false;
      const std::int64_t next = std::min(host_.config().initial_rebalance_delay_ms, remaining_ms);
      extend_initial_join(next, std::max<std::int64_t>(remaining_ms - delay_ms, 0));
      return;
    }
    complete_join();
  });
}

void ClassicGroup::complete_join_if_ready() {
  if (state_ == GroupState::kPreparingRebalance && state_before_ != GroupState::kEmpty &&
      all_joined()) {
    complete_join();
  }
}

bool ClassicGroup::all_joined() const {
  return pending_.empty() && std::ranges::all_of(members_, [](const auto& entry) {
           return entry.second.joining != nullptr;
         });
}

void ClassicGroup::complete_join() {
  host_.deadlines().cancel(rebalance_);
  if (state_ != GroupState::kPreparingRebalance) {
    return;
  }
  std::vector<std::string> absent;
  for (const auto& [id, member] : members_) {
    if (!member.joining && !member.instance) {
      absent.push_back(id);
    }
  }
  for (const std::string& id : absent) {
    remove_member(id);
  }
  if (!members_.empty() && !elect_joined_leader()) {
    // Only static members, and none has come back: their session timeouts decide.
    rebalance_ = host_.deadlines().add(after_ms(rebalance_timeout_ms()), [this] {
      rebalance_ = 0;
      complete_join();
    });
    return;
  }
  start_generation();
}

void ClassicGroup::start_generation() {
  ++generation_;
  if (members_.empty()) {
    protocol_.reset();
    leader_.reset();
    move_to(GroupState::kEmpty);
    host_.store(*this, {}, [](Code) {});
    return;
  }
  protocol_ = select_protocol();
  move_to(GroupState::kCompletingRebalance);
  pending_syncs_.clear();
  for (auto& [id, member] : members_) {
    if (!member.joining) {
      continue;  // A static member that is away.
    }
    member.is_new = false;
    watch_session(member, member.session_ms);
    pending_syncs_.insert(id);
    finish_join(member, current_generation(member, leader_ == id));
  }
  host_.deadlines().cancel(syncs_);
  syncs_ =
      host_.deadlines().add(after_ms(rebalance_timeout_ms()), [this, generation = generation_] {
        syncs_ = 0;
        expire_syncs(generation);
      });
}

bool ClassicGroup::elect_joined_leader() {
  const auto leader = leader_ ? members_.find(*leader_) : members_.end();
  if (leader != members_.end() && leader->second.joining) {
    return true;
  }
  const auto joined = std::ranges::find_if(
      members_, [](const auto& entry) { return entry.second.joining != nullptr; });
  if (joined == members_.end()) {
    return false;
  }
  leader_ = joined->first;
  return true;
}

std::string ClassicGroup::select_protocol() const {
  // Each member votes for the first of its protocols that all support.
  const auto all_support = [this](const std::string& name) {
    return std::ranges::all_of(members_, [&](const auto& entry) {
      const auto& theirs = entry.second.protocols;
      return std::ranges::find(theirs, name, &GroupProtocol::first) != theirs.end();
    });
  };
  std::map<std::string, int> votes;
  for (const auto& [id, member] : members_) {
    const auto vote = std::ranges::find_if(member.protocols, [&](const GroupProtocol& protocol) {
      return all_support(protocol.first);
    });
    if (vote != member.protocols.end()) {
      ++votes[vote->first];
    }
  }
  const auto most =
      std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; });
  return most == votes.end() ? std::string() : most->first;
}

std::int64_t ClassicGroup::rebalance_timeout_ms() const {
  std::int64_t longest = 0;
  for (const auto& [id, member] : members_) {
    longest = std::max(longest, member.rebalance_ms);
  }
  return longest;
}

void ClassicGroup::expire_syncs(std::int32_t generation) {
  if (generation != generation_ || pending_syncs_.empty() ||
      (state_ != GroupState::kCompletingRebalance && state_ != GroupState::kStable)) {
    return;
  }
  const std::set<std::string> late = std::exchange(pending_syncs_, {});
  for (const std::string& id : late) {
    remove_member(id);
  }
  prepare_rebalance();
}

// ---------------------------------------------------------------- sync

void ClassicGroup::sync(SyncRequest request, const SyncDone& done) {
  Code error = Code::kNone;
  if (state_ == GroupState::kDead) {
    error = Code::kCoordinatorNotAvailable;
  } else if (const Code member = check_member(request.member, request.instance);
             member != Code::kNone) {
    error = member;
  } else if (request.generation != generation_) {
    error = Code::kIllegalGeneration;
  } else if ((request.protocol_type && *request.protocol_type != protocol_type_) ||
             (request.protocol && request.protocol != protocol_)) {
    error = Code::kInconsistentGroupProtocol;
  } else if (state_ == GroupState::kEmpty) {
    error = Code::kUnknownMemberId;
  } else if (state_ == GroupState::kPreparingRebalance) {
    error = Code::kRebalanceInProgress;
  }
  if (error != Code::kNone) {
    done({.error = error});
    return;
  }
  Member& member = members_.at(request.member);
  pending_syncs_.erase(member.id);
  if (state_ == GroupState::kStable) {
    done({.protocol_type = protocol_type_, .protocol = protocol_, .assignment = member.assignment});
    return;
  }
  finish_sync(member, {.error = Code::kRebalanceInProgress});
  member.syncing = done;
  if (leader_ == member.id) {
    store_assignment(request);
  }
}

void ClassicGroup::store_assignment(const SyncRequest& request) {
  std::map<std::string, std::string> assignments;
  for (const auto& [id, member] : members_) {
    assignments[id];  // Who is not named gets nothing.
  }
  for (const auto& [id, assignment] : request.assignments) {
    const auto found = assignments.find(id);
    if (found != assignments.end()) {
      found->second = assignment;
    }
  }
  host_.store(*this, assignments, [this, generation = generation_, assignments](Code error) {
    if (state_ != GroupState::kCompletingRebalance || generation != generation_) {
      return;  // A rebalance began meanwhile: who waited was told.
    }
    if (error != Code::kNone) {
      propagate(error);
      prepare_rebalance();
      return;
    }
    for (auto& [id, member] : members_) {
      const auto found = assignments.find(id);
      member.assignment = found == assignments.end() ? std::string() : found->second;
    }
    move_to(GroupState::kStable);
    propagate(Code::kNone);
  });
}

void ClassicGroup::propagate(Code error) {
  for (auto& [id, member] : members_) {
    if (!member.syncing) {
      continue;
    }
    SyncAnswer answer = {.error = error};
    if (error == Code::kNone) {
      answer.protocol_type = protocol_type_;
      answer.protocol = protocol_;
      answer.assignment = member.assignment;
    }
    watch_session(member, member.session_ms);
    finish_sync(member, std::move(answer));
  }
}

}  // namespace millrace::broker
