// Fetch: stored batches as they are, and a long poll for what is not there yet.
//
// A request reads its partitions in order until its bytes are full. When that is less than it
// wants, it subscribes to its partitions and reads once more (something may have come in between),
// and then waits: for the log's thread, which says which partitions moved and wakes the loop once;
// for the end of its time; for a deleted topic; or for the end of its connection. Only partitions
// that moved are read again.
//
// Records are never copied: the answer holds slices of the Blocks that the log gave.
#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log_line.h"
#include "base/mutex.h"
#include "broker/broker_settings.h"
#include "broker/detail/budget.h"
#include "broker/detail/loop_inbox.h"
#include "broker/fetch_sessions.h"
#include "broker/handlers.h"
#include "broker/leader_epoch.h"
#include "broker/request_metrics.h"
#include "log/log.h"

namespace millrace::broker {
namespace {

using wire::FetchRequest;
using wire::FetchResponse;
using wire::KafkaError;

constexpr std::int16_t kFirstFetchWithZstd = 10;
constexpr std::int16_t kFirstFetchWithIds = 13;
constexpr std::int8_t kReadCommittedLevel = 1;
// What one request may hold of the memory for answers, at least and as a share of what is free.
constexpr std::size_t kAnswerBytesMin = 64U << 10U;
constexpr std::size_t kAnswerShare = 4;
constexpr std::int64_t kWaitNsPerMs = 1'000'000;

/// One partition of a request.
struct FetchTarget {
  FetchWish wish = {};
  std::string topic = {};  ///< The name, whatever the client calls it.
  FetchResponse::PartitionData data = {};
  std::size_t bytes = 0;
  log::Registration subscription = {};
};

/// Which partitions moved, told by the log's thread. Thread-safe.
class Moved {
 public:
  /// True for the first one since take().
  bool add(std::size_t index) {
    const MutexLock lock(mutex_);
    indexes_.push_back(index);
    return !std::exchange(told_, true);
  }

  std::vector<std::size_t> take() {
    const MutexLock lock(mutex_);
    told_ = false;
    return std::exchange(indexes_, {});
  }

 private:
  Mutex mutex_;
  std::vector<std::size_t> indexes_ MR_GUARDED_BY(mutex_);
  bool told_ MR_GUARDED_BY(mutex_) = false;
};

void fail_partition(FetchTarget& target, KafkaError error) {
  target.data = {.partition_index = target.wish.partition,
                 .error_code = error,
                 .high_watermark = -1,
                 .aborted_transactions = std::nullopt};
  target.bytes = 0;
}

/// One request. Belongs to the loop of its connection; what the log's thread does is in Moved.
class FetchCall final : public InboxItem, public std::enable_shared_from_this<FetchCall> {
 public:
  FetchCall(Services& services,
            const RequestInfo& info,
            const FetchRequest& request,
            FetchSessions::Context context,
            Reply<FetchResponse> reply)
      : services_(services),
        version_(info.version),
        loop_(info.loop),
        context_(std::move(context)),
        isolation_(request.isolation_level == kReadCommittedLevel
                       ? log::Isolation::kReadCommitted
                       : log::Isolation::kReadUncommitted),
        wait_ms_(std::max(request.max_wait_ms, 0)),
        bytes_min_(static_cast<std::size_t>(std::max(request.min_bytes, 0))),
        reply_(std::move(reply)) {
    const std::size_t share = std::max(services.budget.free() / kAnswerShare, kAnswerBytesMin);
    const auto limit = static_cast<std::size_t>(
        std::max<std::int64_t>(services.settings.values()->fetch_bytes_max, 0));
    bytes_max_ = std::min({static_cast<std::size_t>(std::max(request.max_bytes, 0)), limit, share});
    bytes_min_ = std::min(bytes_min_, bytes_max_);
    const std::vector<FetchWish> wishes =
        context_.session ? context_.session->wishes() : wishes_of(request);
    targets_.reserve(wishes.size());
    for (const FetchWish& wish : wishes) {
      targets_.push_back({.wish = wish});
    }
  }

