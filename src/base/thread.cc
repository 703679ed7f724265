#include "base/thread.h"

#include <chrono>
#include <utility>

#include <pthread.h>

namespace millrace {

Thread::Thread(const std::string& name, std::function<void(const std::stop_token&)> body)
    : thread_([name = name.substr(0, 15), body = std::move(body)](const std::stop_token& stop) {
        pthread_setname_np(pthread_self(), name.c_str());
        body(stop);
      }) {}

void Wakeup::notify() {
  const MutexLock lock(mutex_);
  notified_ = true;
  changed_.notify_all();
}

// The callback takes the lock, so it must be made before and unmade after the lock is held: making
// it calls it at once when the stop was asked already, and unmaking it waits for it.
bool Wakeup::wait(std::int64_t timeout_ns, const std::stop_token& stop) {
  const std::stop_callback on_stop(stop, [this] {
    const MutexLock lock(mutex_);
    changed_.notify_all();
  });
  const auto start = std::chrono::steady_clock::now();
  const MutexLock lock(mutex_);
  while (!notified_ && !stop.stop_requested()) {
    if (timeout_ns < 0) {
      changed_.wait(mutex_);
      continue;
    }
    const auto waited = std::chrono::steady_clock::now() - start;
    const std::int64_t left =
        timeout_ns - std::chrono::duration_cast<std::chrono::nanoseconds>(waited).count();
    if (left <= 0) {
      break;
    }
    changed_.wait_for_ns(mutex_, left);
  }
  return std::exchange(notified_, false);
}

}  // namespace millrace
