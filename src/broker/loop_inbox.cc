#include "broker/detail/loop_inbox.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/clock.h"

namespace millrace::broker {

LoopInbox::LoopInbox(io::EventLoop& loop, const Clock& clock)
    : clock_(clock), loop_(&loop), timer_(std::make_unique<io::Timer>(loop)) {}

LoopInbox::~LoopInbox() = default;

bool LoopInbox::post(std::shared_ptr<InboxItem> item) {
  const MutexLock lock(mutex_);
  if (loop_ == nullptr) {
    return false;
  }
  items_.push_back(std::move(item));
  if (!posted_) {
    posted_ = true;
    loop_->post([self = shared_from_this()] { self->drain(); });
  }
  return true;
}

void LoopInbox::drain() {
  std::vector<std::shared_ptr<InboxItem>> items;
  {
    const MutexLock lock(mutex_);
    items.swap(items_);
    posted_ = false;
  }
  draining_ = true;
  for (const std::shared_ptr<InboxItem>& item : items) {
    item->arrive();
  }
  draining_ = false;
  for (const std::shared_ptr<InboxItem>& item : std::exchange(last_, {})) {
    item->arrive();
  }
}

void LoopInbox::finish_with(std::shared_ptr<InboxItem> item) {
  if (draining_) {
    last_.push_back(std::move(item));
  } else {
    item->arrive();
  }
}

DeadlineId LoopInbox::call_after(std::int64_t ns, Deadlines::Task task) {
  const DeadlineId id = deadlines_.add(clock_.monotonic_ns() + ns, std::move(task));
  arm();
  return id;
}

void LoopInbox::cancel(DeadlineId& id) {
  deadlines_.cancel(id);  // The timer may fire in vain.
}

void LoopInbox::arm() {
  const std::optional<std::int64_t> next = deadlines_.next_ns();
  if (!next || timer_ == nullptr || (armed_ns_ != 0 && armed_ns_ <= *next)) {
    return;
  }
  armed_ns_ = *next;
  const std::int64_t wait = std::max<std::int64_t>(*next - clock_.monotonic_ns(), 0);
  timer_->start(wait, [this] {
    armed_ns_ = 0;
    deadlines_.run_due(clock_.monotonic_ns());
    arm();
  });
}

void LoopInbox::end_timers() {
  timer_.reset();
  deadlines_ = {};
}

void LoopInbox::close() {
  std::vector<std::shared_ptr<InboxItem>> dropped;
  {
    const MutexLock lock(mutex_);
    loop_ = nullptr;
    dropped.swap(items_);
  }
  end_timers();
}

}  // namespace millrace::broker
