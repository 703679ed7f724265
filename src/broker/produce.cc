// Produce: each partition's batch becomes part of one frame of the log, and the answer leaves when
// the frame is durable.
//
// What is checked here is about the request (acks, topics, one batch a partition, what a version
// may carry); everything about a batch itself is checked by the log, which refuses it alone. The
// log's queue may be full: then the request waits and tries again, and nothing that follows on its
// connection overtakes it. Only when that goes on for too long the client is told to try again.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log_line.h"
#include "broker/detail/loop_inbox.h"
#include "broker/handlers.h"
#include "broker/request_metrics.h"
#include "broker/topic_names.h"
#include "log/log.h"
#include "record/batch.h"

namespace millrace::broker {
namespace {

using wire::KafkaError;
using wire::ProduceRequest;
using wire::ProduceResponse;
using PartitionAnswer = ProduceResponse::PartitionProduceResponse;

constexpr std::int64_t kRetryNs = 5'000'000;
constexpr std::int64_t kFullNsMax = 10'000'000'000;
constexpr std::int16_t kFirstWithZstd = 7;
constexpr std::int16_t kFirstWithRecordErrors = 8;
constexpr std::int16_t kFirstProduceWithIds = 13;
constexpr std::size_t kRecordErrorsMax = 1'000;

/// A partition of the request that goes to the log, and where its answer belongs.
struct ProduceTarget {
  std::size_t topic = 0;
  std::size_t partition = 0;
  log::TopicPartition to = {};
  data::BlockSlice batch = {};
  bool compacted = false;
};

PartitionAnswer refused_partition(std::int32_t index, KafkaError error, std::string message = {}) {
  PartitionAnswer answer{.index = index, .error_code = error, .base_offset = -1};
  if (!message.empty()) {
    answer.error_message = std::move(message);
  }
  return answer;
}

// Which records made the log refuse a batch: only those of a compacted topic are named by Kafka,
// too.
std::vector<ProduceResponse::BatchIndexAndErrorMessage> find_keyless(std::string_view batch) {
  std::vector<ProduceResponse::BatchIndexAndErrorMessage> found;
  Result<record::RecordReader> opened = record::RecordReader::open(batch);
  if (!opened) {
    opened.error().ignore_error("the log has said so");
    return found;
  }
  record::RecordReader reader = std::move(opened).release();
  record::RecordView record;
  for (std::int32_t index = 0; found.size() < kRecordErrorsMax; ++index) {
    const Result<bool> more = reader.next(record);
    if (!more || !*more) {
      break;
    }
    if (!record.key) {
      found.push_back({.batch_index = index,
                       .batch_index_error_message =
                           "Compacted topic cannot accept message without key in topic partition"});
    }
  }
  return found;
}

/// One request on its way. Used by the loop until the log has it, then by the log's thread.
class ProduceCall : public std::enable_shared_from_this<ProduceCall> {
 public:
  ProduceCall(Services& services,
              const RequestInfo& info,
              ProduceRequest request,
              Reply<ProduceResponse> reply)
      : services_(services),
        version_(info.version),
        loop_(info.loop),
        request_(std::move(request)),
        reply_(std::move(reply)) {}

  void begin() {
    begun_ns_ = services_.clock.monotonic_ns();
    for (const ProduceRequest::TopicProduceData& topic : request_.topic_data) {
      add_topic(topic);
    }
    if (targets_.empty()) {
      finish();
    } else {
      append();
    }
  }

 private:
  void add_topic(const ProduceRequest::TopicProduceData& topic) {
    ProduceResponse::TopicProduceResponse& answers = response_.responses.emplace_back();
    answers.name = topic.name;
    answers.topic_id = topic.topic_id;
    const bool by_id = version_ >= kFirstProduceWithIds;
    const std::optional<log::TopicInfo> known =
        by_id ? services_.log.topic(topic.topic_id) : services_.log.topic(topic.name);
    for (const ProduceRequest::PartitionProduceData& partition : topic.partition_data) {
      std::string why;
      const KafkaError error = check(known, by_id, partition, why);
      if (error == KafkaError::kNone) {
        targets_.push_back({.topic = response_.responses.size() - 1,
                            .partition = answers.partition_responses.size(),
                            .to = {.topic = known->name, .partition = PartitionId(partition.index)},
                            .batch = partition.records->joined(),
                            .compacted = known->config.cleanup_compact});
      }
      answers.partition_responses.push_back(
          refused_partition(partition.index, error, std::move(why)));
    }
  }

  KafkaError check(const std::optional<log::TopicInfo>& topic,
                   bool by_id,
                   const ProduceRequest::PartitionProduceData& partition,
                   std::string& why) const {
    if (request_.acks < -1 || request_.acks > 1) {
      return KafkaError::kInvalidRequiredAcks;
    }
    if (!topic) {
      return by_id ? KafkaError::kUnknownTopicId : KafkaError::kUnknownTopicOrPartition;
    }
    if (partition.index < 0 || partition.index >= topic->partitions) {
      return KafkaError::kUnknownTopicOrPartition;
    }
    if (is_internal_topic(topic->name)) {
      why = "this topic is written by the broker itself";
      return KafkaError::kInvalidTopicException;
    }
    if (!partition.records || partition.records->empty()) {
      why = "there is no record batch";
      return KafkaError::kInvalidRecord;
    }
    return check_batch(partition.records->slices().front().view(), why);
  }

