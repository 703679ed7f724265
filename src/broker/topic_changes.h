// Changes of topics that one request asks for, made with one frame of the log.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "base/result.h"
#include "log/log.h"

namespace millrace::broker {

/// Owned by one thread.
class TopicChanges {
 public:
  /// What became of one change; called on the log's thread.
  using Done = std::function<void(Result<log::TopicInfo>)>;

  void add(log::TopicChange change, Done done);

  /// Makes them all. Each is told of its own outcome, in their order. Call it once.
  void run(log::Log& log);

 private:
  std::vector<log::TopicChange> changes_;
  std::vector<Done> done_;
};

}  // namespace millrace::broker
