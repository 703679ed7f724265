#include "broker/fetch_sessions.h"

#include <algorithm>
#include <limits>

#include "base/clock.h"

namespace millrace::broker {
namespace {

constexpr std::int32_t kNoSession = 0;
constexpr std::int32_t kFirstEpoch = 0;
constexpr std::int32_t kLastEpoch = -1;
// A session that was not used for so long makes room for another one.
constexpr std::int64_t kIdleNs = 120'000'000'000;

std::int32_t epoch_after(std::int32_t epoch) {
  return epoch == std::numeric_limits<std::int32_t>::max() ? 1 : epoch + 1;
}

}  // namespace

std::vector<FetchWish> wishes_of(const wire::FetchRequest& request) {
  std::vector<FetchWish> wishes;
  for (const wire::FetchRequest::FetchTopic& topic : request.topics) {
    for (const wire::FetchRequest::FetchPartition& partition : topic.partitions) {
      wishes.push_back({.topic = topic.topic,
                        .topic_id = topic.topic_id,
                        .partition = partition.partition,
                        .offset = partition.fetch_offset,
                        .bytes_max = partition.partition_max_bytes,
                        .leader_epoch = partition.current_leader_epoch});
    }
  }
  return wishes;
}

bool FetchSession::advance(const wire::FetchRequest& request) {
  const MutexLock lock(mutex_);
  if (request.session_epoch != next_epoch_) {
    return false;
  }
  next_epoch_ = epoch_after(next_epoch_);
  for (FetchWish& wish : wishes_of(request)) {
    put(std::move(wish));
  }
  for (const wire::FetchRequest::ForgottenTopic& topic : request.forgotten_topics_data) {
    for (const std::int32_t partition : topic.partitions) {
      const auto found = by_key_.find({topic.topic, topic.topic_id, partition});
      if (found != by_key_.end()) {
        order_.erase(found->second);
        by_key_.erase(found);
      }
    }
  }
  return true;
}

void FetchSession::put(FetchWish wish) {
  Key key{wish.topic, wish.topic_id, wish.partition};
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    found->second->wish = std::move(wish);
    return;
  }
  order_.push_back({.wish = std::move(wish)});
  by_key_.emplace(std::move(key), std::prev(order_.end()));
}

std::vector<FetchWish> FetchSession::wishes() const {
  const MutexLock lock(mutex_);
  std::vector<FetchWish> wishes;
  wishes.reserve(order_.size());
  for (const Known& known : order_) {
    wishes.push_back(known.wish);
  }
  return wishes;
}

bool FetchSession::is_news(const FetchWish& wish, const wire::FetchResponse::PartitionData& data) {
  const MutexLock lock(mutex_);
  const auto found = by_key_.find({wish.topic, wish.topic_id, wish.partition});
  if (found == by_key_.end()) {
    return true;
  }
  Known& known = *found->second;
  const bool has_records = data.records && !data.records->empty();
  const bool failed = data.error_code != wire::KafkaError::kNone;
  const bool news = known.fresh || has_records || failed || known.failed ||
                    data.high_watermark != known.high_watermark ||
                    data.log_start_offset != known.log_start;
  known.fresh = false;
  known.failed = failed;
  known.high_watermark = data.high_watermark;
  known.log_start = data.log_start_offset;
  if (has_records) {
    order_.splice(order_.end(), order_, found->second);
  }
  return news;
}

FetchSessions::FetchSessions(std::size_t sessions_max, const Clock& clock, Metrics& metrics)
    : sessions_max_(sessions_max),
      clock_(clock),
      shown_(metrics.gauge("millrace_broker_fetch_sessions", "Fetch sessions that are open.")),
      random_(Random::from_system()) {}

FetchSessions::Context FetchSessions::begin(const wire::FetchRequest& request, bool by_id) {
  if (request.session_epoch == kFirstEpoch || request.session_epoch == kLastEpoch) {
    if (request.session_id != kNoSession) {
      const MutexLock lock(mutex_);
      slots_.erase(request.session_id);
      shown_.set(static_cast<std::int64_t>(slots_.size()));
    }
    if (request.session_epoch == kLastEpoch) {
      return {};
    }
    return {.session = make(request, by_id)};
  }
  FetchSessionPtr session;
  {
    const MutexLock lock(mutex_);
    const auto found = slots_.find(request.session_id);
    if (found == slots_.end()) {
      return {.error = wire::KafkaError::kFetchSessionIdNotFound};
    }
    found->second.used_ns = clock_.monotonic_ns();
    session = found->second.session;
  }
  if (session->by_id() != by_id) {
    return {.error = wire::KafkaError::kFetchSessionTopicIdError};
  }
  if (!session->advance(request)) {
    return {.error = wire::KafkaError::kInvalidFetchSessionEpoch};
  }
  return {.session = std::move(session), .incremental = true};
}

FetchSessionPtr FetchSessions::make(const wire::FetchRequest& request, bool by_id) {
  if (request.topics.empty()) {
    return nullptr;  // Nothing to remember.
  }
  const std::int64_t now = clock_.monotonic_ns();
  FetchSessionPtr session;
  {
    const MutexLock lock(mutex_);
    if (slots_.size() >= sessions_max_ && !make_room(now)) {
      return nullptr;  // The client goes on without one.
    }
    std::int32_t id = 0;
    while (id == 0 || slots_.contains(id)) {
      id = static_cast<std::int32_t>(random_.next() & 0x7fffffffU);
    }
    session = std::make_shared<FetchSession>(id, by_id);
    slots_.emplace(id, Slot{.session = session, .used_ns = now});
    shown_.set(static_cast<std::int64_t>(slots_.size()));
  }
  session->advance(request);
  return session;
}

bool FetchSessions::make_room(std::int64_t now_ns) {
  const auto oldest =
      std::ranges::min_element(slots_, {}, [](const auto& entry) { return entry.second.used_ns; });
  if (oldest == slots_.end() || now_ns - oldest->second.used_ns < kIdleNs) {
    return false;
  }
  slots_.erase(oldest);
  return true;
}

std::size_t FetchSessions::count() const {
  const MutexLock lock(mutex_);
  return slots_.size();
}

}  // namespace millrace::broker