  void begin() {
    resolve();
    read_all();
    if (satisfied()) {
      answer();
      return;
    }
    subscribe();
    read_all();  // What came before the subscriptions.
    if (satisfied()) {
      answer();
      return;
    }
    deadline_ = loop_->call_after(std::int64_t{wait_ms_} * kWaitNsPerMs,
                                  [self = shared_from_this()] { self->answer(); });
    reply_->on_gone([weak = weak_from_this()] {
      if (const std::shared_ptr<FetchCall> call = weak.lock()) {
        call->end();
      }
    });
  }

  /// Some partitions moved.
  void arrive() override {
    const std::vector<std::size_t> moved = moved_.take();
    if (!reply_) {
      return;
    }
    const std::set<std::size_t> once(moved.begin(), moved.end());
    for (const std::size_t index : once) {
      read(targets_[index]);
    }
    if (satisfied()) {
      answer();
    }
  }

 private:
  // Finds the names of topics that are named by their ids.
  void resolve() {
    const bool by_id = version_ >= kFirstFetchWithIds;
    const std::string* last_name = nullptr;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      FetchTarget& target = targets_[i];
      if (!by_id) {
        target.topic = target.wish.topic;
        continue;
      }
      if (last_name != nullptr && targets_[i - 1].wish.topic_id == target.wish.topic_id) {
        target.topic = *last_name;
      } else if (const std::optional<log::TopicInfo> info =
                     services_.log.topic(target.wish.topic_id)) {
        target.topic = info->name;
      }
      last_name = &target.topic;
    }
  }

  void read_all() {
    bytes_ = 0;
    failed_ = false;
    for (FetchTarget& target : targets_) {
      target.bytes = 0;
    }
    for (FetchTarget& target : targets_) {
      read(target);
    }
  }

  void read(FetchTarget& target) {
    bytes_ -= target.bytes;
    KafkaError error = check_leader_epoch(target.wish.leader_epoch);
    if (target.topic.empty()) {
      error = unknown_topic();
    }
    if (error == KafkaError::kNone) {
      error = read_log(target);
    }
    if (error != KafkaError::kNone) {
      fail_partition(target, error);
      failed_ = true;
    }
    bytes_ += target.bytes;
  }

  [[nodiscard]] KafkaError unknown_topic() const {
    return version_ >= kFirstFetchWithIds ? KafkaError::kUnknownTopicId
                                          : KafkaError::kUnknownTopicOrPartition;
  }

  KafkaError read_log(FetchTarget& target) {
    const std::size_t left = bytes_max_ - std::min(bytes_, bytes_max_);
    const auto wanted = static_cast<std::size_t>(std::max(target.wish.bytes_max, 0));
    const Result<log::ReadResult> result =
        services_.log.read({.topic = target.topic, .partition = PartitionId(target.wish.partition)},
                           Offset(target.wish.offset),
                           {.isolation = isolation_,
                            .max_bytes = std::min(left, wanted),
                            .at_least_one = bytes_ == 0});
    if (!result) {
      MR_LOG(error,
             "a partition could not be read",
             {"topic", target.topic},
             {"partition", target.wish.partition},
             {"reason", result.error().to_string()});
      return KafkaError::kKafkaStorageError;
    }
    if (result->error == KafkaError::kUnknownTopicOrPartition &&
        !services_.log.topic(target.topic)) {
      return unknown_topic();  // Deleted meanwhile.
    }
    if (result->error != KafkaError::kNone) {
      return result->error;
    }
    if (version_ < kFirstFetchWithZstd && is_zstd(target.topic)) {
      return KafkaError::kUnsupportedCompressionType;
    }
    take(target, *result);
    return KafkaError::kNone;
  }

  // As Kafka has it: what producers compress by themselves is passed on to any client.
  [[nodiscard]] bool is_zstd(const std::string& topic) const {
    const std::optional<log::TopicInfo> info = services_.log.topic(topic);
    return info && info->config.compression == log::TopicCompression::kZstd;
  }

