#include "log/detail/background.h"

#include <utility>

namespace millrace::log {

Background::~Background() {
  const MutexLock lock(mutex_);
  for (const Completion& completion : completions_) {
    completion.outcome.ignore_error("the log that asked for it is gone");
  }
}

void Background::submit(std::unique_ptr<Job> job, JobDone done) {
  {
    const MutexLock lock(mutex_);
    jobs_.push_back(std::make_shared<Item>(Item{std::move(job), std::move(done)}));
  }
  submitted_.notify();
}

bool Background::step() {
  std::shared_ptr<Item> item;
  {
    const MutexLock lock(mutex_);
    if (jobs_.empty()) {
      return false;
    }
    item = jobs_.front();
  }
  Result<bool> finished = item->job->step();
  if (finished.has_value() && !*finished) {
    return true;
  }
  item->job.reset();
  Result<void> outcome;
  if (!finished) {
    outcome = std::move(finished).error();
  }
  {
    const MutexLock lock(mutex_);
    jobs_.pop_front();
    completions_.push_back({.item = std::move(item), .outcome = std::move(outcome)});
  }
  ended.notify();
  wake_();
  return true;
}

bool Background::run_completions() {
  std::vector<Completion> completions;
  {
    const MutexLock lock(mutex_);
    completions.swap(completions_);
  }
  for (Completion& completion : completions) {
    completion.item->done(std::move(completion.outcome));
  }
  return !completions.empty();
}

bool Background::idle() const {
  const MutexLock lock(mutex_);
  return jobs_.empty() && completions_.empty();
}

void Background::run(const Clock& clock, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    activity.begin(clock.monotonic_ns());
    const bool did = step();
    activity.end();
    if (!did) {
      submitted_.wait(-1, stop);
    }
  }
}

}  // namespace millrace::log
