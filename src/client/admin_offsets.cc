#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "client/admin.h"
#include "client/detail/ask.h"
#include "wire/generated/list_offsets.h"

namespace millrace::client {
namespace {

using wire::ListOffsetsRequest;
using wire::ListOffsetsResponse;

// A request may ask of each partition once: the queries in rounds.
std::vector<std::vector<std::size_t>> rounds_of(std::span<const OffsetQuery> queries) {
  std::vector<std::vector<std::size_t>> rounds;
  std::map<TopicPartition, std::size_t> seen;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const std::size_t round = seen[queries[i].partition]++;
    if (rounds.size() <= round) {
      rounds.resize(round + 1);
    }
    rounds[round].push_back(i);
  }
  return rounds;
}

// One round: the queries of these indexes, with what was said of each.
struct Round {
  std::span<const OffsetQuery> queries;
  std::vector<TopicPartition> partitions = {};
  std::vector<std::size_t> query_of = {};
};

ListOffsetsRequest request_of(const Round& round,
                              std::span<const std::size_t> indexes,
                              Isolation isolation) {
  ListOffsetsRequest request{.replica_id = -1,
                             .isolation_level = static_cast<std::int8_t>(isolation)};
  std::map<std::string, std::size_t> places;
  for (const std::size_t index : indexes) {
    const OffsetQuery& query = round.queries[round.query_of[index]];
    const auto [place, added] = places.try_emplace(query.partition.topic, request.topics.size());
    if (added) {
      request.topics.push_back({.name = query.partition.topic});
    }
    request.topics[place->second].partitions.push_back(
        {.partition_index = query.partition.partition.value(), .timestamp = query.timestamp_ms});
  }
  return request;
}

/// The partitions of a request, by their number in the round.
using AskedPartitions = std::map<TopicPartition, std::size_t>;

// Calls take(number, answer) for each partition that was asked for.
template <class Take>
void take_answers(const ListOffsetsResponse& response,
                  const AskedPartitions& asked,
                  const Take& take) {
  for (const auto& topic : response.topics) {
    for (const auto& answer : topic.partitions) {
      const auto found =
          asked.find({.topic = topic.name, .partition = PartitionId(answer.partition_index)});
      if (found != asked.end()) {
        take(found->second, answer);
      }
    }
  }
}

}  // namespace

Result<std::vector<OffsetAnswer>> Admin::list_offsets(std::span<const OffsetQuery> queries,
                                                      Isolation isolation) {
  constexpr std::int16_t kWithTimeout = 10;
  const Deadline deadline = cluster_.deadline();
  std::vector<OffsetAnswer> answers;
  answers.reserve(queries.size());
  for (const OffsetQuery& query : queries) {
    answers.push_back({.partition = query.partition});
  }
  for (const std::vector<std::size_t>& members : rounds_of(queries)) {
    Round round{.queries = queries};
    for (const std::size_t member : members) {
      round.partitions.push_back(queries[member].partition);
      round.query_of.push_back(member);
    }
    const AskLeader ask_leader = [&](Connection& leader,
                                     std::span<const std::size_t> indexes,
                                     std::vector<Outcome>& outcomes) -> Result<void> {
      ListOffsetsRequest request = request_of(round, indexes, isolation);
      const std::int16_t version = TRY(leader.version_of(ListOffsetsRequest::kKey));
      if (version >= kWithTimeout) {
        request.timeout_ms = static_cast<std::int32_t>(cluster_.options().request_timeout_ms);
      }
      AskedPartitions asked;
      for (const std::size_t index : indexes) {
        asked[round.partitions[index]] = index;
        outcomes[index] = {.error = KafkaError::kUnknownServerError,
                           .message = "the broker did not answer for it"};
      }
      const auto response = TRY(leader.call<ListOffsetsResponse>(
          request, deadline.within_ms(cluster_.options().request_timeout_ms)));
      take_answers(response, asked, [&](std::size_t index, const auto& answer) {
        OffsetAnswer& out = answers[round.query_of[index]];
        outcomes[index] = {.error = answer.error_code};
        out.offset = Offset(answer.offset);
        out.timestamp_ms = answer.timestamp;
        out.leader_epoch = answer.leader_epoch;
      });
      return {};
    };
    std::vector<Outcome> outcomes =
        TRY(ask_leaders(cluster_, deadline, round.partitions, ask_leader));
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      answers[round.query_of[i]].outcome = std::move(outcomes[i]);
    }
  }
  return answers;
}

Result<std::vector<OffsetAnswer>> Admin::list_offsets(std::span<const TopicPartition> partitions,
                                                      std::int64_t timestamp_ms,
                                                      Isolation isolation) {
  std::vector<OffsetQuery> queries;
  queries.reserve(partitions.size());
  for (const TopicPartition& partition : partitions) {
    queries.push_back({.partition = partition, .timestamp_ms = timestamp_ms});
  }
  return list_offsets(queries, isolation);
}

}  // namespace millrace::client
