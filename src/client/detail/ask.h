// One question with its tries, and questions that go to the leaders of many partitions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "client/cluster.h"

namespace millrace::client {

/// How a question is asked.
struct Asking {
  Deadline deadline;
  std::int16_t newest = kNewestVersion;
};

/// Asks the broker that `pick()` gives (Result<Connection*>) until one answers, or the deadline.
/// `build(version)` makes the request: what it holds may depend on the version.
template <class Request, class Response, class Pick, class Build>
Result<Response> ask_built(Cluster& cluster,
                           const Asking& asking,
                           const Pick& pick,
                           const Build& build) {
  Retry retry(cluster, asking.deadline);
  while (true) {
    Result<Connection*> connection = pick();
    if (!connection) {
      TRY(retry.after(std::move(connection).error()));
      continue;
    }
    const std::int16_t version = TRY((*connection)->version_of(Request::kKey, asking.newest));
    Result<Response> response =
        (*connection)
            ->template call<Response>(
                build(version),
                asking.deadline.within_ms(cluster.options().request_timeout_ms),
                version);
    if (response) {
      return response;
    }
    TRY(retry.after(std::move(response).error()));
  }
}

template <class Response, class Request, class Pick>
Result<Response> ask(Cluster& cluster,
                     const Asking& asking,
                     const Pick& pick,
                     const Request& request) {
  return ask_built<Request, Response>(
      cluster, asking, pick, [kept = &request](std::int16_t) -> const Request& { return *kept; });
}

/// Asks a leader about some of the partitions (by index) and notes what it said of each.
using AskLeader = std::function<Result<void>(
    Connection& leader, std::span<const std::size_t> indexes, std::vector<Outcome>& outcomes)>;

/// Asks the leaders of all partitions, again for those whose outcome may pass, until the deadline.
/// Gives an outcome for each; an Error only when nobody can be asked at all.
Result<std::vector<Outcome>> ask_leaders(Cluster& cluster,
                                         const Deadline& deadline,
                                         std::span<const TopicPartition> partitions,
                                         const AskLeader& ask_leader);

}  // namespace millrace::client
