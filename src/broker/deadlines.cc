#include "broker/deadlines.h"

namespace millrace::broker {

DeadlineId Deadlines::add(std::int64_t at_ns, Task task) {
  const DeadlineId id = ++last_;
  tasks_.emplace(Key{at_ns, id}, std::move(task));
  times_.emplace(id, at_ns);
  return id;
}

void Deadlines::move(DeadlineId id, std::int64_t at_ns) {
  const auto time = times_.find(id);
  if (time == times_.end()) {
    return;
  }
  auto node = tasks_.extract(Key{time->second, id});
  node.key() = Key{at_ns, id};
  time->second = at_ns;
  tasks_.insert(std::move(node));
}

void Deadlines::cancel(DeadlineId& id) {
  const auto time = times_.find(id);
  if (time != times_.end()) {
    tasks_.erase(Key{time->second, id});
    times_.erase(time);
  }
  id = 0;
}

void Deadlines::run_due(std::int64_t now_ns) {
  while (!tasks_.empty() && tasks_.begin()->first.first <= now_ns) {
    auto node = tasks_.extract(tasks_.begin());
    times_.erase(node.key().second);
    node.mapped()();
  }
}

std::optional<std::int64_t> Deadlines::next_ns() const {
  if (tasks_.empty()) {
    return std::nullopt;
  }
  return tasks_.begin()->first.first;
}

}  // namespace millrace::broker
