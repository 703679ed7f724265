#include "client/producer.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/hash.h"
#include "client/detail/outgoing.h"
#include "wire/generated/produce.h"

namespace millrace::client {
namespace {

using wire::ProduceRequest;
using wire::ProduceResponse;

// From the next version on topics have ids instead of names.
constexpr std::int16_t kLastProduceWithNames = 12;
constexpr std::int64_t kProduceLeaderWaitMs = 1'000;
// What one request may hold, beside a first batch of any size.
constexpr std::size_t kRequestBytes = 8U << 20U;

}  // namespace

PartitionId partition_of_key(std::string_view key, std::int32_t partitions) {
  constexpr std::uint32_t kPositive = 0x7fffffff;
  return PartitionId(static_cast<std::int32_t>(murmur2(key) & kPositive) % partitions);
}

struct Producer::Rep {
  Cluster& cluster;
  ProducerOptions options;
  ProducerIdentity identity = {};
  std::map<std::string, OutgoingTopic, std::less<>> topics = {};
  std::map<TopicPartition, OutgoingPartition> partitions = {};
  std::map<std::int32_t, Flight> flights = {};
  std::uint64_t next_number = 0;
  std::size_t buffered_bytes = 0;
  std::int64_t next_due_ns = 0;  // Nothing is due before, unless a batch is full.
  bool has_full = false;
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
  std::string first_failure = {};

  [[nodiscard]] std::int64_t now_ns() const { return cluster.clock().monotonic_ns(); }

  Result<OutgoingTopic*> find_topic(std::string_view name);
  Result<TopicPartition> choose(const NewRecord& record);
  OutgoingBatch& open_batch(const TopicPartition& to, std::size_t record_bytes);
  Result<void> renew_identity();
  Result<void> send_due(bool all);
  Result<void> gather(bool all, std::map<std::int32_t, std::vector<OutgoingBatch>>& by_leader);
  Result<void> send_to(std::int32_t leader, std::vector<OutgoingBatch> batches);
  Result<void> seal(OutgoingBatch& batch);
  Result<void> take_answer(std::int32_t leader, Flight& flight);
  Result<void> take_answers(bool wait);
  void settle(OutgoingBatch batch, const BatchAnswer& answer);
  void finish(const OutgoingBatch& batch, Delivery delivery);
  void try_again(OutgoingBatch batch, const Outcome& why);
  void give_up(OutgoingBatch batch, Outcome why);
  void lose(std::int32_t leader, const Error& error);
  [[nodiscard]] bool under_way() const;
  Result<void> wait_for_something();
};

Producer::Producer(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}

Producer::Producer(Producer&&) noexcept = default;
Producer& Producer::operator=(Producer&&) noexcept = default;
Producer::~Producer() = default;

Result<Producer> Producer::open(Cluster& cluster, ProducerOptions options) {
  if (options.acks < -1 || options.acks > 1) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("acks are 0, 1, or -1 for all, found {}", options.acks));
  }
  if (options.idempotent && options.acks != -1) {
    return Error(ErrorCode::kInvalidArgument,
                 "an idempotent producer needs acks of all replicas (acks = all)");
  }
  std::unique_ptr<Rep> rep(new Rep{.cluster = cluster, .options = std::move(options)});
  if (rep->options.idempotent) {
    TRY(rep->renew_identity());
  }
  return Producer(std::move(rep));
}

Result<void> Producer::Rep::renew_identity() {
  identity = TRY(ask_producer_identity(cluster));
  return {};
}

Result<OutgoingTopic*> Producer::Rep::find_topic(std::string_view name) {
  auto found = topics.find(name);
  const std::int64_t age_ns = cluster.options().metadata_max_age_ms * kNsPerMs;
  if (found != topics.end() && now_ns() - found->second.asked_ns < age_ns) {
    return &found->second;
  }
  const std::string key(name);
  const TopicInfo info = TRY(cluster.topic(key, cluster.deadline(), options.create_topics));
  if (info.partitions.empty()) {
    return Error(ErrorCode::kUnavailable, fmt::format("topic \"{}\" has no partitions", name));
  }
  OutgoingTopic& topic = topics[key];
  topic.partitions = static_cast<std::int32_t>(info.partitions.size());
  topic.asked_ns = now_ns();
  topic.sticky = static_cast<std::int32_t>(
      cluster.random().below(static_cast<std::uint64_t>(topic.partitions)));
  return &topic;
}

