#include "broker/serial.h"

#include <cstddef>
#include <utility>

namespace millrace::broker {
namespace {

/// After so many the rest goes to the executor, so that no thread works for the others for ever.
constexpr std::size_t kAtOnce = 256;

}  // namespace

void Serial::run(Task task) {
  {
    const MutexLock lock(mutex_);
    waiting_.push_back(std::move(task));
    if (running_) {
      return;
    }
    running_ = true;
  }
  drain();
}

void Serial::post(Task task) {
  {
    const MutexLock lock(mutex_);
    waiting_.push_back(std::move(task));
    if (running_) {
      return;
    }
    running_ = true;
  }
  executor_([this] { drain(); });
}

void Serial::drain() {
  std::size_t done = 0;
  while (done < kAtOnce) {
    std::vector<Task> tasks;
    {
      const MutexLock lock(mutex_);
      if (waiting_.empty()) {
        running_ = false;
        return;
      }
      tasks.swap(waiting_);
    }
    for (Task& task : tasks) {
      task();
      task = nullptr;
    }
    done += tasks.size();
  }
  executor_([this] { drain(); });
}

}  // namespace millrace::broker