  void take(FetchTarget& target, const log::ReadResult& result) {
    wire::Records records;
    for (const log::StoredBatch& batch : result.batches) {
      records.append(data::BlockSlice(batch.block, batch.bytes));
    }
    target.bytes = records.size();
    target.data = {.partition_index = target.wish.partition,
                   .high_watermark = result.high_watermark.value(),
                   .last_stable_offset = result.last_stable_offset.value(),
                   .log_start_offset = result.log_start_offset.value(),
                   .aborted_transactions = std::nullopt,
                   .records = std::move(records)};
    if (isolation_ == log::Isolation::kReadCommitted) {
      auto& aborted = target.data.aborted_transactions.emplace();
      for (const log::AbortedTransaction& one : result.aborted) {
        aborted.push_back(
            {.producer_id = one.producer.value(), .first_offset = one.first_offset.value()});
      }
    }
  }

  [[nodiscard]] bool satisfied() const {
    return failed_ || bytes_ >= bytes_min_ || wait_ms_ == 0 || targets_.empty() || loop_ == nullptr;
  }

  void subscribe() {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      FetchTarget& target = targets_[i];
      target.subscription = services_.log.subscribe(
          {.topic = target.topic, .partition = PartitionId(target.wish.partition)},
          [weak = weak_from_this(), i] {
            const std::shared_ptr<FetchCall> call = weak.lock();
            if (call != nullptr && call->moved_.add(i)) {
              call->loop_->post(call);
            }
          });
    }
  }

  // Stops waiting.
  void end() {
    loop_->cancel(deadline_);
    reply_.reset();
    targets_.clear();
  }

  void answer() {
    if (!reply_) {
      return;
    }
    FetchResponse response;
    response.session_id = context_.session ? context_.session->id() : 0;
    for (FetchTarget& target : targets_) {
      target.subscription.end();
      services_.counts.note_error(target.data.error_code);
      const bool news =
          context_.session == nullptr || context_.session->is_news(target.wish, target.data);
      if (news || !context_.incremental) {
        add(target, response);
      }
    }
    const Reply<FetchResponse> reply = *std::exchange(reply_, std::nullopt);
    if (loop_ != nullptr) {
      loop_->cancel(deadline_);
    }
    targets_.clear();
    reply.send(std::move(response));
  }

  // Partitions of one topic stand together in a request; after the session has changed their order
  // they may not.
  static void add(FetchTarget& target, FetchResponse& response) {
    const FetchWish& wish = target.wish;
    if (response.responses.empty() || response.responses.back().topic != wish.topic ||
        response.responses.back().topic_id != wish.topic_id) {
      response.responses.push_back({.topic = wish.topic, .topic_id = wish.topic_id});
    }
    response.responses.back().partitions.push_back(std::move(target.data));
  }

  Services& services_;
  const std::int16_t version_;
  const LoopInboxPtr loop_;
  const FetchSessions::Context context_;
  const log::Isolation isolation_;
  const std::int32_t wait_ms_;
  std::size_t bytes_min_;
  std::size_t bytes_max_ = 0;
  std::optional<Reply<FetchResponse>> reply_;  // Nothing once it is answered, or the client gone.
  std::vector<FetchTarget> targets_;
  std::size_t bytes_ = 0;  // Of all targets.
  bool failed_ = false;
  DeadlineId deadline_ = 0;
  Moved moved_;
};

}  // namespace

void handle_fetch(Services& services,
                  const RequestInfo& info,
                  FetchRequest request,
                  Reply<FetchResponse> reply) {
  FetchSessions::Context context =
      services.sessions.begin(request, info.version >= kFirstFetchWithIds);
  if (context.error != KafkaError::kNone) {
    services.counts.note_error(context.error);
    reply.send({.error_code = context.error});
    return;
  }
  std::make_shared<FetchCall>(services, info, request, std::move(context), std::move(reply))
      ->begin();
}

}  // namespace millrace::broker