Result<TopicPartition> Producer::Rep::choose(const NewRecord& record) {
  const OutgoingTopic* const topic = TRY(find_topic(record.topic));
  TopicPartition to{.topic = std::string(record.topic), .partition = PartitionId(topic->sticky)};
  if (record.partition) {
    to.partition = *record.partition;
    if (to.partition.value() < 0 || to.partition.value() >= topic->partitions) {
      return Error(ErrorCode::kNotFound,
                   fmt::format("topic \"{}\" has no partition {}, it has {}: 0 to {}",
                               record.topic,
                               to.partition,
                               topic->partitions,
                               topic->partitions - 1));
    }
  } else if (record.key) {
    to.partition = partition_of_key(*record.key, topic->partitions);
  }
  return to;
}

// The batch that takes the record: the last of its partition, or a new one when that is full.
OutgoingBatch& Producer::Rep::open_batch(const TopicPartition& to, std::size_t record_bytes) {
  OutgoingPartition& partition = partitions[to];
  const bool open = !partition.queue.empty() && !partition.queue.back().closed;
  if (open) {
    OutgoingBatch& last = partition.queue.back();
    if (last.builder.size() + record_bytes <= options.batch_bytes) {
      return last;
    }
    last.closed = true;
    has_full = true;
    OutgoingTopic& topic = topics.find(to.topic)->second;
    topic.sticky = (topic.sticky + 1) % topic.partitions;
  }
  partition.queue.emplace_back(to,
                               record::BatchOptions{.compression = options.compression,
                                                    .compression_level = options.compression_level},
                               now_ns());
  const std::int64_t due = partition.queue.back().created_ns + options.linger_ms * kNsPerMs;
  next_due_ns = next_due_ns == 0 ? due : std::min(next_due_ns, due);
  return partition.queue.back();
}

Result<std::uint64_t> Producer::add(const NewRecord& record) {
  Rep& rep = *rep_;
  const std::size_t size = outgoing_bytes(record);
  if (size > kRecordBytesMax) {
    return Error(ErrorCode::kExhausted,
                 fmt::format("a record of {} bytes: the most is {}", size, kRecordBytesMax));
  }
  const TopicPartition to = TRY(rep.choose(record));
  while (rep.buffered_bytes > 0 && rep.buffered_bytes + size > rep.options.buffer_bytes) {
    TRY(rep.send_due(/*all=*/true));
    TRY(rep.wait_for_something());
  }
  OutgoingBatch& batch = rep.open_batch(to, size);
  batch.builder.add({.timestamp_ms = record.timestamp_ms.value_or(rep.cluster.clock().wall_ms()),
                     .key = record.key,
                     .value = record.value,
                     .headers = record.headers});
  batch.bytes += size;
  batch.numbers.push_back(rep.next_number);
  rep.buffered_bytes += size;
  constexpr std::uint64_t kLookEach =
      64;  // Records; whether an answer has come costs a system call.
  const bool due = rep.has_full || rep.now_ns() >= rep.next_due_ns;
  if (due || rep.next_number % kLookEach == 0) {
    TRY(poll());
  }
  return rep.next_number++;
}

Result<void> Producer::poll() {
  TRY(rep_->take_answers(/*wait=*/false));
  return rep_->send_due(/*all=*/false);
}

Result<void> Producer::flush() {
  while (rep_->buffered_bytes > 0) {
    TRY(rep_->send_due(/*all=*/true));
    TRY(rep_->wait_for_something());
  }
  return {};
}

bool Producer::Rep::under_way() const {
  return std::ranges::any_of(flights,
                             [](const auto& entry) { return !entry.second.batches.empty(); });
}

