// What the log thread and the callers of Log share: small tables, each behind a leaf lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/thread.h"
#include "io/files.h"
#include "log/detail/background.h"
#include "log/detail/partition.h"
#include "log/log.h"
#include "record/batch.h"

namespace millrace::log {

/// A topic with its partitions. Immutable; a change makes another.
struct Topic {
  TopicInfo info = {};
  std::vector<PartitionPtr> partitions = {};
};

// Shared with whoever looked it up while it is changed or deleted.
using TopicPtr = std::shared_ptr<const Topic>;

/// Topics by name and id. Changed by the log thread only. Thread-safe.
class Catalog {
 public:
  [[nodiscard]] TopicPtr find(std::string_view name) const;
  [[nodiscard]] TopicPtr find(const Uuid& id) const;
  /// Null when there is none.
  [[nodiscard]] PartitionPtr partition(const TopicPartition& name) const;
  [[nodiscard]] PartitionPtr partition(const Uuid& topic, PartitionId partition) const;
  /// By name.
  [[nodiscard]] std::vector<TopicPtr> all() const;
  [[nodiscard]] std::int64_t partition_count() const;

  void put(TopicPtr topic);
  void remove(const std::string& name);

 private:
  mutable Mutex mutex_;
  std::map<std::string, TopicPtr, std::less<>> by_name_ MR_GUARDED_BY(mutex_);
  std::map<Uuid, TopicPtr> by_id_ MR_GUARDED_BY(mutex_);
  std::int64_t partitions_ MR_GUARDED_BY(mutex_) = 0;
};

using PositionMap = std::map<std::string, std::string, std::less<>>;

/// Positions as the last published frame left them. Thread-safe.
class Positions {
 public:
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
  [[nodiscard]] std::vector<Position> with_prefix(std::string_view prefix) const;
  [[nodiscard]] PositionMap all() const;
  void apply(std::string_view name, std::string_view value);
  void reset(PositionMap all);

 private:
  mutable Mutex mutex_;
  PositionMap all_ MR_GUARDED_BY(mutex_);
};

/// What flows have not read yet. Thread-safe.
class Holds {
 public:
  void set(std::string_view name, const TopicPartition& partition, Offset offset);
  void release(std::string_view name, const TopicPartition& partition);
  [[nodiscard]] std::optional<Offset> lowest(const TopicPartition& partition) const;
  /// Whose hold that is.
  [[nodiscard]] std::string lowest_holder(const TopicPartition& partition) const;

 private:
  mutable Mutex mutex_;
  std::map<TopicPartition, std::map<std::string, Offset, std::less<>>> all_ MR_GUARDED_BY(mutex_);
};

/// Who wants to know that a partition moved. Callbacks run under the lock, so that after end() none
/// is running; they must not come back here. Thread-safe.
class Subscriptions {
 public:
  std::uint64_t add(PartitionPtr partition, std::function<void()> woken);
  void end(std::uint64_t id);
  void wake(const std::vector<Partition*>& moved);

 private:
  Mutex mutex_;
  // By partition and then by id: a group of frames wakes those of its partitions, however many
  // others there are.
  std::unordered_map<const Partition*, std::map<std::uint64_t, std::function<void()>>> by_partition_
      MR_GUARDED_BY(mutex_);
  std::unordered_map<std::uint64_t, PartitionPtr> partitions_ MR_GUARDED_BY(mutex_);
  std::uint64_t last_id_ MR_GUARDED_BY(mutex_) = 0;
};

/// A batch of a frame on its way: where it goes and stands, and whether it was refused. Offsets and
/// time are the log thread's to fill in.
struct PendingBatch {
  PartitionPtr partition = {};
  std::size_t at = 0;  ///< In the frame.
  std::size_t size = 0;
  BatchOrigin origin = BatchOrigin::kInternal;
  bool skipped = false;  ///< Refused, or a duplicate: not in the frame.
  Offset base{0};
  Offset last{0};
  std::int64_t max_timestamp_ms = -1;
  std::optional<record::ControlMarker> marker = {};
};

/// A frame on its way to the log thread, encoded by the caller's. Moved from queue to group to
/// done.
struct PendingFrame {
  static constexpr std::size_t kSmallBytes = 16U << 10U;

  std::vector<PendingBatch> batches = {};
  std::vector<Position> positions = {};
  AppendResult result = {};
  std::string bytes = {};     ///< The frame, when it is small: it moves into its group's block.
  data::BlockPtr block = {};  ///< The frame, when it is large.
  Atomicity atomicity = Atomicity::kAll;
  bool sync = true;  ///< False: may be answered before its fsync.
  AppendDone done = {};

  /// 0: nothing of it is to be written.
  [[nodiscard]] std::size_t size() const { return block == nullptr ? bytes.size() : block->size(); }

  [[nodiscard]] std::string_view view() const { return block == nullptr ? bytes : block->view(); }

