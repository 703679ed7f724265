// Who this broker says it is.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "broker/broker.h"
#include "broker/call.h"
#include "config/option_table.h"

namespace millrace::broker {

/// Immutable by use.
struct Identity {
  std::string cluster_id = {};
  std::int32_t node_id = 1;
  std::vector<ListenerOptions> listeners = {};      ///< With the ports that were bound.
  std::string log_dir = {};                         ///< As DescribeLogDirs names it.
  std::function<std::int64_t()> usable_bytes = {};  ///< Of its disk, -1 unknown; may be empty.

  /// The address at which the client of this request is to come back: the advertised one of its
  /// listener, else the one at which it came.
  [[nodiscard]] config::HostPort address_for(const RequestInfo& info) const;
};

/// The id of the log's cluster: made when there is none, and kept. Waits for the log.
Result<std::string> load_cluster_id(log::Log& log);

}  // namespace millrace::broker
