// Fetch sessions (KIP-227): the broker remembers which partitions a client reads and how far, so
// that a request names only what has changed, and an answer only what is new.
//
//     request                     answer
//     id 0, epoch -1, all         id 0: no session
//     id 0, epoch 0, all          id 7: a session, if there is room for one
//     id 7, epoch 1, changes      id 7: what is new
//     id 7, epoch 2, …
//     id 7, epoch -1, all         id 0: the session is over
//
// Epochs count 1, 2, … 2^31-1, 1, …
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/uuid.h"
#include "wire/generated/fetch.h"
#include "wire/kafka_error.h"

namespace millrace {
class Clock;
}  // namespace millrace

namespace millrace::broker {

/// A partition that a client reads. Immutable by use.
struct FetchWish {
  std::string topic = {};  ///< Empty when it is named by its id.
  Uuid topic_id = {};
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int32_t bytes_max = 0;
  std::int32_t leader_epoch = -1;
};

/// What one client reads. Thread-safe.
class FetchSession {
 public:
  FetchSession(std::int32_t id, bool by_id) : id_(id), by_id_(by_id) {}

  [[nodiscard]] std::int32_t id() const { return id_; }

  /// Whether topics are named by their ids.
  [[nodiscard]] bool by_id() const { return by_id_; }

  /// False when it is not the next epoch; else the changes of the request are taken over.
  bool advance(const wire::FetchRequest& request);

  /// What is to be read, in order.
  [[nodiscard]] std::vector<FetchWish> wishes() const;

  /// Whether the client needs to hear of it: records, an error, or offsets that moved; remembers
  /// what it hears. What had records is read last the next time, so that others have their turn.
  bool is_news(const FetchWish& wish, const wire::FetchResponse::PartitionData& data);

 private:
  using Key = std::tuple<std::string, Uuid, std::int32_t>;

  struct Known {
    FetchWish wish;
    std::int64_t high_watermark = -1;
    std::int64_t log_start = -1;
    bool failed = false;
    bool fresh = true;  // The client has heard nothing of it.
  };

  void put(FetchWish wish) MR_REQUIRES(mutex_);

  const std::int32_t id_;
  const bool by_id_;
  mutable Mutex mutex_;
  std::int32_t next_epoch_ MR_GUARDED_BY(mutex_) = 0;
  std::list<Known> order_ MR_GUARDED_BY(mutex_);
  std::map<Key, std::list<Known>::iterator> by_key_ MR_GUARDED_BY(mutex_);
};

// Shared by the cache and the requests that use it.
using FetchSessionPtr = std::shared_ptr<FetchSession>;

/// The wishes of a request.
std::vector<FetchWish> wishes_of(const wire::FetchRequest& request);

/// The sessions of all clients. Thread-safe.
class FetchSessions {
 public:
  FetchSessions(std::size_t sessions_max, const Clock& clock, Metrics& metrics);

  /// What a request means: an error for the whole of it, or a session, or none.
  struct Context {
    wire::KafkaError error = wire::KafkaError::kNone;
    FetchSessionPtr session = {};
    /// The client has a session, and hears news only.
    bool incremental = false;
  };

  Context begin(const wire::FetchRequest& request, bool by_id);

  [[nodiscard]] std::size_t count() const;

 private:
  struct Slot {
    FetchSessionPtr session;
    std::int64_t used_ns = 0;
  };

  FetchSessionPtr make(const wire::FetchRequest& request, bool by_id);
  bool make_room(std::int64_t now_ns) MR_REQUIRES(mutex_);

  const std::size_t sessions_max_;
  const Clock& clock_;
  Gauge& shown_;
  mutable Mutex mutex_;
  Random random_ MR_GUARDED_BY(mutex_);
  std::map<std::int32_t, Slot> slots_ MR_GUARDED_BY(mutex_);
};

}  // namespace millrace::broker
