// A few threads for what blocks: directory scans, name look-ups, libraries with blocking calls.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/thread.h"

namespace millrace::io {

struct BlockingPoolOptions {
  std::string name = "blocking";
  std::size_t threads = 2;
  std::size_t waiting_max = 256;
};

/// Runs jobs in the order in which they came, as many at once as it has threads. Thread-safe.
class BlockingPool {
 public:
  using Job = std::function<void()>;

  explicit BlockingPool(const BlockingPoolOptions& options);
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;
  /// Runs every job that was accepted, then joins.
  ~BlockingPool();

  /// False, and nothing done, when waiting_max jobs wait: the caller pushes back.
  bool try_run(Job job);

  /// Jobs that wait or run.
  [[nodiscard]] std::size_t unfinished();

 private:
  void work();

  const std::size_t waiting_max_;
  Mutex mutex_;
  ConditionVariable changed_;
  std::deque<Job> waiting_ MR_GUARDED_BY(mutex_);
  std::size_t running_ MR_GUARDED_BY(mutex_) = 0;
  bool closed_ MR_GUARDED_BY(mutex_) = false;
  std::vector<Thread> threads_;
};

}  // namespace millrace::io
