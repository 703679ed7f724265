#include "io/blocking_pool.h"

#include <utility>

namespace millrace::io {

BlockingPool::BlockingPool(const BlockingPoolOptions& options) : waiting_max_(options.waiting_max) {
  for (std::size_t i = 0; i < options.threads; ++i) {
    threads_.emplace_back(options.name + "-" + std::to_string(i),
                          [this](const std::stop_token&) { work(); });
  }
}

BlockingPool::~BlockingPool() {
  {
    const MutexLock lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  threads_.clear();
}

bool BlockingPool::try_run(Job job) {
  const MutexLock lock(mutex_);
  if (closed_ || waiting_.size() >= waiting_max_) {
    return false;
  }
  waiting_.push_back(std::move(job));
  changed_.notify_one();
  return true;
}

std::size_t BlockingPool::unfinished() {
  const MutexLock lock(mutex_);
  return waiting_.size() + running_;
}

void BlockingPool::work() {
  while (true) {
    Job job;
    {
      const MutexLock lock(mutex_);
      while (waiting_.empty() && !closed_) {
        changed_.wait(mutex_);
      }
      if (waiting_.empty()) {
        return;
      }
      job = std::move(waiting_.front());
      waiting_.pop_front();
      ++running_;
    }
    job();
    job = nullptr;
    const MutexLock lock(mutex_);
    --running_;
  }
}

}  // namespace millrace::io