  // What the log does not know: the version, and whether there is a transaction.
  KafkaError check_batch(std::string_view batch, std::string& why) const {
    const Result<record::BatchHeader> header = record::parse_header(batch);
    if (!header) {
      header.error().ignore_error("the log says it better");
      return KafkaError::kNone;
    }
    if (header->total_bytes() < batch.size()) {
      why = "not exactly one record batch";
      return KafkaError::kInvalidRecord;
    }
    if (header->compression() == record::Compression::kZstd && version_ < kFirstWithZstd) {
      why = "zstd needs version 7 of the request";
      return KafkaError::kUnsupportedCompressionType;
    }
    if (header->transactional()) {
      why = "there is no transaction of this producer";
      return KafkaError::kInvalidTxnState;
    }
    return KafkaError::kNone;
  }

  void append() {
    log::Frame frame{.atomicity = log::Atomicity::kEach};
    frame.batches.reserve(targets_.size());
    for (const ProduceTarget& target : targets_) {
      frame.batches.push_back(
          {.to = target.to, .origin = log::BatchOrigin::kClient, .borrowed = target.batch.view()});
    }
    full_ = false;
    services_.log.append(std::move(frame),
                         [self = shared_from_this()](Result<log::AppendResult> result) {
                           self->take(std::move(result));
                         });
    if (full_) {
      wait_for_room();
    }
  }

  // On the log's thread, or within append().
  void take(Result<log::AppendResult> result) {
    if (result) {
      for (std::size_t i = 0; i < targets_.size(); ++i) {
        note(targets_[i], result->batches[i]);
      }
      finish();
      return;
    }
    const ErrorCode code = result.error().code();
    if (code == ErrorCode::kExhausted) {
      full_ = true;
      return;
    }
    refuse_all(code == ErrorCode::kInvalidArgument ? KafkaError::kMessageTooLarge
                                                   : KafkaError::kKafkaStorageError,
               result.error().message());
  }

  void wait_for_room() {
    if (services_.clock.monotonic_ns() - begun_ns_ > kFullNsMax || loop_ == nullptr) {
      refuse_all(KafkaError::kRequestTimedOut, "the log's queue is full");
      return;
    }
    reply_->hold();
    loop_->call_after(kRetryNs, [self = shared_from_this()] { self->append(); });
  }

  void refuse_all(KafkaError error, const std::string& message) {
    for (const ProduceTarget& target : targets_) {
      PartitionAnswer& answer = answer_of(target);
      answer = refused_partition(answer.index, error, message);
    }
    finish();
  }

  PartitionAnswer& answer_of(const ProduceTarget& target) {
    return response_.responses[target.topic].partition_responses[target.partition];
  }

  void note(const ProduceTarget& target, log::BatchResult& result) {
    PartitionAnswer& answer = answer_of(target);
    if (result.error != KafkaError::kNone) {
      answer = refused_partition(answer.index, result.error, std::move(result.message));
      if (target.compacted && result.error == KafkaError::kInvalidRecord &&
          version_ >= kFirstWithRecordErrors) {
        answer.record_errors = find_keyless(target.batch.view());
      }
      return;
    }
    answer.base_offset = result.base_offset.value();
    answer.log_append_time_ms = result.log_append_time_ms;
    answer.log_start_offset = result.log_start_offset.value();
  }

  void finish() {
    bool failed = false;
    for (const ProduceResponse::TopicProduceResponse& topic : response_.responses) {
      for (const PartitionAnswer& answer : topic.partition_responses) {
        services_.counts.note_error(answer.error_code);
        failed = failed || answer.error_code != KafkaError::kNone;
      }
    }
    request_ = {};
    targets_.clear();
    if (no_answer_ && failed) {
      // A producer that waits for no answer learns of an error by the end of its connection.
      reply_.reset();
    } else if (no_answer_) {
      reply_->skip();
    } else {
      reply_->send(std::move(response_));
    }
  }

  Services& services_;
  const std::int16_t version_;
  const LoopInboxPtr loop_;
  ProduceRequest request_;
  const bool no_answer_ = request_.acks == 0;
  std::optional<Reply<ProduceResponse>> reply_;
  ProduceResponse response_;
  std::vector<ProduceTarget> targets_;
  std::int64_t begun_ns_ = 0;
  bool full_ = false;  // Set within append().
};

}  // namespace

void handle_produce(Services& services,
                    const RequestInfo& info,
                    ProduceRequest request,
                    Reply<ProduceResponse> reply) {
  std::make_shared<ProduceCall>(services, info, std::move(request), std::move(reply))->begin();
}

}  // namespace millrace::broker