// An answer, or the moment at which something may be tried again.
Result<void> Producer::Rep::wait_for_something() {
  if (under_way()) {
    return take_answers(/*wait=*/true);
  }
  if (buffered_bytes == 0) {
    return {};
  }
  Retry pause(cluster, cluster.deadline());
  return pause.pause("records wait for a leader");
}

// The batches that may go out: one of each partition that has none under way.
Result<void> Producer::Rep::gather(bool all,
                                   std::map<std::int32_t, std::vector<OutgoingBatch>>& by_leader) {
  const std::int64_t now = now_ns();
  next_due_ns = 0;
  has_full = false;
  std::map<std::int32_t, std::size_t> request_bytes;
  for (auto& [to, partition] : partitions) {
    if (partition.queue.empty() || partition.under_way) {
      continue;
    }
    OutgoingBatch& first = partition.queue.front();
    const std::int64_t due =
        std::max(first.not_before_ns,
                 first.closed || all ? now : first.created_ns + options.linger_ms * kNsPerMs);
    if (due > now) {
      next_due_ns = next_due_ns == 0 ? due : std::min(next_due_ns, due);
      continue;
    }
    Result<std::int32_t> leader = cluster.leader_id(to, cluster.deadline(kProduceLeaderWaitMs));
    if (!leader) {
      const ErrorCode code = leader.error().code();
      if (code == ErrorCode::kCancelled) {
        return std::move(leader).error();
      }
      OutgoingBatch batch = std::move(first);
      partition.queue.pop_front();
      Outcome why{.error = KafkaError::kLeaderNotAvailable, .message = leader.error().message()};
      if (code == ErrorCode::kNotFound) {
        why.error = KafkaError::kUnknownTopicOrPartition;
        give_up(std::move(batch), std::move(why));
      } else {
        try_again(std::move(batch), why);
      }
      continue;
    }
    std::size_t& bytes = request_bytes[*leader];
    if (!flights[*leader].batches.empty()) {
      continue;  // Its answer has this looked at again.
    }
    if (bytes > 0 && bytes + first.bytes > kRequestBytes) {
      has_full = true;
      continue;
    }
    bytes += std::max<std::size_t>(first.bytes, 1);
    partition.under_way = true;
    by_leader[*leader].push_back(std::move(first));
    partition.queue.pop_front();
  }
  return {};
}

Result<void> Producer::Rep::send_due(bool all) {
  const bool due = has_full || (next_due_ns != 0 && now_ns() >= next_due_ns);
  if (!all && !due) {
    return {};
  }
  std::map<std::int32_t, std::vector<OutgoingBatch>> by_leader;
  TRY(gather(all, by_leader));
  for (auto& [leader, batches] : by_leader) {
    TRY(send_to(leader, std::move(batches)));
  }
  return {};
}

// Gives the batch its bytes, and its place in the producer's order when it has none yet.
Result<void> Producer::Rep::seal(OutgoingBatch& batch) {
  batch.closed = true;
  if (batch.sealed.empty()) {
    batch.records = batch.builder.count();
    batch.sealed = TRY(batch.builder.finish());
  }
  if (!options.idempotent || batch.base_sequence >= 0) {
    return {};
  }
  OutgoingPartition& partition = partitions[batch.to];
  if (!partition.identity.is_valid()) {
    if (partition.was_reset) {
      TRY(renew_identity());
    }
    partition.identity = identity;
    partition.next_sequence = 0;
    partition.was_reset = false;
  }
  batch.base_sequence = partition.next_sequence;
  partition.next_sequence = record::add_sequence(partition.next_sequence, batch.records);
  record::patch_producer(
      batch.sealed, partition.identity.id, partition.identity.epoch, batch.base_sequence);
  return {};
}

