#include "broker/group_coordinator.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/log_line.h"
#include "base/thread.h"
#include "broker/gather.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

GroupDescription dead_group(std::string name) {
  return {.error = Code::kGroupIdNotFound, .group = std::move(name), .state = "Dead"};
}

/// The longest text that Kafka's stored records can hold.
constexpr std::size_t kTextBytesMax = 32'767;

bool is_group_name(std::string_view name) {
  return !name.empty() && name.size() <= kTextBytesMax;
}

bool can_be_stored(const JoinRequest& request) {
  return request.instance.value_or("").size() <= kTextBytesMax &&
         request.client_id.size() <= kTextBytesMax &&
         request.protocol_type.size() <= kTextBytesMax &&
         std::ranges::all_of(request.protocols, [](const GroupProtocol& protocol) {
           return protocol.first.size() <= kTextBytesMax;
         });
}

/// All of one code.
CommitAnswer all_of(std::size_t count, Code code) {
  return {.partitions = std::vector<Code>(count, code)};
}

}  // namespace

GroupCoordinator::GroupCoordinator(log::Log& log, const Clock& clock, Options options)
    : log_(log),
      clock_(clock),
      options_(std::move(options)),
      store_(log, clock, options_.config),
      serial_(options_.executor),
      random_(options_.seed == 0 ? Random::from_system() : Random(options_.seed)) {}

GroupCoordinator::~GroupCoordinator() = default;

std::int64_t GroupCoordinator::now_ns() const {
  return clock_.monotonic_ns();
}

std::int64_t GroupCoordinator::wall_ms() const {
  return clock_.wall_ms();
}

// ---------------------------------------------------------------- life

Result<void> GroupCoordinator::load() {
  LoadedGroups loaded = TRY(store_.load());
  run([this, &loaded] {
    for (auto& [name, group] : loaded) {
      if (group.group || !group.offsets.empty()) {
        take_up(name, std::move(group));
      }
    }
    watch_retention();
  });
  return {};
}

void GroupCoordinator::take_up(const std::string& name, LoadedGroup loaded) {
  Entry& entry = make(name);
  entry.offsets = std::move(loaded.offsets);
  if (!loaded.group) {
    return;
  }
  entry.stored = true;
  StoredGroup& stored = *loaded.group;
  for (StoredGroup::Member& member : stored.members) {
    entry.group->restore_member(
        {.id = std::move(member.id),
         .instance = std::move(member.instance),
         .client_id = std::move(member.client_id),
         .client_host = std::move(member.client_host),
         .session_ms = member.session_ms,
         .rebalance_ms = member.rebalance_ms < 0 ? member.session_ms : member.rebalance_ms,
         .protocols = {{stored.protocol.value_or(""), std::move(member.subscription)}},
         .assignment = std::move(member.assignment)});
  }
  entry.group->restore(stored.generation,
                       std::move(stored.protocol_type),
                       std::move(stored.protocol),
                       std::move(stored.leader),
                       stored.state_since_ms);
}

void GroupCoordinator::run(Serial::Task task) {
  serial_.run([this, task = std::move(task)] {
    task();
    rearm();
  });
}

void GroupCoordinator::rearm() {
  const auto next = deadlines_.next_ns();
  if (next && (armed_ns_ < 0 || *next < armed_ns_)) {
    armed_ns_ = *next;
    options_.wake_at(*next);
  }
}

void GroupCoordinator::tick() {
  run([this] {
    armed_ns_ = -1;
    deadlines_.run_due(now_ns());
  });
}

GroupCoordinator::Entry* GroupCoordinator::find(std::string_view group) {
  const auto found = groups_.find(group);
  return found == groups_.end() ? nullptr : &found->second;
}

GroupCoordinator::Entry& GroupCoordinator::make(const std::string& group) {
  Entry& entry = groups_[group];
  if (!entry.group) {
    entry.life = ++lives_;
    entry.group = std::make_unique<ClassicGroup>(static_cast<GroupHost&>(*this), group);
  }
  return entry;
}

