// How far flows have come, shown to the tools of Kafka: each position is mirrored to the consumer
// group `millrace.<project>.<flow>`. Only a mirror: what counts is the position in the log.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "base/mutex.h"
#include "base/result.h"
#include "broker/broker.h"
#include "log/log.h"
#include "plan/pipeline.h"

namespace millrace::server::detail {

/// "millrace.<project>.<flow>"
std::string mirror_group_name(const std::string& project, const std::string& flow);

/// Thread-safe.
class PositionMirror {
 public:
  /// Commits what has moved since the last call, for all flows and materialized views.
  /// Waits for them; kUnavailable when the log refuses.
  Result<void> update(const log::Log& log, const plan::Pipeline& pipeline, broker::Broker& broker);

 private:
  Mutex mutex_;
  // (group, topic, partition) → next offset, as it was committed last.
  std::map<std::tuple<std::string, std::string, std::int32_t>, std::int64_t> mirrored_
      MR_GUARDED_BY(mutex_);
};

}  // namespace millrace::server::detail
