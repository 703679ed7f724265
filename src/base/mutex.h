// Locks that clang's -Wthread-safety can check: `int count_ MR_GUARDED_BY(mutex_);`
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#ifdef __clang__
#define MR_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define MR_THREAD_ATTRIBUTE(x)
#endif
#define MR_GUARDED_BY(x) MR_THREAD_ATTRIBUTE(guarded_by(x))
#define MR_REQUIRES(...) MR_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))

namespace millrace {

/// Guards data; leaf-level: nothing that may lock is called under it. Thread-safe.
class MR_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() MR_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }

  void unlock() MR_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

/// Holds a Mutex for a scope. Owned by one thread.
class MR_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) MR_THREAD_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }

  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  ~MutexLock() MR_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  Mutex& mutex_;
};

/// Waits for a change of what a Mutex guards; always in a loop over its condition. Thread-safe.
class ConditionVariable {
 public:
  /// REQUIRES: the mutex is held
  void wait(Mutex& mutex) MR_REQUIRES(mutex) { condition_.wait(mutex); }

  /// Gives up after so many nanoseconds (false). REQUIRES: the mutex is held
  bool wait_for_ns(Mutex& mutex, std::int64_t ns) MR_REQUIRES(mutex) {
    return condition_.wait_for(mutex, std::chrono::nanoseconds(ns)) == std::cv_status::no_timeout;
  }

  void notify_one() { condition_.notify_one(); }

  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable_any condition_;
};

}  // namespace millrace