GroupCoordinator::Entry* GroupCoordinator::alive(std::string_view group, std::uint64_t life) {
  Entry* entry = find(group);
  return entry != nullptr && entry->life == life ? entry : nullptr;
}

/// Appends from here, in the order of the tasks; the answer is a task again.
void GroupCoordinator::put(const std::string& group,
                           std::vector<GroupRecord> records,
                           CodeDone done) {
  if (!waiting_puts_.empty() || !store_.ready()) {
    waiting_puts_.push_back(
        {.group = group, .records = std::move(records), .done = std::move(done)});
    if (waiting_puts_.size() == 1) {
      store_.prepare([this](Code code) { serial_.post([this, code] { put_waiting(code); }); });
    }
    return;
  }
  store_.put(group, records, [this, done = std::move(done)](Code code) {
    serial_.post([this, done, code] {
      done(code);
      rearm();
    });
  });
}

void GroupCoordinator::put_waiting(Code code) {
  std::vector<WaitingPut> puts = std::exchange(waiting_puts_, {});
  for (WaitingPut& waiting : puts) {
    if (code == Code::kNone) {
      put(waiting.group, std::move(waiting.records), std::move(waiting.done));
    } else {
      waiting.done(code);
    }
  }
  rearm();
}

void GroupCoordinator::store(const ClassicGroup& group,
                             const std::map<std::string, std::string>& assignments,
                             std::function<void(Code)> done) {
  StoredGroup stored = {.generation = group.generation(),
                        .protocol_type = group.protocol_type(),
                        .protocol = group.protocol(),
                        .leader = group.leader(),
                        .state_since_ms = group.state_since_ms()};
  for (const auto& [id, member] : group.members()) {
    const auto assigned = assignments.find(id);
    stored.members.push_back(
        {.id = id,
         .instance = member.instance,
         .client_id = member.client_id,
         .client_host = member.client_host,
         .rebalance_ms = static_cast<std::int32_t>(member.rebalance_ms),
         .session_ms = static_cast<std::int32_t>(member.session_ms),
         .subscription = member.metadata(group.protocol().value_or("")),
         .assignment = assigned == assignments.end() ? member.assignment : assigned->second});
  }
  Entry& entry = groups_.at(group.name());
  entry.stored = true;
  put(group.name(),
      {group_record(group.name(), stored)},
      [this, name = group.name(), life = entry.life, done = std::move(done)](Code code) {
        if (alive(name, life) != nullptr) {
          done(code);
        }
      });
}

// ---------------------------------------------------------------- members

void GroupCoordinator::join(JoinRequest request, JoinDone done) {
  run([this, request = std::move(request), done = std::move(done)]() mutable {
    if (!is_group_name(request.group)) {
      done({.error = Code::kInvalidGroupId, .member = request.member});
      return;
    }
    if (!can_be_stored(request)) {
      done({.error = Code::kInvalidRequest, .member = request.member});
      return;
    }
    if (request.session_ms < config().min_session_ms ||
        request.session_ms > config().max_session_ms) {
      done({.error = Code::kInvalidSessionTimeout, .member = request.member});
      return;
    }
    Entry* entry = find(request.group);
    if (entry == nullptr) {
      if (!request.member.empty()) {
        done({.error = Code::kUnknownMemberId, .member = request.member});
        return;
      }
      entry = &make(request.group);
    }
    entry->group->join(std::move(request), std::move(done));
  });
}

void GroupCoordinator::sync(SyncRequest request, SyncDone done) {
  run([this, request = std::move(request), done = std::move(done)]() mutable {
    if (!is_group_name(request.group)) {
      done({.error = Code::kInvalidGroupId});
      return;
    }
    Entry* entry = find(request.group);
    if (entry == nullptr) {
      done({.error = Code::kUnknownMemberId});
      return;
    }
    entry->group->sync(std::move(request), done);
  });
}