  /// To fill in offsets. For the log thread, before the frame is published.
  [[nodiscard]] char* data() {
    return block == nullptr ? bytes.data() : const_cast<char*>(block->view().data());
  }

  void set_frame(std::string encoded);
  void clear_frame();
};

class LogCore;

using PendingFramePtr = std::unique_ptr<PendingFrame>;

/// Frames that were answered, to be filled again with the memory they have: memory that one thread
/// allocates and another frees makes them wait for each other. Thread-safe.
class SpareFrames {
 public:
  PendingFramePtr take();
  /// Empties `frames`; those that are large are freed.
  void put(std::vector<PendingFramePtr>& frames);
  void clear();

 private:
  static constexpr std::size_t kFramesMax = 256;

  Mutex mutex_;
  std::vector<PendingFramePtr> frames_ MR_GUARDED_BY(mutex_);
};

/// Something else that the log thread does, in order with the frames.
using Command = std::function<void(LogCore&)>;

/// One of the two.
struct Request {
  PendingFramePtr frame = {};
  Command command = {};
};

/// First in, first out, in memory that stays. Owned by one thread.
class RequestQueue {
 public:
  [[nodiscard]] bool empty() const { return first_ == requests_.size(); }

  [[nodiscard]] std::size_t size() const { return requests_.size() - first_; }

  [[nodiscard]] Request& front() { return requests_[first_]; }

  void push_back(Request&& request) { requests_.push_back(std::move(request)); }

  void pop_front() {
    requests_[first_] = Request();
    if (++first_ == requests_.size()) {
      clear();
    }
  }

  void clear() {
    requests_.clear();
    first_ = 0;
  }

  /// Of the frames in front of the first command.
  [[nodiscard]] std::uint64_t frame_bytes() const {
    std::uint64_t bytes = 0;
    for (std::size_t i = first_; i < requests_.size() && !requests_[i].command; ++i) {
      bytes += requests_[i].frame == nullptr ? 0 : requests_[i].frame->size();
    }
    return bytes;
  }

  /// Moves all of `from` behind what is there.
  void take(RequestQueue& from) {
    if (empty()) {
      clear();
      requests_.swap(from.requests_);
      std::swap(first_, from.first_);
      return;
    }
    for (; !from.empty(); from.pop_front()) {
      push_back(std::move(from.front()));
    }
  }

 private:
  std::vector<Request> requests_;
  std::size_t first_ = 0;
};

class Inbox;

/// Lets a group come together: waits, for microseconds, until as many are there as lately came
/// together, or no more come, and takes them in by helpings, so that the log thread is at work
/// meanwhile. Thus those who were just answered, and the requests of one burst, share one fsync,
/// instead of the first one getting its own and the others waiting for it. Real time, whatever time
/// the log believes it is. Owned by one thread.
class Gathering {
 public:
  /// `wanted`: how many are expected, of whom `taken` are there.
  Gathering(std::size_t wanted, std::size_t taken);

  /// Moves what came to the end of `into`. False: no more is to be waited for.
  bool take(Inbox& inbox, RequestQueue& into);

 private:
  const std::size_t wanted_;
  std::size_t taken_;
  const std::int64_t started_ns_;
  std::int64_t give_up_ns_;
};

/// The way to the log thread. Thread-safe.
class Inbox {
 public:
  Inbox(std::size_t frames_max, std::uint64_t bytes_max)
      : frames_max_(frames_max), bytes_max_(bytes_max) {}

  /// False when it is full or closed, `frame` untouched.
  bool push(PendingFramePtr& frame);
  /// False when it is closed. Commands are few, and not counted.
  bool push(Command& command);
  /// Moves everything to the end of `into`, and makes room.
  void take(RequestQueue& into);

  /// How many are there, about.
  [[nodiscard]] std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

  void close();
  [[nodiscard]] bool empty() const;

  Wakeup wakeup;  ///< Notified when something came, or background work ended.

 private:
  const std::size_t frames_max_;
  const std::uint64_t bytes_max_;
  mutable Mutex mutex_;
  RequestQueue queue_ MR_GUARDED_BY(mutex_);
  std::size_t frames_ MR_GUARDED_BY(mutex_) = 0;
  std::uint64_t bytes_ MR_GUARDED_BY(mutex_) = 0;
  bool closed_ MR_GUARDED_BY(mutex_) = false;
  std::atomic<std::size_t> waiting_{
      0};  // Requests in the queue, to be looked at without the mutex.
};

/// What the log thread, the background and the callers share. Thread-safe.
struct Shared {
  Shared(io::Files& files, Clock& clock, const LogOptions& options);

  io::Files& files;
  Clock& clock;
  const LogOptions options;
  Catalog catalog;
  Positions positions;
  Holds holds;
  Subscriptions subscriptions;
  Inbox inbox;
  SpareFrames spare_frames;
  Background background;
  std::atomic<bool> writable{true};
  Activity activity;  ///< Of the log thread.
};

}  // namespace millrace::log
