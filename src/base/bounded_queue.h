// The only thing between threads: full means push back, not grow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/thread.h"

namespace millrace {

/// Many producers, one consumer, at most `capacity` items. Thread-safe.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// False, and `item` untouched, when it is full or closed: the caller pushes back.
  bool try_push(T&& item) {
    {
      const MutexLock lock(mutex_);
      if (closed_ || items_.size() >= capacity_) {
        return false;
      }
      items_.push_back(std::move(item));
    }
    filled_.notify();
    return true;
  }

  /// Everything that is there; waits for a first item at most `timeout_ns` (0: not at all).
  std::vector<T> take_all(std::int64_t timeout_ns, const std::stop_token& stop = {}) {
    std::vector<T> taken = take_now();
    if (taken.empty() && timeout_ns != 0) {
      filled_.wait(timeout_ns, stop);
      taken = take_now();
    }
    return taken;
  }

  /// Refuses further items; what is in it can still be taken.
  void close() {
    {
      const MutexLock lock(mutex_);
      closed_ = true;
    }
    filled_.notify();
  }

  [[nodiscard]] std::size_t size() {
    const MutexLock lock(mutex_);
    return items_.size();
  }

 private:
  std::vector<T> take_now() {
    const MutexLock lock(mutex_);
    std::vector<T> taken(std::make_move_iterator(items_.begin()),
                         std::make_move_iterator(items_.end()));
    items_.clear();
    return taken;
  }

  Mutex mutex_;
  Wakeup filled_;
  const std::size_t capacity_;
  std::deque<T> items_ MR_GUARDED_BY(mutex_);
  bool closed_ MR_GUARDED_BY(mutex_) = false;
};

}  // namespace millrace
