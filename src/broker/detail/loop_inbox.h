// An event loop as handlers see it: how other threads reach it (the log's thread brings the answers
// of a whole group, and the loop is woken once for all of them), and what is to happen later.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "broker/deadlines.h"
#include "io/event_loop.h"
#include "wire/writer.h"

namespace millrace {
class Clock;
}  // namespace millrace

namespace millrace::broker {

/// Something to be done on a loop.
struct InboxItem {
  InboxItem() = default;
  InboxItem(const InboxItem&) = delete;
  InboxItem& operator=(const InboxItem&) = delete;
  virtual ~InboxItem() = default;

  /// Runs on the loop.
  virtual void arrive() = 0;
};

/// Outlives its loop: whoever still holds an answer may post, in vain. Thread-safe, but for what
/// belongs to the loop's thread.
class LoopInbox : public std::enable_shared_from_this<LoopInbox> {
 public:
  LoopInbox(io::EventLoop& loop, const Clock& clock);
  LoopInbox(const LoopInbox&) = delete;
  LoopInbox& operator=(const LoopInbox&) = delete;
  ~LoopInbox();

  /// The item arrives on the loop, in the order of posting. False after close(); it is dropped
  /// then.
  bool post(std::shared_ptr<InboxItem> item);

  // Belongs to the loop's thread.

  /// The item arrives when all that is arriving now has: at once, when nothing is. What many
  /// answers of one group ask for is thus done once.
  void finish_with(std::shared_ptr<InboxItem> item);

  /// Calls `task` on the loop after so many nanoseconds.
  DeadlineId call_after(std::int64_t ns, Deadlines::Task task);
  /// Drops it, and sets `id` to 0.
  void cancel(DeadlineId& id);
  /// Nothing is called any more.
  void end_timers();

  /// Keeps its buffer from answer to answer.
  wire::Writer scratch;

  // Belongs to whoever destroys the loop, when it does not run any more.

  void close();

 private:
  void drain();
  void arm();

  const Clock& clock_;
  Mutex mutex_;
  io::EventLoop* loop_ MR_GUARDED_BY(mutex_);
  // Shared with those who post.
  std::vector<std::shared_ptr<InboxItem>> items_ MR_GUARDED_BY(mutex_);
  bool posted_ MR_GUARDED_BY(mutex_) = false;
  // Below: the loop's.
  bool draining_ = false;
  std::vector<std::shared_ptr<InboxItem>> last_;  // Shared with those who gave them.
  Deadlines deadlines_;
  std::unique_ptr<io::Timer> timer_;
  std::int64_t armed_ns_ = 0;  // 0: not.
};

// Shared by the loop, its connections and every answer that is under way.
using LoopInboxPtr = std::shared_ptr<LoopInbox>;

}  // namespace millrace::broker