Result<void> Producer::Rep::send_to(std::int32_t leader, std::vector<OutgoingBatch> batches) {
  ProduceRequest request{.acks = options.acks,
                         .timeout_ms = static_cast<std::int32_t>(options.request_timeout_ms)};
  Flight& flight = flights[leader];
  flight.batches = std::move(batches);
  for (OutgoingBatch& batch : flight.batches) {
    if (const Result<void> sealed = seal(batch); !sealed) {
      lose(leader, sealed.error());
      return {};
    }
    batch.first_sent_ns = batch.first_sent_ns == 0 ? now_ns() : batch.first_sent_ns;
    ++batch.tries;
    if (request.topic_data.empty() || request.topic_data.back().name != batch.to.topic) {
      request.topic_data.push_back({.name = batch.to.topic});
    }
    request.topic_data.back().partition_data.push_back(
        {.index = batch.to.partition.value(),
         .records = wire::Records(data::BlockSlice::copy(batch.sealed))});
  }
  const Deadline deadline = cluster.deadline(cluster.options().request_timeout_ms);
  if (flight.connection == nullptr || !flight.connection->is_idle_and_open()) {
    flight.connection.reset();
    auto opened = cluster.own_connection(leader, deadline);
    if (!opened) {
      lose(leader, opened.error());
      return opened.error().code() == ErrorCode::kCancelled ? std::move(opened).error()
                                                            : Result<void>();
    }
    flight.connection = std::move(opened).release();
  }
  const Result<void> sent =
      options.acks == 0 ? flight.connection->send_only(request, deadline, kLastProduceWithNames)
                        : flight.connection->send(request, deadline, kLastProduceWithNames);
  if (!sent) {
    lose(leader, sent.error());
    return {};
  }
  if (options.acks == 0) {
    for (OutgoingBatch& batch : std::exchange(flight.batches, {})) {
      settle(std::move(batch), {});
    }
  }
  return {};
}

// The request, or its answer, did not come through: nobody knows what was stored.
void Producer::Rep::lose(std::int32_t leader, const Error& error) {
  Flight& flight = flights[leader];
  flight.connection.reset();
  const bool may_pass = error.code() == ErrorCode::kUnavailable ||
                        error.code() == ErrorCode::kTimeout ||
                        error.code() == ErrorCode::kCancelled;
  const Outcome why{
      .error = may_pass ? KafkaError::kNetworkException : KafkaError::kUnknownServerError,
      .message = error.to_string()};
  for (OutgoingBatch& batch : std::exchange(flight.batches, {})) {
    cluster.forget_topic(batch.to.topic);
    partitions[batch.to].under_way = false;
    if (may_pass) {
      batch.in_doubt = true;
      try_again(std::move(batch), why);
    } else {
      give_up(std::move(batch), why);
    }
  }
}

Result<void> Producer::Rep::take_answers(bool wait) {
  for (auto& [leader, flight] : flights) {
    if (!flight.batches.empty() && (wait || flight.connection->has_bytes())) {
      TRY(take_answer(leader, flight));
    }
  }
  return {};
}

Result<void> Producer::Rep::take_answer(std::int32_t leader, Flight& flight) {
  const Deadline deadline =
      cluster.deadline(options.request_timeout_ms + cluster.options().request_timeout_ms);
  auto response = flight.connection->receive<ProduceResponse>(deadline);
  if (!response) {
    const bool cancelled = response.error().code() == ErrorCode::kCancelled;
    lose(leader, response.error());
    return cancelled ? std::move(response).error() : Result<void>();
  }
  std::map<TopicPartition, BatchAnswer> answers;
  for (auto& topic : response->responses) {
    for (auto& partition : topic.partition_responses) {
      answers[{.topic = topic.name, .partition = PartitionId(partition.index)}] = {
          .outcome = {.error = partition.error_code,
                      .message = explain(partition.error_message, partition.record_errors)},
          .base_offset = Offset(partition.base_offset),
          .log_append_time_ms = partition.log_append_time_ms};
    }
  }
  for (OutgoingBatch& batch : std::exchange(flight.batches, {})) {
    const auto answer = answers.find(batch.to);
    const BatchAnswer none{.outcome = {.error = KafkaError::kUnknownServerError,
                                       .message = "the broker did not answer for it"}};
    settle(std::move(batch), answer == answers.end() ? none : answer->second);
  }
  has_full = true;  // The leader takes the next request.
  return {};
}

