#include <map>
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

}  // namespace

Result<std::vector<Outcome>> ask_leaders(Cluster& cluster,
                                         const Deadline& deadline,
                                         std::span<const TopicPartition> partitions,
                                         const AskLeader& ask_leader) {
  std::vector<Outcome> outcomes(partitions.size());
  std::vector<std::size_t> pending(partitions.size());
  for (std::size_t i = 0; i < pending.size(); ++i) {
    pending[i] = i;
  }
  Retry retry(cluster, deadline);
  while (!pending.empty()) {
    std::vector<std::size_t> again;
    std::string why;
    const auto leaders = TRY(by_leader(cluster, deadline, partitions, pending, outcomes));
    for (const auto& [id, indexes] : leaders) {
      Result<Connection*> leader = cluster.node(id, deadline);
      Result<void> asked;
      if (leader) {
        asked = ask_leader(**leader, indexes, outcomes);
      } else {
        asked = std::move(leader).error();
      }
      const bool lost = !asked;
      if (lost) {
        why = asked.error().to_string();
        TRY(retry.after(std::move(asked).error()));
      }
      std::vector<std::size_t> unsettled = indexes;
      std::erase_if(unsettled, [&](std::size_t index) {
        return !lost && (!is_retriable(outcomes[index].error) || deadline.over());
      });
      for (const std::size_t index : unsettled) {
        cluster.forget_topic(partitions[index].topic);
        why = why.empty() ? outcomes[index].text() : why;
      }
      again.insert(again.end(), unsettled.begin(), unsettled.end());
    }
    pending = std::move(again);
    if (!pending.empty()) {
      if (Result<void> paused = retry.pause(why); !paused) {
        if (paused.error().code() != ErrorCode::kTimeout) {
          return std::move(paused).error();
        }
        paused.ignore_error("the outcomes say why");
        break;
      }
    }
  }
  return outcomes;
}

}  // namespace millrace::client
