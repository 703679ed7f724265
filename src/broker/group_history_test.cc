// Seeded histories of groups: clients that join, lead, commit, fall silent, leave and come back, on
// a disk whose power fails. Checked against what the clients were told:
//
//  * a generation has one leader and one protocol, and each of its members gets from SyncGroup
//    exactly what that leader gave;
//  * generations never go back, not over a crash either, once a member had its assignment;
//  * an offset whose commit was acknowledged is never lost and never goes back;
//  * when faults end, the group becomes Stable with exactly the clients that are alive.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/test_seeds.h"
#include "broker/detail/test_groups.h"

namespace millrace::broker {
namespace {

constexpr std::int64_t kStepMs = 700;
constexpr std::int32_t kPartitions = 4;
const std::string kHistoryGroup = "history";

const std::string kInstance = "static-3";

/// A static member that comes back with another id is the same one.
std::string person(const std::string& member) {
  return member.starts_with(kInstance) ? kInstance : member;
}

/// What all clients of a group know together.
struct Truth {
  struct Generation {
    std::string leader = {};
    std::map<std::string, std::string> assignments = {};
    bool assigned = false;
    bool uncertain = false;
  };

  std::map<std::int32_t, Generation> generations = {};
  std::int32_t synced_generation = 0;
  std::map<std::int32_t, std::int64_t> acknowledged = {};  // Partition → offset.
  std::map<std::int32_t, std::int64_t> attempted = {};
  int rebalances = 0;
  std::int32_t commits = 0;
};

/// One consumer. Its calls go out when it is stepped; answers are looked at one step later or more.
class Client {
 public:
  Client(TestGroups& world, Truth& truth, std::optional<std::string> instance)
      : world_(world), truth_(truth), instance_(std::move(instance)) {}

  void step() {
    if (joining_) {
      take_join();
    } else if (syncing_) {
      take_sync();
    } else if (generation_ < 0) {
      JoinRequest request = consumer(kHistoryGroup, member_);
      request.instance = instance_;
      request.requires_known_member = true;
      synced_before_ = truth_.synced_generation;
      joining_ = world_.join(std::move(request));
    } else {
      beat_and_commit();
    }
  }

  /// The connection is gone; the client remembers what it knew.
  void disconnect() {
    joining_.reset();
    syncing_.reset();
    rejoin();
  }

  void leave() {
    world_.groups().leave(
        {.group = kHistoryGroup, .members = {{.member = member_, .instance = instance_}}},
        [](const LeaveAnswer&) {});
    world_.settle();
    member_.clear();
    disconnect();
  }

  [[nodiscard]] bool stable() const { return generation_ >= 0 && !joining_ && !syncing_; }

  [[nodiscard]] const std::string& member() const { return member_; }

 private:
  void rejoin() { generation_ = -1; }

  void failed(Code code) {
    if (code == Code::kUnknownMemberId || code == Code::kFencedInstanceId) {
      member_.clear();
    }
    rejoin();
  }

  void take_join() {
    if (!joining_->has_value()) {
      return;
    }
    const JoinAnswer answer = **std::exchange(joining_, nullptr);
    if (answer.error == Code::kMemberIdRequired) {
      member_ = answer.member;
      return;
    }
    if (answer.error != Code::kNone) {
      failed(answer.error);
      return;
    }
    member_ = answer.member;
    generation_ = answer.generation;
    Truth::Generation& known = truth_.generations[generation_];
    const std::string leader = person(answer.leader);
    if (known.uncertain && known.leader != leader) {
      known = {};
    }
    EXPECT_GE(generation_, synced_before_);
    EXPECT_TRUE(known.leader.empty() || known.leader == leader)
        << "generation " << generation_ << " has two leaders";
    known.leader = leader;
    SyncRequest sync = {.group = kHistoryGroup,
                        .member = member_,
                        .instance = instance_,
                        .generation = generation_};
    if (answer.leader == member_ && !answer.members.empty()) {
      for (const JoinedMember& member : answer.members) {
        // A static member that comes back with another id keeps what its instance was given.
        const std::string who = member.instance.value_or(member.member);
        known.assignments[who] = std::to_string(generation_) + ":" + who;
        sync.assignments.emplace_back(member.member, known.assignments[who]);
      }
      known.assigned = true;
      ++truth_.rebalances;
    }
    syncing_ = world_.sync(std::move(sync));
  }

  void take_sync() {
    if (!syncing_->has_value()) {
      return;
    }
    const SyncAnswer answer = **std::exchange(syncing_, nullptr);
    if (answer.error != Code::kNone) {
      failed(answer.error);
      return;
    }
    const Truth::Generation& known = truth_.generations[generation_];
    EXPECT_TRUE(known.assigned) << "an assignment without a leader";
    const auto mine = known.assignments.find(instance_.value_or(member_));
    EXPECT_EQ(answer.assignment, mine == known.assignments.end() ? "" : mine->second);
    truth_.synced_generation = std::max(truth_.synced_generation, generation_);
  }

