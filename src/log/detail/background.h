// Work that may take its time: writing segments, preparing WAL files, removing, compacting. Jobs
// run one at a time, in the order in which they were given, each in small steps, so that a
// simulation can let appends happen between any two of them.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/thread.h"

namespace millrace::log {

/// Owned by the background; made by the log thread.
class Job {
 public:
  Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  virtual ~Job() = default;

  /// Does a part; true when it was the last. After an error it is not called again.
  virtual Result<bool> step() = 0;
};

/// Runs on the log thread when its job has ended.
using JobDone = std::function<void(Result<void>)>;

/// Since when a thread is at one piece of work: what tells a stuck one from one that waits. Written
/// by that thread. Thread-safe.
class Activity {
 public:
  void begin(std::int64_t now_ns) { since_ns_.store(now_ns, std::memory_order_relaxed); }

  void end() { since_ns_.store(kIdle, std::memory_order_relaxed); }

  /// 0: it waits.
  [[nodiscard]] std::int64_t busy_ns(std::int64_t now_ns) const {
    const std::int64_t since_ns = since_ns_.load(std::memory_order_relaxed);
    return since_ns == kIdle ? 0 : std::max<std::int64_t>(now_ns - since_ns, 0);
  }

 private:
  static constexpr std::int64_t kIdle = std::numeric_limits<std::int64_t>::min();

  std::atomic<std::int64_t> since_ns_{kIdle};
};

/// Thread-safe, but for step(), which belongs to one thread.
class Background {
 public:
  /// `wake` is called when a job has ended.
  explicit Background(std::function<void()> wake) : wake_(std::move(wake)) {}

  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background();

  void submit(std::unique_ptr<Job> job, JobDone done);

  /// A part of the job at the head. False when there is none.
  bool step();

  /// Runs the `done` of the jobs that have ended. For the log thread. False when there were none.
  bool run_completions();

  /// No job is there and no completion waits.
  [[nodiscard]] bool idle() const;

  /// Steps until it is asked to stop: the body of the background thread.
  void run(const Clock& clock, const std::stop_token& stop);

  Wakeup ended;       ///< Notified when a job has ended.
  Activity activity;  ///< Of the background thread, in run().

 private:
  struct Item {
    std::unique_ptr<Job> job;
    JobDone done;
  };

  struct Completion {
    std::shared_ptr<Item> item;  // Shared with the step that ended it.
    Result<void> outcome;
  };

  std::function<void()> wake_;
  Wakeup submitted_;
  mutable Mutex mutex_;
  std::deque<std::shared_ptr<Item>> jobs_ MR_GUARDED_BY(mutex_);  // The head may be running.
  std::vector<Completion> completions_ MR_GUARDED_BY(mutex_);
};

}  // namespace millrace::log
