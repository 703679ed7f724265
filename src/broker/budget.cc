#include "broker/detail/budget.h"

#include <utility>

namespace millrace::broker {

bool Budget::try_take(std::size_t bytes) {
  std::size_t used = used_.load();
  while (used == 0 || used + bytes <= bytes_max_) {
    if (used_.compare_exchange_weak(used, used + bytes)) {
      return true;
    }
  }
  return false;
}

void Budget::give_back(std::size_t bytes) {
  used_.fetch_sub(bytes);
  if (waiting_count_.load() == 0) {
    return;
  }
  std::vector<Waiting> woken;
  {
    const MutexLock lock(mutex_);
    woken.swap(waiting_);
    waiting_count_ = 0;
  }
  for (Waiting& one : woken) {
    one.inbox->post(std::move(one.item));
  }
}

void Budget::wait(LoopInboxPtr inbox, std::shared_ptr<InboxItem> item) {
  const MutexLock lock(mutex_);
  waiting_.push_back({.inbox = std::move(inbox), .item = std::move(item)});
  ++waiting_count_;
}

std::size_t Budget::free() const {
  const std::size_t used = used_.load();
  return used >= bytes_max_ ? 0 : bytes_max_ - used;
}

}  // namespace millrace::broker