  void beat_and_commit() {
    Code code = Code::kNone;
    world_.groups().heartbeat({.group = kHistoryGroup,
                               .member = member_,
                               .instance = instance_,
                               .generation = generation_},
                              [&](Code answer) { code = answer; });
    if (code != Code::kNone) {
      failed(code);
      return;
    }
    const auto partition = truth_.commits++ % kPartitions;
    const std::int64_t offset = ++last_offset(partition);
    CommitRequest commit = {
        .group = kHistoryGroup,
        .member = member_,
        .instance = instance_,
        .generation = generation_,
        .offsets = {
            {.topic = "t", .partition = partition, .committed = {.offset = Offset(offset)}}}};
    truth_.attempted[partition] = offset;
    const CommitAnswer answer = world_.commit(std::move(commit));
    if (answer.error == Code::kNone && answer.partitions.at(0) == Code::kNone) {
      truth_.acknowledged[partition] = offset;
    } else if (answer.error != Code::kUnknownServerError) {
      failed(answer.error);
    }
  }

  std::int64_t& last_offset(std::int32_t partition) { return truth_.attempted[partition]; }

  TestGroups& world_;
  Truth& truth_;
  const std::optional<std::string> instance_;
  std::string member_;
  std::int32_t generation_ = -1;
  std::int32_t synced_before_ = 0;  // When it asked to join.
  Later<JoinAnswer> joining_;
  Later<SyncAnswer> syncing_;
};

struct Counts {
  int crashes = 0;
  int rebalances = 0;
  std::int64_t commits = 0;
};

class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed), world_(seed) {
    for (int i = 0; i < 4; ++i) {
      clients_.push_back(std::make_unique<Client>(
          world_, truth_, i == 3 ? std::optional<std::string>(kInstance) : std::nullopt));
      silent_.push_back(false);
    }
  }

  Counts run() {
    for (int step = 0; step < 120; ++step) {
      disturb();
      step_clients();
      check_offsets();
    }
    calm_down();
    Counts counts = {.crashes = crashes_, .rebalances = truth_.rebalances};
    for (const auto& [partition, offset] : truth_.acknowledged) {
      counts.commits += offset;
    }
    return counts;
  }

 private:
  void step_clients() {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (!silent_[i]) {
        clients_[i]->step();
      }
    }
    world_.pass(kStepMs);
  }

  void disturb() {
    const std::size_t i = random_.below(clients_.size());
    switch (random_.below(12)) {
      case 0:
        silent_[i] = !silent_[i];
        break;
      case 1:
        clients_[i]->leave();
        break;
      case 2:
        clients_[i]->disconnect();
        break;
      case 3:
        if (random_.one_in(3)) {
          crash();
        }
        break;
      default:
        break;
    }
  }

  void crash() {
    world_.crash();
    ++crashes_;
    // A generation that nobody was seen to have synced may be stored, or its number comes again.
    for (auto& [number, generation] : truth_.generations) {
      generation.uncertain = number > truth_.synced_generation;
    }
    for (const auto& client : clients_) {
      client->disconnect();
    }
  }

  void check_offsets() {
    const auto offsets = world_.offsets(kHistoryGroup);
    for (const auto& [partition, acknowledged] : truth_.acknowledged) {
      const auto found = offsets.find({"t", partition});
      ASSERT_NE(found, offsets.end()) << "an acknowledged commit is gone";
      EXPECT_GE(found->second.offset.value(), acknowledged);
      EXPECT_LE(found->second.offset.value(), truth_.attempted[partition]);
    }
  }

  void calm_down() {
    std::fill(silent_.begin(), silent_.end(), false);
    for (int step = 0; step < 200; ++step) {
      step_clients();
    }
    const GroupDescription group = world_.describe(kHistoryGroup);
    EXPECT_EQ(group.state, "Stable");
    std::vector<std::string> expected;
    for (const auto& client : clients_) {
      EXPECT_TRUE(client->stable());
      expected.push_back(client->member());
    }
    std::ranges::sort(expected);
    std::vector<std::string> members;
    members.reserve(group.members.size());
    for (const auto& member : group.members) {
      members.push_back(member.member);
    }
    EXPECT_EQ(members, expected);
    check_offsets();
  }

  Random random_;
  TestGroups world_;
  Truth truth_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<bool> silent_;
  int crashes_ = 0;
};

void run_histories(std::uint64_t first, std::uint64_t count) {
  Counts all;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const Counts counts = History(seed).run();
    all.crashes += counts.crashes;
    all.rebalances += counts.rebalances;
    all.commits += counts.commits;
    if (::testing::Test::HasFailure()) {
      FAIL() << "seed " << seed;
    }
  }
  // A history in which nothing happened proves nothing.
  EXPECT_GT(all.crashes, 0);
  EXPECT_GT(all.rebalances, static_cast<int>(count));
  EXPECT_GT(all.commits, static_cast<std::int64_t>(count) * 10);
}

TEST(GroupHistory, keeps_its_promises_over_seeded_faults) {
  run_histories(1, 12);
}

TEST(GroupHistorySlow, keeps_its_promises_over_thousands_of_seeds) {
  const TestSeeds seeds = test_seeds({.first = 1'000, .count = 2'000});
  run_histories(seeds.first, seeds.count);
}

}  // namespace
}  // namespace millrace::broker