void GroupCoordinator::heartbeat(HeartbeatRequest request, CodeDone done) {
  run([this, request = std::move(request), done = std::move(done)] {
    if (!is_group_name(request.group)) {
      done(Code::kInvalidGroupId);
      return;
    }
    Entry* entry = find(request.group);
    done(entry == nullptr ? Code::kUnknownMemberId : entry->group->heartbeat(request));
  });
}

void GroupCoordinator::leave(LeaveRequest request, LeaveDone done) {
  run([this, request = std::move(request), done = std::move(done)] {
    if (!is_group_name(request.group)) {
      done({.error = Code::kInvalidGroupId});
      return;
    }
    if (Entry* entry = find(request.group)) {
      done(entry->group->leave(request));
      return;
    }
    LeaveAnswer answer;
    for (const LeavingMember& member : request.members) {
      answer.members.emplace_back(member, Code::kUnknownMemberId);
    }
    done(std::move(answer));
  });
}

// ---------------------------------------------------------------- offsets

void GroupCoordinator::commit_offsets(CommitRequest request, CommitDone done) {
  run([this, request = std::move(request), done = std::move(done)]() mutable {
    do_commit(std::move(request), done);
  });
}

void GroupCoordinator::do_commit(CommitRequest request, const CommitDone& done) {
  if (!is_group_name(request.group)) {
    done({.error = Code::kInvalidGroupId});
    return;
  }
  Entry* entry = find(request.group);
  if (entry == nullptr) {
    if (request.generation >= 0) {
      done({.error = Code::kIllegalGeneration});
      return;
    }
    entry = &make(request.group);
  }
  if (const Code error = entry->group->check_commit(request); error != Code::kNone) {
    done({.error = error});
    return;
  }
  CommitAnswer answer = all_of(request.offsets.size(), Code::kNone);
  std::vector<GroupRecord> records;
  std::vector<std::pair<OffsetKey, CommittedOffset>> taken;
  for (std::size_t i = 0; i < request.offsets.size(); ++i) {
    OffsetOfPartition& offset = request.offsets[i];
    const auto bytes = static_cast<std::int64_t>(offset.committed.metadata.size());
    if (bytes > config().offset_metadata_bytes_max) {
      answer.partitions[i] = Code::kOffsetMetadataTooLarge;
      continue;
    }
    OffsetKey key(std::move(offset.topic), offset.partition);
    records.push_back(offset_record(request.group, key, offset.committed));
    taken.emplace_back(std::move(key), std::move(offset.committed));
  }
  if (taken.empty()) {
    done(std::move(answer));
    return;
  }
  for (const auto& [key, committed] : taken) {
    entry->writing.insert(key);
  }
  put(request.group,
      records,
      [this,
       group = request.group,
       life = entry->life,
       taken = std::move(taken),
       answer = std::move(answer),
       done](Code code) mutable {
        if (Entry* now = alive(group, life)) {
          for (auto& [key, committed] : taken) {
            now->writing.erase(now->writing.find(key));
            if (code == Code::kNone) {
              now->offsets[key] = std::move(committed);
            }
          }
        }
        for (Code& partition : answer.partitions) {
          partition = partition == Code::kNone ? code : partition;
        }
        done(std::move(answer));
      });
}

void GroupCoordinator::fetch_offsets(std::string group,
                                     std::function<void(const OffsetMap&)> done) {
  run([this, group = std::move(group), done = std::move(done)] {
    const Entry* entry = find(group);
    done(entry == nullptr ? OffsetMap() : entry->offsets);
  });
}

void GroupCoordinator::delete_offsets(std::string group,
                                      std::vector<OffsetKey> partitions,
                                      CommitDone done) {
  run([this, group = std::move(group), partitions = std::move(partitions), done = std::move(done)] {
    do_delete_offsets(group, partitions, done);
  });
}