void Producer::Rep::settle(OutgoingBatch batch, const BatchAnswer& answer) {
  using enum KafkaError;
  OutgoingPartition& partition = partitions[batch.to];
  partition.under_way = false;
  const KafkaError error = answer.outcome.error;
  const bool lost_identity = error == kUnknownProducerId || error == kOutOfOrderSequenceNumber ||
                             error == kInvalidProducerEpoch;
  if (error == kNone || error == kDuplicateSequenceNumber) {
    finish(batch,
           {.to = batch.to,
            .base_offset = error == kNone ? answer.base_offset : Offset(-1),
            .log_append_time_ms = answer.log_append_time_ms});
  } else if (error == kMessageTooLarge && batch.records > 1) {
    // The halves take the sequences that the whole would have had: it was not stored.
    partition.next_sequence = std::max(batch.base_sequence, 0);
    for (OutgoingBatch& half : halves_of(std::move(batch))) {
      partition.queue.push_front(std::move(half));
    }
    has_full = true;
  } else if (lost_identity && !batch.in_doubt && options.idempotent && batch.resets == 0) {
    partition.identity = {};
    partition.was_reset = true;
    batch.base_sequence = -1;
    ++batch.resets;
    try_again(std::move(batch), answer.outcome);
  } else if (is_retriable(error)) {
    if (is_stale_leader(error)) {
      cluster.forget_topic(batch.to.topic);
    }
    batch.in_doubt = batch.in_doubt || error == kRequestTimedOut ||
                     error == kNotEnoughReplicasAfterAppend || error == kNetworkException;
    try_again(std::move(batch), answer.outcome);
  } else {
    give_up(std::move(batch), answer.outcome);
  }
}

void Producer::Rep::try_again(OutgoingBatch batch, const Outcome& why) {
  const std::int64_t now = now_ns();
  if (batch.first_sent_ns == 0) {
    batch.first_sent_ns = now;
  }
  if (now - batch.first_sent_ns > options.delivery_timeout_ms * kNsPerMs) {
    give_up(std::move(batch), why);
    return;
  }
  const BackoffOptions& backoff = cluster.options().backoff;
  const std::int64_t step = backoff.first_ms << std::min(batch.tries, 10);
  batch.not_before_ns = now + std::min(step, backoff.max_ms) * kNsPerMs;
  batch.closed = true;
  next_due_ns = next_due_ns == 0 ? batch.not_before_ns : std::min(next_due_ns, batch.not_before_ns);
  OutgoingPartition& partition = partitions[batch.to];
  partition.queue.push_front(std::move(batch));
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): the batch ends here.
void Producer::Rep::give_up(OutgoingBatch batch, Outcome why) {
  OutgoingPartition& partition = partitions[batch.to];
  if (batch.base_sequence >= 0) {
    // Its sequences may be used or not: what follows begins anew.
    partition.identity = {};
    partition.was_reset = true;
  }
  finish(batch, {.to = batch.to, .outcome = std::move(why)});
}

void Producer::Rep::finish(const OutgoingBatch& batch, Delivery delivery) {
  buffered_bytes -= batch.bytes;
  if (delivery.outcome.ok()) {
    delivered += batch.numbers.size();
  } else {
    failed += batch.numbers.size();
    if (first_failure.empty()) {
      first_failure = fmt::format("{}: {}", delivery.to.to_string(), delivery.outcome.text());
    }
  }
  if (options.on_delivery) {
    delivery.numbers = batch.numbers;
    options.on_delivery(delivery);
  }
}

std::uint64_t Producer::delivered() const {
  return rep_->delivered;
}

std::uint64_t Producer::failed() const {
  return rep_->failed;
}

std::string Producer::first_failure() const {
  return rep_->first_failure;
}

}  // namespace millrace::client
