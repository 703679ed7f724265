#include "client/fetcher.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "client/admin.h"
#include "client/detail/record_walk.h"
#include "wire/generated/fetch.h"

namespace millrace::client {
namespace {

using wire::FetchRequest;
using wire::FetchResponse;

// From the next version on topics have ids instead of names.
constexpr std::int16_t kLastFetchWithNames = 12;
// How long a round looks for the leader of one partition.
constexpr std::int64_t kFetchLeaderWaitMs = 1'000;

using Leaders = std::map<std::int32_t, std::vector<TopicPartition>>;

}  // namespace

struct Fetcher::Rep {
  Cluster& cluster;
  FetchOptions options;
  std::map<TopicPartition, FetchProgress> progress = {};
  std::set<TopicPartition> paused = {};
  std::map<std::int32_t, std::unique_ptr<Connection>> connections = {};
  std::size_t rounds = 0;
  std::int64_t failing_since_ns = 0;  // 0: all is well.
  bool passing_failure = false;       // Of this round.
  std::string why = {};

  Result<Leaders> find_leaders();
  [[nodiscard]] FetchRequest request_of(const std::vector<TopicPartition>& partitions,
                                        std::int64_t wait_ms) const;
  Result<void> send(std::int32_t id, const FetchRequest& request, const Deadline& deadline);
  Result<Walked> take_answer(std::int32_t id, const Deadline& deadline, const TakeRecord& take);
  Result<Walked> take_partition(const TopicPartition& from,
                                const FetchResponse::PartitionData& data,
                                const TakeRecord& take);
  Result<void> out_of_range(const TopicPartition& partition);
  /// Notes what may pass; gives back what will not.
  Result<void> note(Error error);
  /// After a round: ends what has been failing for too long.
  Result<void> settle();
};

Fetcher::Fetcher(Cluster& cluster, FetchOptions options)
    : rep_(new Rep{.cluster = cluster, .options = options}) {}

Fetcher::Fetcher(Fetcher&&) noexcept = default;
Fetcher& Fetcher::operator=(Fetcher&&) noexcept = default;
Fetcher::~Fetcher() = default;

void Fetcher::assign(const TopicPartition& partition, Offset position) {
  rep_->progress[partition] = {.position = position};
}

void Fetcher::unassign(const TopicPartition& partition) {
  rep_->progress.erase(partition);
  rep_->paused.erase(partition);
}

void Fetcher::pause(const TopicPartition& partition, bool paused) {
  if (paused) {
    rep_->paused.insert(partition);
  } else {
    rep_->paused.erase(partition);
  }
}

const std::map<TopicPartition, FetchProgress>& Fetcher::progress() const {
  return rep_->progress;
}

bool Fetcher::at_end() const {
  return std::ranges::all_of(rep_->progress, [this](const auto& entry) {
    return entry.second.at_end(rep_->options.isolation);
  });
}

Result<void> Fetcher::Rep::note(Error error) {
  const bool may_pass =
      error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kTimeout;
  if (!may_pass) {
    return error;
  }
  passing_failure = true;
  why = error.to_string();
  return {};
}

Result<void> Fetcher::Rep::settle() {
  if (!passing_failure) {
    failing_since_ns = 0;
    return {};
  }
  const std::int64_t now = cluster.clock().monotonic_ns();
  if (failing_since_ns == 0) {
    failing_since_ns = now;
  }
  const std::int64_t patience_ns = cluster.options().operation_timeout_ms * kNsPerMs;
  if (now - failing_since_ns > patience_ns) {
    return Error(ErrorCode::kUnavailable, why);
  }
  Retry pause(cluster, cluster.deadline());
  return pause.pause(why);
}

// Turns the order each time, so that no partition starves behind a busy one.
Result<Leaders> Fetcher::Rep::find_leaders() {
  std::vector<TopicPartition> wanted;
  for (const auto& [partition, state] : progress) {
    if (!paused.contains(partition)) {
      wanted.push_back(partition);
    }
  }
  if (!wanted.empty()) {
    const auto first = static_cast<std::ptrdiff_t>(rounds++ % wanted.size());
    std::ranges::rotate(wanted, wanted.begin() + first);
  }
  Leaders leaders;
  for (TopicPartition& partition : wanted) {
    Result<std::int32_t> leader =
        cluster.leader_id(partition, cluster.deadline(kFetchLeaderWaitMs));
    if (leader) {
      leaders[*leader].push_back(std::move(partition));
    } else {
      TRY(note(std::move(leader).error()));
    }
  }
  return leaders;
}

FetchRequest Fetcher::Rep::request_of(const std::vector<TopicPartition>& partitions,
                                      std::int64_t wait_ms) const {
  FetchRequest request{.max_wait_ms = static_cast<std::int32_t>(wait_ms),
                       .min_bytes = options.min_bytes,
                       .max_bytes = options.max_bytes,
                       .isolation_level = static_cast<std::int8_t>(options.isolation)};
  std::map<std::string_view, std::size_t> places;
  for (const TopicPartition& partition : partitions) {
    const auto [place, added] = places.try_emplace(partition.topic, request.topics.size());
    if (added) {
      request.topics.push_back({.topic = partition.topic});
    }
    request.topics[place->second].partitions.push_back(
        {.partition = partition.partition.value(),
         .fetch_offset = progress.at(partition).position.value(),
         .partition_max_bytes = options.partition_max_bytes});
  }
  return request;
}

Result<void> Fetcher::Rep::send(std::int32_t id,
                                const FetchRequest& request,
                                const Deadline& deadline) {
  std::unique_ptr<Connection>& connection = connections[id];
  if (connection == nullptr || !connection->is_idle_and_open()) {
    connection.reset();
    connection = TRY(cluster.own_connection(id, deadline));
  }
  return connection->send(request, deadline, kLastFetchWithNames);
}

Result<void> Fetcher::Rep::out_of_range(const TopicPartition& partition) {
  FetchProgress& state = progress.at(partition);
  const OffsetQuery queries[] = {{.partition = partition, .timestamp_ms = kEarliestOffset},
                                 {.partition = partition, .timestamp_ms = kLatestOffset}};
  const std::vector<OffsetAnswer> ends = TRY(Admin(cluster).list_offsets(queries));
  for (const OffsetAnswer& end : ends) {
    if (!end.outcome.ok()) {
      return to_error(end.outcome, partition.to_string());
    }
  }
  if (options.out_of_range == OutOfRange::kFail) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{} has no offset {}: it has {} to {}",
                             partition.to_string(),
                             state.position,
                             ends[0].offset,
                             ends[1].offset));
  }
  state.position = options.out_of_range == OutOfRange::kEarliest ? ends[0].offset : ends[1].offset;
  return {};
}