void GroupCoordinator::do_delete_offsets(const std::string& group,
                                         const std::vector<OffsetKey>& partitions,
                                         const CommitDone& done) {
  Entry* entry = find(group);
  if (entry == nullptr) {
    done({.error = Code::kGroupIdNotFound});
    return;
  }
  std::optional<std::set<std::string>> subscribed;
  if (entry->group->state() != GroupState::kEmpty) {
    if (entry->group->protocol_type() != "consumer") {
      done({.error = Code::kNonEmptyGroup});
      return;
    }
    subscribed = entry->group->subscribed_topics();
  }
  CommitAnswer answer = all_of(partitions.size(), Code::kNone);
  std::vector<OffsetKey> gone;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (subscribed && subscribed->contains(partitions[i].first)) {
      answer.partitions[i] = Code::kGroupSubscribedToTopic;
    } else if (entry->offsets.contains(partitions[i])) {
      gone.push_back(partitions[i]);
    }
  }
  remove_offsets(group, gone, [answer = std::move(answer), done](Code code) mutable {
    for (Code& partition : answer.partitions) {
      partition = partition == Code::kNone ? code : partition;
    }
    done(std::move(answer));
  });
}

/// Tombstones for the keys; they are forgotten when these are durable.
void GroupCoordinator::remove_offsets(const std::string& group,
                                      const std::vector<OffsetKey>& keys,
                                      CodeDone done) {
  if (keys.empty()) {
    done(Code::kNone);
    return;
  }
  std::vector<GroupRecord> records;
  records.reserve(keys.size());
  for (const OffsetKey& key : keys) {
    records.push_back(offset_record(group, key, std::nullopt));
  }
  put(group,
      records,
      [this, group, life = groups_.at(group).life, keys, done = std::move(done)](Code code) {
        Entry* entry = alive(group, life);
        if (entry != nullptr && code == Code::kNone) {
          for (const OffsetKey& key : keys) {
            entry->offsets.erase(key);
          }
        }
        done(code);
      });
}

void GroupCoordinator::topic_deleted(std::string topic) {
  run([this, topic = std::move(topic)] {
    for (const auto& [name, entry] : groups_) {
      std::vector<OffsetKey> keys;
      for (const auto& [key, committed] : entry.offsets) {
        if (key.first == topic) {
          keys.push_back(key);
        }
      }
      remove_offsets(name, keys, [](Code) {});
    }
  });
}

// ---------------------------------------------------------------- groups

void GroupCoordinator::describe(std::vector<std::string> groups,
                                std::function<void(std::vector<GroupDescription>)> done) {
  run([this, groups = std::move(groups), done = std::move(done)] {
    std::vector<GroupDescription> found;
    for (const std::string& group : groups) {
      const Entry* entry = find(group);
      found.push_back(entry == nullptr ? dead_group(group) : entry->group->describe());
    }
    done(std::move(found));
  });
}

void GroupCoordinator::list(std::function<void(std::vector<GroupDescription>)> done) {
  run([this, done = std::move(done)] {
    std::vector<GroupDescription> found;
    found.reserve(groups_.size());
    for (const auto& [name, entry] : groups_) {
      found.push_back({.group = name,
                       .state = std::string(to_string(entry.group->state())),
                       .protocol_type = entry.group->protocol_type()});
    }
    done(std::move(found));
  });
}

void GroupCoordinator::delete_groups(std::vector<std::string> groups,
                                     std::function<void(std::vector<Code>)> done) {
  run([this, groups = std::move(groups), done = std::move(done)] {
    const Gather<std::vector<Code>> gather(reply_to<std::vector<Code>>(done),
                                           std::vector<Code>(groups.size(), Code::kNone));
    const auto put = [gather](std::size_t i, Code code) {
      gather.edit([&](std::vector<Code>& codes) { codes[i] = code; });
      gather.done();
    };
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const Entry* entry = find(groups[i]);
      gather.expect();
      if (groups[i].empty()) {
        put(i, Code::kInvalidGroupId);
      } else if (entry == nullptr || entry->group->state() == GroupState::kDead) {
        put(i, Code::kGroupIdNotFound);
      } else if (entry->group->state() != GroupState::kEmpty) {
        put(i, Code::kNonEmptyGroup);
      } else {
        delete_group(groups[i], [put, i](Code code) { put(i, code); });
      }
    }
    gather.done();
  });
}

