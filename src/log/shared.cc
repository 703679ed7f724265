#include "log/detail/shared.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace millrace::log {

TopicPtr Catalog::find(std::string_view name) const {
  const MutexLock lock(mutex_);
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

TopicPtr Catalog::find(const Uuid& id) const {
  const MutexLock lock(mutex_);
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

namespace {

PartitionPtr partition_of(const TopicPtr& topic, PartitionId partition) {
  if (topic == nullptr || partition.value() < 0 ||
      static_cast<std::size_t>(partition.value()) >= topic->partitions.size()) {
    return nullptr;
  }
  return topic->partitions[static_cast<std::size_t>(partition.value())];
}

}  // namespace

PartitionPtr Catalog::partition(const TopicPartition& name) const {
  return partition_of(find(name.topic), name.partition);
}

PartitionPtr Catalog::partition(const Uuid& topic, PartitionId partition) const {
  return partition_of(find(topic), partition);
}

std::vector<TopicPtr> Catalog::all() const {
  const MutexLock lock(mutex_);
  std::vector<TopicPtr> topics;
  topics.reserve(by_name_.size());
  for (const auto& [name, topic] : by_name_) {
    topics.push_back(topic);
  }
  return topics;
}

std::int64_t Catalog::partition_count() const {
  const MutexLock lock(mutex_);
  return partitions_;
}

void Catalog::put(TopicPtr topic) {
  const MutexLock lock(mutex_);
  const auto old = by_name_.find(topic->info.name);
  if (old != by_name_.end()) {
    partitions_ -= static_cast<std::int64_t>(old->second->partitions.size());
    by_id_.erase(old->second->info.id);
  }
  partitions_ += static_cast<std::int64_t>(topic->partitions.size());
  by_id_[topic->info.id] = topic;
  by_name_[topic->info.name] = std::move(topic);
}

void Catalog::remove(const std::string& name) {
  const MutexLock lock(mutex_);
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    partitions_ -= static_cast<std::int64_t>(found->second->partitions.size());
    by_id_.erase(found->second->info.id);
    by_name_.erase(found);
  }
}

std::optional<std::string> Positions::get(std::string_view name) const {
  const MutexLock lock(mutex_);
  const auto found = all_.find(name);
  return found == all_.end() ? std::optional<std::string>() : found->second;
}

std::vector<Position> Positions::with_prefix(std::string_view prefix) const {
  const MutexLock lock(mutex_);
  std::vector<Position> found;
  for (auto at = all_.lower_bound(prefix); at != all_.end() && at->first.starts_with(prefix);
       ++at) {
    found.push_back({.name = at->first, .value = at->second});
  }
  return found;
}

PositionMap Positions::all() const {
  const MutexLock lock(mutex_);
  return all_;
}

void Positions::apply(std::string_view name, std::string_view value) {
  const MutexLock lock(mutex_);
  const auto found = all_.find(name);
  if (value.empty()) {
    if (found != all_.end()) {
      all_.erase(found);
    }
  } else if (found != all_.end()) {
    found->second = value;
  } else {
    all_.emplace(name, value);
  }
}

void Positions::reset(PositionMap all) {
  const MutexLock lock(mutex_);
  all_ = std::move(all);
}

void Holds::set(std::string_view name, const TopicPartition& partition, Offset offset) {
  const MutexLock lock(mutex_);
  all_[partition][std::string(name)] = offset;
}

void Holds::release(std::string_view name, const TopicPartition& partition) {
  const MutexLock lock(mutex_);
  const auto found = all_.find(partition);
  if (found == all_.end()) {
    return;
  }
  const auto held = found->second.find(name);
  if (held != found->second.end()) {
    found->second.erase(held);
  }
  if (found->second.empty()) {
    all_.erase(found);
  }
}

std::optional<Offset> Holds::lowest(const TopicPartition& partition) const {
  const MutexLock lock(mutex_);
  const auto found = all_.find(partition);
  std::optional<Offset> lowest;
  if (found != all_.end()) {
    for (const auto& [name, offset] : found->second) {
      lowest = std::min(lowest.value_or(offset), offset);
    }
  }
  return lowest;
}

std::string Holds::lowest_holder(const TopicPartition& partition) const {
  const MutexLock lock(mutex_);
  const auto found = all_.find(partition);
  if (found == all_.end()) {
    return {};
  }
  const auto& holds = found->second;
  return std::ranges::min_element(holds, {}, [](const auto& hold) { return hold.second; })->first;
}

std::uint64_t Subscriptions::add(PartitionPtr partition, std::function<void()> woken) {
  const MutexLock lock(mutex_);
  partition->subscribers.fetch_add(1);
  by_partition_[partition.get()].emplace(++last_id_, std::move(woken));
  partitions_.emplace(last_id_, std::move(partition));
  return last_id_;
}

void Subscriptions::end(std::uint64_t id) {
  const MutexLock lock(mutex_);
  const auto found = partitions_.find(id);
  if (found == partitions_.end()) {
    return;
  }
  Partition* const partition = found->second.get();
  partition->subscribers.fetch_sub(1);
  const auto of_partition = by_partition_.find(partition);
  of_partition->second.erase(id);
  if (of_partition->second.empty()) {
    by_partition_.erase(of_partition);
  }
  partitions_.erase(found);
}

void Subscriptions::wake(const std::vector<Partition*>& moved) {
  const MutexLock lock(mutex_);
  for (Partition* const partition : moved) {
    const auto found = by_partition_.find(partition);
    if (found == by_partition_.end()) {
      continue;
    }
    for (const auto& [id, woken] : found->second) {
      woken();
    }
  }
}

void PendingFrame::set_frame(std::string encoded) {
  clear_frame();
  if (encoded.size() <= kSmallBytes) {
    bytes = std::move(encoded);
  } else {
    block = std::make_shared<const data::Block>(encoded);
  }
}

void PendingFrame::clear_frame() {
  bytes.clear();
  block.reset();
}

PendingFramePtr SpareFrames::take() {
  const MutexLock lock(mutex_);
  if (frames_.empty()) {
    return std::make_unique<PendingFrame>();
  }
  PendingFramePtr frame = std::move(frames_.back());
  frames_.pop_back();
  return frame;
}

void SpareFrames::put(std::vector<PendingFramePtr>& frames) {
  constexpr std::size_t kKeptBytes = 8U << 10U;
  for (const PendingFramePtr& frame : frames) {
    frame->batches.clear();
    frame->positions.clear();
    frame->result.batches.clear();
    frame->clear_frame();
    frame->atomicity = Atomicity::kAll;
    frame->sync = true;
    frame->done = {};
  }
  {
    const MutexLock lock(mutex_);
    for (PendingFramePtr& frame : frames) {
      if (frames_.size() < kFramesMax && frame->bytes.capacity() <= kKeptBytes) {
        frames_.push_back(std::move(frame));
      }
    }
  }
  frames.clear();
}

void SpareFrames::clear() {
  std::vector<PendingFramePtr> gone;
  const MutexLock lock(mutex_);
  gone.swap(frames_);
}

namespace {

constexpr std::int64_t kGatherFirstNs = 50'000;  // A thread that sleeps needs so long to run.
constexpr std::int64_t kGatherNextNs = 15'000;
constexpr std::int64_t kGatherAllNs = 150'000;
constexpr std::size_t kHelping = 16;

}  // namespace

Gathering::Gathering(std::size_t wanted, std::size_t taken)
    : wanted_(wanted),
      taken_(taken),
      started_ns_(SystemClock().monotonic_ns()),
      give_up_ns_(started_ns_ + (taken == 0 ? kGatherFirstNs : kGatherNextNs)) {}

bool Gathering::take(Inbox& inbox, RequestQueue& into) {
  const SystemClock clock;
  std::size_t seen = 0;
  while (taken_ + seen < wanted_ && seen < kHelping) {
    const std::size_t there = inbox.waiting();
    const std::int64_t now = clock.monotonic_ns();
    if (there > seen) {
      seen = there;
      give_up_ns_ = std::min(now + kGatherNextNs, started_ns_ + kGatherAllNs);
    } else if (now >= give_up_ns_) {
      break;
    } else {
      std::this_thread::yield();
    }
  }
  if (seen == 0) {
    return false;
  }
  const std::size_t before = into.size();
  inbox.take(into);
  taken_ += into.size() - before;
  return true;
}

bool Inbox::push(PendingFramePtr& frame) {
  const std::uint64_t bytes = frame->size();
  bool first = false;
  {
    const MutexLock lock(mutex_);
    if (closed_ || frames_ >= frames_max_ || (bytes_ > 0 && bytes_ + bytes > bytes_max_)) {
      return false;
    }
    ++frames_;
    bytes_ += bytes;
    first = queue_.empty();
    queue_.push_back({.frame = std::move(frame)});
    waiting_.store(queue_.size(), std::memory_order_relaxed);
  }
  // Whoever came first has woken the log thread, which takes all that is there.
  if (first) {
    wakeup.notify();
  }
  return true;
}

bool Inbox::push(Command& command) {
  {
    const MutexLock lock(mutex_);
    if (closed_) {
      return false;
    }
    queue_.push_back({.command = std::move(command)});
    waiting_.store(queue_.size(), std::memory_order_relaxed);
  }
  wakeup.notify();
  return true;
}

void Inbox::take(RequestQueue& into) {
  const MutexLock lock(mutex_);
  into.take(queue_);
  waiting_.store(0, std::memory_order_relaxed);
  frames_ = 0;
  bytes_ = 0;
}

void Inbox::close() {
  {
    const MutexLock lock(mutex_);
    closed_ = true;
  }
  wakeup.notify();
}

bool Inbox::empty() const {
  const MutexLock lock(mutex_);
  return queue_.empty();
}

Shared::Shared(io::Files& the_files, Clock& the_clock, const LogOptions& the_options)
    : files(the_files),
      clock(the_clock),
      options(the_options),
      inbox(the_options.queue_frames_max, the_options.queue_bytes_max),
      background([this] { inbox.wakeup.notify(); }) {}

}  // namespace millrace::log