Result<Walked> Fetcher::Rep::take_partition(const TopicPartition& from,
                                            const FetchResponse::PartitionData& data,
                                            const TakeRecord& take) {
  FetchProgress& state = progress.at(from);
  Walked walked{.position = state.position};
  if (data.error_code == KafkaError::kOffsetOutOfRange) {
    TRY(out_of_range(from));
    return walked;
  }
  if (data.error_code != KafkaError::kNone) {
    if (is_stale_leader(data.error_code)) {
      cluster.forget_topic(from.topic);
      passing_failure = true;
      why = to_error({.error = data.error_code}, from.to_string()).message();
      return walked;
    }
    TRY(note(to_error({.error = data.error_code}, from.to_string())));
    return walked;
  }
  state.log_start = Offset(data.log_start_offset);
  state.high_watermark = Offset(data.high_watermark);
  state.last_stable =
      Offset(data.last_stable_offset < 0 ? data.high_watermark : data.last_stable_offset);
  if (!data.records || data.records->empty()) {
    return walked;
  }
  std::vector<AbortedTransaction> aborted;
  if (data.aborted_transactions) {
    for (const auto& each : *data.aborted_transactions) {
      aborted.push_back(
          {.producer = ProducerId(each.producer_id), .first = Offset(each.first_offset)});
    }
  }
  const data::BlockSlice bytes = data.records->joined();
  walked = TRY(walk_records(
      bytes.view(),
      from,
      state.position,
      aborted,
      {.isolation = options.isolation, .decompressed_bytes_max = options.decompressed_bytes_max},
      take));
  if (walked.position == state.position) {
    return Error(ErrorCode::kCorruption,
                 fmt::format("{} at offset {}: the broker gave {} bytes without a whole batch",
                             from.to_string(),
                             state.position,
                             bytes.size()));
  }
  state.position = walked.position;
  return walked;
}

Result<Walked> Fetcher::Rep::take_answer(std::int32_t id,
                                         const Deadline& deadline,
                                         const TakeRecord& take) {
  Walked all;
  Result<FetchResponse> response = connections.at(id)->receive<FetchResponse>(deadline);
  if (!response) {
    TRY(note(std::move(response).error()));
    return all;
  }
  if (response->error_code != KafkaError::kNone) {
    const std::string what = config::to_string(connections.at(id)->address());
    TRY(note(to_error({.error = response->error_code}, what)));
    return all;
  }
  for (const auto& topic : response->responses) {
    for (const auto& data : topic.partitions) {
      const TopicPartition from{.topic = topic.topic,
                                .partition = PartitionId(data.partition_index)};
      if (!progress.contains(from)) {
        continue;  // Not asked for.
      }
      const Walked walked = TRY(take_partition(from, data, take));
      all.taken += walked.taken;
      all.last = walked.last;
      if (walked.last == Take::kStopPartition) {
        progress.erase(from);
        paused.erase(from);
      } else if (walked.last == Take::kStop) {
        return all;
      }
    }
  }
  return all;
}

Result<std::size_t> Fetcher::poll(std::int64_t wait_ms, const TakeRecord& take) {
  Rep& rep = *rep_;
  rep.passing_failure = false;
  const Deadline deadline =
      rep.cluster.deadline(wait_ms + rep.cluster.options().request_timeout_ms);
  const Leaders leaders = TRY(rep.find_leaders());
  std::vector<std::int32_t> asked;
  for (const auto& [id, partitions] : leaders) {
    Result<void> sent = rep.send(id, rep.request_of(partitions, wait_ms), deadline);
    if (sent) {
      asked.push_back(id);
      continue;
    }
    for (const TopicPartition& partition : partitions) {
      rep.cluster.forget_topic(partition.topic);
    }
    TRY(rep.note(std::move(sent).error()));
  }
  std::size_t taken = 0;
  for (const std::int32_t id : asked) {
    const Result<Walked> answer = rep.take_answer(id, deadline, take);
    const bool ends = !answer || answer->last == Take::kStop;
    taken += ends && !answer ? 0 : answer->taken;
    if (ends) {
      // What other brokers still answer would be taken for the next round's.
      std::erase_if(rep.connections, [](const auto& entry) {
        return entry.second == nullptr || entry.second->waiting() > 0;
      });
      if (!answer) {
        return Error(answer.error().code(), answer.error().to_string());
      }
      return taken;
    }
  }
  TRY(rep.settle());
  return taken;
}

}  // namespace millrace::client
