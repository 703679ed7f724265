#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include "client/detail/ask.h"

namespace millrace::client {
namespace {

// How long one partition without a leader may hold up all the others.
constexpr std::int64_t kLeaderWaitMs = 5'000;

bool may_pass(const Error& error) {
  return error.code() == ErrorCode::kTimeout || error.code() == ErrorCode::kUnavailable;
}

// The partitions by leader; those that have none get an outcome.
Result<std::map<std::int32_t, std::vector<std::size_t>>> by_leader(
    Cluster& cluster,
    const Deadline& deadline,
    std::span<const TopicPartition> partitions,
    std::span<const std::size_t> pending,
    std::vector<Outcome>& outcomes) {
  std::map<std::int32_t, std::vector<std::size_t>> leaders;
  for (const std::size_t index : pending) {
    Result<std::int32_t> leader =
        cluster.leader_id(partitions[index], deadline.within_ms(kLeaderWaitMs));
    if (leader) {
      leaders[*leader].push_back(index);
    } else if (leader.error().code() == ErrorCode::kNotFound) {
      outcomes[index] = {.error = KafkaError::kUnknownTopicOrPartition,
                         .message = leader.error().message()};
    } else if (!outcomes[index].ok() && may_pass(leader.error())) {
      continue;  // What was said of it before tells more than that time is over.
    } else if (leader.error().code() == ErrorCode::kTimeout && !deadline.over()) {
      outcomes[index] = {.error = KafkaError::kLeaderNotAvailable};
    } else {
      return std::move(leader).error();
    }
  }
  return leaders;
}

bool were_refused(const std::vector<Outcome>& outcomes) {
  return std::ranges::none_of(outcomes, &Outcome::ok);
}

/// What is known of all partitions while their leaders are asked. Owned by one thread.
struct LeaderRound {
  Cluster& cluster;
  const Deadline& deadline;
  std::span<const TopicPartition> partitions;
  std::vector<Outcome> outcomes;
  std::string why = {};  // The last thing that went wrong.

  // Asks one leader, and gives those of its partitions that are to be asked again.
  Result<std::vector<std::size_t>> ask(std::int32_t id,
                                       std::vector<std::size_t> indexes,
                                       const AskLeader& ask_leader,
                                       Retry& retry) {
    std::vector<Outcome> said;
    said.reserve(indexes.size());
    for (const std::size_t index : indexes) {
      said.push_back(outcomes[index]);
    }
    Result<Connection*> leader = cluster.node(id, deadline);
    Result<void> asked;
    if (leader) {
      asked = ask_leader(**leader, indexes, outcomes);
    } else {
      asked = std::move(leader).error();
    }
    const bool lost = !asked;
    if (lost && deadline.over() && may_pass(asked.error()) && were_refused(said)) {
      for (std::size_t i = 0; i < indexes.size(); ++i) {
        outcomes[indexes[i]] = std::move(said[i]);
      }
      asked.ignore_error("what was said before tells more than that time is over");
      return indexes;
    }
    if (lost) {
      why = asked.error().to_string();
      TRY(retry.after(std::move(asked).error()));
    }
    std::erase_if(indexes, [&](std::size_t index) {
      return !lost && (!is_retriable(outcomes[index].error) || deadline.over());
    });
    for (const std::size_t index : indexes) {
      cluster.forget_topic(partitions[index].topic);
      why = why.empty() ? outcomes[index].text() : why;
    }
    return indexes;
  }
};

}  // namespace

Result<std::vector<Outcome>> ask_leaders(Cluster& cluster,
                                         const Deadline& deadline,
                                         std::span<const TopicPartition> partitions,
                                         const AskLeader& ask_leader) {
  LeaderRound round{.cluster = cluster,
                    .deadline = deadline,
                    .partitions = partitions,
                    .outcomes = std::vector<Outcome>(partitions.size())};
  std::vector<std::size_t> pending(partitions.size());
  std::iota(pending.begin(), pending.end(), std::size_t{0});
  Retry retry(cluster, deadline);
  while (!pending.empty()) {
    const auto leaders = TRY(by_leader(cluster, deadline, partitions, pending, round.outcomes));
    pending.clear();
    round.why.clear();
    for (const auto& [id, indexes] : leaders) {
      const auto again = TRY(round.ask(id, indexes, ask_leader, retry));
      pending.insert(pending.end(), again.begin(), again.end());
    }
    if (pending.empty()) {
      break;
    }
    if (Result<void> paused = retry.pause(round.why); !paused) {
      if (paused.error().code() != ErrorCode::kTimeout) {
        return std::move(paused).error();
      }
      paused.ignore_error("the outcomes say why");
      break;
    }
  }
  return std::move(round.outcomes);
}

}  // namespace millrace::client
