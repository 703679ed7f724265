// Questions to the coordinator of a group.
#pragma once

#include <string>
#include <utility>

#include "client/detail/ask.h"

namespace millrace::client {

/// Asks until the answer is none of those that pass: it loads, it has moved. `outcome_of(response)`
/// gives the error that the whole answer stands for; `build(version)` makes the request.
template <class Request, class Response, class Build, class OutcomeOf>
Result<Response> ask_coordinator_built(Cluster& cluster,
                                       const std::string& group,
                                       const Asking& asking,
                                       const Build& build,
                                       const OutcomeOf& outcome_of) {
  Retry retry(cluster, asking.deadline);
  while (true) {
    Response response = TRY((ask_built<Request, Response>(
        cluster, asking, [&] { return cluster.coordinator(group, asking.deadline); }, build)));
    const KafkaError error = outcome_of(response);
    if (error != KafkaError::kCoordinatorLoadInProgress && !is_stale_coordinator(error)) {
      return response;
    }
    cluster.forget_coordinator(group);
    if (asking.deadline.over()) {
      return response;
    }
    TRY(retry.pause(Outcome{.error = error}.text()));
  }
}

template <class Response, class Request, class OutcomeOf>
Result<Response> ask_coordinator(Cluster& cluster,
                                 const std::string& group,
                                 const Asking& asking,
                                 const Request& request,
                                 const OutcomeOf& outcome_of) {
  return ask_coordinator_built<Request, Response>(
      cluster,
      group,
      asking,
      [kept = &request](std::int16_t) -> const Request& { return *kept; },
      outcome_of);
}

}  // namespace millrace::client
