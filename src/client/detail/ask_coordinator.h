// Questions to the coordinator of a group.
#pragma once

#include <string>
#include <utility>

#include "client/detail/ask.h"

namespace millrace::client {

/// Asks until the answer is none of those that pass: it loads, it has moved. `outcome_of(response)`
/// gives the error that the whole answer stands for.
template <class Request, class Response, class Build, class OutcomeOf>
Result<Response> ask_coordinator(Cluster& cluster,
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

}  // namespace millrace::client
