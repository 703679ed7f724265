// For tests: a coordinator over a log on a simulated disk, where time stands still unless it is
// asked to pass.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "broker/group_coordinator.h"
#include "io/sim_files.h"
#include "log/log.h"

namespace millrace::broker {

/// What an answer is, once it is there. Shared with the call under way.
template <class T>
using Later = std::shared_ptr<std::optional<T>>;

/// Owned by one thread.
class TestGroups {
 public:
  static constexpr std::int64_t kNsPerMs = 1'000'000;

  explicit TestGroups(std::uint64_t seed = 1, GroupConfig config = quick())
      : disk_(seed), config_(config), seed_(seed) {
    start();
  }

  /// No wait before the first rebalance, so that tests say when time matters.
  static GroupConfig quick() {
    GroupConfig config;
    config.initial_rebalance_delay_ms = 0;
    config.offsets_partitions = 3;
    return config;
  }

  void start() {
    auto opened = log::Log::open(disk_,
                                 clock_,
                                 metrics_,
                                 {.directory = "data",
                                  .threads = false,
                                  .min_free_bytes = 0,
                                  .seed = seed_ * 1000 + ++lives_});
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
    log_ = std::move(*opened);
    groups_ = std::make_unique<GroupCoordinator>(
        *log_,
        clock_,
        GroupCoordinator::Options{
            .config = config_,
            .executor = [this](Serial::Task task) { tasks_.push_back(std::move(task)); },
            .wake_at = [this](std::int64_t at_ns) { wake_ns_ = at_ns; },
            .seed = seed_ * 1000 + lives_});
    const Result<void> loaded = groups_->load();
    ASSERT_TRUE(loaded.has_value()) << loaded.error().to_string();
  }

  /// The power fails and comes back.
  void crash() {
    groups_.reset();
    tasks_.clear();
    log_.reset();
    disk_.crash();
    start();
  }

  /// Lets everything happen that needs no time.
  void settle() {
    bool busy = true;
    while (busy) {
      busy = log_->step();
      std::vector<Serial::Task> tasks = std::exchange(tasks_, {});
      for (const Serial::Task& task : tasks) {
        busy = true;
        task();
      }
    }
  }

  /// Time passes; timers run at their time.
  void pass(std::int64_t ms) {
    const std::int64_t end = clock_.monotonic_ns() + ms * kNsPerMs;
    settle();
    while (wake_ns_ >= 0 && wake_ns_ <= end) {
      const std::int64_t at = std::exchange(wake_ns_, -1);
      clock_.advance_us((std::max(at, clock_.monotonic_ns()) - clock_.monotonic_ns() + 999) / 1000);
      groups_->tick();
      settle();
    }
    clock_.advance_us(std::max<std::int64_t>(0, end - clock_.monotonic_ns()) / 1000);
  }

  [[nodiscard]] GroupCoordinator& groups() { return *groups_; }

  [[nodiscard]] log::Log& log() { return *log_; }

  [[nodiscard]] io::SimFiles& disk() { return disk_; }

  [[nodiscard]] ManualClock& clock() { return clock_; }

  // Calls that keep their answers.

  Later<JoinAnswer> join(JoinRequest request) {
    auto later = std::make_shared<std::optional<JoinAnswer>>();
    groups_->join(std::move(request), [later](JoinAnswer answer) { *later = std::move(answer); });
    settle();
    return later;
  }

  Later<SyncAnswer> sync(SyncRequest request) {
    auto later = std::make_shared<std::optional<SyncAnswer>>();
    groups_->sync(std::move(request), [later](SyncAnswer answer) { *later = std::move(answer); });
    settle();
    return later;
  }

  Code heartbeat(const std::string& group, const JoinAnswer& member) {
    Code code = Code::kUnknownServerError;
    groups_->heartbeat({.group = group, .member = member.member, .generation = member.generation},
                       [&](Code answer) { code = answer; });
    settle();
    return code;
  }

  CommitAnswer commit(CommitRequest request) {
    std::optional<CommitAnswer> got;
    groups_->commit_offsets(std::move(request),
                            [&](CommitAnswer answer) { got = std::move(answer); });
    settle();
    return got.value_or(CommitAnswer{.error = Code::kUnknownServerError});
  }

  OffsetMap offsets(const std::string& group) {
    OffsetMap got;
    groups_->fetch_offsets(group, [&](const OffsetMap& offsets) { got = offsets; });
    return got;
  }

  GroupDescription describe(const std::string& group) {
    std::vector<GroupDescription> got;
    groups_->describe({group},
                      [&](std::vector<GroupDescription> groups) { got = std::move(groups); });
    return got.at(0);
  }

  std::vector<Code> delete_groups(std::vector<std::string> names) {
    std::vector<Code> got;
    groups_->delete_groups(std::move(names),
                           [&](std::vector<Code> codes) { got = std::move(codes); });
    settle();
    return got;
  }

 private:
  io::SimFiles disk_;
  ManualClock clock_;
  Metrics metrics_;
  const GroupConfig config_;
  const std::uint64_t seed_;
  std::uint64_t lives_ = 0;
  std::unique_ptr<log::Log> log_;
  std::vector<Serial::Task> tasks_;
  std::int64_t wake_ns_ = -1;
  std::unique_ptr<GroupCoordinator> groups_;
};

inline JoinRequest consumer(const std::string& group, std::string member = {}) {
  return {.group = group,
          .member = std::move(member),
          .client_id = "app",
          .client_host = "/127.0.0.1",
          .protocol_type = "consumer",
          .protocols = {{"range", "meta"}},
          .session_ms = 10'000,
          .rebalance_ms = 60'000};
}

inline CommitRequest commit_of(const std::string& group,
                               std::int64_t offset,
                               std::string metadata = {}) {
  return {.group = group,
          .offsets = {{.topic = "t",
                       .partition = 0,
                       .committed = {.offset = Offset(offset), .metadata = std::move(metadata)}}}};
}

}  // namespace millrace::broker
