// Runs tasks one after the other without a thread of their own: whoever comes first runs what the
// others bring meanwhile. State that is touched in tasks only needs no lock.
#pragma once

#include <functional>
#include <vector>

#include "base/mutex.h"

namespace millrace::broker {

/// Thread-safe.
class Serial {
 public:
  using Task = std::function<void()>;
  /// Calls a task later, on a thread that may work for a while (an event loop).
  using Executor = std::function<void(Task)>;

  explicit Serial(Executor executor) : executor_(std::move(executor)) {}

  Serial(const Serial&) = delete;
  Serial& operator=(const Serial&) = delete;
  ~Serial() = default;

  /// Runs it now on this thread, or after the task that is running, on its thread. In the order of
  /// calls of run() and post().
  void run(Task task);

  /// As run(), but never on this thread: for the log's thread, which must not be held up.
  void post(Task task);

 private:
  void drain();

  const Executor executor_;
  Mutex mutex_;
  std::vector<Task> waiting_ MR_GUARDED_BY(mutex_);
  bool running_ MR_GUARDED_BY(mutex_) = false;
};

}  // namespace millrace::broker