void GroupCoordinator::delete_group(const std::string& name, CodeDone done) {
  Entry& entry = groups_.at(name);
  std::vector<GroupRecord> records;
  records.reserve(entry.offsets.size());
  for (const auto& [key, committed] : entry.offsets) {
    records.push_back(offset_record(name, key, std::nullopt));
  }
  for (const OffsetKey& key : entry.writing) {
    if (!entry.offsets.contains(key)) {
      records.push_back(offset_record(name, key, std::nullopt));
    }
  }
  if (entry.stored) {
    records.push_back(group_record(name, std::nullopt));
  }
  entry.group->die(Code::kCoordinatorNotAvailable);
  if (records.empty()) {
    groups_.erase(name);
    done(Code::kNone);
    return;
  }
  put(name, records, [this, name, life = entry.life, done = std::move(done)](Code code) {
    if (alive(name, life) != nullptr) {
      groups_.erase(name);
    }
    done(code);
  });
}

// ---------------------------------------------------------------- expiry

void GroupCoordinator::watch_retention() {
  deadlines_.add(now_ns() + config().retention_check_ms * kNsPerMs, [this] {
    expire();
    watch_retention();
  });
}

std::vector<OffsetKey> GroupCoordinator::expired_offsets(const Entry& entry) const {
  const ClassicGroup& group = *entry.group;
  const bool managed = !group.protocol_type().empty();
  const bool empty = group.state() == GroupState::kEmpty;
  const std::int64_t now = wall_ms();
  std::optional<std::set<std::string>> subscribed;
  if (!empty) {
    subscribed = group.state() == GroupState::kStable ? group.subscribed_topics() : std::nullopt;
    if (!subscribed) {
      return {};  // Its members may still need everything.
    }
  }
  std::vector<OffsetKey> expired;
  for (const auto& [key, committed] : entry.offsets) {
    if (subscribed && subscribed->contains(key.first)) {
      continue;
    }
    std::int64_t since = committed.commit_ms;
    if (managed && empty) {
      since = std::max(since, group.state_since_ms());
    }
    const std::int64_t until =
        committed.expire_ms >= 0 ? committed.expire_ms : since + config().offsets_retention_ms;
    if (until <= now) {
      expired.push_back(key);
    }
  }
  return expired;
}

void GroupCoordinator::expire() {
  std::vector<std::string> gone;
  for (const auto& [name, entry] : groups_) {
    const std::vector<OffsetKey> expired = expired_offsets(entry);
    const bool idle = entry.group->state() == GroupState::kEmpty && entry.writing.empty();
    if (idle && expired.size() == entry.offsets.size()) {
      gone.push_back(name);
    } else {
      remove_offsets(name, expired, [](Code) {});
    }
  }
  for (const std::string& name : gone) {
    delete_group(name, [](Code) {});
  }
}

// ---------------------------------------------------------------- watch

std::vector<GroupOverview> GroupCoordinator::overview() {
  std::vector<GroupOverview> groups;
  Wakeup ready;
  run([this, &groups, &ready] {
    for (const auto& [name, entry] : groups_) {
      GroupOverview overview = {.name = name,
                                .state = std::string(to_string(entry.group->state())),
                                .protocol_type = entry.group->protocol_type(),
                                .members = entry.group->members().size()};
      for (const auto& [key, committed] : entry.offsets) {
        overview.lags.push_back(
            {.topic = key.first, .partition = key.second, .committed = committed.offset});
      }
      groups.push_back(std::move(overview));
    }
    ready.notify();
  });
  ready.wait(-1);
  for (GroupOverview& group : groups) {
    for (GroupLag& lag : group.lags) {
      if (const auto info = log_.describe({lag.topic, PartitionId(lag.partition)})) {
        lag.end = info->high_watermark;
      }
    }
  }
  return groups;
}

}  // namespace millrace::broker
