// Threads that are always joined, and how they wait and are told to stop.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/mutex.h"

namespace millrace {

/// A named thread (the name is cut to 15 letters) that is asked to stop and joined when it goes out
/// of scope. Owned by one thread.
class Thread {
 public:
  Thread() = default;
  Thread(const std::string& name, std::function<void(const std::stop_token&)> body);

  void request_stop() { thread_.request_stop(); }

  void join() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  [[nodiscard]] bool joinable() const { return thread_.joinable(); }

 private:
  std::jthread thread_;
};

/// Something to wait on: a notify is remembered until the next wait takes it. Thread-safe.
class Wakeup {
 public:
  void notify();

  /// Waits for a notify, at most `timeout_ns` (negative: without limit) or until `stop` is asked.
  /// True when there was a notify.
  bool wait(std::int64_t timeout_ns, const std::stop_token& stop = {});

 private:
  Mutex mutex_;
  ConditionVariable changed_;
  bool notified_ MR_GUARDED_BY(mutex_) = false;
};

}  // namespace millrace
